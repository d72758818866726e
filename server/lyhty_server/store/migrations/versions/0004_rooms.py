"""Sealed rooms beside a case. What each column is for stands in store/tables.py."""

import sqlalchemy as sa
from alembic import op

from lyhty_server.store.types import Integer

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rooms",
        sa.Column("room_seq", Integer, nullable=False),
        sa.Column("room_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("case_seq", Integer, nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("roster", sa.LargeBinary(), nullable=False),
        sa.Column("self_wrap", sa.LargeBinary(), nullable=True),
        sa.Column("last_seq", Integer, nullable=False),
        sa.Column("ended", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint(
            "length(room_id) = 32 AND kind BETWEEN 1 AND 3 AND ended BETWEEN 0 AND 1", name=op.f("ck_rooms_ranges")
        ),
        sa.CheckConstraint("(kind = 3) = (self_wrap IS NOT NULL)", name=op.f("ck_rooms_slip")),
        sa.UniqueConstraint("room_id", name=op.f("uq_rooms_room_id")),
        sa.ForeignKeyConstraint(["case_seq"], ["cases.case_seq"], name=op.f("fk_rooms_case_seq")),
        sa.PrimaryKeyConstraint("room_seq", name=op.f("pk_rooms")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_rooms_case_seq"), "rooms", ["case_seq"])
    op.create_table(
        "room_wraps",
        sa.Column("room_seq", Integer, nullable=False),
        sa.Column("queue", sa.SmallInteger(), nullable=False),
        sa.Column("epoch", Integer, nullable=False),
        sa.Column("wrap", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["room_seq"], ["rooms.room_seq"], name=op.f("fk_room_wraps_room_seq")),
        sa.PrimaryKeyConstraint("room_seq", "queue", "epoch", name=op.f("pk_room_wraps")),
    )
    op.create_index(op.f("ix_room_wraps_queue_room_seq"), "room_wraps", ["queue", "room_seq"])
    op.create_table(
        "room_envelopes",
        sa.Column("room_seq", Integer, nullable=False),
        sa.Column("seq", Integer, nullable=False),
        sa.Column("object_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("author", sa.LargeBinary(length=32), nullable=False),
        sa.Column("counter", Integer, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("room_seq", "seq", name=op.f("pk_room_envelopes")),
        sa.UniqueConstraint("room_seq", "object_id", name=op.f("uq_room_envelopes_room_seq_object_id")),
        sa.UniqueConstraint("room_seq", "author", "counter", name=op.f("uq_room_envelopes_room_seq_author_counter")),
        sa.CheckConstraint(
            "length(object_id) = 32 AND length(author) = 32 AND length(digest) = 16",
            name=op.f("ck_room_envelopes_lengths"),
        ),
        sa.ForeignKeyConstraint(["room_seq"], ["rooms.room_seq"], name=op.f("fk_room_envelopes_room_seq")),
    )
