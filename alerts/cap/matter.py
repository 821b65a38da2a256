"""An alert as a CAP message: what a finding is in the standard's terms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from alerts.cap.compose import Words, bilingual
from alerts.cap.instant import instant_text
from alerts.cap.message import Area, Info, Message, Pairs, Reference
from alerts.cap.words import chinese, words
from alerts.message import instant
from rules.finding import Finding
from rules.indices.china_tables import POLLUTANTS
from rules.indices.warning import Colour, cap_terms
from rules.indices.waterlogging import DEFAULT as DEPTHS
from rules.text import number

LONGEST = 1_000
"""Characters of a description."""
AHEAD: Mapping[str, float] = {"waterlogging_soon": DEPTHS.ahead}
"""Metrics that say what will be, and in how many minutes."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BY_METRIC: Mapping[tuple[str, ...], tuple[str, ...]] = {
    (*POLLUTANTS, "aqi_", "nowcast_", "heavy_pollution", "who_level", "air_limit"): ("Env", "Health"),
    ("noise", "leq_", "lden", "l10_", "l50_", "l90_"): ("Env", "Health"),
    ("temperature", "dew_point", "pressure", "humidity", "wind_", "rain", "heat_"): ("Met",),
    ("water",): ("Met", "Safety"),
    ("speed", "flow", "occupancy", "tpi", "congestion_", "density", "level_of_service", "incident_"): ("Transport",),
}


@dataclass(frozen=True, slots=True)
class Profile:
    """What a receiver has agreed on, the same in all its messages. `severities`: words of CAP for severities that are
    no colours of the warning scale."""

    sender: str
    status: str = "Actual"
    scope: str = "Private"
    restriction: str = ""
    addresses: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("en",)
    sender_name: str = ""
    contact: str = ""
    web: str = ""
    severities: Mapping[str, str] = field(default_factory=dict)


def message_of(
    profile: Profile, finding: Finding, identifier: str, sent: int, area: Area, earlier: Sequence[Message]
) -> Message:
    """The message that tells of a finding. `sent`: when (wall ms). `earlier`: those that this receiver was sent of the
    same alert, oldest first; those before the last Cancel are over and are not referred to.

    The first of a life is an Alert, the next ones Updates, the end is a Cancel that says AllClear: nothing has an end
    of its own (`expires`), so only a Cancel takes a warning down everywhere. What late readings put right is an Update,
    what they take back a Cancel.
    """
    # What comes to light of a life that is over is about the messages of that life.
    standing = _since_cancel(earlier) or (earlier if finding.before is not None else ())
    return Message(
        identifier=identifier,
        sender=profile.sender,
        sent=_moment(sent),
        status=profile.status,
        type="Alert" if not standing else "Cancel" if _is_over(finding) else "Update",
        source="urbanpulse",
        scope=profile.scope,
        restriction=profile.restriction,
        addresses=profile.addresses,
        note=_note(finding),
        references=tuple(Reference(each.sender, each.identifier, instant_text(each.sent)) for each in standing),
        incidents=(finding.episode,),
        infos=bilingual(_told(profile, finding), _common(profile, finding, area)),
    )


def _is_over(finding: Finding) -> bool:
    """Whether what was told ends, or never was."""
    return not finding.severity and finding.change != "undecided"


def _note(finding: Finding) -> str:
    """Why it is not as before, where that is no mere change of severity."""
    if finding.before is not None:
        return finding.text
    if finding.change == "undecided":
        return "it cannot be decided now; what was told stands"
    return f"cleared as of {instant(finding.at)}" if _is_over(finding) else ""


def _since_cancel(earlier: Sequence[Message]) -> Sequence[Message]:
    ends = [number for number, each in enumerate(earlier) if each.type == "Cancel"]
    return earlier[ends[-1] + 1 :] if ends else earlier


def _told(profile: Profile, finding: Finding) -> dict[str, Words]:
    """By language. A sentence of which nobody says the language is told to those who read its letters."""
    found = {language: words(finding, language) for language in profile.languages}
    if not finding.texts and finding.text:
        han = any("\u4e00" <= each <= "\u9fff" for each in finding.text)
        alike = [language for language in profile.languages if chinese(language) == han]
        language = alike[0] if alike else profile.languages[0]
        found[language] = found[language]._replace(description=finding.text)
    return {
        language: each._replace(description=each.description[:LONGEST], sender_name=profile.sender_name)
        for language, each in found.items()
    }


def _common(profile: Profile, finding: Finding, area: Area) -> Info:
    over = _is_over(finding)
    colour = Colour.__members__.get(finding.about)
    ahead = AHEAD.get(finding.metric, 0.0)
    terms = cap_terms(colour or Colour.blue, observed=not ahead, ahead_minutes=ahead)
    severity = profile.severities.get(finding.about) or (terms.severity if colour else "Unknown")
    return Info(
        categories=_categories(finding),
        event=finding.rule,
        responses=("AllClear",) if over else ("Monitor",) if severity in ("Minor", "Moderate") else ("Assess",),
        urgency="Past" if over else "Unknown" if finding.change == "undecided" else terms.urgency,
        severity=severity,
        certainty="Unknown" if finding.change == "undecided" else terms.certainty,
        effective=_moment(finding.at),
        onset=_moment(finding.onset),
        contact=profile.contact,
        web=profile.web,
        parameters=_parameters(finding),
        areas=(area,),
    )


def _categories(finding: Finding) -> tuple[str, ...]:
    if finding.kind == "silence":
        return ("Infra",)
    return next(
        (found for metrics, found in _BY_METRIC.items() if any(finding.metric.startswith(each) for each in metrics)),
        ("Other",),
    )


def _parameters(finding: Finding) -> Pairs:
    evidence = finding.evidence
    pairs = (
        ("rule", finding.rule),
        ("metric", finding.metric),
        ("sensor", finding.sensor),
        ("colour", finding.about),
        ("value", number(finding.value)),
        ("limit", number(finding.limit)),
        ("unit", finding.unit),
        ("revision", str(finding.revision)),
        ("evidence", f"{evidence.topic} {evidence.partition} {evidence.first}-{evidence.last}"),
    )
    return tuple((name, value) for name, value in pairs if value)


def _moment(ms: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=ms)
