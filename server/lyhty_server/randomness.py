"""The only place in the server that draws entropy."""

import secrets


def draw(count: int) -> bytes:
    return secrets.token_bytes(count)
