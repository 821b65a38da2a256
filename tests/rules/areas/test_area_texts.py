"""What an area rule says in several languages."""

from rules.areas.pair import Pair
from tests.support.judging import catalogue, frame, run, sensor, tick

RULE = (
    "{name: q, kind: quorum, of: {metric: pm25, above: 115}, at_least: {yellow: 2}, area: city, "
    "text: {zh: '{area} {k}/{n} 超标', en: '{k} of {n} over'}}"
)


def test_each_language_has_its_sentence() -> None:
    pair = Pair(catalogue(RULE, sensor("a", "pm25"), sensor("b", "pm25")))
    found = run(pair, [frame(("a", "pm25", 0, 200.0), ("b", "pm25", 0, 200.0)), tick(60), tick(120)])
    found += run(pair, [tick(4000), tick(8000)])
    assert [each.change for each in found] == ["fired", "undecided"]
    fired, doubt = found
    assert fired.texts == {"zh": f"{fired.area.name if fired.area else ''} 2/2 超标", "en": "2 of 2 over"}
    assert fired.text == fired.texts["zh"]
    assert doubt.texts == {}
