"""One case as a reader holds it: whose keys open it, what was written, and what does not fit (SPEC 3.3, 4.3).

Reporter and expert read by the same rules; only how they unwrap the case key differs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from lyhty_crypto.authors import Author, author_of
from lyhty_crypto.chains import Chains
from lyhty_crypto.errors import CryptoError, HistoryGapError, TamperedError
from lyhty_crypto.keys import SigningKey
from lyhty_crypto.randomness import Randomness, draw
from lyhty_crypto.receipts import Reach, reach_of, receipt_owed
from lyhty_crypto.sealing import Opened, Sealed, open_envelope, seal
from lyhty_wire.contents import CaseOpened, Content, Report, Wordless, Written
from lyhty_wire.directories import Directory
from lyhty_wire.envelopes import decode_header
from lyhty_wire.errors import ForgedError, WireError
from lyhty_wire.ids import CaseId, Generation, Head, ObjectId, QueueId, SignKey, commitment
from lyhty_wire.rosters import Roster, UntrustedRoster

HISTORY_GAP: Final = "history-gap"
HOUR_S: Final = 3600

Unwrap = Callable[[Roster], bytes | None]
"""The reader's own copy of the case key of a verified roster, if there is one; raises if it does not open."""


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody wrote; signature and author have been checked, and a gap before it told by an alarm."""

    seq: int
    author: Author
    content: Written


@dataclass(frozen=True, slots=True)
class Opening:
    """An expert had the case shown in this hour; as trustworthy as a message of theirs (SPEC 4.6)."""

    seq: int
    author: Author
    content: CaseOpened

    @property
    def hour(self) -> int:
        """Since 1970."""
        return self.content.at // HOUR_S


@dataclass(frozen=True, slots=True)
class Alarm:
    """An envelope that did not pass, or that has a gap before it, by the code a person is told."""

    seq: int
    code: str


Read = Message | Opening | Alarm
"""What an envelope comes to; nothing but receipts come to nothing."""


def object_id_of(envelope: bytes) -> ObjectId:
    """Of whatever claims to be an envelope; of what is not, nothing that names an object."""
    try:
        return decode_header(envelope).object_id
    except WireError:
        return ObjectId(b"")


class Conversation:
    """Takes rosters and envelopes in the server's order, and shows what holds."""

    def __init__(self, case: CaseId, reporter: SignKey, directory: Directory) -> None:
        self.case = case
        self.reporter = reporter
        self.directory = directory
        self.messages: list[Message] = []
        self.openings: list[Opening] = []
        self.alarms: list[Alarm] = []
        self.last_seq = 0
        self._chains = Chains(reporter)
        self._opened: list[tuple[int, Opened]] = []
        self._objects: dict[int, ObjectId] = {}
        self._seqs: dict[ObjectId, int] = {}
        self._rosters: dict[Generation, Roster] = {}
        self._keys: dict[Generation, bytes] = {}

    def add_generation(self, encoded: bytes, unwrap: Unwrap) -> None:
        """The next roster, or a later one of the same generation. Raises WireError or CryptoError."""
        untrusted = UntrustedRoster.decode(encoded)
        previous = self._rosters.get(Generation(untrusted.generation - 1))
        if previous is None:
            roster = untrusted.verify_opening(self.directory.instance, self.case)
            if roster.signer != self.reporter:
                raise ForgedError("signature-invalid", "a case of another reporter")
        else:
            allowed = {self.reporter, *self.directory.signers_of(previous.queues)}
            roster = untrusted.verify_next(self.directory.instance, previous, allowed)
        key = unwrap(roster)
        if key is not None:
            if commitment(key) != roster.commitment:  # SPEC 3.3
                raise TamperedError("wrap-tampered", "another key than the roster says")
            self._keys[roster.generation] = key
        self._rosters[roster.generation] = roster

    @property
    def newest(self) -> tuple[Roster, bytes]:
        """The roster and the key that new messages are sealed with.

        Raises:
            TamperedError: there is no key to it. An older one would write to readers the case no longer has.
        """
        generation = max(self._rosters)
        if generation not in self._keys:
            raise TamperedError("wrap-tampered", "no key to this case")
        return self._rosters[generation], self._keys[generation]

    @property
    def opening(self) -> Roster:
        """The roster of generation 1."""
        return self._rosters[Generation(1)]

    def accept(self, seq: int, envelope: bytes) -> list[Read]:
        """The next envelope in the server's order. One that does not hold is an alarm, and the reading goes on."""
        if self.has(seq, envelope):
            return []
        self.last_seq = max(self.last_seq, seq)
        read: list[Read] = []
        try:
            opened, author = self._verified(envelope)
            if self._contradicts(seq, envelope):
                raise HistoryGapError("one object under two numbers, or two under one")
            try:
                self._chains.accept(opened)
            except HistoryGapError as gap:
                read.append(Alarm(seq, gap.code))
                if not self._chains.adopt(opened):
                    return self._keep(read)
            self._opened.append((seq, opened))
            self._objects[seq], self._seqs[opened.header.object_id] = opened.header.object_id, seq
            if isinstance(opened.content, CaseOpened):
                read.append(Opening(seq, author, opened.content))
            elif not isinstance(opened.content, Wordless):
                read.append(Message(seq, author, opened.content))
        except (WireError, CryptoError) as error:
            read.append(Alarm(seq, error.code))
        return self._keep(read)

    def has(self, seq: int, envelope: bytes) -> bool:
        """Whether just this was read under just this number."""
        return seq in self._objects and self._objects[seq] == object_id_of(envelope)

    def repeated(self, seq: int, envelope: bytes) -> list[Read]:
        """One that the server says again: an alarm if it said something else before (SPEC 4.3)."""
        return self.alarm(seq) if self._contradicts(seq, envelope) else []

    def stored(self, seq: int, envelope: bytes) -> list[Read]:
        """The server says that it has stored a message of one's own. SPEC 4.3: not under the number of another."""
        return [] if self.has(seq, envelope) or seq > self.last_seq else self.alarm(seq)

    def whole(self) -> list[Read]:
        """All that the server has was read. SPEC 4.4: a case begins with its report, so there is never nothing."""
        is_told = bool(self.alarms) or any(isinstance(opened.content, Report) for _, opened in self._opened)
        return [] if is_told else self.alarm(self.last_seq)

    def alarm(self, seq: int) -> list[Read]:
        """What the server says does not fit what it said before."""
        return self._keep([Alarm(seq, HISTORY_GAP)])

    def _contradicts(self, seq: int, envelope: bytes) -> bool:
        """SPEC 4.3: one object under two numbers, or two under one, are of two histories."""
        object_id = object_id_of(envelope)
        return self._objects.get(seq, object_id) != object_id or self._seqs.get(object_id, seq) != seq

    def reach(self, author: SignKey) -> dict[int, Reach]:
        """How far each message of `author` has come, by its `seq`. SPEC 4.5"""
        reach = reach_of((opened for _, opened in self._opened), author, self.reporter)
        return {seq: reach[opened.header.counter] for seq, opened in self._opened if opened.header.author == author}

    @property
    def heads(self) -> dict[int, Head]:
        """The head of each message by its `seq`: the hash that its author's next message names."""
        return {seq: opened.head for seq, opened in self._opened}

    def has_opened(self, author: SignKey, queue: QueueId, now: int) -> bool:
        """Whether `author` has said, as a member of `queue` and in this hour, that the case is shown to them."""
        return any(
            (opened.header.author, opened.content.queue, opened.content.at // HOUR_S) == (author, queue, now // HOUR_S)
            for _, opened in self._opened
            if isinstance(opened.content, CaseOpened)
        )

    def receipt_owed(self, author: SignKey, *, on_screen: bool) -> Reach | None:
        """What `author` has not told the other side yet. SPEC 4.5"""
        return receipt_owed((opened for _, opened in self._opened), author, self.reporter, on_screen=on_screen)

    def _keep(self, read: list[Read]) -> list[Read]:
        self.alarms += [each for each in read if isinstance(each, Alarm)]
        self.messages += [each for each in read if isinstance(each, Message)]
        self.openings += [each for each in read if isinstance(each, Opening)]
        return read

    def _verified(self, envelope: bytes) -> tuple[Opened, Author]:
        opened = self._open(envelope)
        roster = self._rosters.get(opened.header.generation)
        if roster is None:
            raise TamperedError("envelope-tampered", "of a generation without a roster")
        return opened, author_of(
            opened, reporter=self.reporter, queues=roster.queues, roster_version=roster.directory_version,
            directory=self.directory,
        )  # fmt: skip

    def _open(self, envelope: bytes) -> Opened:
        key = self._keys.get(decode_header(envelope).generation)
        if key is None:
            raise TamperedError("envelope-tampered", "of a generation that this reader has no key of")
        return open_envelope(envelope, key, instance=self.directory.instance, case=self.case)

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
