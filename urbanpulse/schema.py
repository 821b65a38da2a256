"""How one key of city.toml is read: what it may hold, its default, and what is said when it is wrong."""

from collections.abc import Callable, Mapping
from dataclasses import Field, field, fields
from typing import Any

from rules.duration import parse_duration
from rules.faults import Fault, nearest
from urbanpulse.toml_lines import Lines

Read = Callable[[object], Any]
"""Takes what TOML holds (or the environment, as text) and gives the value. Raises ValueError with what is wanted."""


def text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise ValueError(f"a text in quotes is wanted, not {value!r}")


def word(value: object) -> str:
    """A text that must not be empty."""
    if not (found := text(value)).strip():
        raise ValueError("a text is wanted, not an empty one")
    return found


def words(value: object) -> tuple[str, ...]:
    """A list of texts; in the environment separated by commas."""
    found = [one.strip() for one in value.split(",") if one.strip()] if isinstance(value, str) else value
    if not isinstance(found, list):
        raise ValueError(f"a list of texts is wanted, not {value!r}")
    return tuple(word(one) for one in found)


def number(low: int, high: int) -> Read:
    """A whole number from `low` to `high`, both allowed."""

    def read(value: object) -> int:
        wanted = f"a whole number from {low} to {high} is wanted, not {value!r}"
        try:
            found = int(value) if isinstance(value, str) else value
        except ValueError:
            raise ValueError(wanted) from None
        if isinstance(found, bool) or not isinstance(found, int) or not low <= found <= high:
            raise ValueError(wanted)
        return found

    return read


def duration(low: str) -> Read:
    """A duration such as "5s" or "7d", as ms, `low` at least."""

    def read(value: object) -> int:
        found = parse_duration(text(value))
        if found < parse_duration(low):
            raise ValueError(f"{low} at least is wanted, not {value!r}")
        return found

    return read


def choice(*allowed: str) -> Read:
    def read(value: object) -> str:
        if value not in allowed:
            raise ValueError(f"one of {', '.join(allowed)} is wanted, not {value!r}")
        return text(value)

    return read


def flag(value: object) -> bool:
    """true or false, also as a text."""
    found = {"true": True, "false": False}.get(value) if isinstance(value, str) else value
    if not isinstance(found, bool):
        raise ValueError(f"true or false is wanted, not {value!r}")
    return found


def key(read: Read, default: object) -> Any:
    """A field of a section. `default` is given as it would stand in the file."""
    return field(default=read(default), metadata={"read": read, "written": default})


def secret(instead: str) -> Mapping[str, str]:
    """Metadata of a field that only the environment may fill; the file names another file, by the key `instead`."""
    return {"instead": instead}


def read_section(section: type[Any], raw: Mapping[str, object], path: str, file: str, lines: Lines) -> Any:
    """One section as its dataclass and, beside it, a fault for each key that is unknown or wrong; a wrong key has
    its default, so that reading goes on and finds the other faults."""
    known: dict[str, Field[Any]] = {one.name: one for one in fields(section)}
    given: dict[str, object] = {}
    faults: list[Fault] = []
    for name, value in raw.items():
        where = f"{path}.{name}"
        if name not in known:
            faults.append(Fault(file, lines.of(where), where, "unknown key", nearest(name, settable(section))))
        elif instead := known[name].metadata.get("instead"):
            hint = f"put it alone into a file and name that file with {path}.{instead}"
            faults.append(Fault(file, lines.of(where), where, "a secret does not belong in this file", hint))
        else:
            try:
                given[name] = known[name].metadata["read"](value)
            except ValueError as error:
                hint = f"leave it out for the default, {known[name].metadata['written']!r}"
                faults.append(Fault(file, lines.of(where), where, str(error), hint))
    return section(**given), faults


def settable(section: type[Any]) -> list[str]:
    """The keys that the file may hold."""
    return [one.name for one in fields(section) if "read" in one.metadata]
