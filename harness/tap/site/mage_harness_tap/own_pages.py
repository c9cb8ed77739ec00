"""Mage's own pages are for this machine alone: ``mage start`` would listen on all of its addresses.

Mage takes its default, ``localhost``, for no address at all, which means every one.
"""

import functools
from typing import Any

from mage_harness_tap.after_import import after_import

_HERE = "127.0.0.1"


def watch() -> None:
    """Watch ``tornado.web``, which serves them; an address that somebody names is kept."""
    after_import("tornado.web", _watch)


def _watch(module: Any) -> None:
    listen = module.Application.listen

    @functools.wraps(listen)
    def listened(self: Any, port: Any, address: Any = None, **kwargs: Any) -> Any:
        return listen(self, port, address or _HERE, **kwargs)

    module.Application.listen = listened
