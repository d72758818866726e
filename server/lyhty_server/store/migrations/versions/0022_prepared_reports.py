"""Reports that are printed before anybody waits for them."""

import sqlalchemy as sa
from alembic import op

from lyhty_server.store.types import Integer

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "prepared_reports",
        sa.Column("report_seq", Integer, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("size_bytes", Integer, nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("report_seq", name=op.f("pk_prepared_reports")),
        sa.UniqueConstraint("digest", name=op.f("uq_prepared_reports_digest")),
    )
