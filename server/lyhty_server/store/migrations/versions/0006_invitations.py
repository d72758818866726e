"""Invitations: links that somebody may answer, for a week."""

import sqlalchemy as sa
from alembic import op

from lyhty_server.store.types import Integer

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "invitations",
        sa.Column("invitation_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("offer", sa.LargeBinary(), nullable=False),
        sa.Column("kept", sa.LargeBinary(length=61), nullable=False),
        sa.Column("expires_s", Integer, nullable=False),
        sa.Column("application", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("length(invitation_id) = 16 AND length(kept) = 61", name=op.f("ck_invitations_lengths")),
        sa.PrimaryKeyConstraint("invitation_id", name=op.f("pk_invitations")),
        sqlite_with_rowid=False,
    )
