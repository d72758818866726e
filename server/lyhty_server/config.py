"""Every setting of the server: one frozen object, units in the names, read once."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lyhty_server.domain.pricing import USUAL_EFFORT

KNOWN: Final = {
    "LYHTY_HOST": "address to listen on; 127.0.0.1 unless set, because browsers refuse plain HTTP elsewhere",
    "LYHTY_PORT": "TCP port; 8400 unless set, 0 for any free one",
    "LYHTY_SLOT_MS": "milliseconds between frames on a reporter's channel; 1000 unless set, 0 only for load tests",
    "LYHTY_EFFORT": "work asked for a report, as tries; 4096 unless set, 1 only for load tests",
    "LYHTY_TLS_CERT": "path of a PEM certificate chain",
    "LYHTY_TLS_KEY": "path of its PEM private key",
    "LYHTY_CHANNELS": "pages that may be open at one time; 8000 unless set, about 25 kB of memory each",
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
    max_channels: int = 8_000
    tls_cert: Path | None = None
    tls_key: Path | None = None

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
            max_channels=_number(environ, "LYHTY_CHANNELS", 8_000, 1, 60_000),
            tls_cert=Path(cert) if cert else None,
            tls_key=Path(key) if key else None,
        )


def _number(environ: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = environ.get(name, str(default))
    if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
        raise ConfigError(f"{name} must be a whole number from {low} to {high}, not {text!r}.")
    return int(text)
