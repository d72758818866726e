"""The first tables. What each column is for stands in store/tables.py."""

import sqlalchemy as sa
from alembic import op

from lyhty_server.store.types import Integer, String, partial

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cases",
        sa.Column("case_seq", Integer, nullable=False),
        sa.Column("case_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sign_pk", sa.LargeBinary(length=32), nullable=False),
        sa.Column("opened_hour", Integer, nullable=False),
        sa.Column("last_seq", Integer, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.CheckConstraint(
            "length(case_id) = 32 AND length(sign_pk) = 32 AND length(digest) = 16", name=op.f("ck_cases_lengths")
        ),
        sa.PrimaryKeyConstraint("case_seq", name=op.f("pk_cases")),
        sa.UniqueConstraint("case_id", name=op.f("uq_cases_case_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "directories",
        sa.Column("version", Integer, autoincrement=False, nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_directories")),
    )
    op.create_table(
        "experts",
        sa.Column("expert_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("name", String, nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("m_kib", Integer, nullable=False),
        sa.Column("t", sa.SmallInteger(), nullable=False),
        sa.Column("p", sa.SmallInteger(), nullable=False),
        sa.Column("login_pk", sa.LargeBinary(length=32), nullable=False),
        sa.Column("keys", sa.LargeBinary(), nullable=False),
        sa.Column("queue_wraps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("expert_id", name=op.f("pk_experts")),
        sa.UniqueConstraint("name", name=op.f("uq_experts_name")),
    )
    op.create_table(
        "mailboxes",
        sa.Column("row_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(row_key) = 32", name=op.f("ck_mailboxes_lengths")),
        sa.PrimaryKeyConstraint("row_key", name=op.f("pk_mailboxes")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "roots",
        sa.Column("position", Integer, autoincrement=False, nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_roots")),
    )
    op.create_table(
        "tombstones",
        sa.Column("tombstone", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("length(tombstone) = 32", name=op.f("ck_tombstones_lengths")),
        sa.PrimaryKeyConstraint("tombstone", name=op.f("pk_tombstones")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "cards",
        sa.Column("case_seq", Integer, autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_seq"], ["cases.case_seq"], name=op.f("fk_cards_case_seq")),
        sa.PrimaryKeyConstraint("case_seq", name=op.f("pk_cards")),
    )
    op.create_table(
        "envelopes",
        sa.Column("case_seq", Integer, nullable=False),
        sa.Column("seq", Integer, nullable=False),
        sa.Column("object_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("author", sa.LargeBinary(length=32), nullable=False),
        sa.Column("counter", Integer, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("case_seq", "seq", name=op.f("pk_envelopes")),
        sa.UniqueConstraint("case_seq", "object_id", name=op.f("uq_envelopes_case_seq_object_id")),
        sa.UniqueConstraint("case_seq", "author", "counter", name=op.f("uq_envelopes_case_seq_author_counter")),
        sa.CheckConstraint(
            "length(object_id) = 32 AND length(author) = 32 AND length(digest) = 16", name=op.f("ck_envelopes_lengths")
        ),
        sa.ForeignKeyConstraint(["case_seq"], ["cases.case_seq"], name=op.f("fk_envelopes_case_seq")),
    )
    op.create_table(
        "places",
        sa.Column("case_seq", Integer, nullable=False),
        sa.Column("queue", sa.SmallInteger(), nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("holder", sa.LargeBinary(length=16), nullable=True),
        sa.Column("lease_until_s", Integer, nullable=True),
        sa.PrimaryKeyConstraint("case_seq", "queue", name=op.f("pk_places")),
        sa.CheckConstraint(
            "state BETWEEN 1 AND 3 AND rank BETWEEN 0 AND 1 AND queue > 0", name=op.f("ck_places_ranges")
        ),
        sa.CheckConstraint(
            "(state = 2) = (holder IS NOT NULL) AND (state = 2) = (lease_until_s IS NOT NULL)",
            name=op.f("ck_places_holder"),
        ),
        sa.ForeignKeyConstraint(["case_seq"], ["cases.case_seq"], name=op.f("fk_places_case_seq")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_places_holder"), "places", ["holder"], unique=False, **partial(sa.text("holder IS NOT NULL"))
    )
    op.create_index(
        op.f("ix_places_lease_until_s"),
        "places",
        ["lease_until_s"],
        unique=False,
        **partial(sa.text("lease_until_s IS NOT NULL")),
    )
    op.create_index(
        op.f("ix_places_queue_rank_case_seq"),
        "places",
        ["queue", "rank", "case_seq"],
        unique=False,
        **partial(sa.text("state < 3")),
    )
    op.create_table(
        "rosters",
        sa.Column("case_seq", Integer, nullable=False),
        sa.Column("generation", Integer, nullable=False),
        sa.Column("roster", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_seq"], ["cases.case_seq"], name=op.f("fk_rosters_case_seq")),
        sa.PrimaryKeyConstraint("case_seq", "generation", name=op.f("pk_rosters")),
    )
    op.create_table(
        "wraps",
        sa.Column("case_seq", Integer, nullable=False),
        sa.Column("generation", Integer, nullable=False),
        sa.Column("queue", sa.SmallInteger(), nullable=False),
        sa.Column("epoch", Integer, nullable=False),
        sa.Column("wrap", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_seq"], ["cases.case_seq"], name=op.f("fk_wraps_case_seq")),
        sa.PrimaryKeyConstraint("case_seq", "generation", "queue", "epoch", name=op.f("pk_wraps")),
    )
