"""What an entity of any of the models says, in our words."""

from dataclasses import dataclass, field

from rules.smartdata.models import Model


@dataclass(frozen=True, slots=True)
class Observation:
    """`since` to `until` in ms, equal for an instant. `values` by metric, in canonical units. `device`: whose it is,
    or empty. `lat` and `lon` are None where it has no point. `texts`: attributes of `Model.texts`."""

    model: Model
    id: str
    since: int
    until: int
    values: dict[str, float]
    device: str = ""
    lat: float | None = None
    lon: float | None = None
    texts: dict[str, int | str] = field(default_factory=dict)
