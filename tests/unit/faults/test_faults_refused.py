"""Where no fault can be declared, and of which block."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from harness.errors import InputError
from harness.faults.declared import Faults


def faults(**settings):
    blocks = [SimpleNamespace(uuid="loads"), SimpleNamespace(uuid="writes")]
    return Faults(
        SimpleNamespace(
            settings=SimpleNamespace(**settings),
            stack=SimpleNamespace(gates={}),
            project=SimpleNamespace(pipelines=[SimpleNamespace(all_blocks=blocks)]),
        )
    )


@pytest.mark.parametrize(
    "settings",
    [{"provider": "docker"}, {"provider": "embedded", "gcs": "http://localhost:4443"}],
)
def test_services_of_others_get_no_gate(settings):
    with pytest.raises(InputError, match="faults of gcs cannot be declared here"):
        faults(**settings).gcs(503)


def test_a_block_that_no_pipeline_has_is_told_with_those_there_are():
    with pytest.raises(InputError) as error:
        faults(provider="embedded").bigquery(503, block="lods")
    assert error.value.evidence == ("blocks: loads, writes",)
    with pytest.raises(InputError, match="has a block lods"):
        faults(provider="embedded").killed("lods")
