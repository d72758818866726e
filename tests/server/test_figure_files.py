"""What the files of the database tell of contributions beyond what the tables do: nothing, once they are mixed."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from lyhty_server.store.figure_rows import ContributionRow
from lyhty_server.store.sql import SqlStore
from tests.store_contract.examples import fill

ROWS = [ContributionRow(fill(f"token {nth}", 16), fill("key", 32), fill(f"sealed {nth}", 1_520)) for nth in range(60)]


async def filled(path: Path, rows: Sequence[ContributionRow], *, mixed: bool) -> Path:
    """In batches of five, as they come."""
    store = SqlStore(path)
    await store.start()
    for start in range(0, len(rows), 5):
        await store.put_contributions(tuple(rows[start : start + 5]))
    if mixed:
        await store.mix_contributions()
    await store.close()
    return path


def laid(path: Path) -> list[bytes]:
    """The tokens in the order in which they lie in the file, whatever page they are on."""
    data = path.read_bytes()
    return sorted((row.token for row in ROWS), key=data.index)


@pytest.fixture(params=range(3))
def orders(request: pytest.FixtureRequest) -> tuple[list[ContributionRow], list[ContributionRow]]:
    chance = Random(request.param)
    return chance.sample(ROWS, len(ROWS)), chance.sample(ROWS, len(ROWS))


async def test_two_databases_filled_in_another_order_are_the_same_once_they_are_mixed(
    tmp_path: Path, orders: tuple[list[ContributionRow], list[ContributionRow]]
) -> None:
    one, other = [await filled(tmp_path / name, rows, mixed=True) for name, rows in zip("ab", orders, strict=True)]
    assert laid(one) == laid(other)
    assert tables(one) == tables(other)


async def test_before_that_the_file_tells_of_the_order(
    tmp_path: Path, orders: tuple[list[ContributionRow], list[ContributionRow]]
) -> None:
    one, other = [await filled(tmp_path / name, rows, mixed=False) for name, rows in zip("ab", orders, strict=True)]
    assert laid(one) != laid(other)


async def test_no_log_is_left_behind_a_batch_that_was_answered(tmp_path: Path) -> None:
    store = SqlStore(tmp_path / "lyhty.db")
    await store.start()
    await store.put_contributions(tuple(ROWS[:5]))
    log = (tmp_path / "lyhty.db-wal").read_bytes()
    await store.close()
    assert [row for row in ROWS[:5] if row.token in log or row.sealed[:16] in log] == []


async def test_what_was_removed_is_not_on_disk_any_more(tmp_path: Path) -> None:
    store = SqlStore(tmp_path / "lyhty.db")
    await store.start()
    await store.put_contributions(tuple(ROWS))
    await store.remove_contributions(tuple(row.token for row in ROWS))
    data = on_disk(tmp_path)
    await store.close()
    assert [row for row in ROWS if row.token in data or row.sealed[:16] in data or row.sealed[-16:] in data] == []


def on_disk(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


def tables(path: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute("SELECT token, key, sealed FROM contributions").fetchall()
