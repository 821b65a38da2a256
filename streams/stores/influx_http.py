"""Talking to InfluxDB through influxdb-client, and what each of its answers means. The retries are the caller's:
the client's own hide errors (docs/decisions/0004-state-records.md does the same for Kafka)."""

import enum
from typing import Any

import msgspec
from influxdb_client import InfluxDBClient, WriteService
from influxdb_client.rest import ApiException
from urllib3.exceptions import HTTPError

from streams.stores.influx_text import InfluxError, series_of
from streams.stores.port import StoreAwayError, StoreRefusesError


class Meaning(enum.Enum):
    stored = "stored"
    bad_line = "a line of the body will never be taken"
    too_large = "the body is too large"
    refuses = "a wrong token, organisation, bucket or address"
    away = "unknown whether it was stored"


def meaning(status: int) -> Meaning:
    """Exactly 204 is success: a 200 may be a proxy's login page."""
    if status == 204:
        return Meaning.stored
    if status in (400, 422):
        return Meaning.bad_line
    if status == 413:
        return Meaning.too_large
    if status in (429, 408) or status >= 500:
        return Meaning.away
    return Meaning.refuses


class InfluxHttp:
    """One server, one bucket. Safe to use from several threads."""

    def __init__(self, address: str, org: str, bucket: str, token: str | None, timeout_ms: int = 30_000) -> None:
        self.address, self._org, self._bucket = address, org, bucket
        # No gzip: on loopback it costs a quarter of the throughput, and a truncated body is a 500 for ever.
        self._client = InfluxDBClient(address, token or "", org=org, timeout=timeout_ms, enable_gzip=False)
        self._writes = WriteService(self._client.api_client)

    def write(self, body: str) -> tuple[int, str]:
        """Send lines with times in ms; the status and the server's words. Raises StoreAwayError without an answer."""
        try:
            _, status, _ = self._writes.post_write_with_http_info(
                self._org, self._bucket, body.encode(), precision="ms", content_type="text/plain; charset=utf-8"
            )
        except ApiException as error:
            return int(error.status or 0) or 500, _words(error)
        except (HTTPError, OSError) as error:
            raise StoreAwayError(f"InfluxDB at {self.address}: {error}") from error
        return int(status), ""

    def query(self, statements: str) -> list[tuple[int, dict[str, Any]]]:
        """The series of each statement's result. Raises StoreAwayError or StoreRefusesError."""
        try:
            response = self._client.api_client.call_api(
                "/query",
                "POST",
                header_params={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
                post_params=[("db", self._bucket), ("epoch", "ms"), ("q", statements)],
                _preload_content=False,
                _return_http_data_only=True,
            )
            body = response.data
            if response.status != 200:
                raise ApiException(status=response.status, reason=body[:300])
            return list(series_of(msgspec.json.decode(body)))
        except ApiException as error:
            kind = meaning(int(error.status or 500))
            wrong = StoreRefusesError if kind is Meaning.refuses else StoreAwayError
            raise wrong(f"InfluxDB at {self.address}: {error.status} {_words(error)}") from error
        except InfluxError as error:
            wrong = StoreRefusesError if "not found" in str(error) else StoreAwayError
            raise wrong(f"InfluxDB at {self.address}: {error}") from error
        except (HTTPError, OSError, msgspec.DecodeError) as error:
            raise StoreAwayError(f"InfluxDB at {self.address}: {error}") from error

    def close(self) -> None:
        self._client.close()


def _words(error: ApiException) -> str:
    body = error.body if error.body else error.reason
    words = body.decode(errors="replace") if isinstance(body, bytes) else str(body)
    return words.strip()[:500]
