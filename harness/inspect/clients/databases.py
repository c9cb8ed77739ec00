"""Databases: SQLAlchemy, the drivers of PostgreSQL and MySQL, DuckDB, SQLite, and pandas' SQL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.inspect.clients.call import Call, Sighting, product, rule
from harness.inspect.clients.mage import SERVICES
from harness.inspect.clients.queries import queried
from harness.inspect.values import Argument, Hole, Text, Thing, Value, alternatives, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.inspect.model import Service

_SCHEMES: dict[str, Service] = {
    "postgresql": "postgres",
    "postgres": "postgres",
    "redshift": "other",
    "mysql": "mysql",
    "mariadb": "mysql",
    "duckdb": "duckdb",
    "bigquery": "bigquery",
    "sqlite": "file",
}
_DRIVERS: dict[str, Service] = {
    "psycopg2": "postgres",
    "psycopg": "postgres",
    "asyncpg": "postgres",
    "pg8000": "postgres",
    "mysql": "mysql",
    "pymysql": "mysql",
    "MySQLdb": "mysql",
    "mariadb": "mysql",
    "aiomysql": "mysql",
    "asyncmy": "mysql",
    "duckdb": "duckdb",
    "sqlite3": "file",
}
_DRIVER = (
    r"(?P<driver>psycopg2|psycopg|asyncpg|pg8000|mysql|pymysql|MySQLdb|mariadb|aiomysql|asyncmy)"
)
_URL = re.compile(r"(?i)([a-z]\w*)(?:\+\w+)?://")


@rule(r"(?:sqlalchemy|sqlmodel)\.(?:.*\.)?create_(?:async_)?engine")
def _engine(call: Call, _: re.Match[str]) -> Iterator[Sighting]:
    for url in _urls(call):
        name = server(url)
        yield Sighting(
            kind="connection",
            name=name,
            access="opens",
            client="sqlalchemy",
            service=_of_url(url),
        )


@rule(
    rf"{_DRIVER}(?:\.\w+)*\.(?:connect|create_pool|ConnectionPool|SimpleConnectionPool"
    rf"|ThreadedConnectionPool)"
)
def _connected(call: Call, found: re.Match[str]) -> Iterator[Sighting]:
    driver = found["driver"]
    whole = call.texts(0, "dsn", "conninfo")
    names = [server(url) for url in whole if "://" in url.shown]
    if not names:
        host = product(
            call.texts(None, "host") or [text("localhost")], call.texts(None, "port"), by=":"
        )
        database = call.texts(None, "database", "dbname", "db")
        names = whole or product(host, database, by="/")
    for name in names:
        yield Sighting(
            kind="connection", name=name, access="opens", client=driver, service=_DRIVERS[driver]
        )


@rule(r"(?P<driver>duckdb|sqlite3)\.connect")
def _file(call: Call, found: re.Match[str]) -> Iterator[Sighting]:
    driver = found["driver"]
    for name in call.texts(0, "database") or [text(":memory:")]:
        yield Sighting(
            kind="connection", name=name, access="opens", client=driver, service=_DRIVERS[driver]
        )


@rule(r"(?P<library>pandas|polars)\.(?P<verb>read_sql(?:_query|_table)?|read_database(?:_uri)?)")
def _read(call: Call, found: re.Match[str]) -> Iterator[Sighting]:
    service = service_of(call.value(1, "con", "connection", "uri"))
    client = f"{found['library']}.{found['verb']}"
    query = call.value(0, "sql", "query", "table_name")
    if isinstance(query, Text) and not re.search(r"\s", query.shown.strip()) and not _hole(query):
        names = product(call.texts(None, "schema"), [query])
        for name in names:
            yield Sighting(kind="table", name=name, access="reads", client=client, service=service)
    else:
        yield from queried(query, client=client, service=service)


@rule(r".*\.to_sql")
def _written(call: Call, _: re.Match[str]) -> Iterator[Sighting]:
    service = service_of(call.value(1, "con"))
    policy = ", ".join(f"if_exists={p.shown}" for p in call.texts(None, "if_exists"))
    for name in product(call.texts(2, "schema"), call.texts(0, "name")):
        yield Sighting(
            kind="table",
            name=name,
            access="writes",
            client="pandas.to_sql",
            service=service,
            detail=policy,
        )


@rule(
    r"(?P<base>.*)\.(?:execute|executemany|executescript|exec_driver_sql|copy_expert"
    r"|execute_values|fetch|fetchval|fetchrow|sql|query)"
)
def _executed(call: Call, found: re.Match[str]) -> Iterator[Sighting]:
    base = found["base"]
    library = base.split(".")[0].removesuffix("()").lstrip("?")
    service = service_of(Thing(path=base, calls=call.calls[:-1]))
    value = call.value(0, "sql", "query", "statement", "operation")
    if not service and not (isinstance(value, Text) and not _hole(value)):
        return
    client = library if library in _DRIVERS or library == "sqlalchemy" else "SQL"
    yield from queried(value, client=client, service=service)


@rule(r"psycopg2\.extras\.execute_(?:values|batch)")
def _values(call: Call, _: re.Match[str]) -> Iterator[Sighting]:
    yield from queried(call.value(1, "sql"), client="psycopg2", service="postgres")


@rule(r"(?P<base>.*)\.copy_from")
def _copied(call: Call, found: re.Match[str]) -> Iterator[Sighting]:
    for name in call.texts(1, "table"):
        yield Sighting(
            kind="table",
            name=name,
            access="writes",
            client="psycopg2",
            service=service_of(Thing(path=found["base"], calls=call.calls[:-1])) or "postgres",
        )


DATABASES = (*(_engine, _connected, _file, _read, _written, _values, _copied, _executed),)


def service_of(value: Value | None) -> Service:
    """The service behind a connection, engine or address; empty where it is not known.

    Args:
        value: The connection.
    """
    for one in alternatives(value) if value is not None else ():
        if isinstance(one, Text):
            return _of_url(one)
        if isinstance(one, Thing):
            head = one.path.split(".")[0].removesuffix("()")
            if head in _DRIVERS:
                return _DRIVERS[head]
            if head == "mage_ai" and one.path.startswith("mage_ai.io."):
                return SERVICES.get(one.path.split(".")[2], "other")
            if one.path.startswith("google.cloud.bigquery"):
                return "bigquery"
            if head in ("sqlalchemy", "sqlmodel"):
                return _of_engine(one)
    return ""


def server(url: Text) -> Text:
    """Host, port and database of an address, without its user and password.

    Args:
        url: The address.
    """
    start = url.parts[0] if isinstance(url.parts[0], str) else ""
    scheme = _URL.match(start)
    if scheme is None:
        return url
    rest: list[str | Hole] = [start[scheme.end() :], *url.parts[1:]]
    for number in range(len(rest) - 1, -1, -1):
        part = rest[number]
        if isinstance(part, str) and "@" in part:
            rest = [part.rpartition("@")[2], *rest[number + 1 :]]
            break
    return Text(tuple(part for part in rest if part) or ("",))


def _urls(call: Call) -> list[Text]:
    value = call.value(0, "url")
    if isinstance(value, Thing) and value.path.endswith("URL.create()"):
        return _made_url(value)
    return call.texts(0, "url")


def _made_url(value: Thing) -> list[Text]:
    made = Call(path=value.path.removesuffix("()"), calls=value.calls)
    scheme = made.texts(0, "drivername")
    host = product(made.texts(3, "host"), made.texts(4, "port"), by=":")
    return product(scheme, product(host, made.texts(5, "database"), by="/"), by="://")


def _of_engine(thing: Thing) -> Service:
    for given in thing.calls:
        for argument in given[:2]:
            found = _of_argument(argument)
            if found:
                return found
    return ""


def _of_argument(argument: Argument) -> Service:
    for one in alternatives(argument.value):
        if isinstance(one, Text) and _of_url(one) != "other":
            return _of_url(one)
        if isinstance(one, Thing):
            urls = _made_url(one) if one.path.endswith("URL.create()") else []
            found = _of_url(urls[0]) if urls else service_of(one)
            if found:
                return found
    return ""


def _of_url(url: Text) -> Service:
    start = url.parts[0] if isinstance(url.parts[0], str) else ""
    scheme = _URL.match(start)
    return _SCHEMES.get(scheme[1].lower(), "other") if scheme else ""


def _hole(query: Text) -> bool:
    return not any(isinstance(part, str) and part.strip() for part in query.parts)
