"""rules/*.yaml: what is read, and what each mistake is told."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.kinds.silence import SilenceSpec
from rules.kinds.window import WindowSpec
from rules.levels import Level, Levels
from rules.rule import Where
from rules.rule_file import parse_rules

GOOD = """\
rules:
  - name: smog-pm25
    kind: threshold
    metric: pm25
    where: {kind: air, district: [west, north], department: environment, sensor: [b, a]}
    above: {yellow: 115, orange: 150.5, red: 2.5e2}
    clear: {yellow: 105}
    hold: 10min
    keep_firing: 5min
    notify: [health, environment]
    text: "Fine particles {value} {unit} at {sensor}, limit {limit}"
  - name: noise-hour
    kind: window
    metric: noise
    aggregate: mean
    every: 1h
    delay: 30s
    above: {yellow: 70}
  - name: silent-air
    kind: silence
    metric: [pm25, pm10]
    after: 30min
    severity: yellow
"""


def test_a_good_file() -> None:
    rules, faults = parse_rules(GOOD, "air.yaml")
    assert faults == []
    smog, noise, silent = rules
    assert (smog.name, smog.kind, smog.metrics) == ("smog-pm25", "threshold", ("pm25",))
    assert smog.where == Where(("air",), ("north", "west"), ("environment",), ("a", "b"))
    levels = (Level("yellow", 115.0, 105.0), Level("orange", 150.5, 150.5), Level("red", 250.0, 250.0))
    assert smog.spec == Levels(True, levels, 600_000, 300_000)
    assert (smog.notify, smog.text[:14]) == (("health", "environment"), "Fine particles")
    assert (smog.place.file, smog.place.line, smog.place.key) == ("air.yaml", 2, "rules[0]")
    assert (smog.place.line_of("above"), smog.place.line_of("where.kind"), smog.place.line_of("gone")) == (6, 5, 2)
    assert noise.spec == WindowSpec("mean", 3_600_000, 30_000, Levels(True, (Level("yellow", 70.0, 70.0),)))
    assert (noise.where, noise.notify, noise.text) == (Where(), (), "")
    assert (silent.metrics, silent.spec) == (("pm25", "pm10"), SilenceSpec(1_800_000, "yellow"))


def test_the_hash_names_the_content_and_not_the_place() -> None:
    [rule, *_], _ = parse_rules(GOOD, "air.yaml")
    [moved, *_], _ = parse_rules("# moved\n" + GOOD.replace("[b, a]", "[a, b]"), "other.yaml")
    assert rule == moved
    assert (rule.hash, rule.judgement_hash) == (moved.hash, moved.judgement_hash)
    for old, new in (("115", "116"), ("10min", "9min"), ("clear: {yellow: 105}", ""), ("above", "below")):
        [other, *_], _ = parse_rules(GOOD.replace(old, new, 1).replace("clear: {yellow: 105}", ""), "air.yaml")
        assert other.hash != rule.hash if other.name == rule.name else other.kind == "window"
    for old, new in (("[health, ", "["), ("Fine", "Fine,"), ("kind: air, ", "")):
        [told, *_], _ = parse_rules(GOOD.replace(old, new, 1), "air.yaml")
        assert told.hash != rule.hash
        assert told.judgement_hash == rule.judgement_hash


def faults_of(text: str) -> list[str]:
    _, faults = parse_rules(text, "r.yaml")
    assert len(faults) == len(set(faults))
    return [str(fault) for fault in faults]


THRESHOLD = "rules:\n  - {name: r, kind: threshold, metric: pm25, above: {yellow: 10, red: 20}, CHANGE}"


def changed(old: str, new: str) -> str:
    text = THRESHOLD.replace(", CHANGE", "")
    assert old in text
    return text.replace(old, new)


def window(keys: str) -> str:
    return f"rules:\n  - {{name: w, kind: window, metric: pm25, above: {{red: 1}}, {keys}}}"


def silence(keys: str) -> str:
    return f"rules:\n  - {{name: s, kind: silence, metric: pm25, {keys}}}"


def change(keys: str) -> str:
    return f"rules:\n  - {{name: c, kind: change, metric: pm25, above: {{red: 1}}, {keys}}}"


LIMITS = "name the limits in order of gravity, such as above: {yellow: 115, red: 250}"
LENGTH = "write a whole number and ms, s, min, h or d, such as 90s, 5min, 1h"
METRICS = "one of: air_limit_day, aqi_cn, aqi_cn_day"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (changed("name: r, ", ""), "rules[0]: the key 'name' is missing"),
        (changed("name: r", "name: Smog Alarm"), "rules[0].name: 'Smog Alarm' is not a name. use a-z, 0-9 and -, 64 a"),
        (changed("name: r", "name: 12"), "rules[0].name: must be text, not the number '12'. put it in quotes"),
        (changed("name: r", "name: null"), "rules[0].name: must be text, not nothing"),
        (changed("name: r", "name: [r]"), "rules[0].name: must be text, not a list"),
        (changed("name: r", "name: {r: 1}"), "rules[0].name: must be text, not a mapping"),
        (changed("kind: threshold, ", ""), "rules[0]: the key 'kind' is missing. one of: threshold, window, silence"),
        (changed("threshold", "treshold"), "rules[0].kind: unknown: 'treshold'. did you mean 'threshold'?"),
        (changed("metric: pm25", "metrics: pm25"), "rules[0].metrics: unknown key for a threshold rule. did you mean "),
        (changed("metric: pm25", "metric: pm2.5"), "rules[0].metric: unknown: 'pm2.5'. did you mean 'pm25'?"),
        (changed("metric: pm25", "metric: xyz"), f"rules[0].metric: unknown: 'xyz'. {METRICS}"),
        (changed("metric: pm25", "metric: [pm25, pm10]"), "rules[0].metric: 2 metrics, this kind takes 1. write a rul"),
        (changed("metric: pm25", "metric: []"), "rules[0].metric: an empty list. leave the key out, or name at least "),
        (changed("above: {yellow: 10, red: 20}", "hold: 1s"), "the key 'above' or 'below' is missing. name the limits"),
        (changed("20}", "20}, below: {red: 1}"), f"rules[0]: give either above or below. {LIMITS}"),
        (changed("{yellow: 10, red: 20}", "10"), "rules[0].above: must be a mapping (key: value), not the number '10'"),
        (changed("{yellow: 10, red: 20}", "{}"), f"rules[0].above: no severity. {LIMITS}"),
        (changed("yellow: 10", "Yellow: 10"), "rules[0].above.Yellow: 'Yellow' is not a severity. use a-z, 0-9, - and"),
        (changed("10", "true"), "rules[0].above.yellow: must be a number, not the truth value 'true'"),
        (changed("10", "'10'"), "rules[0].above.yellow: must be a number, not the text '10'"),
        (changed("10", ".nan"), "rules[0].above.yellow: '.nan' is not a finite decimal number"),
        (changed("20", ".inf"), "rules[0].above.red: '.inf' is not a finite decimal number"),
        (changed("20", "1e999"), "rules[0].above.red: '1e999' is not a finite decimal number"),
        (changed("20", "0x20"), "rules[0].above.red: '0x20' is not a finite decimal number"),
        (changed("20", "10"), f"rules[0].above.red: must be greater than the limit before it, 10. {LIMITS}"),
        (changed("above", "below"), f"rules[0].below.red: must be less than the limit before it, 10. {LIMITS}"),
        (changed("20}", "20}, clear: 5"), "rules[0].clear: must be a mapping (key: value), not the number '5'"),
        (changed("20}", "20}, clear: {yellow: 11}"), "rules[0].clear.yellow: must not be above the limit 10. a level "),
        (changed("above: {yellow: 10, red: 20}", "below: {red: 5}, clear: {red: 4}"), "must not be below the limit 5."),
        (changed("20}", "20}, clear: {orange: 5}"), "clear.orange: no such severity among the limits. one of: yellow,"),
        (changed("20}", "20}, clear: {red: x}"), "rules[0].clear.red: must be a number, not the text 'x'"),
        (changed("20}", "20}, clear: {red: 5}"), "rules[0].clear: the values must follow the order of the limits. a g"),
        (changed("20}", "20}, hold: ten"), f"rules[0].hold: 'ten' is not a length of time. {LENGTH}"),
        (changed("20}", "20}, hold: 10"), f"rules[0].hold: must be a length of time, not the number '10'. {LENGTH}"),
        (changed("20}", "20}, keep_firing: -1s"), f"rules[0].keep_firing: '-1s' is not a length of time. {LENGTH}"),
        (changed("20}", "20}, times: 1"), "rules[0].times: must be a whole number from 2 to 50"),
        (changed("20}", "20}, times: 2.5"), "rules[0].times: must be a whole number from 2 to 50"),
        (changed("20}", "20}, times: 51"), "rules[0].times: must be a whole number from 2 to 50"),
        (changed("20}", "20}, times: two"), "rules[0].times: must be a number, not the text 'two'"),
        (changed("20}", "20}, times: 2, within: 0s"), "rules[0].within: 0s is too short, 1 ms at least"),
        (changed("20}", "20}, within: 5min"), "rules[0].within: without 'times' it says nothing. add times, such as"),
        (changed("20}", "20}, times: 2, hold: 5min"), "rules[0].times: give either times or hold. a hold is a length"),
        (changed("20}", "20}, where: air"), "rules[0].where: must be a mapping (key: value), not the text 'air'"),
        (changed("20}", "20}, where: {kinds: air}"), "rules[0].where.kinds: unknown key. did you mean 'kind'?"),
        (changed("20}", "20}, where: {kind: [a, [b]]}"), "rules[0].where.kind[1]: must be text, not a list"),
        (changed("20}", "20}, where: {kind: [a, a]}"), "rules[0].where.kind[1]: 'a' is there twice"),
        (changed("20}", "20}, where: {sensor: 'a b'}"), "rules[0].where.sensor: 'a b' is not a name. use letters, dig"),
        (changed("20}", "20}, where: {sensor: []}"), "rules[0].where.sensor: an empty list. leave the key out"),
        (changed("20}", "20}, notify: 5"), "rules[0].notify: must be text, not the number '5'. put it in quotes"),
        (changed("20}", "20}, text: '{valeu}'"), "rules[0].text: unknown placeholder {valeu}. did you mean 'value'?"),
        (changed("20}", "20}, text: ''"), "rules[0].text: must be one line of 1 to 500 printable characters"),
        (changed("20}", '20}, text: "a\\nb"'), "rules[0].text: must be one line of 1 to 500 printable characters"),
        (changed("20}", "20}, text: null"), "rules[0].text: must be text, not nothing"),
        (changed("20}", "20}, text: 2026-01-01"), "rules[0].text: must be text, not timestamp"),
        (changed("20}", "20}, name: s"), "rules[0].name: the key is there twice, first in line 2"),
        (changed("20}", "20}, [a]: s"), "rules[0]: a key must be a plain word"),
        (changed("{name: r", "&x {name: r") + "\n  - *x", "rules[1].name: a rule named 'r' is already in line 2"),
        (window("every: 0s, aggregate: mean"), "every: 0s is too short, 1000 ms"),
        (window("every: 1h, aggregate: avg"), "unknown: 'avg'. one of: count"),
        (window("every: 1h, aggregate: mena"), "did you mean 'mean'?"),
        (window(""), "rules[0]: the key 'aggregate' is missing"),
        (window(""), "rules[0]: the key 'every' is missing"),
        (window("every: 1h, aggregate: min, delay: x"), "delay: 'x' is not"),
        (window("every: 1h, aggregate: min, hold: 1s"), "unknown key for a window rule"),
        (window("every: 1h, aggregate: mean, over: 30min"), "over: must be longer than 'every'. leave it out for win"),
        (window("every: 1h, aggregate: mean, over: x"), "over: 'x' is not a length of time"),
        (window("every: 1h, aggregate: percentile"), "rules[0]: the key 'percentile' is missing. such as percentile"),
        (window("every: 1h, aggregate: percentile, percentile: 100"), "percentile: must be a whole number from 1"),
        (window("every: 1h, aggregate: mean, percentile: 95"), "percentile: belongs to the aggregate 'percentile'"),
        (window("every: 1h, aggregate: share_above"), "rules[0]: the key 'mark' is missing. such as mark: 50"),
        (window("every: 1h, aggregate: share_above, mark: x"), "mark: must be a number, not the text 'x'"),
        (window("every: 1h, aggregate: max, mark: 5"), "mark: belongs to the aggregate 'share_above'"),
        (window("every: 1h, aggregate: leq"), "aggregate: 'leq' is of sound levels. for other metrics take 'mean'"),
        (window("every: 1h, aggregate: leq").replace("pm25", "loudness"), "metric: unknown: 'loudness'"),
        (window("every: 1h, aggregate: leq").replace("metric: pm25, ", ""), "rules[0]: the key 'metric' is missing"),
        (window("every: 1h, aggregate: min, at_least: 0"), "at_least: must be a whole number from 1 to 1000000"),
        (window("every: 1h, aggregate: min, at_least: 61min"), "at_least: is longer than the window. such as 45min of"),
        (window("every: 1h, aggregate: min, at_least: soon"), "at_least: 'soon' is not a length of time"),
        (window("every: x, aggregate: min, at_least: 1h"), "every: 'x' is not a length of time"),
        (window("aggregate: mean"), "the key 'every' is missing. every: 1h for windows by the clock, or"),
        (window("aggregate: mean, every: 1h, session: 5min"), "rules[0]: give one of every, session. every: 1h for"),
        (window("aggregate: mean, sliding: x"), "sliding: 'x' is not a length of time"),
        (window("aggregate: mean, session: 0s"), "session: 0s is too short, 1000 ms at least"),
        (window("aggregate: mean, readings: 1"), "readings: must be a whole number from 2 to 1000"),
        (window("aggregate: mean, readings: 5, at_least: 2"), "at_least: belongs to windows with 'every', not"),
        (window("aggregate: mean, sliding: 5s, delay: 2s"), "delay: belongs to windows with 'every', not"),
        (silence("severity: yellow"), "rules[0]: the key 'after' is missing"),
        (silence("after: 1h"), "rules[0]: the key 'severity' is missing"),
        (silence("after: 0s, severity: yellow"), "after: 0s is too short, 1000 ms"),
        (silence("after: 1h, severity: RED"), "severity: 'RED' is not a severity"),
        (silence("after: 1h, severity: 1"), "severity: must be text, not the number"),
        (change("hold: 1s"), "rules[0]: the key 'measure' is missing"),
        (change("measure: detla"), "measure: unknown: 'detla'. did you mean 'delta'?"),
        (change("measure: rate"), "rules[0]: the key 'per' is missing. such as per: 1h"),
        (change("measure: range"), "rules[0]: the key 'over' is missing. such as over: 1h"),
        (change("measure: delta, per: 1h"), "per: belongs to the measure 'rate'. leave it out for 'delta'"),
        (change("measure: stuck, over: 1h"), "over: belongs to the measure 'range'. leave it out for 'stuck'"),
        (change("measure: range, over: 1h, gap: 1h"), "gap: a range compares all readings within 'over'. leave it out"),
        (change("measure: rate, per: 0s"), "per: 0s is too short, 1 ms at least"),
        (change("measure: range, over: x"), "over: 'x' is not a length of time"),
        (change("measure: delta, gap: x"), "gap: 'x' is not a length of time"),
        (change("measure: delta, amend: 8d"), "amend: is longer than 7d. as long as the log is kept, at most"),
        (change("measure: delta, amend: 500ms"), "amend: 500ms is too short, 1000 ms at least"),
        (change("measure: delta, amend: x"), "amend: 'x' is not a length of time"),
        (change("measure: delta, amend: 1h").replace("pm25", "aqi_cn"), "amend: aqi_cn is derived, and what is"),
        (
            "rules:\n  - {name: q, kind: quorum, of: {metric: aqi_cn, above: 1}, at_least: {red: 2}, amend: 1h}",
            "amend: aqi_cn is derived, and what is derived is never late. leave it out",
        ),
        (change("measure: delta, times: 3"), "times: unknown key for a change rule"),
        ("rules:\n  - 5", "r.yaml:2: rules[0]: must be a mapping (key: value), not the number '5'"),
        ("rules: 5", "r.yaml:1: rules: must be a list, not the number '5'"),
        ("rule: []", "r.yaml:1: rule: unknown key. did you mean 'rules'?"),
        ("rule: []", "r.yaml:1: the key 'rules' is missing"),
        ("- a", "r.yaml:1: must be a mapping (key: value), not a list"),
        ("", "r.yaml: the file is empty"),
        ("rules: [\n", "r.yaml:2: not YAML: "),
        ("a: 1\n---\nb: 2\n", "r.yaml:2: not YAML: but found another document"),
        ("a: \x01", "r.yaml: not YAML: unacceptable character #x0001"),
        ("[" * 1000, "r.yaml: not YAML: maximum recursion depth exceeded"),
        ("rules: !!python/object:os.system [ls]", "not YAML"),
    ],
)  # fmt: skip
def test_each_mistake_is_told_with_its_place(text: str, fault: str) -> None:
    found = faults_of(text)
    if text.startswith("rules: !!python"):
        # A tag means nothing here: what it stands on is read as what it is, and nothing is ever made of it.
        assert found
        return
    assert any(fault in each for each in found), found
    assert all(each.startswith("r.yaml") for each in found)


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    text = """\
rules:
  - name: A
    kind: threshold
    metrik: pm25
    above: {yellow: 5, red: 4}
    hold: x
  - name: b
    kind: silence
    metric: nox
    after: 5
    severity: yellow
"""
    lines = [(fault.line, fault.key) for fault in parse_rules(text, "r.yaml")[1]]
    assert lines == [
        (2, "rules[0]"),
        (2, "rules[0].name"),
        (4, "rules[0].metrik"),
        (5, "rules[0].above.red"),
        (6, "rules[0].hold"),
        (9, "rules[1].metric"),
        (10, "rules[1].after"),
    ]


def test_sound_rules_of_a_faulty_file_are_given_beside_the_faults() -> None:
    rules, faults = parse_rules(GOOD.replace("after: 30min", "after: soon"), "r.yaml")
    assert [rule.name for rule in rules] == ["smog-pm25", "noise-hour"]
    assert len(faults) == 1


def test_an_alias_to_itself_ends() -> None:
    assert faults_of("rules: &a [*a]") == ["r.yaml:1: rules[0]: must be a mapping (key: value), not a list"]


@given(st.text(st.sampled_from("rules:\n -[]{}&*!|>'\"#%@,?x1.\t\u00e9"), max_size=60))
@settings(max_examples=150, deadline=None)
def test_no_text_raises(text: str) -> None:
    rules, faults = parse_rules(text, "r.yaml")
    assert rules == []
    assert faults or text.strip().replace(" ", "") in ("rules:[]", "{rules:[]}")


BY_LANGUAGE = """rules:
  - {{name: r, kind: threshold, metric: pm25, above: {{red: 10}}, text: {}}}
"""


def test_a_text_for_each_language() -> None:
    [rule], faults = parse_rules(
        BY_LANGUAGE.format('{zh-CN: "{sensor}超标", en: "{sensor} is over {limit}"}'), "r.yaml"
    )
    assert not faults
    assert rule.text == "{sensor}超标"
    assert rule.texts == (("zh-CN", "{sensor}超标"), ("en", "{sensor} is over {limit}"))
    [plain], _ = parse_rules(BY_LANGUAGE.format('"{sensor}超标"'), "r.yaml")
    assert (plain.text, plain.texts) == (rule.text, ())
    assert plain.hash != rule.hash and plain.judgement_hash == rule.judgement_hash


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{}", "no sentence in it. such as {zh-CN: ..., en: ...}"),
        ("{English: a}", "'English' is no language. a tag such as en, de or zh-CN"),
        ("{en: a, de: 5}", "must be text, not the number '5'"),
        ("{en: a, de: 'b {valu}'}", "unknown placeholder {valu}. did you mean 'value'?"),
        ("[a]", "must be text, not a list"),
        ("{[a]: b}", "a key must be a plain word"),
    ],
)
def test_mistakes_in_texts_by_language(text: str, told: str) -> None:
    rules, faults = parse_rules(BY_LANGUAGE.format(text), "r.yaml")
    assert not rules
    assert any(told in str(each) for each in faults), faults
