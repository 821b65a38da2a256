"""Who may speak to the console, and what every answer carries."""

import pytest

from streams.stores.port import StoreAwayError
from tests.support.console_app import client, console
from tests.support.console_twins import MemoryDesk, MemoryStore, alert_file

pytestmark = pytest.mark.anyio
FILE = alert_file(1)
BUTTON = f"/alerts/{FILE.alert.id}/acknowledge"


def desk() -> MemoryDesk:
    made = MemoryDesk()
    made.put(FILE)
    return made


def state(made: MemoryDesk) -> str:
    return made.files[FILE.alert.id].alert.state


@pytest.mark.parametrize("path", ["/", "/api/rules", "/nowhere", "/static/console.css", "/sensors?page=0", "/healthz"])
async def test_every_answer_carries_the_headers(path: str) -> None:
    async with client(console()) as http:
        headers = (await http.get(path)).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "cache-control" in headers


async def test_a_crash_says_nothing_of_itself_and_carries_the_headers_too() -> None:
    made = desk()
    made.broken = RuntimeError("password=hunter2 at /var/lib/secret.db")
    async with client(console(made)) as http:
        page, data = await http.get("/"), await http.get("/api/alerts")
    for answer in (page, data):
        assert answer.status_code == 500
        assert "hunter2" not in answer.text and "secret.db" not in answer.text and "Traceback" not in answer.text
        assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert data.json()["reasons"]


async def test_a_store_that_is_away_is_said_so_and_the_board_goes_on() -> None:
    store = MemoryStore(broken=StoreAwayError("http://10.0.0.7:8086 refused"))
    async with client(console(desk(), store)) as http:
        page, data, board = await http.get("/sensors"), await http.get("/api/sensors"), await http.get("/")
    assert (page.status_code, data.status_code, board.status_code) == (503, 503, 200)
    assert "10.0.0.7" not in page.text + data.text and page.headers["retry-after"] == "5"


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil", "", "[::2]:8080", "127.0.0.1@evil"]
)
async def test_a_foreign_name_for_this_machine_reads_nothing(host: str) -> None:
    async with client(console(desk()), host=host) as http:
        answer = await http.get("/api/alerts")
    assert answer.status_code == 421
    assert FILE.alert.id not in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1:9", "LOCALHOST:8080", "localhost.", "[::1]:8080", "board.city.example"])
async def test_own_names_are_answered(host: str) -> None:
    app = console(desk(), hosts=("127.0.0.1", "localhost", "[::1]", "board.city.example"))
    async with client(app, host=host) as http:
        assert (await http.get("/")).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "http://127.0.0.1"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://127.0.0.1:8080", "sec-fetch-site": "cross-site"},
    ],
)
async def test_another_page_cannot_press_the_button(headers: dict[str, str]) -> None:
    made = desk()
    async with client(console(made), **headers) as http:
        form = await http.post(BUTTON, data={"by": "mallory"})
        data = await http.post(f"/api{BUTTON}", json={"by": "mallory"})
    assert (form.status_code, data.status_code) == (403, 403)
    assert state(made) == "open"


@pytest.mark.parametrize(
    "headers", [{}, {"origin": "http://127.0.0.1:8080", "sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}]
)
async def test_our_own_page_and_plain_clients_can(headers: dict[str, str]) -> None:
    made = desk()
    async with client(console(made), **headers) as http:
        assert (await http.post(BUTTON, data={"by": "Ada"})).status_code == 303
    assert state(made) == "acknowledged"


async def test_reading_changes_nothing() -> None:
    made = desk()
    async with client(console(made)) as http:
        assert (await http.get(BUTTON)).status_code == 405
        assert (await http.head("/")).status_code == 200
        assert (await http.head("/")).content == b""
        for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
            assert (await http.request(method, BUTTON)).status_code == 405
    assert state(made) == "open"


async def test_a_body_or_an_address_that_is_too_long_is_refused_unread() -> None:
    made = desk()
    async with client(console(made)) as http:
        assert (await http.post(BUTTON, content=b"by=" + b"x" * 5000)).status_code == 413
        assert (await http.post(BUTTON, content=b"", headers={"content-length": "1" * 30})).status_code == 413
        assert (await http.get("/sensors?text=" + "x" * 3000)).status_code == 414

        async def chunks():  # type: ignore[no-untyped-def]
            yield b"by=Ada"

        assert (await http.post(BUTTON, content=chunks())).status_code == 411
    assert state(made) == "open"


@pytest.mark.parametrize("name", ["..%2fconsole.js", "../app.py", "%2e%2e/app.py", "console.css/", "app.py", "%00"])
async def test_only_the_three_files_are_served(name: str) -> None:
    async with client(console()) as http:
        assert (await http.get(f"/static/{name}")).status_code == 404
