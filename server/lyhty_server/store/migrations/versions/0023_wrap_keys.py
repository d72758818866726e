"""Keys that wraps are sealed under in PostgreSQL, and what is still to be wiped there.

Nothing is sealed yet: servers of the release before could not read it. `db seal` does that, when they are gone.
"""

import sqlalchemy as sa
from alembic import op

from lyhty_server.store.types import Integer

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

WIPED = (
    "wrap_keys",
    "mailboxes",
    "experts",
    "renewals",
    "passkeys",
    "recovery_shares",
    "statistics_keys",
    "earlier_wraps",
    "viewers",
    "report_wishes",
)


def upgrade() -> None:
    op.create_table(
        "wrap_keys",
        sa.Column("case_seq", Integer, nullable=False),
        sa.Column("room_seq", Integer, nullable=False),
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("case_seq", "room_seq", name=op.f("pk_wrap_keys")),
        sa.CheckConstraint("length(key) = 32", name=op.f("ck_wrap_keys_lengths")),
    )
    op.create_table(
        "leftovers",
        sa.Column("xact", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("xact", name=op.f("pk_leftovers")),
    )
    if op.get_bind().dialect.name == "postgresql":
        for table in WIPED:
            for column in sa.inspect(op.get_bind()).get_columns(table):
                name, is_bytes = column["name"], isinstance(column["type"], sa.LargeBinary)
                if is_bytes or isinstance(column["type"], sa.String):
                    op.execute(f"ALTER TABLE {table} ALTER {name} SET STATISTICS 0")
                if is_bytes:  # to name a type again is to forget the examples that were kept of it
                    op.execute(f"ALTER TABLE {table} ALTER {name} TYPE bytea")
