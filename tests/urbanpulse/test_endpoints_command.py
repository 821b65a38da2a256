"""An endpoint that answered 410 is shown, and can be switched on again, by a command."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from alerts.desk import Desk
from alerts.tables import EndpointRow
from urbanpulse.cli import app
from urbanpulse.commands import endpoints
from urbanpulse.trouble import TroubleError


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    url = f"sqlite:///{tmp_path / 'alerts.db'}"
    desk = Desk(url)
    with desk.database.write() as session:
        session.add(EndpointRow(endpoint="water/webhook", wall=1, detail="410 Gone"))
    here: Any = SimpleNamespace(alerts_url=url, endpoints=SimpleNamespace(alerts=url))
    monkeypatch.setattr(endpoints, "deployment_of", lambda city, run: here)
    return desk


def test_what_is_switched_off_is_shown_and_switched_on_again(desk: Desk) -> None:
    call = CliRunner().invoke
    assert call(app, ["endpoints"]).output == "water/webhook: 410 Gone\n"
    assert call(app, ["endpoints", "--enable", "water/webhook"]).output == "water/webhook: on again\n"
    assert call(app, ["endpoints"]).output == "no endpoint is switched off\n"
    assert desk.disabled() == {}
    assert call(app, ["endpoints", "--retry", "water/webhook"]).output == "water/webhook: 0 messages are due again\n"


def test_an_endpoint_that_is_on_is_not_switched_on(desk: Desk) -> None:
    result = CliRunner().invoke(app, ["endpoints", "--enable", "water"])
    assert isinstance(result.exception, TroubleError)
    assert "water is not switched off; switched off are: water/webhook" in str(result.exception)
