"""Google's own sign-in: the machine's credentials, handed to the pipelines."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from harness.errors import ServiceError
from harness.machine.space import explained
from harness.services.given.real_credentials import SERVICE_ACCOUNT
from harness.services.sinkless import Sinkless

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from harness.machine.guardian import Guardian
    from harness.services.given.real import RealProject

# Google's library for workload identity federation asks GitHub with these.
_FEDERATION = ("ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN")


class RealGoogle(Sinkless):
    """Pipelines sign in as the machine does, in this mode only.

    They get a copy of the credentials' file, in a private folder that is deleted at the end.

    Args:
        real: The project.
        parent: The folder below which the private folder is made.
        guardian: Who clears up when the harness cannot.
    """

    name = "google"
    title = "Google's sign-in"

    def __init__(self, real: RealProject, *, parent: Path, guardian: Guardian) -> None:
        self.real = real
        self._parent = parent
        self._guardian = guardian
        self._folder: Path | None = None

    @property
    def key_file(self) -> Path:
        """The copy of the credentials' file, mode 0600."""
        if self._folder is None:
            raise ServiceError("Google's sign-in is not running", remedy="start the service first")
        return self._folder / "key.json"

    @property
    def notes(self) -> tuple[str, ...]:
        """What pipelines can do with these credentials, and what they cannot."""
        real = self.real
        who = real.sign_in.account or f"credentials of type {real.sign_in.type or 'unknown'}"
        free = (
            f"pipelines run as {who} in the real project {real.project}: what they write outside "
            f"gs://{real.bucket} and {real.dataset} is real, and stays"
        )
        if real.sign_in.type == SERVICE_ACCOUNT:
            return (free,)
        unfit = (
            "io_config.yaml takes the key of a service account only, which these credentials are "
            "not: blocks that use Mage's own Google clients cannot sign in"
        )
        return (free, unfit)

    def start(self) -> None:
        """Copy the credentials.

        Raises:
            EnvironmentNotAbleError: The disk is full.
        """
        if self._folder is not None:
            return
        with explained(self._parent, doing="writing the Google key"):
            self._folder = self._guardian.make_folder(
                prefix="mage-harness-google-", parent=self._parent
            )
            file = self.real.sign_in.file
            content = file.read_bytes() if file is not None else b"{}"
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            with os.fdopen(os.open(self.key_file, flags, 0o600), "wb") as copy:
                copy.write(content)

    def stop(self) -> None:
        """Delete the copy. Safe to call twice, or before start."""
        folder, self._folder = self._folder, None
        if folder is not None:
            self._guardian.delete(folder)

    def environment(self) -> Mapping[str, str]:
        """What lets Google's clients sign in without looking any further."""
        return {
            "GOOGLE_APPLICATION_CREDENTIALS": str(self.key_file),
            "GOOGLE_CLOUD_PROJECT": self.real.project,
            "NO_GCE_CHECK": "true",
            **{name: os.environ[name] for name in _FEDERATION if name in os.environ},
        }

    def overlay(self) -> Mapping[str, str]:
        """Mage's key for the key file, where the credentials are a service account's key."""
        if self.real.sign_in.type != SERVICE_ACCOUNT:
            return {}
        return {"GOOGLE_SERVICE_ACC_KEY_FILEPATH": str(self.key_file)}

    def values(self) -> Mapping[str, str]:
        """The placeholder ``{key_file}``."""
        return {"key_file": str(self.key_file)}
