"""The queues' shelves of answer templates. What each column is for stands in store/tables.py."""

import sqlalchemy as sa
from alembic import op

from lyhty_server.store.types import Integer

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shelf_rooms",
        sa.Column("room_seq", Integer, nullable=False),
        sa.Column("room_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("queue", sa.SmallInteger(), nullable=False),
        sa.Column("epoch", Integer, nullable=False),
        sa.Column("roster", sa.LargeBinary(), nullable=False),
        sa.Column("wrap", sa.LargeBinary(), nullable=True),
        sa.Column("first_seq", Integer, nullable=False),
        sa.CheckConstraint("length(room_id) = 32", name=op.f("ck_shelf_rooms_lengths")),
        sa.UniqueConstraint("room_id", name=op.f("uq_shelf_rooms_room_id")),
        sa.PrimaryKeyConstraint("room_seq", name=op.f("pk_shelf_rooms")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_shelf_rooms_queue"), "shelf_rooms", ["queue"])
    op.create_table(
        "shelf_envelopes",
        sa.Column("queue", sa.SmallInteger(), nullable=False),
        sa.Column("seq", Integer, nullable=False),
        sa.Column("room_seq", Integer, nullable=False),
        sa.Column("object_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("author", sa.LargeBinary(length=32), nullable=False),
        sa.Column("counter", Integer, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("queue", "seq", name=op.f("pk_shelf_envelopes")),
        sa.UniqueConstraint("queue", "object_id", name=op.f("uq_shelf_envelopes_queue_object_id")),
        sa.UniqueConstraint("room_seq", "author", "counter", name=op.f("uq_shelf_envelopes_room_seq_author_counter")),
        sa.CheckConstraint(
            "length(object_id) = 32 AND length(author) = 32 AND length(digest) = 16",
            name=op.f("ck_shelf_envelopes_lengths"),
        ),
        sa.ForeignKeyConstraint(["room_seq"], ["shelf_rooms.room_seq"], name=op.f("fk_shelf_envelopes_room_seq")),
    )
