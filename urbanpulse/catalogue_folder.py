"""The catalogue in a city's folder. In a file of its own, since only some parts carry all that rules are made of."""

from pathlib import Path

from rules.body import CALENDARS, DISTRICTS, RULES, SENSORS, STANDARDS, Body, read_body
from rules.catalogue import Catalogue
from rules.faults import Fault
from urbanpulse.folder import read_text, sound_only
from urbanpulse.settings import Settings

TESTS = ".test.yaml"
"""How the name of a file of tests for rules ends; it lies beside the rules and is none of them."""


def read_catalogue_body(folder: Path, settings: Settings, faults: list[Fault]) -> Body:
    """All files that make the city's catalogue, as they are now. A file that cannot be read is left out and a fault."""
    rules = folder / "rules"
    for stray in sorted(rules.glob("*.yml")):
        faults.append(Fault(str(stray), 0, "", "not read: a file of rules ends in .yaml", "rename it"))
    optional = [name for name in (DISTRICTS, CALENDARS, STANDARDS) if (folder / name).exists()]
    names = [SENSORS, *optional, *(RULES + file.name for file in rule_files(rules))]
    texts = {name: read_text(folder / name, faults) for name in names}
    return Body(
        files={name: text for name, text in texts.items() if text is not None},
        bridges=tuple(plan.id for plan in settings.ingest.bridges),
        timezone=settings.city.timezone,
        exempt=settings.indices.exempt,
        free_flow=float(settings.indices.free_flow),
    )


def read_catalogue(folder: Path, settings: Settings, faults: list[Fault]) -> tuple[Body, Catalogue]:
    """The catalogue of a folder, read through its body as everybody else reads it; its faults are added to `faults`."""
    body = read_catalogue_body(folder, settings, faults)
    unread = {fault.file for fault in faults}
    catalogue, wrong = read_body(body, f"{folder}/")
    faults.extend(fault for fault in wrong if fault.line or fault.file not in unread)  # said already
    return body, catalogue


def rule_files(folder: Path) -> list[Path]:
    """The files of rules in a folder, by name; tests of rules are left out."""
    return sorted(file for file in folder.glob("*.yaml") if not file.name.endswith(TESTS))


def load_catalogue(folder: Path, settings: Settings) -> Catalogue:
    """Sensors, rules, bridges and indices. Raises FaultsError."""
    faults: list[Fault] = []
    _, catalogue = read_catalogue(folder, settings, faults)
    return sound_only(catalogue, faults)
