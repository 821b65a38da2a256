"""Entities to observations: NGSI-LD and NGSIv2, normalised or as plain keys and values."""

from collections.abc import Mapping
from math import isfinite
from typing import NamedTuple

from rules.smartdata.instant import span_of
from rules.smartdata.models import MODELS, Attribute, Model
from rules.smartdata.observation import Observation
from rules.units import METRICS

# Names that older editions of the models had.
_ALIASES = {"CO": "co", "NO2": "no2", "SO2": "so2", "O3": "o3", "PM10": "pm10", "PM25": "pm25", "PM2.5": "pm25"}


class EntityError(ValueError):
    """An entity of which nothing can be used. `kind` is "shape", "model" or "time"."""

    def __init__(self, kind: str, detail: str) -> None:
        self.kind = kind
        super().__init__(detail)


class Wrong(NamedTuple):
    """One attribute that could not be used; `kind` is "number", "finite", "unit", "range" or "period"."""

    metric: str
    kind: str
    detail: str


def read_entity(entity: object) -> tuple[Observation, list[Wrong]]:
    """What an entity says, and its attributes that are wrong. Attributes that we have no metric for are skipped.

    Of a period the beginning counts as the time of its values. Raises EntityError for what is no entity of one of the
    four models, or has no time.
    """
    if not isinstance(entity, Mapping):
        raise EntityError("shape", "an entity is an object")
    name, id_ = entity.get("type"), entity.get("id")
    model = MODELS.get(name) if isinstance(name, str) else None
    if model is None:
        raise EntityError("model", f"its type is none of {', '.join(MODELS)}")
    if not isinstance(id_, str) or not id_:
        raise EntityError("shape", "an entity has an id")
    since, until = _span(model, entity)
    values: dict[str, float] = {}
    wrong: list[Wrong] = []
    given = {_ALIASES.get(key, key): value for key, value in entity.items()}
    for attribute in model.attributes:
        if attribute.name in given:
            found = _value(attribute, given[attribute.name], until - since)
            if isinstance(found, Wrong):
                wrong.append(found)
            else:
                values[attribute.metric] = found
    lat, lon = _place(_plain(entity.get("location")))
    texts: dict[str, int | str] = {}
    for key in model.texts:
        text = _plain(entity.get(key))
        if isinstance(text, int | str) and not isinstance(text, bool):
            texts[key] = text
    return Observation(model, id_, since, until, values, _device(entity), lat, lon, texts), wrong


def _plain(value: object) -> object:
    """The value of an attribute, however it is wrapped."""
    if isinstance(value, Mapping):
        for key in ("@value", "value", "object"):
            if key in value:
                return _plain(value[key])
    return value


def _span(model: Model, entity: Mapping[object, object]) -> tuple[int, int]:
    both = [_plain(entity.get(name)) for name in ("dateObservedFrom", "dateObservedTo")]
    one = _plain(entity.get("dateObserved"))
    try:
        if model.period and all(isinstance(time, str) for time in both):
            return span_of(f"{both[0]}/{both[1]}")
        if isinstance(one, str):
            return span_of(one)
    except (ValueError, OverflowError) as error:
        raise EntityError("time", str(error)) from error
    raise EntityError("time", f"{model.name} without the time that it is of")


def _value(attribute: Attribute, given: object, period: int) -> float | Wrong:
    """In canonical unit, within what is physical."""
    metric = METRICS[attribute.metric]
    number = _plain(given)
    if isinstance(number, bool) or not isinstance(number, int | float):
        return Wrong(metric.name, "number", f"{attribute.name} is no number")
    try:
        finite = isfinite(number)
    except OverflowError:  # a whole number that no double can hold
        finite = False
    if not finite:
        return Wrong(metric.name, "finite", f"{attribute.name} is not finite")
    if attribute.unit == "count":
        if period <= 0:
            return Wrong(metric.name, "period", f"{attribute.name} counts over a period that is not given")
        value = number * 3_600_000 / period
    else:
        code = _code(given)
        unit = attribute.unit_of(code)
        if unit is None:
            return Wrong(metric.name, "unit", f"{attribute.name} in {code!r}")
        value = number * unit.scale + unit.shift
    if attribute.bearing:
        value %= 360
    if not metric.lowest <= value <= metric.highest:
        return Wrong(metric.name, "range", f"{attribute.name} is {value:g} {metric.unit}")
    return value


def _code(given: object) -> str | None:
    """The unitCode beside a value, where NGSI-LD and NGSIv2 have it."""
    if not isinstance(given, Mapping):
        return None
    code = given.get("unitCode")
    if code is None and isinstance(metadata := given.get("metadata"), Mapping):
        code = _plain(metadata.get("unitCode"))
    return None if code is None else str(code)


def _place(location: object) -> tuple[float | None, float | None]:
    match location:
        case {"type": "Point", "coordinates": [int() | float() as lon, int() | float() as lat, *_]}:
            return float(lat), float(lon)
    return None, None


def _device(entity: Mapping[object, object]) -> str:
    """The device's own name: what follows the last colon of its URN."""
    found = _plain(entity.get("refDevice"))
    if isinstance(found, list) and len(found) == 1:
        found = _plain(found[0])
    return found.rpartition("Device:")[2] if isinstance(found, str) else ""
