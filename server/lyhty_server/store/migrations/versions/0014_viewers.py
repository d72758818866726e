"""Viewers of figures, and the links by which they come."""

import sqlalchemy as sa
from alembic import op

from lyhty_server.store.types import Integer, String

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "viewer_invitations",
        sa.Column("invitation_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("name", String, nullable=False),
        sa.Column("organisation", String, nullable=False),
        sa.Column("expires_s", Integer, nullable=False),
        sa.CheckConstraint("length(invitation_id) = 16", name=op.f("ck_viewer_invitations_lengths")),
        sa.PrimaryKeyConstraint("invitation_id", name=op.f("pk_viewer_invitations")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "viewers",
        sa.Column("viewer_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("name", String, nullable=False),
        sa.Column("organisation", String, nullable=False),
        sa.Column("account", String, nullable=True),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=True),
        sa.Column("m_kib", Integer, nullable=True),
        sa.Column("t", Integer, nullable=True),
        sa.Column("p", Integer, nullable=True),
        sa.Column("login_pk", sa.LargeBinary(length=32), nullable=True),
        sa.Column("issuer", String, nullable=True),
        sa.Column("subject", String, nullable=True),
        sa.PrimaryKeyConstraint("viewer_id", name=op.f("pk_viewers")),
        sa.UniqueConstraint("account", name=op.f("uq_viewers_account")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_viewers_issuer_subject")),
        sa.CheckConstraint(
            "length(viewer_id) = 16 AND (account IS NULL) <> (subject IS NULL)"
            " AND (account IS NULL) = (login_pk IS NULL) AND (issuer IS NULL) = (subject IS NULL)",
            name=op.f("ck_viewers_one_entry"),
        ),
        sqlite_with_rowid=False,
    )
