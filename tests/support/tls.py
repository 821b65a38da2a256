"""Servers that speak TLS, with a certificate that only their own tests believe."""

import subprocess
from pathlib import Path

from tests.support.servers import Mosquitto, free_port


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1, and its key."""
    file, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", file, "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    return file, key


class TlsMosquitto(Mosquitto):
    """Mosquitto with a second listener, for TLS only; `ca` is whom to believe."""

    def __init__(self, anonymous: bool = False) -> None:
        super().__init__(anonymous)
        self.tls_port = free_port()
        self.ca, key = certificate(self.folder)
        key.chmod(0o644)  # started as root it becomes the user mosquitto
        conf = self.folder / "mosquitto.conf"
        listener = f"listener {self.tls_port} 127.0.0.1\ncertfile {self.ca}\nkeyfile {key}\n"
        conf.write_text(conf.read_text() + listener)
