"""Time-series stores behind one port."""

from urllib.parse import parse_qs, urlsplit

from rules.secret import Secret
from streams.stores.port import TimeSeriesStore


def open_store(url: str, secret: Secret | str | None = None) -> TimeSeriesStore:
    """The store of `sqlite:///path` (four slashes before an absolute path), or of
    `influx+http://host:port/?org=o&bucket=b` (influx+https too) with its token as `secret`.

    Raises ValueError for another kind of url, naming what is wrong with it.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        from streams.stores.sqlite import SqliteStore

        path = url.removeprefix("sqlite:///")
        if parts.netloc or not path or path == url:
            raise ValueError(f"store url {url!r}: expected sqlite:///relative/path or sqlite:////absolute/path")
        return SqliteStore(path)
    if parts.scheme in ("influx+http", "influx+https"):
        from streams.stores.influx import InfluxStore

        if parts.username or parts.password:
            raise ValueError("store url: a token does not belong in the url; give it as a secret")
        query = parse_qs(parts.query, strict_parsing=bool(parts.query))
        if unknown := query.keys() - {"org", "bucket"}:
            raise ValueError(f"store url {url!r}: unknown {', '.join(sorted(unknown))}; known are org and bucket")
        if "bucket" not in query or not parts.hostname:
            raise ValueError(f"store url {url!r}: expected influx+http://host:port/?org=o&bucket=b")
        address = f"{parts.scheme.removeprefix('influx+')}://{parts.netloc}{parts.path.rstrip('/')}"
        token = secret.reveal() if isinstance(secret, Secret) else secret
        return InfluxStore(address, query.get("org", ["-"])[0], query["bucket"][0], token)
    raise ValueError(f"store url {url!r}: the kinds are sqlite, influx+http and influx+https")
