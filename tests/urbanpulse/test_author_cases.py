"""`urbanpulse test`: given sensors and rules, when readings come, then just these findings."""

from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from rules.rule import Rule
from tests.support.authors import rules_of, sensor
from tests.support.sample_city import FOLDER
from urbanpulse.authors.case_file import parse_cases
from urbanpulse.authors.trial import Verdict, explain, run_case
from urbanpulse.cli import app

RULES = """
name: smog, kind: threshold, metric: pm25, above: {yellow: 75, red: 150}, clear: {yellow: 70, red: 140}, hold: 10min
name: hour, kind: window, metric: pm25, aggregate: mean, every: 1h, delay: 30s, above: {yellow: 100}, notify: emergency
name: silent, kind: silence, metric: pm25, after: 30min, severity: yellow
"""
SENSORS = {"a": sensor("a"), "b": sensor("b", metrics="pm25 pm10")}


def cases_of(text: str, rules: tuple[Rule, ...] | None = None) -> list[Verdict]:
    found = rules if rules is not None else rules_of(RULES)
    cases, faults = parse_cases(text, "x.test.yaml", found, SENSORS)
    assert not faults, faults
    return [run_case(case, found) for case in cases]


def one(when: str, then: str, given: str = "{rules: smog}", more: str = "") -> Verdict:
    text = f"tests:\n- name: one\n  given: {given}\n  when:\n{when}\n  then:\n{then}\n{more}\n"
    [verdict] = cases_of(text)
    return verdict


def test_a_hold_fires_at_its_end_and_clears_at_the_clear_level() -> None:
    verdict = one(
        "  - {sensor: a, at: 12:00, value: 80 every 1min for 15min}\n  - {sensor: a, at: 12:15, value: 70}",
        "  - {at: 12:10, fired: yellow, value: 80, notify: environment}\n"
        "  - {at: 12:15, cleared: yellow, metric: pm25}",
    )
    assert verdict.passed, explain(verdict)


def test_the_clock_ticks_on_to_until() -> None:
    when, then = "  - {sensor: a, at: 12:00, value: 80}", "  - {at: 12:10, fired: yellow}"
    assert one(when, then).passed, "as far as the last expectation"
    assert one(when, "    []", more="  until: 12:09").passed
    late = one(when, "    []", more="  until: 12:11")
    assert explain(late) == ["+ 12:10:00 smog a/pm25 fired yellow, value 80, limit 75, notify environment"]


def test_silence_needs_nothing_but_the_clock() -> None:
    when = "  - {sensor: a, at: 12:00, value: 8}\n  - {sensor: a, at: +1d 12:00, value: 8}"
    then = "  - {at: 12:30, fired: yellow}\n  - {at: +1d 12:00, cleared: yellow}"
    assert one(when, then, "{rules: silent}").passed


def test_a_straggler_within_the_delay_counts_and_one_beyond_it_does_not() -> None:
    early = "  - {sensor: a, at: 12:10, value: 90}\n  - {sensor: a, at: 12:20, value: 120, late: LATE}"
    then = "  - {at: 13:00, fired: yellow, value: 105, notify: [emergency]}"
    assert one(early.replace("LATE", "40min"), then, "{rules: hour}").passed
    missed = one(early.replace("LATE", "45min"), then, "{rules: hour}")
    assert [line[0] for line in explain(missed)] == ["-"]


def test_the_difference_reads_like_one() -> None:
    verdict = one(
        "  - {sensor: a, at: 12:00, value: 80 every 1min for 30min}\n"
        "  - {sensor: a, at: 12:30, value: 160 every 1min for 15min}",
        "  - {at: 12:10, fired: yellow}\n  - {at: 12:35, changed: red}",
    )
    assert not verdict.passed
    assert explain(verdict) == [
        "  12:10:00 smog a/pm25 fired yellow, value 80, limit 75, notify environment",
        "- 12:35:00 smog a changed red (line 9)",
        "+ 12:40:00 smog a/pm25 changed red, value 160, limit 150, notify environment",
    ]


@pytest.mark.parametrize(
    "then",
    [
        "{at: 12:10, fired: red}",
        "{at: 12:10, fired: yellow, value: 81}",
        "{at: 12:10, fired: yellow, notify: water}",
        "{at: 12:10:01, fired: yellow}",
        "{at: 12:10, cleared: yellow}",
        "{at: 12:10, fired: yellow, metric: pm10}",
    ],
)
def test_everything_that_is_expected_must_be_so(then: str) -> None:
    verdict = one("  - {sensor: a, at: 12:00, value: 80 every 1min for 15min}", f"  - {then}")
    assert (len(verdict.missing), len(verdict.unasked)) == (1, 1)


def test_one_finding_meets_one_expectation() -> None:
    then = "  - {at: 12:10, fired: yellow}\n  - {at: 12:10, fired: yellow}"
    verdict = one("  - {sensor: a, at: 12:00, value: 80 every 1min for 15min}", then)
    assert (len(verdict.met), len(verdict.missing)) == (1, 1)


def test_sensors_of_a_file_and_of_a_test() -> None:
    verdicts = cases_of("""
sensors:
  - {id: own, kind: air, district: moon, department: space, metrics: pm25, interval: 5min}
tests:
  - name: of the file
    given: {rules: smog, start: 2026-06-01, tick: 10s}
    when: [{sensor: own, at: 12:00, value: 80 every 5min for 1h}]
    then: [{at: 12:10, fired: yellow, notify: space}]
  - name: of the test
    given: {rules: smog, sensors: [{id: x, kind: air, district: d, department: e, metrics: [pm25, pm10]}]}
    when: [{sensor: x, metric: pm25, at: 12:00, value: 80 every 5min for 1h}]
    then: [{at: 2026-01-01T12:10:00Z, fired: yellow}]
""")
    assert [verdict.passed for verdict in verdicts] == [True, True]


LINE = "{sensor: a, at: 12:00, value: 80}"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("tests: {}", "tests: must be a list"),
        ("test: []", "test: unknown key. did you mean 'tests'?"),
        (f"tests: [{{name: n, when: [{LINE}]}}]", "the key 'then' is missing"),
        (f"tests: [{{name: n, given: {{rules: smok}}, when: [{LINE}], then: []}}]", "did you mean 'smog'?"),
        (f"tests: [{{name: n, given: {{start: 12:00}}, when: [{LINE}], then: []}}]", "'12:00' is no date"),
        (f"tests: [{{name: n, given: {{sensors: []}}, when: [{LINE}], then: []}}]", "no sensor. leave the key out"),
        ("tests: [{name: n, when: [], then: []}]", "without a reading nothing can happen"),
        ("tests: [{name: n, when: [{sensor: c, at: 12:00, value: 8}], then: []}]", "unknown: 'c'. one of: a, b"),
        (
            "tests: [{name: n, when: [{sensor: b, at: 12:00, value: 8}], then: []}]",
            "b measures several: name the metric",
        ),
        ("tests: [{name: n, when: [{sensor: a, at: 25:00, value: 8}], then: []}]", "'25:00' is no time of day"),
        ("tests: [{name: n, when: [{sensor: a, at: 12:00, value: x}], then: []}]", "'x' is no value. write 80,"),
        ("tests: [{name: n, when: [{sensor: a, at: 12:00, value: -8}], then: []}]", "-8 is refused on the way in"),
        (f"tests: [{{name: n, when: [{LINE}], then: [{{at: 12:00}}]}}]", "say which one change is expected"),
        (f"tests: [{{name: n, when: [{LINE}], then: [{{at: 12:00, fired: red, cleared: red}}]}}]", "say which one"),
        (
            f"tests: [{{name: n, when: [{LINE}], then: [{{at: 12:00, fired: red}}]}}]",
            "'rule' is missing: 3 can be meant",
        ),
        (
            f"tests: [{{name: n, until: 11:00, given: {{rules: smog}}, when: [{LINE}], "
            "then: [{at: 12:10, fired: red}]}]",
            "the finding of line 1 is expected later",
        ),
        (
            f"tests:\n- {{name: n, when: [{LINE}], then: []}}\n- {{name: n, when: [{LINE}], then: []}}",
            "is already in line 2",
        ),
    ],
)
def test_a_fault_has_its_line_and_says_what_to_do(text: str, fault: str) -> None:
    _, faults = parse_cases(text, "x.test.yaml", rules_of(RULES), SENSORS)
    assert any(fault in str(each) for each in faults), faults
    assert all(each.file == "x.test.yaml" and each.line >= 1 for each in faults)


def test_the_sample_city_passes_its_own_tests(tmp_path: Path) -> None:
    file = tmp_path / "junit.xml"
    done = CliRunner().invoke(app, ["test", str(FOLDER), "--junit", str(file)])
    assert done.exit_code == 0, done.output
    suites = ElementTree.parse(file).getroot()
    assert int(suites.get("tests", "0")) >= 8 and suites.get("failures") == "0"


CITY_TEST = """tests:
  - name: it & <that>
    given: {rules: high-water}
    when: [{sensor: SENSOR, metric: water_level, at: 12:00, value: 3.5 every 5min for 1h}]
    then: [{at: 12:15, fired: yellow}]
"""


def test_a_failure_is_shown_and_ends_with_one(tmp_path: Path) -> None:
    gauge = next(line for line in (FOLDER / "sensors.csv").read_text().splitlines() if line.startswith("water-"))
    file, out = tmp_path / "w.test.yaml", tmp_path / "out.xml"
    file.write_text(CITY_TEST.replace("SENSOR", gauge.split(",")[0]))
    words = ["test", str(FOLDER / "rules" / "water.yaml"), str(file), "--city", str(FOLDER), "--junit", str(out)]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 1
    assert f"FAILED {file}:2 it & <that>" in done.output
    assert "- 12:15:00 high-water" in done.output and "+ 12:10:00 high-water" in done.output
    failure = ElementTree.parse(out).getroot().find(f"testsuite[@name='{file}']/testcase/failure")
    assert failure is not None and failure.get("message") == "1 missing, 1 not expected"


def test_no_tests_is_said(tmp_path: Path) -> None:
    (tmp_path / "sensors.csv").write_text((FOLDER / "sensors.csv").read_text())
    (tmp_path / "departments.yaml").write_text((FOLDER / "departments.yaml").read_text())
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "air.yaml").write_text((FOLDER / "rules" / "air.yaml").read_text())
    done = CliRunner().invoke(app, ["test", str(tmp_path)])
    assert done.exit_code == 1
    assert "there are no tests" in str(done.exception)
