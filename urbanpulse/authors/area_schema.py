"""The JSON Schema of the keys that rules on groups of sensors have."""

from typing import Any

from rules.aggregates import AGGREGATES
from rules.areas.across import ACROSS
from rules.areas.fields import WORDS
from rules.derived.names import UNITS
from rules.kinds.incident import LIMITS
from rules.signals import SIGNALS

Schema = dict[str, Any]
DURATION = {"type": "string", "pattern": "^[0-9]{1,9}(ms|s|min|h|d)$"}
SEVERITY = "^[a-z][a-z0-9_-]{0,31}$"
_METRIC: Schema = {"enum": list(UNITS), "description": "What is measured, in its canonical unit."}
_NAME: Schema = {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,63}$"}
_LIMIT: Schema = {
    "anyOf": [
        {"type": "number"},
        {"type": "object", "minProperties": 1, "additionalProperties": {"type": "number"}},
    ]
}
_PART: Schema = {
    "anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": "^[0-9]{1,3}%$"}],
}


def _long(description: str) -> Schema:
    return {**DURATION, "description": f"{description} Such as 90s, 5min, 1h."}


def _parts(description: str, lowest: int) -> Schema:
    one = {"anyOf": [{"type": "integer", "minimum": lowest}, {"type": "string", "pattern": "^[0-9]{1,3}%$"}]}
    return {
        "type": "object",
        "description": description,
        "minProperties": 1,
        "propertyNames": {"pattern": SEVERITY},
        "additionalProperties": one,
    }


def _object(required: list[str], properties: Schema) -> Schema:
    return {"type": "object", "required": required, "additionalProperties": False, "properties": properties}


CONDITION: Schema = {
    "description": "What is asked of each sensor: a condition on a metric, or the state of another rule.",
    "anyOf": [
        _object(
            ["metric"],
            {
                "metric": _METRIC,
                **dict.fromkeys(("above", "below", "clear"), _LIMIT),
                **dict.fromkeys(("hold", "keep_firing", "within", "per", "gap"), DURATION),
                **dict.fromkeys(("every", "over", "delay", "sliding", "session"), DURATION),
                "times": {"type": "integer", "minimum": 2},
                "measure": {"enum": list(SIGNALS)},
                "aggregate": {"enum": list(AGGREGATES)},
                "readings": {"type": "integer", "minimum": 2},
                "percentile": {"type": "integer", "minimum": 1, "maximum": 99},
                "mark": {"type": "number"},
                "at_least": {"anyOf": [{"type": "integer", "minimum": 1}, DURATION]},
            },
        ),
        _object(["metric", "silent"], {"metric": _METRIC, "silent": DURATION}),
        _object(["rule"], {"rule": _NAME, "severity": {"type": "string", "pattern": SEVERITY}, "metric": _METRIC}),
    ],
}
"""A member as `rules.areas.fields.parse_member` reads it."""

COMMON: dict[str, Schema] = {
    "area": {
        "description": "Which sensors are judged together.",
        "anyOf": [
            {"enum": list(WORDS)},
            _object(["radius"], {"radius": {"type": "string", "pattern": "^[0-9]{1,6}k?m$"}}),
            _object(
                ["inside"],
                {
                    "inside": {
                        "anyOf": [
                            {"type": "string", "minLength": 1},
                            {"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": True},
                        ]
                    }
                },
            ),
        ],
    },
    "delay": _long("How long the news of all sensors is waited for."),
    "silent": _long("A sensor counts as silent after so much time; without it after thrice its interval."),
}
"""Keys of every kind that judges groups."""

HEALTHY: Schema = {**_PART, "description": "So many sensors of the group must be answerable, or nothing is decided."}

_SIDE: Schema = {"enum": ["upstream", "downstream"], "description": "Which of two neighbours is asked."}


def _also(condition: Schema, more: Schema) -> Schema:
    """Each shape of the condition with further keys."""
    shapes = [{**shape, "properties": {**shape["properties"], **more}} for shape in condition["anyOf"]]
    return {**condition, "anyOf": shapes}


def _values(description: str) -> Schema:
    windows = {
        **dict.fromkeys(("every", "over", "delay"), DURATION),
        "aggregate": {"enum": list(AGGREGATES)},
        "percentile": {"type": "integer", "minimum": 1, "maximum": 99},
        "mark": {"type": "number"},
        "at_least": {"anyOf": [{"type": "integer", "minimum": 1}, DURATION]},
    }
    sensor = {"type": "string", "description": "The one sensor that all others are compared with."}
    one = _object(["metric"], {"metric": _METRIC, **windows, "at": _SIDE, "sensor": sensor})
    return {**one, "description": description}


_PARTS_OF_IT: Schema = {"$ref": "#/definitions/combined"}
_SENSORS: Schema = {
    "anyOf": [{"enum": ["any", "all"]}, {"type": "integer", "minimum": 1}],
    "description": "How many sensors of the area must have it on; without it any.",
}
COMBINED: Schema = {
    "anyOf": [
        *_also(CONDITION, {"sensors": _SENSORS})["anyOf"],
        *(_object([op], {op: {"type": "array", "items": _PARTS_OF_IT, "minItems": 1}}) for op in ("all", "any")),
        _object(["not"], {"not": _PARTS_OF_IT}),
    ]
}
"""A condition of a combine rule, as `rules.kinds.combine` reads it: the schema's definition `combined`."""

_SEVERITY: Schema = {"type": "string", "pattern": SEVERITY}

OWN: dict[str, dict[str, Schema]] = {
    "quorum": {
        **COMMON,
        "of": CONDITION,
        "at_least": _parts("Severities in order of gravity: so many sensors, or per cent of those answerable.", 1),
        "clear": _parts("A severity ends with so many or fewer.", 0),
        "within": _long("A sensor still counts for so long after its condition has ended."),
        "healthy": HEALTHY,
    },
    "area": {
        **COMMON,
        "aggregate": {"enum": list(AGGREGATES), "description": "How the readings of a window become one value."},
        "across": {"enum": list(ACROSS), "description": "How the values of the sensors become one."},
        "rank": {"type": "integer", "minimum": 1, "maximum": 99, "description": "Which percentile of the sensors."},
        "healthy": HEALTHY,
    },
    "sequence": {
        **COMMON,
        "first": {**_also(CONDITION, {"at": _SIDE}), "description": "The condition that begins it."},
        "then": {**_also(CONDITION, {"at": _SIDE}), "description": "What follows it."},
        "missing": {**_also(CONDITION, {"at": _SIDE}), "description": "What should have followed it."},
        "within": _long("How long after the first the other still counts."),
    },
    "compare": {
        **COMMON,
        "left": _values("The value that is compared."),
        "right": _values("The value that it is compared with."),
        "age": _long("The newest values are compared, if they are not older than this."),
        "within": _long("Readings are compared that are at most so far apart in time."),
        "hold": _long("How long it must be beyond the limit without a break."),
    },
    "combine": {
        **COMMON,
        "all": {"type": "array", "items": _PARTS_OF_IT, "minItems": 1, "description": "All of these must be on."},
        "any": {"type": "array", "items": _PARTS_OF_IT, "minItems": 1, "description": "One of these must be on."},
        "not": {**_PARTS_OF_IT, "description": "This must be off."},
        "hold": _long("How long it must be true without a break."),
        "keep_firing": _long("How long it must be false before the rule ends."),
    },
    "incident": {
        **COMMON,
        "every": _long("An interval of the algorithm, over which occupancies are averaged."),
        "severity": {**_SEVERITY, "description": "Of a confirmed incident."},
        "tentative": {**_SEVERITY, "description": "Of one that the next interval must confirm; without it none."},
        "limits": {
            "type": "object",
            "description": "Thresholds that the site needs other than usual.",
            "additionalProperties": False,
            "properties": {name: {"type": "number"} for name in LIMITS},
        },
    },
}
"""Keys that mean in one kind what they mean in no other."""
