"""Whatever text comes in, no markup comes out."""

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.html import Markup, h, render, text
from console.words import measure, number, span

HOSTILE = [
    "<script>alert(1)</script>",
    "{{7*7}}",
    "${7*7}",
    "{0.__class__}",
    '" onmouseover="alert(1)',
    "' autofocus onfocus=alert(1) '",
    "</td></table><img src=x onerror=alert(1)>",
    "a&lt;b",
    "safe\u202egnp.exe",
    "zero\x00byte",
]


class Collector(HTMLParser):
    """Tags, attributes and text, as a browser would read them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def read(markup: str) -> Collector:
    collector = Collector()
    collector.feed(markup)
    collector.close()
    return collector


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_text_stays_text(value: str) -> None:
    seen = read(h("p", {"title": value}, value))
    assert seen.tags == ["p"]
    assert [name for name, _ in seen.attributes] == ["title"]
    assert "7*7" not in value or "7*7" in seen.text


@given(st.text(alphabet=st.characters(blacklist_categories=("Cs", "Cc", "Cf"), blacklist_characters="\r"), max_size=60))
@settings(max_examples=80, deadline=None)
def test_a_browser_reads_back_what_was_given(value: str) -> None:
    seen = read(h("p", {"title": value}, value))
    assert seen.text == value
    assert dict(seen.attributes) == {"title": value}


def test_characters_that_turn_text_around_are_shown_as_such() -> None:
    assert text("abc\u202edef\u2066\u200e") == "abc\ufffddef\ufffd\ufffd"
    assert text("bell\x07 del\x7f") == "bell\ufffd del\ufffd"


def test_an_attribute_is_left_out_stands_alone_or_has_a_value() -> None:
    assert h("input", {"a": None, "b": False, "c": True, "d": 0, "e": ""}) == '<input c d="0" e="">'


def test_children_may_be_nested_lists_and_nothing() -> None:
    assert render(["a", None, [1, Markup("<b></b>")]]) == "a1<b></b>"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0, "0"), (-0.00001, "0"), (0.1, "0.1"), (0.03125, "0.0312"), (9.996, "10"), (12.34, "12.3"), (99.96, "100"),
     (153.4, "153"), (1234567.0, "1\u202f234\u202f567"), (-5.5, "-5.5")],
)  # fmt: skip
def test_numbers_are_short_and_never_exponents(value: float, shown: str) -> None:
    assert number(value) == shown


def test_shares_are_read_as_per_cent_and_a_missing_value_is_a_dash() -> None:
    assert measure(0.42, "humidity", "1") == "42 %"
    assert measure(3.25, "water_level", "m") == "3.25 m"
    assert measure(None, "pm25", "ug/m3") == "–"


@pytest.mark.parametrize(
    ("ms", "shown"),
    [(0, "0 s"), (59_999, "59 s"), (3_600_000, "1 h"), (5_400_000, "1 h 30 min"), (90_061_000, "1 d 1 h")],
)
def test_lengths_of_time_are_read_in_two_units(ms: int, shown: str) -> None:
    assert span(ms) == shown
