"""Where this machine gives network namespaces, and where it does not."""

from __future__ import annotations

import pytest

from harness.enclosure.start import refusal

needs_namespace = pytest.mark.skipif(
    bool(refusal()), reason=f"this machine gives no network namespace: {refusal()}"
)
