"""Google's keys, whatever path or project they name: each is answered by the throw-away key.

A key of the author's lies in no repository, and would sign in nowhere here. The project that a key
names is kept, since pipelines take it for the one of their tables.
"""

import copy
import functools
import json
import os
import sys
from typing import Any, Callable, Dict, Union

from mage_harness_tap.after_import import after_import

KEY_VARIABLE = "MAGE_HARNESS_GOOGLE_KEY"
_NAMED_BY = "GOOGLE_APPLICATION_CREDENTIALS"
_KEPT = ("project_id", "quota_project_id")
_OTHER_WAYS = ("google_default", "cache", "cloud", "anon", "browser")

_Path = Union[str, "os.PathLike[str]"]


def watch() -> None:
    """Lead the sign-ins of this process to the throw-away key, where there is one."""
    path = os.environ.get(KEY_VARIABLE, "")
    if path:
        key = _Key(path)
        _name_for_programs(key)
        after_import("google.auth._default", key.watch_default)
        after_import("google.oauth2.service_account", key.watch_accounts)
        after_import("google.cloud.client", key.watch_clients)
        after_import("gcsfs.credentials", key.watch_gcsfs)


class _Key:
    """The throw-away key, in the place of others.

    Args:
        path: Its file.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._text: object = None

    def instead_of(self, info: Dict[str, Any]) -> Dict[str, Any]:
        """What stands for the content of another key."""
        with open(self.path, encoding="utf-8") as file:
            own: Dict[str, Any] = json.load(file)
        self._text = own.get("private_key")
        return {**own, **{name: info[name] for name in _KEPT if info.get(name)}}

    def instead_of_file(self, path: _Path) -> Dict[str, Any]:
        """What stands for another key's file, whether or not that is there."""
        try:
            with open(path, encoding="utf-8") as file:
                info = json.load(file)
        except (OSError, ValueError):
            info = {}
        return self.instead_of(info if isinstance(info, dict) else {})

    def watch_default(self, module: Any) -> None:
        """Watch ``google.auth._default``: what a variable or a block names as credentials."""
        load = module.load_credentials_from_file

        @functools.wraps(load)
        def loaded(filename: _Path, *args: Any, **kwargs: Any) -> Any:
            credentials, project = load(self.path, *args, **kwargs)
            return credentials, self.instead_of_file(filename)["project_id"] or project

        module.load_credentials_from_file = loaded

    def watch_accounts(self, module: Any) -> None:
        """Watch ``google.oauth2.service_account``."""
        for name in ("Credentials", "IDTokenCredentials"):
            kind = getattr(module, name)
            from_info = kind.from_service_account_info
            kind.from_service_account_info = classmethod(self._from_info(from_info))
            kind.from_service_account_file = classmethod(self._from_file(from_info))
        signers = sys.modules.get("google.auth.crypt._cryptography_rsa")
        if signers is not None:
            self._take_as_it_is(signers)

    def watch_clients(self, module: Any) -> None:
        """Watch ``google.cloud.client``: clients that are made by a key's file."""
        kind = module._ClientFactoryMixin

        def from_file(cls: Any, path: _Path, *args: Any, **kwargs: Any) -> Any:
            return cls.from_service_account_info(self.instead_of_file(path), *args, **kwargs)

        kind.from_service_account_json = classmethod(from_file)
        begin = module.Client.__init__

        @functools.wraps(begin)
        def begun(
            client: Any, credentials: Any = None, _http: Any = None, client_options: Any = None
        ) -> None:
            if credentials is not None and client_options:
                # Storage's client has anonymous ones where it is led, and would refuse both.
                client_options = copy.copy(client_options)
                if isinstance(client_options, dict):
                    client_options.pop("credentials_file", None)
                else:
                    client_options.credentials_file = None
            begin(client, credentials=credentials, _http=_http, client_options=client_options)

        module.Client.__init__ = begun

    def watch_gcsfs(self, module: Any) -> None:
        """Watch ``gcsfs.credentials``: a token is a key's file, its content, or a way to get it."""
        kind = module.GoogleCredentials
        connect, default = kind.connect, kind._connect_google_default

        @functools.wraps(connect)
        def connected(credentials: Any, method: Any = None) -> Any:
            if isinstance(method, (str, os.PathLike)) and method not in _OTHER_WAYS:
                method = self.instead_of_file(method)
            return connect(credentials, "google_default" if method == "browser" else method)

        @functools.wraps(default)
        def by_default(credentials: Any) -> Any:
            # It insists on the project of the key; the author's would have the one that is named.
            project, credentials.project = credentials.project, None
            default(credentials)
            credentials.project = project or credentials.project

        kind.connect, kind._connect_google_default = connected, by_default

    def _take_as_it_is(self, module: Any) -> None:
        """Have nobody prove again that the throw-away key's numbers are primes: it takes a while.

        Args:
            module: ``google.auth.crypt._cryptography_rsa``.
        """
        kind, load = module.RSASigner, module.serialization.load_pem_private_key
        make = kind.from_string.__func__

        @functools.wraps(make)
        def made(cls: Any, key: Any, key_id: Any = None) -> Any:
            if key != self._text:
                return make(cls, key, key_id)
            try:
                own = load(key.encode(), password=None, unsafe_skip_rsa_key_validation=True)
            except TypeError:
                # Before cryptography 39 it had to be proven.
                return make(cls, key, key_id)
            return cls(own, key_id=key_id)

        kind.from_string = classmethod(made)

    def _from_info(self, make: Callable[..., Any]) -> Callable[..., Any]:
        function = make.__func__  # type: ignore[attr-defined]

        @functools.wraps(function)
        def made(cls: Any, info: Dict[str, Any], *args: Any, **kwargs: Any) -> Any:
            return function(cls, self.instead_of(info), *args, **kwargs)

        return made

    def _from_file(self, make: Callable[..., Any]) -> Callable[..., Any]:
        function = make.__func__  # type: ignore[attr-defined]

        def made(cls: Any, filename: _Path, *args: Any, **kwargs: Any) -> Any:
            return function(cls, self.instead_of_file(filename), *args, **kwargs)

        return made


def _name_for_programs(key: _Key) -> None:
    """Have libraries in C and other programs see the throw-away key, whatever a block names.

    Python itself goes on to show what the block has set.
    """
    put = os.putenv
    name = os.fsencode(_NAMED_BY)

    @functools.wraps(put)
    def watched(variable: Any, value: Any) -> None:
        put(variable, os.fsencode(key.path) if os.fsencode(variable) == name else value)

    os.putenv = watched
