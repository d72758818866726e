"""Promises kept and missed, who is on call, and where experts want to be told."""

import sqlalchemy as sa
from alembic import op

from lyhty_server.store.migrations.remaking import set_aside
from lyhty_server.store.types import Integer, String, partial

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_FILL = (
    "INSERT INTO places (case_seq, queue, rank, state, holder, lease_until_s) "
    "SELECT case_seq, queue, rank, state, holder, lease_until_s FROM places_before"
)


def upgrade() -> None:
    # A table of its own, filled from the old one: SQLite adds no constraints to a table that stands.
    for index in ("holder", "lease_until_s", "queue_rank_case_seq"):
        op.drop_index(op.f(f"ix_places_{index}"), "places")
    set_aside("places", "places_before")
    op.create_table(
        "places",
        sa.Column("case_seq", Integer, nullable=False),
        sa.Column("queue", sa.SmallInteger(), nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("holder", sa.LargeBinary(length=16), nullable=True),
        sa.Column("lease_until_s", Integer, nullable=True),
        sa.Column("answered", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("missed", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("case_seq", "queue", name=op.f("pk_places")),
        sa.CheckConstraint(
            "state BETWEEN 1 AND 3 AND rank BETWEEN 0 AND 1 AND queue > 0", name=op.f("ck_places_ranges")
        ),
        sa.CheckConstraint("answered BETWEEN 0 AND 1 AND missed BETWEEN 0 AND 1", name=op.f("ck_places_marks")),
        sa.CheckConstraint(
            "(state = 2) = (holder IS NOT NULL) AND (state = 2) = (lease_until_s IS NOT NULL)",
            name=op.f("ck_places_holder"),
        ),
        sa.ForeignKeyConstraint(["case_seq"], ["cases.case_seq"], name=op.f("fk_places_case_seq")),
        sqlite_with_rowid=False,
    )
    op.execute(_FILL)
    op.drop_table("places_before")
    op.create_index(
        op.f("ix_places_promised"),
        "places",
        ["case_seq"],
        unique=False,
        **partial(sa.text("state < 3 AND answered = 0 AND missed = 0")),
    )
    op.create_index(
        op.f("ix_places_queue_rank_case_seq"),
        "places",
        ["queue", "rank", "case_seq"],
        unique=False,
        **partial(sa.text("state < 3")),
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
    op.create_table(
        "on_call",
        sa.Column("expert_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("from_min", sa.SmallInteger(), nullable=False),
        sa.Column("to_min", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("expert_id", "weekday", "from_min", name=op.f("pk_on_call")),
        sa.CheckConstraint(
            "weekday BETWEEN 0 AND 6 AND 0 <= from_min AND from_min < to_min AND to_min <= 1440",
            name=op.f("ck_on_call_ranges"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "notices",
        sa.Column("expert_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("address", String, nullable=False),
        sa.Column("new_case", sa.SmallInteger(), nullable=False),
        sa.Column("wrote", sa.SmallInteger(), nullable=False),
        sa.Column("missed", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("expert_id", name=op.f("pk_notices")),
        sa.CheckConstraint(
            "new_case BETWEEN 0 AND 1 AND wrote BETWEEN 0 AND 1 AND missed BETWEEN 0 AND 1",
            name=op.f("ck_notices_flags"),
        ),
        sqlite_with_rowid=False,
    )
