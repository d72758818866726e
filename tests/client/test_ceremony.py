"""What `lyhty init --demo` founds: a chain of trust that holds, keys that open, no secret where the server reads."""

import base64
import json
import re
import stat
from pathlib import Path

import pytest

from lyhty_client.ceremony import draw_password, found_demo, write_demo
from lyhty_client.demo import RENEW_WITHIN_S, addresses, read_secrets, renew
from lyhty_client.errors import FolderError
from lyhty_client.expert import Expertise
from lyhty_client.folder import DataFolder, read_json
from lyhty_crypto.randomness import Randomness
from lyhty_wire.directories import MAX_LIFE_S, Directory, TrustBundle
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, InstanceId
from tests.client.conftest import NOW, Instance


@pytest.fixture
def folder(tmp_path: Path, instance: Instance) -> DataFolder:
    folder = DataFolder(tmp_path / "demo")
    write_demo(folder, instance.provider)
    return folder


def served(folder: DataFolder, now: int) -> Directory:
    """What a client would believe of the files the server serves."""
    provision, anchor = read_json(folder.provision), read_json(folder.anchor)
    roots = tuple(b64decode(root) for root in provision["roots"])  # type: ignore[attr-defined]
    return TrustBundle(roots, b64decode(provision["directory"])).verify(InstanceId(b64decode(anchor["instance"])), now)


def test_the_files_hold_a_chain_of_trust_that_a_client_believes(folder: DataFolder) -> None:
    directory = served(folder, NOW)
    assert [(queue.id, queue.profession) for queue in directory.queues] == [
        (LAWYER, "lawyer"),
        (PSYCHOLOGIST, "psychologist"),
    ]
    coordinates = {expert.name: expert.coordinator for expert in directory.experts}
    assert coordinates == {"Demo-lakimies": False, "Demo-psykologi": False, "Demo-koordinaattori": True}


def test_no_secret_stands_in_what_the_server_reads(folder: DataFolder, instance: Instance) -> None:
    secrets = instance.provider.secrets
    hidden = [secrets.root_seed, secrets.directory_seed, folder.pepper.read_bytes()]
    for name in ("lakimies", "psykologi", "koordinaattori"):
        expertise = instance.expertise(name)
        expert = secrets.expert(name)
        hidden += [expertise.keys.sign.seed, expertise.keys.kem.seed, expert.device_secret, expert.password.encode()]
        hidden += [pair.seed for pair in expertise.queue_keys.values()]
    readable = folder.provision.read_bytes() + folder.anchor.read_bytes()
    decoded = b"".join(base64.urlsafe_b64decode(text + b"==") for text in re.findall(rb'"([\w-]{22,})"', readable))
    assert len(decoded) > 5_000
    for secret in hidden:
        spellings = (secret, b64encode(secret).encode(), base64.b64encode(secret), secret.hex().encode())
        assert not [spelling for spelling in spellings if spelling in readable + decoded]


def test_only_the_owner_may_read_the_secrets(folder: DataFolder) -> None:
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (folder.pepper, folder.demo, folder.demo.parent)}
    assert list(modes.values()) == [0o600, 0o600, 0o700]


def test_the_pepper_has_32_bytes_and_the_anchor_names_the_first_root(folder: DataFolder, instance: Instance) -> None:
    assert len(folder.pepper.read_bytes()) == 32
    assert read_json(folder.anchor) == {"instance": b64encode(instance.provider.instance)}


def test_what_is_read_back_of_the_secrets_is_what_was_written(folder: DataFolder, instance: Instance) -> None:
    assert read_secrets(folder) == instance.provider.secrets


def test_each_expert_opens_the_key_of_their_own_queue_and_no_other(instance: Instance, lawyer: Expertise) -> None:
    assert lawyer.queues == (LAWYER,)
    assert instance.expertise("psykologi").queues == (PSYCHOLOGIST,)


def test_the_coordinator_opens_both_queues_and_the_directory_key(instance: Instance) -> None:
    coordinator = instance.expertise("koordinaattori")
    assert coordinator.queues == (LAWYER, PSYCHOLOGIST)
    assert coordinator.directory_key is not None
    assert coordinator.directory_key.seed == instance.provider.secrets.directory_seed


def test_two_ceremonies_share_nothing(instance: Instance) -> None:
    other = found_demo(NOW)
    assert other.instance != instance.provider.instance
    assert other.secrets.expert("lakimies").password != instance.provider.secrets.expert("lakimies").password


def test_a_password_is_three_short_words_and_two_digits_that_every_keyboard_has() -> None:
    drawn = [draw_password() for _ in range(50)]
    assert all(re.fullmatch(r"[a-z]{1,8}-[a-z]{1,8}-[a-z]{1,8}-[2-9]{2}", password) for password in drawn)
    assert len(set(drawn)) == len(drawn)


def test_bytes_that_would_favor_the_first_words_are_drawn_again() -> None:
    assert draw_password(scripted(255, 0, 255, 1, 255, 2, 0, 0)) == draw_password(scripted(0, 1, 2, 0, 0))


def scripted(*drawn: int) -> Randomness:
    left = iter(drawn)
    return lambda _length: bytes((next(left),))


# --- renewal


def test_a_fresh_directory_is_left_alone(folder: DataFolder) -> None:
    before = folder.provision.read_bytes()
    assert not renew(folder, NOW + MAX_LIFE_S - RENEW_WITHIN_S)
    assert folder.provision.read_bytes() == before


def test_a_directory_with_less_than_a_week_left_is_signed_for_another_14_days(folder: DataFolder) -> None:
    later = NOW + MAX_LIFE_S - RENEW_WITHIN_S + 1
    assert renew(folder, later)
    directory = served(folder, later)
    assert (directory.version, directory.body.issued, directory.body.expires) == (2, later, later + MAX_LIFE_S)


def test_renewal_changes_nothing_but_the_directory(folder: DataFolder) -> None:
    before = read_json(folder.provision)
    renew(folder, NOW + MAX_LIFE_S)
    after = read_json(folder.provision)
    assert (after["roots"], after["experts"]) == (before["roots"], before["experts"])
    assert after["directory"] != before["directory"]


def test_a_directory_that_ended_long_ago_comes_back_to_life(folder: DataFolder) -> None:
    later = NOW + 100 * 24 * 3600
    assert renew(folder, later)
    assert served(folder, later).version == 2


def test_a_folder_without_a_ceremony_is_told_plainly(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="lyhty init"):
        renew(DataFolder(tmp_path), NOW)


def test_secrets_that_were_edited_wrongly_are_told_plainly(folder: DataFolder) -> None:
    folder.demo.write_text(json.dumps({"root_seed": "x", "directory_seed": "x", "experts": []}))
    with pytest.raises(FolderError):
        read_secrets(folder)


def test_the_addresses_name_site_poster_and_every_console(folder: DataFolder, instance: Instance) -> None:
    told = addresses(folder, "http://127.0.0.1:8400")
    assert f"http://127.0.0.1:8400/#a={b64encode(instance.provider.instance)}" in told
    for name in ("lakimies", "psykologi", "koordinaattori"):
        expert = instance.provider.secrets.expert(name)
        assert f"http://127.0.0.1:8400/console#device={b64encode(expert.device_secret)}" in told
        assert f"name: {name}   password: {expert.password}" in told
