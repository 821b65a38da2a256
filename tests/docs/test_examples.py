"""What the documents show is what the product does: their examples are parsed, their tables compared, their commands
asked for."""

import json
import re
from pathlib import Path

import pytest

from ingest.contract import Contract
from rules.calendars_file import parse_calendars
from rules.catalogue import parse_rules
from rules.derived.standards import SECTIONS
from rules.refusal import SENTENCES
from rules.registry import parse_registry
from rules.standards_file import parse_standards
from rules.units import METRICS, units_of

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
REGISTRY = """id,kind,department,district,lat,lon,metrics,interval,time,gateway
air-north-01,air,environment,north,51,13,pm25 pm10,5min,,gw-north-1
air-north-02,air,environment,north,51,13,pm25 pm10,5min,,gw-north-1
"""


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)


def test_every_rule_that_the_docs_show_is_sound() -> None:
    examples = blocks("docs/rules.md", "yaml")
    assert len(examples) >= 4
    for example in examples:
        rules, faults = parse_rules(example, "docs/rules.md")
        assert rules and not faults, faults


def test_the_calendars_and_attributes_that_the_docs_show_are_sound() -> None:
    [calendars] = blocks("docs/rules.md", "yml")
    found, faults = parse_calendars(calendars, "docs/rules.md")
    assert {"working-days", "school-days"} <= set(found) and not faults, faults
    [rows] = blocks("docs/rules.md", "csv")
    sensors, faults = parse_registry(rows, "docs/rules.md")
    assert sensors["noise-1"].attributes == {"limit_noise": "55", "hold_noise": "5min"} and not faults, faults


def test_the_standards_that_the_docs_show_are_sound_and_name_every_section() -> None:
    [text] = blocks("docs/standards.md", "yaml")
    found, faults = parse_standards(text, "docs/standards.md")
    assert set(found.sources) == set(SECTIONS) and not faults, faults


def test_every_message_that_the_docs_show_is_read() -> None:
    sensors, faults = parse_registry(REGISTRY, "sensors.csv")
    assert not faults
    contract = Contract(sensors)
    single, gateway = (example.encode() for example in blocks("docs/devices.md", "json"))
    for topic, payload in (("city/north/air/air-north-01", single), ("city/north/gateway/gw-north-1", gateway)):
        outcome = contract.read(topic, payload, 0, 1 << 43)
        assert len(outcome.readings) == 2 and not outcome.refusals
        assert json.loads(payload)


def test_the_codes_of_refusal_are_all_documented() -> None:
    text = (ROOT / "docs/devices.md").read_text()
    for code, sentence in SENTENCES.items():
        assert f"| `{code.value}` | {sentence} |" in text


def test_the_metrics_and_units_are_all_documented() -> None:
    text = (ROOT / "docs/devices.md").read_text()
    for metric in METRICS.values():
        units = ", ".join(f"`{unit}`" for unit in units_of(metric.name))
        row = (
            f"| `{metric.name}` | {metric.title} | {metric.unit} | {metric.lowest:g} to {metric.highest:g} | {units} |"
        )
        assert row in text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_inside_the_project_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_command_that_the_docs_show_exists() -> None:
    from typer.testing import CliRunner

    from urbanpulse.cli import app

    verbs = {
        verb for page in PAGES for verb in re.findall(r"(?:urbanpulse|\./city) ([a-z]+)(?=[ `\n])", page.read_text())
    } - {"install", "test"}
    assert {"up", "check", "account"} <= verbs
    for verb in sorted(verbs):
        result = CliRunner().invoke(app, [verb, "--help"])
        assert result.exit_code == 0, f"urbanpulse {verb}: {result.output}"
