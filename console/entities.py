"""Sensors and their newest readings as entities of the Smart Data Models."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from console.ports import LatestValue
from rules.indices.china_aqi import level_of
from rules.sensor import Sensor
from rules.smartdata.models import MODELS, models_of
from rules.smartdata.observation import Observation
from rules.smartdata.write import to_ngsi_ld

INDEX = "aqi_cn"
FRESH = 2 * 3_600_000
"""For how long (ms) an index is told beside readings."""

URN = "urn:ngsi-ld:"


def urn_of(seen: Observation) -> str:
    """The id of its entity."""
    return str(to_ngsi_ld(seen)["id"])


def observations(sensors: Iterable[Sensor], latest: Mapping[str, Sequence[LatestValue]]) -> Iterator[Observation]:
    """By sensor, one for each model that its metrics go into, of those that were read at its newest time; an entity has
    one time only. A sensor stands for its interval from then on: that is the period of what is counted or averaged."""
    for sensor in sensors:
        values = {one.metric: one for one in latest.get(sensor.id, ())}
        for model, metrics in models_of(frozenset(sensor.channels)):
            known = [values[metric] for metric in metrics if metric in values]
            if not known:
                continue
            at = max(one.ts for one in known)
            until = at + sensor.interval if model.period else at
            texts = _index(values.get(INDEX), at) if "airQualityIndex" in model.texts else {}
            told = {one.metric: one.value for one in known if one.ts == at}
            yield Observation(model, sensor.id, at, until, told, sensor.id, sensor.lat, sensor.lon, texts)


def of_type(sensors: Iterable[Sensor], types: frozenset[str]) -> list[Sensor]:
    """The sensors that have entities of one of these types (all types when there are none), by id."""
    wanted = types or frozenset(MODELS)
    found = [
        one for one in sensors if any(model.name in wanted for model, _ in models_of(frozenset(one.channels)))
    ]  # fmt: skip
    return sorted(found, key=lambda one: one.id)


def _index(value: LatestValue | None, at: int) -> dict[str, int | str]:
    if value is None or not -FRESH <= at - value.ts <= FRESH:
        return {}
    index = int(value.value)
    return {"airQualityIndex": index, "airQualityLevel": level_of(index).name}
