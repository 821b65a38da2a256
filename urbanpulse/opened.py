"""A city's log, store and desk, open for reading by whoever settles or shows its account."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass

from alerts.database import DatabaseError
from alerts.desk import Desk
from streams.stores import open_store
from streams.stores.port import StoreError, TimeSeriesStore
from urbanpulse.deployment import Deployment
from urbanpulse.kafka import Reader
from urbanpulse.trouble import TroubleError


@dataclass(frozen=True, slots=True)
class Opened:
    here: Deployment
    reader: Reader
    store: TimeSeriesStore
    desk: Desk


@contextmanager
def opened(here: Deployment) -> Iterator[Opened]:
    """Everything of a deployment. Raises TroubleError for what does not answer, then or while it is read."""
    with ExitStack() as undo:
        reader = undo.enter_context(Reader(kafka_of(here)))
        store = undo.enter_context(store_of(here))
        desk = undo.enter_context(desk_of(here))
        yield Opened(here, reader, store, desk)


@contextmanager
def store_of(here: Deployment) -> Iterator[TimeSeriesStore]:
    """The store alone. Raises TroubleError."""
    try:
        with closing(open_store(here.endpoints.store, here.store_secret)) as store:
            yield store
    except StoreError as error:
        raise TroubleError(f"the store at {here.endpoints.store} does not answer: {error}") from None


@contextmanager
def desk_of(here: Deployment) -> Iterator[Desk]:
    """The desk alone. Raises TroubleError."""
    try:
        with closing(Desk(here.alerts_url, create=False)) as desk:
            yield desk
    except (DatabaseError, FileNotFoundError) as error:
        why = str(getattr(error, "orig", error)).splitlines()[0]
        raise TroubleError(
            f"the alert database at {here.endpoints.alerts} does not answer as one ({why}): does it run, and has the "
            "part alerts run there once?"
        ) from None


def kafka_of(here: Deployment) -> str:
    """Where the log is. Raises TroubleError for an embedded one whose city has stopped: it is gone."""
    if here.embedded_kafka and not here.run.running():
        raise TroubleError(
            f"the city of {here.run.folder} does not run, and its embedded Kafka kept nothing. What there is: "
            "`urbanpulse read`, and report.json in that folder when the run came to its end."
        )
    return here.endpoints.kafka
