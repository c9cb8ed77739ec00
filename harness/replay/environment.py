"""The variables that lead every HTTP client of a process to the proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

# The files that ``make_authority`` writes; named here, since their names must not cost an import
# of cryptography.
AUTHORITY = "authority.pem"
BUNDLE = "bundle.pem"
WGETRC = "wgetrc"

TRUSTED = "SSL_CERT_FILE"
"""The variable that names the authorities which this machine trusts, if not the usual ones."""

# The private services are reached directly; so is anything else on this machine.
_DIRECT = ("127.0.0.1", "localhost", "::1")
_PROXY = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
# Each replaces the client's trust store, so where others are reached without the proxy the usual
# authorities are in it too; to read them takes OpenSSL some 10 ms for each connection.
_BUNDLES = (
    "SSL_CERT_FILE",  # OpenSSL: urllib and pandas, httpx, aiohttp; polars and uv (rustls)
    "REQUESTS_CA_BUNDLE",  # requests; beats session.verify
    "CURL_CA_BUNDLE",
    "AWS_CA_BUNDLE",  # botocore
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
    "HTTPLIB2_CA_CERTS",  # google-api-python-client
    "GIT_SSL_CAINFO",
    "PIP_CERT",
)


def proxy_environment(
    *, host: str, port: int, folder: Path, direct: Iterable[str] = ()
) -> dict[str, str]:
    """The variables, in both cases where clients differ.

    Args:
        host: The proxy's address.
        port: The proxy's port.
        folder: The folder with the files of ``make_authority``.
        direct: Further hosts that are reached without the proxy.
    """
    proxy = f"http://{host}:{port}"
    reached = tuple(dict.fromkeys((*_DIRECT, *direct)))
    trusted = folder / (AUTHORITY if reached == _DIRECT else BUNDLE)
    variables = dict.fromkeys(_PROXY, proxy)
    variables["NO_PROXY"] = ",".join(reached)
    variables |= {name.lower(): value for name, value in variables.items()}
    variables |= dict.fromkeys(_BUNDLES, str(trusted))
    variables |= {
        "NODE_EXTRA_CA_CERTS": str(folder / AUTHORITY),
        "NODE_USE_ENV_PROXY": "1",
        "WGETRC": str(folder / WGETRC),
    }
    return variables
