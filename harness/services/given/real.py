"""A real Google Cloud project: whether it is the one that was meant, and what is made in it."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from harness.errors import EnvironmentNotAbleError, InputError, ServiceError
from harness.machine.order import order
from harness.services.given.real_credentials import SignIn, application_default

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.enclosure.plan import Door

GCS = "https://storage.googleapis.com"
BIGQUERY = "https://bigquery.googleapis.com"
LABELS = {"mage-harness": "throw-away"}
REMOVAL = "harness.services.given.real_removal"

_PROJECT = re.compile(r"(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]")
_PATIENCE = 20.0
_PORTS = {"http": 80, "https": 443}
_OK = 200
_UNKNOWN = {400, 403, 404}
_SIGN_IN = ("oauth2.googleapis.com", "sts.googleapis.com", "iamcredentials.googleapis.com")
# What leads a process of this machine to Google.
_PASSED = (
    *("HOME", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
    *("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CLOUDSDK_CONFIG"),
    *("ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"),
)


@dataclass(frozen=True, kw_only=True)
class RealProject:
    """The project that was typed, and the names of what one session makes in it.

    Nothing but the bucket ``mage-harness-<token>`` and the dataset ``mage_harness_<token>`` is
    made, emptied or removed by the harness. Pipelines have the same credentials, so what they
    write to other names is real, and stays.

    Attributes:
        project: The project's id.
        sign_in: The credentials.
        token: 16 hexadecimal digits, another for each session.
        location: Where the bucket and the dataset are.
        gcs: Cloud Storage's address; another than Google's in tests.
        bigquery: BigQuery's address, likewise.
    """

    project: str
    sign_in: SignIn
    token: str
    location: str = "US"
    gcs: str = GCS
    bigquery: str = BIGQUERY

    @property
    def bucket(self) -> str:
        """The throw-away bucket's name."""
        return f"mage-harness-{self.token}"

    @property
    def dataset(self) -> str:
        """The throw-away dataset's name."""
        return f"mage_harness_{self.token}"

    @property
    def doors(self) -> tuple[Door, ...]:
        """Hosts and ports that pipelines must reach: walls, guard and proxy let them through."""
        urls = [urlsplit(url) for url in (self.gcs, self.bigquery, *self.sign_in.urls)]
        named = [(url.hostname or "", url.port or _PORTS[url.scheme]) for url in urls]
        if self.gcs == GCS:
            # Clients of an older kind go to the first; the others give tokens.
            named += [(host, _PORTS["https"]) for host in ("www.googleapis.com", *_SIGN_IN)]
        return tuple(dict.fromkeys(named))

    def removal(self, *arguments: str) -> tuple[list[str], dict[str, str]]:
        """The command that removes what is left when the harness has been killed.

        Args:
            arguments: ``--bucket`` or ``--dataset``.

        Returns:
            The command, and all variables that it needs.
        """
        named = ("--project", self.project, "--token", self.token)
        command, environment = order(REMOVAL, *named, variables=_PASSED)
        if self.sign_in.file is not None:
            environment["GOOGLE_APPLICATION_CREDENTIALS"] = str(self.sign_in.file)
        else:
            command.append("--anonymous")
        return [*command, "--gcs", self.gcs, "--bigquery", self.bigquery, *arguments], environment


def real_project(
    typed: str,
    *,
    location: str = "US",
    sign_in: SignIn | None = None,
    gcs: str = GCS,
    bigquery: str = BIGQUERY,
) -> RealProject:
    """Make sure that the typed project exists and is the one that the credentials are for.

    Args:
        typed: The project's id, as the user typed it.
        location: Where the bucket and the dataset are to be.
        sign_in: The credentials; application default credentials of this machine if not given.
        gcs: Cloud Storage's address.
        bigquery: BigQuery's address.

    Raises:
        InputError: It is no project's id, the credentials are another project's, or there is no
            such project that they may use.
        EnvironmentNotAbleError: There are no credentials, or Google does not take them.
        ServiceError: Google does not answer.
    """
    if not _PROJECT.fullmatch(typed):
        raise InputError(
            f"{typed!r} is no id of a Google Cloud project",
            cause="an id has 6 to 30 small letters, digits and hyphens; a name or number is none",
            remedy="type the project's id, as the console shows it",
        )
    sign_in = application_default() if sign_in is None else sign_in
    if sign_in.project and sign_in.project != typed:
        raise InputError(
            f"the Google credentials of this machine are not those of the project {typed}",
            cause=f"they belong to {sign_in.project}",
            evidence=[f"account {sign_in.account or 'unknown'}", f"from {sign_in.file}"],
            remedy=f"type --real-google {sign_in.project}, or name a key of {typed} by "
            "GOOGLE_APPLICATION_CREDENTIALS",
        )
    found = RealProject(
        project=typed,
        sign_in=sign_in,
        token=secrets.token_hex(8),
        location=location,
        gcs=gcs,
        bigquery=bigquery,
    )
    _check(found)
    return found


def authorised(sign_in: SignIn) -> Mapping[str, str]:
    """The header of a request with these credentials."""
    token = sign_in.token()
    return {"Authorization": f"Bearer {token}"} if token else {}


def _check(found: RealProject) -> None:
    """A cheap question about the very project: it lists one dataset's name at most."""
    import requests  # noqa: PLC0415 - a part of Google's clients

    url = f"{found.bigquery}/bigquery/v2/projects/{found.project}/datasets"
    try:
        answer = requests.get(
            url,
            params={"maxResults": "1"},
            headers=dict(authorised(found.sign_in)),
            timeout=_PATIENCE,
        )
    except requests.RequestException as error:
        raise ServiceError(
            "Google Cloud does not answer",
            cause=str(error),
            evidence=[f"GET {url}"],
            remedy="look whether this machine reaches the internet, and whether by a proxy",
        ) from error
    if answer.status_code == _OK:
        return
    evidence = [f"GET {url}", f"status {answer.status_code}: {_said(answer.text)}"]
    if answer.status_code in _UNKNOWN:
        raise InputError(
            f"the project {found.project} cannot be used",
            cause="there is none of this id, or these credentials may not use BigQuery in it",
            evidence=evidence,
            remedy="correct the id, or give the account the roles BigQuery User and Storage Admin",
        )
    raise EnvironmentNotAbleError(
        f"Google does not let us see the project {found.project}",
        evidence=evidence,
        remedy="sign in anew: gcloud auth application-default login",
    )


def _said(text: str) -> str:
    """The message of an answer, or its beginning."""
    try:
        return str(json.loads(text)["error"]["message"])
    except (ValueError, TypeError, LookupError):
        return " ".join(text.split())[:300] or "nothing"
