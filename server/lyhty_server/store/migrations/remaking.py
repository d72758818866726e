"""For tables that are made anew: SQLite adds no rule to a table that stands, and puts a new column last."""

from alembic import op
from sqlalchemy import inspect


def set_aside(table: str, aside: str) -> None:
    """Under another name, to be filled from. Its indexes make room too: in PostgreSQL their names are the schema's."""
    op.rename_table(table, aside)
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        looked = inspect(connection)
        keys = [looked.get_pk_constraint(aside)["name"], *(key["name"] for key in looked.get_unique_constraints(aside))]
        for key in keys:
            op.execute(f'ALTER TABLE {aside} RENAME CONSTRAINT "{key}" TO "{aside}_{key}"')
