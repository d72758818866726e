"""What a clock that jumps may do to the times that are stored."""

from lyhty_server.domain.wrong_clocks import within_life


def test_a_time_that_is_stored_is_never_outside_the_directorys_life() -> None:
    assert [within_life(now, 100, 200) for now in (0, 100, 150, 200, 9_999)] == [100, 100, 150, 200, 200]
