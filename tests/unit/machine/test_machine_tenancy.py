from __future__ import annotations

import pytest

from harness.errors import EnvironmentNotAbleError
from harness.machine.ports import ATTEMPTS, claim
from harness.machine.tenancy import AddressInUseError, Tenancy


@pytest.fixture
def tenancy(tmp_path):
    one = Tenancy("gcs", cache=tmp_path, guardian=None, port=None)
    yield one
    one.end()


def test_a_lost_port_is_given_back_and_another_is_tried(tenancy, tmp_path):
    lost = []

    def attempt(port):
        if len(lost) < 2:
            lost.append(port)
            raise AddressInUseError(str(port))
        return "served"

    assert tenancy.listen(attempt) == "served"
    assert tenancy.port not in lost
    for port in lost:
        claim(service="another", cache=tmp_path, number=port).release()


@pytest.mark.parametrize(("fixed", "tries"), [(True, 1), (False, ATTEMPTS)])
def test_a_port_that_is_lost_for_good_is_told_of(tmp_path, fixed, tries):
    with claim(service="gcs", cache=tmp_path) as free:
        number = free.number
    tenancy = Tenancy("gcs", cache=tmp_path, guardian=None, port=number if fixed else None)
    tried = []

    def attempt(port):
        tried.append(port)
        raise AddressInUseError(str(port))

    with pytest.raises(EnvironmentNotAbleError, match="set for gcs, is taken"):
        tenancy.listen(attempt)
    assert len(tried) == tries
    assert tenancy.port is None


def test_it_ends_with_its_folder_and_can_begin_again(tenancy, tmp_path):
    for _ in range(2):
        tenancy.folder = folder = tenancy.guardian.make_folder(prefix="t-", parent=tmp_path)
        port = tenancy.listen(lambda port: port)
        tenancy.end()
        assert not folder.exists()
        assert (tenancy.folder, tenancy.port) == (None, None)
        claim(service="another", cache=tmp_path, number=port).release()
        tenancy.end()
