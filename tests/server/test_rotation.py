"""A month has passed: new keys for queues and open cases, and what nobody needs any more is forgotten (SPEC 9.7)."""

from lyhty_client.coordinator import MONTH_S, is_rotation_due
from lyhty_client.departure import DAY_S, renew, turn_all
from lyhty_client.desk import Desk
from lyhty_client.expert import Credentials, ExpertDesk, Expertise
from lyhty_client.trust import Site
from lyhty_wire.directories import Directory, TrustBundle
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, QueueId
from tests.provider import Account, Provider
from tests.server.api_server import ApiServer
from tests.writing import write_report


class signed_in:  # noqa: N801 - reads as what it does
    """With the clock of the server."""

    def __init__(self, api: ApiServer, account: Account) -> None:
        self._api, self._account = api, account
        self._desk = Desk(Site.parse(api.url))

    async def __aenter__(self) -> ExpertDesk:
        account = self._account
        credentials = Credentials.typed(account.name, account.password, account.device)
        await self._desk.__aenter__()
        known = TrustBundle.decode(await self._desk.trust()).verify(self._api.provider.instance, self._api.clock())
        return await ExpertDesk.sign_in(self._desk, credentials, known, clock=self._api.clock)

    async def __aexit__(self, *raised: object) -> None:
        await self._desk.__aexit__(None, None, None)


def epochs(directory: Directory) -> dict[QueueId, list[int]]:
    return {queue.id: [epoch.epoch for epoch in queue.epochs] for queue in directory.queues}


async def a_month_passes(api: ApiServer) -> tuple[int, Expertise]:
    """To the first days of the next one: every ten days a coordinator signs in. How many cases were turned."""
    month, done = api.clock.now_s // MONTH_S, 0
    while api.clock.now_s // MONTH_S == month:
        api.clock.now_s += 10 * DAY_S
        async with signed_in(api, api.provider.coordinator) as desk:
            done += (await renew(desk)).done
    return done, desk.expertise


def test_the_time_of_issue_tells_whether_this_month_has_its_keys(provider: Provider) -> None:
    directory = provider.directory
    next_month_s = (directory.body.issued // MONTH_S + 1) * MONTH_S
    assert [is_rotation_due(directory, next_month_s + s) for s in (-1, 0, MONTH_S)] == [False, True, True]


async def test_the_first_directory_of_a_month_opens_new_epochs_and_the_open_cases_are_turned(api: ApiServer) -> None:
    written = await api.receive(write_report(api.provider.directory))
    done, coordinator = await a_month_passes(api)
    assert done == 1
    assert epochs(coordinator.directory) == {LAWYER: [1, 2], PSYCHOLOGIST: [1, 2]}
    assert not is_rotation_due(coordinator.directory, api.clock.now_s)
    assert len((await api.store.case_state(written.id)).generations) == 2


async def test_what_no_case_needs_any_more_leaves_the_directory_and_everybodys_keys(api: ApiServer) -> None:
    await api.receive(write_report(api.provider.directory))
    closed = await api.receive(write_report(api.provider.directory))
    await api.store.claim(closed.id, LAWYER, api.provider.lawyer.id, api.clock.now_s, api.clock.now_s + 60)
    await api.store.close_place(closed.id, LAWYER, api.provider.lawyer.id, api.clock.now_s)
    await a_month_passes(api)
    _, coordinator = await a_month_passes(api)
    # A closed case is not turned: its epoch stays. The psychologists' first one nobody needs.
    assert epochs(coordinator.directory) == {LAWYER: [1, 2, 3], PSYCHOLOGIST: [2, 3]}
    psychologist = await api.store.expert_by_id(api.provider.psychologist.id)
    assert psychologist is not None
    assert len(psychologist.queue_wraps) == 2
    assert sorted(coordinator.queue_keys) == [(1, 1), (1, 2), (1, 3), (2, 2), (2, 3)]


async def test_a_second_coordinator_in_the_same_month_finds_nothing_to_do(api: ApiServer) -> None:
    await api.receive(write_report(api.provider.directory))
    await a_month_passes(api)
    async with signed_in(api, api.provider.coordinator) as other:
        assert (await renew(other)).done == 0
        assert (await turn_all(other, "schedule")).done == 0
        assert epochs(other.expertise.directory) == {LAWYER: [1, 2], PSYCHOLOGIST: [1, 2]}
