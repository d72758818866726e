"""Fills a running demo with schools and two school years of made-up cases, so that its figures can be looked at.

Everything goes the way of real ones: the organisations by an import, each case as a sealed contribution, the figures
drawn and published by the coordinator. Only the cases never were.
"""

import argparse
from collections.abc import Iterator
from datetime import date, datetime
from typing import Final

from lyhty_client.ceremony import COORDINATOR
from lyhty_client.cli_expert import signed_in_with
from lyhty_client.clock import system_clock
from lyhty_client.demo import read_secrets
from lyhty_client.errors import ClientError
from lyhty_client.expert import Credentials, ExpertDesk
from lyhty_client.statistics.office import Office, open_office
from lyhty_client.statistics.registers import due
from lyhty_client.terminal import show
from lyhty_crypto.contributions import seal_contribution
from lyhty_crypto.randomness import draw
from lyhty_wire.contributions import TOKEN_BYTES, CaseCounted, Counted, ReplyCounted, StatisticsKey
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.figures.categories import CATEGORIES
from lyhty_wire.figures.periods import HELSINKI, Month, year_of
from lyhty_wire.figures_desk import MOST_IN_BATCH, Contributed, Contribution
from lyhty_wire.viewing import NewViewerInvitation, viewer_id

_SCHOOLS: Final = (
    ("837", "Esimerkkilä", (("Rantakoulu", 420), ("Mäkikoulu", 64), ("Keskuskoulu", 610), ("Harjun koulu", 380))),
    ("211", "Mallikunta", (("Metsäkoulu", 290), ("Kylän koulu", 45), ("Aseman koulu", 210))),
)
_COUNTY: Final = ("06", "Esimerkkialue")
_SHARE: Final = 0.02
"""Of the pupils of a school, in a month."""
_HOLIDAYS: Final = (6, 7)
_KEPT: Final = 0.93
_REPLIES: Final = 0.4


async def run(asked: argparse.Namespace) -> None:
    secret = read_secrets(asked.folder).expert(COORDINATOR)
    credentials = Credentials(secret.name, secret.password, secret.device_secret)
    async with signed_in_with(credentials, asked) as expert:
        office = await open_office(expert)
        if await office.released_periods():
            raise ClientError("object-conflict", "This demo has its figures already.")
        today = datetime.fromtimestamp(system_clock(), HELSINKI).date()
        first = year_of(Month(today.year - 1, today.month)).first
        await _bring_schools(expert, date(first.year, first.month, 1))
        await _contribute(expert, list(_cases(first, today)))
        tree = await office.tree()
        published = await office.publish_all(due(tree, (), today), ())
        link = f"{asked.url.split('#')[0].rstrip('/')}/figures#v={await _invite(expert, office)}"
        lines = [
            f"{len(published.periods)} months, terms and years are published.",
            f"Somebody who may see the figures of {_SCHOOLS[0][1]} comes in by this link, once:",
            link,
        ]
        show(lines, {"published": [period.name for period in published.periods], "link": link}, as_json=asked.json)


async def _bring_schools(expert: ExpertDesk, begins: date) -> None:
    lines = ["id;kind;name;parent;pupils;grades;joined;funder;percent;begins"]
    lines.append(f"{_COUNTY[0]};county;{_COUNTY[1]};;;;{begins};;;")
    for municipality, name, schools in _SCHOOLS:
        lines.append(f"{municipality};municipality;{name};{_COUNTY[0]};;;{begins};;;")
        for nth, (school, pupils) in enumerate(schools):
            lines.append(f"{_school(municipality, nth)};school;{school};{municipality};{pupils};1-9;{begins};;;")
        for funder, percent in ((municipality, 60), (_COUNTY[0], 40)):
            lines.append(f"{municipality};agreement;;;;;;{funder};{percent};{begins}")
    imported = await expert.desk.import_organisations("\n".join(lines).encode(), dry_run=False)
    if imported.problems:
        raise ClientError("operation-malformed", f"the demo's own schools: {imported.problems[0]}")


def _school(municipality: str, nth: int) -> str:
    return f"{municipality}0{nth + 1}"


def _cases(first: Month, today: date) -> Iterator[Counted]:
    month = first
    while month < Month(today.year, today.month):
        for municipality, _, schools in _SCHOOLS:
            for nth, (_, pupils) in enumerate(schools):
                rate = 0 if month.month in _HOLIDAYS else _SHARE
                for _ in range(sum(_chance() < rate for _ in range(pupils))):
                    yield from _case(_school(municipality, nth), month)
        month = month.following


def _case(school: str, month: Month) -> Iterator[Counted]:
    topic, service, role, answer = (_weighed(name) for name in ("topic", "service", "role", "impact"))
    promise = "kept" if _chance() < _KEPT else "missed"
    yield CaseCounted(school=school, month=month, topic=topic, service=service, role=role, promise=promise)
    if _chance() < _REPLIES:
        yield ReplyCounted(school, month, "impact", answer)


def _weighed(name: str) -> str:
    """The first more often than the last, as it is in life."""
    names = CATEGORIES[name]
    weights = [1 / (nth + 1) for nth in range(len(names))]
    left = _chance() * sum(weights)
    for each, weight in zip(names, weights, strict=True):
        left -= weight
        if left < 0:
            return each
    return names[-1]


def _chance() -> float:
    """0 <= it < 1."""
    return int.from_bytes(draw(4), "big") / 2**32


async def _contribute(expert: ExpertDesk, counted: list[Counted]) -> None:
    told = await expert.desk.statistics_keys()
    key = StatisticsKey.decode(b64decode(told.keys[-1].statement))
    for start in range(0, len(counted), MOST_IN_BATCH):
        batch = []
        for each in counted[start : start + MOST_IN_BATCH]:
            token = draw(TOKEN_BYTES)
            sealed = seal_contribution(each, token, key, expert.expertise.keys.sign)
            batch.append(Contribution(b64encode(token), b64encode(sealed)))
        await expert.desk.contribute(Contributed(b64encode(key.id), batch))


async def _invite(expert: ExpertDesk, office: Office) -> str:
    secret = draw(32)
    invitation = viewer_id(office.directory.instance, secret)
    municipality, name, _ = _SCHOOLS[0]
    await expert.desk.invite_viewer(NewViewerInvitation(b64encode(invitation), f"Demo, {name}", municipality))
    return b64encode(secret)
