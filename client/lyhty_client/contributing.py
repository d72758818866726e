"""What an expert's client says of its cases for the figures: kept on the device, and sent many at once (SPEC 12.3)."""

from pathlib import Path
from typing import Final

import msgspec

from lyhty_client.expert import ExpertDesk
from lyhty_client.folder import PRIVATE_FILE, write_whole
from lyhty_crypto.contributions import contribution_token, seal_contribution
from lyhty_crypto.invitations import open_sealed, seal_under
from lyhty_crypto.randomness import Randomness, draw
from lyhty_wire.contents import Helped, Report
from lyhty_wire.contexts import context
from lyhty_wire.contributions import (
    CaseCounted,
    Counted,
    ReplyCounted,
    StatisticsKey,
    decode_counted,
    encode_counted,
)
from lyhty_wire.desk import Place
from lyhty_wire.directories import Directory
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.errors import WireError
from lyhty_wire.figures.categories import NO_SERVICE
from lyhty_wire.figures.periods import month_of
from lyhty_wire.figures.register import OTHER
from lyhty_wire.figures_desk import MOST_IN_BATCH, Contributed, Contribution, StatisticsKeys

ENOUGH: Final = 5
"""That have gathered: a batch of fewer waits for the next sign-in."""
_STEP_BYTES: Final = 4_096
_SORT_BYTES: Final = 16
_HOUR_S: Final = 3_600


def counted_case(report: Report, place: Place) -> CaseCounted:
    """Of a case that is answered or closed."""
    return CaseCounted(
        school=report.school,
        month=month_of(place.opened_hour * _HOUR_S),
        topic=report.topic or OTHER,
        service=report.services[0] if report.services else NO_SERVICE,
        role=report.role or OTHER,
        promise="missed" if place.missed else "kept",
    )


def counted_reply(report: Report, place: Place, helped: Helped) -> ReplyCounted:
    return ReplyCounted(report.school, month_of(place.opened_hour * _HOUR_S), helped.asked, helped.answer)


class Gathering:
    """What is not sent yet, sealed in a file under the expert's own key; each token once, also when it was sent.

    Tokens of what was sent are kept too, so that nothing is sent again: the server would pass it over, but could see
    that two batches speak of one case.
    """

    def __init__(self, file: Path, expert: ExpertDesk, randomness: Randomness = draw) -> None:
        """
        Raises:
            WireError, CryptoError: the file is another's, or not whole.
        """
        self._file = file
        self._expert = expert
        self._randomness = randomness
        self._kept = self._read()

    @property
    def waiting(self) -> int:
        return sum(counted is not None for counted in self._kept.values())

    def add(self, first_key: bytes, counted: Counted) -> None:
        """`first_key`: of the case's first generation."""
        token = contribution_token(first_key, self._directory.instance, counted.of)
        if token not in self._kept:
            self._kept[token] = counted
            self._write()

    async def send_if_enough(self) -> bool:
        return self.waiting >= ENOUGH and await self.send()

    async def send(self) -> bool:
        """All that waits, in shuffled batches; also when one has signed in. False: nothing was left, or there is no key
        yet to seal it to.

        Raises:
            ClientError, WireError: nothing more was sent; what was not waits on.
        """
        while waiting := [token for token, counted in self._kept.items() if counted is not None][:MOST_IN_BATCH]:
            await self._expert.refresh()
            key = key_in_use(await self._expert.desk.statistics_keys(), self._directory)
            if key is None:
                return False
            waiting.sort(key=lambda _: self._randomness(_SORT_BYTES))
            await self._expert.desk.contribute(self._sealed(waiting, key))
            self._kept |= dict.fromkeys(waiting)
            self._write()
            if self.waiting == 0:
                return True
        return False

    def _sealed(self, tokens: list[bytes], key: StatisticsKey) -> Contributed:
        sign = self._expert.expertise.keys.sign
        sealed = [
            Contribution(b64encode(token), b64encode(seal_contribution(counted, token, key, sign)))
            for token in tokens
            if (counted := self._kept[token]) is not None
        ]
        return Contributed(b64encode(key.id), sealed)

    @property
    def _directory(self) -> Directory:
        return self._expert.expertise.directory

    def _bound_to(self) -> bytes:
        return context("expert-draft", self._directory.instance, self._expert.expertise.id)

    def _read(self) -> dict[bytes, Counted | None]:
        if not self._file.exists():
            return {}
        opened = open_sealed(self._expert.expertise.keys.drafts, self._file.read_bytes(), self._bound_to())
        kept: dict[bytes, Counted | None] = {}
        rows = msgspec.json.decode(opened.rstrip(b"\0"), type=list[tuple[str, str | None]])
        for token, counted in rows:
            kept[b64decode(token)] = None if counted is None else decode_counted(counted.encode())
        return kept

    def _write(self) -> None:
        rows = [
            (b64encode(token), None if counted is None else encode_counted(counted).decode())
            for token, counted in self._kept.items()
        ]
        plain = msgspec.json.encode(rows)
        padded = plain + bytes(-len(plain) % _STEP_BYTES)
        sealed = seal_under(self._expert.expertise.keys.drafts, padded, self._bound_to(), self._randomness)
        write_whole(self._file, sealed, PRIVATE_FILE)


def key_in_use(stated: StatisticsKeys, directory: Directory) -> StatisticsKey | None:
    """The last one, if a directory key of the root in use has signed it."""
    if not stated.keys:
        return None
    key = StatisticsKey.decode(b64decode(stated.keys[-1].statement))
    try:
        key.verify(directory.root)
    except WireError:
        return None
    return key
