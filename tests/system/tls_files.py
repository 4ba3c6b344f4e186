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


def make_certificate(folder: Path, address: str, *, days: int = 1) -> TlsFiles:
    """Make a certificate for an IP address, good for ``days``; 0: expired."""
    files = TlsFiles(folder / "camera.crt", folder / "camera.key")
    request, names = folder / "camera.csr", folder / "camera.names"
    names.write_text(f"subjectAltName=IP:{address}", encoding="utf-8")
    what = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=camera"
    _openssl("req", *what.split(), "-keyout", files.key, "-out", request)
    signed = ("-in", request, "-signkey", files.key, "-out", files.certificate)
    _openssl("x509", "-req", "-days", str(days), "-extfile", names, *signed)
    return files


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)
