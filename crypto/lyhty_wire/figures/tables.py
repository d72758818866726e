"""What is published, and what each table costs of the privacy of one case (SPEC 12.7).

Every case stands in exactly one cell of every table, so that adding or removing it changes one count by one in each:
the tables' epsilons add up (sequential composition, Dwork and Roth 2014, theorem 3.16), over all periods and for good.
"""

from enum import Enum
from fractions import Fraction
from typing import Final, NamedTuple

from lyhty_wire.figures.periods import Span

EPSILON: Final = Fraction(2)
"""For one case, everything published about it together. Somebody who asks for help k times has k times that."""


class Level(Enum):
    PLACE = "place"
    """A school, or the small schools of a municipality together."""
    MUNICIPALITY = "municipality"
    COUNTY = "county"
    SERVICE = "service"
    """Everybody whom the provider helps."""


class Terms(NamedTuple):
    span: Span
    level: Level
    by: str | None
    """What the cells of one place are told apart by; None: nothing."""
    epsilon: Fraction


class Table(Enum):
    """The tables in the order in which they are drawn: each adds up to those before it."""

    MONTHS = Terms(Span.MONTH, Level.MUNICIPALITY, None, Fraction(48, 100))
    TERMS = Terms(Span.TERM, Level.PLACE, None, Fraction(78, 100))
    TOPICS = Terms(Span.TERM, Level.MUNICIPALITY, "topic", Fraction(28, 100))
    PROMISE = Terms(Span.TERM, Level.SERVICE, "promise", Fraction(4, 100))
    SCHOOL_TOPICS = Terms(Span.YEAR, Level.PLACE, "topic", Fraction(30, 100))
    SERVICES = Terms(Span.YEAR, Level.COUNTY, "service", Fraction(5, 100))
    ROLES = Terms(Span.YEAR, Level.COUNTY, "role", Fraction(3, 100))
    IMPACT = Terms(Span.YEAR, Level.COUNTY, "impact", Fraction(2, 100))
    LATER = Terms(Span.YEAR, Level.COUNTY, "later", Fraction(2, 100))
    """Whether it had helped, asked two weeks after the answer."""

    __hash__ = object.__hash__  # that of Enum is slow, and sums look up thousands

    @property
    def epsilon(self) -> Fraction:
        return self.value.epsilon


REPLIES: Final = (Table.IMPACT, Table.LATER)
"""What reporters said when asked. Not everybody answers, so that they add up to nothing else."""

assert sum(table.epsilon for table in Table) == EPSILON
