"""Which versions the options of ``mage-harness matrix`` put together."""

from __future__ import annotations

import pytest

from harness.errors import InputError
from harness.matrix.axes import condition, package, versions, wanted


def test_cells_are_the_product_of_the_axes_the_last_one_changing_first():
    cells = wanted(mage=["0.9.79", "0.9.80"], python=["3.11", "3.12"], packages=[])
    assert [one.name for one in cells] == [
        "mage 0.9.79, python 3.11",
        "mage 0.9.79, python 3.12",
        "mage 0.9.80, python 3.11",
        "mage 0.9.80, python 3.12",
    ]


def test_a_cell_is_called_by_what_differs_from_others():
    cells = wanted(mage=["0.9.80"], python=["3.11"], packages=[("pandas", ["2.2.3", "2.3.3"])])
    assert [(one.name, one.packages) for one in cells] == [
        ("pandas 2.2.3", (("pandas", "2.2.3"),)),
        ("pandas 2.3.3", (("pandas", "2.3.3"),)),
    ]
    (alone,) = wanted(mage=["0.9.80"], python=["3.11"], packages=[])
    assert alone.name == "mage 0.9.80, python 3.11"


@pytest.mark.parametrize(
    ("option", "text", "found"),
    [
        ("--mage", "0.9.7x,0.9.80", ("0.9.7x", "0.9.80")),
        ("--mage", "0.9.80, 0.9.80,", ("0.9.80",)),
        ("--mage", "0.9.*", ("0.9.*",)),
        ("--python", "3.11,3.12.1", ("3.11", "3.12.1")),
        ("--package", "1.0rc1,1.0.post2", ("1.0rc1", "1.0.post2")),
    ],
)
def test_versions_are_read_each_once(option, text, found):
    assert versions(option, text) == found


@pytest.mark.parametrize(
    ("option", "text", "symptom"),
    [
        ("--mage", "", "names no version"),
        ("--mage", ",", "names no version"),
        ("--mage", "newest", "'newest' is no version"),
        ("--mage", "0.9.80 -e .", "is no version"),
        ("--mage", "0.x.1", "is no version"),
        ("--python", "3.1x", "is no version"),
        ("--python", "/usr/bin/python3", "is no version"),
        ("--python", "2.7", "is no version"),
    ],
)
def test_what_is_no_version_is_refused(option, text, symptom):
    with pytest.raises(InputError, match=symptom) as told:
        versions(option, text)
    assert told.value.remedy


@pytest.mark.parametrize(
    ("version", "asked"),
    [
        ("0.9.80", "==0.9.80"),
        ("0.9.7x", ">=0.9.70,<0.9.80"),
        ("0.9.7*", ">=0.9.70,<0.9.80"),
        ("0.9.9x", ">=0.9.90,<0.9.100"),
        ("0.9.x", "==0.9.*"),
        ("2x", ">=20,<30"),
        ("x", ""),
    ],
)
def test_an_open_version_stands_for_releases(version, asked):
    assert condition(version) == asked


def test_a_package_and_its_versions():
    assert package("Db_Dtypes==1.4.0,1.9.0") == ("db-dtypes", ("1.4.0", "1.9.0"))


@pytest.mark.parametrize("text", ["pandas", "pandas=2.0", "==2.0", "pandas==", "-r x==1"])
def test_what_is_no_package_is_refused(text):
    with pytest.raises(InputError):
        package(text)


def test_mage_is_an_axis_of_its_own():
    with pytest.raises(InputError) as told:
        package("mage_ai==0.9.79,0.9.80")
    assert told.value.remedy == "write --mage 0.9.79,0.9.80"
