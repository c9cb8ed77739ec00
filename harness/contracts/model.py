"""What a contract may say: the one source of the reader, the checks and the JSON Schema.

What is not in a file is not checked, so every part may be left out, or left empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    Tag,
    model_validator,
)

Service: TypeAlias = Literal["postgres", "gcs", "bigquery", "s3", "mysql", "duckdb"]
SERVICES: tuple[Service, ...] = get_args(Service)
VERSION = 1

Number: TypeAlias = Annotated[StrictInt, Field(ge=0)]
Scalar: TypeAlias = StrictBool | StrictInt | StrictFloat | StrictStr | None


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Limits(_Part):
    """Limits of a number, each included; all that are given must hold."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    min: Number | None = Field(None, description="The least.")
    max: Number | None = Field(None, description="The most.")
    between: tuple[Number, Number] | None = Field(None, description="The least and the most.")

    @model_validator(mode="after")
    def _ordered(self) -> Limits:
        if self.low > self.high:
            raise ValueError("the least is more than the most")
        if not self.model_fields_set:
            raise ValueError("it needs min, max or between")
        return self

    @property
    def low(self) -> float:
        """The least; 0 where there is no limit."""
        return max(self.min or 0, self.between[0] if self.between else 0)

    @property
    def high(self) -> float:
        """The most; infinity where there is no limit."""
        limits = (self.max, self.between[1] if self.between else None)
        return min((limit for limit in limits if limit is not None), default=float("inf"))


class Share(_Part):
    """A number of rows as a part of all."""

    share: Annotated[float, Field(ge=0, le=1)] = Field(
        description="The most, as a part of all rows: 0.05 for one in twenty."
    )


def _kind(value: Any) -> str:
    """Which of the forms of a number is meant, so that an error speaks of that one."""
    if isinstance(value, Mapping):
        return "share" if "share" in value else "limits"
    if isinstance(value, BaseModel):
        return "share" if isinstance(value, Share) else "limits"
    return "number"


_Exactly = Annotated[Number, Tag("number")]
_Within = Annotated[Limits, Tag("limits")]
Count: TypeAlias = Annotated[_Exactly | _Within, Discriminator(_kind)]
Part: TypeAlias = Annotated[
    _Exactly | _Within | Annotated[Share, Tag("share")], Discriminator(_kind)
]


class ColumnRule(_Part):
    """What a column holds."""

    type: StrictStr | None = Field(
        None, description="The type, in the service's own terms or Arrow's."
    )
    required: StrictBool | None = Field(
        None, description="Whether the service itself refuses a null."
    )
    volatile: StrictBool | None = Field(
        None, description="The values differ from run to run: nothing but the type is checked."
    )
    nulls: Part | None = Field(None, description="How many rows have no value.")
    nan: Part | None = Field(None, description="How many rows have NaN.")
    between: tuple[Scalar, Scalar] | None = Field(
        None, description="The least and the most value, both included; null for no limit."
    )
    isin: tuple[Scalar, ...] | None = Field(None, description="There are no values but these.")
    lengths: Count | None = Field(
        None, description="How many characters (or bytes) each value has."
    )
    matches: StrictStr | None = Field(
        None, description="A regular expression (RE2) that the whole of each value matches."
    )


class KeyRule(_Part):
    """Columns whose values together are there only once."""

    columns: tuple[StrictStr, ...] = Field(min_length=1, description="The columns.")
    inferred: StrictBool | None = Field(
        None, description="The rows happen to be so; nobody has declared it."
    )


class PartitionsRule(_Part):
    """The partitions, by their ids in the service's own terms."""

    count: Count | None = Field(None, description="How many there are.")
    first: StrictStr | None = Field(None, description="The first id, in the order of text.")
    last: StrictStr | None = Field(None, description="The last id, in the order of text.")
    rows: Count | None = Field(None, description="How many rows each has.")
    ids: dict[StrictStr, Count | None] | None = Field(
        None, description="The rows of each; the sink's `exact` says that there are no others."
    )


class SinkRule(_Part):
    """What a table, an object or a dataset holds. Left empty: only that it is there."""

    rows: Count | None = Field(None, description="How many rows there are.")
    exact: StrictBool | None = Field(
        None, description="The columns are these in this order, and no others; so are partitions."
    )
    key: KeyRule | None = Field(None, description="Which columns are unique together.")
    partitions: PartitionsRule | None = Field(None, description="The partitions.")
    columns: dict[StrictStr, ColumnRule | None] | None = Field(None, description="The columns.")


_Sinks: TypeAlias = dict[StrictStr, SinkRule | None] | None


class Contract(_Part):
    """What a pipeline leaves behind."""

    contract: Literal[1] = Field(description="The version of this form.")
    pipeline: StrictStr = Field(min_length=1, description="The pipeline's uuid.")
    variables: dict[StrictStr, Any] | None = Field(
        None, description="The runtime variables that it holds for, besides the defaults."
    )
    exact: StrictBool | None = Field(None, description="A run writes these sinks, and no others.")
    postgres: _Sinks = Field(None, description="Tables by `schema.table`.")
    gcs: _Sinks = Field(
        None, description="Objects by `bucket/object`, datasets by `bucket/folder/`."
    )
    bigquery: _Sinks = Field(None, description="Tables by `dataset.table`.")
    s3: _Sinks = Field(None, description="Objects by `bucket/key`, datasets by `bucket/folder/`.")
    mysql: _Sinks = Field(None, description="Tables by `database.table`.")
    duckdb: _Sinks = Field(None, description="Tables by `file:schema.table`.")

    def sinks(self) -> dict[tuple[str, str], SinkRule]:
        """The rule of each sink, by service and name."""
        return {
            (service, name): rule or SinkRule.model_construct()
            for service in SERVICES
            for name, rule in (getattr(self, service) or {}).items()
        }
