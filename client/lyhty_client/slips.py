"""What a reporter gives to one role alone, and takes back: made, read again and removed (SPEC 3.5, 6.4)."""

from dataclasses import dataclass

from lyhty_client.exchange import Asked, Exchange
from lyhty_client.happenings import Done, Failed, Ticket
from lyhty_crypto.errors import CryptoError
from lyhty_crypto.passphrase import ReporterKeys
from lyhty_crypto.randomness import Randomness, draw
from lyhty_crypto.rooms import make_room, open_own_room_key
from lyhty_crypto.sealing import open_envelope, seal
from lyhty_wire.contents import Chat, encode_content
from lyhty_wire.directories import Directory
from lyhty_wire.errors import ForgedError, MalformedError, WireError
from lyhty_wire.ids import CaseId, InstanceId, QueueId, RoomId
from lyhty_wire.proofs import to_prove_take_back
from lyhty_wire.records import Empty, Give, Operation, Slip, TakeBack
from lyhty_wire.records import Slips as Read
from lyhty_wire.rooms import FIRST, RoomKind, verify_room
from lyhty_wire.rosters import UntrustedRoster


@dataclass(frozen=True, slots=True)
class GivenSlip:
    room: RoomId
    queue: QueueId
    text: str


class Slips:
    def __init__(self, exchange: Exchange, keys: ReporterKeys, case: CaseId, instance: InstanceId) -> None:
        self.given: tuple[GivenSlip, ...] = ()
        self._exchange = exchange
        self._keys = keys
        self._case = case
        self._instance = instance
        self._tickets: dict[bytes, Ticket] = {}

    def give(
        self, ticket: Ticket, text: str, queue: QueueId, now: int, directory: Directory, randomness: Randomness = draw
    ) -> None:
        """Sealed once, and sent again verbatim until it is answered.

        Raises:
            WireError, CryptoError: it cannot be sealed.
        """
        content = Chat(now, text)
        encode_content(content)
        sign = self._keys.sign
        room = make_room(
            sign, directory, self._case, RoomKind.SLIP, [queue], reporter=self._keys, randomness=randomness
        )
        assert room.self_wrap is not None  # made for its reporter too
        first = seal(
            content, room.key, sign,
            instance=self._instance, case=room.room, directory_version=directory.version,
            generation=FIRST, counter=1, randomness=randomness,
        )  # fmt: skip
        body = Give(room.roster.encode(), room.self_wrap, room.wraps[0].encode(), first.envelope).encode()
        self._ask(ticket, Operation.GIVE, body)

    def take_back(self, ticket: Ticket, room: RoomId) -> None:
        proof = self._keys.sign.sign(to_prove_take_back(self._instance, room))
        self._ask(ticket, Operation.TAKE_BACK, TakeBack(room, proof).encode())

    def read(self, ticket: Ticket) -> None:
        self._ask(ticket, Operation.SLIPS, Empty().encode())

    def heard(self, asked: Asked, body: bytes, code: str | None) -> Done | Failed:
        ticket = self._tickets.pop(asked.operation_id)
        if code is not None:
            return Failed(ticket, code)
        if asked.operation is not Operation.SLIPS:
            Empty.decode(body)
            return Done(ticket)
        try:
            self.given = tuple([self._open(slip) for slip in Read.decode(body).slips])
        except (WireError, CryptoError) as error:
            return Failed(ticket, error.code)
        return Done(ticket)

    def _ask(self, ticket: Ticket, operation: Operation, body: bytes) -> None:
        asked = self._exchange.ask(operation, lambda _nonce: body)
        self._tickets[asked.operation_id] = ticket

    def _open(self, slip: Slip) -> GivenSlip:
        untrusted = UntrustedRoster.decode(slip.roster)
        roster = verify_room(untrusted, self._instance, self._case, RoomKind.SLIP, [self._keys.sign.public])
        key = open_own_room_key(roster, slip.self_wrap, self._keys.wrap)
        opened = open_envelope(slip.envelope, key, instance=self._instance, case=roster.case)
        if not isinstance(opened.content, Chat):
            raise MalformedError("envelope-malformed", "a slip holds a few words")
        if opened.header.author != roster.signer:  # SPEC 3.5: its readers have its key too
            raise ForgedError("envelope-tampered", "a slip is its reporter's word alone")
        return GivenSlip(RoomId(roster.case), roster.queues[0], opened.content.text)
