from __future__ import annotations

import errno
import os
import socket

import pytest

from harness.errors import EnvironmentNotAbleError
from harness.machine.ports import HOST, claim, taken


def test_no_two_claims_are_the_same_and_a_released_one_is_free_again(tmp_path):
    with claim(service="one", cache=tmp_path) as first:
        assert not first.fixed
        with pytest.raises(EnvironmentNotAbleError, match=f"port {first.number}, set for two"):
            claim(service="two", cache=tmp_path, number=first.number)
    with claim(service="two", cache=tmp_path, number=first.number) as second:
        assert second.fixed


def test_a_port_that_somebody_listens_on_is_taken(tmp_path):
    with (
        socket.create_server((HOST, 0)) as other,
        pytest.raises(EnvironmentNotAbleError, match="set for gcs, is taken"),
    ):
        claim(service="gcs", cache=tmp_path, number=other.getsockname()[1])


def test_a_port_that_the_system_refuses_is_not_said_to_be_taken():
    refusal = PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    error = taken(service="gcs", number=80, refusal=refusal)
    assert error.symptom == "port 80, set for gcs, cannot be listened on"
    assert error.cause == "Permission denied"


@pytest.mark.parametrize("number", [None, 0])
def test_a_cache_that_cannot_be_written_is_named_with_a_remedy(tmp_path, number):
    cache = tmp_path / "cache"
    cache.write_text("no folder")
    with pytest.raises(EnvironmentNotAbleError) as caught:
        claim(service="gcs", cache=cache, number=number)
    assert str(cache / "ports") in caught.value.symptom
    assert "MAGE_HARNESS_CACHE" in caught.value.remedy
