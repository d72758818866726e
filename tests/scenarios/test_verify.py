"""An auditor holds a running server against the manifest of its release, from the command line."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.request import urlopen

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.patience import PATIENCE_S
from tests.scenarios.server_process import ServerProcess


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As `make manifest` writes it."""
    file = tmp_path_factory.mktemp("release") / "manifest.json"
    file.write_bytes(subprocess.check_output([sys.executable, "-m", "lyhty_server.api.manifest", "0.1.0"]))
    return file


def verify(url: str, manifest: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lyhty_client", "verify", url, "--manifest", manifest, *more]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_server_of_the_release_is_told_to_be_one(server: ServerProcess, manifest: Path) -> None:
    done = verify(server.url, manifest)
    assert (done.returncode, done.stderr) == (0, "")
    assert "hands out release 0.1.0" in done.stdout


def test_a_server_of_another_build_is_told_apart(server: ServerProcess, manifest: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text(manifest.read_text().replace("frame-ancestors 'none'", "frame-ancestors 'self'"))
    done = verify(server.url, other)
    assert done.returncode == 1
    assert "Content-Security-Policy" in done.stdout


def test_over_tls_a_server_tells_browsers_to_insist_on_it(
    own_server: Callable[..., ServerProcess], manifest: Path, tmp_path: Path
) -> None:
    certificate, key = certificate_of_this_computer(tmp_path)
    server = own_server(settings={"LYHTY_TLS_CERT": str(certificate), "LYHTY_TLS_KEY": str(key)})
    done = verify(server.url, manifest, "--ca", str(certificate))
    assert (done.returncode, done.stderr) == (0, "")


def test_without_tls_nothing_is_said_about_it(server: ServerProcess) -> None:
    with urlopen(server.url, timeout=PATIENCE_S) as answer:  # noqa: S310 - loopback
        assert "Strict-Transport-Security" not in answer.headers


def certificate_of_this_computer(folder: Path) -> tuple[Path, Path]:
    """For 127.0.0.1, signed by itself, good for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Lyhty test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "cert.pem", folder / "key.pem"
