"""Archives that somebody made to do harm: nothing is written, and the message says why."""

from __future__ import annotations

import hashlib
import json
import stat
import struct
import zipfile
import zlib

import pytest

from harness.bundle import unpack as unpacking
from harness.bundle.archive import pack
from harness.bundle.unpack import unpack
from harness.errors import InputError


def manifest(members: dict[str, bytes], **facts: object) -> str:
    listed = [
        {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in members.items()
    ]
    return json.dumps({"format": 1, "pipeline": "p", "ok": False, "members": listed, **facts})


@pytest.fixture
def place(tmp_path):
    folder = tmp_path / "within" / "folder"
    folder.mkdir(parents=True, mode=0o700)
    return folder


@pytest.fixture
def archive_of(tmp_path):
    def make(members, *, listed=None, mode=0, **facts):
        file = tmp_path / "hostile.zip"
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("manifest.json", manifest(listed or members, **facts))
            for name, content in members.items():
                info = zipfile.ZipInfo(name)
                info.external_attr = mode << 16
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, content)
        return file

    return make


def refused(archive, place, words):
    with pytest.raises(InputError, match=r"hostile\.zip is not opened|cannot be opened") as told:
        unpack(archive, place)
    assert words in str(told.value)
    assert told.value.exit_status == 2
    return told.value


def nothing_written(place):
    assert list(place.rglob("*")) == []
    assert [one.name for one in place.parents[1].iterdir()] in (
        ["within", "hostile.zip"],
        ["hostile.zip", "within"],
    )


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../outside.txt", "leads out of the folder"),
        ("state/../../outside.txt", "leads out of the folder"),
        ("/etc/outside", "begins at the root"),
        ("//outside", "begins at the root"),
        ("state//double", "leads out of the folder"),
        ("./here", "leads out of the folder"),
        ("a/folder/", "leads out of the folder"),
        ("a" * 256, "too long"),
        ("/".join(["deep"] * 300), "too long"),
        ("bell\a", "cannot be printed"),
        ("turned\u202etxt", "cannot be printed"),
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(archive_of, place, name, words):
    refused(archive_of({"good.txt": b"1", name: b"2"}), place, words)
    nothing_written(place)


def test_a_name_with_an_end_within_is_refused(archive_of, place):
    file = archive_of({"run/evil.txt": b"1"})
    file.write_bytes(file.read_bytes().replace(b"run/evil.txt", b"run/evil\0txt"))
    refused(file, place, "cannot be printed")
    nothing_written(place)


@pytest.mark.parametrize(
    "kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK, stat.S_IFDIR]
)
def test_what_is_no_file_is_refused(archive_of, place, kind):
    refused(archive_of({"link": b"/etc/passwd"}, mode=kind | 0o777), place, "is no file")
    nothing_written(place)


def test_a_name_that_is_there_twice_is_refused(archive_of, place):
    file = archive_of({"one.txt": b"1"})
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("one.txt", b"2")
    refused(file, place, "there twice")


def test_more_members_than_a_bundle_has_are_refused(archive_of, place, monkeypatch):
    monkeypatch.setattr(unpacking, "MOST_MEMBERS", 10)
    refused(archive_of({f"{n}.txt": b"" for n in range(10)}), place, "11 members, more than 10")
    nothing_written(place)


def test_more_bytes_than_a_bundle_has_are_refused(archive_of, place, monkeypatch):
    monkeypatch.setattr(unpacking, "MOST_BYTES", 1000)
    refused(archive_of({"large": bytes(range(256)) * 8}), place, "more than 1,000")
    nothing_written(place)


def test_a_bomb_is_refused_by_what_it_would_become(archive_of, place):
    file = archive_of({"zeros": bytes(70 << 20)})
    assert file.stat().st_size < 100_000
    refused(file, place, "would be 73,400")
    nothing_written(place)


def test_a_bomb_that_lies_about_its_size_is_stopped(archive_of, place):
    file = archive_of({"zeros": bytes(1 << 20)}, listed={"zeros": b"0" * 10})
    small = struct.pack("<L", 10)
    file.write_bytes(file.read_bytes().replace(struct.pack("<L", 1 << 20), small))
    refused(file, place, "")
    nothing_written(place)


def test_members_that_overlap_are_refused(tmp_path, place):
    # As in a quine bomb: all entries of the directory share one packed body.
    body = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = body.compress(bytes(100_000)) + body.flush()
    facts = (20, 0, 8, 0, 0x21, zlib.crc32(bytes(100_000)), len(packed), 100_000)
    names = [f"{n:04}".encode() for n in range(200)]
    content = struct.pack("<4sHHHHHLLLHH", b"PK\3\4", *facts, 4, 0) + names[0] + packed
    entries = b"".join(
        struct.pack("<4sHHHHHHLLLHHHHHLL", b"PK\1\2", 20, *facts, 4, 0, 0, 0, 0, 0, 0) + name
        for name in names
    )
    end = struct.pack("<4sHHHHLLH", b"PK\5\6", 0, 0, 200, 200, len(entries), len(content), 0)
    file = tmp_path / "hostile.zip"
    file.write_bytes(content + entries + end)
    refused(file, place, "overlap")
    nothing_written(place)


def test_an_encrypted_member_is_refused(archive_of, place):
    file = archive_of({"locked": b"1"})
    content = bytearray(file.read_bytes())
    content[content.rindex(b"PK\1\2") + 8] |= 1
    file.write_bytes(bytes(content))
    refused(file, place, "encrypted")


@pytest.mark.parametrize("content", [b"", b"PK\3\4", b"\x1f\x8b not a zip", bytes(1000)])
def test_what_is_no_archive_is_refused(tmp_path, place, content):
    file = tmp_path / "hostile.zip"
    file.write_bytes(content)
    refused(file, place, "no ZIP archive")


def test_an_archive_without_a_manifest_is_refused(tmp_path, place):
    file = tmp_path / "hostile.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("run.json", "{}")
    refused(file, place, "no manifest.json")


@pytest.mark.parametrize(
    "facts",
    [{"format": 2}, {"format": "1"}, {"pipeline": 3}, {"further": 1}],
)
def test_a_manifest_of_another_form_is_refused(archive_of, place, facts):
    refused(archive_of({}, **facts), place, "not one that this harness knows")


def test_a_member_that_the_manifest_does_not_name_is_refused(archive_of, place):
    file = archive_of({"a.txt": b"1", "b.txt": b"2"}, listed={"a.txt": b"1"})
    refused(file, place, "differ: b.txt")
    nothing_written(place)


def test_a_member_that_was_changed_is_refused(archive_of, place):
    file = archive_of({"a.txt": b"1"}, listed={"a.txt": b"2"})
    refused(file, place, "the member a.txt is not what manifest.json says")
    nothing_written(place)


def test_a_file_and_a_folder_of_one_name_are_refused(archive_of, place):
    refused(archive_of({"a": b"1", "a/b": b"2"}), place, "")


def test_what_pack_writes_is_unpacked_for_its_owner_alone(tmp_path, place):
    source = tmp_path / "source"
    (source / "run").mkdir(parents=True)
    (source / "run" / "a.txt").write_bytes(b"hello")
    (source / "go.sh").write_bytes(b"#!/bin/sh\n")
    (source / "go.sh").chmod(0o755)
    facts = {"pipeline": "p", "ok": True, "left_out": (), "scrubbed": ("run/a.txt",)}
    written = pack(source, tmp_path / "x.zip", **facts)
    first = (tmp_path / "x.zip").read_bytes()
    (source / "run" / "a.txt").touch()
    pack(source, tmp_path / "y.zip", **facts)
    assert (tmp_path / "y.zip").read_bytes() == first
    assert unpack(tmp_path / "x.zip", place) == written
    modes = {one.name: one.stat().st_mode & 0o777 for one in place.rglob("*")}
    assert modes == {"run": 0o700, "a.txt": 0o600, "go.sh": 0o700}
    assert (place / "run" / "a.txt").read_bytes() == b"hello"
