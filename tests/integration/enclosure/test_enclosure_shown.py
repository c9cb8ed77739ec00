"""Files and folders of a run at paths that this machine has not."""

from __future__ import annotations

from pathlib import Path

from tests.integration.enclosure.walled import walled
from tests.walls import needs_namespace

pytestmark = needs_namespace

LOOKS = """
cat /home/mage-harness-test/deep/shop/a.txt
echo new > /home/mage-harness-test/deep/made.txt
cat /home/mage-harness-test/deep/one.txt
ls -A /home
"""


def entries() -> list[str]:
    return sorted(one.name for one in Path("/home").iterdir())


def test_they_are_seen_there_beside_what_the_machine_has(tmp_path: Path) -> None:
    root, shop, one = tmp_path / "root", tmp_path / "shop", tmp_path / "one.txt"
    (root / "shop").mkdir(parents=True)
    (root / "one.txt").touch()
    shop.mkdir()
    (shop / "a.txt").write_text("of the project\n")
    one.write_text("of a file\n")
    before = entries()
    base = "/home/mage-harness-test/deep"
    shown = ((str(root), base), (str(one), f"{base}/one.txt"), (str(shop), f"{base}/shop"))

    with walled(["sh", "-c", LOOKS], tmp_path, shown=shown) as run:
        said = run.ended().splitlines()

    assert said[:2] == ["of the project", "of a file"]
    assert sorted(said[2:]) == sorted([*before, "mage-harness-test"])
    assert (root / "made.txt").read_text() == "new\n"
    assert entries() == before


def test_what_the_machine_has_there_is_covered_and_not_touched(tmp_path: Path) -> None:
    there, other = tmp_path / "there", tmp_path / "other"
    for folder, text in ((there, "the machine's\n"), (other, "the run's\n")):
        folder.mkdir()
        (folder / "a.txt").write_text(text)
    script = f"cat {there}/a.txt; echo changed > {there}/a.txt"

    with walled(["sh", "-c", script], tmp_path, shown=((str(other), str(there)),)) as run:
        assert run.ended() == "the run's\n"

    assert (there / "a.txt").read_text() == "the machine's\n"
    assert (other / "a.txt").read_text() == "changed\n"
