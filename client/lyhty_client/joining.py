"""Somebody is invited: opens the offer, makes keys and applies (SPEC 5.7). Nothing is stored but what they keep."""

from dataclasses import dataclass, field

from lyhty_client.desk import Desk
from lyhty_crypto.experts import (
    DEVICE_SECRET_BYTES,
    LANES,
    LEAST_MEMORY_KIB,
    LEAST_PASSES,
    SALT_BYTES,
    ExpertKeys,
    seal_key_blob,
    stretch,
    unlock,
)
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
    expert, salt = ExpertId(randomness(EXPERT_ID_BYTES)), randomness(SALT_BYTES)
    device_secret, instance = randomness(DEVICE_SECRET_BYTES), invitation.instance
    unlocked = unlock(stretch(password, salt, LEAST_MEMORY_KIB, LEAST_PASSES, LANES), device_secret, instance)
    account = Account(
        expert_id=expert, name=account_name(name), salt=salt, m_kib=LEAST_MEMORY_KIB, t=LEAST_PASSES, p=LANES,
        login_pk=unlocked.login.public, keys=seal_key_blob(keys, unlocked, instance, expert, randomness),
        sign=keys.sign.public, kem=keys.kem.public,
    )  # fmt: skip
    pictures = introduction(instance, invitation.id, account.sign, account.kem)
    return Applied(invitation.apply(account, keys), device_secret, pictures)
