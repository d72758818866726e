"""A report that was sealed and is not stored yet, with the work that storing it costs (SPEC 6.4, 6.7)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from lyhty_crypto.cases import PreparedCase, open_case
from lyhty_crypto.passphrase import ReporterKeys, draw_case_salt, reporter_keys
from lyhty_crypto.randomness import Randomness
from lyhty_wire.contents import Report
from lyhty_wire.directories import Directory
from lyhty_wire.ids import QueueId
from lyhty_wire.work import Search, Terms, Work


@dataclass(slots=True)
class Opening:
    """What it was made of is kept: asked for again, the same bytes are sent again."""

    root: bytes
    report: Report
    queues: tuple[QueueId, ...]
    urgent: bool
    keys: ReporterKeys
    prepared: PreparedCase
    search: Search
    is_sent: bool = False
    worked_by: Terms | None = None  # the newest terms when its work was sent
    was_refused: bool = False

    @classmethod
    def seal(
        cls, root: bytes, report: Report, queues: Sequence[QueueId], directory: Directory, terms: Terms,
        *, urgent: bool, randomness: Randomness,
    ) -> Self:  # fmt: skip
        """A case of new keys. Raises WireError or CryptoError: it cannot be sealed."""
        keys = reporter_keys(root, draw_case_salt(randomness))
        prepared = open_case(keys, directory, queues, report, urgent=urgent, randomness=randomness)
        search = Search(directory.instance, prepared.case, terms)
        return cls(root, report, tuple(queues), urgent, keys, prepared, search)

    def is_worked_by(self, asked: Terms, work: Work | None) -> bool:
        """Whether `work` is enough for what is asked now, so that the report leaves with it."""
        if self.search.ask(self.wanted(asked)) or work is None:
            return False
        self.is_sent, self.worked_by = True, asked
        return True

    def wanted(self, asked: Terms) -> Terms:
        """What to search for. A price that once rose meanwhile may rise on: SPEC 6.7, four times as much then."""
        return asked.dearer() if self.was_refused else asked

    def is_for(self, root: bytes, report: Report, queues: Sequence[QueueId], *, urgent: bool) -> bool:
        same = (self.root, self.queues, self.urgent) == (root, tuple(queues), urgent)
        return same and replace(self.report, at=report.at) == report
