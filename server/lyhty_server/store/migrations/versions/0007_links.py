"""A link from each key of a case to the one before. SQLite puts a new column last of all: the table is made anew."""

import sqlalchemy as sa
from alembic import op

from lyhty_server.store.migrations.remaking import set_aside
from lyhty_server.store.types import Integer

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    set_aside("rosters", "older_rosters")
    op.create_table(
        "rosters",
        sa.Column("case_seq", Integer, nullable=False),
        sa.Column("generation", Integer, nullable=False),
        sa.Column("roster", sa.LargeBinary(), nullable=False),
        sa.Column("link", sa.LargeBinary(length=48), nullable=True),
        sa.PrimaryKeyConstraint("case_seq", "generation", name=op.f("pk_rosters")),
        sa.ForeignKeyConstraint(["case_seq"], ["cases.case_seq"], name=op.f("fk_rosters_case_seq")),
    )
    op.execute(
        "INSERT INTO rosters (case_seq, generation, roster) SELECT case_seq, generation, roster FROM older_rosters"
    )
    op.drop_table("older_rosters")
