"""The table of routes as an OpenAPI 3.1 document: `python -m lyhty_server.api.document` prints it.

`make api` keeps the committed `openapi.json` and the browser's types current; the server itself never reads either.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

import msgspec
from msgspec import Struct

from lyhty_server.api.routes import MAX_BODY_BYTES, ROUTES, SOCKETS, AnyRoute, Socket
from lyhty_wire.codes import Code
from lyhty_wire.desk import FeedMessage, Hello, Problem
from lyhty_wire.envelopes import SIZES

Json = dict[str, Any]

VERSION: Final = "1"  # of the protocol (SPEC), not of the program
REF: Final = "#/components/schemas/{name}"
BINARY: Final = "application/octet-stream"
DESCRIPTION: Final = (
    "The experts' desk and the two public files of trust. The protocol, and what the names mean, is crypto/SPEC.md; "
    "sections named here are its. A reporter uses none of this but `/channel`."
)


def document() -> Json:
    """The whole document, the same for the same table."""
    paths: dict[str, Json] = defaultdict(dict)
    for route in ROUTES:
        paths[route.path][route.method.lower()] = _operation(route)
    for socket in SOCKETS:
        paths[socket.path]["get"] = _upgrade(socket)
    for operations in paths.values():
        refusal = _other_methods(operations)
        for operation in operations.values():
            operation["responses"]["405"] = refusal
    return {
        "openapi": "3.1.0",
        "info": {"title": "Lyhty", "version": VERSION, "description": DESCRIPTION, "license": {"name": "EUPL-1.2"}},
        "servers": [{"url": "/"}],
        "paths": dict(paths),
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "From sign-in; 12 h."}},
        },
    }


def encoded() -> bytes:
    """As it is committed."""
    return json.dumps(document(), ensure_ascii=False, indent=1).encode() + b"\n"


def _schemas() -> Json:
    spoken = [kind for route in ROUTES for kind in (route.body, route.answer) if _is_json(kind)]
    _, schemas = msgspec.json.schema_components([*spoken, Problem, Hello, FeedMessage], ref_template=REF)
    feed = msgspec.json.schema_components([FeedMessage], ref_template=REF)[0][0]
    return dict(sorted({**schemas, "FeedMessage": feed}.items()))


def _operation(route: AnyRoute) -> Json:
    operation: Json = {
        "operationId": _operation_id(route),
        "summary": route.summary,
        "parameters": list(_parameters(route)),
        "responses": {"200": {"description": "Done.", "content": _content(route.answer)}, **_refusals(route.codes)},
    }
    if route.body is not type(None):
        operation["requestBody"] = {"required": True, "content": _asked(route)}
    if route.needs_sign_in:
        operation["security"] = [{"token": []}]
    return operation


def _operation_id(route: AnyRoute) -> str:
    words = [part.strip("{}") for part in route.path.removeprefix("/api").strip("/").split("/")]
    return "-".join([route.method.lower(), *words]).replace(".", "-")


def _upgrade(socket: Socket) -> Json:
    return {
        "operationId": f"open-{socket.path.strip('/')}",
        "summary": socket.summary,
        "description": f"{socket.said} A page of another origin is told that there is no such route.",
        "responses": {
            "101": {"description": "The WebSocket is open."},
            **_refusals({Code.OPERATION_MALFORMED, Code.ROUTE_UNKNOWN, Code.INTERNAL}),
        },
    }


def _parameters(route: AnyRoute) -> Iterable[Json]:
    for field in msgspec.structs.fields(route.params):
        in_path = f"{{{field.name}}}" in route.path
        (schema,), _ = msgspec.json.schema_components([field.type])
        if isinstance(field.default, int):
            schema["default"] = field.default
        yield {"name": field.name, "in": "path" if in_path else "query", "required": in_path, "schema": schema}


def _refusals(codes: Iterable[Code]) -> Json:
    by_status: dict[int, list[str]] = defaultdict(list)
    for code in sorted(codes):
        by_status[code.status].append(code.text)
    return {str(status): _refusal(status, texts) for status, texts in sorted(by_status.items())}


def _refusal(status: int, texts: list[str]) -> Json:
    schema = {"type": "object", "properties": {"code": {"enum": texts}}, "required": ["code"]}
    refusal: Json = {"description": ", ".join(texts), "content": {"application/json": {"schema": schema}}}
    if status == 503:
        refusal["headers"] = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
    return refusal


def _other_methods(operations: Iterable[str]) -> Json:
    """How every other method is refused at this address; a document can say it only beside those that there are."""
    allowed = ",".join(sorted(method.upper() for method in operations))
    refusal = _refusal(Code.METHOD_NOT_ALLOWED.status, [Code.METHOD_NOT_ALLOWED.text])
    return {
        **refusal,
        "description": f"{Code.METHOD_NOT_ALLOWED.text}, to any method but {allowed}",
        "headers": {"Allow": {"description": "The methods there are.", "schema": {"const": allowed}}},
    }


def _asked(route: AnyRoute) -> Json:
    """Bytes are envelopes, or a file of its own size; which of them are legal is more than a schema can say."""
    if _is_json(route.body):
        return _content(route.body)
    least, most = (SIZES[0], SIZES[-1]) if route.max_body_bytes == MAX_BODY_BYTES else (0, route.max_body_bytes)
    return {BINARY: {"schema": {"type": "string", "minLength": least, "maxLength": most}}}


def _content(kind: type[object]) -> Json:
    if not _is_json(kind):
        return {BINARY: {}}
    return {"application/json": {"schema": {"$ref": REF.format(name=kind.__name__)}}}


def _is_json(kind: type[object]) -> bool:
    return issubclass(kind, Struct)


if __name__ == "__main__":
    sys.stdout.buffer.write(encoded())
