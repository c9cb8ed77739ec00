"""The stub works with sqlglot also where its compiled modules are installed."""

from __future__ import annotations

import subprocess
import sys
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader, SourceFileLoader
from types import SimpleNamespace

import pytest

from harness.bigquery import BigQueryServer, sqlglot_sources
from harness.errors import EnvironmentNotAbleError


@pytest.fixture
def folder(tmp_path):
    """Modules that are there compiled, as a source, and as both."""
    for name in ("compiled", "both"):
        (tmp_path / f"{name}{EXTENSION_SUFFIXES[0]}").touch()
    for name in ("source", "both"):
        (tmp_path / f"{name}.py").touch()
    return tmp_path


def found(name, folder):
    (finder,) = (one for one in sys.meta_path if isinstance(one, sqlglot_sources._Sources))
    return finder.find_spec(name, [str(folder)])


def test_a_source_goes_before_a_compiled_module(folder):
    spec = found("sqlglot.both", folder)
    assert spec.origin == str(folder / "both.py")
    assert isinstance(spec.loader, SourceFileLoader)
    assert spec.name == "sqlglot.both"


def test_what_has_no_source_stays_compiled(folder):
    assert isinstance(found("sqlglot.compiled", folder).loader, ExtensionFileLoader)
    assert found("sqlglot.source", folder).origin == str(folder / "source.py")
    assert found("sqlglot.neither", folder) is None


@pytest.mark.parametrize("name", ["both", "sqlglots.both", "other.sqlglot.both"])
def test_other_packages_are_left_alone(name, folder):
    assert found(name, folder) is None


def test_it_is_put_in_place_once():
    before = list(sys.meta_path)
    sqlglot_sources.prefer_sources()
    assert sys.meta_path == before


def test_a_parser_that_was_imported_compiled_is_refused_by_name(monkeypatch):
    compiled = SimpleNamespace(__file__="/somewhere/sqlglot/parser.cpython-311.so")
    monkeypatch.setitem(sys.modules, "sqlglot.parser", compiled)
    server = BigQueryServer()
    with pytest.raises(EnvironmentNotAbleError, match="uninstall sqlglotc") as refused:
        server.start()
    assert compiled.__file__ in str(refused.value)
    assert server.url == ""


def test_any_module_of_the_stub_may_be_the_first_to_import_it():
    told = "import sys, harness.bigquery.partitions.pruning as _; print(type(sys.meta_path[0]).__name__)"
    done = subprocess.run(
        [sys.executable, "-c", told], check=True, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == "_Sources"
