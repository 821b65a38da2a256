"""Every page, with data, without, and with addresses that make no sense."""

import re
from dataclasses import replace

import pytest

from console.pages.frame import Look
from console.pages.rules import rules_page
from tests.console.test_console_html import HOSTILE, read
from tests.support.console_app import SMOG, city, client, console
from tests.support.console_twins import NOON, MemoryCity, MemoryDesk, MemoryStore, alert_file, sensor

pytestmark = pytest.mark.anyio


def filled() -> tuple[MemoryDesk, MemoryStore]:
    desk, store = MemoryDesk(), MemoryStore()
    for number in range(3):
        desk.put(alert_file(number))
    desk.put(alert_file(3, state="resolved", severity="", sensor="air-north-2"))
    desk.put(alert_file(4, state="acknowledged", acknowledged_by="Ada", acknowledged_at=NOON, severity="yellow"))
    for minute in range(120):
        store.add("air-north-1", "pm25", NOON + minute * 60_000, 60.0 + minute)
    return desk, store


async def get(path: str, desk: MemoryDesk | None = None, store: MemoryStore | None = None) -> str:
    async with client(console(desk, store)) as http:
        answer = await http.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/html")
    return answer.text


async def test_the_board_shows_what_is_live_with_all_that_an_officer_needs() -> None:
    page, _, lately = (await get("/", *filled())).partition('id="lately"')
    assert len(re.findall(r'<tr id="a-', page)) == 4, "three open and one acknowledged, not the resolved one"
    assert len(re.findall(r'<tr id="a-', lately)) == 1 and "resolved" in lately
    for word in ("orange", "smog-pm25", "air-north-1", "153 µg/m³", "limit 150 µg/m³", "environment", "by Ada"):
        assert word in page
    assert page.count("Acknowledge smog-pm25 at air-north-1") == 3
    newest_first = [page.index(f"number {n}") for n in (4, 2, 1, 0)]
    assert newest_first == sorted(newest_first)


async def test_an_alert_that_is_over_says_how_long_it_lasted() -> None:
    desk = MemoryDesk()
    over = alert_file(1, state="resolved", severity="", since=NOON, changed=NOON + 35 * 60_000)
    desk.put(over)
    assert "Lasted</dt><dd>35 min" in await get(f"/alerts/{over.alert.id}", desk)
    desk.put(replace(over, alert=replace(over.alert, state="open")))
    assert "Lasted" not in await get(f"/alerts/{over.alert.id}", desk)


async def test_nothing_is_loaded_from_elsewhere_and_nothing_runs_inside_the_page() -> None:
    desk, store = filled()
    alert = next(iter(desk.files))
    for path in ("/", "/sensors", "/sensors/air-north-1", f"/alerts/{alert}", "/rules", "/?page=7"):
        seen = read(await get(path, desk, store))
        loaded = [value for name, value in seen.attributes if name in ("src", "href", "action", "data-stream")]
        assert loaded and all(value and value.startswith(("/", "#")) and not value.startswith("//") for value in loaded)
        assert not [name for name, _ in seen.attributes if name.startswith("on") or name == "style"]
        assert seen.tags.count("script") == 1 and "style" not in seen.tags


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("", 4),
        ("state=open", 3),
        ("state=resolved", 1),
        ("state=all", 5),
        ("severity=yellow", 1),
        ("department=water", 0),
        ("state=acknowledged&severity=yellow&department=environment", 1),
        ("page=2", 0),
    ],
)
async def test_the_board_is_filtered_by_its_address(query: str, rows: int) -> None:
    page = (await get(f"/?{query}", *filled())).partition('id="lately"')[0]
    assert len(re.findall(r'<tr id="a-', page)) == rows
    assert rows or "No alert matches" in page


async def test_the_filter_stays_in_form_stream_and_pager() -> None:
    desk = MemoryDesk()
    for number in range(120):
        desk.put(alert_file(number))
    page = await get("/?severity=orange&page=2", desk)
    assert '<option value="orange" selected>' in page
    assert "/events?severity=orange&amp;since=120" in page
    assert 'href="/?severity=orange" rel="prev"' in page and 'href="/?severity=orange&amp;page=3" rel="next"' in page
    assert "51–100 of 120" in page and "data-first" not in page


async def test_a_quiet_city_says_so() -> None:
    assert "All quiet" in await get("/")
    desk = MemoryDesk()
    for number in range(30):
        desk.put(alert_file(number, state="resolved", severity=""))
    page = await get("/", desk)
    assert "All quiet" in page and len(re.findall(r'<tr id="a-', page)) == 10, "and shows what was, up to ten"


async def test_sensors_with_their_last_values_found_by_kind_district_and_text() -> None:
    desk, store = filled()
    page = await get("/sensors", desk, store)
    assert page.count("<tr>") == 5 and "179 µg/m³" in page and page.count("no reading yet") == 3
    assert "noise-west-1" in await get("/sensors?kind=noise", desk, store)
    assert "air-north-1" not in await get("/sensors?kind=noise", desk, store)
    assert "noise-west-1" in await get("/sensors?district=west&text=NOISE", desk, store)
    assert "No sensor matches" in await get("/sensors?kind=noise&district=north", desk, store)
    assert 'value="&lt;b&gt;"' in await get("/sensors?text=<b>", desk, store)


async def test_a_sensor_has_a_chart_for_each_metric_with_the_limits_of_its_rules() -> None:
    page = await get("/sensors/air-north-1?range=6h", *filled())
    assert page.count('class="chart"') == 1 and "No reading in this time" in page, "pm25 has readings, no2 has none"
    assert "orange 150" in page and "yellow 115" in page
    assert page.count('<tr id="a-') == 4, "its alerts, whatever their state"
    assert 'aria-current="true">6h<' in page


async def test_the_window_follows_the_newest_reading_until_the_reader_chooses() -> None:
    desk, store = filled()
    newest = NOON + 119 * 60_000
    page = await get("/sensors/air-north-1?range=1h", desk, store)
    assert f"range=1h&amp;end={newest + 1 - 3_600_000}" in page, "one step back"
    assert "Later" not in page
    earlier = await get(f"/sensors/air-north-1?range=1h&end={NOON}", desk, store)
    assert "Later" in earlier and "No reading in this time" in earlier and "Newest" in earlier
    assert f"range=24h&amp;end={NOON}" in earlier, "another length keeps the chosen end"


async def test_an_alert_has_its_facts_history_evidence_and_messages() -> None:
    desk, store = filled()
    file = next(iter(desk.files.values()))
    page = await get(f"/alerts/{file.alert.id}", desk, store)
    for word in (
        "fired",
        "Evidence",
        "readings",
        "17 to 20",
        file.alert.rule_hash,
        file.alert.episode,
        "webhook",
        "204",
    ):
        assert word in page
    assert f'href="/rules#{file.alert.rule}"' in page and 'href="/sensors/air-north-1"' in page


async def test_files_that_were_refused_are_told_beside_the_rules_in_force() -> None:
    page = rules_page(Look(), [], {}, [f"rules/a.yaml:{line}: <no>" for line in range(12)])
    assert "were refused. These rules are still in force." in page
    assert "rules/a.yaml:9: &lt;no&gt;" in page and "rules/a.yaml:10" not in page and "and 2 more" in page
    assert "refused" not in rules_page(Look(), [], {})


async def test_rules_are_told_in_words() -> None:
    page = await get("/rules", *filled())
    assert "pm25 above a limit for 10 min." in page and "above 115 µg/m³" in page and "4 live" in page


@pytest.mark.parametrize("value", HOSTILE)
async def test_hostile_words_are_shown_and_not_obeyed(value: str) -> None:
    desk = MemoryDesk()
    plain = alert_file(1, state="acknowledged", acknowledged_by="x", acknowledged_at=1)
    file = alert_file(
        1,
        state="acknowledged",
        acknowledged_by=value,
        acknowledged_at=1,
        rule=value,
        sensor=value,
        metric=value,
        district=value,
        department=value,
        unit=value,
        text=value,
        severity=value,
        note=value,
    )
    rule = replace(
        SMOG, name=value, condition=value, where=value, text=value, notify=(value,), levels=((value, value),)
    )
    strange = MemoryCity({"s": sensor("s", value, value, "pm25", department=value)}, (rule,))
    ordinary = MemoryCity({"s": sensor("s")}, (SMOG,))
    for path in ("/", "/sensors", "/rules", f"/alerts/{file.alert.id}"):
        tags = []
        for one, of in ((file, strange), (plain, ordinary)):
            desk.put(one)
            async with client(console(desk, of=of)) as http:
                answer = await http.get(path)
            assert answer.status_code == 200
            seen = read(answer.text)
            assert not [name for name, _ in seen.attributes if name.startswith("on")]
            assert "\u202e" not in answer.text and "\x00" not in answer.text
            tags.append(set(seen.tags))
        assert tags[0] <= tags[1] | {"em", "p", "option", "li"}, "no element that our own page would not have"


@pytest.mark.parametrize(
    "path",
    [
        "/?page=0",
        "/?page=-1",
        "/?page=x",
        "/?page=99999999999999999999",
        "/?state=burning",
        "/?severity=" + "x" * 65,
        "/?severity=a%00b",
        "/sensors?kind=a%0ab",
        "/sensors/air-north-1?range=2y",
        "/sensors/air-north-1?end=-1",
        "/sensors/air-north-1?end=1e400",
        "/alerts/xyz",
        "/alerts/" + "A" * 32,
        "/sensors/%3Cscript%3E",
        "/sensors/a%20b",
        "/sensors/" + "a" * 65,
        "/events?since=-1",
        "/api/alerts?sensor=../x",
    ],
)
async def test_an_address_outside_the_limits_is_told_what_is_wrong(path: str) -> None:
    async with client(console()) as http:
        answer = await http.get(path)
    assert answer.status_code == 400
    if path.startswith(("/api", "/events")):
        assert answer.json()["reasons"]
    else:
        assert 'class="reasons"' in answer.text and "<script>" not in answer.text.lower().replace("<script src", "")


@pytest.mark.parametrize(
    "path", ["/nothing", "/sensors/unknown-1", "/alerts/" + "0" * 32, "/docs", "/redoc", "/sensors/", "/table"]
)
async def test_what_is_not_here_is_said_to_be_so(path: str) -> None:
    async with client(console()) as http:
        answer = await http.get(path)
    assert answer.status_code == 404 and "To the board" in answer.text


async def test_a_thousand_alerts_make_a_page_no_heavier_than_fifty() -> None:
    desk = MemoryDesk()
    for number in range(1000):
        desk.put(alert_file(number))
    page = await get("/", desk)
    assert page.count('<tr id="a-') == 50 and len(page) < 100_000 and "1–50 of 1\u202f000" in page
    last = await get("/?page=20", desk)
    assert last.count('<tr id="a-') == 50 and 'rel="next"' not in last


async def test_assets_are_kept_by_browsers_as_long_as_they_do_not_change() -> None:
    page = await get("/")
    address = re.search(r'href="(/static/console.css\?v=[0-9a-f]+)"', page)
    assert address is not None
    async with client(console()) as http:
        lasting, plain = await http.get(address[1]), await http.get("/static/console.css")
    assert "immutable" in lasting.headers["cache-control"] and plain.headers["cache-control"] == "no-cache"
    assert lasting.headers["content-type"].startswith("text/css")
    for name in ("console.css", "console.js", "icon.svg"):
        async with client(console()) as http:
            body = (await http.get(f"/static/{name}")).text
        outside = re.findall(r"https?://[^\s\"']+", body)
        assert set(outside) <= {"http://www.w3.org/2000/svg"}


def test_the_city_of_the_tests_is_as_expected() -> None:
    assert len(city().sensors) == 4
