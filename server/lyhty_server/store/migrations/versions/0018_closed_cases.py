"""Where a case stood when it was closed. Before this, a closed case took nothing more."""

import sqlalchemy as sa
from alembic import op

from lyhty_server.store.types import Integer

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_FILL = """
INSERT INTO closed_cases (case_seq, closed_seq) SELECT case_seq, last_seq FROM cases
WHERE NOT EXISTS (SELECT 1 FROM places WHERE places.case_seq = cases.case_seq AND places.state < 3)
"""


def upgrade() -> None:
    op.create_table(
        "closed_cases",
        sa.Column("case_seq", Integer, nullable=False),
        sa.Column("closed_seq", Integer, nullable=False),
        sa.PrimaryKeyConstraint("case_seq", name=op.f("pk_closed_cases")),
        sa.ForeignKeyConstraint(["case_seq"], ["cases.case_seq"], name=op.f("fk_closed_cases_case_seq")),
    )
    op.execute(_FILL)
