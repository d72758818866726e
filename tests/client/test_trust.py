"""Which server is meant: addresses, anchors, and where the client stops (SPEC 5.4)."""

import pytest

from lyhty_client.errors import ClientError, UntrustedError
from lyhty_client.trust import Site, choose_anchor
from lyhty_wire.encoding import b64encode
from lyhty_wire.ids import InstanceId

ANCHOR, OTHER = InstanceId(b"a" * 32), InstanceId(b"b" * 32)


def test_the_address_of_a_poster_brings_the_anchor() -> None:
    site = Site.parse(f"https://lyhty.example/#a={b64encode(ANCHOR)}")
    assert (site.url, site.socket_url, site.anchor) == ("https://lyhty.example:443", "wss://lyhty.example:443", ANCHOR)


def test_the_address_of_a_recovery_sheet_brings_the_device_code() -> None:
    assert Site.parse("http://127.0.0.1:8400/console#device=abc").device == "abc"


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:1", "http://localhost", "http://[::1]:8400", "https://a.example"]
)
def test_plain_http_is_for_this_computer_only(address: str) -> None:
    Site.parse(address)


@pytest.mark.parametrize("address", ["http://a.example", "http://10.0.0.1", "http://127.0.0.1.a.example"])
def test_plain_http_elsewhere_is_refused(address: str) -> None:
    with pytest.raises(UntrustedError) as refusal:
        Site.parse(address)
    assert refusal.value.code == "insecure-context"


@pytest.mark.parametrize("address", ["", "lyhty", "ftp://a.example", "http://", "https://a.example:port"])
def test_what_is_no_address_is_told(address: str) -> None:
    with pytest.raises(ClientError) as refusal:
        Site.parse(address)
    assert refusal.value.code == "route-unknown"


def test_a_poster_whose_anchor_was_cut_is_refused() -> None:
    with pytest.raises(UntrustedError) as refusal:
        Site.parse("https://a.example/#a=abc")
    assert refusal.value.code == "anchor-mismatch"


def test_the_anchor_that_was_brought_is_the_one_that_counts() -> None:
    assert choose_anchor(ANCHOR, None) == ANCHOR
    assert choose_anchor(None, ANCHOR) == ANCHOR
    assert choose_anchor(ANCHOR, ANCHOR) == ANCHOR


def test_two_anchors_that_differ_stop_the_client() -> None:
    with pytest.raises(UntrustedError) as refusal:
        choose_anchor(ANCHOR, OTHER)
    assert refusal.value.code == "anchor-mismatch"


def test_without_any_anchor_nothing_goes_on() -> None:
    with pytest.raises(UntrustedError) as refusal:
        choose_anchor(None, None)
    assert refusal.value.code == "directory-missing"
