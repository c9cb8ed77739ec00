"""Seeds that are written: nothing that was there is lost on the way, and no secret is kept."""

from __future__ import annotations

import gzip
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from harness.errors import InputError
from harness.seeds.reader import read_seeds
from harness.sources import writing
from harness.sources.shelf import Kept
from harness.sources.writing import write_seeds

OLD, NEW = "bigquery/shop.t.parquet", "bigquery/shop.t.jsonl"


@pytest.fixture
def write(tmp_path):
    """Writes files, given as bytes, as the seeds of one table or object."""

    def written(service, name, files, **facts):
        for file, content in files.items():
            place = tmp_path / "draft" / file
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        kept = [Kept(service=service, name=name, files=tuple(files), facts=facts)]
        sources = {service: "somewhere"}
        draft, recorded = tmp_path / "draft", "2021-01-01T00:00:00Z"
        return write_seeds(tmp_path / "seeds", draft, kept, sources=sources, recorded=recorded)

    return written


def parquet(**columns):
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize("broken", ["digest_of", "_files_of", "shutil"])
def test_what_was_there_stays_when_writing_is_broken_off(write, tmp_path, monkeypatch, broken):
    old = parquet(n=[1])
    write("bigquery", "shop.t", {OLD: old})

    def interrupted(*_):
        raise KeyboardInterrupt

    where = writing.shutil if broken == "shutil" else writing
    with monkeypatch.context() as patch:
        patch.setattr(where, "copyfile" if broken == "shutil" else broken, interrupted)
        with pytest.raises(KeyboardInterrupt):
            write("bigquery", "shop.t", {NEW: b'{"n": 2}\n'})
    assert (tmp_path / "seeds" / OLD).read_bytes() == old
    assert [seed.kind for seed in read_seeds(tmp_path / "seeds")] == [".parquet"]


def test_an_index_that_cannot_be_written_leaves_the_old_one(write, tmp_path):
    write("bigquery", "shop.t", {OLD: parquet(n=[1])})
    index = (tmp_path / "seeds" / "index.yaml").read_text()
    with pytest.raises(Exception, match="cannot represent"):
        write("bigquery", "shop.u", {"bigquery/shop.u.jsonl": b"{}\n"}, odd=object())
    assert (tmp_path / "seeds" / "index.yaml").read_text() == index
    assert not list((tmp_path / "seeds").glob(".*.new"))


def test_files_of_another_kind_take_the_place_of_the_old(write, tmp_path):
    write("bigquery", "shop.t", {OLD: parquet(n=[1])})
    write("bigquery", "shop.t", {NEW: b'{"n": 2}\n'})
    assert [seed.kind for seed in read_seeds(tmp_path / "seeds")] == [".jsonl"]
    assert OLD not in (tmp_path / "seeds" / "index.yaml").read_text()


NESTED = [{"id": 1, "owner": {"name": "a", "password": "x"}, "hooks": [{"client_secret": "y"}]}]
LINES = "".join(json.dumps(row) + "\n" for row in NESTED).encode()
DEEP = parquet(owner=[NESTED[0]["owner"]], hooks=[NESTED[0]["hooks"]])


@pytest.mark.parametrize(
    ("service", "file", "content"),
    [
        ("bigquery", "bigquery/shop.t.jsonl", LINES),
        ("bigquery", "bigquery/shop.t.parquet", DEEP),
        ("gcs", "gcs/lake/t.parquet", DEEP),
        ("gcs", "gcs/lake/t.jsonl.gz", gzip.compress(LINES, mtime=0)),
        ("gcs", "gcs/lake/t.ndjson", LINES),
    ],
)
def test_names_of_secrets_are_found_within_columns(write, tmp_path, service, file, content):
    with pytest.raises(InputError) as caught:
        write(service, "shop.t", {file: content})
    assert "shop.t, column owner.password: its name says that it is secret" in str(caught.value)
    assert "shop.t, column hooks.client_secret: its name says" in str(caught.value)
    assert not (tmp_path / "seeds").exists()


@pytest.mark.parametrize(
    ("name", "content", "facts"),
    [
        ("people.csv", b"id,password_hash\n1,x\n", {}),
        ("people.csv.gz", gzip.compress(b"id,password_hash\n1,x\n", mtime=0), {}),
        ("people", b"id,password_hash\n1,x\n", {"stored": {"content_type": "text/csv"}}),
        ("people[1]*.csv", b"id,password_hash\n1,x\n", {}),
        ("coded.csv", gzip.compress(b"id,password_hash\n1,x\n", mtime=0), {}),
        ("plain.csv.gz", b"id,password_hash\n1,x\n", {}),
    ],
)
def test_names_of_secrets_are_found_in_csv(write, name, content, facts):
    with pytest.raises(InputError, match="column password_hash: its name says"):
        write("gcs", f"lake/{name}", {f"gcs/lake/{name}": content}, **facts)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("empty.csv", b"id,password\n1,\n"),
        ("pairs.jsonl", b'{"params": [{"key": "page", "value": "x"}]}\n'),
        ("numbers.parquet", parquet(password=[1], token=pa.nulls(1, pa.string()))),
        ("broken.jsonl", b"{no json"),
        ("none.csv", b""),
    ],
)
def test_what_is_no_secret_is_kept(write, tmp_path, file, content):
    write("gcs", f"lake/{file}", {f"gcs/lake/{file}": content})
    assert (tmp_path / "seeds" / "gcs" / "lake" / file).read_bytes() == content


def test_a_map_of_texts_is_looked_into(write):
    kind = pa.map_(pa.string(), pa.struct([("password", pa.string())]))
    column = pa.array([[("a", {"password": "x"})]], kind)
    with pytest.raises(InputError, match=r"column accounts\.password"):
        write("gcs", "lake/m.parquet", {"gcs/lake/m.parquet": parquet(accounts=column)})


def test_a_recorded_seed_that_was_changed_is_refused_by_name(write, tmp_path):
    write("gcs", "lake/a.csv", {"gcs/lake/a.csv": b"n\n1\n"})
    seeds = tmp_path / "seeds"
    assert [seed.name for seed in read_seeds(seeds)] == ["lake/a.csv"]
    (seeds / "gcs/lake/a.csv").write_bytes(b"n\n2\n")
    with pytest.raises(InputError, match=r"lake/a\.csv is not what its sha256 in index\.yaml"):
        read_seeds(seeds)
