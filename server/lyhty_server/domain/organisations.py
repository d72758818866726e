"""What an import makes of the organisations: the whole new tree, or every problem by its row (SPEC 12.1).

A cell left empty keeps what is there, and so does an organisation that the file does not name.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

from msgspec.structs import replace

from lyhty_server.domain.organisation_cells import Draft, draft_of
from lyhty_server.domain.sheets import Row
from lyhty_wire.organisation_desk import (
    ImportColumn,
    Imported,
    ImportFault,
    ImportProblem,
    OrganisationChange,
    Organisations,
)
from lyhty_wire.organisations import PARENTS, Agreement, Kind, Organisation

MAX_PROBLEMS: Final = 200
WHOLE: Final = 100
OFFICIAL_DIGITS: Final = {Kind.COUNTY: 2, Kind.MUNICIPALITY: 3, Kind.SCHOOL: 5}
"""Statistics Finland's numbers. A spreadsheet takes the zeros in front of them away."""

_NEEDED: Final = (ImportColumn.KIND, ImportColumn.NAME)
_OF_SCHOOLS: Final = (ImportColumn.PUPILS, ImportColumn.GRADES)
_OF_AGREEMENTS: Final = (ImportColumn.FUNDER, ImportColumn.PERCENT, ImportColumn.BEGINS, ImportColumn.ENDS)
_NEEDED_OF_AGREEMENTS: Final = (ImportColumn.FUNDER, ImportColumn.PERCENT, ImportColumn.BEGINS)
_COLUMN_OF: Final = {column.value: column for column in ImportColumn}

Key = tuple[str, str, date]


class Plan(NamedTuple):
    after: Organisations
    """With problems: as it was."""
    told: Imported


def plan_import(before: Organisations, rows: Sequence[Row], in_file: Sequence[ImportProblem], today: date) -> Plan:
    work = _Work(before, today)
    work.problems += in_file
    for draft in [draft_of(row, work.problems) for row in rows]:
        if draft.is_agreement:
            work.agree(draft)
        else:
            work.take(draft)
    after = work.after()
    work.problems += _tree_problems(after.organisations, work.row_of, today, work.old)
    work.problems += _agreement_problems(after, work.row_of_agreement, work.row_of)
    if work.problems:
        problems = _one_for_each_cell(work.problems)
        shown, more = problems[:MAX_PROBLEMS], max(0, len(problems) - MAX_PROBLEMS)
        return Plan(before, Imported([], [], [], [], [], shown, more))
    return Plan(after, changes(before, after))


def _one_for_each_cell(problems: Iterable[ImportProblem]) -> list[ImportProblem]:
    """By row. What could not be read is not said to be missing as well."""
    first: dict[tuple[int, ImportColumn | None, str | None], ImportProblem] = {}
    for each in problems:
        first.setdefault((each.row, each.column, None if each.row and each.column else each.value), each)
    return sorted(first.values(), key=lambda each: each.row)


def changes(before: Organisations, after: Organisations) -> Imported:
    old = {each.id: each for each in before.organisations}
    added: list[OrganisationChange] = []
    changed: list[OrganisationChange] = []
    left: list[OrganisationChange] = []
    for new in after.organisations:
        was = old.get(new.id)
        if was is None:
            added.append(OrganisationChange(new.id, new.name, []))
        elif was != new:
            names = [name for name in was.__struct_fields__ if getattr(was, name) != getattr(new, name)]
            change = OrganisationChange(new.id, new.name, [_COLUMN_OF[name] for name in names])
            (left if "left" in names and new.left is not None else changed).append(change)
    agreed = {_key(each): each for each in before.agreements}
    still = {_key(each) for each in after.agreements}
    return Imported(
        added, changed, left,
        [each for each in after.agreements if agreed.get(_key(each)) != each],
        [each for each in before.agreements if _key(each) not in still],
        [], 0,
    )  # fmt: skip


def _key(agreement: Agreement) -> Key:
    return agreement.organisation, agreement.funder, agreement.begins


def _fields(draft: Draft) -> dict[str, object]:
    """What the row says of an organisation; agreements have cells of their own."""
    return {name: value for name, value in draft.values.items() if name in Organisation.__struct_fields__}


class _Work:
    """The tree while row after row is added to it."""

    def __init__(self, before: Organisations, today: date) -> None:
        self._today = today
        self.old: Mapping[str, Organisation] = {each.id: each for each in before.organisations}
        self._organisations = dict(self.old)
        self._agreements = {_key(each): each for each in before.agreements}
        self.row_of: dict[str, int] = {}
        self.row_of_agreement: dict[Key, int] = {}
        self._seen: set[Key] = set()
        self.problems: list[ImportProblem] = []

    def after(self) -> Organisations:
        return Organisations(
            [each for _, each in sorted(self._organisations.items())],
            [each for _, each in sorted(self._agreements.items())],
        )

    def _say(self, draft: Draft, column: ImportColumn, code: ImportFault, value: object = None) -> None:
        said = draft.cells.get(column, "") if value is None else str(value)
        self.problems.append(ImportProblem(draft.row, column, code, said))

    def take(self, draft: Draft) -> None:
        """A row of an organisation."""
        if draft.id is None:
            return
        if draft.id in self.row_of:
            self._say(draft, ImportColumn.ID, ImportFault.ID_TWICE)
            return
        self.row_of[draft.id] = draft.row
        old = self.old.get(draft.id)
        kind = draft.values.get("kind", None if old is None else old.kind)
        for column in _OF_AGREEMENTS if kind is Kind.SCHOOL else (*_OF_SCHOOLS, *_OF_AGREEMENTS):
            if column in draft.cells:
                self._say(draft, column, ImportFault.NOT_OF_KIND)
        if old is None:
            self._add(draft, kind)
        elif kind is not old.kind:
            self._say(draft, ImportColumn.KIND, ImportFault.KIND_SETTLED)
        else:
            self._organisations[draft.id] = replace(old, **_fields(draft))

    def _add(self, draft: Draft, kind: object) -> None:
        assert draft.id is not None
        for needed in (each for each in _NEEDED if each not in draft.cells):
            self._say(draft, needed, ImportFault.CELL_MISSING)
        if not isinstance(kind, Kind):
            return
        if draft.id.isdigit() and len(draft.id) != OFFICIAL_DIGITS[kind]:
            self._say(draft, ImportColumn.ID, ImportFault.ID_ZEROS)
        new = Organisation(draft.id, kind, "", joined=self._today)
        self._organisations[draft.id] = replace(new, **_fields(draft))

    def agree(self, draft: Draft) -> None:
        """A row of an agreement: a share of 0 takes it back."""
        for column in (
            each for each in ImportColumn if each not in (*_OF_AGREEMENTS, ImportColumn.ID, ImportColumn.KIND)
        ):
            if column in draft.cells:
                self._say(draft, column, ImportFault.NOT_OF_KIND)
        for needed in (each for each in _NEEDED_OF_AGREEMENTS if each not in draft.cells):
            self._say(draft, needed, ImportFault.CELL_MISSING)
        funder, percent, begins = (draft.values.get(each.value) for each in _NEEDED_OF_AGREEMENTS)
        if draft.id is None or not isinstance(funder, str) or not isinstance(begins, date):
            return
        key = (draft.id, funder, begins)
        if key in self._seen:
            self._say(draft, ImportColumn.ID, ImportFault.ID_TWICE)
        self._seen.add(key)
        if percent == 0:
            self._agreements.pop(key, None)
        elif isinstance(percent, int):
            old = self._agreements.get(key)
            ends = draft.values.get("ends", None if old is None else old.ends)
            assert ends is None or isinstance(ends, date)
            self._agreements[key] = Agreement(funder, draft.id, percent, begins, ends)
        self.row_of_agreement[key] = draft.row


# --- What must hold of the whole, whoever brought it


def _tree_problems(
    organisations: Iterable[Organisation], row_of: Mapping[str, int], today: date, old: Mapping[str, Organisation]
) -> Iterable[ImportProblem]:
    known = {each.id: each for each in organisations}
    yield from _twins(known.values(), row_of)
    for each in known.values():
        row = row_of.get(each.id, 0)
        yield from _parent_problems(each, known, row_of)
        if each.joined is not None and each.left is not None and each.left < each.joined:
            yield ImportProblem(row, ImportColumn.LEFT, ImportFault.LEFT_BEFORE_JOINED, str(each.left))
        was = old.get(each.id)
        if was is not None and (was.joined is None or was.joined < today):
            if was.joined != each.joined:
                yield ImportProblem(row, ImportColumn.JOINED, ImportFault.JOINED_SETTLED, str(each.joined))
            if was.kind is Kind.SCHOOL and was.parent != each.parent:
                yield ImportProblem(row, ImportColumn.PARENT, ImportFault.PARENT_SETTLED, str(each.parent))


def _twins(organisations: Iterable[Organisation], row_of: Mapping[str, int]) -> Iterable[ImportProblem]:
    """Of one name in one place at one time: a school that was entered twice."""
    named: dict[tuple[str | None, str], list[Organisation]] = {}
    for each in organisations:
        namesakes = named.setdefault((each.parent, each.name.casefold()), [])
        if each.name and any(_meet(each, other) for other in namesakes):
            row = max(row_of.get(one.id, 0) for one in (each, *namesakes))
            yield ImportProblem(row, ImportColumn.NAME, ImportFault.NAME_TWICE, each.name)
        namesakes.append(each)


def _meet(one: Organisation, other: Organisation) -> bool:
    """On some day both are there."""
    begins = max(one.joined or date.min, other.joined or date.min)
    return begins < min(one.left or date.max, other.left or date.max)


def _parent_problems(
    each: Organisation, known: Mapping[str, Organisation], row_of: Mapping[str, int]
) -> Iterable[ImportProblem]:
    wanted, row = PARENTS[each.kind], row_of.get(each.id, 0)
    if each.parent is None:
        if wanted is not None:
            yield ImportProblem(row, ImportColumn.PARENT, ImportFault.CELL_MISSING, "")
        return
    parent = known.get(each.parent)
    if parent is None:
        # One that has a row is there: what is wrong is said of that row.
        if each.parent not in row_of:
            yield ImportProblem(row, ImportColumn.PARENT, ImportFault.PARENT_UNKNOWN, each.parent)
    elif _is_in_cycle(each, known):
        yield ImportProblem(row, ImportColumn.PARENT, ImportFault.PARENT_CYCLE, each.parent)
    elif parent.kind is not wanted:
        yield ImportProblem(row, ImportColumn.PARENT, ImportFault.PARENT_KIND, each.parent)
    elif parent.left is not None and (each.left is None or each.left > parent.left):
        yield ImportProblem(row, ImportColumn.LEFT, ImportFault.LEFT_WITH_OTHERS, parent.id)


def _is_in_cycle(start: Organisation, known: Mapping[str, Organisation]) -> bool:
    seen = set()
    above = start.parent
    while above is not None and above in known and above not in seen:
        if above == start.id:
            return True
        seen.add(above)
        above = known[above].parent
    return False


def _agreement_problems(
    after: Organisations, row_of_agreement: Mapping[Key, int], row_of: Mapping[str, int]
) -> Iterable[ImportProblem]:
    known = {each.id: each for each in after.organisations}
    of: dict[str, list[Agreement]] = {}
    for each in after.agreements:
        of.setdefault(each.organisation, []).append(each)
        row = row_of_agreement.get(_key(each), row_of.get(each.funder, 0))
        funder = known.get(each.funder)
        if each.organisation not in known and each.organisation not in row_of:
            yield ImportProblem(row, ImportColumn.ID, ImportFault.ORGANISATION_UNKNOWN, each.organisation)
        if funder is None and each.funder not in row_of:
            yield ImportProblem(row, ImportColumn.FUNDER, ImportFault.FUNDER_UNKNOWN, each.funder)
        elif funder is not None and funder.kind is Kind.SCHOOL:
            yield ImportProblem(row, ImportColumn.FUNDER, ImportFault.FUNDER_KIND, each.funder)
        elif funder is not None and funder.left is not None and (each.ends is None or each.ends > funder.left):
            yield ImportProblem(row, ImportColumn.ENDS, ImportFault.FUNDER_LEFT, each.funder)
        if each.ends is not None and each.ends <= each.begins:
            yield ImportProblem(row, ImportColumn.ENDS, ImportFault.ENDS_BEFORE_BEGINS, str(each.ends))
    rows: dict[str, int] = {}
    for key, row in row_of_agreement.items():
        rows[key[0]] = max(row, rows.get(key[0], 0))
    for organisation, agreements in of.items():
        for day, total in shares(agreements):
            if total != WHOLE:
                yield ImportProblem(
                    rows.get(organisation, 0),
                    ImportColumn.PERCENT,
                    ImportFault.SHARES,
                    f"{organisation} {day}: {total} %",
                )
                break


def shares(agreements: Sequence[Agreement]) -> Iterable[tuple[date, int]]:
    """Of one organisation: how much is paid from which day on, for each day on which that changes and somebody pays."""
    days = {each.begins for each in agreements} | {each.ends for each in agreements if each.ends is not None}
    for day in sorted(days):
        holding = [each.percent for each in agreements if each.holds(day)]
        if holding:
            yield day, sum(holding)
