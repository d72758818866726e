"""Contributions, the keys they are sealed to, and releases."""

import sqlalchemy as sa
from alembic import op

from lyhty_server.store.types import Integer, String

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contributions",
        sa.Column("token", sa.LargeBinary(length=16), nullable=False),
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(length=1520), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_contributions")),
        sa.CheckConstraint(
            "length(token) = 16 AND length(key) = 32 AND length(sealed) = 1520", name=op.f("ck_contributions_lengths")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "statistics_keys",
        sa.Column("roots", Integer, autoincrement=False, nullable=False),
        sa.Column("statement", sa.LargeBinary(), nullable=False),
        sa.Column("link", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("roots", name=op.f("pk_statistics_keys")),
    )
    op.create_table(
        "earlier_wraps",
        sa.Column("roots", Integer, nullable=False),
        sa.Column("expert_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("wrap", sa.LargeBinary(length=1213), nullable=False),
        sa.PrimaryKeyConstraint("roots", "expert_id", name=op.f("pk_earlier_wraps")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "releases",
        sa.Column("period", String, nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("period", name=op.f("pk_releases")),
    )
