"""A chunk's state taken up again, under the catalogue that is in force."""

from rules.catalogue import Catalogue
from rules.derived.packed import restore_station
from rules.plans import Plans
from rules.state import Chunk, PackedChunk, orphans, restore


def restore_chunk(packed: PackedChunk, plans: Plans, catalogue: Catalogue) -> Chunk:
    """The chunk with what is still of use in it, and the episodes that no rule goes on with. Raises StateError."""
    chunk = Chunk(packed.late, packed.repeats, packed.findings, packed.derived, packed.amending)
    chunk.orphans = list(packed.orphans)
    for each in packed.series:
        plan = plans.of(each.sensor, each.metric)
        chunk.orphans += orphans(each, packed.rules, plan)
        if plan is not None:
            chunk.series.append(restore(each, packed.rules, catalogue.sensors[each.sensor], plan))
    for kept in packed.stations:
        if (sensor := catalogue.sensors.get(kept.sensor)) is not None:
            station = restore_station(kept, sensor, catalogue.choice(sensor.id))
            if station is not None:
                chunk.stations.append(station)
    chunk.orphans.sort(key=lambda orphan: (orphan.sensor, orphan.metric, orphan.rule))
    return chunk
