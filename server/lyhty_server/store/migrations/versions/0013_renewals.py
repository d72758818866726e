"""Experts' next kem, and since when the present is listed. SQLite puts a new column last: the table is made anew."""

import sqlalchemy as sa
from alembic import op

from lyhty_server.store.migrations.remaking import set_aside
from lyhty_server.store.types import Integer, String

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_FILL = """
INSERT INTO experts (expert_id, name, salt, m_kib, t, p, login_pk, keys, queue_wraps)
SELECT expert_id, name, salt, m_kib, t, p, login_pk, keys, queue_wraps FROM older_experts
"""


def upgrade() -> None:
    set_aside("experts", "older_experts")
    op.create_table(
        "experts",
        sa.Column("expert_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("name", String, nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("m_kib", Integer, nullable=False),
        sa.Column("t", sa.SmallInteger(), nullable=False),
        sa.Column("p", sa.SmallInteger(), nullable=False),
        sa.Column("login_pk", sa.LargeBinary(length=32), nullable=False),
        sa.Column("keys", sa.LargeBinary(), nullable=False),
        sa.Column("queue_wraps", sa.LargeBinary(), nullable=False),
        sa.Column("keys_hour", Integer, nullable=True),
        sa.PrimaryKeyConstraint("expert_id", name=op.f("pk_experts")),
        sa.UniqueConstraint("name", name=op.f("uq_experts_name")),
    )
    op.execute(_FILL)
    op.drop_table("older_experts")
    op.create_table(
        "renewals",
        sa.Column("expert_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("renewal", sa.LargeBinary(), nullable=False),
        sa.Column("keys", sa.LargeBinary(), nullable=False),
        sa.Column("queue_wraps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("expert_id", name=op.f("pk_renewals")),
        sa.CheckConstraint("length(expert_id) = 16 AND length(keys) = 93", name=op.f("ck_renewals_lengths")),
    )
