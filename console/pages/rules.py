"""The city's rules that are in force."""

from collections.abc import Mapping, Sequence

from console.html import Markup, h
from console.pages.frame import Look, badge, empty, heading, page
from console.ports import RuleView
from console.words import number

_REASONS = 10


def rules_page(look: Look, rules: Sequence[RuleView], live: Mapping[str, int], refused: Sequence[str] = ()) -> str:
    """`live`: open and acknowledged alerts by rule, of those that the board would show first. `refused`: why the files
    as they are now are not in force."""
    return page(
        look,
        "Rules",
        "/rules",
        heading("Rules", h("span", {"class": "count num"}, number(len(rules)))),
        _refused(refused) if refused else None,
        h("div", {"class": "cards"}, [_card(rule, live.get(rule.name, 0)) for rule in rules])
        if rules
        else empty("This city has no rule."),
    )


def _refused(why: Sequence[str]) -> Markup:
    return h(
        "section",
        {"class": "card", "role": "status"},
        h("p", None, "The city's files have changed and were refused. These rules are still in force."),
        h("ul", None, [h("li", {"class": "sub"}, each) for each in why[:_REASONS]]),
        h("p", {"class": "sub"}, f"and {number(len(why) - _REASONS)} more") if len(why) > _REASONS else None,
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
