"""The next root: who may sign it, what it brings to whom, and the paper sheet typed in again."""

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest

from lyhty_client import cli
from lyhty_client.coordinator import MONTH_S
from lyhty_client.errors import ClientError
from lyhty_client.founding import ROOT_LIFE_S, found
from lyhty_client.new_root import NewRoot, Wishes, present_of, renew_root
from lyhty_client.sheet import LANGUAGES, WORDS_IN_A_ROW, typed_from_sheet
from lyhty_crypto.documents import sign_document, sign_root
from lyhty_crypto.founding import open_packet
from lyhty_crypto.keys import KemKeyPair, SigningKey
from lyhty_crypto.lexicon import LEXICON, Language, spell
from lyhty_crypto.wrapping import unwrap_key
from lyhty_wire.directories import TrustBundle
from lyhty_wire.documents import ROOT_CHANGE, UntrustedDocument
from lyhty_wire.encoding import b64encode
from lyhty_wire.errors import WireError
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, Epoch, digest
from lyhty_wire.root_changes import RootChange
from lyhty_wire.roots import RootBody
from lyhty_wire.wraps import DIRECTORY_SEED, QUEUE_SEED, Wrap
from tests.provider import Account, Provider, make_account, make_provider

NOW = 1_800_000_000
LATER = NOW + 3_600
SEED = bytes(range(7, 39))
NOTHING_ELSE = Wishes()


@pytest.fixture(scope="module")
def provider() -> Provider:
    return make_provider(NOW)


def renewed(
    provider: Provider, wishes: Wishes = NOTHING_ELSE, now_s: int = LATER, *, replacement: SigningKey | None = None
) -> NewRoot:
    return renew_root(provider.bundle, provider.directory, [provider.root_key], wishes, now_s, replacement=replacement)


def change_of(made: NewRoot, provider: Provider) -> RootChange:
    return RootChange.verify(made.change, provider.instance)


def seeds_of(made: NewRoot, provider: Provider, account: Account) -> dict[tuple[int, int, int], bytes]:
    """What somebody finds in their wraps: by kind, queue and epoch."""
    wraps = [Wrap.decode(wrap) for expert, wrap in change_of(made, provider).wraps if expert == account.id]
    return {
        (wrap.kind, wrap.queue, wrap.epoch): unwrap_key(
            wrap, account.keys.kem, instance=provider.instance, subject=account.keys.sign.public
        )
        for wrap in wraps
    }


def test_the_next_root_has_a_new_directory_key_and_the_same_people_and_queues(provider: Provider) -> None:
    made = renewed(provider)
    change = change_of(made, provider)
    directory = change.bundle.verify(provider.instance, LATER)
    root, before = directory.root.body, provider.directory.root.body
    assert (root.version, root.keys, root.expires) == (2, before.keys, LATER + ROOT_LIFE_S)
    assert set(root.directory_keys).isdisjoint(before.directory_keys)
    assert (directory.version, directory.queues, directory.experts, directory.former) == (
        2, provider.directory.queues, provider.directory.experts, (),
    )  # fmt: skip
    assert (change.base, change.founding, made.renewed) == (digest(provider.bundle.directory), None, ())


def test_each_coordinator_gets_the_new_key_and_nobody_else_gets_anything(provider: Provider) -> None:
    made = renewed(provider)
    found = {account.name: seeds_of(made, provider, account) for account in provider.accounts}
    key = found.pop("vastaava").pop((DIRECTORY_SEED, 0, 0))
    root = change_of(made, provider).bundle.verify(provider.instance, LATER).root.body
    assert (SigningKey(key).public,) == root.directory_keys
    assert not any(found.values())


def test_who_is_removed_is_among_the_former_and_gets_no_seed_of_the_new_epochs(provider: Provider) -> None:
    made = renewed(provider, Wishes(remove=["Coordinator"], coordinators=["Psychologist"]))
    directory = change_of(made, provider).bundle.verify(provider.instance, LATER)
    (former,) = directory.former
    assert (former.name, former.queues, former.left, former.version) == (
        "Coordinator", (LAWYER, PSYCHOLOGIST), LATER, 2,
    )  # fmt: skip
    assert [queue.current.epoch for queue in directory.queues] == [2, 2]
    assert made.renewed == (LAWYER, PSYCHOLOGIST)
    assert seeds_of(made, provider, provider.coordinator) == {}
    for account, queue in ((provider.lawyer, LAWYER), (provider.psychologist, PSYCHOLOGIST)):
        seed = seeds_of(made, provider, account)[QUEUE_SEED, queue, 2]
        named = directory.queue(queue)
        assert named is not None
        assert KemKeyPair(seed).public == named.current.kem
    assert (DIRECTORY_SEED, 0, 0) in seeds_of(made, provider, provider.psychologist)


def test_who_joins_a_queue_gets_its_next_key(provider: Provider) -> None:
    made = renewed(provider, Wishes(join=[(PSYCHOLOGIST, "First lawyer")]))
    assert made.renewed == (PSYCHOLOGIST,)
    assert list(seeds_of(made, provider, provider.lawyer)) == [(QUEUE_SEED, PSYCHOLOGIST, 2)]


def test_the_first_directory_of_a_month_brings_new_epochs_whoever_signs_it(provider: Provider) -> None:
    assert renewed(provider, now_s=NOW + MONTH_S).renewed == (LAWYER, PSYCHOLOGIST)


def test_where_nobody_is_left_a_packet_and_a_link_begin_the_service_anew(provider: Provider) -> None:
    made = renewed(provider, Wishes(found="New first", languages=("sv",)))
    change = change_of(made, provider)
    directory = change.bundle.verify(provider.instance, LATER)
    assert (directory.experts, len(directory.former), change.wraps) == ((), 4, ())
    assert change.founding is not None
    assert made.link_secret is not None
    packet = open_packet(change.founding, made.link_secret, provider.instance)
    assert (packet.name, packet.languages) == ("New first", ("sv",))
    assert (SigningKey(packet.directory_seed).public,) == directory.root.body.directory_keys
    assert [(each.epoch, KemKeyPair(each.seed).public) for each in packet.queues] == [
        (Epoch(2), queue.current.kem) for queue in directory.queues
    ]
    assert repr(made.link_secret) not in repr(made)


def test_a_new_root_key_takes_the_place_of_the_old_one(provider: Provider) -> None:
    fresh = SigningKey(SEED)
    change = change_of(renewed(provider, replacement=fresh), provider)
    assert change.bundle.verify(provider.instance, LATER).root.body.keys == (fresh.public,)
    with pytest.raises(ClientError, match="does not belong"):
        renew_root(change.bundle, present_of(change.bundle, provider.instance), [provider.root_key], Wishes(), LATER)


def test_a_root_of_several_keys_needs_as_many_as_it_asks_for_and_keeps_them() -> None:
    keys = [SigningKey(bytes([byte]) * 32) for byte in (1, 2, 3)]
    one = make_provider(NOW)
    publics = tuple(sorted(key.public for key in keys))
    root = sign_root(
        RootBody(2, NOW, NOW + ROOT_LIFE_S, publics, 2, (one.directory_key.public,), one.instance),
        [one.root_key, *keys],
    )
    body = replace(one.directory_body, version=2, root=digest(root))
    bundle = TrustBundle((one.root, root), sign_of(body.encode(), one.directory_key))
    present = present_of(bundle, one.instance)
    with pytest.raises(ClientError, match="asks for 2 of its keys"):
        renew_root(bundle, present, keys[:1], Wishes(), LATER)
    with pytest.raises(ClientError, match="asks for 2 of its keys"):  # the same one twice is one
        renew_root(bundle, present, [keys[0], keys[0]], Wishes(), LATER)
    change = RootChange.verify(renew_root(bundle, present, keys[1:], Wishes(), LATER).change, one.instance)
    root_after = change.bundle.verify(one.instance, LATER).root.body
    assert (root_after.keys, root_after.threshold) == (publics, 2)
    body_of = UntrustedDocument.decode(renew_root(bundle, present, keys, Wishes(), LATER).change).body
    with pytest.raises(WireError, match="not signed by enough"):
        RootChange.verify(sign_document(ROOT_CHANGE, body_of, keys[:1]), one.instance)


def sign_of(body: bytes, key: SigningKey) -> bytes:
    return sign_document(2, body, [key])


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        (Wishes(remove=["Coordinator"]), "Nobody would be left to coordinate"),
        (Wishes(remove=["Nobody"]), "expert-unknown"),
        (Wishes(coordinators=["Nobody"]), "expert-unknown"),
        (Wishes(remove=["Psychologist"], coordinators=["Psychologist"]), "is to leave"),
        (Wishes(found="A", remove=["Coordinator"]), "do not go with it"),
        (Wishes(found=""), "1 to 200 letters"),
        (
            Wishes(remove=["Psychologist", "Coordinator"], coordinators=["First lawyer"]),
            "Nobody would be left in the queue psychologist",
        ),
    ],
    ids=str,
)
def test_what_would_lock_everybody_out_is_refused(provider: Provider, wishes: Wishes, said: str) -> None:
    with pytest.raises(ClientError, match=re.escape(said)):
        renewed(provider, wishes)


def test_of_two_with_one_name_the_id_says_who_is_meant() -> None:
    twins = tuple(make_account(name, "Same name", (LAWYER,), coordinator=name == "a") for name in "ab")
    provider = make_provider(NOW, (*twins, make_account("c", "Psychologist", (PSYCHOLOGIST,))))
    with pytest.raises(ClientError, match="give the id instead: ") as refused:
        renewed(provider, Wishes(remove=["Same name"]))
    assert all(b64encode(twin.id) in str(refused.value) for twin in twins)
    made = renewed(provider, Wishes(remove=[b64encode(twins[1].id)]))
    assert [former.id for former in made.directory.former] == [twins[1].id]


def test_no_other_byte_than_the_signed_ones_is_believed(provider: Provider) -> None:
    made = renewed(provider).change
    # One signature is over the whole body: each kind of place in it, and every byte around it.
    for at in (*range(100), *range(100, len(made) - 100, 31), *range(len(made) - 100, len(made))):
        changed = bytearray(made)
        changed[at] ^= 1
        with pytest.raises(WireError):
            RootChange.verify(bytes(changed), provider.instance)
    with pytest.raises(WireError):
        RootChange.verify(made, type(provider.instance)(bytes(32)))


def test_a_change_signed_by_the_directory_key_or_by_the_root_key_before_is_refused(provider: Provider) -> None:
    made = renewed(provider, replacement=SigningKey(SEED))
    body = UntrustedDocument.decode(made.change).body
    for key in (provider.directory_key, provider.root_key):
        with pytest.raises(WireError, match="not signed by enough"):
            RootChange.verify(sign_document(ROOT_CHANGE, body, [key]), provider.instance)


# --- From paper, and from a computer without network


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sheets_words_and_characters_give_the_key_back(language: Language) -> None:
    words = [LEXICON.words[language][byte] for byte in SEED]
    rows = [words[at : at + WORDS_IN_A_ROW] for at in range(0, 32, WORDS_IN_A_ROW)]
    assert typed_from_sheet("\n".join(" ".join(row) for row in rows), "fi") == SEED
    characters = b64encode(SEED)
    assert typed_from_sheet(f" {characters[:20]} {characters[20:]}\n", "fi") == SEED


@pytest.mark.parametrize("text", ["", "kissa", " ".join(["kissa"] * 31), "x" * 43 + "y", " ".join(["xqzw"] * 32)])
def test_what_is_no_sheet_is_told(text: str) -> None:
    with pytest.raises(ClientError):
        typed_from_sheet(text, "fi")


@pytest.fixture
def offline(tmp_path: Path) -> tuple[list[str], bytes]:
    """Flags of a command without network, and the root key."""
    founded = found(int(1e9), "First", ("fi",))
    (tmp_path / "bundle").write_bytes(TrustBundle((founded.root,), founded.directory).encode())
    flags = ["root", "renew", "--bundle", str(tmp_path / "bundle"), "--out", str(tmp_path / "change")]
    return [*flags, "--anchor", b64encode(founded.instance), "--found", "Another"], founded.root_seed


def test_typed_words_and_a_carried_bundle_are_enough_and_nothing_is_asked(
    offline: tuple[list[str], bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    flags, seed = offline
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(spell(seed, "en"))))
    monkeypatch.setattr("builtins.input", lambda question: pytest.fail(question))
    assert cli.main([*flags, "--root-key", "-"]) == 0
    told = capsys.readouterr().out
    assert "https://YOUR-ADDRESS/console#f=" in told
    written = (tmp_path / "change").read_bytes()
    for secret in (seed, b64encode(seed).encode()):
        assert secret not in written
        assert secret.decode("latin-1") not in told


def test_a_word_that_was_taken_for_another_makes_no_root(
    offline: tuple[list[str], bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    flags, seed = offline
    wrong = bytes([seed[0] ^ 1]) + seed[1:]
    monkeypatch.setattr("sys.stdin", io.StringIO(" ".join(spell(wrong, "fi"))))
    assert cli.main([*flags, "--root-key", "-"]) == 1
    assert "Is a word or a sign mistyped?" in capsys.readouterr().err
    assert not (tmp_path / "change").exists()


def test_nothing_is_written_over_what_is_there(
    offline: tuple[list[str], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flags, seed = offline
    (tmp_path / "change").write_text("another")
    monkeypatch.setattr("sys.stdin", io.StringIO(b64encode(seed)))
    assert cli.main([*flags, "--root-key", "-"]) == 1
    assert (tmp_path / "change").read_text() == "another"


def test_without_an_anchor_no_service_is_meant(
    offline: tuple[list[str], bytes], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    flags, seed = offline
    monkeypatch.setattr("sys.stdin", io.StringIO(b64encode(seed)))
    without = [flag for flag in flags if flag != "--anchor" and len(flag) != 43]
    assert cli.main([*without, "--root-key", "-"]) == 1
    assert "Which service?" in capsys.readouterr().err
