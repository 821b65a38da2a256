"""The one thing an officer does here."""

import pytest

from tests.support.console_app import client, console
from tests.support.console_twins import NOON, MemoryDesk, alert_file

pytestmark = pytest.mark.anyio
FILE = alert_file(1)
BUTTON = f"/alerts/{FILE.alert.id}/acknowledge"


def desk(**changes: object) -> MemoryDesk:
    made = MemoryDesk()
    made.put(alert_file(1, **changes))
    return made


async def test_the_form_works_without_javascript_and_leads_back_to_where_it_was() -> None:
    made = desk()
    async with client(console(made), referer="http://127.0.0.1:8080/?severity=orange&page=2") as http:
        answer = await http.post(BUTTON, data={"by": "Ada Lovelace"})
    assert answer.status_code == 303 and answer.headers["location"] == "/?severity=orange&page=2"
    alert = made.files[FILE.alert.id].alert
    assert (alert.state, alert.acknowledged_by, alert.acknowledged_at) == ("acknowledged", "Ada Lovelace", NOON)


@pytest.mark.parametrize(
    "referer", ["", "https://evil.example/x", "http://127.0.0.1:8080//evil.example", "http://127.0.0.1:8080", "junk"]
)
async def test_it_never_leads_to_another_site(referer: str) -> None:
    async with client(console(desk()), referer=referer) as http:
        assert (await http.post(BUTTON)).headers["location"] == f"/alerts/{FILE.alert.id}"


async def test_the_name_is_remembered_for_the_next_time() -> None:
    made = desk()
    second = alert_file(2)
    made.put(second)
    async with client(console(made)) as http:
        answer = await http.post(BUTTON, data={"by": "Zoë Müller"})
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie and "samesite=strict" in cookie
        assert 'value="Zoë Müller"' in (await http.get(f"/alerts/{second.alert.id}")).text
        await http.post(f"/alerts/{second.alert.id}/acknowledge")
    assert made.files[second.alert.id].alert.acknowledged_by == "Zoë Müller"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", "duty officer"),
        ("   ", "duty officer"),
        ("a\r\nSet-Cookie: x=1", "a Set-Cookie: x=1"),
        ("x" * 500, "x" * 64),
        ("\u202eevil", "evil"),
        ("<b>Ada</b>", "<b>Ada</b>"),
    ],
)
async def test_a_name_is_one_short_line(typed: str, kept: str) -> None:
    made = desk()
    async with client(console(made)) as http:
        answer = await http.post(BUTTON, data={"by": typed})
    assert "x=1" not in [part.strip() for part in answer.headers["set-cookie"].split(";")]
    assert made.files[FILE.alert.id].alert.acknowledged_by == kept


async def test_twice_is_once_and_the_first_one_counts() -> None:
    made = desk()
    async with client(console(made)) as http:
        await http.post(BUTTON, data={"by": "Ada"})
        assert (await http.post(BUTTON, data={"by": "Bob"})).status_code == 303
        again = await http.post(f"/api{BUTTON}", json={"by": "Carl"})
    assert again.status_code == 200 and again.json()["acknowledged_by"] == "Ada"


async def test_a_resolved_or_unknown_alert_cannot_be_taken_on() -> None:
    made = desk(state="resolved", severity="")
    nobody = "/alerts/" + "0" * 32 + "/acknowledge"
    async with client(console(made)) as http:
        assert (await http.post(BUTTON)).status_code == 303, "the page it leads to says that it is over"
        assert (await http.post(f"/api{BUTTON}", json={"by": "Ada"})).status_code == 409
        assert (await http.post(nobody)).status_code == 404
        assert (await http.post(f"/api{nobody}", json={"by": "Ada"})).status_code == 404
    assert made.files[FILE.alert.id].alert.state == "resolved"


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"by": ""}', b'{"by": 1}', b'{"by": "a", "admin": true}', b"by=a", b"\xff"]
)
async def test_the_api_wants_a_name_and_nothing_else(body: bytes) -> None:
    made = desk()
    async with client(console(made)) as http:
        answer = await http.post(f"/api{BUTTON}", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400 and answer.json()["reasons"]
    assert made.files[FILE.alert.id].alert.state == "open"
