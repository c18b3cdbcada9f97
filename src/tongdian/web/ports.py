"""Free ports, and whether somebody answers on one."""

import http.client
import socket
from contextlib import closing

PORTS_TRIED = 20


class PortTaken(RuntimeError):
    def __init__(self, first: int, last: int) -> None:
        where = f"port {first} is" if first == last else f"ports {first}-{last} are all"
        super().__init__(f"{where} taken by another program; choose one with --port")
        self.first, self.last = first, last


def free_port(host: str, wanted: int, *, is_fixed: bool) -> int:
    """Return the wanted port, or unless it is fixed the next free one of PORTS_TRIED.

    Raises PortTaken when there is none.
    """
    last = wanted if is_fixed else wanted + PORTS_TRIED - 1
    for port in range(wanted, last + 1):
        if _is_free(host, port):
            return port
    raise PortTaken(wanted, last)


def any_port() -> int:
    """Return a port of the loopback that is free now."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answers(host: str, port: int, path: str) -> bool:
    """Tell whether an HTTP server there answers the path without an error of its own."""
    connection = http.client.HTTPConnection(host, port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _is_free(host: str, port: int) -> bool:
    with closing(socket.socket()) as probe:
        # A connection just closed still lingers on the port and is no reason to avoid it.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True
