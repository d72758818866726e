"""Somebody is invited: opens the offer, makes keys and applies (SPEC 5.7). Nothing is stored but what they keep."""

from dataclasses import dataclass, field

from msgspec.structs import asdict

from lyhty_client.desk import Desk
from lyhty_crypto.experts import DEVICE_SECRET_BYTES, ExpertKeys, make_unlock
from lyhty_crypto.invitations import Invitation
from lyhty_crypto.keys import KemKeyPair, SigningKey
from lyhty_crypto.randomness import Randomness, draw
from lyhty_wire.accounts import account_name
from lyhty_wire.encoding import b64decode
from lyhty_wire.ids import EXPERT_ID_BYTES, SEED_BYTES, ExpertId
from lyhty_wire.invitations import Account, Application, Offer, introduction


@dataclass(frozen=True, slots=True)
class Applied:
    """What the server gets, what goes on the recovery sheet, and what both people compare."""

    application: Application
    device_secret: bytes = field(repr=False)
    pictures: bytes

    @property
    def expert(self) -> ExpertId:
        return self.application.account.expert_id


async def read_offer(desk: Desk, invitation: Invitation) -> Offer:
    return invitation.open_offer(b64decode((await desk.invitation(invitation.id)).offer))


def make_application(invitation: Invitation, name: str, password: str, randomness: Randomness = draw) -> Applied:
    """Slow: the password is stretched."""
    keys = ExpertKeys(SigningKey(randomness(SEED_BYTES)), KemKeyPair(randomness(SEED_BYTES)))
    expert, instance = ExpertId(randomness(EXPERT_ID_BYTES)), invitation.instance
    device_secret = randomness(DEVICE_SECRET_BYTES)
    unlock, _ = make_unlock(keys, password, device_secret, instance, expert, randomness)
    account = Account(**asdict(unlock), sign=keys.sign.public, kem=keys.kem.public, name=account_name(name))
    pictures = introduction(instance, invitation.id, account.sign, account.kem)
    return Applied(invitation.apply(account, keys), device_secret, pictures)
