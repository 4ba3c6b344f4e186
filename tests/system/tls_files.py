"""A self-signed certificate, as cameras have one."""

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """A certificate and its key."""

    certificate: Path
    key: Path

    def server_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context


def make_certificate(folder: Path, address: str) -> TlsFiles:
    """Make a certificate for an IP address, good for a day."""
    files = TlsFiles(folder / "camera.crt", folder / "camera.key")
    what = "-x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=camera"
    where = ("-keyout", files.key, "-out", files.certificate)
    names = f"subjectAltName=IP:{address}"
    subprocess.run(
        ["openssl", "req", *what.split(), "-addext", names, *where],
        check=True,
        capture_output=True,
    )
    return files
