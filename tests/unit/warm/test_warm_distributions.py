"""What is installed, as a warm run is told it, beside the same script by itself."""

from __future__ import annotations

import sys

import pytest

from tests.unit.warm.warm_bench import both, opened, own_servers

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="warm runs are Linux's only")
ASKED = (
    "import importlib.metadata, json, os, sys\n"
    "sys.path[1:1] = {more!r}\n"
    "found = importlib.metadata.packages_distributions()\n"
    "print(json.dumps(found, sort_keys=True), flush=True)\n"
)
FINDER = """class Finder:
    def find_spec(self, *asked): return None
    def find_distributions(self, context):
        from importlib.metadata import PathDistribution
        from pathlib import Path
        return iter([PathDistribution(Path({info!r}))])
__import__('sys').meta_path.append(Finder())
"""


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    folder = tmp_path_factory.mktemp("distributions")
    with own_servers(folder.name), opened(folder, network="guard") as bench:
        yield bench


@pytest.fixture
def installed(tmp_path):
    """A folder with a distribution of a package that others have too."""
    info = tmp_path / "place" / "ours-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: ours\nVersion: 1\n")
    (info / "top_level.txt").write_text("pytest\nours\n")
    return info


@pytest.mark.parametrize("case", ["nothing more", "an empty folder", "another", "a finder"])
def test_it_is_what_the_script_is_told_by_itself(bench, installed, tmp_path, case: str) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    more = {"an empty folder": [str(empty), "nowhere"], "another": [str(installed.parent)]}
    code = ASKED.format(more=more.get(case, []))
    if case == "a finder":
        code = FINDER.format(info=str(installed)) + code
    warm, alone = both(bench, code)
    assert warm == alone
    assert '"pytest": [' in warm[1]
    assert ('"ours"' in warm[1]) == (case in ("another", "a finder"))


def test_what_was_known_of_the_folders_is_not_looked_for_again(bench) -> None:
    code = (
        "import importlib.metadata\n"
        "asked = []\n"
        "importlib.metadata.Distribution.metadata = property(asked.append)\n"
        "found = importlib.metadata.packages_distributions()\n"
        "print(len(found) > 5, len(asked), flush=True)\n"
    )
    warm, alone = both(bench, code)
    assert warm[1] == "True 0\n"
    assert alone[1] != warm[1]
