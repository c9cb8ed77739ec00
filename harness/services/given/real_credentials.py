"""The machine's own Google credentials, used only where a real project was asked for."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import EnvironmentNotAbleError

if TYPE_CHECKING:
    from google.auth.credentials import Credentials

SCOPE = "https://www.googleapis.com/auth/cloud-platform"
SERVICE_ACCOUNT = "service_account"
_VARIABLE = "GOOGLE_APPLICATION_CREDENTIALS"
_ACCOUNT = re.compile(r"[^@]+@(?P<project>[^.@]+)\.iam\.gserviceaccount\.com")
_URLS = ("token_uri", "token_url", "service_account_impersonation_url")
_SIGN_IN = (
    "sign in with `gcloud auth application-default login`, or name the key file of a service "
    f"account by {_VARIABLE}"
)


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """Application default credentials.

    Attributes:
        credentials: Google's object; None at an endpoint of a test that asks for none.
        file: Where they came from; None likewise.
        type: ``service_account``, ``authorized_user``, ``external_account``, ...
        account: Whose they are, as far as it is known.
        project: The project that they belong to; empty where they belong to none.
    """

    credentials: Credentials | None = None
    file: Path | None = None
    type: str = ""
    account: str = ""
    project: str = ""

    @property
    def urls(self) -> tuple[str, ...]:
        """Where the file says that tokens are given; those of Google itself are in no file."""
        if self.file is None:
            return ()
        content = json.loads(self.file.read_text("utf-8"))
        found = [content.get(name) for name in _URLS]
        source = content.get("credential_source")
        if isinstance(source, dict):
            found.append(source.get("url"))
        return tuple(one for one in found if isinstance(one, str) and one.startswith("http"))

    def token(self) -> str:
        """An access token that is valid now.

        Raises:
            EnvironmentNotAbleError: Google does not give one for these credentials.
        """
        from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415 - takes a second
        from google.auth.transport.requests import Request  # noqa: PLC0415

        if self.credentials is None:
            return ""
        try:
            if not self.credentials.valid:
                self.credentials.refresh(Request())  # type: ignore[no-untyped-call]
        except GoogleAuthError as error:
            raise _unusable(error, self.file) from error
        return str(self.credentials.token)


def application_default() -> SignIn:
    """The credentials that Google's clients would take on this machine.

    Raises:
        EnvironmentNotAbleError: There are none, or they are not in a file that can be given to a
            pipeline.
    """
    import google.auth  # noqa: PLC0415 - takes a second
    from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415

    file = _file()
    try:
        info: Any = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise EnvironmentNotAbleError(
            "there are no Google credentials on this machine that a pipeline could be given",
            cause=str(error),
            evidence=[f"looked at {file}"],
            remedy=_SIGN_IN,
        ) from error
    try:
        credentials, _ = google.auth.default(scopes=[SCOPE])
    except GoogleAuthError as error:
        raise _unusable(error, file) from error
    facts = info if isinstance(info, dict) else {}
    # A variable of the environment may name another project; what the key itself says counts.
    account = str(
        facts.get("client_email") or getattr(credentials, "service_account_email", "") or ""
    )
    owner = _ACCOUNT.fullmatch(account)
    return SignIn(
        credentials=credentials,
        file=file,
        type=str(facts.get("type", "")),
        account=account,
        project=str(facts.get("project_id") or (owner["project"] if owner else "")),
    )


def _file() -> Path:
    """Where Google's clients look."""
    named = os.environ.get(_VARIABLE)
    if named:
        return Path(named).absolute()
    configured = os.environ.get("CLOUDSDK_CONFIG")
    folder = Path(configured) if configured else Path.home() / ".config" / "gcloud"
    return (folder / "application_default_credentials.json").absolute()


def _unusable(error: Exception, file: Path | None) -> EnvironmentNotAbleError:
    return EnvironmentNotAbleError(
        "the Google credentials of this machine cannot be used",
        cause=str(error).strip().splitlines()[0] if str(error).strip() else repr(error),
        evidence=[f"from {file}"],
        remedy=_SIGN_IN,
    )
