"""What a department has received: on disk first, counted, and shown in a line."""

import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simulators.cap_reading import cap_words, is_cap


class Received:
    """What arrived, on disk first. `counts` are of all requests in the file, also those before a restart."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._requests = self._verified = self._duplicates = 0
        self._ids: set[str] = set()
        kept = path.read_bytes() if path.exists() else b""
        whole = kept[: kept.rfind(b"\n") + 1]  # a line cut off by a crash was never answered
        for line in whole.splitlines():
            self._count(json.loads(line))
        self._file = path.open("ab")
        self._file.truncate(len(whole))

    def add(self, line: Mapping[str, object]) -> int:
        """Keeps one request. Returns its number, from 1."""
        with self._lock:
            self._file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())
            self._count(line)
            return self._requests

    def counts(self) -> dict[str, int]:
        """`requests` in all, those `verified`, `distinct` webhook-ids among these, and `duplicates`, the others."""
        with self._lock:
            return {
                "requests": self._requests,
                "verified": self._verified,
                "duplicates": self._duplicates,
                "distinct": len(self._ids),
            }

    def close(self) -> None:
        with self._lock:
            self._file.close()

    def _count(self, line: Mapping[str, object]) -> None:
        self._requests += 1
        if line["verified"]:
            self._verified += 1
            message = str(line["webhook-id"])
            self._duplicates += message in self._ids
            self._ids.add(message)


def describe(line: Mapping[str, object]) -> str:
    """One line for a person: what arrived, and whether it is genuine. Nothing in it can move a terminal's cursor."""
    body = str(line["body"])
    try:
        if is_cap(body.encode()):
            words = cap_words(body.encode()) if not line["fault"] else ["not an alert", body[:100]]
        else:
            told: Any = json.loads(body)
            data = told["data"]
            words = [told["type"], data["severity"] or data["was"], data["rule"], data["sensor"], data["text"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        words = ["not an alert", body[:100]]
    genuine = "verified" if line["verified"] else f"NOT VERIFIED ({line['fault']})"
    if line["verified"] and line["fault"]:
        genuine = f"verified, but {line['fault']}"
    text = " | ".join(map(str, [genuine, line["webhook-id"], *words]))[:500]
    return "".join(each if each.isprintable() else "?" for each in text)
