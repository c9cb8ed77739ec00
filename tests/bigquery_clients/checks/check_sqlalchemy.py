"""sqlalchemy-bigquery by its URL alone, and pandas over it."""

from __future__ import annotations

import datetime as dt
import decimal

import pandas as pd
import pytest
import sqlalchemy as sa
from google.cloud import bigquery
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship
from sqlalchemy_bigquery import STRUCT

MOMENT = dt.datetime(2021, 1, 31, 10, 0, tzinfo=dt.UTC)


@pytest.fixture
def engine(client, dataset):
    engine = sa.create_engine(f"bigquery://{client.project}/{dataset}")
    yield engine
    engine.dispose()


def trips(**options) -> sa.Table:
    return sa.Table(
        "trips",
        sa.MetaData(),
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(50), comment="who"),
        sa.Column("price", sa.Numeric(10, 2)),
        sa.Column("moment", sa.TIMESTAMP),
        sa.Column("local", sa.DateTime),
        sa.Column("day", sa.Date),
        sa.Column("at", sa.Time),
        sa.Column("paid", sa.Boolean),
        sa.Column("share", sa.Float),
        sa.Column("numbers", sa.ARRAY(sa.Integer)),
        sa.Column("pair", STRUCT(x=sa.Integer, y=sa.String)),
        **options,
    )


def row(number: int) -> dict:
    return {
        "id": number,
        "name": f"n{number}",
        "price": decimal.Decimal("1.25"),
        "moment": MOMENT,
        "local": MOMENT.replace(tzinfo=None),
        "day": MOMENT.date(),
        "at": MOMENT.time(),
        "paid": True,
        "share": 1.5,
        "numbers": [1, 2],
        "pair": {"x": 1, "y": "q"},
    }


@pytest.fixture
def filled(engine) -> sa.Table:
    table = trips()
    table.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(sa.insert(table), [row(number) for number in range(1, 5)])
    return table


def test_a_row_of_all_types(engine, filled) -> None:
    with engine.connect() as connection:
        found = connection.execute(sa.select(filled).order_by(filled.c.id)).mappings().all()
    assert [dict(one) for one in found] == [row(number) for number in range(1, 5)]


def test_options_of_a_table(engine, client, dataset) -> None:
    table = trips(
        comment="all trips",
        bigquery_clustering_fields=["name"],
        bigquery_time_partitioning=bigquery.TimePartitioning(field="moment", type_="MONTH"),
        bigquery_require_partition_filter=True,
    )
    table.metadata.create_all(engine)
    made = client.get_table(f"{dataset}.trips")
    assert made.description == "all trips"
    assert made.clustering_fields == ["name"]
    assert (made.time_partitioning.field, made.time_partitioning.type_) == ("moment", "MONTH")
    assert made.require_partition_filter
    assert made.schema[1].description == "who"
    table.metadata.drop_all(engine)
    assert not sa.inspect(engine).has_table("trips")


def test_reflection(engine, filled, client, dataset) -> None:
    view = bigquery.Table(f"{client.project}.{dataset}.names")
    view.view_query = f"SELECT id, name FROM {dataset}.trips"
    client.create_table(view)
    known = sa.inspect(engine)

    assert known.get_table_names() == ["trips"]
    assert known.get_view_names() == ["names"]
    assert known.get_view_definition("names") == view.view_query
    assert dataset in known.get_schema_names()
    assert known.has_table("trips")
    assert known.has_table(f"{dataset}.trips")
    assert not known.has_table("none")
    assert known.get_table_names(schema=dataset) == ["trips"]
    columns = {one["name"]: one for one in known.get_columns("trips")}
    assert not columns["id"]["nullable"]
    assert columns["name"]["comment"] == "who"
    assert columns["name"]["max_length"] == 50
    assert (columns["price"]["precision"], columns["price"]["scale"]) == (10, 2)
    assert isinstance(columns["numbers"]["type"], sa.ARRAY)
    assert repr(columns["pair"]["type"]) == "STRUCT(x=Integer(), y=String())"
    again = sa.Table("trips", sa.MetaData(), autoload_with=engine)
    assert {one.name for one in filled.columns} <= {one.name for one in again.columns}


def test_expressions(engine, filled) -> None:
    table = filled
    with engine.connect() as connection:

        def all_of(query: sa.Select) -> list[tuple]:
            return [tuple(one) for one in connection.execute(query)]

        assert all_of(
            sa.select(table.c.id)
            .where(table.c.id.in_([1, 3]), table.c.name.like("n%"))
            .order_by(table.c.id.desc())
            .limit(1)
        ) == [(3,)]
        assert all_of(sa.select(sa.func.count(), sa.func.max(table.c.price))) == [
            (4, decimal.Decimal("1.25"))
        ]
        number = sa.func.row_number().over(partition_by=table.c.day, order_by=table.c.id)
        assert all_of(sa.select(number).order_by(table.c.id)) == [(1,), (2,), (3,), (4,)]
        assert all_of(
            sa.select(
                sa.extract("year", table.c.day),
                sa.cast(table.c.id, sa.String),
                sa.case((table.c.id > 1, "more"), else_="one"),
                table.c.pair["x"],
            ).where(table.c.id == 1)
        ) == [(2021, "1", "one", 1)]
        each = sa.func.unnest(table.c.numbers).column_valued("each")
        assert all_of(sa.select(table.c.id, each).where(table.c.id == 1).order_by(each)) == [
            (1, 1),
            (1, 2),
        ]


def test_changes_tell_how_many_rows(engine, filled) -> None:
    with engine.begin() as connection:
        changed = connection.execute(
            sa.update(filled).where(filled.c.id <= 2).values(name="renamed")
        )
        assert changed.rowcount == 2
        assert connection.execute(sa.delete(filled).where(filled.c.id == 4)).rowcount == 1
        merged = connection.execute(
            sa.text(
                "MERGE trips AS t USING (SELECT 1 AS id, :name AS name UNION ALL SELECT 9, :name) "
                "AS s ON t.id = s.id WHEN MATCHED THEN UPDATE SET name = s.name "
                "WHEN NOT MATCHED THEN INSERT (id, name) VALUES (s.id, s.name)"
            ),
            {"name": "merged"},
        )
        assert merged.rowcount == 2
        names = connection.execute(sa.select(filled.c.id, filled.c.name).order_by(filled.c.id))
        assert [tuple(one) for one in names] == [
            (1, "merged"),
            (2, "renamed"),
            (3, "n3"),
            (9, "merged"),
        ]


def test_many_rows_in_one_statement(engine, filled) -> None:
    rows = [row(number) for number in range(100, 300)]
    with engine.begin() as connection:
        connection.execute(sa.insert(filled).values(rows))
        assert connection.scalar(sa.select(sa.func.count()).select_from(filled)) == 204


def test_text_with_parameters(engine) -> None:
    with engine.connect() as connection:
        found = connection.execute(
            sa.text("SELECT :number + 1, :word, :day"),
            {"number": 1, "word": "it's", "day": MOMENT.date()},
        ).one()
    assert tuple(found) == (2, "it's", MOMENT.date())


def test_errors_are_those_of_the_driver(engine) -> None:
    with engine.connect() as connection, pytest.raises(DatabaseError, match="Not found: Table"):
        connection.execute(sa.text("SELECT 1 FROM none"))


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]
    orders: Mapped[list[Order]] = relationship(back_populates="user")


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    user: Mapped[User] = relationship(back_populates="orders")


def test_the_orm(engine) -> None:
    Base.metadata.create_all(engine)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(User(id=1, name="ann"))
        session.flush()
        session.add_all([Order(id=1, user_id=1), Order(id=2, user_id=1)])
        session.commit()
        ann = session.scalars(sa.select(User).join(User.orders).where(Order.id == 2)).one()
        assert [order.id for order in sorted(ann.orders, key=lambda one: one.id)] == [1, 2]
        ann.name = "anna"
        session.commit()
        assert session.scalars(sa.select(User.name)).all() == ["anna"]
        session.delete(session.get(Order, 2))
        session.commit()
        assert session.scalar(sa.select(sa.func.count(Order.id))) == 1


def test_pandas_reads_and_writes(engine, client, dataset) -> None:
    frame = pd.DataFrame(
        {
            "number": [1, 2, 3],
            "word": ["a", None, "c"],
            "local": pd.to_datetime(["2021-01-31", "2021-02-01", None]),
        }
    )
    frame.to_sql("t", engine, index=False, if_exists="fail")
    frame.to_sql("t", engine, index=False, if_exists="append", method="multi")
    assert client.get_table(f"{dataset}.t").num_rows == 6
    frame.to_sql("t", engine, index=False, if_exists="replace")
    back = pd.read_sql("SELECT * FROM t ORDER BY number", engine)
    pd.testing.assert_frame_equal(back, frame, check_dtype=False)
    part = pd.read_sql_table("t", engine, columns=["word"])
    assert sorted(part["word"].dropna()) == ["a", "c"]
    chunks = pd.read_sql("SELECT number FROM t", engine, chunksize=2)
    assert [len(one) for one in chunks] == [2, 1]
    with pytest.raises(ValueError, match="already exists"):
        frame.to_sql("t", engine, index=False, if_exists="fail")
