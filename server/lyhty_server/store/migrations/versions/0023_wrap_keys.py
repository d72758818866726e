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
        op.execute("ALTER TABLE wrap_keys ALTER key SET STATISTICS 0")
        # To name a type again is to forget the examples that were kept of it.
        for column in ("row_key", "sealed"):
            op.execute(f"ALTER TABLE mailboxes ALTER {column} TYPE bytea, ALTER {column} SET STATISTICS 0")
