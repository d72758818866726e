"""Every setting of the server: one frozen object, units in the names, read once."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from lyhty_server.bus.address import BusAddress, BusAddressError
from lyhty_server.domain.calendar import Calendar
from lyhty_server.domain.cases import CAPACITY
from lyhty_server.domain.id_tokens import Provider
from lyhty_server.domain.leases import LEASE_WORKING_S
from lyhty_server.domain.pricing import USUAL_EFFORT
from lyhty_server.domain.promises import URGENT_WORKING_S, USUAL_WORKING_S, Promises
from lyhty_server.domain.retention import KEEP_DAYS
from lyhty_server.mail import MailServer
from lyhty_server.opening_hours import HoursError, read_calendar, usual_calendar
from lyhty_wire.desk import is_address
from lyhty_wire.hours import HOUR_S

BACK: Final = "/oidc/back"
"""Where the provider of municipal accounts sends a browser: a page of ours."""
THIS_COMPUTER: Final = frozenset({"localhost", "127.0.0.1", "::1"})

KNOWN: Final = {
    "LYHTY_HOST": "address to listen on; 127.0.0.1 unless set, because browsers refuse plain HTTP elsewhere",
    "LYHTY_PORT": "TCP port; 8400 unless set, 0 for any free one",
    "LYHTY_SLOT_MS": "milliseconds between frames on a reporter's channel; 1000 unless set, 0 only for load tests",
    "LYHTY_EFFORT": "work asked for a report, as tries; 4096 unless set, 1 only for load tests",
    "LYHTY_DATABASE_URL": "postgresql://user:password@host/database; the file lyhty.db in the data folder unless set",
    "LYHTY_TLS_CERT": "path of a PEM certificate chain",
    "LYHTY_TLS_KEY": "path of its PEM private key",
    "LYHTY_CHANNELS": "pages that may be open at one time; 8000 unless set, about 25 kB of memory each",
    "LYHTY_CAPACITY": "cases that one expert may hold at one time, without those put aside; 20 unless set",
    "LYHTY_OPEN": "opening hours; mon-fri 8-16 unless set",
    "LYHTY_OPEN_DAYS": "days with hours of their own, such as 2027-01-02 10-14; they win over holidays",
    "LYHTY_CLOSED_DAYS": "days on which nobody works, such as 2027-01-04, 2027-01-05",
    "LYHTY_HOLIDAYS": "finnish unless set; none: public holidays are days like others",
    "LYHTY_PROMISE_HOURS": "working hours within which somebody answers; 8 unless set",
    "LYHTY_URGENT_HOURS": "the same for who may be in danger; 2 unless set",
    "LYHTY_LEASE_HOURS": "working hours after which a claim lapses; 8 unless set",
    "LYHTY_KEEP_DAYS": "days that a case is kept after the last thing that happened in it; 90 unless set, 30 to 365",
    "LYHTY_SMTP_HOST": "mail server for notices to experts and viewers; none are sent unless set",
    "LYHTY_SMTP_PORT": "its port; 587 unless set",
    "LYHTY_SMTP_TLS": "starttls unless set; tls; or none, for a mail server on this computer alone",
    "LYHTY_SMTP_USER": "account there; none unless set",
    "LYHTY_SMTP_PASSWORD": "its password",
    "LYHTY_SMTP_FROM": "address that notices come from",
    "LYHTY_SITE": "address people open, as https://name: passkeys are bound to it; unset, they work at localhost only",
    "LYHTY_SECOND_FACTOR": "passkey: who has a passkey needs it beside the password; off unless set",
    "LYHTY_OIDC_ISSUER": "provider of municipal accounts (OpenID Connect) for viewers of figures; none unless set",
    "LYHTY_OIDC_CLIENT_ID": "how that provider knows this service",
    "LYHTY_OIDC_CLIENT_SECRET": "its password there",
    "LYHTY_BUS_URL": "NATS server for many processes, as nats://user:password@host:4222; one process alone unless set",
    "LYHTY_TEST_NATS_URL": "read by the tests: a NATS server that runs",
    "LYHTY_METRICS_PORT": "port of the figures for who watches, of N workers the next ones too; none unless set",
    "LYHTY_METRICS_HOST": "address they are told at; 127.0.0.1 unless set",
    "LYHTY_CHROMIUM": "read by the tests: path of a browser",
}


class ConfigError(ValueError):
    """A setting is unknown or out of range; the sentence says which."""


@dataclass(frozen=True, slots=True)
class Config:
    data: Path
    host: str = "127.0.0.1"
    port: int = 8400
    slot_ms: int = 1000
    usual_effort: int = USUAL_EFFORT
    database_url: URL | None = None
    max_channels: int = 8_000
    capacity: int = CAPACITY
    site: str | None = None
    second_factor: bool = False
    tls_cert: Path | None = None
    tls_key: Path | None = None
    calendar: Calendar = field(default_factory=usual_calendar)
    promises: Promises = field(default_factory=Promises)
    lease_working_s: int = LEASE_WORKING_S
    keep_days: int = KEEP_DAYS
    mail: MailServer | None = None
    municipal: Provider | None = None
    bus: BusAddress | None = None
    metrics_port: int | None = None
    metrics_host: str = "127.0.0.1"

    @classmethod
    def from_environ(cls, environ: Mapping[str, str], data: Path) -> "Config":
        """Read LYHTY_* settings.

        Raises:
            ConfigError: a name is unknown or a value is out of range.
        """
        unknown = sorted(name for name in environ if name.startswith("LYHTY_") and name not in KNOWN)
        if unknown:
            raise ConfigError(f"Unknown setting {unknown[0]}. Known are: {', '.join(sorted(KNOWN))}.")
        cert, key = environ.get("LYHTY_TLS_CERT"), environ.get("LYHTY_TLS_KEY")
        if (cert is None) != (key is None):
            raise ConfigError("LYHTY_TLS_CERT and LYHTY_TLS_KEY go together: set both or neither.")
        return cls(
            data=data,
            host=environ.get("LYHTY_HOST", "127.0.0.1"),
            port=_number(environ, "LYHTY_PORT", 8400, 0, 65_535),
            slot_ms=_number(environ, "LYHTY_SLOT_MS", 1000, 0, 60_000),
            usual_effort=_number(environ, "LYHTY_EFFORT", USUAL_EFFORT, 1, USUAL_EFFORT),
            database_url=_database_url(environ.get("LYHTY_DATABASE_URL")),
            max_channels=_number(environ, "LYHTY_CHANNELS", 8_000, 1, 60_000),
            capacity=_number(environ, "LYHTY_CAPACITY", CAPACITY, 1, 1_000),
            site=_site(environ.get("LYHTY_SITE")),
            second_factor=_second_factor(environ.get("LYHTY_SECOND_FACTOR", "off")),
            tls_cert=Path(cert) if cert else None,
            tls_key=Path(key) if key else None,
            calendar=_calendar(environ),
            promises=Promises(
                _working_s(environ, "LYHTY_PROMISE_HOURS", USUAL_WORKING_S),
                _working_s(environ, "LYHTY_URGENT_HOURS", URGENT_WORKING_S),
            ),
            lease_working_s=_working_s(environ, "LYHTY_LEASE_HOURS", LEASE_WORKING_S),
            keep_days=_number(environ, "LYHTY_KEEP_DAYS", KEEP_DAYS, 30, 365),
            mail=_mail(environ),
            municipal=_municipal(environ),
            bus=_bus(environ.get("LYHTY_BUS_URL")),
            metrics_port=_metrics_port(environ),
            metrics_host=environ.get("LYHTY_METRICS_HOST", "127.0.0.1"),
        )


def _calendar(environ: Mapping[str, str]) -> Calendar:
    holidays = environ.get("LYHTY_HOLIDAYS", "finnish")
    if holidays not in {"finnish", "none"}:
        raise ConfigError(f"LYHTY_HOLIDAYS must be finnish or none, not {holidays!r}.")
    try:
        return read_calendar(
            week=environ.get("LYHTY_OPEN"),
            open_days=environ.get("LYHTY_OPEN_DAYS", ""),
            closed_days=environ.get("LYHTY_CLOSED_DAYS", ""),
            keeps_holidays=holidays == "finnish",
        )
    except HoursError as error:
        raise ConfigError(f"The opening hours cannot be read: {error}.") from None


def _mail(environ: Mapping[str, str]) -> MailServer | None:
    host = environ.get("LYHTY_SMTP_HOST")
    others = sorted(name for name in environ if name.startswith("LYHTY_SMTP_") and name != "LYHTY_SMTP_HOST")
    if host is None:
        if others:
            raise ConfigError(f"{others[0]} is of no use without LYHTY_SMTP_HOST.")
        return None
    sender, tls = environ.get("LYHTY_SMTP_FROM", ""), environ.get("LYHTY_SMTP_TLS", "starttls")
    if not is_address(sender):
        raise ConfigError("LYHTY_SMTP_FROM must be an address such as lyhty@example.fi.")
    if tls not in {"starttls", "tls", "none"}:
        raise ConfigError(f"LYHTY_SMTP_TLS must be starttls, tls or none, not {tls!r}.")
    if tls == "none" and host not in THIS_COMPUTER:
        raise ConfigError("LYHTY_SMTP_TLS may be none only for a mail server on this computer.")
    user, password = environ.get("LYHTY_SMTP_USER"), environ.get("LYHTY_SMTP_PASSWORD")
    if (user is None) != (password is None):
        raise ConfigError("LYHTY_SMTP_USER and LYHTY_SMTP_PASSWORD go together: set both or neither.")
    return MailServer(host, _number(environ, "LYHTY_SMTP_PORT", 587, 1, 65_535), tls, sender, user, password)


def _municipal(environ: Mapping[str, str]) -> Provider | None:
    names = ("LYHTY_OIDC_ISSUER", "LYHTY_OIDC_CLIENT_ID", "LYHTY_OIDC_CLIENT_SECRET")
    issuer, client_id, secret = (environ.get(name) for name in names)
    site = _site(environ.get("LYHTY_SITE"))
    if issuer is None and client_id is None and secret is None:
        return None
    if not issuer or not client_id or not secret or site is None:
        raise ConfigError(f"{', '.join(names)} and LYHTY_SITE go together: set all of them or none.")
    address = urlsplit(issuer)
    is_safe = address.scheme == "https" or (address.scheme == "http" and address.hostname in THIS_COMPUTER)
    if not is_safe or not address.hostname or "?" in issuer or "#" in issuer or "@" in address.netloc:
        raise ConfigError("LYHTY_OIDC_ISSUER must be an https address, as the provider itself writes it.")
    return Provider(issuer, client_id, secret, f"{site}{BACK}")


def _bus(text: str | None) -> BusAddress | None:
    try:
        return None if text is None else BusAddress.parse(text)
    except BusAddressError as error:
        raise ConfigError(f"LYHTY_BUS_URL {error}.") from None


def _database_url(text: str | None) -> URL | None:
    return None if text is None else read_database_url(text)


def read_database_url(text: str) -> URL:
    """Its password is in no sentence, and in no `repr`.

    Raises:
        ConfigError: it is none.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # the second, of a port that is no number
        url = None
    if url is None or url.drivername not in {"postgresql", "postgres"} or not url.database:
        raise ConfigError("LYHTY_DATABASE_URL must be an address like postgresql://user:password@host/database.")
    return url.set(drivername="postgresql")


def _working_s(environ: Mapping[str, str], name: str, default_s: int) -> int:
    return _number(environ, name, default_s // HOUR_S, 1, 500) * HOUR_S


def _site(text: str | None) -> str | None:
    if text is None:
        return None
    if not re.fullmatch(r"https://[a-z0-9-]+(\.[a-z0-9-]+)+(:[0-9]{1,5})?|http://localhost:[0-9]{1,5}", text):
        raise ConfigError(f"LYHTY_SITE must be an address like https://help.example, without a path, not {text!r}.")
    return text


def _second_factor(text: str) -> bool:
    if text not in ("off", "passkey"):
        raise ConfigError(f"LYHTY_SECOND_FACTOR must be off or passkey, not {text!r}.")
    return text == "passkey"


def _number(environ: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = environ.get(name, str(default))
    if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
        raise ConfigError(f"{name} must be a whole number from {low} to {high}, not {text!r}.")
    return int(text)


def _metrics_port(environ: Mapping[str, str]) -> int | None:
    if "LYHTY_METRICS_PORT" in environ:
        return _number(environ, "LYHTY_METRICS_PORT", 0, 1, 65_535)
    if "LYHTY_METRICS_HOST" in environ:
        raise ConfigError("LYHTY_METRICS_HOST is of no use without LYHTY_METRICS_PORT.")
    return None
