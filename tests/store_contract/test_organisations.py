"""Counties, municipalities and schools, and who pays for whom."""

from datetime import date

from msgspec.structs import replace

from lyhty_server.store.room_rows import WholeStore
from lyhty_wire.organisation_desk import Organisations
from lyhty_wire.organisations import Agreement, Kind, Organisation

JOINED = date(2026, 8, 1)
COUNTY = Organisation("06", Kind.COUNTY, "Pirkanmaa", joined=JOINED)
TOWN = Organisation("837", Kind.MUNICIPALITY, "Tampere", "06")
SCHOOL = Organisation("03095", Kind.SCHOOL, "Rantakoulu", "837", 420, (1, 9), JOINED, date(2030, 8, 1))
HALF = Agreement("06", "837", 40, JOINED)
REST = Agreement("837", "837", 60, JOINED, date(2027, 8, 1))
NOBODY = Organisations([], [])
ALL = Organisations([SCHOOL, COUNTY, TOWN], [HALF, REST])


async def test_in_the_beginning_there_is_nobody(store: WholeStore) -> None:
    assert await store.organisations() == NOBODY


async def test_what_was_stored_is_read_sorted_and_with_every_field(store: WholeStore) -> None:
    assert await store.change_organisations(NOBODY, ALL)
    assert await store.organisations() == ALL


async def test_a_change_that_was_made_from_an_older_list_changes_nothing(store: WholeStore) -> None:
    assert await store.change_organisations(NOBODY, ALL)
    assert not await store.change_organisations(NOBODY, Organisations([COUNTY], []))
    assert await store.organisations() == ALL


async def test_fields_change_and_agreements_come_and_go_together(store: WholeStore) -> None:
    assert await store.change_organisations(NOBODY, ALL)
    other = Organisation("07", Kind.COUNTY, "Toinen")
    after = Organisations(
        [replace(SCHOOL, pupils=None, grades=None, left=None), COUNTY, other, replace(TOWN, parent="07")],
        [replace(HALF, percent=100, ends=date(2028, 1, 1))],
    )
    assert await store.change_organisations(ALL, after)
    assert await store.organisations() == after


async def test_the_same_change_again_is_none(store: WholeStore) -> None:
    assert await store.change_organisations(NOBODY, ALL)
    assert await store.change_organisations(ALL, ALL)
    assert await store.organisations() == ALL
