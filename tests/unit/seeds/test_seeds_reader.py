"""Which file goes where."""

from __future__ import annotations

import pytest

from harness.errors import InputError
from harness.seeds.plant import check_owned
from harness.seeds.reader import read_seeds
from harness.settings import Settings


def write(folder, *names):
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")
    return folder


def test_seeds_come_sql_first_and_by_name(tmp_path):
    folder = write(
        tmp_path,
        "postgres/public.b.csv.gz",
        "postgres/z.sql",
        "postgres/public.a.parquet",
        "gcs/lake/year=2021/x.csv",
        "bigquery/shop.orders.jsonl",
        "gcs/.keep",
        ".gitignore",
    )
    assert [(seed.service, seed.name, seed.kind) for seed in read_seeds(folder)] == [
        ("bigquery", "shop.orders", ".jsonl"),
        ("gcs", "lake/year=2021/x.csv", ""),
        ("postgres", "z", ".sql"),
        ("postgres", "public.a", ".parquet"),
        ("postgres", "public.b", ".csv.gz"),
    ]


def test_a_bucket_alone_and_what_an_index_says_of_objects(tmp_path):
    folder = write(tmp_path, "gcs/lake/.keep", "gcs/lake/deep/.keep", "gcs/lake/a.bin")
    (folder / "index.yaml").write_text(
        "- {seed: gcs/lake/a.bin, stored: {content_type: x/y}}\n- {seed: gcs/lake/gone}\n"
    )
    assert [(seed.name, seed.kind, seed.stored) for seed in read_seeds(folder)] == [
        ("lake", "bucket", {}),
        ("lake/a.bin", "", {"content_type": "x/y"}),
    ]


@pytest.mark.parametrize("text", ["a: 1", "- 1", "- {seed: 1}", "- ["])
def test_an_index_that_is_none_is_refused(tmp_path, text):
    (tmp_path / "index.yaml").write_text(text)
    with pytest.raises(InputError, match="cannot be read"):
        read_seeds(tmp_path)


def test_no_folder_is_no_seeds(tmp_path):
    assert read_seeds(tmp_path / "none") == ()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("postgre/public.a.csv", "did you mean postgres"),
        ("postgres/a.csv", "name it schema.table.csv"),
        ("bigquery/a.b.c.csv", "name it dataset.table.csv"),
        ("postgres/public.a.xlsx", "make it one of .sql, .csv"),
        ("gcs/x.csv", "is in no bucket"),
        ("notes.txt", "put seeds into one of the folders"),
    ],
)
def test_what_says_not_where_it_goes_is_refused(tmp_path, name, message):
    with pytest.raises(InputError, match=message):
        read_seeds(write(tmp_path, name))


@pytest.mark.parametrize(
    ("given", "names", "refused"),
    [
        ({"real_google": "mine"}, ["gcs/lake/x.csv"], "mine"),
        ({"real_google": "mine"}, ["bigquery/a.b.csv"], "mine"),
        ({"gcs": "http://there:1"}, ["gcs/lake/x.csv"], "http://there:1"),
        ({"bigquery": "http://there:1"}, ["bigquery/x.sql"], "http://there:1"),
        ({"gcs": "http://there:1"}, ["bigquery/a.b.csv", "postgres/x.sql"], None),
    ],
)
def test_services_of_others_take_no_seeds(tmp_path, given, names, refused):
    seeds = read_seeds(write(tmp_path, *names))
    settings = Settings(**given)
    if refused is None:
        check_owned(seeds, settings)
        return
    with pytest.raises(InputError, match="would stay") as caught:
        check_owned(seeds, settings)
    assert refused in str(caught.value)
