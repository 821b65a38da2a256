"""The JSON Schema of a file of rules, made from the rule kinds themselves: editors complete and check by it.

It says what a key may look like; what only the whole city shows (names used twice, limits out of order) is for
`urbanpulse check`.
"""

from typing import Any

from rules.attribute_fields import KEYS as REFERRED
from rules.attributes import ATTRIBUTE, WAITS
from rules.calendar import WEEKDAYS
from rules.calendars_file import CALENDAR_NAME
from rules.derived.names import UNITS
from rules.kinds.stretch import MOST
from rules.kinds.threshold import MOST_TIMES
from rules.kinds.window_file import MOST_READINGS
from rules.rule_file import ATTRIBUTED, KINDS
from rules.text import PLACEHOLDERS
from rules.texts_file import LANGUAGE, LONGEST_TEXT
from urbanpulse.authors.area_schema import COMBINED, OWN

DIALECT = "http://json-schema.org/draft-07/schema#"
_DURATION = {"type": "string", "pattern": "^[0-9]{1,9}(ms|s|min|h|d)$"}
_ID = {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$"}
_SEVERITY = "^[a-z][a-z0-9_-]{0,31}$"
_COMMON = ("name", "kind", "where", "when", "amend", "notify", "text")

Schema = dict[str, Any]


def rule_schema() -> Schema:
    """The schema, as JSON."""
    kinds = list(KINDS)
    return {
        "$schema": DIALECT,
        "title": "Rules of a city",
        "definitions": {"combined": COMBINED},
        "type": "object",
        "required": ["rules"],
        "additionalProperties": False,
        "properties": {
            "rules": {
                "type": "array",
                "description": "Rules, in the order in which they answer.",
                "items": {
                    "type": "object",
                    "required": ["name", "kind"],
                    "properties": {
                        "name": _KEYS["name"],
                        "kind": {"enum": kinds, "description": "What the rule does; other keys depend on it."},
                    },
                    "allOf": [_kind(kind) for kind in kinds],
                },
            }
        },
    }


def _kind(kind: str) -> Schema:
    """The keys of one kind. Which kind it is stands in the file itself, so an editor complains of the right keys."""
    module = KINDS[kind]
    keys = (*_COMMON, *module.REQUIRED, *module.OPTIONAL)
    then: Schema = {
        "required": ["name", "kind", *module.REQUIRED],
        "additionalProperties": False,
        "properties": {key: _key(key, kind) for key in keys},
    }
    choices = [("above", "below")] if {"above", "below"} <= set(keys) else []
    choices += [module.ONE_OF] if hasattr(module, "ONE_OF") else []
    if choices:
        then["allOf"] = [{"oneOf": [{"required": [key]} for key in keys]} for keys in choices]
    return {"if": {"required": ["kind"], "properties": {"kind": {"const": kind}}}, "then": then}


def _key(key: str, kind: str) -> Schema:
    if key in OWN.get(kind, {}):
        return OWN[kind][key]
    if key == "metric":
        return _metric(KINDS[kind].METRICS)
    if key == "aggregate":
        names = list(getattr(KINDS[kind], "AGGREGATES", ()))
        return {"description": "How the readings of a window become one value.", **({"enum": names} if names else {})}
    if key == "measure":
        return {"description": "What about the readings is judged.", "enum": list(KINDS[kind].MEASURES)}
    plain = _KEYS.get(key, {})
    return _or_attribute(key, plain) if kind in ATTRIBUTED and key in REFERRED else plain


def _or_attribute(key: str, plain: Schema) -> Schema:
    """The values of the key, each of which may be that of a sensor's attribute."""
    if key in WAITS:
        length = {"type": plain["type"], "pattern": plain["pattern"]}
        return {"description": plain["description"], "anyOf": [length, _attribute(length)]}
    either: Schema = {"anyOf": [{"type": "number"}, _attribute({"type": "number"})]}
    return {**plain, "additionalProperties": either, "properties": dict.fromkeys(plain["properties"], either)}


def _metric(most: int) -> Schema:
    one: Schema = {"enum": list(UNITS)}
    return {"description": "What is measured, in its canonical unit.", "anyOf": [one, _several(one, most)]}


def _several(one: Schema, most: int | None = None) -> Schema:
    limit = {} if most is None else {"maxItems": most}
    return {"type": "array", "items": one, "minItems": 1, "uniqueItems": True, **limit}


def _one_or_more(one: Schema, description: str) -> Schema:
    return {"description": description, "anyOf": [one, _several(one)]}


def _limits(description: str) -> Schema:
    return {
        "type": "object",
        "description": description,
        "minProperties": 1,
        "propertyNames": {"pattern": _SEVERITY},
        "additionalProperties": {"type": "number"},
        "properties": {severity: {"type": "number"} for severity in ("blue", "yellow", "orange", "red")},
    }


_DAY = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
_CALENDAR = {"type": "string", "pattern": f"^{CALENDAR_NAME.pattern}$"}
_TIMES = {"type": "string", "pattern": "^[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]$"}
_WHEN: Schema = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": False,
    "properties": {
        "calendar": _one_or_more(_CALENDAR, "Calendars of calendars.yaml, in one of which the day is."),
        "days": _one_or_more({"enum": list(WEEKDAYS)}, "Weekdays."),
        "between": _one_or_more(_TIMES, "Local times, such as 22:00-06:00; what begins on a day belongs to it."),
        "from": {**_DAY, "description": "The first day."},
        "until": {**_DAY, "description": "The last day."},
    },
}


def _attribute(value: Schema) -> Schema:
    """Instead of a value that of a sensor's attribute."""
    return {
        "type": "object",
        "required": ["attribute"],
        "additionalProperties": False,
        "properties": {
            "attribute": {"type": "string", "pattern": f"^{ATTRIBUTE.pattern}$"},
            "default": value,
        },
    }


def _length(description: str) -> Schema:
    return {**_DURATION, "description": f"{description} Such as 90s, 5min, 1h."}


_SENTENCE: Schema = {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}

_KEYS: dict[str, Schema] = {
    "name": {
        "type": "string",
        "pattern": "^[a-z0-9][a-z0-9-]{0,63}$",
        "description": "Unique in the city. A renamed rule is another rule.",
    },
    "kind": {"type": "string"},
    "where": {
        "type": "object",
        "description": "Which sensors: all parts must match.",
        "additionalProperties": False,
        "properties": {
            "kind": _one_or_more(_ID, "Kinds of sensors."),
            "district": _one_or_more(_ID, "Districts."),
            "department": _one_or_more(_ID, "Departments that sensors belong to."),
            "sensor": _one_or_more(_ID, "Single sensors."),
            "inside": _one_or_more(_ID, "Shapes of districts.geojson in which sensors stand."),
            "near": {
                "description": "Sensors at most so far from a place, or from a sensor.",
                "type": "object",
                "required": ["radius"],
                "additionalProperties": False,
                "properties": {
                    "lat": {"type": "number", "minimum": -90, "maximum": 90},
                    "lon": {"type": "number", "minimum": -180, "maximum": 180},
                    "sensor": _ID,
                    "radius": {"type": "string", "pattern": "^[0-9]{1,6}(m|km)$"},
                },
                "oneOf": [{"required": ["sensor"]}, {"required": ["lat", "lon"]}],
            },
        },
    },
    "when": {
        "description": "The times at which the rule is on: any of them. Without it, always.",
        "anyOf": [_WHEN, _several(_WHEN)],
    },
    "notify": {
        "description": "Departments that are told, of all or by severity; without it the sensor's own.",
        "anyOf": [
            _ID,
            _several(_ID),
            {
                "type": "object",
                "minProperties": 1,
                "propertyNames": {"pattern": _SEVERITY},
                "additionalProperties": {"anyOf": [_ID, _several(_ID)]},
            },
        ],
    },
    "text": {
        "anyOf": [
            _SENTENCE,
            {
                "type": "object",
                "minProperties": 1,
                "propertyNames": {"pattern": f"^{LANGUAGE.pattern}$"},
                "additionalProperties": _SENTENCE,
            },
        ],
        "description": "What people read, in one language or by language, such as {zh-CN: ..., en: ...}. Placeholders: "
        + " ".join(f"{{{name}}}" for name in PLACEHOLDERS),
    },
    "above": _limits("Severities in order of gravity: on when a value is greater than the limit."),
    "below": _limits("Severities in order of gravity: on when a value is less than the limit."),
    "clear": _limits("Hysteresis: a severity ends when the value is back here. Without it, its limit."),
    "hold": _length("How long the value must be beyond the limit without a break."),
    "keep_firing": _length("How long the value must be harmless before the rule ends."),
    "every": _length("The window's length; windows are aligned to the epoch, UTC."),
    "over": _length("How far back a window reaches."),
    "sliding": _length("A window that each reading ends reaches back so far."),
    "readings": {"type": "integer", "minimum": 2, "maximum": MOST, "description": "A window of so many readings."},
    "session": _length("A window that ends when nothing has come for so long."),
    "percentile": {"type": "integer", "minimum": 1, "maximum": 99, "description": "Which percentile."},
    "mark": {"type": "number", "description": "The value above which time is counted."},
    "at_least": {
        "anyOf": [{"type": "integer", "minimum": 1, "maximum": MOST_READINGS}, _DURATION],
        "description": "Readings, or time measured, without which a window cannot be decided.",
    },
    "times": {
        "type": "integer",
        "minimum": 2,
        "maximum": MOST_TIMES,
        "description": "Readings beyond the limit before it fires: in a row, or within a period.",
    },
    "within": _length("The period in which so many readings must be beyond the limit."),
    "per": _length("The time that a rate is of."),
    "gap": _length("Readings further apart are not compared."),
    "delay": _length("How long stragglers are waited for."),
    "amend": _length("How late a reading may come and still change what was decided."),
    "after": _length(
        "Silent once so much time has passed since the newest reading, or since the rule watches a sensor never seen."
    ),
    "severity": {"type": "string", "pattern": _SEVERITY, "description": "How grave it is."},
}
