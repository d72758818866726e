"""What an organisation's page shows, without words: blocks of counts, and why something is not there (SPEC 12.5)."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from typing import Final, NamedTuple

from lyhty_server.figures.archive import KNOWN, Archive
from lyhty_server.figures.counts import Count, Share, rate_of_replies, share, total
from lyhty_wire.figures.periods import Period, Span, month_periods, terms_of, year_of
from lyhty_wire.figures.register import ALL, Place
from lyhty_wire.figures.tables import Table
from lyhty_wire.organisations import Kind, Organisation, Tree

TERMS_BACK: Final = 10


class Why(Enum):
    """Why a figure is not there, or not as one might expect."""

    NOT_YET = "not-yet"
    LATE = "late"
    SMALL_SCHOOL = "small-school"
    OTHER_PLACE = "other-place"
    OTHER_ALONE = "other-alone"
    ONLY_YEAR = "only-year"
    SEE_YEAR = "see-year"
    ONLY_COUNTY = "only-county"
    ONLY_SERVICE = "only-service"
    NO_MONTHS = "no-months"
    NOT_MEMBER = "not-member"
    JOINED = "joined"
    NO_PUPILS = "no-pupils"
    OUTSIDE = "outside"
    NOTHING = "nothing"
    VAGUE = "vague"


class Note(NamedTuple):
    why: Why
    on: date | None = None
    names: tuple[str, ...] = ()


class Subject(NamedTuple):
    """Whose figures: a school, small schools together, a municipality, a county, or the whole service."""

    kind: str
    id: str
    names: tuple[str, ...] = ()


SERVICE: Final = Subject("service", ALL)


@dataclass(frozen=True, slots=True)
class Row:
    key: str
    """A category, a period's name or an organisation."""
    count: Count | None
    names: tuple[str, ...] = ()
    kind: str = ""
    pupils: int | None = None
    note: Note | None = None


class Name(Enum):
    CASES = "cases"
    HISTORY = "history"
    BELOW = "below"
    COMPARISON = "comparison"
    TOPICS = "topics"
    SERVICES = "services"
    ROLES = "roles"
    PROMISE = "promise"
    IMPACT = "impact"
    LATER = "later"


class Block(NamedTuple):
    name: Name
    of: Subject
    period: Period
    rows: tuple[Row, ...] = ()
    total: Count | None = None
    share: Share | None = None
    """Of the first row in all: answered in time, helped."""
    replied: Share | None = None
    notes: tuple[Note, ...] = ()
    withheld: Note | None = None


class Body(NamedTuple):
    organisation: Organisation | None
    """None: the whole service."""
    subject: Subject
    period: Period
    blocks: tuple[Block, ...]


def body_of(archive: Archive, tree: Tree, organisation: str, period: Period, today: date) -> Body:
    """`organisation`: in the tree, or ALL. `period`: a term or a school year."""
    return _Maker(archive, tree, organisation, period, today).body()


class _Maker:
    def __init__(self, archive: Archive, tree: Tree, organisation: str, period: Period, today: date) -> None:
        self._archive, self._tree, self._period, self._today = archive, tree, period, today
        self._own = None if organisation == ALL else tree.organisations[organisation]
        self._kind = "service" if self._own is None else self._own.kind.value
        self._area = organisation
        self._place: Place | None = None
        if self._kind == Kind.SCHOOL.value:
            self._place = self._known_place()
            self._area = (self._own.parent if self._own else None) or ALL

    def body(self) -> Body:
        makers: tuple[Callable[[], Block | None], ...] = (
            self._cases, self._history, self._below, self._comparison, self._topics,
            lambda: self._of_county(Name.SERVICES, Table.SERVICES), lambda: self._of_county(Name.ROLES, Table.ROLES),
            self._promise,
            lambda: self._replies(Name.IMPACT, Table.IMPACT), lambda: self._replies(Name.LATER, Table.LATER),
        )  # fmt: skip
        blocks = tuple(block for make in makers if (block := make()) is not None)
        return Body(self._own, self._subject(), self._period, blocks)

    # --- Who

    def _known_place(self) -> Place | None:
        assert self._own is not None
        register = self._archive.register(self._period)
        if register is None:
            return None
        places = (place for each in register.municipalities for place in each.places)
        return next((place for place in places if self._own.id in place.schools), None)

    def _subject(self) -> Subject:
        if self._own is None:
            return SERVICE
        if self._place is not None and len(self._place.schools) > 1:
            return Subject("group", self._place.id, self._names(self._place.schools))
        return Subject(self._kind, self._own.id, (self._own.name,))

    def _county(self) -> Subject:
        if self._own is None:
            return SERVICE
        own: Organisation = self._own
        while own.parent is not None:
            own = self._tree.organisations[own.parent]
        return Subject("county", own.id, (own.name,))

    def _names(self, ids: Iterable[str]) -> tuple[str, ...]:
        return tuple(self._tree.organisations[each].name if each in self._tree.organisations else each for each in ids)

    def _notes(self) -> tuple[Note, ...]:
        notes: list[Note] = []
        if self._place is not None and len(self._place.schools) > 1:
            assert self._own is not None
            others = (each for each in self._place.schools if each != self._own.id)
            notes.append(Note(Why.SMALL_SCHOOL, names=self._names(others)))
        joined = None if self._own is None else self._own.joined
        first, last = self._period.months[0], self._period.months[-1]
        if (
            joined is not None
            and (first.year, first.month, 1) < joined.timetuple()[:3]
            and ((joined.year, joined.month) <= (last.year, last.month))
        ):
            notes.append(Note(Why.JOINED, on=joined))
        return tuple(notes)

    def _missing(self, period: Period) -> Note:
        """Why there is no figure of a period."""
        if period in self._archive.releases:
            return Note(Why.NOT_MEMBER)
        return Note(Why.NOT_YET, on=period.published) if self._today < period.published else Note(Why.LATE)

    def _first_missing(self, periods: Iterable[Period]) -> Note:
        missing = [each for each in periods if each not in self._archive.releases]
        return self._missing(missing[-1]) if missing else Note(Why.NOT_MEMBER)

    @property
    def _terms(self) -> tuple[Period, ...]:
        return terms_of(self._period) if self._period.span is Span.YEAR else (self._period,)

    def _row(self, key: str, count: Count | None, period: Period) -> Row:
        return Row(key, count, note=None if count is not None else self._missing(period))

    # --- Cases

    def _cases(self) -> Block:
        if self._kind == Kind.SCHOOL.value:
            rows = tuple(self._row(term.name, self._of_term(term), term) for term in self._terms)
            whole = None if self._place is None else self._archive.place(self._place, self._period)
            notes = (*self._notes(), Note(Why.NO_MONTHS))
        else:
            months = month_periods(self._period)
            rows = tuple(self._row(month.name, self._archive.months(self._area, month), month) for month in months)
            whole = self._archive.months_so_far(self._area, self._period)
            notes = self._notes()
        known = any(row.count is not None for row in rows)
        withheld = None if known else self._first_missing(month_periods(self._period))
        return Block(Name.CASES, self._subject(), self._period, rows, whole, notes=notes, withheld=withheld)

    def _of_term(self, term: Period) -> Count | None:
        assert self._own is not None
        found = self._archive.place_of(term, self._own.id)
        return None if found is None else self._archive.place(found[1], term)

    def _history(self) -> Block:
        """A point for each term; where a school's place was another one, that is said."""
        here = () if self._place is None else self._place.schools
        terms = [term for term in self._archive.terms if term.first <= self._period.months[-1]][-TERMS_BACK:]
        rows: list[Row] = []
        for term in terms:
            if self._kind == Kind.SCHOOL.value:
                assert self._own is not None
                found = self._archive.place_of(term, self._own.id)
                schools = () if found is None else found[1].schools
                others = (each for each in schools if each != self._own.id)
                names = self._names(others)
                note = Note(Why.OTHER_PLACE if names else Why.OTHER_ALONE, names=names) if schools != here else None
                rows.append(Row(term.name, self._of_term(term), note=note))
            else:
                rows.append(Row(term.name, self._archive.months(self._area, term)))
        shown = tuple(row for row in rows if row.count is not None)
        withheld = Note(Why.NOTHING) if len(shown) < 2 else None
        return Block(Name.HISTORY, self._subject(), self._period, shown, withheld=withheld)

    # --- Below and beside

    def _below(self) -> Block | None:
        if self._kind == Kind.SCHOOL.value:
            return None
        rows = tuple(self._places() if self._kind == Kind.MUNICIPALITY.value else self._areas())
        known = [row.count for row in rows if row.count is not None]
        whole = self._archive.months(self._area, self._period) if known else None
        withheld = None if known else self._first_missing(self._terms)
        return Block(Name.BELOW, self._subject(), self._period, rows, whole, withheld=withheld)

    def _places(self) -> Iterator[Row]:
        for municipality in self._archive.members(self._period, self._area):
            for place in municipality.places:
                kind = "group" if len(place.schools) > 1 else "school"
                count = self._archive.place(place, self._period)
                yield Row(place.id, count, self._names(place.schools), kind, self._pupils(place.schools))
        known = {school for each in self._archive.members(self._period, self._area) for school in _schools(each.places)}
        for school in self._tree.children(self._area):
            if school.id not in known:
                note = Note(Why.JOINED, on=school.joined) if school.joined else Note(Why.NOT_MEMBER)
                yield Row(school.id, None, (school.name,), "school", note=note)

    def _areas(self) -> Iterator[Row]:
        members = self._archive.members(self._period, self._area)
        areas = sorted({each.county for each in members}) if self._own is None else [each.id for each in members]
        kind = "county" if self._own is None else "municipality"
        for area in areas:
            yield Row(area, self._archive.months(area, self._period), self._names([area]), kind, self._pupils_in(area))

    def _comparison(self) -> Block:
        """Cases for each 100 pupils, of oneself and of what one is a part of."""
        rows: list[Row] = []
        if self._kind == Kind.SCHOOL.value:
            subject, place = self._subject(), self._place
            count = None if place is None else self._archive.place(place, self._period)
            pupils = None if place is None else self._pupils(place.schools)
            rows.append(Row(subject.id, count, subject.names, subject.kind, pupils))
        above = self._own
        while above is not None:
            if above.kind is not Kind.SCHOOL:
                rows.append(self._of_area(above.id, (above.name,), above.kind.value))
            above = self._tree.organisations[above.parent] if above.parent is not None else None
        rows.append(self._of_area(KNOWN, (), "service"))
        whole = tuple(_with_pupils(row) for row in rows)
        missing = None if any(row.count for row in rows) else self._first_missing(self._terms)
        return Block(Name.COMPARISON, self._subject(), self._period, whole, notes=self._notes(), withheld=missing)

    def _of_area(self, area: str, names: tuple[str, ...], kind: str) -> Row:
        return Row(area, self._archive.months(area, self._period), names, kind, self._pupils_in(area))

    def _pupils_in(self, area: str) -> int | None:
        members = self._archive.members(self._period, area)
        return self._pupils(school for each in members for school in _schools(each.places))

    def _pupils(self, schools: Iterable[str]) -> int | None:
        """None: not known of all of them."""
        of = [self._tree.organisations.get(each) for each in schools]
        known = [each.pupils for each in of if each is not None and each.pupils]
        return sum(known) if known and len(known) == len(of) else None

    # --- By what

    def _topics(self) -> Block:
        topics = self._archive.categories(self._period, "topic")
        if self._kind != Kind.SCHOOL.value:
            counts = {topic: self._archive.topic(self._area, self._period, topic) for topic in topics}
            return self._by(Name.TOPICS, self._subject(), counts, self._first_missing(self._terms))
        if self._period.span is not Span.YEAR:
            return Block(Name.TOPICS, self._subject(), self._period, withheld=self._only_year())
        place = "" if self._place is None else self._place.id
        of_place = {topic: self._archive.count(Table.SCHOOL_TOPICS, self._period, place, topic) for topic in topics}
        whole = None if self._place is None else self._archive.place(self._place, self._period)
        return self._by(
            Name.TOPICS, self._subject(), of_place, self._missing(self._period), whole=whole, notes=self._notes()
        )

    def _of_county(self, name: Name, table: Table) -> Block:
        of = self._county()
        notes = () if self._kind in ("county", "service") else (Note(Why.ONLY_COUNTY, names=of.names),)
        if self._period.span is not Span.YEAR:
            return Block(name, of, self._period, notes=notes, withheld=self._only_year())
        assert table.value.by is not None, table
        categories = self._archive.categories(self._period, table.value.by)
        counts = {each: self._archive.of_counties(table, self._period, of.id, each) for each in categories}
        return self._by(name, of, counts, self._missing(self._period), notes=notes)

    def _only_year(self) -> Note:
        year = year_of(self._period.first)
        return Note(Why.SEE_YEAR if year in self._archive.releases else Why.ONLY_YEAR, on=year.published)

    def _replies(self, name: Name, table: Table) -> Block:
        block = self._of_county(name, table)
        cases = self._archive.months(block.of.id, self._period)
        if not block.rows or cases is None:
            return block
        counts = [row.count for row in block.rows if row.count is not None]
        # What reporters said adds up to nothing else, so that its sum is of independent draws.
        replies = total(counts)
        helped = share(counts[0], total(counts[1:])) if len(counts) > 1 else None
        return block._replace(total=replies, share=helped, replied=rate_of_replies(replies, cases))

    def _promise(self) -> Block:
        notes = () if self._own is None else (Note(Why.ONLY_SERVICE),)
        categories = self._archive.categories(self._period, "promise")
        counts = {each: self._archive.promise(self._period, each) for each in categories}
        block = self._by(Name.PROMISE, SERVICE, counts, self._first_missing(self._terms), notes=notes)
        known = [row.count for row in block.rows if row.count is not None]
        return block._replace(share=share(known[0], total(known[1:])) if len(known) > 1 else None)

    def _by(
        self,
        name: Name,
        of: Subject,
        counts: dict[str, Count | None],
        missing: Note,
        *,
        whole: Count | None = None,
        notes: tuple[Note, ...] = (),
    ) -> Block:
        """Everybody told apart: adds up to all cases of the period, which were published before."""
        rows = tuple(Row(key, count) for key, count in counts.items() if count is not None)
        if not rows or len(rows) < len(counts):
            return Block(name, of, self._period, notes=notes, withheld=missing)
        if all(row.count is not None and row.count.low == 0 for row in rows):
            notes = (*notes, Note(Why.VAGUE))
        return Block(name, of, self._period, rows, whole or self._archive.months(of.id, self._period), notes=notes)


def _schools(places: Iterable[Place]) -> tuple[str, ...]:
    return tuple(school for place in places for school in place.schools)


def _with_pupils(row: Row) -> Row:
    return row if row.pupils is not None or row.count is None else replace(row, note=Note(Why.NO_PUPILS))
