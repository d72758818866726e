"""A service with one municipality that pays, contributions of a school year that is over, and what is published."""

import asyncio
from collections.abc import Iterable
from datetime import date
from random import Random
from typing import Final

from lyhty_client import cli
from lyhty_client.desk import Desk
from lyhty_client.expert import Credentials, ExpertDesk
from lyhty_client.statistics.office import Office, open_office
from lyhty_client.trust import Site, fetch_directory
from lyhty_crypto.contributions import seal_contribution, state_key
from lyhty_wire.contributions import CaseCounted, Counted, ReplyCounted
from lyhty_wire.encoding import b64encode
from lyhty_wire.figures.categories import CATEGORIES
from lyhty_wire.figures.periods import Month, Period, Span, year_of
from lyhty_wire.figures_desk import Contributed, Contribution
from tests.provider import Account, Provider
from tests.scenarios.actors import now

SCHOOLS: Final = {"03095": 420, "03096": 250, "03097": 60}


def last_year() -> Period:
    """The school year that ended before this one began."""
    today = date.today()  # noqa: DTZ011 - the servers' clock is the machine's
    this = year_of(Month(today.year, today.month))
    return Period(Span.YEAR, Month(this.first.year - 1, this.first.month))


def organisations(begins: int) -> bytes:
    """As a file to bring in; `begins`: the year of the agreement's first August."""
    day = f"{begins}-08-01"
    rows = ["id;kind;name;parent;pupils;joined;funder;percent;begins", f"06;county;Pirkanmaa;;;{day};;;"]
    rows += [f"837;municipality;Tampere;06;;{day};;;", f"837;agreement;;;;;06;100;{day}"]
    rows += [f"{number};school;School {number};837;{pupils};{day};;;" for number, pupils in SCHOOLS.items()]
    return "\n".join(rows).encode() + b"\n"


def made_up(year: Period, count: int, chance: Random) -> list[Counted]:
    """Cases of all its months, and what some of their reporters said."""
    cases: list[Counted] = []
    for nth in range(count):
        school, month = chance.choice([*SCHOOLS, None]), chance.choice(year.months)
        of_case = (chance.choice(CATEGORIES[by]) for by in ("topic", "service", "role", "promise"))
        cases.append(CaseCounted(school, month, *of_case))
        if nth % 3 == 0:
            cases.append(ReplyCounted(school, month, "impact", chance.choice(CATEGORIES["impact"])))
    return cases


async def contribute(desk: Desk, counted: Iterable[Counted], provider: Provider, chance: Random) -> None:
    """Of made-up cases: their tokens are as random as those of real ones."""
    key, sign = state_key(provider.directory_key, provider.instance), provider.lawyer.keys.sign
    sealed = []
    for each in counted:
        token = chance.randbytes(16)
        sealed.append(Contribution(b64encode(token), b64encode(seal_contribution(each, token, key, sign))))
    for start in range(0, len(sealed), 100):
        await desk.contribute(Contributed(b64encode(key.id), sealed[start : start + 100]))


async def signed_in(desk: Desk, provider: Provider, account: Account, url: str) -> ExpertDesk:
    directory = await fetch_directory(Site.parse(url), provider.instance, now())
    credentials = Credentials.typed(account.name, account.password, account.device)
    return await ExpertDesk.sign_in(desk, credentials, directory)


async def at_office(desk: Desk, provider: Provider, url: str) -> tuple[ExpertDesk, Office]:
    expert = await signed_in(desk, provider, provider.coordinator, url)
    return expert, await open_office(expert)


async def stats(url: str, provider: Provider, password_file: str, *flags: str) -> int:
    """The command, as a person or a timer gives it."""
    account, poster = provider.coordinator, f"{url}/#a={b64encode(provider.instance)}"
    who = ["--name", account.name, f"--device={account.device}", "--password-file", password_file]
    return await asyncio.to_thread(cli.main, ["stats", flags[0], poster, *who, *flags[1:]])
