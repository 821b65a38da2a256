"""What an officer keeps departments from hearing: the page, the form of an alert, and the same as JSON."""

from pathlib import Path

import pytest

from alerts.desk import Desk
from console.app import create_console
from console.desk import DeskView
from console.ports import Silence
from rules.identity import alert_id
from tests.support.alert_findings import department, finding, log_channel
from tests.support.console_app import city, client, console
from tests.support.console_twins import NOON, MemoryDesk, MemoryStore, alert_file

pytestmark = pytest.mark.anyio
HOUR = 3_600_000
FORM = {"rule": "smog-pm25", "hours": "8", "because": "the filter is being changed", "by": "Ada"}


async def test_the_form_makes_one_and_the_page_shows_it() -> None:
    made = MemoryDesk()
    async with client(console(made)) as http:
        assert "Nothing is silenced." in (await http.get("/silences")).text
        answer = await http.post("/silences", data=FORM | {"district": "north"})
        assert answer.status_code == 303 and answer.headers["location"] == "/silences"
        page = (await http.get("/silences")).text
    assert made.silenced == [
        Silence(NOON + 8 * HOUR, "Ada", "the filter is being changed", "smog-pm25", district="north", id=1)
    ]
    assert "rule <strong>smog-pm25</strong> in <strong>north</strong>" in page
    assert "the filter is being changed" in page and 'value="Ada"' in page, "the name is remembered"


async def test_the_page_offers_what_the_city_has() -> None:
    async with client(console(MemoryDesk())) as http:
        page = (await http.get("/silences")).text
    for word in ('value="smog-pm25"', 'value="west"', 'value="environment"', 'value="168"', "required"):
        assert word in page


async def test_one_that_is_to_come_says_so() -> None:
    made = MemoryDesk(silenced=[Silence(NOON + 2 * HOUR, "Ada", "a test", "smog-pm25", begins=NOON + HOUR, id=1)])
    async with client(console(made)) as http:
        assert "not yet" in (await http.get("/silences")).text


async def test_an_alert_has_a_form_for_its_rule_at_its_place_and_leads_back() -> None:
    made = MemoryDesk()
    made.put(alert_file(1))
    path = f"/alerts/{alert_file(1).alert.id}"
    async with client(console(made), referer=f"http://127.0.0.1:8080{path}") as http:
        page = (await http.get(path)).text
        assert "Do not tell environment of smog-pm25 at" in page
        answer = await http.post(f"{path}/silence", data={"hours": "1", "because": "a test", "rule": "another"})
        assert answer.status_code == 303 and answer.headers["location"] == path
        alert = alert_file(1).alert
        assert made.silenced == [
            Silence(NOON + HOUR, "duty officer", "a test", alert.rule, alert.place, "", alert.department, id=1)
        ]
        assert (await http.post(f"{path}/silence", data={"hours": "1"})).status_code == 400
        assert (await http.post(f"/alerts/{'0' * 32}/silence", data=FORM)).status_code == 404
        made.put(alert_file(1, state="resolved", severity=""))
        assert "Do not tell" not in (await http.get(path)).text


async def test_what_is_silenced_says_until_when_wherever_it_is_shown() -> None:
    made = MemoryDesk()
    made.put(alert_file(1, silenced_until=NOON + HOUR))
    made.put(alert_file(2, state="acknowledged", acknowledged_by="Ada", acknowledged_at=1, silenced_until=NOON + HOUR))
    async with client(console(made)) as http:
        assert (await http.get("/")).text.count("silenced until ") == 2
        assert "Silenced until" in (await http.get(f"/alerts/{alert_file(1).alert.id}")).text


async def test_end_now() -> None:
    made = MemoryDesk(silenced=[Silence(NOON + HOUR, "Ada", "a test", "smog-pm25", id=1)])
    async with client(console(made)) as http:
        assert 'action="/silences/1/end"' in (await http.get("/silences")).text
        assert (await http.post("/silences/1/end")).status_code == 303
        assert made.silenced == []
        assert (await http.post("/silences/1/end")).status_code == 303, "it has ended, which is what was wanted"
        assert (await http.post("/silences/0/end")).status_code == 400


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"hours": "999"}, "say for how long"),
        ({"because": " "}, "a silence has a reason"),
        ({"rule": "smog"}, "the city has no rule"),
        ({"district": "atlantis"}, "the city has no district"),
        ({"department": "navy"}, "the city has no department"),
        ({"sensor": "air-north-9"}, "the city has no sensor"),
    ],
)
async def test_what_cannot_be_silenced_is_refused_with_the_reason(change: dict[str, str], reason: str) -> None:
    made = MemoryDesk()
    async with client(console(made)) as http:
        answer = await http.post("/silences", data=FORM | change)
    assert answer.status_code == 400 and reason in answer.text and made.silenced == []


async def test_a_foreign_page_cannot_silence_anything() -> None:
    made = MemoryDesk()
    async with client(console(made), origin="https://evil.example") as http:
        assert (await http.post("/silences", data=FORM)).status_code == 403
    assert made.silenced == []


async def test_the_same_as_json() -> None:
    made = MemoryDesk()
    wanted = {"rule": "smog-pm25", "sensor": "air-north-1", "ends": NOON + HOUR, "by": "Ada", "because": "a test"}
    async with client(console(made)) as http:
        answer = await http.post("/api/silences", json=wanted)
        assert answer.status_code == 200 and answer.json()["id"] == 1
        assert [each["because"] for each in (await http.get("/api/silences")).json()] == ["a test"]
        for wrong in (wanted | {"because": ""}, wanted | {"admin": True}, wanted | {"rule": "smog"}, {}):
            refused = await http.post("/api/silences", json=wrong)
            assert refused.status_code == 400 and refused.json()["reasons"]
        assert (await http.post("/api/silences/1/end", json={"by": "Bob"})).json() == []
        assert (await http.post("/api/silences/1/end", json={"by": "Bob"})).status_code == 404


async def test_over_the_real_desk(tmp_path: Path) -> None:
    clock = [NOON]
    desk = Desk(f"sqlite:///{tmp_path}/a.db", department(log=log_channel()), clock=lambda: clock[0])
    app = create_console(MemoryStore(), DeskView(desk), city(), now=lambda: clock[0])
    path = f"/alerts/{alert_id(finding(1).episode, 'environment')}"
    async with client(app) as http:
        assert (await http.post("/silences", data=FORM)).status_code == 303
        desk.take([finding(1)])
        page = (await http.get(path)).text
        assert "silenced: the department is not told" in page and "the filter is being changed (Ada, silence 1)" in page
        assert "Nothing was to be sent." in page
        assert (await http.post("/silences/1/end", data={"by": "Bob"})).status_code == 303
        assert desk.lift() == 1
        page = (await http.get(path)).text
        assert "heard again: the silence has ended" in page and "Nothing was to be sent." not in page
        refused = await http.post("/silences", data=FORM | {"because": "\n"})
        assert refused.status_code == 400 and "a reason of 500 characters" in refused.text
    desk.close()
