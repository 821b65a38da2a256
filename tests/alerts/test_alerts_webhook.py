"""The webhook channel against a real server on this machine."""

import asyncio
import json
import logging
import shutil
import socket
import ssl
import struct
import subprocess
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from standardwebhooks import Webhook as Oracle

from alerts.channels.port import DeliveryError, Message, Reason, Surroundings
from alerts.channels.post import Resolve, Webhook
from alerts.channels.signature import key_of
from alerts.channels.webhook import WebhookConfig, build
from alerts.endpoint import Endpoint, Policy, parse_url
from alerts.secrets import SecretSource
from tests.support.alert_findings import SECRET
from tests.support.odd_http import Behaviour, answers, endless, odd_server, read_request, trickles

LOCAL = Policy(allow_loopback=True)
MESSAGE = Message("ab12-1", "environment/webhook", b'{"type":"alert.fired"}')
OTHER = "whsec_" + "QUJD" * 10


async def _send(endpoint: Endpoint, deadline: float, policy: Policy, resolve: Resolve | None) -> None:
    options = {} if resolve is None else {"resolve": resolve}
    keys = [key_of(SECRET), key_of(OTHER)]
    channel = Webhook(endpoint, keys, policy, verify=False, deadline=deadline, **options)
    try:
        await channel.send(MESSAGE, time.time_ns() // 1_000_000)
    finally:
        await channel.close()


def send(url: str, deadline: float = 5.0, policy: Policy = LOCAL, resolve: Resolve | None = None) -> None:
    asyncio.run(_send(parse_url(url, policy), deadline, policy, resolve))


def resolves_to(*addresses: str) -> Resolve:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return addresses

    return resolve


def failed(behaviour: Behaviour, deadline: float = 5.0) -> DeliveryError:
    with odd_server(behaviour) as server, pytest.raises(DeliveryError) as error:
        send(server.url, deadline)
    assert len(server.requests) == 1
    return error.value


def test_a_signed_post() -> None:
    with odd_server(answers("204 No Content", body=b"")) as server:
        send(server.url)
    ((headers, body),) = server.requests
    assert headers[""] == "POST /hook HTTP/1.1"
    assert headers["content-type"] == "application/json"
    assert headers["host"] == f"127.0.0.1:{server.port}"
    assert headers["webhook-id"] == "ab12-1"
    for secret in (SECRET, OTHER):  # during a rotation both the old and the new one pass
        assert Oracle(secret).verify(body, headers) == json.loads(MESSAGE.body)


@pytest.mark.parametrize("status", ["200 OK", "201 Created", "202 Accepted", "299 Fine"])
def test_every_2xx_is_success_whatever_its_body_says(status: str) -> None:
    with odd_server(answers(status, body=b'{"error":"no"}')) as server:
        send(server.url)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("301 Moved", Reason.REDIRECT),
        ("302 Found", Reason.REDIRECT),
        ("303 See Other", Reason.REDIRECT),
        ("307 Temporary Redirect", Reason.REDIRECT),
        ("308 Permanent Redirect", Reason.REDIRECT),
        ("304 Not Modified", Reason.REDIRECT),
        ("400 Bad Request", Reason.REFUSED),
        ("401 Unauthorized", Reason.REFUSED),
        ("404 Not Found", Reason.REFUSED),
        ("410 Gone", Reason.GONE),
        ("429 Too Many", Reason.THROTTLED),
        ("500 Oops", Reason.SERVER),
        ("503 Away", Reason.SERVER),
    ],
)
def test_every_other_status_is_a_failure(status: str, reason: Reason) -> None:
    error = failed(answers(status, body=b""))
    assert error.reason is reason
    assert status[:3] in error.detail
    assert error.gone == (reason is Reason.GONE)


@pytest.mark.parametrize("status", ["301", "302", "307", "308"])
def test_a_redirect_is_not_followed(status: str) -> None:
    with odd_server(answers("200 OK")) as canary:
        location = f"location: http://127.0.0.1:{canary.port}/internal"
        assert failed(answers(f"{status} Moved", location)).reason is Reason.REDIRECT
        assert canary.requests == []


@pytest.mark.parametrize(("header", "asked"), [("30", 30_000), ("-1", None), ("never", None)])
def test_the_wait_that_was_asked_for_is_carried(header: str, asked: int | None) -> None:
    assert failed(answers("429 Slow Down", f"retry-after: {header}")).retry_after == asked


def test_what_a_receiver_says_is_quoted_harmlessly() -> None:
    detail = failed(answers("500 Oops", body=b"\x1b[2J<b>\r\n" + b"x" * 1000)).detail
    assert detail.isprintable()
    assert len(detail) < 230


def test_headers_that_trickle_in_end_at_the_deadline() -> None:
    start = time.monotonic()
    assert failed(trickles(b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 1000, 0.05), deadline=1.0).reason is Reason.TIMEOUT
    assert time.monotonic() - start < 25.0  # all of it would take 50 s


def test_a_server_that_never_answers_ends_at_the_deadline() -> None:
    assert failed(lambda connection: time.sleep(3), deadline=0.5).reason is Reason.TIMEOUT


def test_a_body_that_trickles_in_does_not_change_the_answer() -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n"

    def behave(connection: socket.socket) -> None:
        connection.sendall(head)
        trickles(b"x" * 1000, 0.05)(connection)

    start = time.monotonic()
    with odd_server(behave) as server:
        send(server.url)
    assert time.monotonic() - start < 25.0  # all of it would take 50 s


def test_an_endless_body_is_left_after_64_kilobytes() -> None:
    head = b"HTTP/1.1 500 Oops\r\ntransfer-encoding: chunked\r\n\r\n"
    assert failed(endless(head, b"4000\r\n" + b"x" * 0x4000 + b"\r\n")).reason is Reason.SERVER


def test_a_compressed_body_is_not_unpacked() -> None:
    bomb = b"\x1f\x8b\x08\x00" + b"\x00" * 1000
    assert failed(answers("500 Oops", "content-encoding: gzip", body=bomb)).reason is Reason.SERVER


def test_headers_without_end_are_no_answer() -> None:
    error = failed(endless(b"HTTP/1.1 200 OK\r\n", b"x: " + b"y" * 5000 + b"\r\n"))
    assert error.reason is Reason.PROTOCOL


def test_interim_answers_without_end_end_at_the_deadline() -> None:
    error = failed(endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), deadline=1.0)
    assert error.reason in (Reason.TIMEOUT, Reason.PROTOCOL)


def test_what_is_not_http_is_no_answer() -> None:
    assert failed(lambda connection: connection.sendall(b"SSH-2.0-x\r\n\r\n")).reason is Reason.PROTOCOL


def test_a_connection_reset_after_the_request_is_a_failure_to_be_repeated() -> None:
    def reset(connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    assert failed(reset).reason is Reason.PROTOCOL


def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(DeliveryError) as error:
            send(f"http://127.0.0.1:{taken.getsockname()[1]}/")
    assert error.value.reason is Reason.CONNECT


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["10.0.0.1"], ["93.184.215.14", "127.0.0.1"], ["169.254.169.254"], ["::ffff:127.0.0.1"], []],
)
def test_a_name_with_an_inner_address_is_never_connected_to(addresses: list[str]) -> None:
    with odd_server(answers("200 OK")) as canary:
        policy = Policy(ports=frozenset({canary.port}))
        with pytest.raises(DeliveryError) as error:
            send(f"https://hooks.example.org:{canary.port}/", 2.0, policy, resolves_to(*addresses))
        assert error.value.reason is Reason.ADDRESS
        assert canary.requests == []


def test_a_name_is_resolved_once_and_the_checked_address_is_the_one_connected_to() -> None:
    asked = []

    async def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

    with odd_server(answers("200 OK")) as server:
        send(f"http://localhost:{server.port}/", resolve=rebinding)
    assert asked == ["localhost"]
    assert server.requests[0][0]["host"] == f"localhost:{server.port}"


def test_the_next_address_of_a_name_is_tried_when_one_takes_no_connection() -> None:
    with odd_server(answers("200 OK")) as server:
        send(f"http://localhost:{server.port}/", resolve=resolves_to("127.0.0.9", "127.0.0.1"))
        assert len(server.requests) == 1


def test_no_answer_from_the_name_server_fails_closed() -> None:
    async def broken(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    with pytest.raises(DeliveryError) as error:
        send("https://hooks.example.org/", 2.0, Policy(), broken)
    assert error.value.reason is Reason.NAME


def test_a_proxy_in_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with odd_server(answers("200 OK")) as proxy, odd_server(answers("200 OK")) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        send(server.url)
        assert (len(proxy.requests), len(server.requests)) == (0, 1)


def test_a_secret_is_in_no_log_and_no_repr(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    caplog.set_level(logging.DEBUG)
    with odd_server(answers("500 Oops")) as server:
        config = WebhookConfig(server.url + "?token=T0KEN", (SecretSource(env="HOOK"),))
        surroundings = Surroundings(LOCAL, {"HOOK": SECRET}, tmp_path)
        channel = build(config, surroundings)

        async def attempt() -> None:
            await channel.send(MESSAGE, 0)

        with pytest.raises(DeliveryError) as error:
            asyncio.run(attempt())
    shown = caplog.text + repr((channel, config, surroundings, error.value)) + str(error.value)
    key = SECRET.removeprefix("whsec_")
    assert key not in shown
    assert str(key_of(SECRET)) not in shown


def test_a_wrong_secret_is_refused_at_the_start_without_showing_it(tmp_path: Path) -> None:
    config = WebhookConfig("http://127.0.0.1:9/", (SecretSource(env="HOOK"),))
    with pytest.raises(ValueError, match="environment variable HOOK") as error:
        build(config, Surroundings(LOCAL, {"HOOK": "hunter2"}, tmp_path))
    assert "hunter2" not in str(error.value)


Authority = Callable[..., tuple[Path, Path]]

CA = """
[ca]
default_ca = own
[own]
database = {folder}/index
new_certs_dir = {folder}
serial = {folder}/serial
default_md = sha256
policy = any
x509_extensions = names
[any]
commonName = supplied
[names]
subjectAltName = DNS:{name}
"""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Makes a self-signed certificate for a name, good until a year. The file is also the authority behind it."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl on this machine to make certificates with")

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], check=True, capture_output=True)

    def make(name: str, until: int = 2099) -> tuple[Path, Path]:
        folder = tmp_path_factory.mktemp("tls")
        key, cert, request, ca = (folder / part for part in ("key.pem", "cert.pem", "request.pem", "ca.cnf"))
        ca.write_text(CA.format(folder=folder, name=name))
        (folder / "index").touch()
        (folder / "serial").write_text("01\n")
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        openssl("req", "-new", *curve, "-subj", f"/CN={name}", "-keyout", str(key), "-out", str(request))
        dates = ["-startdate", "20200101000000Z", "-enddate", f"{until}0101000000Z"]
        signed = ["-selfsign", "-keyfile", str(key), "-in", str(request), "-out", str(cert), "-notext"]
        openssl("ca", "-batch", "-config", str(ca), *dates, *signed)
        return cert, key

    return make


def https(cert: Path, key: Path, trusted: Path, host: str, oldest: bool = False) -> DeliveryError | None:
    """One delivery by https to a server with this certificate; what went wrong, if anything."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    if oldest:
        context.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings(action="ignore"):
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        raw, _ = listener.accept()
        raw.settimeout(5)
        try:
            with context.wrap_socket(raw, server_side=True) as connection:
                read_request(connection)
                answers("200 OK")(connection)
        except OSError:
            raw.close()

    thread = threading.Thread(target=serve)
    thread.start()
    port = listener.getsockname()[1]
    client = ssl.create_default_context(cafile=trusted)
    endpoint = Endpoint("https", host, port, "/")

    async def attempt() -> None:
        channel = Webhook(endpoint, [key_of(SECRET)], LOCAL, verify=client, resolve=resolves_to("127.0.0.1"))
        try:
            await channel.send(MESSAGE, 0)
        finally:
            await channel.close()

    try:
        asyncio.run(attempt())
        return None
    except DeliveryError as error:
        return error
    finally:
        listener.close()
        thread.join()


def test_the_certificate_is_checked_by_name(certificate: Authority) -> None:
    cert, key = certificate("hooks.example.org")
    assert https(cert, key, cert, "hooks.example.org") is None
    wrong = https(cert, key, cert, "other.example.org")
    assert wrong is not None
    assert wrong.reason is Reason.TLS


def test_an_unknown_authority_is_refused(certificate: Authority) -> None:
    cert, key = certificate("hooks.example.org")
    trusted, _ = certificate("hooks.example.org")
    refused = https(cert, key, trusted, "hooks.example.org")
    assert refused is not None
    assert refused.reason is Reason.TLS


def test_an_expired_certificate_is_refused(certificate: Authority) -> None:
    cert, key = certificate("hooks.example.org", 2021)
    refused = https(cert, key, cert, "hooks.example.org")
    assert refused is not None
    assert refused.reason is Reason.TLS
    assert "expired" in refused.detail


def test_tls_1_0_is_refused(certificate: Authority) -> None:
    cert, key = certificate("hooks.example.org")
    refused = https(cert, key, cert, "hooks.example.org", oldest=True)
    assert refused is not None
    assert refused.reason is Reason.TLS
