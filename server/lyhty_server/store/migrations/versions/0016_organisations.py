"""Counties, municipalities and schools, and who pays for whom."""

import sqlalchemy as sa
from alembic import op

from lyhty_server.store.types import Integer, String

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "organisations",
        sa.Column("id", String, nullable=False),
        sa.Column("kind", String, nullable=False),
        sa.Column("name", String, nullable=False),
        sa.Column("parent", String, nullable=True),
        sa.Column("pupils", Integer, nullable=True),
        sa.Column("first_grade", sa.SmallInteger(), nullable=True),
        sa.Column("last_grade", sa.SmallInteger(), nullable=True),
        sa.Column("joined", sa.Date(), nullable=True),
        sa.Column("left", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
        sa.CheckConstraint(
            "kind IN ('county', 'municipality', 'school') AND (kind = 'county') = (parent IS NULL)",
            name=op.f("ck_organisations_kinds"),
        ),
        sa.CheckConstraint(
            "pupils > 0 AND first_grade BETWEEN 0 AND last_grade AND (first_grade IS NULL) = (last_grade IS NULL)",
            name=op.f("ck_organisations_ranges"),
        ),
        sa.ForeignKeyConstraint(["parent"], ["organisations.id"], name=op.f("fk_organisations_parent")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "agreements",
        sa.Column("organisation", String, nullable=False),
        sa.Column("funder", String, nullable=False),
        sa.Column("percent", sa.SmallInteger(), nullable=False),
        sa.Column("begins", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "funder", "begins", name=op.f("pk_agreements")),
        sa.CheckConstraint("percent BETWEEN 1 AND 100 AND begins < ends", name=op.f("ck_agreements_ranges")),
        sa.ForeignKeyConstraint(["organisation"], ["organisations.id"], name=op.f("fk_agreements_organisation")),
        sa.ForeignKeyConstraint(["funder"], ["organisations.id"], name=op.f("fk_agreements_funder")),
        sqlite_with_rowid=False,
    )
