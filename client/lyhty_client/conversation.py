"""One case as a reader holds it: whose keys open it, what was written, and what does not fit (SPEC 3.3, 4.3).

Reporter and expert read by the same rules; only how they unwrap the case key differs.
"""

from collections.abc import Callable
from dataclasses import dataclass

from lyhty_crypto.authors import Author, author_of
from lyhty_crypto.chains import Chains
from lyhty_crypto.errors import CryptoError, TamperedError
from lyhty_crypto.keys import SigningKey
from lyhty_crypto.randomness import Randomness, draw
from lyhty_crypto.sealing import Sealed, open_envelope, seal
from lyhty_wire.contents import Content
from lyhty_wire.directories import Directory
from lyhty_wire.envelopes import decode_header
from lyhty_wire.errors import ForgedError, WireError
from lyhty_wire.ids import CaseId, Generation, SignKey, commitment
from lyhty_wire.rosters import Roster, UntrustedRoster

Unwrap = Callable[[Roster], bytes]
"""The reader's own copy of the case key of a verified roster; raises if it does not open."""


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody wrote; signature, author and place in the history have been checked."""

    seq: int
    author: Author
    content: Content


@dataclass(frozen=True, slots=True)
class Alarm:
    """An envelope that did not pass, by the code a person is told."""

    seq: int
    code: str


@dataclass(frozen=True, slots=True)
class _Readable:
    roster: Roster
    key: bytes


class Conversation:
    """Takes rosters and envelopes in the server's order, and shows what holds."""

    def __init__(self, case: CaseId, reporter: SignKey, directory: Directory) -> None:
        self.case = case
        self.reporter = reporter
        self.directory = directory
        self.messages: list[Message] = []
        self.alarms: list[Alarm] = []
        self.last_seq = 0
        self._chains = Chains(reporter)
        self._readable: dict[Generation, _Readable] = {}

    def add_generation(self, encoded: bytes, unwrap: Unwrap) -> None:
        """The next roster, or a later one of the same generation. Raises WireError or CryptoError."""
        untrusted = UntrustedRoster.decode(encoded)
        previous = self._readable.get(Generation(untrusted.generation - 1))
        if previous is None:
            roster = untrusted.verify_opening(self.directory.instance, self.case)
            if roster.signer != self.reporter:
                raise ForgedError("signature-invalid", "a case of another reporter")
        else:
            allowed = {self.reporter, *self.directory.signers_of(previous.roster.queues)}
            roster = untrusted.verify_next(self.directory.instance, previous.roster, allowed)
        key = unwrap(roster)
        if commitment(key) != roster.commitment:  # SPEC 3.3
            raise TamperedError("wrap-tampered", "another key than the roster says")
        self._readable[roster.generation] = _Readable(roster, key)

    @property
    def newest(self) -> tuple[Roster, bytes]:
        """The roster and the key that new messages are sealed with."""
        readable = self._readable[max(self._readable)]
        return readable.roster, readable.key

    def accept(self, seq: int, envelope: bytes) -> Message | Alarm:
        """The next envelope in the server's order. One that does not hold is an alarm, and the reading goes on."""
        self.last_seq = max(self.last_seq, seq)
        try:
            message = self._verified(seq, envelope)
        except (WireError, CryptoError) as error:
            alarm = Alarm(seq, error.code)
            self.alarms.append(alarm)
            return alarm
        self.messages.append(message)
        return message

    def _verified(self, seq: int, envelope: bytes) -> Message:
        readable = self._readable.get(decode_header(envelope).generation)
        if readable is None:
            raise TamperedError("envelope-tampered", "of a generation that this reader has no key of")
        opened = open_envelope(envelope, readable.key, instance=self.directory.instance, case=self.case)
        author = author_of(
            opened, reporter=self.reporter, case=self.case, queues=readable.roster.queues, directory=self.directory
        )
        self._chains.accept(opened)
        return Message(seq, author, opened.content)

    def seal(self, content: Content, author: SigningKey, randomness: Randomness = draw) -> Sealed:
        """The author's next message. It becomes part of the conversation when it comes back with a `seq`."""
        roster, key = self.newest
        last = self._chains.last(author.public)
        return seal(
            content,
            key,
            author,
            instance=self.directory.instance,
            case=self.case,
            directory_version=self.directory.version,
            generation=roster.generation,
            counter=last.counter + 1,
            previous_head=last.head,
            heads=self._chains.heads_seen(author.public),
            randomness=randomness,
        )
