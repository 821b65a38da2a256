"""A picture of a page as Chromium shows it: `python -m tests.support.screenshot URL FILE [WIDTH [HEIGHT]] [--dark]`.

The README's picture is made by this, from a city that runs.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)


def chromium() -> str | None:
    """The browser of this machine, when it has one."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def screenshot(url: str, file: Path, width: int = 1280, height: int = 860, *, dark: bool = False) -> None:
    """Writes a PNG. The board's stream never ends, so the browser is given two seconds of its own time and no more.

    Raises RuntimeError when there is no browser or it makes no picture.
    """
    browser = chromium()
    if browser is None:
        raise RuntimeError("no Chromium here: install the package chromium")
    with tempfile.TemporaryDirectory() as profile:
        made = subprocess.run(
            [
                browser,
                *FLAGS,
                f"--user-data-dir={profile}",
                f"--window-size={width},{height}",
                f"--screenshot={file.absolute()}",
                "--timeout=2000",
                *(["--blink-settings=preferredColorScheme=0"] if dark else []),
                url,
            ],
            capture_output=True,
            timeout=60,
            check=False,
        )
    if not file.exists():
        raise RuntimeError(f"no picture of {url}: {made.stderr.decode(errors='replace')[-500:]}")


def main() -> None:
    words = [word for word in sys.argv[1:] if word != "--dark"]
    if not 2 <= len(words) <= 4:
        raise SystemExit(__doc__)
    sizes = [int(word) for word in words[2:]]
    screenshot(words[0], Path(words[1]), *sizes, dark="--dark" in sys.argv)


if __name__ == "__main__":
    main()
