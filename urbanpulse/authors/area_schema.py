"""The JSON Schema of the keys that rules on groups of sensors have."""

from typing import Any

from rules.aggregates import AGGREGATES
from rules.areas.across import ACROSS
from rules.areas.fields import WORDS
from rules.derived.names import UNITS
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
}
"""Keys that mean in one kind what they mean in no other."""
