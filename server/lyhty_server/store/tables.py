"""The schema. Each column says why it may exist: this file is a privacy document (SPEC 8).

Three rules. What a reporter wrote is here only as sealed bytes. Times of a reporter's events are hours. A table without
a case number (`mailboxes`, `tombstones`) must not be joinable with one: it has no rowid, because rowids grow in order
of arrival just as case numbers do.
"""

from typing import Final

from sqlalchemy import (
    DDL,
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    UniqueConstraint,
    event,
    literal_column,
    text,
    types,
)

from lyhty_server.store.types import Integer, String, partial

HEAD: Final = "0023"
"""The migration these tables are the result of; a test proves it."""
OLDEST: Final = "0019"
"""Whose servers may go on with these tables. It moves with a migration that takes something away; a test proves it."""
SEALING: Final = "0023"
"""From which version on servers can read what `wrap_keys` seals; where older ones may start, nothing is sealed."""

metadata: Final = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

cases: Final = Table(
    "cases",
    metadata,
    Column(
        "case_seq",
        Integer,
        primary_key=True,
        comment="Order of arrival: the queue's order, and a short key for other tables. Never used twice.",
    ),
    Column(
        "case_id",
        LargeBinary(32),
        nullable=False,
        unique=True,
        comment="Names the case to its reporter and its experts. A hash; says nothing of either.",
    ),
    Column(
        "sign_pk",
        LargeBinary(32),
        nullable=False,
        comment="Checks who writes and who may erase. Made for this case alone.",
    ),
    Column(
        "opened_hour",
        Integer,
        nullable=False,
        comment="How long somebody has waited. Hours since 1970: a minute could be matched with other logs.",
    ),
    Column(
        "last_seq",
        Integer,
        nullable=False,
        comment="Of the newest envelope: gives the next number, and shows experts that there is news.",
    ),
    Column(
        "digest",
        LargeBinary(16),
        nullable=False,
        comment="Tells a retry of the opening from another opening with the same id.",
    ),
    CheckConstraint("length(case_id) = 32 AND length(sign_pk) = 32 AND length(digest) = 16", name="lengths"),
    sqlite_autoincrement=True,
)

# A row while all places of the case are closed.
closed_cases: Final = Table(
    "closed_cases",
    metadata,
    Column("case_seq", Integer, ForeignKey("cases.case_seq"), primary_key=True, comment="Which case."),
    Column(
        "closed_seq",
        Integer,
        nullable=False,
        comment="Its newest envelope when it was closed: the reporter may add very few after that.",
    ),
)

# How a job found each case when something was new in it: it is kept so long after that (SPEC 8.1). No foreign key, so
# that a server of the version before can still erase a case.
quiet_cases: Final = Table(
    "quiet_cases",
    metadata,
    Column("case_seq", Integer, primary_key=True, autoincrement=False, comment="Which case."),
    Column("last_seq", Integer, nullable=False, comment="Its newest envelope then: a newer one is news."),
    Column("closed", SmallInteger, nullable=False, comment="0 or 1: whether it was closed then; a change is news."),
    Column(
        "day", Integer, nullable=False, comment="When that was. Days since 1970, no hour; its keeping counts from it."
    ),
    CheckConstraint("closed BETWEEN 0 AND 1", name="flags"),
)

mailboxes: Final = Table(
    "mailboxes",
    metadata,
    Column(
        "row_key",
        LargeBinary(32),
        primary_key=True,
        comment="How a returning reporter is found: an HMAC under the pepper, so no phrase can be guessed from it.",
    ),
    Column(
        "sealed",
        LargeBinary,
        nullable=False,
        comment="The case id, encrypted under the pepper: without that, no mailbox leads to a case.",
    ),
    CheckConstraint("length(row_key) = 32", name="lengths"),
    sqlite_with_rowid=False,
)

cards: Final = Table(
    "cards",
    metadata,
    Column(
        "case_seq", Integer, ForeignKey("cases.case_seq"), primary_key=True, autoincrement=False, comment="Whose card."
    ),
    Column(
        "body",
        LargeBinary,
        nullable=False,
        comment="Sealed, 1,024 bytes for everybody: what experts see in the queue's list.",
    ),
)

places: Final = Table(
    "places",
    metadata,
    Column("case_seq", Integer, ForeignKey("cases.case_seq"), nullable=False, comment="Which case."),
    Column("queue", SmallInteger, nullable=False, comment="Which profession is asked."),
    Column(
        "rank", SmallInteger, nullable=False, comment="0 urgent, 1 not: the urgent bit, as the list is sorted by it."
    ),
    Column("state", SmallInteger, nullable=False, comment="1 waiting, 2 held, 3 closed."),
    Column(
        "holder",
        LargeBinary(16),
        comment="The expert who has it, so that nobody else answers. Who once had it is not kept.",
    ),
    Column(
        "lease_until_s",
        Integer,
        comment="When it returns to the queue by itself. Seconds, from an expert's act, never a reporter's.",
    ),
    Column(
        "answered",
        SmallInteger,
        nullable=False,
        server_default=text("0"),
        comment="1: an expert has said to have answered from this queue, so that no promise is missed. No time of it.",
    ),
    Column(
        "missed",
        SmallInteger,
        nullable=False,
        server_default=text("0"),
        comment="1: the promised time passed unanswered, so that whoever is on call is told once.",
    ),
    Column(
        "lapses",
        SmallInteger,
        nullable=False,
        server_default=text("0"),
        comment="How often a holder let it lie until the lease passed: its reporter is told, and coordinators see it.",
    ),
    Column(
        "snoozed_until_s",
        Integer,
        comment="When its holder looks at it again; until then it is nobody's load. Seconds, from an expert's act.",
    ),
    Column(
        "snoozed_seq",
        Integer,
        comment="The newest envelope the holder had seen then: what comes after it wakes the place.",
    ),
    Column(
        "closer",
        LargeBinary(16),
        comment="The expert who closed it, and alone may read and reopen it.",
    ),
    Column("closed_hour", Integer, comment="When it was closed. Hours since 1970; nobody's minutes are kept."),
    Column("closed_nth", Integer, comment="Order of closing in its queue: the newest closed comes first."),
    Column(
        "since_hour",
        Integer,
        comment="When its reporter let this queue in, if later than the others: the promise counts from it. Hours.",
    ),
    PrimaryKeyConstraint("case_seq", "queue"),
    CheckConstraint("state BETWEEN 1 AND 3 AND rank BETWEEN 0 AND 1 AND queue > 0 AND lapses >= 0", name="ranges"),
    CheckConstraint("answered BETWEEN 0 AND 1 AND missed BETWEEN 0 AND 1", name="marks"),
    CheckConstraint(
        "(snoozed_until_s IS NULL) = (snoozed_seq IS NULL) AND (snoozed_until_s IS NULL OR state = 2)", name="snooze"
    ),
    CheckConstraint(
        "(state = 3) = (closed_nth IS NOT NULL) AND (state = 3 OR closer IS NULL AND closed_hour IS NULL)",
        name="closed",
    ),
    CheckConstraint("(state = 2) = (holder IS NOT NULL) AND (state = 2) = (lease_until_s IS NOT NULL)", name="holder"),
    sqlite_with_rowid=False,
)

STILL_OPEN: Final = places.c.state < literal_column("3")
"""In a queue's list. A literal: with a parameter SQLite cannot see that the partial index has all the rows."""

NOT_ANSWERED: Final = STILL_OPEN & (places.c.answered == literal_column("0")) & (places.c.missed == literal_column("0"))
"""Whose promise may be missed yet."""

Index("ix_places_promised", places.c.case_seq, **partial(NOT_ANSWERED))
# The state stands in it too, so that a queue is counted without looking at its places one by one.
Index(None, places.c.queue, places.c.rank, places.c.case_seq, places.c.state, **partial(STILL_OPEN))
Index(None, places.c.holder, **partial(places.c.holder.is_not(None)))
Index(None, places.c.snoozed_until_s, **partial(places.c.snoozed_until_s.is_not(None)))
# Of what is closed, one for a queue's whole list and one for each expert's own.
Index(None, places.c.queue, places.c.closed_nth, **partial(places.c.closed_nth.is_not(None)))
Index(None, places.c.closer, places.c.queue, places.c.closed_nth, **partial(places.c.closer.is_not(None)))
Index(None, places.c.lease_until_s, **partial(places.c.lease_until_s.is_not(None)))

# Every key of a case is here and nowhere else: without these rows nobody can open it, not from a backup of the others.
wraps: Final = Table(
    "wraps",
    metadata,
    Column("case_seq", Integer, ForeignKey("cases.case_seq"), nullable=False, comment="Which case."),
    Column("generation", Integer, nullable=False, comment="Which of the case's keys; 0: the card's."),
    Column("queue", SmallInteger, nullable=False, comment="Who can unwrap it; 0: the reporter."),
    Column(
        "epoch",
        Integer,
        nullable=False,
        comment="With which of the queue's keys: shows a case that no current key opens. 0: the reporter.",
    ),
    Column("wrap", LargeBinary, nullable=False, comment="The key, sealed for that reader."),
    PrimaryKeyConstraint("case_seq", "generation", "queue", "epoch"),
)

OF_QUEUE: Final = wraps.c.queue != literal_column("0")
"""Not the reporter's own. A literal, as above."""

# Before an epoch's key is erased, it must be certain that no case needs it; the cases may be a million.
Index(None, wraps.c.queue, wraps.c.epoch, **partial(OF_QUEUE))

# On PostgreSQL alone (`wrap_keys.py`). No foreign key, as `quiet_cases`.
wrap_keys: Final = Table(
    "wrap_keys",
    metadata,
    Column("case_seq", Integer, nullable=False, comment="Which case."),
    Column("room_seq", Integer, nullable=False, comment="Which of its rooms; 0: the case itself."),
    Column(
        "key",
        LargeBinary(32),
        nullable=False,
        comment="Its wraps are sealed under it, so that what is left of them in files and logs opens for nobody.",
    ),
    PrimaryKeyConstraint("case_seq", "room_seq"),
    CheckConstraint("length(key) = 32", name="lengths"),
)

# On PostgreSQL alone: what `scrubbing.py` owes.
leftovers: Final = Table(
    "leftovers",
    metadata,
    Column(
        "xact",
        BigInteger,
        primary_key=True,
        autoincrement=False,
        comment="A transaction that erased something which is in the files yet. Goes with that.",
    ),
)

rosters: Final = Table(
    "rosters",
    metadata,
    Column("case_seq", Integer, ForeignKey("cases.case_seq"), nullable=False, comment="Which case."),
    Column("generation", Integer, nullable=False, comment="Which of the case's keys."),
    Column(
        "roster",
        LargeBinary,
        nullable=False,
        comment="Signed list of who can read: lets readers notice a reader slipped in by the server.",
    ),
    Column(
        "link",
        LargeBinary(48),
        comment="The key before, sealed under this one: the queues need no wraps of older keys, so old epochs can go.",
    ),
    PrimaryKeyConstraint("case_seq", "generation"),
)

envelopes: Final = Table(
    "envelopes",
    metadata,
    Column("case_seq", Integer, ForeignKey("cases.case_seq"), nullable=False, comment="Which case."),
    Column(
        "seq",
        Integer,
        nullable=False,
        comment="Order within the case. There is no time: the authors' clocks are inside the seal.",
    ),
    Column("object_id", LargeBinary(32), nullable=False, comment="Random: recognizes a retry."),
    Column(
        "author",
        LargeBinary(32),
        nullable=False,
        comment="The signing key in the envelope's header, for the next column.",
    ),
    Column(
        "counter",
        Integer,
        nullable=False,
        comment="From the header: an author cannot have two messages with one number.",
    ),
    Column(
        "digest",
        LargeBinary(16),
        nullable=False,
        comment="Tells a retry from other bytes with the same object id without reading them.",
    ),
    Column("body", LargeBinary, nullable=False, comment="The sealed envelope, in one of four sizes."),
    PrimaryKeyConstraint("case_seq", "seq"),
    UniqueConstraint("case_seq", "object_id"),
    UniqueConstraint("case_seq", "author", "counter"),
    CheckConstraint("length(object_id) = 32 AND length(author) = 32 AND length(digest) = 16", name="lengths"),
)

# Rooms beside a case: notes, consultations, slips. Their keys are not the case's, and go with them.
rooms: Final = Table(
    "rooms",
    metadata,
    Column("room_seq", Integer, primary_key=True, comment="Order of opening, and a short key for the next tables."),
    Column(
        "room_id", LargeBinary(32), nullable=False, unique=True, comment="A hash of the case, the kind and the key."
    ),
    Column("case_seq", Integer, ForeignKey("cases.case_seq"), nullable=False, comment="Beside which case."),
    Column("kind", SmallInteger, nullable=False, comment="1 notes, 2 consultation, 3 slip: says who may read."),
    Column("roster", LargeBinary, nullable=False, comment="Signed: whose key opens it. Readers believe no other."),
    Column(
        "self_wrap", LargeBinary, comment="The reporter's own copy of a slip's key, so that they see what they gave."
    ),
    Column("last_seq", Integer, nullable=False, comment="Of the newest envelope."),
    Column("ended", SmallInteger, nullable=False, comment="0 or 1: no more advice is looked for."),
    CheckConstraint("length(room_id) = 32 AND kind BETWEEN 1 AND 3 AND ended BETWEEN 0 AND 1", name="ranges"),
    CheckConstraint("(kind = 3) = (self_wrap IS NOT NULL)", name="slip"),
    sqlite_autoincrement=True,
)

Index(None, rooms.c.case_seq)

room_wraps: Final = Table(
    "room_wraps",
    metadata,
    Column("room_seq", Integer, ForeignKey("rooms.room_seq"), nullable=False, comment="Which room."),
    Column("queue", SmallInteger, nullable=False, comment="Who can unwrap it."),
    Column("epoch", Integer, nullable=False, comment="With which of the queue's keys."),
    Column("wrap", LargeBinary, nullable=False, comment="The room's key, sealed for that queue."),
    PrimaryKeyConstraint("room_seq", "queue", "epoch"),
)

Index(None, room_wraps.c.queue, room_wraps.c.room_seq)

room_envelopes: Final = Table(
    "room_envelopes",
    metadata,
    Column("room_seq", Integer, ForeignKey("rooms.room_seq"), nullable=False, comment="Which room."),
    Column("seq", Integer, nullable=False, comment="Order within the room. There is no time."),
    Column("object_id", LargeBinary(32), nullable=False, comment="Random: recognizes a retry."),
    Column("author", LargeBinary(32), nullable=False, comment="From the header, for the next column."),
    Column("counter", Integer, nullable=False, comment="An author cannot have two with one number."),
    Column("digest", LargeBinary(16), nullable=False, comment="Tells a retry from other bytes."),
    Column("body", LargeBinary, nullable=False, comment="The sealed envelope, in one of four sizes."),
    PrimaryKeyConstraint("room_seq", "seq"),
    UniqueConstraint("room_seq", "object_id"),
    UniqueConstraint("room_seq", "author", "counter"),
    CheckConstraint("length(object_id) = 32 AND length(author) = 32 AND length(digest) = 16", name="lengths"),
)

# The answer templates that a queue's experts wrote for one another, beside no case.
shelf_rooms: Final = Table(
    "shelf_rooms",
    metadata,
    Column("room_seq", Integer, primary_key=True, comment="Order of the keys, and a short key for the next table."),
    Column("room_id", LargeBinary(32), nullable=False, unique=True, comment="A hash of the queue and the key."),
    Column("queue", SmallInteger, nullable=False, comment="Whose templates they are."),
    Column("epoch", Integer, nullable=False, comment="For which of the queue's keys it is sealed."),
    Column("roster", LargeBinary, nullable=False, comment="Signed: whose key opens it. Readers believe no other."),
    Column("wrap", LargeBinary, comment="The newest key, sealed for the queue. It opens what was written before."),
    Column("first_seq", Integer, nullable=False, comment="Of the first writing under this key."),
    CheckConstraint("length(room_id) = 32", name="lengths"),
    sqlite_autoincrement=True,
)

Index(None, shelf_rooms.c.queue)

shelf_envelopes: Final = Table(
    "shelf_envelopes",
    metadata,
    Column("queue", SmallInteger, nullable=False, comment="Whose templates they are."),
    Column("seq", Integer, nullable=False, comment="Order on the shelf. There is no time."),
    Column("room_seq", Integer, ForeignKey("shelf_rooms.room_seq"), nullable=False, comment="Under which key."),
    Column("object_id", LargeBinary(32), nullable=False, comment="Random: recognizes a retry."),
    Column("author", LargeBinary(32), nullable=False, comment="From the header, for the next column."),
    Column("counter", Integer, nullable=False, comment="An author cannot have two with one number."),
    Column("digest", LargeBinary(16), nullable=False, comment="Tells a retry from other bytes."),
    Column("body", LargeBinary, nullable=False, comment="The sealed envelope, in one of three sizes."),
    PrimaryKeyConstraint("queue", "seq"),
    UniqueConstraint("queue", "object_id"),
    UniqueConstraint("room_seq", "author", "counter"),
    CheckConstraint("length(object_id) = 32 AND length(author) = 32 AND length(digest) = 16", name="lengths"),
)

tombstones: Final = Table(
    "tombstones",
    metadata,
    Column(
        "tombstone",
        LargeBinary(32),
        primary_key=True,
        comment="A hash of an erased case's id: refuses late retries. Gives no id away.",
    ),
    CheckConstraint("length(tombstone) = 32", name="lengths"),
    sqlite_with_rowid=False,
)

experts: Final = Table(
    "experts",
    metadata,
    Column("expert_id", LargeBinary(16), primary_key=True, comment="Names an employee in claims and in the directory."),
    Column("name", String, nullable=False, unique=True, comment="What the expert types to sign in."),
    Column(
        "salt", LargeBinary(16), nullable=False, comment="For the expert's own Argon2id; the password never comes here."
    ),
    Column("m_kib", Integer, nullable=False, comment="Argon2id memory."),
    Column("t", SmallInteger, nullable=False, comment="Argon2id passes."),
    Column("p", SmallInteger, nullable=False, comment="Argon2id lanes."),
    Column("login_pk", LargeBinary(32), nullable=False, comment="Checks the proof of a sign-in."),
    Column(
        "keys",
        LargeBinary,
        nullable=False,
        comment="The expert's secret keys, sealed under password and device secret; neither is here.",
    ),
    Column(
        "queue_wraps",
        LargeBinary,
        nullable=False,
        comment="Seeds of the expert's queues, and of the directory key for coordinators, sealed for the expert: wraps "
        "of one size, one after another.",
    ),
    Column("keys_hour", Integer, comment="Since when the directory lists the expert's kem: a reminder to renew it."),
)

renewals: Final = Table(
    "renewals",
    metadata,
    Column("expert_id", LargeBinary(16), primary_key=True, comment="Whose next kem waits for a coordinator."),
    Column("renewal", LargeBinary, nullable=False, comment="The new public key, signed by the expert."),
    Column("keys", LargeBinary, nullable=False, comment="The account's sealed keys from then on."),
    Column("queue_wraps", LargeBinary, nullable=False, comment="Its seeds from then on, sealed for the new key."),
    CheckConstraint("length(expert_id) = 16 AND length(keys) = 93", name="lengths"),
)

invitations: Final = Table(
    "invitations",
    metadata,
    Column(
        "invitation_id",
        LargeBinary(16),
        primary_key=True,
        comment="How who has the link finds it: a hash of the secret, which never comes here.",
    ),
    Column("offer", LargeBinary, nullable=False, comment="Name, queues and languages, sealed under the secret."),
    Column("kept", LargeBinary(61), nullable=False, comment="The secret, sealed for coordinators."),
    Column("expires_s", Integer, nullable=False, comment="When it is deleted. Seconds, from a coordinator's act."),
    Column(
        "application",
        LargeBinary,
        comment="Who has answered: public keys, the account's name and sealed keys. Waits to be compared.",
    ),
    CheckConstraint("length(invitation_id) = 16 AND length(kept) = 61", name="lengths"),
    sqlite_with_rowid=False,
)

passkeys: Final = Table(
    "passkeys",
    metadata,
    Column("credential_id", LargeBinary, primary_key=True, comment="Names the passkey to the device that holds it."),
    Column("expert_id", LargeBinary(16), nullable=False, index=True, comment="Whose it is."),
    Column("public_key", LargeBinary, nullable=False, comment="Checks what the passkey signs."),
    Column("sign_count", BigInteger, nullable=False, comment="Shows a copied passkey, where devices count."),
    Column(
        "keys",
        LargeBinary,
        nullable=False,
        comment="The expert's secret keys, sealed under a secret that the passkey alone has.",
    ),
    Column("added_hour", Integer, nullable=False, comment="For its owner to tell it from others by."),
)

roots: Final = Table(
    "roots",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=False, comment="Order in the chain."),
    Column("document", LargeBinary, nullable=False, comment="A signed, public document: whom clients trust."),
)

directories: Final = Table(
    "directories",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False, comment="Only the newest row is kept."),
    Column("document", LargeBinary, nullable=False, comment="A signed, public document: queues, their keys, experts."),
)

on_call: Final = Table(
    "on_call",
    metadata,
    Column("expert_id", LargeBinary(16), nullable=False, comment="Whom a missed promise climbs to: an employee."),
    Column("weekday", SmallInteger, nullable=False, comment="0 Monday ... 6 Sunday, by the service's clock."),
    Column("from_min", SmallInteger, nullable=False, comment="From which minute of the day."),
    Column("to_min", SmallInteger, nullable=False, comment="To which, not itself."),
    PrimaryKeyConstraint("expert_id", "weekday", "from_min"),
    CheckConstraint(
        "weekday BETWEEN 0 AND 6 AND 0 <= from_min AND from_min < to_min AND to_min <= 1440", name="ranges"
    ),
    sqlite_with_rowid=False,
)

notices: Final = Table(
    "notices",
    metadata,
    Column("expert_id", LargeBinary(16), primary_key=True, comment="Whose wish it is: an employee's."),
    Column(
        "address",
        String,
        nullable=False,
        comment="Where this employee wants to hear that there is work: their own choice, gone when they take it back.",
    ),
    Column("new_case", SmallInteger, nullable=False, comment="1: tell of new cases in their queues."),
    Column("wrote", SmallInteger, nullable=False, comment="1: tell of what comes to cases they hold."),
    Column("missed", SmallInteger, nullable=False, comment="1: tell of missed promises while on call."),
    CheckConstraint("new_case BETWEEN 0 AND 1 AND wrote BETWEEN 0 AND 1 AND missed BETWEEN 0 AND 1", name="flags"),
    sqlite_with_rowid=False,
)

recovery_splits: Final = Table(
    "recovery_splits",
    metadata,
    Column("queue", SmallInteger, nullable=False, comment="Which queue's seed it is that coordinators hold in parts."),
    Column("epoch", Integer, nullable=False, comment="Of which epoch. Goes when the directory lists it no more."),
    Column(
        "split", LargeBinary, nullable=False, comment="Signed, and shown to experts: who holds a share, whose hash."
    ),
    Column("used", SmallInteger, nullable=False, comment="1: a share was given once, so that another split is due."),
    PrimaryKeyConstraint("queue", "epoch"),
    CheckConstraint("used BETWEEN 0 AND 1", name="flags"),
    sqlite_with_rowid=False,
)

recovery_shares: Final = Table(
    "recovery_shares",
    metadata,
    Column("queue", SmallInteger, nullable=False, comment="As in recovery_splits."),
    Column("epoch", Integer, nullable=False, comment="As in recovery_splits."),
    Column("expert_id", LargeBinary(16), nullable=False, comment="The coordinator who holds it: an employee."),
    Column("wrap", LargeBinary(1213), nullable=False, comment="The share, sealed for its holder."),
    Column("given", LargeBinary(1213), comment="The same, sealed by its holder for whoever asks; while they ask."),
    PrimaryKeyConstraint("queue", "epoch", "expert_id"),
    sqlite_with_rowid=False,
)

recovery_requests: Final = Table(
    "recovery_requests",
    metadata,
    Column("queue", SmallInteger, primary_key=True, autoincrement=False, comment="One request for each queue."),
    Column("request", LargeBinary, nullable=False, comment="Signed, and shown to every expert: who asks, and when."),
    Column("ended_by", LargeBinary(16), comment="Who has ended it: an employee. Shown to every expert."),
    sqlite_with_rowid=False,
)

# No case, no queue and no reporter: once a case is erased, nothing here can be joined with anything of it.
audit: Final = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False, comment="Order in the log, from 1 without gaps."),
    Column("author", LargeBinary(16), nullable=False, comment="From the entry: whose chain it goes on. An employee."),
    Column("counter", Integer, nullable=False, comment="From the entry: an author cannot have two with one number."),
    Column(
        "entry",
        LargeBinary(194),
        nullable=False,
        comment="Signed by its author: in which hour they did what; of what, a hash that says nothing without it.",
    ),
    Column("head", LargeBinary(32), nullable=False, comment="Hash of the whole log up to here: what witnesses sign."),
    UniqueConstraint("author", "counter"),
    CheckConstraint("length(author) = 16 AND length(entry) = 194 AND length(head) = 32", name="lengths"),
)

# Nothing here says whose case, when, or in which order: `mix_contributions` lays the rows anew by token.
contributions: Final = Table(
    "contributions",
    metadata,
    Column(
        "token",
        LargeBinary(16),
        primary_key=True,
        comment="From the case's first key, which never comes here: a case counts once, and no case is found by it.",
    ),
    Column("key", LargeBinary(32), nullable=False, comment="Hash of the public key that it is sealed to."),
    Column("sealed", LargeBinary(1520), nullable=False, comment="For coordinators, who make noisy figures of it."),
    CheckConstraint("length(token) = 16 AND length(key) = 32 AND length(sealed) = 1520", name="lengths"),
    sqlite_with_rowid=False,
)

statistics_keys: Final = Table(
    "statistics_keys",
    metadata,
    Column("roots", Integer, primary_key=True, autoincrement=False, comment="Under how many roots it was stated."),
    Column("statement", LargeBinary, nullable=False, comment="A signed, public key that contributions are sealed to."),
    Column("link", LargeBinary, comment="Its seed, sealed to a later one: what was sealed to it stays readable."),
)

earlier_wraps: Final = Table(
    "earlier_wraps",
    metadata,
    Column("roots", Integer, nullable=False, comment="Under how many roots the seed was in use. Waits for the link."),
    Column("expert_id", LargeBinary(16), nullable=False, comment="The coordinator it is sealed for: an employee."),
    Column("wrap", LargeBinary(1213), nullable=False, comment="Seed of a directory key that is in use no more."),
    PrimaryKeyConstraint("roots", "expert_id"),
    sqlite_with_rowid=False,
)

releases: Final = Table(
    "releases",
    metadata,
    Column("period", String, primary_key=True, comment="Of which month, term or school year the figures are."),
    Column("document", LargeBinary, nullable=False, comment="Signed figures, with noise: what viewers are shown."),
)

# What anybody may know: the names and numbers of public bodies. No table of cases has anything to do with these.
organisations: Final = Table(
    "organisations",
    metadata,
    Column("id", String, primary_key=True, comment="The official number, as posters and figures name it."),
    Column("kind", String, nullable=False, comment="county, municipality or school."),
    Column("name", String, nullable=False, comment="As people know it."),
    Column("parent", String, ForeignKey("organisations.id"), comment="Where it belongs; a county nowhere."),
    Column("pupils", Integer, comment="Of a school: small ones are shown together, and invoices go by it."),
    Column("first_grade", SmallInteger, comment="Of a school: which posters and lessons it gets."),
    Column("last_grade", SmallInteger, comment="As first_grade."),
    Column("joined", Date, comment="From which day its cases are counted as its own, and it is paid for."),
    Column("left", Date, comment="From which day not any more."),
    CheckConstraint(
        "kind IN ('county', 'municipality', 'school') AND (kind = 'county') = (parent IS NULL)", name="kinds"
    ),
    CheckConstraint(
        "pupils > 0 AND first_grade BETWEEN 0 AND last_grade AND (first_grade IS NULL) = (last_grade IS NULL)",
        name="ranges",
    ),
    sqlite_with_rowid=False,
)

agreements: Final = Table(
    "agreements",
    metadata,
    Column("organisation", String, ForeignKey("organisations.id"), nullable=False, comment="What is paid for."),
    Column("funder", String, ForeignKey("organisations.id"), nullable=False, comment="Who pays, and sees its figures."),
    Column("percent", SmallInteger, nullable=False, comment="Which share: invoices go by it."),
    Column("begins", Date, nullable=False, comment="From which day."),
    Column("ends", Date, comment="From which day not any more."),
    PrimaryKeyConstraint("organisation", "funder", "begins"),
    CheckConstraint("percent BETWEEN 1 AND 100 AND begins < ends", name="ranges"),
    sqlite_with_rowid=False,
)

# No name of a pupil, and no case: whose figures an adult in a public office may see.
viewer_invitations: Final = Table(
    "viewer_invitations",
    metadata,
    Column("invitation_id", LargeBinary(16), primary_key=True, comment="A hash of the link's secret."),
    Column("name", String, nullable=False, comment="Whom a coordinator invites, as other coordinators should see it."),
    Column("organisation", String, nullable=False, comment="Whose figures they will see."),
    Column("expires_s", Integer, nullable=False, comment="When it is deleted. Seconds, from a coordinator's act."),
    CheckConstraint("length(invitation_id) = 16", name="lengths"),
    sqlite_with_rowid=False,
)

viewers: Final = Table(
    "viewers",
    metadata,
    Column("viewer_id", LargeBinary(16), primary_key=True, comment="Of the invitation they came by."),
    Column("name", String, nullable=False, comment="From the invitation."),
    Column("organisation", String, nullable=False, comment="Whose figures they see; of nobody else's any."),
    Column("account", String, comment="What they type to sign in. None: of a municipal account."),
    Column("salt", LargeBinary(16), comment="Of the password's derivation."),
    Column("m_kib", Integer, comment="What it costs."),
    Column("t", Integer, comment="What it costs."),
    Column("p", Integer, comment="What it costs."),
    Column("login_pk", LargeBinary(32), comment="Checks a sign-in; derived from the password, which never comes here."),
    Column("issuer", String, comment="The provider of a municipal account."),
    Column("subject", String, comment="How the provider names the account, for good: no address of anybody."),
    UniqueConstraint("account"),
    UniqueConstraint("issuer", "subject"),
    CheckConstraint(
        "length(viewer_id) = 16 AND (account IS NULL) <> (subject IS NULL)"
        " AND (account IS NULL) = (login_pk IS NULL) AND (issuer IS NULL) = (subject IS NULL)",
        name="one_entry",
    ),
    sqlite_with_rowid=False,
)

report_wishes: Final = Table(
    "report_wishes",
    metadata,
    Column("viewer_id", LargeBinary(16), primary_key=True, comment="Whose wish it is: an adult's in a public office."),
    Column(
        "address",
        String,
        nullable=False,
        comment="Where they want to hear that a report is there: their own choice, gone when they take it back.",
    ),
    Column("language", String, nullable=False, comment="Of the letter: fi, sv or en."),
    sqlite_with_rowid=False,
)

owed_reports: Final = Table(
    "owed_reports",
    metadata,
    Column("viewer_id", LargeBinary(16), nullable=False, comment="Who is still to be told. Gone with the letter."),
    Column("period", String, nullable=False, comment="Of which term or school year the report is."),
    PrimaryKeyConstraint("viewer_id", "period"),
    sqlite_with_rowid=False,
)

# What every process of a service must know. Nothing here is a reporter's.
sessions: Final = Table(
    "sessions",
    metadata,
    Column("token_digest", LargeBinary(32), primary_key=True, comment="Checks a token, and cannot be used as one."),
    Column("session_id", LargeBinary(16), nullable=False, comment="By which its owner ends it."),
    Column("door", SmallInteger, nullable=False, comment="1: experts, 2: viewers of figures."),
    Column(
        "person", LargeBinary(16), nullable=False, comment="Whose it is: an employee's, or an adult's in an office."
    ),
    Column("begun_hour", Integer, nullable=False, comment="So that its owner sees which of theirs it is. Hours."),
    Column("until_s", BigInteger, nullable=False, comment="When it ends; the row goes with the next that begins."),
    CheckConstraint("length(token_digest) = 32 AND door IN (1, 2)", name="ranges"),
    Index(None, "person"),
    sqlite_with_rowid=False,
)

spent_challenges: Final = Table(
    "spent_challenges",
    metadata,
    Column("challenge", LargeBinary(32), primary_key=True, comment="Used up: a proof counts once. It names nobody."),
    Column("until_s", BigInteger, nullable=False, comment="When it would not count anyway, and is deleted."),
    Index(None, "until_s"),
    sqlite_with_rowid=False,
)

sign_in_failures: Final = Table(
    "sign_in_failures",
    metadata,
    Column(
        "bucket",
        Integer,
        primary_key=True,
        autoincrement=False,
        comment="16 bits of a keyed hash of what was typed as a name, whether there is such an account or not.",
    ),
    Column("count", SmallInteger, nullable=False, comment="What the next try costs."),
    Column("since_s", BigInteger, nullable=False, comment="Since when; forgotten within the hour."),
)

jobs: Final = Table(
    "jobs",
    metadata,
    Column("name", String, primary_key=True, comment="What is done by one process alone."),
    Column("holder", LargeBinary(16), nullable=False, comment="Which process does it: a number drawn at its start."),
    Column("beat", BigInteger, nullable=False, comment="Grows while it lives: no clock of two computers is compared."),
    sqlite_with_rowid=False,
)

oldest_server: Final = Table(
    "oldest_server",
    metadata,
    Column("head", String, primary_key=True, comment="The oldest HEAD whose server may work with these tables."),
    sqlite_with_rowid=False,
)

prepared_reports: Final = Table(
    "prepared_reports",
    metadata,
    Column("report_seq", Integer, primary_key=True, comment="In which order they were made: the oldest go first."),
    Column(
        "digest",
        LargeBinary(32),
        nullable=False,
        unique=True,
        comment="Of the words, figures and pictures it was printed from: of anything else it is no report.",
    ),
    Column("size_bytes", Integer, nullable=False, comment="So that all together stay below a bound."),
    Column("pdf", LargeBinary, nullable=False, comment="Published figures on paper, which take seconds to print."),
)

WIPED: Final = (
    wrap_keys,
    mailboxes,
    experts,
    renewals,
    passkeys,
    recovery_shares,
    statistics_keys,
    earlier_wraps,
    viewers,
    report_wishes,
)
"""Of all that is erased, what opens something or names somebody; the rest is sealed, and opens with none of it."""

for _table in WIPED:
    for _column in _table.columns:
        if isinstance(_column.type, LargeBinary | types.String):
            # PostgreSQL would keep examples of the values elsewhere.
            _no_examples = DDL(f"ALTER TABLE {_table.name} ALTER {_column.name} SET STATISTICS 0")  # type: ignore[no-untyped-call]  # SQLAlchemy gives it no types
            event.listen(_table, "after_create", _no_examples.execute_if(dialect="postgresql"))
