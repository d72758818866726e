"""Backups: made while somebody writes, sealed, checked, and put back without what was erased since."""

import asyncio
import hashlib
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from msgspec.structs import replace
from sqlalchemy import URL

from lyhty_server.clock import system_clock
from lyhty_server.domain.retention import Noticed
from lyhty_server.operator import backup
from lyhty_server.operator.backup_file import BackupError, read, write
from lyhty_server.operator.erased_list import ErasedList
from lyhty_server.pepper import Pepper
from lyhty_server.store.copying import AnyPart, End, Numbers, Rows
from lyhty_server.store.interface import NewCase, Reporter
from lyhty_server.store.migrations.run import upgrade
from lyhty_server.store.sql import SqlStore
from lyhty_server.store.sqlite import Database
from lyhty_server.store.tables import HEAD, metadata
from lyhty_wire.codes import Code
from lyhty_wire.ids import MailboxId
from tests.store_contract.examples import CURRENT, expert_row, fill, message, new_case
from tests.store_contract.refusals import refused

ROOT: Final = Path(__file__).parents[2]
PEPPER: Final = fill("pepper", 32)
FILES: Final = {"pepper": PEPPER, "anchor.json": b'{"instance":"..."}', "provision.json": b"{}"}


@dataclass
class Service:
    """A data folder whose server runs, a key that is somewhere else, and a folder for backups."""

    data: Path
    key: Path
    backups: Path
    again: Path
    store: SqlStore
    tell: Callable[[], str]

    def does(self, *arguments: object) -> str:
        status = backup.main([str(argument) for argument in arguments], "lyhty-server backup")
        said = self.tell()
        if status:
            raise AssertionError(said)
        return said

    def create(self, *more: object) -> Path:
        self.does("create", "--data", self.data, "--to", self.backups, *more)
        return self.made()[-1]

    def made(self) -> list[Path]:
        return sorted(self.backups.glob("*.backup"))

    def list_erased(self) -> None:
        self.does("erased", "--data", self.data, "--to", self.backups)

    def restore(self, file: Path, *more: object) -> str:
        return self.does("restore", file, "--key", self.key, "--data", self.again, *more)


@pytest.fixture
async def service(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> AsyncIterator[Service]:
    data = tmp_path / "data"
    data.mkdir()
    for name, content in FILES.items():
        (data / name).write_bytes(content)
    store = SqlStore(data / "lyhty.db")
    await store.start()

    def tell() -> str:
        said = capsys.readouterr()
        return said.out + said.err

    made = Service(data, tmp_path / "stick" / "key", tmp_path / "backups", tmp_path / "again", store, tell)
    made.does("key", made.key, "--data", data)
    yield made
    await store.close()


def told(label: str) -> NewCase:
    """With a mailbox as the server makes it."""
    new, pepper = new_case(label), Pepper(PEPPER)
    row_key = pepper.row_key(MailboxId(fill(f"{label} mailbox id", 32)))
    return replace(
        new, mailbox_row_key=row_key, mailbox_sealed=pepper.seal_row(row_key, new.case_id, bytes(32), os.urandom)
    )


async def opened(store: SqlStore, *labels: str) -> list[NewCase]:
    cases = [told(label) for label in labels]
    for new in cases:
        await store.open_case(new)
        await store.append(new.case_id, message(new, 2, 16_384), Reporter(CURRENT))
    return cases


def rows_in(path: Path) -> dict[str, list[tuple[object, ...]]]:
    raw = sqlite3.connect(path)
    found = {
        name: sorted(raw.execute(f"SELECT * FROM {name}").fetchall(), key=repr)  # noqa: S608 - our own tables
        for name in metadata.tables
    }
    raw.close()
    return found


def on_disk(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


# --- Made and put back


async def test_what_is_put_back_is_what_was_there(service: Service) -> None:
    await opened(service.store, "a", "b")
    await service.store.put_expert(expert_row("one"))
    service.restore(service.create())
    assert rows_in(service.again / "lyhty.db") == rows_in(service.data / "lyhty.db")
    assert {name: (service.again / name).read_bytes() for name in FILES} == FILES


async def test_it_is_of_one_moment_whatever_is_written_meanwhile(service: Service) -> None:
    async def write_on() -> None:
        for number in range(200):
            await opened(service.store, f"meanwhile {number}")

    await opened(service.store, "before")
    writing = asyncio.create_task(write_on())
    file = await asyncio.to_thread(service.create)
    await writing
    service.restore(file)
    rows = rows_in(service.again / "lyhty.db")
    # Every case is whole: its report, its message if it had one by then, its card, mailbox and place.
    last = {number: last_seq for number, _, _, _, last_seq, _ in rows["cases"]}  # type: ignore[misc]
    assert len(rows["envelopes"]) == sum(last.values())  # type: ignore[arg-type]
    assert len(rows["cases"]) == len(rows["mailboxes"]) == len(rows["cards"]) == len(rows["places"])


async def test_a_server_starts_on_what_was_put_back(service: Service) -> None:
    [new] = await opened(service.store, "a")
    service.restore(service.create())
    store = SqlStore(service.again / "lyhty.db")
    await store.start()
    assert (await store.case_state(new.case_id)).last_seq == 2
    assert not (await store.open_case(new)).fresh
    await store.close()


async def test_case_numbers_are_not_given_twice_even_after_a_restore(service: Service) -> None:
    _, last = await opened(service.store, "a", "b")
    await service.store.erase(last.case_id, last.mailbox_row_key)
    service.restore(service.create())
    store = SqlStore(service.again / "lyhty.db")
    await store.start()
    assert (await store.open_case(told("c"))).case_seq == 3
    await store.close()


async def test_a_tree_is_put_back_whatever_the_order_of_its_names(service: Service) -> None:
    raw = sqlite3.connect(service.data / "lyhty.db")
    for row in [("z", "county", "Z", None), ("m", "municipality", "M", "z"), ("a", "school", "A", "m")]:
        raw.execute("INSERT INTO organisations (id, kind, name, parent, joined) VALUES (?, ?, ?, ?, '2026-08-01')", row)
    raw.commit()
    raw.close()
    service.restore(service.create())
    assert rows_in(service.again / "lyhty.db")["organisations"] == rows_in(service.data / "lyhty.db")["organisations"]


async def test_a_backup_of_an_older_schema_is_put_back_and_brought_up_to_date(service: Service, tmp_path: Path) -> None:
    await service.store.close()
    for file in service.data.glob("lyhty.db*"):
        file.unlink()
    database = Database(service.data / "lyhty.db")
    with database.writer.connect() as connection, connection.begin():
        upgrade(connection, "0017")
        connection.exec_driver_sql(
            "INSERT INTO cases VALUES (7, ?, ?, 1, 1, ?)", (bytes([7]) * 32, bytes(32), bytes(16))
        )
    database.close()
    service.restore(service.create())
    rows = rows_in(service.again / "lyhty.db")
    assert [row[0] for row in rows["cases"]] == [7]
    assert rows["closed_cases"] == [(7, 1)]  # what a later migration makes of it
    raw = sqlite3.connect(service.again / "lyhty.db")
    assert raw.execute("SELECT version_num FROM alembic_version").fetchall() == [(HEAD,)]
    raw.close()


async def test_a_backup_of_a_newer_schema_is_refused(service: Service) -> None:
    raw = sqlite3.connect(service.data / "lyhty.db")
    raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.commit()
    raw.close()
    file = service.create()
    with pytest.raises(AssertionError, match="schema 9999, which this release does not know"):
        service.restore(file)
    assert not service.again.exists()


# --- The file


async def test_without_the_key_it_shows_nothing(service: Service) -> None:
    [new] = await opened(service.store, "a")
    await service.store.put_expert(expert_row("koivunlehti"))
    data = service.create().read_bytes()
    planted = [new.case_id, new.sign_pk, new.roster, new.self_wrap, new.places[0].wrap, new.card, new.report.body]
    planted += [new.mailbox_row_key, PEPPER, b"koivunlehti", b"envelopes", *(name.encode() for name in FILES)]
    assert [value[:16] for value in planted if value[:16] in data] == []
    restored = service.restore(service.made()[0]) and on_disk(service.again)
    assert [value[:16] for value in planted[:7] if value[:16] not in restored] == []


async def test_only_its_owner_may_read_it_or_the_key_or_the_list(service: Service) -> None:
    file = service.create()
    modes = {path.stat().st_mode & 0o777 for path in (file, service.key, service.backups / "erased")}
    assert modes == {0o600}


def with_digest(body: bytes) -> bytes:
    return body + hashlib.sha256(body).digest()


async def test_a_change_anywhere_is_refused(service: Service, tmp_path: Path) -> None:
    await opened(service.store, "a")
    data = service.create().read_bytes()
    changed = tmp_path / "changed.backup"
    step = len(data) // 41
    for position in (*range(0, len(data), step), len(data) - 1):
        changed.write_bytes(data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :])
        with pytest.raises(AssertionError, match=r"damaged or not whole|no backup"):
            service.does("verify", changed)


async def test_a_change_by_somebody_who_mends_the_digest_is_refused_by_whoever_has_the_key(
    service: Service, tmp_path: Path
) -> None:
    await opened(service.store, "a")
    body = service.create().read_bytes()[:-32]
    changed = tmp_path / "changed.backup"
    for position in range(len(b"lyhty-backup 1\n"), len(body), len(body) // 23):
        changed.write_bytes(with_digest(body[:position] + bytes([body[position] ^ 1]) + body[position + 1 :]))
        with pytest.raises(AssertionError, match="does not open with this key, or was changed"):
            service.does("verify", changed, "--key", service.key)
    for end in (len(body) - 1, len(body) - 10_000, 200):
        changed.write_bytes(with_digest(body[:end]))
        with pytest.raises(AssertionError, match="does not open with this key, or was changed"):
            service.does("restore", changed, "--key", service.key, "--data", service.again)
    assert not service.again.exists()


async def test_another_key_does_not_open_it(service: Service, tmp_path: Path) -> None:
    file = service.create()
    other = tmp_path / "other"
    other.mkdir()
    service.does("key", tmp_path / "other key", "--data", other)
    with pytest.raises(AssertionError, match="does not open with this key"):
        service.does("verify", file, "--key", tmp_path / "other key")


async def test_verifying_says_what_was_found(service: Service) -> None:
    await opened(service.store, "a")
    file = service.create()
    assert "add --key" in service.does("verify", file)
    assert "the same when put back: 10 rows" in service.does("verify", file, "--key", service.key)


async def test_a_backup_whose_counts_do_not_fit_is_refused(service: Service, tmp_path: Path) -> None:
    await opened(service.store, "a")
    parts: list[AnyPart] = []
    key = backup._identity(service.key)
    read(service.create(), key, parts.append)
    short = [part for part in parts if not (isinstance(part, Rows) and part.table == "envelopes")]
    write(tmp_path / "short.backup", short, key.to_public())
    with pytest.raises(AssertionError, match="some of its rows are missing"):
        service.does("verify", tmp_path / "short.backup", "--key", service.key)
    assert isinstance(parts[-1], End)
    for wrong in (parts[:-1], [*parts, parts[-1]], parts[1:], [Numbers({}), *parts]):
        write(tmp_path / "short.backup", wrong, key.to_public())
        with pytest.raises(BackupError, match=r"no end|out of order"):
            read(tmp_path / "short.backup", key, lambda _part: None)


# --- Erased stays erased


async def test_a_case_that_was_erased_since_is_not_put_back(service: Service) -> None:
    gone, kept = await opened(service.store, "a", "b")
    file = service.create()
    await service.store.erase(gone.case_id, gone.mailbox_row_key)
    service.list_erased()
    assert "erased since: 1 cases" in service.restore(file)
    secrets = [gone.case_id, gone.places[0].wrap, gone.self_wrap, gone.report.body, gone.card, gone.mailbox_row_key]
    restored = on_disk(service.again)
    assert [value[:16] for value in secrets if value[:16] in restored] == []
    store = SqlStore(service.again / "lyhty.db")
    await store.start()
    assert await store.mailbox(gone.mailbox_row_key) is None
    for call in (store.case_state(gone.case_id), store.open_case(gone)):
        with refused(Code.CASE_ERASED):
            await call
    assert (await store.case_state(kept.case_id)).last_seq == 2
    await store.close()


async def test_what_had_expired_since_is_not_put_back_either(service: Service) -> None:
    [gone] = await opened(service.store, "a")
    await service.store.notice(((1, Noticed(2, is_closed=False, day=20_000)),))
    file = service.create()
    [case] = await service.store.kept_page(0, 10)
    assert await service.store.expire(case)
    service.list_erased()
    service.restore(file)
    rows = rows_in(service.again / "lyhty.db")
    assert (rows["cases"], rows["quiet_cases"]) == ([], [])
    assert gone.places[0].wrap not in on_disk(service.again)


async def test_without_a_list_it_is_refused_unless_that_is_accepted(service: Service) -> None:
    file = service.create()
    (service.backups / "erased").unlink()
    with pytest.raises(AssertionError, match="There is no list of erased cases"):
        service.restore(file)
    assert not service.again.exists()
    assert "may be back" in service.restore(file, "--old-list")


@pytest.mark.parametrize("hours", [24, 1])
async def test_a_list_that_is_too_old_is_refused_unless_that_is_accepted(service: Service, hours: int) -> None:
    await opened(service.store, "a")
    file = service.create()  # made now: a list of an hour ago is older than it
    ErasedList(PEPPER, system_clock() - hours * 3_600, frozenset()).write(service.backups / "erased")
    with pytest.raises(AssertionError, match="what was erased after that would come back"):
        service.restore(file)
    assert "may be back" in service.restore(file, "--old-list")


async def test_a_list_that_was_changed_or_is_of_another_service_is_refused(service: Service) -> None:
    await opened(service.store, "a")
    file, path = service.create(), service.backups / "erased"
    data = path.read_bytes()
    wrong = [data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :] for position in range(len(data))]
    wrong += [data[:-1], b"", data + b"x"]
    for each in wrong:
        path.write_bytes(each)
        with pytest.raises(BackupError, match="damaged, or of another service"):
            ErasedList.read(path, PEPPER)
    ErasedList(bytes(32), system_clock(), frozenset()).write(path)
    with pytest.raises(AssertionError, match="damaged, or of another service"):
        service.restore(file, "--old-list")


async def test_a_list_tells_nothing_without_the_pepper(service: Service) -> None:
    [gone] = await opened(service.store, "a")
    erased = await service.store.erase(gone.case_id, gone.mailbox_row_key)
    service.list_erased()
    data = (service.backups / "erased").read_bytes()
    assert [value for value in (gone.case_id, erased.tombstone) if value in data] == []
    assert gone.case_id in ErasedList.read(service.backups / "erased", PEPPER)


async def test_backups_beyond_their_days_are_removed_and_nothing_else(service: Service) -> None:
    service.backups.mkdir()
    for name in ("lyhty-20200101T000000Z.backup", "lyhty-29990101T000000Z.backup", "notes"):
        (service.backups / name).write_bytes(b"")
    made = service.create("--keep-days", "7")
    left = {path.name for path in service.backups.iterdir()}
    assert left == {made.name, "lyhty-29990101T000000Z.backup", "notes", "erased"} | {
        path.name for path in service.made()
    }
    assert "lyhty-20200101T000000Z.backup" not in left


# --- Refusals


async def test_it_is_put_back_into_an_empty_place_only(service: Service) -> None:
    file = service.create()
    service.again.mkdir()
    (service.again / "something").write_text("here")
    with pytest.raises(AssertionError, match="is not empty"):
        service.restore(file)
    assert [path.name for path in service.again.iterdir()] == ["something"]


async def test_the_secret_key_is_not_made_in_the_data_folder(service: Service) -> None:
    with pytest.raises(AssertionError, match="must not lie in the data folder"):
        service.does("key", service.data / "key", "--data", service.data)


async def test_a_second_key_takes_nobodys_place(service: Service, tmp_path: Path) -> None:
    before = service.key.read_bytes()
    for path in (service.key, tmp_path / "another"):
        with pytest.raises(AssertionError, match="there already"):
            service.does("key", path, "--data", service.data)
    assert service.key.read_bytes() == before


async def test_without_a_key_no_backup_is_made(service: Service) -> None:
    (service.data / "backup-key").unlink()
    with pytest.raises(AssertionError, match="Make one with `backup key`"):
        service.create()


async def test_the_secret_key_is_nowhere_in_the_data_folder(service: Service) -> None:
    service.create()
    secret = service.key.read_text().split("AGE-SECRET-KEY-")[1][:40].encode()
    assert secret not in on_disk(service.data) + on_disk(service.backups)


# --- Killed in the middle


def killed_when(there_is: Callable[[], bool], *arguments: object) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "lyhty_server", "backup", *map(str, arguments)], cwd=ROOT, stdout=subprocess.DEVNULL
    ) as process:
        while not there_is():
            assert process.poll() is None, "it was done before it could be killed"
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL


async def many_cases(store: SqlStore) -> None:
    await asyncio.gather(*(store.open_case(told(f"{number}")) for number in range(500)))


async def test_a_backup_that_is_killed_leaves_nothing_that_looks_like_one(service: Service) -> None:
    await many_cases(service.store)
    begun = lambda: any(part.stat().st_size > 50_000 for part in service.backups.glob(".*.part"))  # noqa: E731
    killed_when(begun, "create", "--data", service.data, "--to", service.backups)
    assert service.made() == []
    service.does("verify", service.create(), "--key", service.key)
    assert list(service.backups.glob(".*")) == []


async def test_a_restore_that_is_killed_leaves_no_folder_and_can_be_done_again(service: Service) -> None:
    await many_cases(service.store)
    file = service.create()
    fresh = service.again.with_name(".again.restoring")
    begun = lambda: (wal := fresh / "lyhty.db-wal").exists() and wal.stat().st_size > 300_000  # noqa: E731
    killed_when(begun, "restore", file, "--key", service.key, "--data", service.again)
    assert not service.again.exists()
    service.restore(file)
    assert len(rows_in(service.again / "lyhty.db")["cases"]) == 500
    assert not fresh.exists()


async def test_a_refused_restore_leaves_nothing(service: Service, tmp_path: Path) -> None:
    file = service.create()
    changed = tmp_path / "changed.backup"
    changed.write_bytes(with_digest(file.read_bytes()[:-33]))
    with pytest.raises(AssertionError):
        service.does("restore", changed, "--key", service.key, "--data", service.again)
    left = await asyncio.to_thread(lambda: {path.name for path in tmp_path.iterdir()})
    assert left == {"data", "stick", "backups", "changed.backup"}


# --- From one kind of database to another


async def test_a_service_moves_to_postgresql_and_back_by_its_backup(
    service: Service, postgres_url: URL, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    [new, gone] = await opened(service.store, "a", "b")
    await service.store.put_expert(expert_row("one"))
    raw = sqlite3.connect(service.data / "lyhty.db")
    for row in [("z", "county", "Z", None), ("m", "municipality", "M", "z"), ("a", "school", "A", "m")]:
        raw.execute("INSERT INTO organisations (id, kind, name, parent, joined) VALUES (?, ?, ?, ?, '2026-08-01')", row)
    raw.commit()
    raw.close()
    file, service.backups = service.create(), tmp_path / "others"
    monkeypatch.setenv("LYHTY_DATABASE_URL", postgres_url.render_as_string(hide_password=False))
    service.does("restore", file, "--key", service.key, "--data", service.again, "--erased", file.with_name("erased"))
    assert not (service.again / "lyhty.db").exists()
    with pytest.raises(AssertionError, match="The database is not empty"):
        service.does("restore", file, "--key", service.key, "--data", tmp_path / "more", "--old-list")
    assert not (tmp_path / "more").exists()

    there = SqlStore(postgres_url)
    await there.start()
    assert (await there.case_state(new.case_id)).last_seq == 2
    assert (await there.open_case(told("c"))).case_seq == 3
    await there.append(new.case_id, message(new, 3), Reporter(CURRENT))
    back = service.create()
    await there.erase(gone.case_id, gone.mailbox_row_key)
    service.list_erased()
    await there.close()

    monkeypatch.delenv("LYHTY_DATABASE_URL")
    last = tmp_path / "last"
    service.does("restore", back, "--key", service.key, "--data", last)
    rows, before = rows_in(last / "lyhty.db"), rows_in(service.data / "lyhty.db")
    assert rows["organisations"] == before["organisations"]
    assert rows["experts"] == before["experts"]
    assert [row[0] for row in rows["cases"]] == [row[0] for row in rows["wrap_keys"]] == [1, 3]
    assert gone.places[0].wrap not in on_disk(last)
    here = SqlStore(last / "lyhty.db")
    await here.start()
    assert [each.own_wrap for each in (await here.case_state(new.case_id)).generations] == [new.self_wrap]
    await here.close()
