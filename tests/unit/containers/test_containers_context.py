"""A build's key changes with what would change the image, and with nothing else."""

from __future__ import annotations

import os

import pytest

from harness.containers.context import read_context


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "context"
    (folder / "sub").mkdir(parents=True)
    (folder / "Dockerfile").write_text("FROM a\nCOPY . /\n")
    (folder / "a.txt").write_text("a")
    (folder / "sub" / "b.txt").write_text("b")
    (folder / "link").symlink_to("a.txt")
    return folder


def key(folder, *, build_args=None, parents=None, dockerfile=None):
    context = read_context(folder, dockerfile or folder / "Dockerfile")
    return context.key(build_args=build_args or {}, parents=parents or {"a": "sha256:1"})


def test_what_is_sent(folder):
    (folder / ".dockerignore").write_text("# a comment\n*.txt\n!sub/b.txt\n\n")
    context = read_context(folder, folder / "Dockerfile")
    assert [path for path in context.paths if path not in {"sub", ".dockerignore"}] == [
        "link",
        "sub/b.txt",
    ]


def test_size_counts_what_is_sent(folder):
    (folder / "large").write_bytes(b"x" * 1000)
    assert read_context(folder, folder / "Dockerfile").size >= 1000
    (folder / ".dockerignore").write_text("large\n")
    assert read_context(folder, folder / "Dockerfile").size < 1000


def test_the_same_again(folder):
    first = key(folder)
    assert first == key(folder)
    os.utime(folder / "a.txt", (1, 1))
    assert first == key(folder)


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "a.txt").write_text("c"),
        lambda folder: (folder / "a.txt").chmod(0o755),
        lambda folder: (folder / "a.txt").rename(folder / "c.txt"),
        lambda folder: (folder / "sub" / "new").write_text(""),
        lambda folder: (folder / "empty").mkdir(),
        lambda folder: (folder / "Dockerfile").write_text("FROM a\nCOPY . /x\n"),
        lambda folder: (folder / ".dockerignore").write_text("a.txt\n"),
        lambda folder: ((folder / "link").unlink(), (folder / "link").symlink_to("sub")),
    ],
)
def test_each_change_of_content_counts(folder, change):
    first = key(folder)
    change(folder)
    assert key(folder) != first


def test_what_is_ignored_does_not_count(folder):
    (folder / ".dockerignore").write_text("secret\n.git\n")
    first = key(folder)
    (folder / "secret").write_text("x")
    (folder / ".git").mkdir()
    assert key(folder) == first


def test_arguments_and_parents_count(folder):
    first = key(folder)
    assert key(folder, build_args={"A": "1"}) != first
    assert key(folder, parents={"a": "sha256:2"}) != first
    assert key(folder, build_args={"A": "1", "B": "2"}) == key(
        folder, build_args={"B": "2", "A": "1"}
    )


def test_a_dockerfile_outside_of_the_context(folder, tmp_path):
    outside = tmp_path / "Dockerfile.test"
    outside.write_text("FROM a\n")
    first = key(folder, dockerfile=outside)
    outside.write_text("FROM b\n")
    assert key(folder, dockerfile=outside) != first


def test_a_file_that_is_no_file(folder):
    os.mkfifo(folder / "pipe")
    (folder / "dangling").symlink_to("nowhere")
    assert key(folder)
