"""At which line a key of a TOML text stands: tomllib does not say."""

import re

_TABLE = re.compile(r"\s*\[([^\[\]]+)\]\s*(#.*)?$")
_ARRAY = re.compile(r"\s*\[\[([^\[\]]+)\]\]\s*(#.*)?$")
_KEY = re.compile(r"\s*([A-Za-z0-9_\-\"'.]+)\s*=")


class Lines:
    """The lines of the keys of one text, found by its shape alone, so it also works where the text has faults."""

    def __init__(self, content: str) -> None:
        self._at: dict[str, int] = {}
        table, counts = "", dict[str, int]()
        for number, line in enumerate(content.splitlines(), 1):
            if found := _ARRAY.match(line):
                name = _plain(found[1])
                table = f"{name}[{counts.get(name, 0)}]"
                counts[name] = counts.get(name, 0) + 1
                self._at.setdefault(name, number)
                self._at.setdefault(table, number)
            elif found := _TABLE.match(line):
                table = _plain(found[1])
                self._at.setdefault(table, number)
            elif found := _KEY.match(line):
                path = f"{table}.{_plain(found[1])}" if table else _plain(found[1])
                self._at.setdefault(path, number)

    def of(self, path: str) -> int:
        """The line of `path` (`mqtt.url`), else of the nearest thing around it, else 0.

        >>> Lines('[mqtt]\\nurl = "x"').of("mqtt.url")
        2
        """
        while path:
            if path in self._at:
                return self._at[path]
            path = re.sub(r"(\[\d+\]|\.?[^.\[\]]+)$", "", path)
        return 0


def _plain(name: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in name.split("."))
