"""What an import makes of counties, municipalities and schools, and everything that it refuses."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lyhty_server.domain.organisations import Plan, plan_import
from lyhty_server.domain.sheets import Row, read_rows
from lyhty_wire.organisation_desk import COLUMN_WORDS, ImportColumn, ImportFault, Organisations
from lyhty_wire.organisations import PARENTS, Agreement, Kind, Organisation

TODAY = date(2026, 11, 27)
NOBODY = Organisations([], [])
HEADER = "tunnus;laji;nimi;kuuluu;oppilaita;luokat;liittyi;lähti;maksaja;osuus;alkaa;viimeinen päivä\n"
USUAL = """06;hyvinvointialue;Pirkanmaa;;;;1.8.2026
837;kunta;Tampere;06;;;1.8.2026
03095;koulu;Rantakoulu;837;420;1-9;1.8.2026
837;sopimus;;;;;;;837;60 %;1.8.2026;31.7.2027
837;sopimus;;;;;;;06;40;1.8.2026;31.7.2027
"""


def imported(lines: str, before: Organisations = NOBODY, today: date = TODAY, header: str = HEADER) -> Plan:
    return plan_import(before, *read_rows((header + lines).encode()), today)


def after(lines: str, before: Organisations = NOBODY, today: date = TODAY) -> Organisations:
    plan = imported(lines, before, today)
    assert plan.told.problems == []
    return plan.after


def faults(plan: Plan) -> list[tuple[int, str | None, str]]:
    return [(each.row, each.column and each.column.value, each.code.value) for each in plan.told.problems]


def test_a_file_becomes_the_tree_and_its_agreements() -> None:
    joined = date(2026, 8, 1)
    assert after(USUAL) == Organisations(
        [
            Organisation("03095", Kind.SCHOOL, "Rantakoulu", "837", 420, (1, 9), joined),
            Organisation("06", Kind.COUNTY, "Pirkanmaa", joined=joined),
            Organisation("837", Kind.MUNICIPALITY, "Tampere", "06", joined=joined),
        ],
        [
            Agreement("06", "837", 40, date(2026, 8, 1), date(2027, 8, 1)),
            Agreement("837", "837", 60, date(2026, 8, 1), date(2027, 8, 1)),
        ],
    )


@pytest.mark.parametrize("language", [0, 1, 2])
def test_the_columns_may_stand_in_any_order_and_in_three_languages(language: int) -> None:
    wanted = (ImportColumn.NAME, ImportColumn.KIND, ImportColumn.ID)
    header = ",".join(COLUMN_WORDS[column][language].upper() for column in wanted) + "\n"
    plan = imported("Pirkanmaa,county,06\n", header=header)
    assert plan.after.organisations == [Organisation("06", Kind.COUNTY, "Pirkanmaa", joined=TODAY)]


def test_the_same_file_again_changes_nothing() -> None:
    once = after(USUAL)
    again = imported(USUAL, once)
    assert again.after == once
    assert (again.told.added, again.told.changed, again.told.left, again.told.agreements) == ([], [], [], [])


def test_an_empty_cell_and_a_row_that_is_not_there_keep_what_is_there() -> None:
    before = after(USUAL)
    plan = imported("03095;500\n", before, header="id;pupils\n")
    (change,) = plan.told.changed
    assert (change.id, change.columns) == ("03095", [ImportColumn.PUPILS])
    school = plan.after.organisations[0]
    assert (school.pupils, school.grades, len(plan.after.organisations)) == (500, (1, 9), 3)


def test_who_leaves_stays_in_the_tree_with_the_day_after_the_last() -> None:
    plan = imported("03095;31.7.2027\n", after(USUAL), header="id;left\n")
    assert [each.id for each in plan.told.left] == ["03095"]
    assert plan.after.organisations[0].left == date(2027, 8, 1)
    assert imported("03095;-\n", plan.after, header="id;left\n").after == after(USUAL)


def test_a_share_of_nothing_takes_an_agreement_back() -> None:
    before = after(USUAL)
    plan = imported("837;sopimus;;;;;;;06;0;1.8.2026\n837;sopimus;;;;;;;837;100;1.8.2026\n", before)
    assert plan.after.agreements == [Agreement("837", "837", 100, date(2026, 8, 1), date(2027, 8, 1))]
    assert [each.percent for each in plan.told.withdrawn] == [40]


def test_with_one_problem_nothing_at_all_is_changed() -> None:
    before = after(USUAL)
    plan = imported("03095;501\n99999;3\n", before, header="id;pupils\n")
    assert plan.after == before
    assert plan.told.changed == []


WRONG = [
    ("06;county;A\n06;county;B\n", 3, "id", "id-twice"),
    ("06;county;A;;;;;;\n837;kunta;B\n", 3, "parent", "cell-missing"),
    ("06;county;A\n837;kunta;B;07\n", 3, "parent", "parent-unknown"),
    ("06;county;A\n03095;koulu;B;06\n", 3, "parent", "parent-kind"),
    ("06;county;A;06\n", 2, "parent", "parent-cycle"),
    ("837;kunta;A;838\n838;kunta;B;837\n", 2, "parent", "parent-cycle"),
    ("X6;county;A\n", 2, "id", "id-invalid"),
    ("all;county;A\n", 2, "id", "id-reserved"),
    ("unknown;county;A\n", 2, "id", "id-reserved"),
    ("known;county;A\n", 2, "id", "id-reserved"),
    ("methods;county;A\n", 2, "id", "id-reserved"),
    ("6;county;A\n", 2, "id", "id-zeros"),
    (";county;A\n", 2, "id", "cell-missing"),
    ("06;;A\n", 2, "kind", "cell-missing"),
    ("06;county;\n", 2, "name", "cell-missing"),
    ("06;club;A\n", 2, "kind", "kind-invalid"),
    ("06;county;PirkanmÃ¤Ã¤\n", 2, "name", "garbled"),
    ("06;county;A\x07b\n", 2, "name", "name-invalid"),
    (f"06;county;{'a' * 121}\n", 2, "name", "name-invalid"),
    ("06;county;=1+1\n", 2, "name", "formula"),
    ("06;county;A;;12\n", 2, "pupils", "not-of-kind"),
    ("06;county;A;;;;31.2.2026\n", 2, "joined", "date-invalid"),
    ("06;county;A;;;;1.8.2026;31.7.2025\n", 2, "left", "left-before-joined"),
    ("06;county;A;;;;;;;50\n", 2, "percent", "not-of-kind"),
]
WRONG_OF_SCHOOLS = [
    ("1;koulu;A;837\n", 7, "id", "id-zeros"),
    ("00001;koulu;A;837;0\n", 7, "pupils", "pupils-invalid"),
    ("00001;koulu;A;837;20001\n", 7, "pupils", "pupils-invalid"),
    ("00001;koulu;A;837;many\n", 7, "pupils", "pupils-invalid"),
    ("00001;koulu;A;837;1;9-1\n", 7, "grades", "grades-invalid"),
    ("00001;koulu;A;837;1;1-14\n", 7, "grades", "grades-invalid"),
    ("00001;koulu;A;837;1;2026-01-09\n", 7, "grades", "grades-invalid"),
    ("837;sopimus;;;;;;;06;101;1.8.2027\n", 7, "percent", "percent-invalid"),
    ("837;sopimus;;;;;;;06;;1.8.2027\n", 7, "percent", "cell-missing"),
    ("837;sopimus;;;;;;;;100;1.8.2027\n", 7, "funder", "cell-missing"),
    ("837;sopimus;;;;;;;06;100\n", 7, "begins", "cell-missing"),
    ("837;sopimus;;;;;;;07;100;1.8.2027\n", 7, "funder", "funder-unknown"),
    ("837;sopimus;;;;;;;03095;100;1.8.2027\n", 7, "funder", "funder-kind"),
    ("838;sopimus;;;;;;;06;100;1.8.2027\n", 7, "id", "organisation-unknown"),
    ("837;sopimus;;;;;;;06;100;1.8.2027;1.7.2027\n", 7, "ends", "ends-before-begins"),
    ("837;sopimus;;;;;;;06;99;1.8.2027\n", 7, "percent", "shares"),
    ("837;sopimus;;;;;;;06;40;1.1.2027\n", 7, "percent", "shares"),
    ("00001;koulu;RANTAKOULU;837\n", 7, "name", "name-twice"),
    ("837;sopimus;A;;;;;;06;100;1.8.2027\n", 7, "name", "not-of-kind"),
    ("837;sopimus;;;;;;;06;100;1.8.2027\n837;sopimus;;;;;;;06;100;1.8.2027\n", 8, "id", "id-twice"),
]


@pytest.mark.parametrize(("lines", "row", "column", "code"), WRONG)
def test_what_is_wrong_is_told_by_row_column_and_code(lines: str, row: int, column: str, code: str) -> None:
    assert (row, column, code) in faults(imported(lines))


@pytest.mark.parametrize(("lines", "row", "column", "code"), WRONG_OF_SCHOOLS)
def test_what_is_wrong_with_schools_and_agreements_is_told_too(lines: str, row: int, column: str, code: str) -> None:
    assert faults(imported(USUAL + lines)) == [(row, column, code)]


@pytest.mark.parametrize(
    ("header", "lines", "code"),
    [
        ("id;kind\n", "837;school\n", "kind-settled"),
        ("id;joined\n", "03095;1.1.2027\n", "joined-settled"),
        ("id;parent\n", "03095;838\n", "parent-settled"),
        ("id;left\n", "837;31.12.2027\n", "left-with-others"),
        ("id;left\n", "06;31.12.2026\n837;31.12.2026\n03095;31.12.2026\n", "funder-left"),
        ("id;kind;name;parent;pupils\n", "00001;school;A;837;twelve\n", "pupils-invalid"),
        ("id;name;note\n", "837;B;x\n", "column-unknown"),
        ("name\n", "B\n", "column-missing"),
        ("id;name;nimi\n", "837;B;C\n", "column-twice"),
    ],
)
def test_what_is_settled_and_what_does_not_fit_is_refused(header: str, lines: str, code: str) -> None:
    other = "838;kunta;Toinen;06;;;1.8.2026\n"
    before = after(USUAL + other)
    plan = imported(lines, before, header=header)
    assert code in {fault for _, _, fault in faults(plan)}
    assert plan.after == before


def test_who_has_not_joined_yet_may_still_be_moved() -> None:
    before = after(USUAL + "838;kunta;Toinen;06\n00001;koulu;Uusi;838;90;1-6;1.8.2027\n")
    moved = imported("00001;837;1.8.2028\n", before, header="id;parent;joined\n")
    assert moved.told.problems == []
    assert moved.after.organisations[0].parent == "837"


def test_a_school_that_was_entered_wrongly_leaves_and_joins_under_another_id() -> None:
    before = after(USUAL + "838;kunta;Toinen;06\n")
    header = "id;kind;name;parent;joined;left\n"
    plan = imported("03095;;;;;31.12.2026\n00001;koulu;Rantakoulu;837;1.1.2027;\n", before, header=header)
    assert plan.told.problems == []
    assert [each.id for each in plan.told.left] == ["03095"]
    too_early = imported("03095;;;;;31.12.2026\n00001;koulu;Rantakoulu;837;31.12.2026;\n", before, header=header)
    assert [each.code.value for each in too_early.told.problems] == ["name-twice"]


def test_of_very_many_problems_the_first_are_told_and_the_rest_are_counted() -> None:
    plan = imported("".join(f"A{nth};county;A\n" for nth in range(500)))
    assert (len(plan.told.problems), plan.told.more_problems) == (200, 300)


# --- Whatever stands in the rows

IDS = st.sampled_from("abmnst")
BEGINS = st.dates(date(2026, 1, 1), date(2026, 1, 4)).map(str)
ENDS = st.none() | st.dates(date(2026, 1, 4), date(2026, 1, 7)).map(str)


def row(**cells: str | None) -> dict[ImportColumn, str]:
    if "name" in cells:
        cells["name"] = cells["id"]
    return {ImportColumn(name): text for name, text in cells.items() if text is not None}


# Mostly as it should be, so that there is something to spoil.
BODIES = st.one_of(
    st.builds(row, id=st.sampled_from("ab"), kind=st.just("county"), name=st.just("A"), left=st.none() | ENDS),
    st.builds(row, id=st.sampled_from("mn"), kind=st.just("municipality"), name=st.just("A"), parent=st.just("a")),
    st.builds(row, id=st.sampled_from("stuv"), kind=st.just("school"), name=st.just("A"), parent=st.sampled_from("mn")),
    st.builds(row, id=IDS, parent=IDS),
)
SHARES = st.builds(
    row, id=IDS, kind=st.just("agreement"), funder=st.sampled_from("aabbmmnns"),
    percent=st.sampled_from(["0", "40", "60", "100", "100"]), begins=BEGINS, ends=ENDS,
)  # fmt: skip
LISTS = st.lists(BODIES, max_size=3) | st.lists(SHARES, max_size=2) | st.lists(BODIES | SHARES, max_size=6)


def rows(lists: Sequence[dict[ImportColumn, str]]) -> list[Row]:
    return [Row(number, each) for number, each in enumerate(lists, start=2)]


def check_whole(tree: Organisations) -> None:
    """By other means than the rules."""
    known = {each.id: each for each in tree.organisations}
    assert len(known) == len(tree.organisations)
    assert tree.is_whole()
    for each in tree.organisations:
        assert (each.parent is None) is (each.kind is Kind.COUNTY)
        if each.parent is not None:
            assert known[each.parent].kind is PARENTS[each.kind]
    for agreement in tree.agreements:
        assert 1 <= agreement.percent <= 100
        assert known[agreement.funder].kind is not Kind.SCHOOL
    for organisation in known:
        for day in (date(2025, 12, 31) + timedelta(days=n) for n in range(10)):
            paid = [a.percent for a in tree.agreements if a.organisation == organisation and a.holds(day)]
            assert sum(paid) in (0, 100)


GIVEN_TREE = after(
    "a;county;A;;;;1.1.2026\nb;county;B;;;;1.1.2026\n"
    "m;municipality;M;a;;;1.1.2026\nn;municipality;N;b;;;1.1.2026\n"
    "s;school;S;m;100;1-6;1.1.2026\nt;school;T;n;100;1-6;1.1.2026\n"
    "s;agreement;;;;;;;m;60;1.1.2026;5.1.2026\ns;agreement;;;;;;;a;40;1.1.2026;5.1.2026\n"
)


@settings(max_examples=400, deadline=None)
@given(LISTS, st.sampled_from([NOBODY, GIVEN_TREE]))
def test_whatever_the_rows_say_the_tree_stays_whole_and_the_same_rows_again_change_nothing(
    lists: list[dict[ImportColumn, str]], before: Organisations
) -> None:
    plan = plan_import(before, rows(lists), (), date(2026, 1, 3))
    check_whole(plan.after)
    again = plan_import(plan.after, rows(lists), (), date(2026, 1, 3))
    assert again.after == plan.after
    if plan.told.problems:
        assert plan.after == before


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_whatever_the_bytes_are_they_are_rows_or_a_problem(file: bytes) -> None:
    found, problems = read_rows(file)
    assert found or problems
    assert all(isinstance(each.code, ImportFault) for each in problems)
