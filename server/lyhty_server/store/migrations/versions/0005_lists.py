"""Places that came back, are snoozed, or were closed by somebody. SQLite cannot add a rule: the table is made anew."""

import sqlalchemy as sa
from alembic import op

from lyhty_server.store.migrations.remaking import set_aside
from lyhty_server.store.types import Integer, partial

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for index in ("promised", "queue_rank_case_seq", "holder", "lease_until_s"):
        op.drop_index(op.f(f"ix_places_{index}"), "places")
    set_aside("places", "older_places")
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
        sa.Column("lapses", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("snoozed_until_s", Integer, nullable=True),
        sa.Column("snoozed_seq", Integer, nullable=True),
        sa.Column("closer", sa.LargeBinary(length=16), nullable=True),
        sa.Column("closed_hour", Integer, nullable=True),
        sa.Column("closed_nth", Integer, nullable=True),
        sa.PrimaryKeyConstraint("case_seq", "queue", name=op.f("pk_places")),
        sa.CheckConstraint(
            "state BETWEEN 1 AND 3 AND rank BETWEEN 0 AND 1 AND queue > 0 AND lapses >= 0",
            name=op.f("ck_places_ranges"),
        ),
        sa.CheckConstraint("answered BETWEEN 0 AND 1 AND missed BETWEEN 0 AND 1", name=op.f("ck_places_marks")),
        sa.CheckConstraint(
            "(snoozed_until_s IS NULL) = (snoozed_seq IS NULL) AND (snoozed_until_s IS NULL OR state = 2)",
            name=op.f("ck_places_snooze"),
        ),
        sa.CheckConstraint(
            "(state = 3) = (closed_nth IS NOT NULL) AND (state = 3 OR closer IS NULL AND closed_hour IS NULL)",
            name=op.f("ck_places_closed"),
        ),
        sa.CheckConstraint(
            "(state = 2) = (holder IS NOT NULL) AND (state = 2) = (lease_until_s IS NOT NULL)",
            name=op.f("ck_places_holder"),
        ),
        sa.ForeignKeyConstraint(["case_seq"], ["cases.case_seq"], name=op.f("fk_places_case_seq")),
        sqlite_with_rowid=False,
    )
    # Who closed a place was not kept: those are listed, and can be read and reopened by nobody.
    op.execute(
        "INSERT INTO places (case_seq, queue, rank, state, holder, lease_until_s, answered, missed, closed_nth) "
        "SELECT case_seq, queue, rank, state, holder, lease_until_s, answered, missed, "
        "CASE state WHEN 3 THEN ROW_NUMBER() OVER (PARTITION BY queue, state ORDER BY case_seq) END FROM older_places"
    )
    op.drop_table("older_places")
    unanswered = sa.text("state < 3 AND answered = 0 AND missed = 0")
    op.create_index(op.f("ix_places_promised"), "places", ["case_seq"], **partial(unanswered))
    for columns, rows in (
        (["queue", "rank", "case_seq", "state"], "state < 3"),
        (["holder"], "holder IS NOT NULL"),
        (["snoozed_until_s"], "snoozed_until_s IS NOT NULL"),
        (["queue", "closed_nth"], "closed_nth IS NOT NULL"),
        (["closer", "queue", "closed_nth"], "closer IS NOT NULL"),
        (["lease_until_s"], "lease_until_s IS NOT NULL"),
    ):
        op.create_index(op.f(f"ix_places_{'_'.join(columns)}"), "places", columns, **partial(sa.text(rows)))
