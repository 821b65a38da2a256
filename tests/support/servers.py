"""Real servers for tests, one helper each: `start`, `stop`, a temporary folder, 127.0.0.1 and a free port.

`tests/support/install-servers` installs them. A server that is not there raises `UnavailableError` with the reason, and
the test that needs it skips with that text. Only processes started here are ended, by pid.
"""

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
JARS = Path(os.environ.get("URBANPULSE_KAFKA_JARS", REPOSITORY / "build" / "kafka-jars"))


class UnavailableError(RuntimeError):
    """This server cannot be had on this machine; the text says why."""


def free_port() -> int:
    """A free port below those that the kernel gives to outgoing connections: while a server is down, clients that try
    again and again must not be given its port as their own, or meet themselves there."""
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def program(*names: str) -> str:
    """The path of the first program that exists. Raises UnavailableError."""
    for name in names:
        if found := shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"):
            return found
    raise UnavailableError(f"no {' or '.join(names)} on this machine: run tests/support/install-servers")


def answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.3):
            return True
    except OSError:
        return False


class Server:
    """One process with a folder of its own. Subclasses say how to start it and when it is ready."""

    name = "server"
    ready_seconds = 30.0

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"urbanpulse-{self.name}-"))
        self.folder.chmod(0o755)
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None

    def command(self) -> list[str]:
        raise AssertionError(f"{type(self).__name__} does not say how it is started")

    def ready(self) -> bool:
        return answers(self.port)

    def environment(self) -> dict[str, str]:
        return dict(os.environ)

    def start(self) -> "Server":
        """Start it, or start it again with the data it has. Raises RuntimeError with the end of its log."""
        self._log = (self.folder / "log").open("ab")
        self.process = subprocess.Popen(
            self.command(), stdout=self._log, stderr=self._log, cwd=self.folder, env=self.environment()
        )
        deadline = time.monotonic() + self.ready_seconds
        while not self.ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"{self.name} did not start:\n{(self.folder / 'log').read_text()[-3000:]}")
            time.sleep(0.05)
        return self

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it by its pid and wait; harmless when it is not running."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None
        if self._log is not None:
            self._log.close()
            self._log = None

    def freeze(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class Mosquitto(Server):
    """Debian's mosquitto 2 with persistence, passwords and an ACL; queue limits sized for the tests' bursts.

    Users: `bridge` reads the city and owns the ticks and the clock topic, `sensors` writes the city, `simulator`
    writes the city and the clock. Every password is `PASSWORD`.
    """

    name = "mosquitto"
    PASSWORD = "for-tests-only"

    def __init__(self, anonymous: bool = False) -> None:
        super().__init__()
        self.binary = program("mosquitto")
        lines = [
            f"listener {self.port} 127.0.0.1",
            "persistence true",
            f"persistence_location {self.folder}/",
            "autosave_interval 60",
            "max_queued_messages 2000000",
            "max_inflight_messages 0",
            "set_tcp_nodelay true",
        ]
        if anonymous:
            lines.append("allow_anonymous true")
        else:
            passwords, acl = self.folder / "passwords", self.folder / "acl"
            passwords.touch()
            for user in ("bridge", "sensors", "simulator"):
                subprocess.run([program("mosquitto_passwd"), "-b", passwords, user, self.PASSWORD], check=True)
            acl.write_text(
                "user bridge\ntopic read city/#\ntopic readwrite urbanpulse/tick/#\ntopic read urbanpulse/clock\n"
                "user sensors\ntopic write city/#\n"
                "user simulator\ntopic write city/#\ntopic write urbanpulse/clock\n"
            )
            for file in (passwords, acl):
                file.chmod(0o644)
            lines += ["allow_anonymous false", f"password_file {passwords}", f"acl_file {acl}"]
        self.folder.chmod(0o777)  # started as root it becomes the user mosquitto
        (self.folder / "mosquitto.conf").write_text("\n".join(lines) + "\n")

    def command(self) -> list[str]:
        return [self.binary, "-c", str(self.folder / "mosquitto.conf")]


class Kafka(Server):
    """Apache Kafka 4 in KRaft mode, one node, from the jars that install-servers fetched."""

    name = "kafka"
    ready_seconds = 60.0

    def __init__(self) -> None:
        super().__init__()
        if not (JARS / ".complete").exists():
            raise UnavailableError("Apache Kafka's jars are not in build/kafka-jars: run tests/support/install-servers")
        self.java, self.controller = program("java"), free_port()
        properties = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@127.0.0.1:{self.controller}",
            "listeners": f"PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{self.controller}",
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{self.port}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "controller.listener.names": "CONTROLLER",
            "log.dirs": str(self.folder / "data"),
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "4",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
            "auto.create.topics.enable": "false",
            "log.cleaner.backoff.ms": "1000",
        }
        text = "".join(f"{key}={value}\n" for key, value in properties.items())
        (self.folder / "server.properties").write_text(text)
        self._run(
            "kafka.tools.StorageTool",
            "format", "-t", "AAAAAAAAAAAAAAAAAAAAAA", "-c", str(self.folder / "server.properties"),
        )  # fmt: skip

    def _java(self, *words: str) -> list[str]:
        quiet = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
        return [self.java, "-Xmx512m", "-XX:+UseSerialGC", quiet, "-cp", f"{JARS}/*", *words]

    def _run(self, *words: str) -> None:
        done = subprocess.run(self._java(*words), capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stdout + done.stderr)

    def command(self) -> list[str]:
        return self._java("kafka.Kafka", str(self.folder / "server.properties"))

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def ready(self) -> bool:
        if not answers(self.port):
            return False
        from kafka import KafkaAdminClient
        from kafka.errors import KafkaError

        try:
            admin = KafkaAdminClient(bootstrap_servers=self.address, request_timeout_ms=3000)
        except KafkaError:
            return False
        try:
            admin.list_topics()
            return True
        except KafkaError:
            return False
        finally:
            admin.close()


_INFLUX = """
reporting-disabled = true
bind-address = "127.0.0.1:{rpc}"
[meta]
  dir = "{folder}/meta"
[data]
  dir = "{folder}/data"
  wal-dir = "{folder}/wal"
  index-version = "tsi1"
  wal-fsync-delay = "0s"
  query-log-enabled = false
[http]
  bind-address = "127.0.0.1:{http}"
  log-enabled = false
[monitor]
  store-enabled = false
[subscriber]
  enabled = false
[continuous_queries]
  enabled = false
"""

# InfluxDB 1.6 has no /api/v2/write. This translates the client's v2 writes and its token, nothing else.
_NGINX = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.err; worker_processes 1;
events {{ worker_connections 256; }}
http {{
  access_log off; client_max_body_size 64m;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  map $arg_precision $v1prec {{ default n; ns n; us u; ms ms; s s; }}
  upstream inf {{ server 127.0.0.1:{http}; keepalive 8; }}
  server {{
    listen 127.0.0.1:{port};
    proxy_http_version 1.1; proxy_set_header Connection "";
    location = /api/v2/write {{
      if ($http_authorization != "Token {token}") {{ return 401 '{{"code":"unauthorized"}}'; }}
      proxy_set_header Authorization "";
      rewrite ^ /write?db=$arg_bucket&precision=$v1prec? break;
      proxy_pass http://inf;
    }}
    location = /query {{
      if ($http_authorization != "Token {token}") {{ return 401 '{{"code":"unauthorized"}}'; }}
      proxy_set_header Authorization "";
      proxy_pass http://inf;
    }}
    location = /ping {{ proxy_pass http://inf; }}
    location = /health {{ return 200 '{{"name":"influxdb","status":"pass"}}'; }}
  }}
}}
"""


class _Influxd(Server):
    name = "influxd"

    def __init__(self) -> None:
        super().__init__()
        self.binary = program("influxd")
        text = _INFLUX.format(rpc=free_port(), http=self.port, folder=self.folder)
        (self.folder / "influxdb.conf").write_text(text)

    def command(self) -> list[str]:
        return [self.binary, "-config", str(self.folder / "influxdb.conf")]

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/ping", timeout=1) as response:
                return bool(response.status == 204)
        except (OSError, urllib.error.URLError):
            return False


class Influx(Server):
    """Debian's InfluxDB 1.6.7 behind a small nginx that speaks the v2 write path; `url` is for influxdb-client."""

    name = "influx"
    TOKEN = "token-for-tests-only"
    BUCKET = "city"

    def __init__(self) -> None:
        super().__init__()
        self.binary = program("nginx")
        self.database = _Influxd()
        conf = _NGINX.format(folder=self.folder, http=self.database.port, port=self.port, token=self.TOKEN)
        (self.folder / "nginx.conf").write_text(conf)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def store_url(self) -> str:
        return f"influx+{self.url}/?org=city&bucket={self.BUCKET}"

    def command(self) -> list[str]:
        return [self.binary, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]

    def start(self) -> "Influx":
        self.database.start()
        self.query(f'CREATE DATABASE "{self.BUCKET}"')
        super().start()
        return self

    def query(self, text: str) -> bytes:
        """Ask the database itself, not through nginx."""
        body = urllib.parse.urlencode({"q": text, "db": self.BUCKET}).encode()
        with urllib.request.urlopen(f"http://127.0.0.1:{self.database.port}/query", body, timeout=10) as response:
            return bytes(response.read())

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        super().stop(how)
        self.database.stop(how)

    def remove(self) -> None:
        super().remove()
        self.database.remove()


class Postgres(Server):
    """Debian's PostgreSQL in a folder of its own; as root it runs as the user postgres, as it must."""

    name = "postgres"

    def __init__(self) -> None:
        super().__init__()
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
        if not found:
            raise UnavailableError("no PostgreSQL server on this machine: run tests/support/install-servers")
        self.bin = found[-1].parent
        self.as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
        if self.as_user:
            shutil.chown(self.folder, "postgres", "postgres")
        initdb = [*self.as_user, str(self.bin / "initdb"), "-D", str(self.folder / "data"), "-U", "urbanpulse"]
        subprocess.run([*initdb, "--auth=trust", "-E", "UTF8"], check=True, capture_output=True)

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://urbanpulse@127.0.0.1:{self.port}/postgres"

    def command(self) -> list[str]:
        where = ["-D", str(self.folder / "data"), "-p", str(self.port), "-h", "127.0.0.1", "-k", str(self.folder)]
        return [*self.as_user, str(self.bin / "postgres"), *where]

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        super().stop(how)


@contextlib.contextmanager
def running(kind: type[Server], **options: bool) -> Iterator[Server]:
    """A started server for a `with` block or a fixture; skips the test when it cannot be had."""
    try:
        server = kind(**options)
    except UnavailableError as why:
        pytest.skip(str(why))
    try:
        yield server.start()
    finally:
        server.remove()
