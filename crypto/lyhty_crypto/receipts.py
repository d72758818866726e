"""How far a message has come, from signed heads alone, and when a client owes the other side a receipt (SPEC 4.5)."""

from collections.abc import Iterable
from enum import IntEnum

from lyhty_crypto.sealing import Opened
from lyhty_wire.contents import Receipt, Turn, Wordless
from lyhty_wire.ids import SignKey


class Reach(IntEnum):
    """How far a stored message has come."""

    SENT = 0  # the server has it
    DELIVERED = 1  # the other side's client has verified it
    READ = 2  # it has been on the other side's screen


def reach_of(history: Iterable[Opened], author: SignKey, reporter: SignKey) -> dict[int, Reach]:
    """The reach of each message of `author`, by its counter. Only the other side's heads count, and only true ones."""
    opened = tuple(history)
    own = {each.header.counter: each.head for each in opened if each.header.author == author}
    delivered = read = 0
    for each in opened:
        if not _are_two_sides(each.header.author, author, reporter):
            continue
        for seen in each.heads:
            if seen.author == author and own.get(seen.counter) == seen.head:
                delivered = max(delivered, seen.counter)
                read = max(read, seen.counter if _has_read(each) else 0)
    return {
        counter: Reach.READ if counter <= read else Reach.DELIVERED if counter <= delivered else Reach.SENT
        for counter in own
    }


def receipt_owed(history: Iterable[Opened], author: SignKey, reporter: SignKey, *, on_screen: bool) -> Reach | None:
    """What `author` has not told the other side yet: READ, DELIVERED or nothing. Only words are owed a receipt."""
    written: dict[SignKey, int] = {}
    told: dict[SignKey, int] = {}
    told_read: dict[SignKey, int] = {}
    for each in history:
        who, counter = each.header.author, each.header.counter
        if _are_two_sides(who, author, reporter) and not isinstance(each.content, Wordless | Turn):
            written[who] = max(counter, written.get(who, 0))
        elif who == author:
            for seen in each.heads:
                told[seen.author] = max(seen.counter, told.get(seen.author, 0))
                if _has_read(each):
                    told_read[seen.author] = max(seen.counter, told_read.get(seen.author, 0))
    if on_screen and any(counter > told_read.get(who, 0) for who, counter in written.items()):
        return Reach.READ
    return Reach.DELIVERED if any(counter > told.get(who, 0) for who, counter in written.items()) else None


def _are_two_sides(one: SignKey, other: SignKey, reporter: SignKey) -> bool:
    """What experts see of one another says nothing about the reporter."""
    return (one == reporter) is not (other == reporter)


def _has_read(opened: Opened) -> bool:
    """Whoever writes has the conversation on the screen; a new key is made without a look at it."""
    match opened.content:
        case Receipt(read=read):
            return read
        case Turn():
            return False
        case _:
            return True
