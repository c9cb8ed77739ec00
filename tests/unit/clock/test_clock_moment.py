"""A moment as people write it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from harness.errors import SettingsError
from harness.moment import moment, written
from harness.settings import load_settings

AT = datetime(2021, 2, 1, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "given",
    [
        "2021-02-01T05:00Z",
        " 2021-02-01T05:00:00z ",
        "2021-02-01 05:00",
        "2021-02-01T07:00+02:00",
        "2021-02-01T07:00:00.000+0200",
        datetime(2021, 2, 1, 5),  # noqa: DTZ001 - TOML has such ones
        datetime(2021, 2, 1, 7, tzinfo=timezone(timedelta(hours=2))),
    ],
)
def test_it_is_in_utc_where_no_zone_is_given(given):
    assert moment(given) == AT
    assert written(moment(given)) == "2021-02-01T05:00:00Z"


@pytest.mark.parametrize("given", ["2021-02-01", date(2021, 2, 1)], ids=repr)
def test_a_day_begins_at_midnight(given):
    assert moment(given) == datetime(2021, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "given",
    [
        "",
        "tomorrow",
        "2021",
        "20210201",
        "2021-02-30",
        1612155600,
        None,
        "1979-12-31",
        "2100-01-01",
        "0001-01-01T00:00+14:00",
        "9999-12-31T23:59-14:00",
        date.min,
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-14))),
    ],
)
def test_what_is_none_is_refused(given):
    with pytest.raises(ValueError, match=r"moment|out of range|day"):
        moment(given)


def test_a_file_may_write_it_as_text_or_as_a_time_of_toml(tmp_path):
    day = AT.replace(hour=0)
    for text, at in (
        ('"2021-02-01T05:00Z"', AT),
        ("2021-02-01T05:00:00Z", AT),
        ("2021-02-01", day),
    ):
        (tmp_path / "pyproject.toml").write_text(f"[tool.mage-harness]\nat = {text}\n")
        assert load_settings(start=tmp_path, environ={}).at == at
    assert load_settings(start=tmp_path, environ={}, options={"at": "2022-01-01"}).at.year == 2022


def test_a_setting_that_is_none_names_its_source(tmp_path):
    with pytest.raises(
        SettingsError, match=r"(?s)settings cannot be used.*no moment.*MAGE_HARNESS_AT"
    ):
        load_settings(start=tmp_path, environ={"MAGE_HARNESS_AT": "soon"})


def test_it_survives_json_as_workers_of_xdist_get_it(tmp_path):
    settings = load_settings(start=tmp_path, environ={}, options={"at": "2021-02-01T05:00Z"})
    assert type(settings).model_validate_json(settings.model_dump_json()) == settings
