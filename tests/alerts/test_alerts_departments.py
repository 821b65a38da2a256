from pathlib import Path

import pytest

from alerts.channels.webhook import WebhookConfig
from alerts.departments import parse_departments
from alerts.secrets import SecretError, SecretSource, resolve

GOOD = """\
departments:
  environment:
    title: Environment office
    channels:
      - {kind: webhook, url: "http://127.0.0.1:9000/hook", secret: {env: HOOK_SECRET}, severities: [orange, red]}
      - kind: webhook
        name: night-desk
        url: https://night.example.org/hook
        secret: [{file: secrets/new}, {file: secrets/old}]
      - {kind: log, severities: yellow}
  water:
    channels: []
"""


def test_a_good_file() -> None:
    departments, faults = parse_departments(GOOD, "departments.yaml")
    assert faults == []
    environment = departments["environment"]
    assert environment.title == "Environment office"
    assert [each.endpoint for each in environment.channels] == [
        "environment/webhook",
        "environment/night-desk",
        "environment/log",
    ]
    first, night, log = environment.channels
    assert first.severities == {"orange", "red"}
    assert first.config == WebhookConfig("http://127.0.0.1:9000/hook", (SecretSource(env="HOOK_SECRET"),))
    assert night.config.secrets == (SecretSource(file="secrets/new"), SecretSource(file="secrets/old"))
    assert log.kind == "log"
    assert log.severities == {"yellow"}
    assert (departments["water"].title, departments["water"].channels) == ("water", ())


def faults_of(channel: str) -> list[str]:
    text = f"departments:\n  environment:\n    channels:\n      - {channel}\n"
    _departments, faults = parse_departments(text, "departments.yaml")
    assert all(fault.file == "departments.yaml" for fault in faults)
    return [str(fault) for fault in faults]


@pytest.mark.parametrize(
    ("channel", "fault"),
    [
        ("{kind: webhok}", "departments.yaml:4: departments.environment.channels[0].kind: unknown: 'webhok'. did you"),
        ("{url: x}", "departments.yaml:4: departments.environment.channels[0]: the key 'kind' is missing"),
        ("{kind: log, sevrities: [red]}", "channels[0].sevrities: unknown key. did you mean 'severities'?"),
        ("{kind: log, name: A/B}", "channels[0].name: not a name for a channel"),
        ("{kind: log, severities: []}", "severities: an empty list"),
        ("{kind: log, severities: [1]}", "severities[0]: must be text"),
        ("{kind: log, kind: log}", "the key is there twice"),
        ("just text", "must be a mapping"),
        ("{kind: webhook, url: 'https://a.example/'}", "the key 'secret' is missing"),
        ("{kind: webhook, url: 'http://a.example/', secret: {env: A}}", "url: http is for this machine only"),
        ("{kind: webhook, url: 'https://a.example/', secret: whsec_abc}", "secret: must be a mapping"),
        ("{kind: webhook, url: 'https://a.example/', secret: {env: A, file: b}}", "a secret has one source"),
        ("{kind: webhook, url: 'https://a.example/', secret: {}}", "a secret has one source"),
        ("{kind: webhook, url: 'https://a.example/', secret: {evn: A}}", "unknown key. did you mean 'env'?"),
        ("{kind: webhook, url: 'https://u:hunter2@a.example/', secret: {env: A}}", "url: a URL holds no user"),
        ("{kind: webhook, url: 'https://169.254.169.254/', secret: {env: A}}", "url: 169.254.169.254 is a reserved"),
    ],
)
def test_a_fault_has_its_place_and_a_suggestion(channel: str, fault: str) -> None:
    (found,) = faults_of(channel)[:1]
    assert fault in found
    assert "hunter2" not in found
    assert len(faults_of(channel)) == len(set(faults_of(channel)))


def test_every_fault_is_reported_at_once() -> None:
    text = """\
departments:
  Environment Office:
    channels: {}
  water:
    titel: Water
    channels:
      - {kind: log}
      - {kind: log}
"""
    _, faults = parse_departments(text, "departments.yaml")
    assert [(fault.line, fault.key) for fault in sorted(faults)] == [
        (2, "departments.Environment Office"),
        (3, "departments.Environment Office.channels"),
        (5, "departments.water.titel"),
        (8, "departments.water.channels[1]"),
    ]


@pytest.mark.parametrize("text", ["", "- a", "departments: [", "departments: {a: &a [*a]}", "department: {}"])
def test_what_is_no_such_file_is_a_fault_and_no_crash(text: str) -> None:
    _, faults = parse_departments(text, "departments.yaml")
    assert faults


def test_secrets_come_from_the_environment_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "hook").write_text(" whsec_x\n")
    assert resolve(SecretSource(file="hook"), {}, tmp_path).reveal() == "whsec_x"
    assert resolve(SecretSource(env="HOOK"), {"HOOK": "whsec_y"}, tmp_path).reveal() == "whsec_y"
    for missing in (SecretSource(file="none"), SecretSource(env="NONE")):
        with pytest.raises(SecretError):
            resolve(missing, {}, tmp_path)
    (tmp_path / "empty").write_text("\n")
    with pytest.raises(SecretError, match="empty"):
        resolve(SecretSource(file="empty"), {}, tmp_path)


def test_a_url_may_hold_a_token_so_it_is_not_shown_whole() -> None:
    config = WebhookConfig("https://hooks.example.org/services/T0KEN?key=T0KEN", ())
    assert repr(config) == "WebhookConfig(https://hooks.example.org, 0 secrets)"
