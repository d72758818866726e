"""What every process must know: who is signed in, what was used up, what signing in costs, who does the jobs."""

import sqlalchemy as sa
from alembic import op

from lyhty_server.store.types import Integer, String

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sessions",
        sa.Column("token_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("session_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("door", sa.SmallInteger(), nullable=False),
        sa.Column("person", sa.LargeBinary(length=16), nullable=False),
        sa.Column("begun_hour", Integer, nullable=False),
        sa.Column("until_s", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_sessions")),
        sa.CheckConstraint("length(token_digest) = 32 AND door IN (1, 2)", name=op.f("ck_sessions_ranges")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_sessions_person"), "sessions", ["person"])
    op.create_table(
        "spent_challenges",
        sa.Column("challenge", sa.LargeBinary(length=32), nullable=False),
        sa.Column("until_s", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("challenge", name=op.f("pk_spent_challenges")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_spent_challenges_until_s"), "spent_challenges", ["until_s"])
    op.create_table(
        "sign_in_failures",
        sa.Column("bucket", Integer, autoincrement=False, nullable=False),
        sa.Column("count", sa.SmallInteger(), nullable=False),
        sa.Column("since_s", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", name=op.f("pk_sign_in_failures")),
    )
    op.create_table(
        "jobs",
        sa.Column("name", String, nullable=False),
        sa.Column("holder", sa.LargeBinary(length=16), nullable=False),
        sa.Column("beat", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_jobs")),
        sqlite_with_rowid=False,
    )
