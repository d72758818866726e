"""`lyhty-server doctor` finds each mistake when it is really made, and says how to mend it."""

import asyncio
import json
import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL, make_url

from lyhty_server.bus.address import BusAddress
from lyhty_server.domain import mistakes
from lyhty_server.operator import doctor
from lyhty_server.store.databases import open_database
from tests.certificates import make_certificate
from tests.ports import free_port
from tests.provider import DAY_S, Provider
from tests.server.api_server import ApiServer, api_server
from tests.servers.nats import nats_server
from tests.servers.postgres import running_postgres

CHAPTERS = (Path(__file__).resolve().parents[2] / "deploy" / "OPERATIONS.md").read_text()
OF_THIS_COMPUTER = {"clock-not-kept", "too-few-files", "disk-nearly-full", "database-over-network", "addresses-logged"}
"""What may really be wrong where the tests run."""
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away and mount disks")

OF_POSTGRES = {"database-away", "schema-of-another-release", "clock-off"} | {
    f"database-{what}" for what in ("too-old", "not-durable", "not-cleaned", "superuser")
}

Examined = Callable[..., set[str]]


def codes(findings: Iterable[mistakes.Finding]) -> list[str]:
    return [one.code for one in findings]


@pytest.fixture
def data(provider: Provider, tmp_path: Path) -> Path:
    folder = provider.write(tmp_path / "data")
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
    return folder


@pytest.fixture
def examined(data: Path, provider: Provider, capsys: pytest.CaptureFixture[str]) -> Examined:
    """The codes of what was found, without those of this computer."""

    def examine(*options: str, settings: Mapping[str, str] | None = None, now_s: int | None = None) -> set[str]:
        at_s = provider.directory_body.issued + 60 if now_s is None else now_s
        arguments = ["--data", str(data), "--json", *options]
        site = {"LYHTY_SITE": f"http://localhost:{free_port()}"}
        status = doctor.main(arguments, "doctor", {**site, **(settings or {})}, lambda: at_s)
        findings = json.loads(capsys.readouterr().out)
        assert status == (1 if findings else 0)
        for finding in findings:
            assert f"## {finding['chapter']}" in CHAPTERS
        found = {finding["code"] for finding in findings}
        # Nobody serves here, unless a test says where.
        return found - OF_THIS_COMPUTER - (set() if settings and "LYHTY_SITE" in settings else {"public-away"})

    return examine


@pytest.fixture
async def api(provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ApiServer]:
    async with api_server(provider, tmp_path, monkeypatch, slot_ms=20) as server:
        yield server


async def test_of_a_sound_installation_that_is_running_nothing_is_said(
    api: ApiServer, data: Path, examined: Examined
) -> None:
    site = {"LYHTY_SITE": f"http://localhost:{api.port}"}
    assert await asyncio.to_thread(examined, settings=site) == set()


def test_it_says_in_words_what_is_wrong_and_how_to_mend_it(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (data / "pepper").unlink()
    assert doctor.main(["--data", str(data)], "doctor", {}) == 1
    said = capsys.readouterr().out
    assert "pepper is not in the data folder" in said
    assert "Mend it: Copy there what `lyhty init` made" in said


def test_a_missing_pepper_is_found(data: Path, examined: Examined) -> None:
    (data / "pepper").unlink()
    assert examined() == {"file-missing"}


@pytest.mark.parametrize("name", [".", "pepper"])
def test_what_others_of_this_computer_can_read_is_found(data: Path, examined: Examined, name: str) -> None:
    (data / name).chmod(0o755)
    assert examined() == {"readable-by-others"}


@as_root
def test_a_file_of_another_user_is_found(data: Path, examined: Examined) -> None:
    os.chown(data / "pepper", 12_345, 12_345)
    assert examined() == {"file-of-somebody-else"}


def test_a_setting_that_does_not_exist_is_found(examined: Examined) -> None:
    assert examined(settings={"LYHTY_SLOTMS": "1000"}) == {"setting-wrong"}


def test_a_demo_for_real_people_is_found(data: Path, examined: Examined) -> None:
    (data / "demo").mkdir()
    assert examined() == set()
    assert "demo-in-use" in examined(settings={"LYHTY_SITE": "https://lyhty.invalid"})


def test_listening_for_all_without_tls_is_found(examined: Examined) -> None:
    assert examined(settings={"LYHTY_HOST": "0.0.0.0"}) == {"listens-without-tls"}  # noqa: S104 - the mistake


@pytest.mark.parametrize("setting", [{"LYHTY_SLOT_MS": "0"}, {"LYHTY_EFFORT": "1"}])
def test_settings_of_load_tests_are_found(examined: Examined, setting: Mapping[str, str]) -> None:
    assert examined(settings=setting) == {"load-test-settings"}


def test_no_second_factor_and_the_clients_beside_the_server_are_found_in_a_real_service(examined: Examined) -> None:
    site = {"LYHTY_SITE": "https://lyhty.invalid"}
    assert examined(settings=site) == {"second-factor-off", "clients-installed", "public-away"}
    assert "second-factor-off" not in examined(settings=site | {"LYHTY_SECOND_FACTOR": "passkey"})


def test_no_public_address_is_found(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    doctor.main(["--data", str(data), "--json"], "doctor", {})
    assert "site-unset" in {finding["code"] for finding in json.loads(capsys.readouterr().out)}


@pytest.mark.parametrize(
    ("days", "found"), [(60, set()), (5, {"certificate-runs-out"}), (-0.5, {"certificate-runs-out"})]
)
def test_a_certificate_that_runs_out_is_found(
    examined: Examined, provider: Provider, tmp_path: Path, days: float, found: set[str]
) -> None:
    assert examined(settings=make_certificate(tmp_path / "tls", ["localhost"], days).settings) == found


def test_a_key_of_another_certificate_is_found(examined: Examined, tmp_path: Path) -> None:
    one, other = (make_certificate(tmp_path / name, ["localhost"]) for name in ("one", "other"))
    assert examined(settings=one.settings | {"LYHTY_TLS_KEY": str(other.key)}) == {"certificate-of-another-key"}


def test_a_certificate_of_another_name_is_found(examined: Examined, tmp_path: Path) -> None:
    assert examined(settings=make_certificate(tmp_path / "tls", ["help.invalid"]).settings) == {
        "certificate-of-another-name"
    }


def test_a_certificate_for_all_names_of_a_domain_fits_its_names() -> None:
    assert list(mistakes.certificate(["*.kunta.fi"], 90 * DAY_S, True, "lyhty.kunta.fi", 0)) == []
    assert list(mistakes.certificate(["*.kunta.fi"], 90 * DAY_S, True, "a.lyhty.kunta.fi", 0)) != []


def test_a_clock_that_is_behind_is_found(examined: Examined, provider: Provider) -> None:
    assert examined(now_s=provider.directory_body.issued - 3_600) == {"clock-off"}


def test_a_directory_and_a_root_that_run_out_are_found(examined: Examined, provider: Provider) -> None:
    assert examined(now_s=provider.directory_body.expires - 3 * DAY_S) == {"directory-runs-out"}
    assert examined(now_s=provider.directory_body.issued + 5 * 365 * DAY_S) == {"directory-runs-out", "root-runs-out"}


@as_root
def test_a_disk_that_is_nearly_full_is_found(data: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = (
        f"mount -t tmpfs -o size=4m none {disk} || exit 77; cp -a {data}/. {disk}; "
        f"head -c 3900000 /dev/zero >{disk}/full; {sys.executable} -m lyhty_server doctor --data {disk} --json"
    )
    done = subprocess.run(["unshare", "-m", "sh", "-c", mounted], capture_output=True, check=False, text=True)
    if done.returncode == 77:
        pytest.skip("nothing can be mounted here")
    assert "disk-nearly-full" in done.stdout


def test_too_few_open_files_are_found(data: Path) -> None:
    asked = f"ulimit -n 4000; {sys.executable} -m lyhty_server doctor --data {data} --json"
    done = subprocess.run(["sh", "-c", asked], capture_output=True, check=False, text=True)
    assert (done.returncode, "too-few-files" in done.stdout) == (1, True)


@pytest.mark.parametrize(("folder", "found"), [("/srv/lyhty", ["database-over-network"]), ("/srvother", []), ("/", [])])
def test_a_database_on_a_network_file_system_is_found(folder: str, found: list[str]) -> None:
    mounts = (
        "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
        "40 22 0:44 / /srv rw,relatime shared:9 - nfs4 nas:/export rw,vers=4.2\n"
    )
    kind = doctor.kind_of(mounts, Path(folder))
    assert [one.code for one in mistakes.file_system(kind)] == found


def test_a_database_of_another_release_and_a_broken_one_are_found(data: Path, examined: Examined) -> None:
    with closing(sqlite3.connect(data / "lyhty.db")) as database:
        database.execute("CREATE TABLE alembic_version (version_num VARCHAR)")
        database.execute("INSERT INTO alembic_version VALUES ('9999')")
        database.commit()
    (data / "lyhty.db").chmod(0o600)
    assert examined() == {"schema-of-another-release"}
    (data / "lyhty.db").write_bytes(b"no database at all, but for long enough to be taken for one" * 100)
    assert examined() == {"database-away"}


# --- The database server and the bus, real ones


@pytest.fixture(scope="module")
def sound_postgres() -> Iterator[URL]:
    """Set up as it should be, with Lyhty's tables, and an account that only owns them."""
    with running_postgres(durable=True, settings={"autovacuum": "on", "wal_recycle": "off"}) as server:
        with closing(psycopg.connect(server.url("postgres").render_as_string(), autocommit=True)) as administrator:
            administrator.execute("CREATE ROLE owner LOGIN")
            administrator.execute("GRANT pg_checkpoint TO owner")
            administrator.execute("CREATE DATABASE sound OWNER owner")
        url = server.url("sound").set(username="owner")
        with closing(psycopg.connect(server.url("sound").render_as_string(), autocommit=True)) as administrator:
            administrator.execute("GRANT EXECUTE ON FUNCTION pg_switch_wal() TO owner")
        open_database(url).close()
        yield url


def at(url: URL) -> dict[str, str]:
    return {"LYHTY_DATABASE_URL": url.render_as_string(hide_password=False)}


def test_of_a_sound_database_server_nothing_is_said(examined: Examined, sound_postgres: URL) -> None:
    assert examined(settings=at(sound_postgres), now_s=int(time.time())) & OF_POSTGRES == set()


def test_a_database_server_with_another_clock_is_found(sound_postgres: URL) -> None:
    assert codes(doctor.postgres(sound_postgres, int(time.time()) + 3_600)) == ["clock-off"]


def test_a_database_server_with_the_tables_of_another_release_is_found(empty_postgres_url: URL) -> None:
    assert "schema-of-another-release" not in codes(doctor.postgres(empty_postgres_url, int(time.time())))
    with closing(psycopg.connect(empty_postgres_url.render_as_string(), autocommit=True)) as database:
        database.execute("CREATE TABLE alembic_version (version_num VARCHAR)")
        database.execute("INSERT INTO alembic_version VALUES ('9999')")
    assert "schema-of-another-release" in codes(doctor.postgres(empty_postgres_url, int(time.time())))


def test_a_database_server_that_loses_and_never_cleans_and_an_account_that_may_do_all_are_found() -> None:
    with running_postgres() as hasty:  # as tests like it: quick
        found = codes(doctor.postgres(hasty.url("postgres"), int(time.time())))
    assert found == [
        "database-not-durable",
        "database-not-durable",
        "database-not-cleaned",
        "database-superuser",
        "log-recycled",
    ]


def test_a_database_server_of_long_ago_is_found() -> None:
    assert codes(mistakes.postgres(13, [], is_superuser=False)) == ["database-too-old"]
    assert codes(mistakes.postgres(14, [], is_superuser=False)) == []


def test_a_database_server_that_is_away_is_found_and_its_password_not_repeated(examined: Examined) -> None:
    away = make_url(f"postgresql://lyhty:secret@127.0.0.1:{free_port()}/lyhty")
    assert examined(settings=at(away)) == {"database-away"}
    assert "secret" not in next(iter(doctor.postgres(away, 0))).what


def test_a_database_on_another_computer_is_not_spoken_to_without_tls() -> None:
    with socket.create_server(("127.0.0.2", 0)) as plain:

        def answer() -> None:
            line, _ = plain.accept()
            with line:
                assert line.recv(8) == (8).to_bytes(4) + (80_877_103).to_bytes(4)  # SSLRequest
                line.sendall(b"N")

        heard = threading.Thread(target=answer)
        heard.start()
        found = list(doctor.postgres(make_url(f"postgresql://lyhty@127.0.0.2:{plain.getsockname()[1]}/lyhty"), 0))
        heard.join()
    assert codes(found) == ["database-away"]
    assert "does not support SSL" in found[0].what


def test_of_a_bus_that_lets_lyhty_in_nothing_is_said(examined: Examined) -> None:
    with nats_server("--user", "lyhty", "--pass", "right") as server:
        assert examined(settings={"LYHTY_BUS_URL": f"nats://lyhty:right@127.0.0.1:{server.port}"}) == set()


def test_a_bus_that_refuses_the_password_is_found_and_the_password_not_repeated() -> None:
    with nats_server("--user", "lyhty", "--pass", "right") as server:
        found = list(doctor.bus(BusAddress.parse(f"nats://lyhty:secret@127.0.0.1:{server.port}")))
    assert codes(found) == ["bus-away"]
    assert "Authorization" in found[0].what
    assert "secret" not in found[0].what


def test_a_bus_that_is_away_and_one_that_is_none_are_found(examined: Examined) -> None:
    assert examined(settings={"LYHTY_BUS_URL": f"nats://127.0.0.1:{free_port()}"}) == {"bus-away"}
    with socket.create_server(("127.0.0.1", 0)) as mail:

        def greet() -> None:
            line, _ = mail.accept()
            with line:
                line.sendall(b"220 mail\r\n")

        greets = threading.Thread(target=greet)
        greets.start()
        assert codes(doctor.bus(BusAddress.parse(f"nats://127.0.0.1:{mail.getsockname()[1]}"))) == ["bus-away"]
        greets.join()


def test_each_server_of_a_bus_is_asked(examined: Examined) -> None:
    with nats_server() as server:
        two = BusAddress.parse(f"{server.url},nats://127.0.0.1:{free_port()}")
        assert codes(doctor.bus(two)) == ["bus-away"]


def test_a_mail_server_that_is_not_there_is_found(examined: Examined) -> None:
    mail = {
        "LYHTY_SMTP_HOST": "127.0.0.1", "LYHTY_SMTP_PORT": str(free_port()), "LYHTY_SMTP_TLS": "none",
        "LYHTY_SMTP_FROM": "lyhty@example.fi",
    }  # fmt: skip
    assert examined(settings=mail) == {"mail-away"}


def test_no_backup_and_an_old_one_are_found(data: Path, examined: Examined, provider: Provider, tmp_path: Path) -> None:
    kept = tmp_path / "backups"
    kept.mkdir()
    assert examined("--backups", str(kept)) == {"backup-old"}
    (kept / "erased").write_bytes(b"")  # written anew every few minutes, and no backup
    assert examined("--backups", str(kept)) == {"backup-old"}
    newest = kept / "lyhty-20261127T031000Z.backup"
    newest.write_bytes(b"")
    at_s = provider.directory_body.issued
    os.utime(newest, (at_s, at_s))
    assert examined("--backups", str(kept)) == set()
    os.utime(newest, (at_s, at_s - 3 * DAY_S))
    assert examined("--backups", str(kept)) == {"backup-old"}


@pytest.mark.parametrize(
    ("line", "is_found"),
    [
        ('192.0.2.7 - - [27/Nov/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 512', True),
        ('2001:db8::7 - - [27/Nov/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 512', True),
        ("2026/11/27 12:00:00 [error] 7#7: *1 upstream timed out, client: 192.0.2.7, server: lyhty", True),
        ("2026/11/27 12:00:00 [crit] 7#7: no live upstreams", False),
        ("12:00:00 started", False),
    ],
)
def test_addresses_in_a_log_of_the_proxy_are_found(tmp_path: Path, line: str, is_found: bool) -> None:
    (tmp_path / "access.log").write_text(f"{line}\n")
    assert list(doctor.with_addresses(tmp_path)) == (["access.log"] if is_found else [])


# --- A proxy in front


@contextmanager
def proxy(*, page: str = "Connection: close", upgraded: str = "", refused: bool = True) -> Iterator[str]:
    """Answers three kinds of request as a proxy would that was set up like this, and closes; its address."""

    def answer(asked: bytes) -> str:
        if b"Upgrade:" not in asked:
            return f"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n{page}\r\n\r\n"
        if b"Content-Length:" in asked and refused:
            return "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"
        return upgraded

    def serve(listening: socket.socket) -> None:
        while True:
            try:
                line, _ = listening.accept()
            except OSError:
                return
            with line:
                asked = b""
                while b"\r\n\r\n" not in asked and (part := line.recv(4_096)):
                    asked += part
                line.sendall(answer(asked).encode())

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,), daemon=True)
        thread.start()
        yield f"http://localhost:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(5)


SWITCHED = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"


@pytest.mark.parametrize(
    ("set_up", "found"),
    [
        ({}, set()),
        ({"page": "Connection: keep-alive"}, {"connections-kept"}),
        ({"upgraded": "HTTP/1.1 403 Forbidden\r\n\r\n"}, {"sockets-refused"}),
        ({"upgraded": ""}, {"sockets-refused"}),
        ({"upgraded": f"{SWITCHED}\r\n"}, {"sockets-buffered"}),
        (
            {"upgraded": f"{SWITCHED}Sec-WebSocket-Extensions: permessage-deflate\r\n\r\nframe"},
            {"sockets-compressed"},
        ),
        ({"refused": False}, {"upgrade-with-body"}),
    ],
)
def test_what_a_proxy_does_wrong_is_found(examined: Examined, set_up: dict[str, object], found: set[str]) -> None:
    with proxy(**({"upgraded": f"{SWITCHED}\r\nframe"} | set_up)) as site:  # type: ignore[arg-type]
        assert examined(settings={"LYHTY_SITE": site}) == found


def test_a_proxy_that_does_not_tell_browsers_to_come_over_tls_is_found() -> None:
    kept = {"strict-transport-security": "max-age=31536000", "connection": "close"}
    assert list(mistakes.answer(kept, is_tls=True)) == []
    assert [one.code for one in mistakes.answer({"connection": "close"}, is_tls=True)] == ["no-strict-transport"]
