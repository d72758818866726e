"""Recovery shares: an epoch's seed in parts, sealed for coordinators; and who asks for them."""

import sqlalchemy as sa
from alembic import op

from lyhty_server.store.types import Integer

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recovery_splits",
        sa.Column("queue", sa.SmallInteger(), nullable=False),
        sa.Column("epoch", Integer, nullable=False),
        sa.Column("split", sa.LargeBinary(), nullable=False),
        sa.Column("used", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("used BETWEEN 0 AND 1", name=op.f("ck_recovery_splits_flags")),
        sa.PrimaryKeyConstraint("queue", "epoch", name=op.f("pk_recovery_splits")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "recovery_shares",
        sa.Column("queue", sa.SmallInteger(), nullable=False),
        sa.Column("epoch", Integer, nullable=False),
        sa.Column("expert_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("wrap", sa.LargeBinary(length=1213), nullable=False),
        sa.Column("given", sa.LargeBinary(length=1213), nullable=True),
        sa.PrimaryKeyConstraint("queue", "epoch", "expert_id", name=op.f("pk_recovery_shares")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "recovery_requests",
        sa.Column("queue", sa.SmallInteger(), nullable=False, autoincrement=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("ended_by", sa.LargeBinary(length=16), nullable=True),
        sa.PrimaryKeyConstraint("queue", name=op.f("pk_recovery_requests")),
        sqlite_with_rowid=False,
    )
