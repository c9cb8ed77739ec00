"""dbt's profiles end at the private services, whatever host, key and database they name.

They are led as dbt takes them, with their variables filled in, so that programs of a block's own do
so too. What leads nowhere stays: schema, dataset, threads, the path of a file.
"""

import functools
import os
from typing import Any, Dict, Iterator, Optional

from mage_harness_tap import blocks, events, google_keys, postgres_lead
from mage_harness_tap.after_import import after_import

_UNSET = "None"
_OF_A_ROLE = ("role",)
_database = ""
"""The private one, where the profile in use was led to it."""
_SIGN_INS = frozenset(
    (
        *("api_endpoint", "client_id", "client_secret", "impersonate_service_account"),
        *("keyfile_json", "refresh_token", "service_account_impersonation_url", "token"),
        *("token_endpoint", "token_uri", "workload_pool_provider_path"),
    )
)


def watch() -> None:
    """Lead dbt where there are private services."""
    after_import("dbt.config.profile", _watch_profiles)
    after_import("dbt.adapters.postgres.relation", _watch_relations)


def _watch_profiles(module: Any) -> None:
    """Watch ``dbt.config.profile``: what a target says, before it is checked."""
    profile = module.Profile
    make = profile._credentials_from_profile

    @functools.wraps(make)
    def made(said: Dict[str, Any], name: str, target: str) -> Any:
        led = _LEADS.get(str(said.get("type")), dict)(said)
        for key in _unset(led):
            events.emit(
                "dbt_unset", block=blocks.current(), line=None, profile=name, target=target, key=key
            )
        return make(led, name, target)

    profile._credentials_from_profile = staticmethod(made)


def _postgres(said: Dict[str, Any]) -> Dict[str, Any]:
    global _database  # noqa: PLW0603 - dbt itself has one profile at a time
    lead = postgres_lead.private()
    database = said.get("dbname") or said.get("database")
    host = "(unset)" if said.get("host") == _UNSET else said.get("host")
    asked = {"host": host, "port": said.get("port"), "user": said.get("user"), "dbname": database}
    led = lead.led(asked) if lead else asked
    _database = "" if led is asked else str(led["dbname"])
    if led is asked:
        return dict(said)
    kept = {
        name: value
        for name, value in said.items()
        if name not in (*led, *_OF_A_ROLE, "database", "pass") and not name.startswith("ssl")
    }
    own = {name: led[name] for name in ("host", "user", "password", "dbname")}
    return {**kept, **own, "port": int(str(led["port"]))}


def _bigquery(said: Dict[str, Any]) -> Dict[str, Any]:
    key = os.environ.get(google_keys.KEY_VARIABLE)
    if not key:
        return dict(said)
    kept = {name: value for name, value in said.items() if name not in _SIGN_INS}
    return {**kept, "method": "service-account", "keyfile": key}


_LEADS = {"postgres": _postgres, "bigquery": _bigquery}


def _unset(said: Dict[str, Any], above: str = "") -> Iterator[str]:
    """The keys for which Mage has rendered a variable that nobody sets."""
    for key, value in said.items():
        if isinstance(value, dict):
            yield from _unset(value, "%s%s." % (above, key))
        elif value == _UNSET:
            yield above + key


def _watch_relations(module: Any) -> None:
    """Watch ``dbt.adapters.postgres.relation``: PostgreSQL refuses another database's name.

    One private database stands for all, so sources and models that name theirs are in it.
    """
    relation = module.PostgresRelation
    create = relation.create.__func__

    @functools.wraps(create)
    def created(cls: Any, database: Optional[str] = None, *args: Any, **kwargs: Any) -> Any:
        return create(cls, (_database or database) if database else None, *args, **kwargs)

    relation.create = classmethod(created)
