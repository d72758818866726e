"""A session begins, however its expert has proved who they are (SPEC 9.4)."""

from lyhty_server.api.context import Server
from lyhty_server.store.people_rows import ExpertRow
from lyhty_wire.desk import SignedIn
from lyhty_wire.encoding import b64encode


async def signed_in(server: Server, row: ExpertRow, keys: bytes) -> SignedIn:
    """`keys`: sealed for the way in that was taken."""
    token = await server.sessions.sign_in(row.expert_id, server.clock())
    return SignedIn(
        b64encode(token),
        b64encode(row.expert_id),
        b64encode(keys),
        [b64encode(wrap) for wrap in row.queue_wraps],
        row.keys_hour,
    )
