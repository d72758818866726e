"""The composition root: the only file that knows all the others."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Final

from aiohttp import WSCloseCode, web
from aiohttp.typedefs import Handler

from lyhty_server.api import routes
from lyhty_server.api.asking import (
    BODY_WITHIN_S,
    as_it_stands,
    for_experts,
    for_seers,
    for_seers_as_it_comes,
    for_viewers,
    open_to_all,
)
from lyhty_server.api.audit import Audit
from lyhty_server.api.challenges import Challenges
from lyhty_server.api.channel import ChannelHandler
from lyhty_server.api.context import Server
from lyhty_server.api.desk import Desk
from lyhty_server.api.duty import Duty
from lyhty_server.api.feed import FeedHandler
from lyhty_server.api.figure_pages import FigurePages
from lyhty_server.api.figures import Figures
from lyhty_server.api.gate import Gate
from lyhty_server.api.guesses import Guesses
from lyhty_server.api.health import Health
from lyhty_server.api.hours import HoursPage
from lyhty_server.api.hub import Hub, nobody
from lyhty_server.api.invitations import Invitations
from lyhty_server.api.keys import Keys
from lyhty_server.api.kits import KitDesk
from lyhty_server.api.limits import LIMITS, Limits
from lyhty_server.api.lookout import Lookout
from lyhty_server.api.news import encode
from lyhty_server.api.newsroom import Newsroom
from lyhty_server.api.organisations import OrganisationsDesk
from lyhty_server.api.own_sessions import OwnSessions
from lyhty_server.api.pages import ANCHOR, STATIC, Page, TrustPage, add_pages, read_pages
from lyhty_server.api.passkeys import PasskeyDoor
from lyhty_server.api.presence import Presence
from lyhty_server.api.problems import answer_problems
from lyhty_server.api.recovery import RecoveryDesk
from lyhty_server.api.room import Room
from lyhty_server.api.routes import MAX_BODY_BYTES, AnyRoute
from lyhty_server.api.sealed_rooms import SealedRoomsDesk
from lyhty_server.api.security import add_headers, same_site_only
from lyhty_server.api.sessions import Sessions
from lyhty_server.api.shelves import ShelvesDesk
from lyhty_server.api.sign_in import SignIn
from lyhty_server.api.slots import SlotClock
from lyhty_server.api.states import tell_all, tell_queue
from lyhty_server.api.turning import Turning
from lyhty_server.api.unlocks import Unlocks
from lyhty_server.api.viewers import ViewersDesk
from lyhty_server.api.viewing import ViewersDoor
from lyhty_server.api.webauthn import Verifier
from lyhty_server.bus.memory import MemoryBus
from lyhty_server.bus.nats import NatsBus
from lyhty_server.bus.port import Bus
from lyhty_server.clock import Clock
from lyhty_server.config import Config
from lyhty_server.domain.promises import Promises
from lyhty_server.domain.watching import GAPS
from lyhty_server.jobs.contributions import mix_forever
from lyhty_server.jobs.leases import Lease, Work
from lyhty_server.jobs.places import let_time_pass_forever
from lyhty_server.jobs.prices import price_forever
from lyhty_server.jobs.promises import watch_promises_forever
from lyhty_server.jobs.retention import expire_forever
from lyhty_server.jobs.rounds import Rounds
from lyhty_server.jobs.scrubbing import scrub_forever
from lyhty_server.journal import Journal
from lyhty_server.mail import Postman
from lyhty_server.municipal import Municipal
from lyhty_server.notices import Notices
from lyhty_server.paper.press import Press
from lyhty_server.pepper import Pepper
from lyhty_server.prepared_reports import TIMEOUT_S, PreparedReports
from lyhty_server.provision import import_provision, read_anchor, read_founding
from lyhty_server.report_notices import ReportNotices
from lyhty_server.root_change import founding_packet, is_taken, read_change, take_change
from lyhty_server.store.interface import Erased, PlaceRow
from lyhty_server.store.room_rows import WholeStore
from lyhty_server.store.session_rows import Door
from lyhty_server.trust import TrustKeeper
from lyhty_wire.ids import CaseId, ExpertId, InstanceId, ViewerId

PLACE_SWEEP_S: Final = 60
PROMISE_WATCH_S: Final = 60
EXPIRY_S: Final = 86_400
AFTER_A_BUG_S: Final = 60
ONCE: Final = "once"
"""The jobs that one process does for the whole service."""
# For clients to answer a goodbye. Two thousand do in a third of it; who does not is let go all the same.
GOODBYE_S: Final = 0.4
HEALTH: Final = web.AppKey("health", Health)
DIRECTORY_VERSION: Final = web.AppKey("directory_version", int)


async def build_app(
    config: Config,
    store: WholeStore,
    clock: Clock,
    draw: Callable[[int], bytes],
    journal: Journal,
    limits: Limits = LIMITS,
    bus: Bus | None = None,
    figures_on: socket.socket | None = None,
) -> web.Application:
    """A server ready to listen. The store has been started; the caller closes it. `bus`: another than the settings';
    `figures_on`: a socket opened for who watches, instead of the settings' port.

    Raises:
        ConfigError: a file of the data folder or the built client is missing or wrong.
    """
    instance, anchor = read_anchor(config.data)
    trust, is_newer = await import_provision(config.data, store, instance)
    change = read_change(config.data, instance)
    if change is not None and not is_taken(change, trust):
        trust, is_newer = await take_change(change, trust, store, clock()), True
    if is_newer:
        journal.write("trust-imported", directory_version=trust.version)
    tasks: set[asyncio.Task[object]] = set()

    def spawn(work: Coroutine[object, object, object]) -> None:
        task = asyncio.create_task(work)
        tasks.add(task)
        task.add_done_callback(lambda done: _settle(done, tasks, journal))

    pepper = Pepper.read(config.data / "pepper")
    bus = bus or _bus(config, instance, pepper, draw, journal)
    hub = Hub((lambda news: bus.say(encode(news))) if bus.is_shared else nobody)
    presence = Presence(hub, asyncio.get_running_loop().call_later, draw(16))
    send = None if config.mail is None else Postman(config.mail, draw).send
    server = Server(
        notices=Notices(
            store,
            clock,
            config.calendar,
            lambda: server.trust.experts.values(),
            presence.has_desk,
            send,
            journal.write,
        ),
        report_notices=ReportNotices(store, clock, send, config.site, journal.write),
        instance=instance,
        store=store,
        keeper=TrustKeeper(trust),
        founding=founding_packet(change, read_founding(config.data)),
        pepper=pepper,
        gate=Gate(instance, pepper.work_challenge, clock, config.usual_effort),
        room=Room(config.max_channels, limits.held_bytes),
        hub=hub,
        presence=presence,
        lookout=Lookout(store, hub, presence, is_shared=bus.is_shared),
        sessions=Sessions(Door.EXPERTS, store, draw, ExpertId),
        viewer_sessions=Sessions(Door.VIEWERS, store, draw, ViewerId),
        municipal=None
        if config.municipal is None
        else Municipal(config.municipal, pepper.one_time_key(b"municipal"), store, clock),
        challenges=Challenges(pepper.one_time_key(b"sign-in"), store),
        verifier=Verifier(config.site),
        needs_second_factor=config.second_factor,
        guesses=Guesses(store),
        slots=SlotClock(config.slot_ms, journal),
        capacity=config.capacity,
        clock=clock,
        calendar=config.calendar,
        lease_working_s=config.lease_working_s,
        draw=draw,
        journal=journal,
        spawn=spawn,
        press=Press(),
        site=config.site,
    )
    app = web.Application(middlewares=[answer_problems(journal)], client_max_size=MAX_BODY_BYTES)
    app.on_response_prepare.append(add_headers)
    app[BODY_WITHIN_S] = limits.body_within_s
    pages = read_pages(STATIC, anchor)
    hours = HoursPage(config.calendar, config.promises, config.keep_days, clock)
    reports = PreparedReports(store, Press(timeout_s=TIMEOUT_S))
    figure_pages = FigurePages(server, reports)
    sockets = _add_routes(app, server, figure_pages, pages.pop(ANCHOR), hours, limits)
    add_pages(app, pages)
    app[DIRECTORY_VERSION] = trust.version
    # A row that only this release's tables have: it says that the database answers, and that it fits.
    newsroom = Newsroom(server, bus, figure_pages.prepare)
    health = app[HEALTH] = Health([lambda: store.job(ONCE)], lambda: newsroom.hears)
    app.router.add_get("/healthz", health.alive)
    app.router.add_get("/readyz", health.ready)
    rounds = Rounds(clock)
    app.cleanup_ctx.append(_background(server, figure_pages, config.promises, config.keep_days, newsroom, rounds))
    if config.metrics_port is not None:
        from lyhty_server.watching import WATCH, Watch, watched  # whoever is not watched does not load it

        app[WATCH] = Watch(server, config, rounds, lambda: newsroom.hears)
        app.cleanup_ctx.append(watched(app[WATCH], config.metrics_host, config.metrics_port, figures_on))
    app.on_shutdown.append(_close_all(sockets))
    app.on_cleanup.append(lambda _app: server.press.close())
    app.on_cleanup.append(lambda _app: reports.close())
    return app


def _bus(config: Config, instance: InstanceId, pepper: Pepper, draw: Callable[[int], bytes], journal: Journal) -> Bus:
    if config.bus is None:
        return MemoryBus()
    return NatsBus(config.bus, f"lyhty.{instance.hex()}", pepper.news_key, draw, missed=lambda: journal.count(GAPS))


def _add_routes(
    app: web.Application, server: Server, figure_pages: FigurePages, anchor: Page, hours: HoursPage, limits: Limits
) -> set[web.WebSocketResponse]:
    sockets: set[web.WebSocketResponse] = set()
    sign_in, desk, keys = SignIn(server), Desk(server), Keys(server)
    duty, rooms, turning = Duty(server), SealedRoomsDesk(server), Turning(server)
    recovery = RecoveryDesk(server)
    shelves = ShelvesDesk(server)
    invitations = Invitations(server)
    sessions = OwnSessions(server)
    passkeys, unlocks = PasskeyDoor(server), Unlocks(server)
    audit = Audit(server)
    figures = Figures(server, figure_pages.released)
    organisations, kits = OrganisationsDesk(server), KitDesk(server)
    viewers, viewing = ViewersDesk(server), ViewersDoor(server)
    calls: tuple[tuple[AnyRoute, Handler], ...] = (
        (routes.ANCHOR, as_it_stands(routes.ANCHOR, anchor.serve)),
        (routes.TRUST, as_it_stands(routes.TRUST, TrustPage(lambda: server.trust.bundle).serve)),
        (routes.HOURS, as_it_stands(routes.HOURS, hours.serve)),
        (routes.START, open_to_all(routes.START, sign_in.start)),
        (routes.FINISH, open_to_all(routes.FINISH, sign_in.finish)),
        (routes.OUT, for_experts(routes.OUT, server, sign_in.out)),
        (routes.OWN_WRAPS, for_experts(routes.OWN_WRAPS, server, keys.own_wraps)),
        (routes.DIRECTORY, for_experts(routes.DIRECTORY, server, keys.certify)),
        (routes.FOUNDING, open_to_all(routes.FOUNDING, keys.founding)),
        (routes.FOUND, open_to_all(routes.FOUND, keys.found)),
        (routes.INVITE, for_experts(routes.INVITE, server, invitations.invite)),
        (routes.INVITATIONS, for_experts(routes.INVITATIONS, server, invitations.waiting)),
        (routes.WITHDRAW, for_experts(routes.WITHDRAW, server, invitations.withdraw)),
        (routes.INVITATION, open_to_all(routes.INVITATION, invitations.one)),
        (routes.APPLY, open_to_all(routes.APPLY, invitations.apply)),
        (routes.START_PASSKEY, open_to_all(routes.START_PASSKEY, passkeys.start)),
        (routes.FINISH_PASSKEY, open_to_all(routes.FINISH_PASSKEY, passkeys.finish)),
        (routes.PASSKEYS, for_experts(routes.PASSKEYS, server, passkeys.listed)),
        (routes.BEGIN_PASSKEY, for_experts(routes.BEGIN_PASSKEY, server, passkeys.begin)),
        (routes.ADD_PASSKEY, for_experts(routes.ADD_PASSKEY, server, passkeys.add)),
        (routes.REMOVE_PASSKEY, for_experts(routes.REMOVE_PASSKEY, server, passkeys.remove)),
        (routes.BEGIN_UNLOCK, for_experts(routes.BEGIN_UNLOCK, server, unlocks.begin)),
        (routes.CHANGE_UNLOCK, for_experts(routes.CHANGE_UNLOCK, server, unlocks.change)),
        (routes.RENEWALS, for_experts(routes.RENEWALS, server, keys.renewals)),
        (routes.SESSIONS, for_experts(routes.SESSIONS, server, sessions.listed)),
        (routes.END_SESSION, for_experts(routes.END_SESSION, server, sessions.end)),
        (routes.END_OTHERS, for_experts(routes.END_OTHERS, server, sessions.end_others)),
        (routes.END_OF, for_experts(routes.END_OF, server, sessions.end_of)),
        (routes.QUEUE, for_experts(routes.QUEUE, server, desk.queue)),
        (routes.COUNTS, for_experts(routes.COUNTS, server, desk.counts)),
        (routes.CLOSED, for_experts(routes.CLOSED, server, desk.closed)),
        (routes.CLAIM, for_experts(routes.CLAIM, server, desk.claim)),
        (routes.REOPEN, for_experts(routes.REOPEN, server, desk.reopen)),
        (routes.SNOOZE, for_experts(routes.SNOOZE, server, desk.snooze)),
        (routes.OPENED, for_experts(routes.OPENED, server, desk.opened)),
        (routes.RELEASE, for_experts(routes.RELEASE, server, desk.release)),
        (routes.CLOSE, for_experts(routes.CLOSE, server, desk.close)),
        (routes.ENVELOPES, for_experts(routes.ENVELOPES, server, desk.envelopes)),
        (routes.PUT_ENVELOPE, for_experts(routes.PUT_ENVELOPE, server, desk.put_envelope)),
        (routes.ON_CALL, for_experts(routes.ON_CALL, server, duty.on_call)),
        (routes.PUT_ON_CALL, for_experts(routes.PUT_ON_CALL, server, duty.put_on_call)),
        (routes.NOTICES, for_experts(routes.NOTICES, server, duty.notices)),
        (routes.PUT_NOTICES, for_experts(routes.PUT_NOTICES, server, duty.put_notices)),
        (routes.OPEN_ROOM, for_experts(routes.OPEN_ROOM, server, rooms.open)),
        (routes.ROOMS_OF, for_experts(routes.ROOMS_OF, server, rooms.of_case)),
        (routes.CONSULTATIONS, for_experts(routes.CONSULTATIONS, server, rooms.consultations)),
        (routes.ROOM_ENVELOPES, for_experts(routes.ROOM_ENVELOPES, server, rooms.envelopes)),
        (routes.PUT_IN_ROOM, for_experts(routes.PUT_IN_ROOM, server, rooms.put)),
        (routes.END_ROOM, for_experts(routes.END_ROOM, server, rooms.end)),
        (routes.EPOCHS, for_experts(routes.EPOCHS, server, turning.epochs)),
        (routes.UNTURNED, for_experts(routes.UNTURNED, server, turning.unturned)),
        (routes.FOR_TURN, for_experts(routes.FOR_TURN, server, turning.known)),
        (routes.TURN_ENVELOPES, for_experts(routes.TURN_ENVELOPES, server, turning.envelopes)),
        (routes.TURN, for_experts(routes.TURN, server, turning.turn)),
        (routes.RECOVERY, for_experts(routes.RECOVERY, server, recovery.read)),
        (routes.SPLIT, for_experts(routes.SPLIT, server, recovery.split)),
        (routes.ASK, for_experts(routes.ASK, server, recovery.ask)),
        (routes.STOP, for_experts(routes.STOP, server, recovery.stop)),
        (routes.GIVE, for_experts(routes.GIVE, server, recovery.give)),
        (routes.SHELF, for_experts(routes.SHELF, server, shelves.shelf)),
        (routes.OPEN_SHELF, for_experts(routes.OPEN_SHELF, server, shelves.open)),
        (routes.SHELF_ENVELOPES, for_experts(routes.SHELF_ENVELOPES, server, shelves.envelopes)),
        (routes.PUT_ON_SHELF, for_experts(routes.PUT_ON_SHELF, server, shelves.put)),
        (routes.AUDIT, for_experts(routes.AUDIT, server, audit.page)),
        (routes.OWN_ENTRY, for_experts(routes.OWN_ENTRY, server, audit.own)),
        (routes.WITNESS, for_experts(routes.WITNESS, server, audit.witness)),
        (routes.CONTRIBUTE, for_experts(routes.CONTRIBUTE, server, figures.contribute)),
        (routes.CONTRIBUTIONS, for_experts(routes.CONTRIBUTIONS, server, figures.contributions)),
        (routes.REMOVE_CONTRIBUTIONS, for_experts(routes.REMOVE_CONTRIBUTIONS, server, figures.remove)),
        (routes.STATISTICS_KEY, for_experts(routes.STATISTICS_KEY, server, figures.keys)),
        (routes.STATE_STATISTICS_KEY, for_experts(routes.STATE_STATISTICS_KEY, server, figures.state_key)),
        (routes.RELEASES, for_experts(routes.RELEASES, server, figures.releases)),
        (routes.RELEASED, for_experts(routes.RELEASED, server, figures.release)),
        (routes.PUBLISH, for_experts(routes.PUBLISH, server, figures.publish)),
        (routes.ORGANISATIONS, for_experts(routes.ORGANISATIONS, server, organisations.listed)),
        (routes.KIT, for_seers(routes.KIT, server, kits.listed)),
        (routes.PAPER, for_seers(routes.PAPER, server, kits.paper)),
        (routes.IMPORT_ORGANISATIONS, for_experts(routes.IMPORT_ORGANISATIONS, server, organisations.bring_in)),
        (routes.INVITE_VIEWER, for_experts(routes.INVITE_VIEWER, server, viewers.invite)),
        (routes.VIEWER_INVITATIONS, for_experts(routes.VIEWER_INVITATIONS, server, viewers.waiting)),
        (routes.WITHDRAW_VIEWER, for_experts(routes.WITHDRAW_VIEWER, server, viewers.withdraw)),
        (routes.VIEWERS, for_experts(routes.VIEWERS, server, viewers.listed)),
        (routes.REMOVE_VIEWER, for_experts(routes.REMOVE_VIEWER, server, viewers.remove)),
        (routes.WELCOME, open_to_all(routes.WELCOME, viewing.welcome)),
        (routes.JOIN, open_to_all(routes.JOIN, viewing.join)),
        (routes.START_VIEWER, open_to_all(routes.START_VIEWER, viewing.start)),
        (routes.FINISH_VIEWER, open_to_all(routes.FINISH_VIEWER, viewing.finish)),
        (routes.DOORS, open_to_all(routes.DOORS, viewing.doors)),
        (routes.TO_PROVIDER, open_to_all(routes.TO_PROVIDER, viewing.to_provider)),
        (routes.FROM_PROVIDER, open_to_all(routes.FROM_PROVIDER, viewing.from_provider)),
        (routes.ME, for_viewers(routes.ME, server, viewing.me)),
        (routes.VIEWER_NOTICES, for_viewers(routes.VIEWER_NOTICES, server, viewing.notices)),
        (routes.PUT_VIEWER_NOTICES, for_viewers(routes.PUT_VIEWER_NOTICES, server, viewing.put_notices)),
        (routes.VIEWER_OUT, for_viewers(routes.VIEWER_OUT, server, viewing.out)),
        (routes.VIEWER_SESSIONS, for_viewers(routes.VIEWER_SESSIONS, server, viewing.sessions)),
        (routes.END_VIEWER_SESSION, for_viewers(routes.END_VIEWER_SESSION, server, viewing.end)),
        (routes.END_OTHER_VIEWER_SESSIONS, for_viewers(routes.END_OTHER_VIEWER_SESSIONS, server, viewing.end_others)),
        (routes.METHODS, for_seers_as_it_comes(routes.METHODS, server, figure_pages.methods)),
        (routes.FIGURES, for_seers_as_it_comes(routes.FIGURES, server, figure_pages.page)),
        (routes.FIGURE_FILE, for_seers_as_it_comes(routes.FIGURE_FILE, server, figure_pages.file)),
        (routes.REPORT, for_seers(routes.REPORT, server, figure_pages.report)),
    )
    for route, handler in calls:
        app.router.add_route(route.method, route.path, handler)
    for upgrade, handler in (
        (routes.CHANNEL, ChannelHandler(server, sockets)),
        (routes.FEED, FeedHandler(server, sockets, limits.feed_events)),
    ):
        app.router.add_route("GET", upgrade.path, same_site_only(handler.__call__))
    return sockets


def _background(
    server: Server, figure_pages: FigurePages, promises: Promises, keep_days: int, newsroom: Newsroom, rounds: Rounds
) -> Callable[[web.Application], AsyncIterator[None]]:
    async def tell(lapsed: tuple[PlaceRow, ...], awake: tuple[PlaceRow, ...]) -> None:
        if lapsed:
            server.journal.write("leases-lapsed", count=len(lapsed))
        for place in lapsed:
            await tell_all(server, place)
            server.notices.new_case(place.queue)
        for place in awake:
            tell_queue(server, place)

    async def climb(places: tuple[PlaceRow, ...]) -> None:
        server.journal.write("promises-missed", count=len(places))
        for place in places:
            tell_queue(server, place)
            server.notices.missed(place.queue)

    def gone(cases: tuple[tuple[CaseId, Erased], ...]) -> None:
        server.journal.write("cases-expired", count=len(cases))
        for case, erased in cases:
            server.lookout.case_erased(case, [place.queue for place in erased.places])

    def end_second() -> None:
        if server.gate.end_second(server.store.queue_share):
            server.journal.write("effort-changed", effort=server.gate.terms.effort)

    async def run(_app: web.Application) -> AsyncIterator[None]:
        once: list[Work] = [
            lambda: let_time_pass_forever(
                server.store, server.clock, tell, PLACE_SWEEP_S, lambda: rounds.done("leases")
            ),
            lambda: watch_promises_forever(
                server.store,
                server.clock,
                server.calendar,
                promises,
                climb,
                PROMISE_WATCH_S,
                lambda: rounds.done("promises"),
            ),
            lambda: mix_forever(server.store, done=lambda: rounds.done("contributions")),
            lambda: expire_forever(
                server.store, server.recorded_s, keep_days, gone, EXPIRY_S, lambda: rounds.done("retention")
            ),
            lambda: scrub_forever(server.store, lambda: rounds.done("scrubbing")),
        ]
        if server.notices.are_sent:
            once.append(server.report_notices.run)
        lease = Lease(server.store, ONCE, server.draw(16), asyncio.get_running_loop().time)
        jobs = [
            asyncio.create_task(lease.hold([_journaling(server.journal, work) for work in once])),
            asyncio.create_task(price_forever(end_second)),
            asyncio.create_task(figure_pages.prepare()),
            asyncio.create_task(newsroom.run()),
        ]
        if server.notices.are_sent:
            jobs.append(asyncio.create_task(server.notices.run()))
        if server.slots.slot_ms:
            jobs.append(asyncio.create_task(server.slots.run()))
        for job in jobs:
            job.add_done_callback(lambda done: _settle(done, set(), server.journal))
        yield
        for job in jobs:
            job.cancel()
        for job in jobs:
            with contextlib.suppress(asyncio.CancelledError):
                await job

    return run


def _journaling(journal: Journal, work: Work) -> Work:
    """One job's bug must not end the others, nor this one until the next restart."""

    async def run() -> None:
        while True:
            try:
                await work()
            except Exception as error:  # noqa: BLE001 - written down
                journal.write_error(error)
            await asyncio.sleep(AFTER_A_BUG_S)

    return run


def _close_all(sockets: set[web.WebSocketResponse]) -> Callable[[web.Application], Coroutine[None, None, None]]:
    """aiohttp does not close WebSockets by itself: without this a stop took 45 s with the port closed."""

    async def close(_app: web.Application) -> None:
        # SPEC 6.1: no close that says why. Every client comes back after a second or so of its own choosing.
        closing = [asyncio.create_task(_close(socket)) for socket in tuple(sockets)]
        if closing:
            await asyncio.wait(closing, timeout=GOODBYE_S)

    return close


async def _close(socket: web.WebSocketResponse) -> None:
    with contextlib.suppress(ConnectionError):
        await socket.close(code=WSCloseCode.OK)


def _settle(task: asyncio.Task[object], tasks: set[asyncio.Task[object]], journal: Journal) -> None:
    tasks.discard(task)
    error = None if task.cancelled() else task.exception()
    if error is not None and not isinstance(error, ConnectionError):
        journal.write_error(error)
