"""A build's key changes with what would change the image, and with nothing else."""

from __future__ import annotations

import os
import tarfile

import pytest

from harness.containers.context import read_context
from harness.errors import InputError


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


@pytest.mark.parametrize(
    ("rules", "sent"),
    [
        ("*\n!*/b.txt\n", {"sub/b.txt"}),
        ("*\n!s*/b.txt\n", {"sub/b.txt"}),
        ("*\n!**/c.txt\n", {"sub/deep/c.txt"}),
        ("*\n!sub/*/c.txt\n", {"sub/deep/c.txt"}),
        ("*\n!sub\n", {"sub", "sub/b.txt", "sub/deep", "sub/deep/c.txt"}),
        ("*\n!sub\nsub/deep\n", {"sub", "sub/b.txt"}),
        ("*\n!other/*\n!su\n", set()),
        ("sub/**\n!sub/deep/*.txt\n*.txt\nlink\n", {"sub", "sub/deep/c.txt"}),
    ],
)
def test_exceptions_lead_into_folders_that_are_left_out(folder, rules, sent):
    (folder / "sub" / "deep").mkdir()
    (folder / "sub" / "deep" / "c.txt").write_text("c")
    (folder / ".dockerignore").write_text(rules)
    context = read_context(folder, folder / "Dockerfile")
    assert set(context.paths) - {".dockerignore"} == sent
    with context.archive() as archive, tarfile.open(fileobj=archive) as tar:
        assert set(tar.getnames()) == {*sent, ".dockerignore", "Dockerfile"}


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("name", ["a.txt", "sub"])
def test_what_cannot_be_read_is_named(folder, name):
    (folder / name).chmod(0)
    with pytest.raises(InputError, match=f"{name} cannot be read") as caught:
        key(folder)
    assert ".dockerignore" in str(caught.value.remedy)
    (folder / ".dockerignore").write_text(name)
    assert key(folder)
    (folder / name).chmod(0o700)


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
    context = read_context(folder, outside)
    with context.archive() as archive, tarfile.open(fileobj=archive) as tar:
        assert tar.extractfile(context.dockerfile_name).read() == b"FROM b\n"
        # Not to be copied into the image.
        assert context.dockerfile_name in tar.extractfile(".dockerignore").read().decode()


def test_a_file_that_is_no_file(folder):
    os.mkfifo(folder / "pipe")
    (folder / "dangling").symlink_to("nowhere")
    assert key(folder)
