"""Clients of S3 end at the private server, whatever endpoint, keys and profile they name.

Clients of today heed the variables; those of Mage's own pins, and those that name a server of their
author's such as MinIO, do not.
"""

import functools
import importlib
import os
from typing import Any, Dict
from urllib.parse import urlsplit

from mage_harness_tap import blocks, events, place
from mage_harness_tap.after_import import after_import

URL_VARIABLE = "MAGE_HARNESS_S3"
# In botocore's order, for the few who give them so.
_NAMES = ("region_name", "api_version", "use_ssl", "verify", "endpoint_url")
_LED = ("s3", "sts")
_STYLE = {"addressing_style": "path"}


def watch() -> None:
    """Lead the clients of this process, where there is a private server."""
    url = os.environ.get(URL_VARIABLE, "")
    if url:
        lead = _Lead(url)
        after_import("botocore.session", lead.watch_botocore)
        after_import("aiobotocore.session", lead.watch_aiobotocore)
        after_import("pyarrow.fs", lead.watch_pyarrow)
        after_import("minio.api", lead.watch_minio)


class _Lead:
    """The private server, in the place of others.

    Args:
        url: Its URL.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.place = urlsplit(url).netloc
        # Any does; a block may have taken those of the environment away from its programs.
        self._key = os.environ.get("AWS_ACCESS_KEY_ID") or "mage-harness"
        self._secret = os.environ.get("AWS_SECRET_ACCESS_KEY") or "mage-harness"

    def watch_botocore(self, module: Any) -> None:
        """Watch ``botocore.session``, which boto3 and awswrangler use."""
        kind = module.Session
        kind.create_client = self._led_client(kind.create_client)
        scoped = kind.get_scoped_config

        @functools.wraps(scoped)
        def been_scoped(session: Any) -> Any:
            try:
                return scoped(session)
            except module.ProfileNotFound:
                # The author's, in a file that a run does not see.
                return {}

        kind.get_scoped_config = been_scoped

    def watch_aiobotocore(self, module: Any) -> None:
        """Watch ``aiobotocore.session``, which s3fs uses, and pandas by it."""
        kind = module.AioSession
        kind.create_client = self._led_client(kind.create_client)

    def watch_pyarrow(self, module: Any) -> None:
        """Watch ``pyarrow.fs``, whose file system is written in C++."""
        kind = getattr(module, "S3FileSystem", None)
        if kind is not None:
            module.S3FileSystem = self._led_filesystem(kind)

    def watch_minio(self, module: Any) -> None:
        """Watch ``minio.api``."""
        begin = module.Minio.__init__

        @functools.wraps(begin)
        def begun(client: Any, *args: Any, **kwargs: Any) -> None:
            self._tell(args[0] if args else kwargs.get("endpoint"))
            for name in ("endpoint", "session_token", "credentials"):
                kwargs.pop(name, None)
            own = {"access_key": self._key, "secret_key": self._secret, "secure": False}
            begin(client, self.place, **{**kwargs, **own})

        module.Minio.__init__ = begun

    def _led_client(self, create: Any) -> Any:
        @functools.wraps(create)
        def created(session: Any, service_name: Any, *args: Any, **kwargs: Any) -> Any:
            if service_name not in _LED:
                return create(session, service_name, *args, **kwargs)
            asked: Dict[str, Any] = dict(zip(_NAMES, args), **kwargs)  # noqa: B905 - Python 3.8
            self._tell(asked.get("endpoint_url"))
            asked.update(
                endpoint_url=self.url,
                aws_access_key_id=self._key,
                aws_secret_access_key=self._secret,
                aws_session_token=None,
                config=_by_path(asked.get("config")),
            )
            return create(session, service_name, **asked)

        return created

    def _led_filesystem(self, kind: Any) -> Any:
        lead = self

        class S3FileSystem(kind):  # type: ignore[misc]
            """The file system, at the private server."""

            def __init__(self, *args: Any, **kwargs: Any) -> None:
                lead._tell(kwargs.get("endpoint_override"))
                for name in ("anonymous", "session_token", "role_arn", "proxy_options"):
                    kwargs.pop(name, None)
                kwargs.update(
                    access_key=lead._key,
                    secret_key=lead._secret,
                    scheme="http",
                    endpoint_override=lead.place,
                    # A bucket that production has is made by the first that writes there.
                    allow_bucket_creation=True,
                )
                kwargs.setdefault("region", os.environ.get("AWS_REGION"))
                super().__init__(*args, **kwargs)

        S3FileSystem.__module__, S3FileSystem.__qualname__ = kind.__module__, kind.__qualname__
        return S3FileSystem

    def _tell(self, server: Any) -> None:
        """Say that a server of the author's was named."""
        if server and self.place not in str(server):
            line = place.of_caller()
            events.emit("s3_led", block=blocks.current(), line=line, server=str(server))


def _by_path(config: Any) -> Any:
    """A client's wishes, with the bucket in the path: its name is no host here."""
    make = importlib.import_module("botocore.config").Config
    own = make(s3=_STYLE)
    if config is None:
        return own
    return config.merge(make(s3={**(getattr(config, "s3", None) or {}), **_STYLE}))
