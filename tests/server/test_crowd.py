"""There are never more connections than there are files for them."""

from lyhty_server.domain.crowd import BACKLOG, OWN_FILES, Crowd, most_channels, most_connections


def test_a_crowd_lets_in_as_many_as_it_may() -> None:
    crowd = Crowd(2)
    assert [crowd.enter() for _ in range(3)] == [True, True, False]


def test_who_leaves_a_crowd_makes_room_for_one() -> None:
    crowd = Crowd(1)
    crowd.enter()
    crowd.leave()
    assert [crowd.enter() for _ in range(2)] == [True, False]


def test_all_connections_all_that_wait_and_the_servers_own_files_are_no_more_than_may_be_open() -> None:
    assert most_connections(most_channels(20_000)) + BACKLOG + OWN_FILES == 20_000
