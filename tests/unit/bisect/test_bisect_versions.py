"""Versions: the spans that are understood, and requirements with one of them pinned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.bisect.versions import MAGE, Versions
from harness.errors import InputError, ProjectError
from harness.machine.guardian import Guardian
from harness.project import releases
from harness.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from harness.settings import Settings

RELEASED = ["1.0", "1.1", "1.2.post1", "1.9", "1.10", "2.0"]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    folder = tmp_path / "shop"
    (folder / "pipelines" / "trips").mkdir(parents=True)
    (folder / "metadata.yaml").write_text("project_type: standalone\n", "utf-8")
    (folder / "pipelines" / "trips" / "metadata.yaml").write_text(
        "name: trips\nuuid: trips\ntype: python\nblocks: []\n", "utf-8"
    )
    (tmp_path / "requirements.txt").write_text(
        "humanize[all, Odd] == 4.0\nhumanize-more==1\ntoolz>=0.1\n", "utf-8"
    )
    return load_settings(start=folder, environ={})


@pytest.fixture
def guardian() -> Iterator[Guardian]:
    with Guardian() as guardian:
        yield guardian


class Uv:
    """In place of uv: the newest of the released versions that meets a condition."""

    def __init__(self, released: Sequence[str]) -> None:
        self._released = list(released)
        self.asked: list[str] = []

    def __call__(self, arguments: Sequence[str], *, folder: Path, **_: object) -> None:
        assert folder.stat().st_mode & 0o777 == 0o700
        wanted = (folder / arguments[2].rpartition("/")[2]).read_text("utf-8").strip()
        self.asked.append(wanted)
        name, found = "humanize", list(self._released)
        for part in wanted.removeprefix(name).split(","):
            for sign in ("==", "!=", ">=", "<"):
                if part.startswith(sign):
                    number = part.removeprefix(sign)
                    if number not in self._released:
                        raise ProjectError("nothing")
                    at = self._released.index(number)
                    found = [
                        one
                        for one in found
                        if {
                            "==": one == number,
                            "!=": one != number,
                            ">=": self._released.index(one) >= at,
                            "<": self._released.index(one) < at,
                        }[sign]
                    ]
                    break
        if not found:
            raise ProjectError("nothing")
        out = folder / arguments[arguments.index("--output-file") + 1]
        assert not out.exists()
        out.write_text(f"{name}=={found[-1]}\n", "utf-8")


@pytest.fixture
def uv(monkeypatch: pytest.MonkeyPatch) -> Uv:
    uv = Uv(RELEASED)
    monkeypatch.setattr(releases, "run_uv", uv)
    return uv


def of(settings: Settings, guardian: Guardian, span: str, package: str = "Humanize") -> Versions:
    return Versions(
        settings, package=package, span=span, guardian=guardian, progress=lambda _line: None
    )


@pytest.mark.parametrize(
    ("span", "found"),
    [
        ("1.0..2.0", RELEASED),
        ("1.1..1.9", ["1.1", "1.2.post1", "1.9"]),
        ("1.9..1.10", ["1.9", "1.10"]),
        ("1.10..1.9", ["1.10", "1.9"]),
        ("2.0..1.2.post1", ["2.0", "1.10", "1.9", "1.2.post1"]),
    ],
)
@pytest.mark.usefixtures("uv")
def test_versions_are_in_their_order_from_the_good_one(
    settings: Settings, guardian: Guardian, span: str, found: list[str]
) -> None:
    row = of(settings, guardian, span)
    assert [one.name for one in row.all] == found
    assert row.all[0].line == f"humanize {found[0]}"


@pytest.mark.parametrize(
    "span", ["1.0", "1.0...2.0", "1..0..2.0 x", "..2.0", "1.0..", "1.0..-r\nx"]
)
@pytest.mark.usefixtures("uv")
def test_what_is_no_span_is_refused(settings: Settings, guardian: Guardian, span: str) -> None:
    with pytest.raises(InputError, match=r"is no span of versions|there is no version"):
        of(settings, guardian, span)


@pytest.mark.usefixtures("uv")
def test_ends_that_are_not_released_or_the_same_are_refused(
    settings: Settings, guardian: Guardian
) -> None:
    with pytest.raises(InputError, match=r"there is no version 1\.7 for the Python"):
        of(settings, guardian, "1.0..1.7")
    with pytest.raises(InputError, match="are the same"):
        of(settings, guardian, "1.0..1.0")


@pytest.mark.parametrize("package", ["-r", "--index=x", "a b", "", "a\nb", "a;b", "../x"])
def test_hostile_names_of_packages_never_reach_uv(
    settings: Settings, guardian: Guardian, uv: Uv, package: str
) -> None:
    with pytest.raises(InputError, match="is no name of a package"):
        of(settings, guardian, "1.0..2.0", package)
    assert uv.asked == []


def test_in_containers_versions_are_not_varied(
    settings: Settings, guardian: Guardian, uv: Uv
) -> None:
    with pytest.raises(InputError, match="cannot be varied in containers"):
        of(settings.model_copy(update={"provider": "docker"}), guardian, "1.0..2.0")
    assert uv.asked == []


@pytest.mark.usefixtures("uv")
def test_a_version_takes_the_place_of_the_projects_own(
    settings: Settings, guardian: Guardian, tmp_path: Path
) -> None:
    given = settings.model_copy(update={"mage_python": tmp_path / "python"})
    row = of(given, guardian, "1.0..2.0")
    with row.at(row.all[1]) as found:
        assert found.requirements is not None
        assert found.mage_python is None
        assert found.requirements.read_text("utf-8").splitlines() == [
            "humanize-more==1",
            "toolz>=0.1",
            "humanize[Odd,all]==1.1",
        ]
    assert not found.requirements.exists()


def test_of_mage_the_setting_is_another(
    settings: Settings, guardian: Guardian, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run_uv(arguments: Sequence[str], *, folder: Path, **_: object) -> None:
        wanted = (folder / arguments[2].rpartition("/")[2]).read_text("utf-8").strip()
        if ">=" in wanted:
            raise ProjectError("nothing")
        (folder / arguments[4].rpartition("/")[2]).write_text(f"{wanted}\n", "utf-8")

    monkeypatch.setattr(releases, "run_uv", run_uv)
    row = of(settings, guardian, "0.9.79..0.9.80", MAGE)
    with row.at(row.all[0]) as found:
        assert found.mage_version == "0.9.79"
        assert found.requirements == settings.requirements
