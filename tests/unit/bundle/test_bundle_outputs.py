"""The outputs of blocks in a bundle: whole, without secrets, and the first to go."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from harness.bundle.bounds import bound
from harness.bundle.outputs import keep_outputs, kept_outputs
from harness.cli.duckdb_shell import with_views
from harness.running.outputs import give_outputs, read_output

MIB = 1 << 20


@pytest.fixture
def variables(tmp_path):
    folder = tmp_path / "variables"
    for uuid, texts in (("load", ["a", "b"]), ("inner/clean", ["c"]), ("broken", ["d"])):
        place = folder / uuid / "output_0"
        place.mkdir(parents=True)
        pq.write_table(pa.table({"text": texts}), place / "data.parquet")
    (folder / "load" / "output_1").mkdir()
    (folder / "load" / "output_1" / "data.json").write_text('[{"n": 1}, {"n": 2}]')
    (folder / "load" / "link").symlink_to("/etc/passwd")
    return folder


def kept(variables, folder, *, known=(), limit=MIB):
    blocks = [
        SimpleNamespace(uuid="load", status="completed"),
        SimpleNamespace(uuid="inner/clean", status="completed"),
        SimpleNamespace(uuid="broken", status="failed"),
        SimpleNamespace(uuid="nothing", status="completed"),
    ]
    run = SimpleNamespace(variables_folder=variables, blocks=blocks)
    left = keep_outputs(run, folder, known=known, limit=limit)
    return left, kept_outputs(folder, SimpleNamespace(blocks=blocks))


def test_those_of_completed_blocks_are_kept_and_found_by_the_next_run(variables, tmp_path):
    left, found = kept(variables, tmp_path / "outputs")
    assert left == []
    assert set(found) == {"load", "inner/clean"}
    assert not (found["load"] / "link").exists()
    give_outputs(found, tmp_path / "next")
    for uuid in found:
        assert read_output(tmp_path / "next", uuid).equals(read_output(variables, uuid))


def test_a_block_whose_outputs_hold_a_secret_has_none(variables, tmp_path):
    secret = "not-for-everybody-1"
    pq.write_table(
        pa.table({"text": [secret]}), variables / "inner/clean" / "output_0" / "data.parquet"
    )
    left, found = kept(variables, tmp_path / "outputs", known=[secret])
    assert set(found) == {"load"}
    ((what, why),) = [(one.what, one.why) for one in left]
    assert what == "outputs of inner/clean"
    assert "secret" in why
    assert secret not in why


def test_what_is_larger_than_a_bundle_may_be_is_left_out(variables, tmp_path):
    left, found = kept(variables, tmp_path / "outputs", limit=10)
    assert found == {}
    assert {one.what for one in left} == {"outputs of load", "outputs of inner/clean"}


def test_names_that_no_archive_has_leave_the_block_out(variables, tmp_path):
    (variables / "load" / "output_0" / "a\nb").touch()
    left, found = kept(variables, tmp_path / "outputs")
    assert set(found) == {"inner/clean"}
    assert "cannot be printed" in left[0].why


def test_they_go_before_any_data_is_cut(tmp_path):
    state = tmp_path / "state" / "after" / "postgres"
    state.mkdir(parents=True)
    (state / "0000-t.copy").write_bytes(b"1\n" * MIB)
    for uuid, size in (("small", 10), ("large", 2 * MIB)):
        (tmp_path / "outputs" / uuid).mkdir(parents=True)
        (tmp_path / "outputs" / uuid / "data.parquet").write_bytes(bytes(size))
    left = bound(tmp_path, mib=3)
    assert [one.what for one in left] == ["outputs of large"]
    assert (tmp_path / "outputs" / "small" / "data.parquet").exists()
    assert (state / "0000-t.copy").stat().st_size == 2 * MIB


def test_duckdb_has_a_view_on_each_table_and_goes_on_after_a_mistake(variables, tmp_path):
    _, found = kept(variables, tmp_path / "outputs")
    typed = (
        "selec;\n\nSELECT count(*) AS counted\nFROM load;\n"
        'SELECT text FROM "inner/clean";\nSELECT sum(n) AS added FROM load_1;\n.quit\nSELECT 99;\n'
    )
    out = io.StringIO()
    with_views(found, stdin=io.StringIO(typed), stdout=out)
    said = out.getvalue()
    assert 'view "load"\nview "load_1"\nview "inner/clean"\n' in said
    assert "ParserException" in said
    assert [word in said for word in ("counted", "added", "│ c ", "99")] == [
        True,
        True,
        True,
        False,
    ]
