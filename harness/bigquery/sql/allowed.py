"""The parts of a syntax tree that are known to come out right; all others are refused by name.

A part is added here together with a test of its answer in tests/unit/bigquery.
"""

from __future__ import annotations

_STATEMENTS = """
Alter ClusterProperty ColumnConstraint ColumnDef Create Delete Drop Insert LocationProperty Merge
NotNullColumnConstraint PartitionedByProperty Properties Property Schema TruncateTable Update
When Whens
"""
_QUERIES = """
Alias Aliases All CTE Column Cube DataType DataTypeParam Distinct Dot Except From GroupingSets
Group Having Identifier Intersect Join Limit Offset Order Ordered Paren Parameter Placeholder
Qualify Rollup Select Star Subquery Table TableAlias Tuple Union Unnest Values Var Where Window
WindowSpec With
"""
_OPERATORS = """
Add And Between BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Boolean Bracket Case Cast DPipe Div EQ
Exists GT GTE If In IntDiv Is LT LTE Like Literal Mod Mul NEQ Neg Not Null NullSafeEQ NullSafeNEQ
Or PropertyEQ Sub TryCast
"""
_AGGREGATES = """
AnyValue ApproxDistinct ArrayAgg Avg Count CountIf GroupConcat IgnoreNulls LogicalAnd LogicalOr Max
Min Stddev StddevPop StddevSamp Sum Variance VariancePop
"""
_WINDOWS = "CumeDist DenseRank FirstValue Lag LastValue Lead Ntile PercentRank Rank RowNumber"
_SCALARS = """
Abs Array ArrayConcat ArraySize Ceil Coalesce Concat EndsWith Exp Floor
GenerateSeries Greatest Least Left Length Ln Log Lower LowerHex MD5 MD5Digest Nullif Pad Pow
RegexpExtract RegexpLike RegexpReplace Repeat Replace Reverse Right Round SHA2Digest SafeDivide
Sign Split Sqrt StartsWith StrPosition Struct Substring Trim Trunc Upper Uuid
"""
_TIMES = """
CurrentDate CurrentDatetime CurrentTimestamp Date DateAdd DateDiff DateFromParts DateSub DateTrunc
DatetimeAdd DatetimeDiff DatetimeSub DatetimeTrunc Extract GenerateDateArray Interval LastDay
ParseDatetime StrToDate StrToTime TimeToStr Timestamp TimestampAdd TimestampDiff TimestampSub
TimestampTrunc TsOrDsToDate TsOrDsToDatetime TsOrDsToTimestamp UnixMicros UnixMillis UnixSeconds
UnixToTime WeekStart
"""

ALLOWED = frozenset(
    f"{_STATEMENTS} {_QUERIES} {_OPERATORS} {_AGGREGATES} {_WINDOWS} {_SCALARS} {_TIMES}".split()
)
