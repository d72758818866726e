"""The audit log."""

import sqlalchemy as sa
from alembic import op

from lyhty_server.store.types import Integer

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", Integer, autoincrement=False, nullable=False),
        sa.Column("author", sa.LargeBinary(length=16), nullable=False),
        sa.Column("counter", Integer, nullable=False),
        sa.Column("entry", sa.LargeBinary(length=194), nullable=False),
        sa.Column("head", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
        sa.UniqueConstraint("author", "counter", name=op.f("uq_audit_author_counter")),
        sa.CheckConstraint(
            "length(author) = 16 AND length(entry) = 194 AND length(head) = 32", name=op.f("ck_audit_lengths")
        ),
    )
