"""Viewers who want to be told of reports, and who is still to be told."""

import sqlalchemy as sa
from alembic import op

from lyhty_server.store.types import String

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "report_wishes",
        sa.Column("viewer_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("address", String, nullable=False),
        sa.Column("language", String, nullable=False),
        sa.PrimaryKeyConstraint("viewer_id", name=op.f("pk_report_wishes")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "owed_reports",
        sa.Column("viewer_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("period", String, nullable=False),
        sa.PrimaryKeyConstraint("viewer_id", "period", name=op.f("pk_owed_reports")),
        sqlite_with_rowid=False,
    )
