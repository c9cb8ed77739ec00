"""Loaded by Python itself at start-up, because its folder is on PYTHONPATH."""

import importlib.machinery
import importlib.util
import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))


def _load_shadowed() -> None:
    """Run the ``sitecustomize`` that this one hides, as Python would have done."""
    path = [entry for entry in sys.path if os.path.abspath(entry or ".") != _HERE]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", path)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


_load_shadowed()
if os.environ.get("MAGE_HARNESS_EVENTS"):
    import mage_harness_tap

    mage_harness_tap.install()
    mage_harness_tap.begin()
elif os.environ.get("MAGE_HARNESS_LED"):
    import mage_harness_tap

    mage_harness_tap.lead()
