"""``GoogleCloudStorage.load`` answers a missing object with an empty frame."""

import functools
from typing import Any

from mage_harness_tap import blocks, events, place, shape


def watch(module: Any) -> None:
    """Watch ``mage_ai.io.google_cloud_storage.GoogleCloudStorage.load``."""
    storage = module.GoogleCloudStorage
    load = storage.load

    @functools.wraps(load)
    def watched(self: Any, bucket_name: str, object_key: str, *args: Any, **kwargs: Any) -> Any:
        frame = load(self, bucket_name, object_key, *args, **kwargs)
        if not shape.rows(frame) and not self.exists(bucket_name, object_key):
            events.emit(
                "object_missing",
                block=blocks.current(),
                line=place.of_caller(),
                object="%s/%s" % (bucket_name, object_key),
            )
        return frame

    storage.load = watched
