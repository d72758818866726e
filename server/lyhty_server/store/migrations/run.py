"""Runs the migrations inside the caller's transaction: either all of them have happened, or none."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def upgrade(connection: Connection, to: str = "head") -> None:
    command.upgrade(_config(connection), to)


def write_revision(connection: Connection, message: str) -> None:
    """For whoever changes tables.py: a new file in versions/, to be read and corrected before it is kept."""
    command.revision(_config(connection), message, autogenerate=True)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config
