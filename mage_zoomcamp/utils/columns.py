"""What several blocks ask of the columns of trips."""

import pandas as pd


def check_columns(df: pd.DataFrame, expected) -> None:
    """
    Fail unless a table has these columns and no others.

    Args:
        df: The table.
        expected: Names of columns, in any order.
    """
    differing = sorted(set(expected) ^ set(df.columns))
    assert not differing, f'The columns differ: {differing}'


def check_dates(df: pd.DataFrame, columns) -> None:
    """
    Fail unless columns hold moments.

    Args:
        df: The table.
        columns: Names of columns.
    """
    for column in columns:
        assert pd.api.types.is_datetime64_dtype(df[column]), f'{column} is not a date'


def bigint_columns(df: pd.DataFrame) -> dict:
    """
    Return the type bigint for each column of whole numbers, as overwrite_types takes it.

    Mage makes a column just wide enough for the values of the first run, and keeps it when it
    replaces the rows: a later month with a greater number would not fit.

    Args:
        df: The table, with its columns as Mage has not named them yet.
    """
    return {column.lower(): 'bigint' for column in df.select_dtypes('integer').columns}
