"""An image is built once for each content; what fails or is interrupted leaves nothing."""

from __future__ import annotations

import secrets
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.containers.build import build_image
from harness.containers.engine import connect, load
from harness.errors import EnvironmentNotAbleError, InputError, ServiceError

pytestmark = pytest.mark.docker

BASE = "mageai/mageai:0.9.80"
NAME = "Harness Test"


@pytest.fixture(scope="module")
def engine():
    load()
    with connect() as engine:
        yield engine


@pytest.fixture
def build(engine, tmp_path):
    """Builds a Dockerfile in ``tmp_path``; the images of the test are removed."""
    lines, tags = [], set()

    def build(text, **build_args):
        (tmp_path / "Dockerfile").write_text(textwrap.dedent(text))
        lines.clear()
        tag = build_image(
            engine,
            dockerfile=tmp_path / "Dockerfile",
            context=tmp_path,
            build_args=build_args,
            name=NAME,
            progress=lines.append,
        )
        tags.add(tag)
        return tag

    build.lines = lines
    yield build
    for tag in tags:
        engine.client.api.remove_image(tag, force=True)


def content(engine, tag, file):
    made = engine.client.api.create_container(tag, entrypoint=["cat", file])
    try:
        engine.client.api.start(made["Id"])
        engine.client.api.wait(made["Id"])
        return engine.client.api.logs(made["Id"]).decode()
    finally:
        engine.client.api.remove_container(made["Id"], force=True)


def test_once_for_each_content(build, engine, tmp_path):
    # Not what an earlier run of this test has left in the engine's cache.
    (tmp_path / "salt").write_text(secrets.token_hex(8))
    (tmp_path / "a").write_text("first")
    text = """
        ARG BASE
        FROM ${BASE}
        ARG WHO=nobody
        COPY salt a /x/
        RUN echo $WHO >/x/who
    """
    first = build(text, BASE=BASE, WHO="me")
    assert first.startswith("mage-harness/harness-test:")
    assert "image Harness Test: step 4/6: COPY salt a /x/" in build.lines
    assert content(engine, first, "/x/a") == "first"
    assert content(engine, first, "/x/who") == "me\n"
    assert build(text, BASE=BASE, WHO="me") == first
    assert build.lines == []
    (tmp_path / "a").write_text("second")
    second = build(text, BASE=BASE, WHO="me")
    assert content(engine, second, "/x/a") == "second"
    assert len({first, second, build(text, BASE=BASE)}) == 3
    (tmp_path / "a").write_text("first")
    assert build(text, BASE=BASE, WHO="me") == first


def test_a_step_that_fails_is_shown_with_the_end_of_its_output(build):
    with pytest.raises(EnvironmentNotAbleError) as caught:
        build(f"FROM {BASE}\nRUN for i in $(seq 50); do echo $i; done; exit 9\n")
    error = caught.value
    assert error.evidence[0].startswith("step 2/3: RUN for i in")
    assert error.evidence[1:] == tuple(map(str, range(31, 51)))
    assert "returned a non-zero code: 9" in error.cause


@pytest.mark.parametrize(
    "text",
    [
        "RUN --mount=type=cache,target=/x true",
        "COPY --chmod=755 Dockerfile /x",
        "RUN <<EOF\necho one\nEOF",
    ],
)
def test_what_only_buildkit_knows_is_explained(build, text):
    with pytest.raises(InputError, match="BuildKit") as caught:
        build(f"# syntax=docker/dockerfile:1\nFROM {BASE}\n{text}\n")
    assert "docker build -t NAME" in caught.value.remedy


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("FOO x", "unknown instruction"),
        ("COPY not-there /", "not-there"),
        ("", "file with no instructions|empty|no build stage"),
    ],
)
def test_a_dockerfile_that_is_wrong(build, text, cause):
    with pytest.raises(InputError, match=cause):
        build(f"FROM {BASE}\n{text}\n" if text else "")


def test_no_dockerfile(engine, tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        build_image(
            engine,
            dockerfile=tmp_path / "Dockerfile",
            context=tmp_path,
            build_args={},
            name=NAME,
            progress=print,
        )


def test_a_large_context_is_told(build, tmp_path):
    with (tmp_path / "large").open("wb") as file:
        file.truncate(210_000_000)
    build(f"FROM {BASE}\nRUN true\n")
    assert build.lines[0].startswith("210 MB in ")
    assert ".dockerignore" in build.lines[0]


@pytest.mark.parametrize("number", [2, 9])
def test_an_interrupted_build_leaves_no_container(engine, tmp_path, number):
    mark = secrets.token_hex(8)
    (tmp_path / "Dockerfile").write_text(f"FROM {BASE}\nRUN echo {mark}; sleep 600\n")
    code = f"""
        import signal
        from pathlib import Path
        from harness.containers.build import build_image
        from harness.containers.engine import connect
        signal.signal(signal.SIGINT, signal.default_int_handler)
        folder = Path({str(tmp_path)!r})
        with connect() as engine:
            build_image(engine, dockerfile=folder / "Dockerfile", context=folder, build_args={{}},
                        name="x", progress=lambda line: print(line, flush=True))
    """

    def running():
        return [one for one in engine.client.api.containers(all=True) if mark in one["Command"]]

    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert wait_until(running)
        process.send_signal(number)
        assert process.wait(30)
    assert wait_until(lambda: not running())


def test_a_build_in_a_thread_ends_when_its_engine_is_interrupted(engine, tmp_path):
    mark = secrets.token_hex(8)
    (tmp_path / "Dockerfile").write_text(f"FROM {BASE}\nRUN echo {mark}; sleep 600\n")

    def running():
        return [one for one in engine.client.api.containers(all=True) if mark in one["Command"]]

    def build(own):
        return build_image(
            own,
            dockerfile=tmp_path / "Dockerfile",
            context=tmp_path,
            build_args={},
            name="x",
            progress=lambda _line: None,
        )

    with connect() as own, ThreadPoolExecutor(1) as pool:
        built = pool.submit(build, own)
        assert wait_until(running)
        own.interrupt()
        with pytest.raises(ServiceError):
            built.result(30)
        with pytest.raises(ServiceError):
            build(own)
    assert wait_until(lambda: not running())


def wait_until(check, seconds=30.0):
    until = time.monotonic() + seconds
    while not check():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True
