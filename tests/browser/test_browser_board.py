"""The board in a real browser, over a real desk and store in another process."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from alerts.desk import Desk
from rules.frame import VERSION, Columns, Frame
from rules.identity import alert_id
from streams.stores import open_store
from streams.stores.port import Batch
from tests.console.test_console_desk import finding
from tests.console.test_console_service import running
from tests.support.browser import Browser, browser, missing
from tests.support.console_twins import NOON
from tests.support.screenshot import screenshot

pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(missing()), reason=missing() or "there is one")]


# What can be pressed or filled in and is not said to be what: no text, no label.
UNNAMED = """
return [...document.querySelectorAll("a, button, input, select")]
  .filter((one) => one.checkVisibility())
  .filter((one) => !one.innerText && !one.labels?.length && !one.getAttribute("aria-label"))
  .map((one) => one.outerHTML)
"""


@dataclass
class Scene:
    browser: Browser
    desk: Desk
    address: str

    def rows(self) -> int:
        return len(self.browser.find("#alerts tbody tr"))


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with browser() as made:
        yield made


@pytest.fixture
def scene(chrome: Browser, tmp_path: Path) -> Iterator[Scene]:
    store = open_store(f"sqlite:///{tmp_path}/readings.db")
    hour = Columns(["air-north-1"] * 60, [minute * 60_000 for minute in range(60)], [60.0 + n for n in range(60)])
    store.write([Batch(0, 0, 1, [Frame(VERSION, NOON, NOON, {"pm25": hour})])])
    store.close()
    desk = Desk(f"sqlite:///{tmp_path}/alerts.db")
    with running(tmp_path) as (_, address):
        chrome.resize(1280, 860)
        yield Scene(chrome, desk, address)
        chrome.open("about:blank")


def test_an_alert_arrives_is_acknowledged_and_looked_into_without_a_reload(scene: Scene) -> None:
    page, name = scene.browser, alert_id(finding(1).episode, "environment")
    page.open(scene.address + "/")
    page.wait(lambda: page.text("#live") == ["live"])
    assert page.text(".empty") == ["All quiet: no alert is open."]
    page.run("window.untouched = true")

    scene.desk.take([finding(1, departments=("environment",))])
    page.wait(lambda: scene.rows() == 1)
    assert page.text(f"#a-{name} .badge") == ["orange"] and page.text(".empty") == []
    assert page.text(f"#a-{name} td.value strong") == ["153 µg/m³"]
    page.wait(lambda: page.text(".figure b")[0] == "1")

    page.click(f"#a-{name} button")
    page.wait(lambda: page.text(f"#a-{name} .state") == ["acknowledged"], 3)
    page.wait(lambda: page.text(".figure b")[:2] == ["0", "1"])
    detail = scene.desk.alert(name)
    assert detail is not None and detail.alert.acknowledged_by == "duty officer"
    assert page.run("return window.untouched") is True, "all this on the one page"

    page.click(f"#a-{name} td.sensor a")
    page.wait(lambda: page.url.endswith("/sensors/air-north-1"))
    assert len(page.find("svg.chart polyline")) == 1
    page.click('.ranges a[href*="range=6h"]')
    page.wait(lambda: "range=6h" in page.url)

    page.back()
    page.back()
    page.wait(lambda: page.url == scene.address + "/")
    page.wait(lambda: page.text(f"#a-{name} .state") == ["acknowledged"])
    page.forward()
    page.wait(lambda: page.url.endswith("/sensors/air-north-1"))
    page.back()
    page.reload()
    page.wait(lambda: scene.rows() == 1 and page.text("#live") == ["live"])
    scene.desk.take([finding(2, departments=("environment",))])
    page.wait(lambda: scene.rows() == 2, 3)
    assert page.complaints() == []


def test_an_alert_is_silenced_for_a_while_and_the_silence_is_ended(scene: Scene) -> None:
    page, name = scene.browser, alert_id(finding(1).episode, "environment")
    scene.desk.take([finding(1, departments=("environment",))])
    page.open(f"{scene.address}/alerts/{name}")
    page.click("details.silence summary")
    page.type('details.silence input[name="because"]', "the filter is being changed")
    page.click("details.silence button")
    page.wait(lambda: len(scene.desk.silences(0)) == 1)
    page.wait(lambda: page.url.endswith(f"/alerts/{name}"))
    page.open(scene.address + "/silences")
    assert page.text(".silences .text") == ["the filter is being changed"]
    page.resize(380, 800)
    button = "return document.querySelector('.silences button').getBoundingClientRect()."
    right = page.run(button + "right")
    assert isinstance(right, int | float) and 0 < right <= 380, "nothing is cut off on a phone"
    page.resize(1280, 860)
    scene.desk.take([finding(1, 2, departments=("environment",))])
    page.open(scene.address + "/")
    page.wait(lambda: len(page.text(f"#a-{name} .quiet")) == 1)
    page.open(scene.address + "/silences")
    page.click("#s-1 button")
    page.wait(lambda: page.text(".empty") == ["Nothing is silenced."])
    assert page.complaints() == []


def test_a_page_left_and_come_back_to_has_what_happened_meanwhile(scene: Scene) -> None:
    page = scene.browser
    page.open(scene.address + "/")
    page.wait(lambda: page.text("#live") == ["live"])
    page.open(scene.address + "/rules")
    scene.desk.take([finding(1), finding(2)])
    page.back()
    page.wait(lambda: scene.rows() == 4)


def test_an_alert_that_opens_again_moves_up_from_those_lately_resolved(scene: Scene) -> None:
    page, name = scene.browser, alert_id(finding(1).episode, "environment")
    own = {"departments": ("environment",)}
    scene.desk.take([finding(1, **own), finding(1, 2, change="cleared", severity="", was="orange", **own)])
    page.open(scene.address + "/")
    page.wait(lambda: page.text("#live") == ["live"])
    assert page.text(f"#lately #a-{name} .state") == ["resolved"] and scene.rows() == 0
    scene.desk.take([finding(1, 3, **own)])
    page.wait(lambda: scene.rows() == 1)
    assert len(page.find(f"#a-{name}")) == 1 and page.text(f"#alerts #a-{name} button") == ["Acknowledge"]
    scene.desk.take([finding(1, 4, change="cleared", severity="", was="orange", **own)])
    page.wait(lambda: page.text(f"#alerts #a-{name} .state") == ["resolved"])
    assert page.complaints() == []


def test_a_filter_is_an_address(scene: Scene) -> None:
    page = scene.browser
    scene.desk.take([finding(1), finding(2, severity="yellow")])
    page.open(scene.address + "/")
    page.type('select[name="severity"]', "yellow")
    page.click(".filters button")
    page.wait(lambda: "severity=yellow" in page.url and scene.rows() == 2)
    page.wait(lambda: page.text("#live") == ["live"])
    scene.desk.take([finding(3), finding(4, severity="yellow")])
    page.wait(lambda: scene.rows() == 4)
    time.sleep(1.2)
    assert set(page.text("#alerts .badge")) == {"yellow"}
    page.back()
    page.wait(lambda: "severity" not in page.url)


def test_a_flood_leaves_a_page_that_answers(scene: Scene) -> None:
    page = scene.browser
    page.open(scene.address + "/")
    page.wait(lambda: page.text("#live") == ["live"])
    scene.desk.take([finding(number, departments=("environment",)) for number in range(1, 1001)])
    page.wait(lambda: page.text(".figure b")[0].replace("\u202f", "") == "1000", 15)
    page.wait(lambda: scene.rows() == 50, 15)
    page.wait(lambda: page.run("return document.readyState") == "complete")
    page.reload()
    page.click('.pager a[rel="next"]')
    page.wait(lambda: "page=2" in page.url and scene.rows() == 50)


def test_hostile_text_from_a_sensor_does_nothing(scene: Scene) -> None:
    page = scene.browser
    page.open(scene.address + "/")
    page.wait(lambda: page.text("#live") == ["live"])
    text = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>{{7*7}}"
    scene.desk.take([finding(1, text=text, departments=("environment",))])
    page.wait(lambda: scene.rows() == 1)
    assert page.text("#alerts td.what .text") == [text]
    assert page.run("return document.title") == "Board · Testburg"
    page.reload()
    assert page.text("#alerts td.what .text") == [text] and page.complaints() == []


@pytest.mark.parametrize("path", ["/", "/sensors", "/sensors/air-north-1", "/rules", "/silences", "/alerts/{alert}"])
def test_nothing_sticks_out_of_a_narrow_screen_and_everything_has_a_name(scene: Scene, path: str) -> None:
    page = scene.browser
    scene.desk.take([finding(1)])
    page.resize(380, 800)
    page.open(scene.address + path.format(alert=alert_id(finding(1).episode, "environment")))
    if path == "/":  # the header is fullest when the stream is cut
        page.wait(lambda: page.run("return document.getElementById('live').hidden") is False)
        assert page.run("return document.documentElement.scrollWidth") == 380
        page.run(
            "const live = document.getElementById('live'); live.textContent = 'connection lost, trying again';"
            "live.className += ' cut'"
        )
    assert page.run("return document.documentElement.scrollWidth") == 380
    assert page.run(UNNAMED) == []
    assert page.complaints() == []


def test_the_button_works_without_javascript(scene: Scene) -> None:
    page, name = scene.browser, alert_id(finding(1).episode, "environment")
    scene.desk.take([finding(1, departments=("environment",))])
    page.devtools("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        page.open(scene.address + "/?state=all")
        page.click(f"#a-{name} button")
        page.wait(lambda: page.text(f"#a-{name} .state") == ["acknowledged"])
        assert page.url == scene.address + "/?state=all"
    finally:
        page.devtools("Emulation.setScriptExecutionDisabled", {"value": False})


def test_the_command_of_the_readme_makes_a_picture(scene: Scene, tmp_path: Path) -> None:
    file = tmp_path / "board.png"
    screenshot(scene.address + "/", file, 800, 600)
    head = file.read_bytes()[:24]
    assert head.startswith(b"\x89PNG") and (int.from_bytes(head[16:20]), int.from_bytes(head[20:24])) == (800, 600)
