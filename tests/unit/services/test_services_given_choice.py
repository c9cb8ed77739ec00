"""What is built for an address, and what is refused before anything is forwarded to it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from harness.errors import InputError
from harness.machine.guardian import Guardian
from harness.services.given.choice import Given
from harness.settings import Settings

GATEWAY = "http://172.20.0.1:1"


@pytest.fixture
def given(tmp_path: Path):
    """Makes one for settings; its ``forwarded`` has what was to be reached by a forwarder."""

    def make(**settings: str) -> Given:
        made = Given(
            Settings(**settings),
            guardian=Guardian(),
            folder=tmp_path,
            shared=None,
            through=lambda url: forwarded.append(url) or GATEWAY,
        )
        made.forwarded = forwarded
        return made

    forwarded: list[str] = []
    return make


def test_what_has_no_address_is_not_built(given) -> None:
    chosen = given(gcs="http://localhost:1")
    chosen.load("bigquery")
    assert [chosen.build(name) for name in ("postgres", "bigquery", "google", "http")] == [None] * 4


def test_a_forwarder_leads_to_the_plain_address(given) -> None:
    chosen = given(gcs="HTTP://Localhost:4443/")
    service = chosen.build("gcs")
    assert chosen.forwarded == [service.address] == ["http://localhost:4443"]
    assert service.server._through == GATEWAY


def test_pipelines_go_through_a_forwarder_and_the_harness_does_not(given) -> None:
    service = given(bigquery="http://localhost:9050").build("bigquery")
    assert service.url == "http://localhost:9050"
    assert service.environment() == {"BIGQUERY_EMULATOR_HOST": GATEWAY}
    assert service.values()["bigquery_endpoint"] == GATEWAY
    assert service.listens_at == ("172.20.0.1", 1)


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("gcs", "https://storage.googleapis.com"),
        ("bigquery", "https://bigquery.googleapis.com"),
        ("gcs", "http://host:port"),
        ("postgres", "postgresql://user:se/cret@host:5432/db"),
        ("postgres", "mysql://host/db"),
    ],
)
def test_what_is_refused_is_refused_as_it_was_written(given, name: str, url: str) -> None:
    chosen = given(**{name: url})
    with pytest.raises(InputError) as caught:
        chosen.build(name)
    assert chosen.forwarded == []
    assert "cret" not in str(caught.value)


@pytest.mark.parametrize("name", ["postgres", "gcs", "bigquery"])
def test_its_module_is_imported_before_threads_start(name: str) -> None:
    code = (
        "import sys; from harness.services.given.choice import Given; "
        "from harness.settings import Settings\n"
        f"given = Given(Settings({name}='x'), guardian=None, folder=None, shared=None, through=id)\n"
        f"assert 'harness.services.given.{name}' not in sys.modules; given.load({name!r})\n"
        f"assert 'harness.services.given.{name}' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
