"""Viewers of figures in the tests of the server: bodies to see figures of, links, and signing in."""

from datetime import date
from typing import Final

from lyhty_crypto.keys import SigningKey
from lyhty_crypto.randomness import draw
from lyhty_wire.accounts import viewer_name
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.organisation_desk import Organisations
from lyhty_wire.organisations import Agreement, Kind, Organisation
from lyhty_wire.proofs import to_prove_sign_in
from lyhty_wire.viewing import viewer_id
from tests.server.api_server import ApiServer

COUNTY: Final = "06"
MUNICIPALITY: Final = "837"
SCHOOL: Final = "03095"
OTHER_COUNTY: Final = "07"
OTHER_MUNICIPALITY: Final = "560"
OTHER_SCHOOL: Final = "04004"

BODIES: Final = Organisations(
    organisations=[
        Organisation(SCHOOL, Kind.SCHOOL, "Keskuskoulu", MUNICIPALITY, pupils=300, grades=(1, 9)),
        Organisation(OTHER_SCHOOL, Kind.SCHOOL, "Jokikoulu", OTHER_MUNICIPALITY, pupils=200, grades=(1, 6)),
        Organisation(COUNTY, Kind.COUNTY, "Pohjoinen hyvinvointialue"),
        Organisation(OTHER_COUNTY, Kind.COUNTY, "Itäinen hyvinvointialue"),
        Organisation(OTHER_MUNICIPALITY, Kind.MUNICIPALITY, "Jokikunta", OTHER_COUNTY),
        Organisation(MUNICIPALITY, Kind.MUNICIPALITY, "Keskuskaupunki", COUNTY),
    ],
    # The first county pays for a school of the other one.
    agreements=[Agreement(COUNTY, OTHER_SCHOOL, 40, date(2020, 1, 1))],
)


async def plant(api: ApiServer) -> None:
    before = await api.store.organisations()
    await api.store.change_organisations(
        before, Organisations(sorted(BODIES.organisations, key=lambda one: one.id), BODIES.agreements)
    )


async def invite(api: ApiServer, coordinator: str, organisation: str = MUNICIPALITY) -> bytes:
    """The secret of the link."""
    secret = draw(32)
    told = {"id": b64encode(viewer_id(api.provider.instance, secret)), "name": "A viewer", "organisation": organisation}
    answer = await api.post("/api/viewers/invitations", told, coordinator)
    assert answer.status == 200, answer.body
    return secret


def to_join(secret: bytes, name: str, login: SigningKey) -> dict[str, object]:
    return {
        "secret": b64encode(secret),
        "name": name,
        "salt": b64encode(bytes(16)),
        "m_kib": 65_536,
        "t": 3,
        "p": 1,
        "login": b64encode(login.public),
    }


async def joined(api: ApiServer, coordinator: str, organisation: str = MUNICIPALITY) -> tuple[str, SigningKey]:
    """Account name and login key of a new viewer."""
    secret, login = await invite(api, coordinator, organisation), SigningKey(draw(32))
    name = b64encode(secret).lower()
    assert (await api.post("/api/viewer/join", to_join(secret, name, login))).status == 200
    return name, login


async def proof_of(api: ApiServer, name: str, login: SigningKey) -> dict[str, object]:
    challenge = (await api.post("/api/viewer/sign-in/start", {"name": name})).json["challenge"]
    signed = login.sign(to_prove_sign_in(api.provider.instance, b64decode(challenge), viewer_name(name)))
    return {"challenge": challenge, "name": name, "proof": b64encode(signed)}


async def signed_in_viewer(api: ApiServer, coordinator: str, organisation: str = MUNICIPALITY) -> str:
    """The token of a new viewer."""
    name, login = await joined(api, coordinator, organisation)
    answer = await api.post("/api/viewer/sign-in/finish", await proof_of(api, name, login))
    assert answer.status == 200, answer.body
    return str(answer.json["token"])
