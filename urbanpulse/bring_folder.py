"""A city's folder comes into force by hand, for a city whose parts nobody supervises together."""

from rules.catalogue import Catalogue
from rules.changes import changes
from rules.shelf import Shelf
from urbanpulse.city import load_again
from urbanpulse.deployment import Deployment
from urbanpulse.in_force import Switched, bring_into_force, catalogue_of, read_shelf
from urbanpulse.kafka import Reader


def told(before: str | None, shelf: Shelf, new: Catalogue) -> list[str]:
    """What `new` changes, a line for each kind of change. `before`: the hash of what was in force; `shelf`: the topic
    as it was."""
    if before is None:
        return [f"{len(new.rules)} rules, {len(new.sensors)} sensors, the first ones"]
    old = catalogue_of(shelf, before)
    if old is None:
        return ["what was in force before can no longer be read"]
    return changes(old, new).lines() or ["nothing but words that no rule reads"]


def words(switched: Switched, shelf: Shelf, new: Catalogue) -> list[str]:
    """The switch, and what it changes."""
    now, before = switched.now, switched.before
    if not switched.fresh:
        return [f"the rules and sensors are those in force already (switch {now.serial})"]
    head = f"switch {now.serial} to catalogue {now.catalogue}"
    return [head, *told(before.catalogue if before is not None else None, shelf, new)]


def bring_folder(here: Deployment) -> list[str]:
    """Returns when all partitions of the log say so, with what changed. Raises FaultsError with every fault of every
    file, and TroubleError; then nothing has changed."""
    city = load_again(here.folder, here.settings)
    switched, shelf = bring_into_force(here.endpoints.kafka, here.settings.kafka.partitions, city.body)
    return words(switched, shelf, city.catalogue)


def look_at_folder(here: Deployment) -> list[str]:
    """What bring_folder would change. Raises FaultsError, TroubleError."""
    city = load_again(here.folder, here.settings)
    with Reader(here.endpoints.kafka) as reader:
        shelf = read_shelf(reader)
    current = shelf.current
    if current is not None and current.catalogue == city.body.hash:
        return [f"the rules and sensors are those in force already (switch {current.serial})"]
    return told(current.catalogue if current is not None else None, shelf, city.catalogue)


def anything_in_force(here: Deployment) -> bool:
    """Whether the log names a catalogue. Raises TroubleError."""
    with Reader(here.endpoints.kafka) as reader:
        return read_shelf(reader).current is not None
