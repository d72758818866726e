"""An index that tells whether any case still needs a queue's old key."""

import sqlalchemy as sa
from alembic import op

from lyhty_server.store.types import partial

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        op.f("ix_wraps_queue_epoch"), "wraps", ["queue", "epoch"], unique=False, **partial(sa.text("queue != 0"))
    )
