"""What is asked for and is not there is said before anything starts."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("trips", "--operators", "filters"), "did you mean filter?"),
        (("trips", "--only", "paying"), "pipeline trips has no block 'paying'"),
        (("trip",), "did you mean trips?"),
        (("trips", "--var", "stricter=1"), "stricter"),
        (("trips", "--json", "-"), "not to the standard output"),
        (("trips", "--limit", "0"), "greater than or equal to 1"),
    ],
)
def test_what_is_not_there_is_refused(author, arguments, said):
    status, out = author(*arguments)
    assert status == 2, out
    assert said in out
    assert "starting" not in out
