"""What an invited person sends, as anybody can read and check it; and what both sides compare (SPEC 5.7)."""

from typing import Final

from msgspec import Struct
from msgspec.structs import asdict

from lyhty_wire.accounts import account_name
from lyhty_wire.contexts import context
from lyhty_wire.encoding import canonical_json, parse_canonical_json
from lyhty_wire.errors import MalformedError
from lyhty_wire.fields import Fields
from lyhty_wire.ids import (
    KEM_KEY_BYTES,
    SIGN_KEY_BYTES,
    SIGNATURE_BYTES,
    InstanceId,
    KemKey,
    QueueId,
    SignKey,
    digest,
)
from lyhty_wire.proofs import verify
from lyhty_wire.reader import Reader, bytes16
from lyhty_wire.unlocks import Unlock

INVITATION_ID_BYTES: Final = 16
SECRET_BYTES: Final = 32
KEPT_BYTES: Final = 61
MAC_BYTES: Final = 32
MAX_NAME_CODE_POINTS: Final = 200
MAX_OFFER_BYTES: Final = 4_096
PICTURES: Final = 6
LIFE_S: Final = 7 * 24 * 3600

_MALFORMED: Final = "operation-malformed"
_OFFER: Final = frozenset(("coordinator", "languages", "name", "queues"))
_MAX_LANGUAGES: Final = 8
_MAX_U16: Final = 0xFFFF


class Offer(Struct, frozen=True):
    """Who is invited, as the directory will name them."""

    name: str
    queues: tuple[QueueId, ...]
    languages: tuple[str, ...]
    coordinator: bool

    def encode(self) -> bytes:
        return canonical_json(
            {
                "coordinator": self.coordinator,
                "languages": list(self.languages),
                "name": self.name,
                "queues": list(self.queues),
            }
        )

    @classmethod
    def decode(cls, body: bytes) -> "Offer":
        fields = Fields(parse_canonical_json(body, code=_MALFORMED), _OFFER, _MALFORMED)
        offer = cls(
            name=fields.text("name"),
            queues=tuple(QueueId(queue) for queue in fields.sorted_integers("queues", 1, _MAX_U16)),
            languages=fields.sorted_identifiers("languages", _MAX_LANGUAGES),
            coordinator=fields.flag("coordinator"),
        )
        if len(offer.name) > MAX_NAME_CODE_POINTS or not offer.queues:
            raise MalformedError(_MALFORMED, "a name that is too long, or nothing to do")
        return offer


class Account(Unlock, frozen=True):
    """What the server keeps of an expert (SPEC 2.3), with the keys that the directory will name."""

    sign: SignKey
    kem: KemKey
    name: str

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= len(self.name) <= MAX_NAME_CODE_POINTS or account_name(self.name) != self.name:
            raise MalformedError(_MALFORMED, "not an account name")

    def encode(self) -> bytes:
        return super().encode() + self.sign + self.kem + bytes16(self.name.encode("utf-8"))

    @classmethod
    def read(cls, reader: Reader) -> "Account":
        unlock = Unlock.read(reader)
        sign, kem = SignKey(reader.take(SIGN_KEY_BYTES)), KemKey(reader.take(KEM_KEY_BYTES))
        try:
            name = reader.bytes16().decode("utf-8")
        except UnicodeDecodeError:
            raise MalformedError(_MALFORMED, "a name that is not UTF-8") from None
        return cls(**asdict(unlock), sign=sign, kem=kem, name=name)


class Application(Struct, frozen=True):
    """An account, signed by its own key. Only who knows the invitation's secret can tell whether `mac` holds."""

    account: Account
    signature: bytes
    mac: bytes

    def encode(self) -> bytes:
        return self.account.encode() + self.signature + self.mac

    @classmethod
    def decode(cls, data: bytes) -> "Application":
        reader = Reader(data, _MALFORMED)
        application = cls(Account.read(reader), reader.take(SIGNATURE_BYTES), reader.take(MAC_BYTES))
        reader.end()
        return application

    def verify(self, instance: InstanceId) -> None:
        """Whoever applies has the key they want to be named with; else ForgedError."""
        verify(self.account.sign, self.signature, to_sign(instance, self.account))


def to_sign(instance: InstanceId, account: Account) -> bytes:
    return context("application", instance) + account.encode()


def introduction(instance: InstanceId, invitation: bytes, sign: SignKey, kem: KemKey) -> bytes:
    """The pictures that both people must see: who swapped a key on the way cannot make them the same."""
    return digest(context("introduction", instance, invitation, sign, kem))[:PICTURES]
