"""Observations to entities: NGSI-LD, and NGSIv2 in its normalised form."""

from collections.abc import Iterator

from rules.smartdata.instant import text_of
from rules.smartdata.models import Attribute
from rules.smartdata.observation import Observation
from rules.units import units_of

CORE_CONTEXT = "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context.jsonld"
_PLACES = 9  # so many significant digits are more than any sensor has, and hide the noise of converting


def to_ngsi_ld(seen: Observation) -> dict[str, object]:
    """One entity, ready for JSON. Raises ValueError where the model requires what the observation does not have."""
    _require(seen)
    entity: dict[str, object] = {"id": _urn(seen.model.name, seen.id), "type": seen.model.name}
    for name, at in _times(seen):
        entity[name] = {"type": "Property", "value": {"@type": "DateTime", "@value": text_of(at)}}
    if seen.lat is not None and seen.lon is not None:
        entity["location"] = {"type": "GeoProperty", "value": _point(seen.lon, seen.lat)}
    if seen.device:
        entity["refDevice"] = {"type": "Relationship", "object": _urn("Device", seen.device)}
    for attribute, number in _numbers(seen):
        entity[attribute.name] = {"type": "Property", "value": number, "unitCode": attribute.code}
    for name, text in _texts(seen):
        entity[name] = {"type": "Property", "value": text}
    entity["@context"] = [CORE_CONTEXT, seen.model.context]
    return entity


def to_ngsi_v2(seen: Observation) -> dict[str, object]:
    """One normalised entity, ready for JSON. Raises ValueError as above."""
    _require(seen)
    entity: dict[str, object] = {"id": seen.id, "type": seen.model.name}
    for name, at in _times(seen):
        entity[name] = {"type": "DateTime", "value": text_of(at)}
    if seen.lat is not None and seen.lon is not None:
        entity["location"] = {"type": "geo:json", "value": _point(seen.lon, seen.lat)}
    if seen.device:
        entity["refDevice"] = {"type": "Text", "value": seen.device}
    for attribute, number in _numbers(seen):
        code = {"unitCode": {"type": "Text", "value": attribute.code}}
        entity[attribute.name] = {"type": "Number", "value": number, "metadata": code}
    for name, text in _texts(seen):
        entity[name] = {"type": "Text" if isinstance(text, str) else "Number", "value": text}
    return entity


def _require(seen: Observation) -> None:
    if seen.model.located and seen.lat is None:
        raise ValueError(f"{seen.model.name} wants a location")
    if seen.until < seen.since:
        raise ValueError("an observation that ends before it begins")
    if "flow" in seen.values and seen.until == seen.since:
        raise ValueError("vehicles are counted over a period")


def _times(seen: Observation) -> Iterator[tuple[str, int]]:
    # NoiseLevelObserved has no dateObserved; TrafficFlowObserved requires it and may have the two as well.
    if seen.model.name != "NoiseLevelObserved":
        yield "dateObserved", seen.since
    if seen.model.period:
        yield "dateObservedFrom", seen.since
        yield "dateObservedTo", seen.until


def _numbers(seen: Observation) -> Iterator[tuple[Attribute, float]]:
    for attribute in seen.model.attributes:
        value = seen.values.get(attribute.metric)
        if value is None:
            continue
        if attribute.unit == "count":
            number = value * (seen.until - seen.since) / 3_600_000
        else:
            unit = units_of(attribute.metric)[attribute.unit]
            number = (value - unit.shift) / unit.scale
        if attribute.name == "streamGauge" and number < 0:
            continue  # the model has no water below its gauge's zero
        if attribute.bearing == "-180..180" and number > 180:
            number -= 360
        yield attribute, float(f"{number:.{_PLACES}g}")


def _texts(seen: Observation) -> Iterator[tuple[str, int | str]]:
    return ((name, text) for name, text in seen.texts.items() if name in seen.model.texts)


def _point(lon: float, lat: float) -> dict[str, object]:
    return {"type": "Point", "coordinates": [lon, lat]}


def _urn(kind: str, name: str) -> str:
    return name if name.startswith("urn:") else f"urn:ngsi-ld:{kind}:{name}"
