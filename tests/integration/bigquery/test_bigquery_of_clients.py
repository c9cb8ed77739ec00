"""What other clients send that Google's own does not, in its smallest form."""

from __future__ import annotations

import pytest

from harness.bigquery.errors import UnsupportedError
from harness.bigquery.types import field_from_rest


def test_dbt_sends_policy_tags_without_a_name():
    field = field_from_rest({"name": "a", "type": "STRING", "policyTags": {"names": []}})
    assert field.name == "a"
    with pytest.raises(UnsupportedError, match="policyTags of field a"):
        field_from_rest({"name": "a", "type": "STRING", "policyTags": {"names": ["secret"]}})
