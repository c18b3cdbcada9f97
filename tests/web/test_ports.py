import socket
from collections.abc import Iterator

import pytest

from tongdian.web.ports import PORTS_TRIED, PortTaken, answers, any_port, free_port

HOST = "127.0.0.1"


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        listener.listen()
        yield listener.getsockname()[1]


class TestFreePort:
    def test_is_the_wanted_one_when_nobody_has_it(self) -> None:
        wanted = any_port()

        assert free_port(HOST, wanted, is_fixed=True) == wanted

    def test_is_one_of_the_next_when_the_wanted_one_is_taken(self, taken: int) -> None:
        assert taken < free_port(HOST, taken, is_fixed=False) < taken + PORTS_TRIED

    def test_is_refused_when_the_taken_one_was_asked_for(self, taken: int) -> None:
        with pytest.raises(PortTaken, match=f"port {taken} is taken by another program"):
            free_port(HOST, taken, is_fixed=True)


class TestAnswers:
    def test_is_no_where_nobody_listens(self) -> None:
        assert not answers(HOST, any_port(), "/")
