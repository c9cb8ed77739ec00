"""What is allowed, and what is hidden, as it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.enclosure.plan import Allowed, allowed, hidden_places
from harness.errors import InputError


def test_an_allow_list_is_doors_and_sockets() -> None:
    texts = ["db.corp:5432", "api.example.com", "10.0.0.9:6379", "[fd00::9]:443", "/run/x.sock"]

    assert allowed(texts) == Allowed(
        doors=(
            ("db.corp", 5432),
            ("api.example.com", 80),
            ("api.example.com", 443),
            ("10.0.0.9", 6379),
            ("fd00::9", 443),
        ),
        paths=("/run/x.sock",),
    )


@pytest.mark.parametrize(
    "text",
    ["", "host:", "host:0", "host:65536", "host:http", ":80", "https://host", "*", "fd00::9", "[]"],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="nothing that can be allowed"):
        allowed([text])


def test_keys_of_the_home_are_hidden_and_files_that_variables_name(tmp_path: Path) -> None:
    machine = {
        "HOME": str(tmp_path),
        "KUBECONFIG": f"{tmp_path}/one:{tmp_path}/two",
        "GOOGLE_APPLICATION_CREDENTIALS": "relative.json",
    }
    found = hidden_places(needed=[], machine=machine)

    wanted = [".aws", ".config/gcloud", ".netrc", ".pgpass", ".ssh", "one", "two"]
    assert {str(tmp_path / name) for name in wanted} <= set(found)
    assert not any("relative.json" in place for place in found)


def test_a_folder_that_a_run_needs_is_not_hidden(tmp_path: Path) -> None:
    machine = {"HOME": str(tmp_path), "DBT_PROFILES_DIR": str(tmp_path / "work")}
    found = hidden_places(needed=[tmp_path / "work" / "cache"], machine=machine)

    assert str(tmp_path / "work") not in found


def test_a_key_that_is_allowed_is_not_hidden_and_those_beside_it_are(tmp_path: Path) -> None:
    key = tmp_path / ".ssh" / "id_rsa"
    found = hidden_places(needed=[key], machine={"HOME": str(tmp_path)})

    assert str(tmp_path / ".ssh") not in found
    assert str(tmp_path / ".aws") in found
