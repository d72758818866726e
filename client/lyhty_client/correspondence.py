"""Keeps an open case in step with the server: what has arrived, what waits to be said (SPEC 4.3, 6.4).

Envelopes are read in the server's order and messages sealed one at a time, each upon the answer to the one before.
"""

from collections import deque
from dataclasses import dataclass
from typing import Final

from lyhty_client.conversation import HISTORY_GAP, Conversation
from lyhty_client.exchange import Exchange
from lyhty_client.happenings import Done, Failed, Happening, Ticket
from lyhty_crypto.cases import rewrap_case
from lyhty_crypto.errors import CryptoError
from lyhty_crypto.passphrase import ReporterKeys
from lyhty_crypto.randomness import Randomness
from lyhty_wire.codes import Code
from lyhty_wire.contents import Chat, Receipt
from lyhty_wire.directories import Directory
from lyhty_wire.errors import WireError
from lyhty_wire.records import Empty, Fetch, Fetched, Operation, Put, Sequenced, Stored

FETCH_BYTES: Final = 262_144


@dataclass(slots=True)
class _Draft:
    ticket: Ticket
    content: Chat | Receipt
    envelope: bytes | None = None
    is_second_try: bool = False


class Correspondence:
    """The reporter's side of one case, after OPEN or RESUME."""

    def __init__(
        self, conversation: Conversation, keys: ReporterKeys, exchange: Exchange, randomness: Randomness
    ) -> None:
        self.conversation = conversation
        self.keys = keys
        self.happened: list[Happening] = []
        self._exchange = exchange
        self._randomness = randomness
        self._drafts: deque[_Draft] = deque()
        self._arrived: dict[int, bytes] = {}
        self._needs_rewrap = False

    @property
    def waiting(self) -> list[Ticket]:
        return [draft.ticket for draft in self._drafts]

    # --- reading

    def arrive(self, arrived: Sequenced) -> None:
        last_seq = self.conversation.last_seq
        if arrived.seq == last_seq + 1 and not self._exchange.is_unanswered(Operation.FETCH):
            self._read(arrived.seq, arrived.envelope)
        elif arrived.seq > last_seq:
            self._arrived[arrived.seq] = arrived.envelope
            self.fetch()
        else:
            self.happened += self.conversation.repeated(arrived.seq, arrived.envelope)

    def fetch(self, before: int = 0) -> None:
        """Everything after the last one read, newest first."""
        if not self._exchange.is_unanswered(Operation.FETCH):
            wanted = Fetch(before, self.conversation.last_seq, FETCH_BYTES).encode()
            self._exchange.ask(Operation.FETCH, lambda _nonce: wanted)

    def fetched(self, fetched: Fetched) -> bool:
        """Whether that was all."""
        self._arrived.update({each.seq: each.envelope for each in fetched.envelopes})
        if fetched.more and fetched.envelopes:
            self.fetch(fetched.envelopes[-1].seq)
            return False
        for seq in sorted(self._arrived):
            if seq > self.conversation.last_seq:
                self._read(seq, self._arrived[seq])
        self._arrived.clear()
        self.happened += self.conversation.whole()
        self.put_next()
        return True

    def _read(self, seq: int, envelope: bytes) -> None:
        self.happened += self.conversation.accept(seq, envelope)

    # --- writing

    def write(self, ticket: Ticket, content: Chat | Receipt) -> None:
        self._drafts.append(_Draft(ticket, content))
        self.put_next()

    def put_next(self) -> None:
        """The oldest draft, when nothing is under way and nothing older is still to be read."""
        if not self._drafts or self._needs_rewrap:
            return
        if any(map(self._exchange.is_unanswered, (Operation.RESUME, Operation.FETCH, Operation.PUT))):
            return
        draft = self._drafts[0]
        if isinstance(draft.content, Receipt) and draft.envelope is None and not self._owes_receipt:
            # SPEC 4.5: another message, or another device, has said it meanwhile.
            self.happened.append(Done(self._drafts.popleft().ticket))
            self.put_next()
            return
        try:
            draft.envelope = draft.envelope or self._seal(draft.content)
        except (WireError, CryptoError) as error:
            self.fail_draft(error.code)
            return
        put = Put(draft.envelope).encode()
        self._exchange.ask(Operation.PUT, lambda _nonce: put)

    @property
    def _owes_receipt(self) -> bool:
        return self.conversation.receipt_owed(self.keys.sign.public, on_screen=True) is not None

    def _seal(self, content: Chat | Receipt) -> bytes:
        return self.conversation.seal(content, self.keys.sign, self._randomness).envelope

    def stored(self, stored: Stored) -> None:
        draft = self._drafts.popleft()
        assert draft.envelope is not None
        alarms = self.conversation.stored(stored.seq, draft.envelope)
        if alarms:
            self.happened += [*alarms, Failed(draft.ticket, HISTORY_GAP)]
            self.put_next()
            return
        self.arrive(Sequenced(stored.seq, draft.envelope))
        self.happened.append(Done(draft.ticket))
        self.put_next()

    def put_refused(self, code: str) -> None:
        draft = self._drafts[0]
        if draft.is_second_try or code not in (Code.EPOCH_STALE.text, Code.COUNTER_CONFLICT.text):
            self.fail_draft(code)
            return
        draft.is_second_try = True
        if code == Code.EPOCH_STALE.text:  # SPEC 6.4: verify the newer directory, then REWRAP
            self._needs_rewrap = True
            self._exchange.ask(Operation.TRUST, lambda _nonce: Empty().encode())
        else:  # written from another device. This one was not stored, so it may become another object after that one
            draft.envelope = None
            self.fetch()

    def fail_draft(self, code: str) -> None:
        self._needs_rewrap = False
        self.happened.append(Failed(self._drafts.popleft().ticket, code))
        self.put_next()

    # --- newer keys

    def trust(self, directory: Directory) -> None:
        self.conversation.directory = directory
        if not self._needs_rewrap or self._exchange.is_unanswered(Operation.REWRAP):
            return
        roster, key = self.conversation.newest
        try:
            rewrap = rewrap_case(self.keys, roster, key, directory)
            self.conversation.add_generation(rewrap.roster, lambda _roster: key)
        except (WireError, CryptoError) as error:
            self.fail_draft(error.code)
            return
        self._exchange.ask(Operation.REWRAP, lambda _nonce: rewrap.encode())

    def rewrapped(self) -> None:
        self._needs_rewrap = False
        self.put_next()
