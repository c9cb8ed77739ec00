"""What a run may reach, and what of this machine it must not see."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Door = tuple[str, int]
"""A host and a port that connections are let through to."""
_WEB = (80, 443)
_LARGEST_PORT = 65535
_KEYS = (
    *(".aws", ".azure", ".bigqueryrc", ".boto", ".config/gcloud", ".config/gh", ".config/rclone"),
    *(".databrickscfg", ".dbt", ".docker", ".git-credentials", ".config/git/credentials", ".gnupg"),
    *(".gsutil", ".kaggle", ".kube", ".local/share/keyrings", ".mc", ".my.cnf", ".mylogin.cnf"),
    *(".netrc", ".npmrc", ".oci", ".odbc.ini", ".password-store", ".pg_service.conf", ".pgpass"),
    *(".postgresql", ".pypirc", ".s3cfg", ".snowflake", ".ssh", ".terraform.d", ".vault-token"),
)
_MACHINE_KEYS = ("/etc/boto.cfg", "/run/secrets", "/var/run/secrets")
_NAMING = (
    *("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_WEB_IDENTITY_TOKEN_FILE"),
    *("AZURE_CONFIG_DIR", "BOTO_CONFIG", "CLOUDSDK_CONFIG", "DBT_PROFILES_DIR", "DOCKER_CONFIG"),
    *("GOOGLE_APPLICATION_CREDENTIALS", "KUBECONFIG", "NETRC", "PGPASSFILE", "PGSERVICEFILE"),
    *("PGSSLKEY", "SNOWFLAKE_HOME", "SSH_AUTH_SOCK"),
)


@dataclass(frozen=True, kw_only=True)
class Enclosure:
    """The walls around one run.

    Attributes:
        doors: Hosts and ports that lead out.
        places: Folders of the run's own, and sockets of the file system that it may use: what
            is listened on elsewhere in the file system is this machine's.
        hidden: Files and folders that are shown empty; they need not exist.
        shown: Files and folders, each with another path that it is seen at, those above before
            those within.
    """

    doors: tuple[Door, ...] = ()
    places: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    shown: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Allowed:
    """What the settings let through.

    Attributes:
        doors: Hosts and ports.
        paths: Sockets of the file system that may be used, and places that are not hidden.
    """

    doors: tuple[Door, ...] = ()
    paths: tuple[str, ...] = ()


def allowed(texts: Iterable[str]) -> Allowed:
    """Read an allow-list.

    Args:
        texts: ``host:port``; ``host``, for the ports 80 and 443; ``[address]:port`` for IPv6; or
            the absolute path of a socket, or of a place that is hidden otherwise.

    Raises:
        InputError: One is none of these.
    """
    doors: list[Door] = []
    paths = []
    for text in texts:
        if text.startswith("/"):
            paths.append(text)
        else:
            doors += _doors(text)
    return Allowed(doors=tuple(dict.fromkeys(doors)), paths=tuple(paths))


def hidden_places(
    *, needed: Iterable[Path], machine: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """Where this machine's user keeps keys and passwords, whether or not there are any.

    Args:
        needed: What a run must see; a folder that holds some of it is not hidden.
        machine: The harness's own environment, whose variables name further files; ``os.environ``
            if not given.
    """
    machine = os.environ if machine is None else machine
    # Some libraries know no HOME, and ask the system where the user is at home.
    homes = {Path(pwd.getpwuid(os.getuid()).pw_dir)} if _has_entry() else set()
    if machine.get("HOME"):
        homes.add(Path(machine["HOME"]))
    named = (Path(path) for name in _NAMING for path in _paths(machine.get(name, "")))
    found = [*(home / key for home in homes for key in _KEYS), *map(Path, _MACHINE_KEYS), *named]
    # Each folder above what a run must see: one look-up says whether a place holds some of it.
    kept = {
        folder for path in {path.resolve() for path in needed} for folder in (path, *path.parents)
    }
    places = dict.fromkeys(place.absolute() for place in found)
    return tuple(str(place) for place in places if place.resolve() not in kept)


def _doors(text: str) -> list[Door]:
    host, colon, number = text.rpartition(":")
    if text.startswith("[") and text.endswith("]"):
        host, colon, number = text, "", ""
    elif not colon:
        host = text
    bare = host.removeprefix("[").removesuffix("]")
    port = int(number) if number.isascii() and number.isdigit() else 0
    plain = bare and not set(bare) & set("/@ *?,") and (":" not in bare or host.startswith("["))
    if not plain or (colon and not 0 < port <= _LARGEST_PORT):
        raise InputError(
            f"{text!r} is nothing that can be allowed",
            remedy="write host:port, host (for the ports 80 and 443), [address]:port for IPv6, or "
            "the absolute path of a socket or of a key",
        )
    return [(bare, port)] if colon else [(bare, web) for web in _WEB]


def _has_entry() -> bool:
    try:
        pwd.getpwuid(os.getuid())
    except KeyError:
        # As in a container that runs under a number only.
        return False
    return True


def _paths(text: str) -> list[str]:
    return [path for path in text.split(os.pathsep) if path.startswith("/")]
