"""Bringing organisations in over HTTP: a dry run, then all or nothing, and the server goes on answering meanwhile."""

import asyncio
import io
from itertools import pairwise
from time import perf_counter
from typing import Any

import pytest

from lyhty_wire.organisation_desk import MAX_IMPORT_BYTES
from tests.server.api_server import Answer, ApiServer
from tests.server.test_sheets import workbook

USUAL = b"id;kind;name;parent;pupils\n06;county;Pirkanmaa;;\n837;municipality;Tampere;06;\n03095;school;Ranta;837;420\n"
NOBODY: dict[str, Any] = {"organisations": [], "agreements": []}


@pytest.fixture
async def token(api: ApiServer) -> str:
    return await api.sign_in(api.provider.coordinator)


async def bring(api: ApiServer, token: str, file: bytes, query: str = "") -> Answer:
    return await api.ask("POST", f"/api/organisations/import{query}", token=token, data=file)


async def listed(api: ApiServer, token: str) -> Any:
    return (await api.get("/api/organisations", token)).json


async def test_a_dry_run_says_what_would_change_and_changes_nothing(api: ApiServer, token: str) -> None:
    told = (await bring(api, token, USUAL, "?dry_run=true")).json
    assert [each["id"] for each in told["added"]] == ["03095", "06", "837"]
    assert await listed(api, token) == NOBODY


async def test_what_was_brought_in_is_listed_and_the_same_again_is_no_change(api: ApiServer, token: str) -> None:
    assert (await bring(api, token, USUAL)).json["problems"] == []
    found = await listed(api, token)
    assert [(each["id"], each["pupils"]) for each in found["organisations"]] == [
        ("03095", 420), ("06", None), ("837", None)
    ]  # fmt: skip
    again = (await bring(api, token, USUAL)).json
    assert not any(again.values())
    assert await listed(api, token) == found


async def test_with_a_problem_in_one_row_no_row_is_stored(api: ApiServer, token: str) -> None:
    told = (await bring(api, token, USUAL + b"03096;school;Toinen;838;10\n")).json
    (problem,) = told["problems"]
    assert problem == {"row": 5, "column": "parent", "code": "parent-unknown", "value": "838"}
    assert await listed(api, token) == NOBODY


async def test_a_file_that_is_too_large_is_refused_by_its_size(api: ApiServer, token: str) -> None:
    assert (await bring(api, token, b"x" * MAX_IMPORT_BYTES)).status == 200
    too_large = io.BytesIO(b"x" * (MAX_IMPORT_BYTES + 1))
    answer = await api.ask("POST", "/api/organisations/import", token=token, data=too_large)
    assert answer.code == (413, "too-large")


@pytest.mark.parametrize("query", ["?dry_run=1", "?dry_run=", "?dry_run=true&dry_run=false", "?force=true"])
async def test_a_question_that_could_mean_two_things_is_refused(api: ApiServer, token: str, query: str) -> None:
    assert (await bring(api, token, USUAL, query)).code == (400, "operation-malformed")
    assert await listed(api, token) == NOBODY


async def test_two_who_bring_in_at_once_both_stand_in_the_list(api: ApiServer, token: str) -> None:
    await bring(api, token, USUAL)
    lines = [f"id;kind;name;parent\n0000{nth};school;S{nth};837\n".encode() for nth in range(6)]
    answers = await asyncio.gather(*(bring(api, token, line) for line in lines))
    assert all(answer.json["problems"] == [] for answer in answers)
    assert len((await listed(api, token))["organisations"]) == 9


async def test_while_a_large_workbook_is_read_others_are_answered(api: ApiServer, token: str) -> None:
    """Whoever asks meanwhile never waits for most of it."""
    lines: list[list[object]] = [
        ["id", "kind", "name", "parent"],
        ["06", "county", "A", ""],
        ["837", "kunta", "B", "06"],
    ]
    lines += [[f"{nth:05}", "koulu", f"Koulu {nth}", "837"] for nth in range(4_000)]
    await bring(api, token, workbook(lines[:2]), "?dry_run=true")  # what reads workbooks is loaded
    reading = asyncio.create_task(bring(api, token, workbook(lines), "?dry_run=true"))
    moments = [perf_counter()]
    while not reading.done():
        assert (await api.get("/api/hours")).status == 200
        moments.append(perf_counter())
    assert (await reading).json["problems"] == []
    longest = max(later - earlier for earlier, later in pairwise(moments))
    assert longest < (moments[-1] - moments[0]) / 2
