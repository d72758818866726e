"""Where the bus is, and with which password: `nats://user:password@host:4222`, several with commas between."""

import re
from dataclasses import dataclass, field
from typing import Final

_SERVER: Final = re.compile(r"(nats|tls)://(?:[^\s/?#@,]+@)?([A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(?::([0-9]{1,5}))?/?")


class BusAddressError(ValueError):
    """It is none; the sentence does not quote it, because there may be a password in it."""


@dataclass(frozen=True, slots=True)
class BusAddress:
    """`repr` shows no password."""

    servers: tuple[str, ...] = field(repr=False)
    is_tls: bool

    @classmethod
    def parse(cls, text: str) -> "BusAddress":
        servers = tuple(each.strip() for each in text.split(","))
        found = [match for match in map(_SERVER.fullmatch, servers) if match and 0 < int(match[3] or 4222) < 65_536]
        if len(found) != len(servers):
            raise BusAddressError("must be like nats://user:password@host:4222, or several of them with commas between")
        schemes = {match[1] for match in found}
        if len(schemes) != 1:
            raise BusAddressError("must be nats:// for all of its servers, or tls:// for all")
        return cls(servers, schemes == {"tls"})
