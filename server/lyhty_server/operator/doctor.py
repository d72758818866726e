"""`lyhty-server doctor`: looks an installation over, and says what is wrong and how to mend it. It changes nothing.

Run it as the service runs: the same user, settings and limits. Exit status 0: nothing found; 1: something; 2: the
command was not understood.
"""

import argparse
import asyncio
import ctypes
import json
import os
import re
import resource
import smtplib
import sqlite3
import ssl
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec
from cryptography import x509
from nats.aio.client import Client
from nats.errors import Error as NatsError
from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from lyhty_server.bus.address import BusAddress
from lyhty_server.clock import Clock, system_clock
from lyhty_server.config import Config, ConfigError
from lyhty_server.domain import mistakes
from lyhty_server.domain.crowd import BACKLOG, OTHERS, OWN_FILES
from lyhty_server.domain.mistakes import File, Finding
from lyhty_server.mail import MailServer
from lyhty_server.operator.backup import ENDING
from lyhty_server.operator.public_address import PublicAddress
from lyhty_server.provision import Provision, read_anchor
from lyhty_server.randomness import draw
from lyhty_server.store.schema import head_of
from lyhty_server.store.tables import HEAD, SEALING
from lyhty_server.trust import Trust
from lyhty_server.watching import disk_used_share
from lyhty_wire.directories import TrustBundle
from lyhty_wire.encoding import b64decode
from lyhty_wire.errors import WireError

NEEDED: Final = ("provision.json", "anchor.json", "pepper")
# Who may let the log go: in pg_checkpoint, which PostgreSQL 14 has not yet, or above all rules.
OF_POSTGRES: Final = """
SELECT extract(epoch FROM now())::bigint AS now_s, current_setting('server_version_num')::int / 10000 AS version,
    current_setting('fsync') AS fsync, current_setting('full_page_writes') AS full_page_writes,
    current_setting('autovacuum') AS autovacuum, rolsuper, current_setting('wal_recycle')::boolean AS is_recycled,
    has_function_privilege('pg_switch_wal()', 'execute') AND (rolsuper OR EXISTS (
        SELECT FROM pg_roles WHERE rolname = 'pg_checkpoint' AND pg_has_role(oid, 'member')
    )) AS may_let_log_go
FROM pg_roles WHERE rolname = current_user
"""
ANSWER_WITHIN_S: Final = 10.0
LOG_BYTES: Final = 1_048_576
# At the beginning of an access log's line, or after nginx's word for it in an error log.
ADDRESS: Final = re.compile(
    rb"(?:^|client: )(?:\d{1,3}(?:\.\d{1,3}){3}|(?=[0-9a-f:]*::|(?:[0-9a-f]+:){7})[0-9a-f:]+)[ ,]", re.MULTILINE
)
UNSYNCHRONIZED: Final = 5  # TIME_ERROR of adjtimex(2)


def main(
    arguments: Sequence[str], program: str, environ: Mapping[str, str] = os.environ, clock: Clock = system_clock
) -> int:
    asked = _parser(program).parse_args(arguments)
    findings = list(examine(asked, environ, clock()))
    if asked.json:
        sys.stdout.write(json.dumps([asdict(finding) for finding in findings], indent=1) + "\n")
    else:
        sys.stdout.write(_told(findings))
    return 1 if findings else 0


def _parser(program: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program,
        description="Find what is wrong with an installation. Run it as the service runs: same user, same settings.",
    )
    parser.add_argument("--data", type=Path, required=True, help="the data folder")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--backups", type=Path, metavar="DIR", help="where backups are put; looked at only if given")
    parser.add_argument("--backup-days", type=int, default=2, metavar="N", help="how old the newest may be; 2")
    parser.add_argument("--logs", type=Path, default=Path("/var/log/nginx"), metavar="DIR", help="the proxy's logs")
    return parser


def _told(findings: Sequence[Finding]) -> str:
    if not findings:
        return "Nothing wrong was found.\n"
    return "\n".join(
        f"{number}. {one.what}\n   Mend it: {one.mend}\n   OPERATIONS.md, {one.chapter!r}. ({one.code})\n"
        for number, one in enumerate(findings, 1)
    )


def examine(asked: argparse.Namespace, environ: Mapping[str, str], now_s: int) -> Iterator[Finding]:
    try:
        config = Config.from_environ(environ, asked.data)
    except ConfigError as error:
        yield Finding("setting-wrong", str(error), "Correct it; the server does not start with it.", "Start and stop")
        return
    yield from _folder(config)
    yield from mistakes.listening(config.host, config.tls_cert is not None)
    yield from mistakes.for_load_tests(config.slot_ms, config.usual_effort)
    yield from mistakes.site_set(config.site)
    yield from mistakes.second_factor(config.second_factor, config.site)
    if config.site is not None and config.site.startswith("https"):
        yield from mistakes.whole_package(find_spec("lyhty_crypto") is not None)
    needed = config.max_channels + OTHERS + BACKLOG + OWN_FILES
    yield from mistakes.file_limit(resource.getrlimit(resource.RLIMIT_NOFILE)[1], needed)
    if config.data.is_dir():
        yield from mistakes.disk(disk_used_share(config.data))
        if config.database_url is None:
            yield from mistakes.file_system(kind_of(Path("/proc/self/mountinfo").read_text(), config.data.resolve()))
            yield from _sqlite(config)
        yield from _trust(config, now_s)
    if config.database_url is not None:
        yield from postgres(config.database_url, now_s)
    if config.bus is not None:
        yield from bus(config.bus)
    yield from _certificate(config, now_s)
    if config.mail is not None:
        yield from _mail(config.mail)
    if config.site is not None:
        yield from through_proxy(PublicAddress(config.site), now_s)
    yield from mistakes.logs(with_addresses(asked.logs))
    if asked.backups is not None:
        yield from mistakes.backups(_newest_age_s(asked.backups, now_s), asked.backup_days)


def _folder(config: Config) -> Iterable[Finding]:
    names = {"the data folder": config.data} | {name: config.data / name for name in (*NEEDED, "lyhty.db")}
    found = []
    for name, path in names.items():
        if path.exists():
            status = path.stat()
            found.append(File(name, status.st_uid, stat.S_IMODE(status.st_mode)))
    missing = [name for name in NEEDED if not (config.data / name).exists()]
    yield from mistakes.files(found, missing, os.geteuid())
    yield from mistakes.demo((config.data / "demo").exists(), config.site)


def kind_of(mounts: str, folder: Path) -> str:
    """The file system a folder is on, from /proc/self/mountinfo (proc_pid_mountinfo(5))."""
    best, kind = Path(), ""
    for line in mounts.splitlines():
        here, _, there = line.partition(" - ")
        at = Path(here.split()[4].replace("\\040", " "))
        if folder.is_relative_to(at) and len(at.parts) >= len(best.parts):
            best, kind = at, there.split()[0]
    return kind


def _sqlite(config: Config) -> Iterable[Finding]:
    file = config.data / "lyhty.db"
    if not file.exists():
        return  # the first start makes it
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
            rows = database.execute("SELECT version_num FROM alembic_version").fetchall()
        yield from mistakes.schema(rows[0][0], HEAD)
    except sqlite3.Error as error:
        yield from mistakes.unreachable("database", str(error))


def postgres(url: URL, now_s: int) -> Iterable[Finding]:
    from lyhty_server.store import postgres as store  # who has no such database does not load it

    engine = store.copying(url)
    try:
        with engine.connect() as database:
            said, head = database.exec_driver_sql(OF_POSTGRES).one(), head_of(database)
            oldest = database.exec_driver_sql("SELECT head FROM oldest_server").scalar_one() if head == HEAD else HEAD
    except DBAPIError as error:
        yield from mistakes.unreachable("database", store.reason(error))
        return
    finally:
        engine.dispose()
    yield from mistakes.clock(said.now_s - now_s, is_kept=True)
    yield from mistakes.schema(head, HEAD)
    off = [name for name in ("fsync", "full_page_writes", "autovacuum") if said._mapping[name] == "off"]
    yield from mistakes.postgres(said.version, off, is_superuser=said.rolsuper)
    yield from mistakes.erasing(
        is_recycled=said.is_recycled, may_let_log_go=said.may_let_log_go, is_sealed=oldest >= SEALING
    )


def bus(address: BusAddress) -> Iterable[Finding]:
    """Each server of it, as Lyhty would sign in there."""
    for server in address.servers:
        try:
            asyncio.run(_sign_in(server, is_tls=address.is_tls))
        except (OSError, NatsError, TimeoutError) as error:
            yield from mistakes.unreachable("bus", f"{urlsplit(server).hostname} says {type(error).__name__}, {error}")


async def _sign_in(server: str, *, is_tls: bool) -> None:
    client = Client()
    try:
        await client.connect(
            server,
            error_cb=_ignored,
            allow_reconnect=False,
            max_reconnect_attempts=1,
            reconnect_time_wait=0,
            connect_timeout=int(ANSWER_WITHIN_S),
            tls_handshake_first=is_tls,
            tls=ssl.create_default_context() if is_tls else None,
        )
    finally:
        await client.close()


async def _ignored(_error: Exception) -> None:
    """What matters is raised as well; the library would log it."""


def _trust(config: Config, now_s: int) -> Iterable[Finding]:
    """Of the running server if it answers, of the file the ceremony made if not."""
    try:
        instance, _ = read_anchor(config.data)
        trust = Trust.check(_bundle(config), instance)
    except (ConfigError, WireError, OSError, msgspec.MsgspecError):
        return  # a missing file has been told of; a broken one keeps the server from starting
    body, root = trust.directory.body, trust.directory.root.body
    yield from mistakes.directory(body.expires, root.expires, now_s)
    yield from mistakes.clock(body.issued - now_s if body.issued > now_s else None, _is_clock_kept())


def _bundle(config: Config) -> TrustBundle:
    if config.site is not None:
        try:
            answer = PublicAddress(config.site).get("/api/trust")
            return TrustBundle.decode(answer.began)
        except (OSError, WireError):
            pass  # told of elsewhere
    provision = msgspec.json.decode((config.data / "provision.json").read_bytes(), type=Provision)
    return TrustBundle(tuple(b64decode(root) for root in provision.roots), b64decode(provision.directory))


def _is_clock_kept() -> bool:
    """Whether something keeps it, as the kernel knows it from ntpd, chrony and timesyncd."""
    room = ctypes.create_string_buffer(512)  # struct timex, with `modes` 0: only asks
    return ctypes.CDLL(None).adjtimex(room) not in {UNSYNCHRONIZED, -1}


def _certificate(config: Config, now_s: int) -> Iterable[Finding]:
    if config.tls_cert is None or config.tls_key is None:
        return
    try:
        certificate = x509.load_pem_x509_certificates(config.tls_cert.read_bytes())[0]
        fits = _fits(config.tls_cert, config.tls_key)
    except (OSError, ValueError) as error:
        yield Finding("certificate-unreadable", f"Not readable: {error}.", "Name two PEM files.", "Start and stop")
        return
    host = PublicAddress(config.site).host if config.site is not None else None
    until_s = int(certificate.not_valid_after_utc.timestamp())
    yield from mistakes.certificate(_names(certificate), until_s, fits, host, now_s)


def _fits(certificate: Path, key: Path) -> bool:
    """Raises OSError when a file cannot be read."""
    key.read_bytes()
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key)
    except ssl.SSLError:
        return False
    return True


def _names(certificate: x509.Certificate) -> list[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    return found.value.get_values_for_type(x509.DNSName)


def _mail(server: MailServer) -> Iterable[Finding]:
    context = ssl.create_default_context()
    try:
        if server.tls == "tls":
            line: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=ANSWER_WITHIN_S, context=context)
        else:
            line = smtplib.SMTP(server.host, server.port, timeout=ANSWER_WITHIN_S)
        with line:
            if server.tls == "starttls":
                line.starttls(context=context)
            if server.username is not None and server.password is not None:
                line.login(server.username, server.password)
    except (smtplib.SMTPException, OSError) as error:
        yield from mistakes.unreachable("mail server", f"{type(error).__name__}")


def through_proxy(site: PublicAddress, now_s: int) -> Iterable[Finding]:
    try:
        until_s = site.certificate_until_s()
        page = site.get("/")
        opened = site.upgrade("/channel", draw(16))
        with_body = site.upgrade("/channel", draw(16), b"GET / HTTP/1.1")
    except OSError as error:
        yield from mistakes.unreachable("public address", str(error))
        return
    if until_s is not None:
        yield from mistakes.certificate([site.host], until_s, True, site.host, now_s)
    yield from mistakes.answer(page.headers, is_tls=until_s is not None)
    extensions = opened.headers.get("sec-websocket-extensions", "")
    yield from mistakes.upgrade(opened.status, extensions, bool(opened.began), with_body.status)


def with_addresses(folder: Path) -> Iterable[str]:
    """The logs of a folder whose last megabyte has addresses in it; none when they cannot be read."""
    for file in sorted(folder.glob("*.log")) if folder.is_dir() else []:
        try:
            with file.open("rb") as log:
                log.seek(max(0, file.stat().st_size - LOG_BYTES))
                if ADDRESS.search(log.read()):
                    yield file.name
        except PermissionError:
            continue


def _newest_age_s(folder: Path, now_s: int) -> int | None:
    ages = [now_s - int(file.stat().st_mtime) for file in folder.glob(f"*{ENDING}")]
    return min(ages, default=None)
