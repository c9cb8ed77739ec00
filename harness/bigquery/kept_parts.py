"""The parts of REST resources that are kept as they were given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DATASET_KEPT = (
    "access",
    "defaultCollation",
    "defaultEncryptionConfiguration",
    "defaultPartitionExpirationMs",
    "defaultRoundingMode",
    "defaultTableExpirationMs",
    "description",
    "friendlyName",
    "labels",
    "maxTimeTravelHours",
    "resourceTags",
    "storageBillingModel",
)
TABLE_KEPT = (
    "defaultRoundingMode",
    "description",
    "encryptionConfiguration",
    "expirationTime",
    "friendlyName",
    "labels",
    "resourceTags",
    "tableConstraints",
)


def kept(resource: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The parts of a resource that are kept as given.

    Raises:
        UnsupportedError: One would change values or comparisons, which the stub does not do.
    """
    if resource.get("defaultRoundingMode") == "ROUND_HALF_EVEN":
        raise UnsupportedError("defaultRoundingMode ROUND_HALF_EVEN")
    if resource.get("defaultCollation"):
        raise UnsupportedError(f"defaultCollation {resource['defaultCollation']}")
    return {name: resource[name] for name in names if name in resource}


def changed(
    old: Mapping[str, Any], resource: Mapping[str, Any], names: Iterable[str], *, whole: bool
) -> dict[str, Any]:
    """What is kept after a patch, or after an update of the whole resource.

    A label whose new value is null is removed and the others stay, as the pages on labels say.
    """
    given = kept(resource, names)
    labels = given.get("labels")
    if isinstance(labels, dict):
        before = {} if whole else dict(old.get("labels") or {})
        merged = {**before, **labels}
        given["labels"] = {key: value for key, value in merged.items() if value is not None}
    return given if whole else {**old, **given}
