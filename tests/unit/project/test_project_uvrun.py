"""What is told while uv makes an environment."""

from __future__ import annotations

import pytest

from harness.project.uvrun import stage


@pytest.mark.parametrize(
    ("said", "about"),
    [
        ([], ""),
        (["Using Python 3.11.7 environment at: ."], "choosing versions that go together"),
        (["Using Python 3.11.7 environment at: .", "Resolved 216 packages in 9s"], "fetching"),
        (["Resolved 216 packages in 9s", "Downloading mlflow (24.6MiB)"], None),
        (["Prepared 14 packages in 4.25s"], "installing"),
        (
            ["Installed 202 packages in 2.37s", " + pandas==2.1.4"],
            "compiling, once, so that each run starts at once",
        ),
    ],
)
def test_what_uv_is_about_is_told_in_its_silence(said, about):
    assert stage(said) == (said[-1] if about is None else about)
