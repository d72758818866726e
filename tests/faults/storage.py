"""The databases the faults are tried on, and what stands in them."""

import sqlite3
from collections import defaultdict
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine, create_engine, func, select
from sqlalchemy.pool import NullPool

from lyhty_server.store.tables import cases, envelopes, mailboxes, tombstones
from lyhty_wire.ids import digest
from tests.faults.history import Row, Stored, StoredCase


@dataclass(frozen=True)
class Storage:
    """Where a server keeps its rows."""

    name: str
    settings: Mapping[str, str] = field(default_factory=dict)
    """What the server is told."""

    def read(self, data: Path) -> Stored:
        """With no server running. SQLite must be whole, too."""
        url = self.settings.get("LYHTY_DATABASE_URL", f"sqlite:///{data / 'lyhty.db'}")
        if self.name == "sqlite":
            check_file(data / "lyhty.db")
        return read_stored(create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool))


def check_file(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []


def read_stored(engine: Engine) -> Stored:
    rows: defaultdict[int, list[Row]] = defaultdict(list)
    with engine.connect() as connection:
        for case_seq, seq, body in connection.execute(
            select(envelopes.c.case_seq, envelopes.c.seq, envelopes.c.body).order_by(
                envelopes.c.case_seq, envelopes.c.seq
            )
        ):
            rows[case_seq].append(Row(seq, digest(body)))
        found = {
            case_id: StoredCase(last_seq, rows.pop(case_seq, []))
            for case_seq, case_id, last_seq in connection.execute(
                select(cases.c.case_seq, cases.c.case_id, cases.c.last_seq)
            )
        }
        assert not rows, "envelopes without a case"
        marks = set(connection.execute(select(tombstones.c.tombstone)).scalars())
        doors = connection.execute(select(func.count()).select_from(mailboxes)).scalar_one()
    return Stored(found, marks, doors)
