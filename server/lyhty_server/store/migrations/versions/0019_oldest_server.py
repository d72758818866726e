"""Which older servers may go on working with these tables while a newer one is brought in."""

import sqlalchemy as sa
from alembic import op

from lyhty_server.store.types import String

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "oldest_server",
        sa.Column("head", String, nullable=False),
        sa.PrimaryKeyConstraint("head", name=op.f("pk_oldest_server")),
        sqlite_with_rowid=False,
    )
    op.execute("INSERT INTO oldest_server (head) VALUES ('0019')")
