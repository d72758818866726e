"""One case as a reader holds it: whose keys open it, what was written, and what does not fit (SPEC 3.3, 4.3).

Reporter and expert read by the same rules; only how they unwrap the case key differs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from lyhty_crypto.authors import Author, author_of
from lyhty_crypto.chains import Chains
from lyhty_crypto.ends import Ends, check_turn
from lyhty_crypto.errors import CryptoError, HistoryGapError, TamperedError
from lyhty_crypto.handovers import Questions, check_handover
from lyhty_crypto.keys import SigningKey
from lyhty_crypto.randomness import Randomness, draw
from lyhty_crypto.receipts import Reach, reach_of, receipt_owed
from lyhty_crypto.sealing import Opened, Sealed, open_envelope, seal
from lyhty_crypto.turning import Known, PreparedTurn, prepare_handover, prepare_turn
from lyhty_crypto.wrapping import open_link
from lyhty_wire.contents import (
    ALL,
    Ask,
    Card,
    CaseOpened,
    Consent,
    Content,
    Report,
    Turn,
    Wordless,
    Written,
    begins_generation,
)
from lyhty_wire.directories import Directory
from lyhty_wire.envelopes import decode_header
from lyhty_wire.errors import ForgedError, WireError
from lyhty_wire.ids import CaseId, Generation, Head, KemKey, ObjectId, QueueId, SignKey, commitment
from lyhty_wire.rosters import Roster, UntrustedRoster
from lyhty_wire.wraps import NO_LINK

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
class Question:
    """Whether another profession may help, and what the reporter last said to it (SPEC 4.7)."""

    seq: int
    author: Author
    head: Head
    ask: Ask
    answer: str | None


@dataclass(frozen=True, slots=True)
class NewKey:
    """From here on the conversation has another key."""

    seq: int
    author: Author
    at: int


@dataclass(frozen=True, slots=True)
class Alarm:
    """An envelope that did not pass, or that has a gap before it, by the code a person is told."""

    seq: int
    code: str


Read = Message | Opening | NewKey | Alarm
"""What an envelope comes to; nothing but receipts come to nothing."""


def object_id_of(envelope: bytes) -> ObjectId:
    """Of whatever claims to be an envelope; of what is not, nothing that names an object."""
    try:
        return decode_header(envelope).object_id
    except WireError:
        return ObjectId(b"")


class Conversation:
    """Takes rosters and envelopes in the server's order, and shows what holds."""

    def __init__(self, case: CaseId, reporter: SignKey, directory: Directory, queue: QueueId | None = None) -> None:
        """`queue`: whose member reads."""
        self._queue = queue
        self._questions = Questions()
        self.case = case
        self.reporter = reporter
        self.directory = directory
        self.messages: list[Message] = []
        self.openings: list[Opening] = []
        self.new_keys: list[NewKey] = []
        self.alarms: list[Alarm] = []
        self.last_seq = 0
        self._chains = Chains(reporter)
        self._ends = Ends()
        self._missed: set[Generation] = set()
        self._opened: list[tuple[int, Opened]] = []
        self._objects: dict[int, ObjectId] = {}
        self._seqs: dict[ObjectId, int] = {}
        self._rosters: dict[Generation, Roster] = {}
        self._keys: dict[Generation, bytes] = {}
        self._links: dict[Generation, bytes] = {}

    def add_generation(self, encoded: bytes, unwrap: Unwrap, link: bytes = NO_LINK) -> None:
        """The next roster, or a known one again; `link` leads to the key before. Raises WireError or CryptoError."""
        untrusted = UntrustedRoster.decode(encoded)
        previous = self._rosters.get(Generation(untrusted.generation - 1))
        if previous is None:
            roster = untrusted.verify_opening(self.directory.instance, self.case)
            if roster.signer != self.reporter:
                raise ForgedError("signature-invalid", "a case of another reporter")
        else:
            experts = self.directory.signers_of(previous.queues, untrusted.directory_version)
            roster = untrusted.verify_next(self.directory.instance, previous, self.reporter, experts)
        known = self._rosters.get(roster.generation)
        if known is not None and known != roster:
            raise ForgedError("signature-invalid", "another roster of a known generation")
        key = unwrap(roster)
        if key is not None:
            if commitment(key) != roster.commitment:  # SPEC 3.3
                raise TamperedError("wrap-tampered", "another key than the roster says")
            self._keys[roster.generation] = key
        self._rosters[roster.generation] = roster
        if link != NO_LINK:
            self._links[roster.generation] = link

    @property
    def last_generation(self) -> Generation:
        return max(self._rosters)

    @property
    def first_key(self) -> bytes | None:
        """Of the case's first generation; whoever was let in later may have none."""
        return self._keys.get(Generation(1))

    @property
    def newest(self) -> tuple[Roster, bytes]:
        """The roster and the key that new messages are sealed with.

        Raises:
            TamperedError: there is no key to it. An older one would write to readers the case no longer has.
        """
        generation = self.last_generation
        if generation not in self._keys:
            raise TamperedError("wrap-tampered", "no key to this case")
        return self._rosters[generation], self._keys[generation]

    @property
    def opening(self) -> Roster:
        """The roster of generation 1."""
        return self._rosters[Generation(1)]

    @property
    def reporter_kem(self) -> KemKey:
        """Where the reporter gets new keys, as the report says, or the yes that lets one read from there on.

        Raises:
            HistoryGapError: neither has been read.
        """
        for message in self.messages:
            if isinstance(message.content, Report | Consent) and message.content.kem is not None:
                return message.content.kem
        raise HistoryGapError("a case without its report")

    @property
    def begins_at(self) -> Generation:
        """Where this reader begins: later than 1 if their queue was let in without what was before (SPEC 4.7)."""
        for generation, roster in self._rosters.items():
            before = Generation(generation - 1)
            is_let_in = self._queue is not None and roster.added_to(self._rosters.get(before)) == self._queue
            if is_let_in and generation not in self._links and before not in self._keys:
                return generation
        return Generation(1)

    def questions(self) -> list[Question]:
        """First to last."""
        answers = {one.content.asked: one.content.what for one in self.messages if isinstance(one.content, Consent)}
        heads = self.heads
        return [
            Question(one.seq, one.author, heads[one.seq], one.content, answers.get(heads[one.seq]))
            for one in self.messages
            if isinstance(one.content, Ask)
        ]

    def accept(self, seq: int, envelope: bytes) -> list[Read]:
        """The next envelope in the server's order. One that does not hold is an alarm, and the reading goes on."""
        if self.has(seq, envelope):
            return []
        self.last_seq = max(self.last_seq, seq)
        if self._is_hidden(envelope):
            return []
        read: list[Read] = []
        try:
            opened, author = self._verified(envelope)
            if self._contradicts(seq, envelope):
                raise HistoryGapError("one object under two numbers, or two under one")
            try:
                self._check_begun(opened)
                self._follow(opened)
            except HistoryGapError as gap:
                read.append(Alarm(seq, gap.code))
                if not self._chains.adopt(opened):
                    return self._keep(read)
            self._opened.append((seq, opened))
            self._objects[seq], self._seqs[opened.header.object_id] = opened.header.object_id, seq
            if begins_generation(opened.content):
                self._ends.learn(opened)
                read += self._drop_beyond()
            if self._begins(opened) and isinstance(opened.content, Consent) and opened.content.what == ALL:
                read.append(Alarm(seq, HISTORY_GAP))  # the reporter let them read what is not handed out
            if isinstance(opened.content, Turn):
                read.append(NewKey(seq, author, opened.content.at))
            elif isinstance(opened.content, CaseOpened):
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
        begun = any(isinstance(opened.content, Report) or self._begins(opened) for _, opened in self._opened)
        is_told = bool(self.alarms) or begun
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

    def _check_begun(self, opened: Opened) -> None:
        """SPEC 4.3: a generation begins with its turn message; told once."""
        generation = opened.header.generation
        if begins_generation(opened.content) or generation in self._missed or self._ends.has_begun(generation):
            return
        self._missed.add(generation)
        raise HistoryGapError("a generation without its turn message")

    def _is_hidden(self, envelope: bytes) -> bool:
        """Whether it was written before this reader was let in."""
        try:
            return decode_header(envelope).generation < self.begins_at
        except WireError:
            return False

    def _begins(self, opened: Opened) -> bool:
        """Whether it is the first message that this reader may read, and not the first there is."""
        return 1 < self.begins_at == opened.header.generation and begins_generation(opened.content)

    def _follow(self, opened: Opened) -> None:
        if self._begins(opened):
            self._chains.begin(opened)
        else:
            self._chains.accept(opened)

    def _drop_beyond(self) -> list[Alarm]:
        """What was believed until this turn message said that it is nobody's."""
        beyond = {seq for seq, opened in self._opened if self._ends.is_beyond(opened)}
        if beyond:
            self._opened = [(seq, opened) for seq, opened in self._opened if seq not in beyond]
            self.messages = [message for message in self.messages if message.seq not in beyond]
            self.openings = [opening for opening in self.openings if opening.seq not in beyond]
            self._chains = Chains(self.reporter)
            for _, opened in self._opened:
                try:
                    self._follow(opened)
                except HistoryGapError:  # told when it was read
                    self._chains.adopt(opened)
        return [Alarm(seq, "envelope-tampered") for seq in sorted(beyond)]

    def _keep(self, read: list[Read]) -> list[Read]:
        self.alarms += [each for each in read if isinstance(each, Alarm)]
        self.messages += [each for each in read if isinstance(each, Message)]
        self.openings += [each for each in read if isinstance(each, Opening)]
        self.new_keys += [each for each in read if isinstance(each, NewKey)]
        return read

    def _open(self, envelope: bytes) -> Opened:
        key = self._key(decode_header(envelope).generation)
        if key is None:
            raise TamperedError("envelope-tampered", "of a generation that this reader has no key of")
        return open_envelope(envelope, key, instance=self.directory.instance, case=self.case)

    def _verified(self, envelope: bytes) -> tuple[Opened, Author]:
        opened = self._open(envelope)
        roster = self._rosters.get(opened.header.generation)
        if roster is None:
            raise TamperedError("envelope-tampered", "of a generation without a roster")
        author = author_of(
            opened, reporter=self.reporter, queues=roster.queues, roster_version=roster.directory_version,
            directory=self.directory,
        )  # fmt: skip
        check_turn(opened, roster)
        previous = self._rosters.get(Generation(roster.generation - 1))
        check_handover(opened, roster, previous, self.reporter)
        self._questions.accept(opened, roster.added_to(previous), is_whole=self.begins_at == 1)
        self._ends.check(opened)
        return opened, author

    def _key(self, generation: Generation) -> bytes | None:
        """The own copy, or what the links from a newer key lead to (SPEC 3.4)."""
        link = self._links.get(Generation(generation + 1))
        if generation not in self._keys and generation in self._rosters and link is not None:
            newer = self._key(Generation(generation + 1))
            if newer is not None:
                self._keys[generation] = open_link(
                    link, newer,
                    instance=self.directory.instance, case=self.case, generation=Generation(generation + 1),
                    expected=self._rosters[generation].commitment,
                )  # fmt: skip
        return self._keys.get(generation)

    def prepare_turn(
        self,
        author: SigningKey,
        reporter: KemKey,
        turn: Turn,
        *,
        card_key: bytes | None = None,
        randomness: Randomness = draw,
    ) -> PreparedTurn:
        """The case's next key, over everything that has been read. Raises WireError or CryptoError."""
        return prepare_turn(author, self._known(author, reporter, card_key), self.directory, turn, randomness)

    def prepare_handover(
        self,
        author: SigningKey,
        reporter: KemKey,
        consent: Consent,
        queue: QueueId,
        card: Card,
        randomness: Randomness = draw,
    ) -> PreparedTurn:
        """The reporter's yes: as above, for one queue more."""
        known = self._known(author, reporter)
        return prepare_handover(author, known, self.directory, consent, queue, card, randomness)

    def _known(self, author: SigningKey, reporter: KemKey, card_key: bytes | None = None) -> Known:
        roster, key = self.newest
        last = self._chains.last(author.public)
        return Known(
            roster=roster,
            reporter=reporter,
            counter=last.counter + 1,
            previous_head=last.head,
            heads=self._chains.heads_seen(author.public),
            case_key=key,
            card_key=card_key,
        )

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
