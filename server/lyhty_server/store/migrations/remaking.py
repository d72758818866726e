"""For tables that are made anew: SQLite adds no rule to a table that stands, and puts a new column last."""

from alembic import op
from sqlalchemy import text

# Not those of foreign keys and checks: their names are the table's own.
_NAMES = text(
    "SELECT conname FROM pg_constraint WHERE conrelid = CAST(:aside AS regclass) AND contype IN ('n', 'p', 'u')"
)


def set_aside(table: str, aside: str) -> None:
    """Under another name, to be filled from. In PostgreSQL its keys make room too: their names are the schema's."""
    op.rename_table(table, aside)
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        for name in connection.execute(_NAMES, {"aside": aside}).scalars().all():
            op.execute(f'ALTER TABLE {aside} RENAME CONSTRAINT "{name}" TO "older_{name}"')
