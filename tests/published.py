"""Releases and contributions of a service with one small municipality, for tests that need some."""

from lyhty_crypto.documents import sign_document
from lyhty_crypto.keys import SigningKey
from lyhty_wire.contributions import CaseCounted
from lyhty_wire.directories import Directory
from lyhty_wire.documents import RELEASE
from lyhty_wire.figures.periods import Month, Period
from lyhty_wire.figures.register import Municipality, Place, Register
from lyhty_wire.figures.releases import Figure, Release, cells_of
from lyhty_wire.ids import InstanceId

REGISTER = Register(
    (Municipality("837", "06", (Place(("03095",)), Place(("03096", "03097")))),),
    {
        "impact": ("helped", "somewhat", "no"),
        "later": ("helped", "somewhat", "no"),
        "promise": ("kept", "missed"),
        "role": ("pupil", "staff"),
        "service": ("snapchat", "none"),
        "topic": ("picture-shared", "other"),
    },
)


def release_of(period: str, directory: Directory, *, register: Register = REGISTER, drawn: int = 3) -> Release:
    return made_release(period, directory.instance, directory.version, register=register, drawn=drawn)


def made_release(
    period: str, instance: InstanceId, version: int = 1, *, register: Register = REGISTER, drawn: int = 3
) -> Release:
    """Every figure is the same: what they are is not what is tested."""
    named = Period.parse(period)
    figures = {cell: Figure(drawn, drawn, 6) for cell in cells_of(named, register)}
    return Release(instance, version, named, register, figures)


def signed(release: Release, *keys: SigningKey) -> bytes:
    return sign_document(RELEASE, release.encode(), keys)


def counted(school: str | None = "03095", month: Month = Month(2026, 8)) -> CaseCounted:  # noqa: B008 - a tuple
    return CaseCounted(school, month, "picture-shared", "snapchat", "pupil", "kept")
