"""A certificate for one measurement, and the hash by which a browser is told to accept just this one."""

import base64
import datetime
import hashlib
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"
LIFE = datetime.timedelta(days=2)


@dataclass(frozen=True)
class Certificate:
    cert: Path
    key: Path
    spki_hash: str

    @property
    def settings(self) -> dict[str, str]:
        """Of the server."""
        return {"LYHTY_TLS_CERT": str(self.cert), "LYHTY_TLS_KEY": str(self.key)}

    @property
    def browser_flag(self) -> str:
        """Unlike ignoring errors, this leaves the browser's cache on, as it is in life."""
        return f"--ignore-certificate-errors-spki-list={self.spki_hash}"


def make_certificate(folder: Path) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - LIFE)
        .not_valid_after(now + LIFE)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    made = Certificate(
        folder / "cert.pem", folder / "key.pem", base64.b64encode(hashlib.sha256(spki).digest()).decode()
    )
    made.cert.write_bytes(certificate.public_bytes(Encoding.PEM))
    made.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return made
