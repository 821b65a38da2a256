"""A real Chromium, driven over the WebDriver protocol by a client of our own: enough to read a page and to press what
a person presses."""

import base64
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.support.screenshot import FLAGS, chromium

_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the key that the standard gives to a reference


def missing() -> str:
    """Why there is no browser here; empty when there is one."""
    if chromium() is None:
        return "no Chromium (Debian: chromium)"
    return "" if shutil.which("chromedriver") else "no chromedriver (Debian: chromium-driver)"


class Browser:
    """One window. Every method raises httpx.HTTPStatusError for what the driver refuses."""

    def __init__(self, http: httpx.Client, session: str) -> None:
        self._http = http
        self._session = session

    def _ask(self, method: str, path: str, body: object = None) -> object:
        answer = self._http.request(method, f"/session/{self._session}{path}", json=body if method == "POST" else None)
        answer.raise_for_status()
        return answer.json()["value"]

    def open(self, url: str) -> None:
        self._ask("POST", "/url", {"url": url})

    def back(self) -> None:
        self._ask("POST", "/back", {})

    def forward(self) -> None:
        self._ask("POST", "/forward", {})

    def reload(self) -> None:
        self._ask("POST", "/refresh", {})

    @property
    def url(self) -> str:
        return str(self._ask("GET", "/url"))

    def run(self, script: str, *arguments: object) -> object:
        """What a script returns, run by the driver beside the page's own policy."""
        return self._ask("POST", "/execute/sync", {"script": script, "args": arguments})

    def find(self, css: str) -> list[str]:
        found = self._ask("POST", "/elements", {"using": "css selector", "value": css})
        assert isinstance(found, list)
        return [one[_ELEMENT] for one in found]

    def click(self, css: str) -> None:
        """Presses the first element that matches, as a person would: it must be visible and not covered."""
        self._ask("POST", f"/element/{self.find(css)[0]}/click", {})

    def type(self, css: str, text: str) -> None:
        self._ask("POST", f"/element/{self.find(css)[0]}/value", {"text": text})

    def text(self, css: str) -> list[str]:
        """The visible text of each element that matches."""
        for _ in range(20):
            try:
                return [str(self._ask("GET", f"/element/{one}/text")) for one in self.find(css)]
            except httpx.HTTPStatusError as fault:
                if fault.response.json()["value"]["error"] != "stale element reference":
                    raise  # otherwise the page replaced it while we read: look again
        raise TimeoutError(f"{css} is replaced faster than it can be read")

    def resize(self, width: int, height: int) -> None:
        """The size of the page itself: a headless window has no frame, but may not be made narrower than 500."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.devtools("Emulation.setDeviceMetricsOverride", metrics)

    def devtools(self, command: str, parameters: dict[str, object]) -> object:
        return self._ask("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def complaints(self) -> list[str]:
        """What the page wrote to the console since the last call: errors, refused content, failed loads."""
        entries = self._ask("POST", "/se/log", {"type": "browser"})
        assert isinstance(entries, list)
        return [entry["message"] for entry in entries if entry["level"] in ("SEVERE", "WARNING")]

    def picture(self, file: Path) -> None:
        file.write_bytes(base64.b64decode(str(self._ask("GET", "/screenshot"))))

    def wait(self, true: Callable[[], bool], seconds: float = 10.0) -> None:
        """Until `true` says so. Raises TimeoutError."""
        end = time.monotonic() + seconds
        while not true():
            if time.monotonic() > end:
                raise TimeoutError(f"still not so after {seconds} s on {self.url}")
            time.sleep(0.05)


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser with a new, empty profile; ended with its driver."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as profile:
        driver = subprocess.Popen(
            ["chromedriver", f"--port={port}", "--allowed-ips=127.0.0.1"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
                session = _begin(http, profile)
                try:
                    yield Browser(http, session)
                finally:
                    http.delete(f"/session/{session}")
        finally:
            driver.terminate()
            driver.wait(10)


def _begin(http: httpx.Client, profile: str) -> str:
    options = {
        "binary": chromium(),
        "args": [*FLAGS, f"--user-data-dir={profile}", "--window-size=1280,860"],
    }
    wanted = {"browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
    end = time.monotonic() + 20
    while True:
        try:
            answer = http.post("/session", json={"capabilities": {"alwaysMatch": wanted}})
            answer.raise_for_status()
            return str(answer.json()["value"]["sessionId"])
        except httpx.TransportError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
