"""Claimed ports: nobody else is given them, and the server that they are for gets them."""

import socket

import pytest

from urbanpulse.ports import LOOPBACK, Claims, PortTakenError, wait_listening


def listen(port: int) -> socket.socket:
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((LOOPBACK, port))
    server.listen()
    return server


def test_two_cities_do_not_get_the_same_port() -> None:
    with Claims() as one, Claims() as other:
        port = one.free()
        assert other.free(port) != port
        assert other.take(0, "console.port", preferred=port) != port


def test_the_server_gets_the_claimed_port_and_gets_it_again() -> None:
    with Claims() as claims:
        port = claims.free()
        assert not wait_listening(port, lambda: True, seconds=0.2)
        for _ in range(2):
            with listen(port):
                assert wait_listening(port, lambda: True, seconds=1)


def test_a_port_is_free_again_afterwards() -> None:
    with Claims() as claims:
        port = claims.free()
    with Claims() as claims:
        assert claims.free(port) == port


def test_a_port_in_use_names_the_setting_and_the_variable() -> None:
    with listen(0) as server, Claims() as claims:
        port = server.getsockname()[1]
        with pytest.raises(PortTakenError, match=f"port {port} of 127.0.0.1") as caught:
            claims.take(port, "kafka.port")
        assert "set kafka.port in city.toml, or URBANPULSE_KAFKA__PORT=0" in str(caught.value)
        assert claims.take(0, "kafka.port", preferred=port) != port


def test_connections_that_linger_do_not_stand_in_the_way() -> None:
    with listen(0) as server:
        port = server.getsockname()[1]
        client = socket.create_connection((LOOPBACK, port))
        accepted, _ = server.accept()
        accepted.close()  # closes first, so its side lingers
        client.recv(1)
        client.close()
    with Claims() as claims:
        assert claims.take(port, "console.port") == port


def test_waiting_ends_when_the_server_has_died() -> None:
    with Claims() as claims:
        assert not wait_listening(claims.free(), lambda: False)
