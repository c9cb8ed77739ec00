"""A connection to PostgreSQL that fails: Mage and many blocks swallow it."""

import functools
from typing import Any

from mage_harness_tap import blocks, events, place


def watch(module: Any) -> None:
    """Watch ``psycopg2.connect``, which SQLAlchemy and Mage use too."""
    connect = module.connect

    @functools.wraps(connect)
    def watched(*args: Any, **kwargs: Any) -> Any:
        try:
            return connect(*args, **kwargs)
        except Exception as error:
            events.emit(
                "connection_failed",
                block=blocks.current(),
                line=place.of_caller(),
                service="PostgreSQL",
                message=place.words(error),
            )
            raise

    module.connect = watched
