"""A pack of records with base fields to resolved records: whole names, absolute times, sums of values."""

import re
from base64 import b64decode
from collections.abc import Mapping
from typing import NamedTuple

from ingest.reading import RefusedError, shown
from rules.refusal import Code

VERSION = 10
# Below this a time is relative to now (4.5.3).
ABSOLUTE = 1 << 28
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9\-:./_]*")
_CBOR = {
    -1: "bver", -2: "bn", -3: "bt", -4: "bu", -5: "bv", -6: "bs", 0: "n", 1: "u", 2: "v", 3: "vs", 4: "vb", 5: "s",
    6: "t", 7: "ut", 8: "vd",
}  # fmt: skip
LABELS = frozenset(_CBOR.values())
_TEXTS = ("bn", "bu", "n", "u", "vs")
_NUMBERS = ("bt", "bv", "bs", "v", "s", "t", "ut")
_VALUES = ("v", "vs", "vb", "vd")


class Record(NamedTuple):
    """A resolved record. `time`: seconds, absolute from 2**28 on, else relative to now. `value` is None when there is a
    sum only; `sum` is in the unit times seconds."""

    name: str
    unit: str
    time: float
    value: float | str | bool | bytes | None
    sum: float | None = None
    update: float | None = None


def resolve(pack: object) -> list[Record]:
    """Every record of a pack (a list as JSON or CBOR give it), in order of appearance.

    Raises RefusedError for the whole pack: base fields run through it, so what follows a broken record is not known.
    """
    if not isinstance(pack, list) or not pack:
        raise RefusedError(Code.wrong_shape, "a SenML pack is an array of at least one record")
    base: dict[str, object] = {}
    version: object = None
    found: list[Record] = []
    for number, item in enumerate(pack):
        fields = _fields(item, number)
        if number == 0:
            version = fields.get("bver", VERSION)
        _check_version(fields.get("bver", version), version, number)
        base |= {label: value for label, value in fields.items() if label in ("bn", "bt", "bu", "bv", "bs")}
        if any(not label.startswith("b") for label in fields):
            found.append(_record(base, fields, number))
    return found


def _fields(item: object, number: int) -> dict[str, object]:
    """The known fields by their JSON labels, each of its type."""
    if not isinstance(item, Mapping):
        raise RefusedError(Code.wrong_shape, f"record {number} is no object")
    fields: dict[str, object] = {}
    for key, value in item.items():
        label = _CBOR.get(key) if isinstance(key, int) else key
        if label is not None and label not in LABELS and label.endswith("_"):
            raise RefusedError(Code.wrong_shape, f"record {number} has {shown(label)}, which must be understood")
        if label in LABELS:
            fields[label] = value
    for label in _TEXTS:
        if label in fields and not isinstance(fields[label], str):
            raise RefusedError(Code.wrong_shape, f"{label} of record {number} is no text")
    for label in _NUMBERS:
        if label in fields:
            fields[label] = _number(fields[label], label, number)
    if not isinstance(fields.get("vb", False), bool):
        raise RefusedError(Code.wrong_shape, f"vb of record {number} is no boolean")
    if "vd" in fields:
        fields["vd"] = _data(fields["vd"], number)
    return fields


def _number(value: object, label: str, number: int) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RefusedError(Code.not_a_number, f"{label} of record {number} is {shown(str(value))}")
    try:
        found = float(value)
    except OverflowError:
        found = float("inf")
    if found - found != 0:
        raise RefusedError(Code.not_finite, f"{label} of record {number}")
    return found


def _data(value: object, number: int) -> bytes:
    if isinstance(value, bytes):
        return value
    try:
        if isinstance(value, str):
            return b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
    except ValueError:
        pass
    raise RefusedError(Code.wrong_shape, f"vd of record {number} is no base64url")


def _check_version(version: object, first: object, number: int) -> None:
    if type(version) is not int:
        raise RefusedError(Code.wrong_shape, f"bver of record {number} is no whole number")
    if version > VERSION:
        raise RefusedError(Code.wrong_shape, f"SenML version {version}, {VERSION} is understood")
    if version != first:
        raise RefusedError(Code.wrong_shape, f"record {number} has another version than the first")


def _record(base: Mapping[str, object], fields: Mapping[str, object], number: int) -> Record:
    name = f"{base.get('bn', '')}{fields.get('n', '')}"
    if not _NAME.fullmatch(name):
        raise RefusedError(Code.wrong_shape, f"{shown(name)}, the name of record {number}, cannot be one")
    given = [label for label in _VALUES if label in fields]
    if len(given) > 1:
        raise RefusedError(Code.wrong_shape, f"record {number} has {' and '.join(given)}")
    value: object = fields[given[0]] if given else None
    if given == ["v"] or (not given and "bv" in base):
        value = _sum(base.get("bv"), fields.get("v"))
    total = _sum(base.get("bs"), fields.get("s")) if "bs" in base or "s" in fields else None
    if value is None and total is None:
        raise RefusedError(Code.missing_field, f"record {number} has no value")
    return Record(
        name,
        str(fields.get("u", base.get("bu", ""))),
        _sum(base.get("bt"), fields.get("t")),
        value,  # type: ignore[arg-type]  # its type was looked at in _fields
        total,
        fields.get("ut"),  # type: ignore[arg-type]
    )


def _sum(base: object, own: object) -> float:
    """Both are numbers or None, which counts as 0."""
    return (base or 0) + (own or 0)  # type: ignore[operator, no-any-return]
