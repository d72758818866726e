"""The rules of key acts: what the next directory may change (SPEC 9.1)."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest

from lyhty_crypto.keys import KemKeyPair, SigningKey
from lyhty_crypto.wrapping import wrap_key
from lyhty_server.domain.key_acts import (
    Newcomer,
    check_coordinator,
    check_new_directory_key,
    check_succession,
    check_wraps,
    members_of,
    unlisted_epochs,
    wraps_after,
)
from lyhty_wire.codes import Code
from lyhty_wire.directories import Directory, Expert, FormerExpert, Queue, QueueEpoch
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, CaseId, Epoch, ExpertId, Generation, KemKey, QueueId, SignKey
from lyhty_wire.wraps import CASE_KEY, DIRECTORY_SEED, QUEUE_SEED, TO_EXPERT, TO_QUEUE
from tests.provider import make_provider
from tests.store_contract.refusals import refused

NOW_S = 1_800_000_000
LATER_S = NOW_S + 3_600


@cache
def present() -> Directory:
    """Two lawyers, a psychologist and a coordinator of both queues."""
    return make_provider(NOW_S).directory


def following(**changes: object) -> Directory:
    """What a coordinator might sign next."""
    body = replace(present().body, version=2, **changes)  # type: ignore[arg-type]
    return Directory(body, present().root)


def people() -> tuple[Expert, ...]:
    return present().experts


def named(name: str) -> Expert:
    return next(expert for expert in people() if expert.name == name)


def without(leaver: Expert) -> tuple[Expert, ...]:
    return tuple(expert for expert in people() if expert != leaver)


def with_changed(expert: Expert, **changes: object) -> tuple[Expert, ...]:
    changed = replace(expert, **changes)  # type: ignore[arg-type]
    return tuple(sorted((*without(expert), changed), key=lambda each: each.id))


def left(expert: Expert, queues: tuple[QueueId, ...] | None = None, version: int = 2) -> FormerExpert:
    return FormerExpert(
        expert.id, expert.name, expert.sign, expert.queues if queues is None else queues, NOW_S, version
    )


def lawyers() -> Queue:
    return present().queues[0]


def with_lawyers(*epochs: QueueEpoch) -> tuple[Queue, ...]:
    return (replace(lawyers(), epochs=epochs), present().queues[1])


def key(label: str) -> KemKey:
    return KemKeyPair(label.encode().ljust(32, b"-")).public


NEW = Expert(
    ExpertId(b"n" * 16), "New lawyer", SigningKey(b"n" * 32).public, KemKeyPair(b"n" * 32).public, (LAWYER,), False
)
APPLIED = Newcomer(NEW.id, NEW.sign, NEW.kem)


def staff_and_new(new: Expert = NEW) -> tuple[Expert, ...]:
    return tuple(sorted((*people(), new), key=lambda expert: expert.id))


def test_the_same_people_for_another_fortnight_may_follow() -> None:
    check_succession(present(), following(), None)


@pytest.mark.parametrize("version", [1, 3])
def test_only_the_next_version_may_follow(version: int) -> None:
    offered = Directory(replace(present().body, version=version), present().root)
    with refused(Code.DIRECTORY_OUTDATED):
        check_succession(present(), offered, None)


def test_who_leaves_may_be_among_the_former() -> None:
    leaver = named("First lawyer")
    check_succession(present(), following(experts=without(leaver), former=(left(leaver),)), None)


def test_a_new_epoch_may_follow_the_current_one() -> None:
    newer = QueueEpoch(Epoch(2), key("newer"))
    check_succession(present(), following(queues=with_lawyers(*lawyers().epochs, newer)), None)


def test_an_old_epoch_may_leave_the_list() -> None:
    offered = following(queues=with_lawyers(QueueEpoch(Epoch(2), key("newer"))))
    check_succession(present(), offered, None)
    assert unlisted_epochs(present(), offered) == {(LAWYER, Epoch(1))}


def test_the_expert_of_the_accepted_application_may_be_added() -> None:
    check_succession(present(), following(experts=staff_and_new()), APPLIED)


def test_who_leaves_one_queue_for_another_stands_in_both_lists() -> None:
    mover = named("First lawyer")
    moved = with_changed(mover, queues=(PSYCHOLOGIST,))
    check_succession(present(), following(experts=moved, former=(left(mover),)), None)


Change = Callable[[], Directory]
REFUSED: dict[str, Change] = {
    "a queue is left out": lambda: following(queues=present().queues[:1], experts=with_changed(
        named("Coordinator"), queues=(LAWYER,))),
    "a queue is added": lambda: following(
        queues=(*present().queues, Queue(QueueId(3), "lawyer", (QueueEpoch(Epoch(1), key("third")),)))),
    "a queue changes its profession": lambda: following(
        queues=(replace(lawyers(), profession="psychologist"), present().queues[1])),
    "another key under the number of an epoch": lambda: following(
        queues=with_lawyers(QueueEpoch(Epoch(1), key("other")))),
    "other sign keys of an expert": lambda: following(
        experts=with_changed(named("First lawyer"), sign=SigningKey(b"o" * 32).public)),
    "other kem keys of an expert": lambda: following(experts=with_changed(named("First lawyer"), kem=key("other"))),
    "an expert nobody accepted": lambda: following(experts=staff_and_new()),
    "an expert of a queue that is not there": lambda: following(
        experts=with_changed(named("First lawyer"), queues=(LAWYER, QueueId(9)))),
    "no coordinator": lambda: following(experts=with_changed(named("Coordinator"), coordinator=False)),
    "one sign key twice": lambda: following(
        experts=with_changed(named("First lawyer"), sign=named("Second lawyer").sign)),
    "who leaves is forgotten": lambda: following(experts=without(named("First lawyer"))),
    "who leaves a queue is forgotten": lambda: following(
        experts=with_changed(named("Coordinator"), queues=(LAWYER,))),
    "who leaves left with another version": lambda: following(
        experts=without(named("First lawyer")), former=(left(named("First lawyer"), version=1),)),
    "who leaves left other queues": lambda: following(
        experts=without(named("First lawyer")), former=(left(named("First lawyer"), (PSYCHOLOGIST,)),)),
    "who leaves has another sign key": lambda: following(
        experts=without(named("First lawyer")),
        former=(replace(left(named("First lawyer")), sign=SigningKey(b"o" * 32).public),)),
    "somebody is former who never left": lambda: following(former=(left(named("First lawyer")),)),
}  # fmt: skip


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED.keys())
def test_a_directory_is_refused_in_which(change: Change) -> None:
    with refused(Code.OPERATION_MALFORMED):
        check_succession(present(), change(), None)


@pytest.mark.parametrize("offered", [(1, 2, 4, 5), (1, 2), (4,)], ids=["in between", "the current one left", "below"])
def test_epochs_count_on_and_the_current_one_does_not_go_back(offered: tuple[int, ...]) -> None:
    def queues(numbers: tuple[int, ...]) -> tuple[Queue, ...]:
        return with_lawyers(*(QueueEpoch(Epoch(number), key(str(number))) for number in numbers))

    before = Directory(replace(present().body, queues=queues((1, 2, 5))), present().root)
    with refused(Code.OPERATION_MALFORMED):
        check_succession(before, following(queues=queues(offered)), None)


@pytest.mark.parametrize(
    "changes", [{"sign": SigningKey(b"x" * 32).public}, {"kem": key("x")}, {"id": ExpertId(b"x" * 16)}]
)
def test_an_added_expert_must_have_the_keys_of_the_application(changes: dict[str, object]) -> None:
    swapped = replace(NEW, **changes)  # type: ignore[arg-type]
    with refused(Code.OPERATION_MALFORMED):
        check_succession(present(), following(experts=staff_and_new(swapped)), APPLIED)


def test_an_application_that_is_accepted_must_be_in_the_directory() -> None:
    with refused(Code.OPERATION_MALFORMED):
        check_succession(present(), following(), APPLIED)


def gone() -> tuple[Directory, FormerExpert]:
    """A directory that somebody has left already."""
    former = left(named("First lawyer"), version=2)
    body = replace(present().body, version=2, experts=without(named("First lawyer")), former=(former,))
    return Directory(body, present().root), former


def after_gone(**changes: object) -> Directory:
    before, _ = gone()
    return Directory(replace(before.body, version=3, **changes), before.root)  # type: ignore[arg-type]


def test_who_has_left_stays_among_the_former() -> None:
    before, former = gone()
    check_succession(before, after_gone(), None)
    for changed in ((), (replace(former, version=3),), (replace(former, queues=()),)):
        with refused(Code.OPERATION_MALFORMED):
            check_succession(before, after_gone(former=changed), None)


def test_who_has_left_does_not_come_back_under_the_old_id_or_key() -> None:
    before, former = gone()
    for old in (replace(NEW, id=former.id), replace(NEW, sign=former.sign)):
        experts = tuple(sorted((*before.experts, old), key=lambda expert: expert.id))
        with refused(Code.OPERATION_MALFORMED):
            check_succession(before, after_gone(experts=experts), Newcomer(old.id, old.sign, old.kem))


def test_only_a_coordinator_of_the_present_directory_acts() -> None:
    check_coordinator(present(), named("Coordinator").id)
    for expert_id in (named("First lawyer").id, ExpertId(b"s" * 16)):
        with refused(Code.NOT_COORDINATOR):
            check_coordinator(present(), expert_id)


# --- Under a new root


def everybody_gone() -> Directory:
    return following(experts=(), former=tuple(left(expert) for expert in people()))


def test_everybody_may_leave_only_where_somebody_founds_anew() -> None:
    check_succession(present(), everybody_gone(), None, is_refounding=True)
    with refused(Code.OPERATION_MALFORMED):
        check_succession(present(), everybody_gone(), None)


def test_who_founds_anew_finds_nobody_there() -> None:
    offered = following(
        experts=(named("Psychologist"),), former=tuple(left(each) for each in without(named("Psychologist")))
    )
    with refused(Code.OPERATION_MALFORMED):
        check_succession(present(), offered, None, is_refounding=True)


def test_nobody_is_forgotten_when_everybody_leaves() -> None:
    offered = following(experts=(), former=tuple(left(expert) for expert in people()[1:]))
    with refused(Code.OPERATION_MALFORMED):
        check_succession(present(), offered, None, is_refounding=True)


def test_each_coordinator_and_nobody_else_gets_the_new_directory_key() -> None:
    lawyer, coordinator, members = named("First lawyer").id, named("Coordinator").id, members_of(present())
    check_new_directory_key([(lawyer, sealed()), (coordinator, sealed(DIRECTORY_SEED, 0, 0))], members)
    for wraps in ([], [(coordinator, sealed())], [(lawyer, sealed(DIRECTORY_SEED, 0, 0))]):
        with refused(Code.OPERATION_MALFORMED):
            check_new_directory_key(wraps, members)


# --- Seeds


def sealed(kind: int = QUEUE_SEED, queue: int = LAWYER, epoch: int = 1) -> bytes:
    return wrap_key(
        b"s" * 32, KemKeyPair(b"e" * 32).public, instance=present().instance, subject=SignKey(b"e" * 32), kind=kind,
        recipient=TO_EXPERT, queue=QueueId(queue), epoch=Epoch(epoch),
    ).encode()  # fmt: skip


def test_seeds_are_taken_for_those_who_may_hold_them() -> None:
    lawyer, coordinator = named("First lawyer").id, named("Coordinator").id
    check_wraps([(lawyer, sealed()), (coordinator, sealed(DIRECTORY_SEED, 0, 0))], members_of(present()))


def test_a_seed_is_refused_for_a_stranger_for_another_queue_for_another_epoch_and_for_no_coordinator() -> None:
    lawyer = named("First lawyer").id
    wrong = [
        (ExpertId(b"s" * 16), sealed()),
        (lawyer, sealed(queue=PSYCHOLOGIST)),
        (lawyer, sealed(epoch=2)),
        (lawyer, sealed(DIRECTORY_SEED, 0, 0)),
    ]
    for one in wrong:
        with refused(Code.OPERATION_MALFORMED):
            check_wraps([one], members_of(present()))


def test_two_seeds_for_one_slot_are_refused() -> None:
    lawyer = named("First lawyer").id
    with refused(Code.OPERATION_MALFORMED):
        check_wraps([(lawyer, sealed()), (lawyer, sealed())], members_of(present()))


def test_a_case_key_is_no_seed() -> None:
    wrap = wrap_key(
        b"s" * 32, KemKeyPair(b"e" * 32).public, instance=present().instance, subject=CaseId(b"c" * 32), kind=CASE_KEY,
        recipient=TO_QUEUE, queue=LAWYER, epoch=Epoch(1), generation=Generation(1),
    ).encode()  # fmt: skip
    with refused(Code.OPERATION_MALFORMED):
        check_wraps([(named("First lawyer").id, wrap)], members_of(present()))


def test_an_account_must_not_lack_the_seed_of_a_current_epoch() -> None:
    member = members_of(present())[named("First lawyer").id]
    stored = sealed()
    assert wraps_after([stored], [], member) == wraps_after([], [stored], member) == (stored,)
    with refused(Code.OPERATION_MALFORMED):
        wraps_after([], [], member)


def test_a_coordinator_must_not_lack_the_directory_keys_seed() -> None:
    member = members_of(present())[named("Coordinator").id]
    queues = [sealed(), sealed(queue=PSYCHOLOGIST)]
    with refused(Code.OPERATION_MALFORMED):
        wraps_after(queues, [], member)
    assert len(wraps_after(queues, [sealed(DIRECTORY_SEED, 0, 0)], member)) == 3
