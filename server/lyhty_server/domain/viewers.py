"""Whose figures somebody may see (SPEC 12.2): one rule, and everything that is not seen is unknown alike."""

from datetime import date

from lyhty_server.domain.errors import DomainError
from lyhty_wire.codes import Code
from lyhty_wire.organisations import Kind, Organisation, Tree

_ORDER = tuple(Kind)


def seen(tree: Tree, seer: str | None, day: date) -> frozenset[str]:
    """`seer`: the body that a viewer is of; None: a coordinator, who sees all. Of a body that has left, nothing."""
    if seer is None:
        return frozenset(tree.organisations)
    return tree.seen_by(seer, day) if seer in tree.organisations else frozenset()


def check_seen(tree: Tree, seer: str | None, organisation: str, day: date) -> Organisation:
    """
    Raises:
        DomainError: `organisation-unknown`, after the same work whether it is foreign or there is none.
    """
    if organisation not in seen(tree, seer, day):
        raise DomainError(Code.ORGANISATION_UNKNOWN)
    return tree.organisations[organisation]


def in_order(tree: Tree, seer: str, day: date) -> tuple[Organisation, ...]:
    """All that a viewer sees: their own body first, then counties, municipalities, schools, each by id."""
    bodies = (tree.organisations[each] for each in seen(tree, seer, day))
    return tuple(sorted(bodies, key=lambda one: (one.id != seer, _ORDER.index(one.kind), one.id)))
