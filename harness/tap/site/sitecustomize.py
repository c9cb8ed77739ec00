"""Loaded by Python itself at start-up, because its folder is on PYTHONPATH."""

import importlib.machinery
import importlib.util
import os
import sys
from types import ModuleType

_HERE = os.path.dirname(os.path.abspath(__file__))


def _load_shadowed() -> None:
    """Run the ``sitecustomize`` that this one hides, as Python would have done."""
    path = [entry for entry in sys.path if os.path.abspath(entry or ".") != _HERE]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", path)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


def _tap() -> ModuleType:
    """The tap, which is kept compiled, as a package is that was installed.

    Runs leave no bytecode, so that else each would compile it anew.
    """
    asked, sys.dont_write_bytecode = sys.dont_write_bytecode, False
    try:
        return importlib.import_module("mage_harness_tap")
    finally:
        sys.dont_write_bytecode = asked


_load_shadowed()
if os.environ.get("MAGE_HARNESS_EVENTS"):
    tap = _tap()
    tap.install()
    tap.settle()
    tap.begin()
elif os.environ.get("MAGE_HARNESS_LED"):
    _tap().lead()
