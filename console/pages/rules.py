"""The city's rules, as they are loaded."""

from collections.abc import Mapping, Sequence

from console.html import Markup, h
from console.pages.frame import Look, badge, empty, heading, page
from console.ports import RuleView
from console.words import number


def rules_page(look: Look, rules: Sequence[RuleView], live: Mapping[str, int]) -> str:
    """`live`: open and acknowledged alerts by rule, of those that the board would show first."""
    return page(
        look,
        "Rules",
        "/rules",
        heading("Rules", h("span", {"class": "count num"}, number(len(rules)))),
        h("div", {"class": "cards"}, [_card(rule, live.get(rule.name, 0)) for rule in rules])
        if rules
        else empty("This city has no rule."),
    )


def _card(rule: RuleView, live: int) -> Markup:
    return h(
        "article",
        {"class": "card", "id": rule.name},
        h("header", None, h("h2", None, rule.name), h("span", {"class": "tag"}, rule.kind)),
        h("p", None, rule.condition),
        h("ul", {"class": "levels"}, [h("li", None, badge(name), " ", words) for name, words in rule.levels]),
        h(
            "p",
            {"class": "sub"},
            "For ",
            rule.where,
            "; tells ",
            ", ".join(rule.notify) or "the sensor's department",
            ".",
        ),
        h("p", {"class": "sub text"}, "“", rule.text, "”") if rule.text else None,
        h("p", {"class": "now"}, f"{number(live)} live") if live else None,
    )
