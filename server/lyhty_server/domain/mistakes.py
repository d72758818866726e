"""What is most often wrong with an installation, and how to mend it. Facts in, findings out; nothing here looks at
anything.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

DAY_S: Final = 86_400
CERTIFICATE_DAYS: Final = 21
"""Who renews them every 60 of 90 days has 30 left then."""
DIRECTORY_DAYS: Final = 4
ROOT_DAYS: Final = 180
CLOCK_S: Final = 60
"""An expert's sign-in and a certificate bear minutes; a promise of hours does not bear more."""
DISK_USED: Final = 0.9
OVER_NETWORK: Final = frozenset(
    (
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "lustre", "beegfs", "gfs2", "ocfs2"),
        *("fuse.ceph", "fuse.glusterfs", "fuse.sshfs", "fuse.s3fs"),
    )
)
"""File systems whose locks and shared memory SQLite cannot rely on (sqlite.org/wal.html, 1)."""
OLDEST_POSTGRES: Final = 14
HERE: Final = frozenset(("127.0.0.1", "::1", "localhost"))


@dataclass(frozen=True, slots=True)
class Finding:
    code: str
    what: str
    mend: str
    chapter: str
    """Of OPERATIONS.md."""


@dataclass(frozen=True, slots=True)
class File:
    name: str
    owner: int
    mode: int


def files(found: Iterable[File], missing: Iterable[str], user: int) -> Iterable[Finding]:
    """Of the data folder. `user`: who runs this, and should run the server."""
    for name in missing:
        yield Finding(
            "file-missing",
            f"{name} is not in the data folder.",
            "Copy there what `lyhty init` made, or the pepper from where it is kept; a new one loses every mailbox.",
            "The data folder",
        )
    for file in found:
        if file.owner != user:
            yield Finding(
                "file-of-somebody-else",
                f"{file.name} belongs to user {file.owner}, and this is user {user}.",
                f"Run this as the server runs, or give it the file: chown -R {user} DIR.",
                "The data folder",
            )
        if file.mode & 0o077 and file.name in {"the data folder", "pepper", "lyhty.db"}:
            yield Finding(
                "readable-by-others",
                f"{file.name} can be read or searched by other users of this computer (mode {file.mode:03o}).",
                "chmod -R go= DIR",
                "The data folder",
            )


def demo(has_demo: bool, site: str | None) -> Iterable[Finding]:
    if has_demo and site is not None and not site.startswith("http://localhost"):
        yield Finding(
            "demo-in-use",
            "The data folder is a demo's: its root key and everybody's passwords lie in it in the clear.",
            "Never use it for real people: found a service with `lyhty init`.",
            "Founding a service",
        )


def listening(host: str, has_tls: bool) -> Iterable[Finding]:
    if host not in HERE and not has_tls:
        yield Finding(
            "listens-without-tls",
            f"The server listens on {host} for other computers too, without TLS.",
            "Leave LYHTY_HOST away and put a proxy in front, or set LYHTY_TLS_CERT and LYHTY_TLS_KEY.",
            "Behind a proxy",
        )


def for_load_tests(slot_ms: int, effort: int) -> Iterable[Finding]:
    if slot_ms == 0 or effort == 1:
        yield Finding(
            "load-test-settings",
            "LYHTY_SLOT_MS is 0 or LYHTY_EFFORT is 1: the line shows who reports, or floods cost nothing.",
            "Take the setting away; both are for load tests.",
            "Start and stop",
        )


def site_set(site: str | None) -> Iterable[Finding]:
    if site is None:
        yield Finding(
            "site-unset",
            "LYHTY_SITE is not set: no passkeys, no papers, and the public address could not be looked at.",
            "Set it to the address people open, such as https://lyhty.example.fi.",
            "Start and stop",
        )


def second_factor(is_on: bool, site: str | None) -> Iterable[Finding]:
    if not is_on and site is not None and site.startswith("https://"):
        yield Finding(
            "second-factor-off",
            "Experts who have a passkey are not asked for it.",
            "Let each expert add two, then set LYHTY_SECOND_FACTOR=passkey.",
            "Passkeys, and the second factor",
        )


def certificate(names: Iterable[str], until_s: int, fits_key: bool, host: str | None, now_s: int) -> Iterable[Finding]:
    """`names`: as the certificate has them, with `*.` for one label; `host`: of LYHTY_SITE."""
    days = (until_s - now_s) // DAY_S
    if days < CERTIFICATE_DAYS:
        yield Finding(
            "certificate-runs-out",
            "The certificate has run out." if days < 0 else f"The certificate runs out in {days} days.",
            "Renew it, see why it was not renewed by itself, and restart what ends TLS.",
            "Install in fifteen minutes",
        )
    if not fits_key:
        yield Finding(
            "certificate-of-another-key",
            "LYHTY_TLS_KEY is not the key of LYHTY_TLS_CERT.",
            "Name the two files that were made together.",
            "Install in fifteen minutes",
        )
    if host is not None and not {host, "*." + host.partition(".")[2]} & {name.lower() for name in names}:
        yield Finding(
            "certificate-of-another-name",
            f"The certificate does not hold for {host}, which LYHTY_SITE names.",
            "Get one for that name, or correct LYHTY_SITE.",
            "Install in fifteen minutes",
        )


def clock(off_s: int | None, is_kept: bool) -> Iterable[Finding]:
    """`off_s`: against somebody else's clock, or the least that is certain; None: nobody could be asked."""
    if off_s is not None and abs(off_s) > CLOCK_S:
        yield Finding(
            "clock-off",
            f"This computer's clock is off by {abs(off_s)} seconds or more.",
            "Switch on time synchronization (timedatectl set-ntp true) and wait until it is right.",
            "Install in fifteen minutes",
        )
    elif not is_kept:
        yield Finding(
            "clock-not-kept",
            "Nothing keeps this computer's clock right.",
            "Switch on time synchronization: timedatectl set-ntp true, or chrony.",
            "Install in fifteen minutes",
        )


def directory(expires_s: int, root_expires_s: int, now_s: int) -> Iterable[Finding]:
    if expires_s - now_s < DIRECTORY_DAYS * DAY_S:
        yield Finding(
            "directory-runs-out",
            "The directory has run out, or does so in less than four days: then pages stop.",
            "Ask a coordinator to sign in; that signs the next one.",
            "When something is wrong",
        )
    if root_expires_s - now_s < ROOT_DAYS * DAY_S:
        yield Finding(
            "root-runs-out",
            "The root runs out within half a year, or has; after it nothing can be sent.",
            "Take the root key out and make a new root: lyhty root renew.",
            "Drill: a coordinator has left, and a new directory key is made",
        )


def disk(used_share: float) -> Iterable[Finding]:
    if used_share >= DISK_USED:
        yield Finding(
            "disk-nearly-full",
            f"The disk with the data folder is {used_share:.0%} full.",
            "Delete old backups or logs, or make it larger; when it is full, nothing can be sent.",
            "When something is wrong",
        )


def file_limit(allowed: int, needed: int) -> Iterable[Finding]:
    if allowed < needed:
        yield Finding(
            "too-few-files",
            f"{allowed} open files are allowed here, and LYHTY_CHANNELS needs {needed}.",
            f"In the unit: LimitNOFILE={needed} or more; in a shell: ulimit -n.",
            "Start and stop",
        )


def file_system(kind: str) -> Iterable[Finding]:
    """Where SQLite's files are."""
    if kind in OVER_NETWORK:
        yield Finding(
            "database-over-network",
            f"The data folder is on a network file system ({kind}): SQLite may lose or mix up what is written there.",
            "Move it to a disk of this computer, or use PostgreSQL.",
            "The data folder",
        )


def whole_package(has_secret_half: bool) -> Iterable[Finding]:
    if has_secret_half:
        yield Finding(
            "clients-installed",
            "The code that opens envelopes is installed beside the server.",
            "Install the wheel lyhty-server alone, in a folder of its own.",
            "Install in fifteen minutes",
        )


def backups(newest_age_s: int | None, most_days: int) -> Iterable[Finding]:
    """None: there is none."""
    if newest_age_s is None or newest_age_s > most_days * DAY_S:
        yield Finding(
            "backup-old",
            "There is no backup."
            if newest_age_s is None
            else f"The newest backup is {newest_age_s // DAY_S} days old.",
            "See why the nightly job does not run, make one, and verify it.",
            "Backup and drill",
        )


def answer(headers: Mapping[str, str], *, is_tls: bool) -> Iterable[Finding]:
    """Of the page at the public address; header names in lower case."""
    if is_tls and "strict-transport-security" not in headers:
        yield Finding(
            "no-strict-transport",
            "The public address does not tell browsers to come over TLS only.",
            "In the proxy: add_header Strict-Transport-Security max-age=31536000 always;",
            "Behind a proxy",
        )
    if headers.get("connection", "").lower() != "close":
        yield Finding(
            "connections-kept",
            "The proxy keeps browsers' connections after an answer: when one ends tells who came back (SPEC 6.6).",
            "In nginx: keepalive_timeout 0; and HTTP/1.1 only.",
            "Behind a proxy",
        )


def upgrade(status: int, extensions: str, brought_frame: bool, with_body_status: int) -> Iterable[Finding]:
    """Of a socket asked for at the public address, and of one that came with a body. Status 0: no answer."""
    if status != 101:
        yield Finding(
            "sockets-refused",
            f"The proxy does not pass WebSockets on, or changes the Host header (answer {status or 'none'}).",
            "Take /channel and /feed from deploy/proxy/nginx.conf.",
            "Behind a proxy",
        )
    elif not brought_frame:
        yield Finding(
            "sockets-buffered",
            "The proxy holds back what the server sends on a WebSocket.",
            "In nginx: proxy_buffering off; for /channel and /feed.",
            "Behind a proxy",
        )
    if "deflate" in extensions:
        yield Finding(
            "sockets-compressed",
            "The proxy compresses WebSockets: sizes then tell what is inside.",
            "Switch it off for /channel and /feed.",
            "Behind a proxy",
        )
    if with_body_status in {101, 200}:
        yield Finding(
            "upgrade-with-body",
            "An upgrade that brings a body is let through: a second request can hide in it.",
            "Refuse it, as deploy/proxy/nginx.conf does.",
            "Behind a proxy",
        )


def logs(with_addresses: Iterable[str]) -> Iterable[Finding]:
    for name in with_addresses:
        yield Finding(
            "addresses-logged",
            f"There are addresses of visitors in {name}.",
            "In nginx: access_log off; error_log /dev/null crit; then delete that log.",
            "Behind a proxy",
        )


def schema(found: str | None, wanted: str) -> Iterable[Finding]:
    """None: there is no database yet."""
    if found is not None and found != wanted:
        yield Finding(
            "schema-of-another-release",
            f"The database has schema {found}, and this release has {wanted}.",
            "If it is older: lyhty-server db upgrade. If it is newer: install the newer release again.",
            "Upgrade and rollback",
        )


def erasing(*, is_recycled: bool, may_let_log_go: bool, is_sealed: bool) -> Iterable[Finding]:
    """Of PostgreSQL: whether what is erased leaves its files soon."""
    if is_recycled:
        yield Finding(
            "log-recycled",
            "PostgreSQL writes its old log over some day instead of removing it: keys of erased cases stay in it.",
            "ALTER SYSTEM SET wal_recycle = off; SELECT pg_reload_conf(); on standbys too.",
            "PostgreSQL",
        )
    if not may_let_log_go:
        yield Finding(
            "log-kept",
            "The service may not let PostgreSQL's old log go: keys of erased cases stay in it until it is full.",
            "In this database: GRANT pg_checkpoint TO lyhty; GRANT EXECUTE ON FUNCTION pg_switch_wal() TO lyhty;",
            "PostgreSQL",
        )
    if not is_sealed:
        yield Finding(
            "wraps-not-sealed",
            "Cases are stored as an older release did it: what opens them stays in the files when they are erased.",
            "When no older server runs any more, in a quiet hour: lyhty-server db seal.",
            "PostgreSQL",
        )


def postgres(version: int, off: Iterable[str], *, is_superuser: bool) -> Iterable[Finding]:
    """`off`: which of the settings that must be on are not."""
    if version < OLDEST_POSTGRES:
        yield Finding(
            "database-too-old",
            f"The database is PostgreSQL {version}; Lyhty needs {OLDEST_POSTGRES} or newer.",
            "Upgrade PostgreSQL, or put a backup back into a newer one.",
            "PostgreSQL",
        )
    for name in off:
        yield Finding(
            "database-not-cleaned" if name == "autovacuum" else "database-not-durable",
            f"{name} is off in PostgreSQL: "
            + ("it grows without end." if name == "autovacuum" else "acknowledged reports are lost in a power cut."),
            f"Set {name} = on in postgresql.conf, and restart PostgreSQL.",
            "PostgreSQL",
        )
    if is_superuser:
        yield Finding(
            "database-superuser",
            "Lyhty's account is a superuser of PostgreSQL: it can read files and other databases.",
            "ALTER ROLE ... NOSUPERUSER; it only has to own its database.",
            "PostgreSQL",
        )


def unreachable(what: str, why: str) -> Iterable[Finding]:
    """Something that the settings name does not answer; `why` is the library's own word for it."""
    mend, chapter = {
        "database": ("Start it, see to the disk, or correct LYHTY_DATABASE_URL.", "When something is wrong"),
        "bus": ("Start NATS, or correct LYHTY_BUS_URL; until then news comes late.", "NATS"),
        "mail server": ("Correct LYHTY_SMTP_...; its certificate must hold for that name.", "Notices to experts"),
        "public address": ("See to proxy, name, certificate and firewall.", "Behind a proxy"),
    }[what]
    code = f"{what.split()[0]}-away"
    yield Finding(code, f"The {what} does not answer as it should: {why}.", mend, chapter)
