"""How a job found each case when something was new in it. Of older cases the first look counts as that."""

import sqlalchemy as sa
from alembic import op

from lyhty_server.store.types import Integer

revision = "0021"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quiet_cases",
        sa.Column("case_seq", Integer, autoincrement=False, nullable=False),
        sa.Column("last_seq", Integer, nullable=False),
        sa.Column("closed", sa.SmallInteger(), nullable=False),
        sa.Column("day", Integer, nullable=False),
        sa.PrimaryKeyConstraint("case_seq", name=op.f("pk_quiet_cases")),
        sa.CheckConstraint("closed BETWEEN 0 AND 1", name=op.f("ck_quiet_cases_flags")),
    )
