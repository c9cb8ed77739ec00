"""A throw-away certificate authority, and the files by which clients trust it."""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import certifi
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from harness.moment import EARLIEST, LATEST
from harness.replay.environment import AUTHORITY, BUNDLE, WGETRC

if TYPE_CHECKING:
    from collections.abc import Callable

# The name by which mitmproxy looks for its authority in its folder.
_KEY_FILE = "mitmproxy-ca.pem"


def make_authority(folder: Path) -> None:
    """Write a new authority's key for mitmproxy and the files for clients.

    The authority is elliptic (P-256): mitmproxy's own RSA key takes 50 to 180 ms to make, and
    each host's certificate is signed faster.

    Args:
        folder: A private folder. It gets ``authority.pem`` (the certificate alone),
            ``bundle.pem`` (certifi's certificates and this one) and ``wgetrc``.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certificate(key).public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    _write(folder / _KEY_FILE, secret + certificate)
    _write(folder / AUTHORITY, certificate)
    known = Path(certifi.where()).read_bytes()
    _write(folder / BUNDLE, known + b"\n" + certificate)
    wgetrc = f"ca_certificate = {folder / BUNDLE}\nhsts = off\n"
    _write(folder / WGETRC, wgetrc.encode())


def lasting(make: Callable[..., Any]) -> Callable[..., Any]:
    """A maker of certificates for hosts, whose certificates are valid at any time.

    A client may have another time than the proxy, and mitmproxy's are valid from two days ago.

    Args:
        make: ``mitmproxy.certs.dummy_cert``, which is given the authority's key first.
    """

    @functools.wraps(make)
    def made(key: ec.EllipticCurvePrivateKey, *parts: Any, **named: Any) -> Any:
        short = make(key, *parts, **named)
        leaf = x509.load_pem_x509_certificate(short.to_pem())
        builder = (
            x509.CertificateBuilder()
            .subject_name(leaf.subject)
            .issuer_name(leaf.issuer)
            .public_key(leaf.public_key())
            .serial_number(leaf.serial_number)
            .not_valid_before(EARLIEST)
            .not_valid_after(LATEST)
        )
        for one in leaf.extensions:
            builder = builder.add_extension(one.value, critical=one.critical)
        return type(short)(builder.sign(key, hashes.SHA256()))

    return made


def _certificate(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mage-harness throw-away authority")])
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(EARLIEST)
        .not_valid_after(LATEST)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=False,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=True,
                crl_sign=True,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .sign(key, hashes.SHA256())
    )


def _write(file: Path, content: bytes) -> None:
    descriptor = os.open(file, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
