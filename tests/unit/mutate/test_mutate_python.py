"""Each operator: what comes of a line of block code, and what is left alone."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from harness.mutate.columns import Columns
from harness.mutate.operators import OPERATORS
from harness.mutate.python import mutants_of_python

TRIPS = Columns(
    ({"fare": "double", "tip": "double", "zone": "string", "day": "date", "odd name": "double"},)
)
FILE = Path("transformers/t.py")


def mutants(code, *, columns=TRIPS):
    return mutants_of_python(code, file=FILE, block="t", columns=columns)


def lines(code, operator, *, columns=TRIPS):
    """The code with each change of one kind, without the padding that keeps line numbers."""
    found = [one for one in mutants(code, columns=columns) if one.operator == operator]
    return ["\n".join(filter(str.strip, one.after.splitlines())) for one in found]


@pytest.mark.parametrize(
    ("operator", "code", "expected"),
    [
        ("filter", "x = df[df.a > 0]", ["x = df"]),
        ("filter", "x = (df)[~m].head", ["x = (df).head"]),
        ("filter", "m = df.a.isin(ok)\nx = df[m]", ["m = df.a.isin(ok)\nx = df"]),
        ("filter", "x = df.loc[(df.a > 0) & b]", ["x = df"]),
        ("filter", "x = df.loc[df.a > 0, ['b']]", ["x = df.loc[:, ['b']]"]),
        ("filter", "x = df[name]", []),
        ("filter", "df[df.a > 0] = 1", []),
        ("filter", "x = df.query('a > 0').sum", ["x = df.sum"]),
        ("filter", "x = df.dropna(subset=['a'])", ["x = df"]),
        ("filter", "x = [a for a in b if a.good]", ["x = [a for a in b ]"]),
        (
            "filter",
            "x = [a for a in b if (a.good) if c]",
            ["x = [a for a in b  if c]", "x = [a for a in b if (a.good) ]"],
        ),
        ("call", "x = df.a.fillna(0)", ["x = df.a"]),
        ("call", "x = df.a.str.strip()", ["x = df.a"]),
        ("call", "x = (a + b).round(2)", ["x = (a + b)"]),
        ("call", "import pandas as pd\nx = pd.unique(y)", []),
        ("boundary", "x = a > 0", ["x = a >= 0"]),
        ("boundary", "x = 0 <= a < 9", ["x = 0 < a < 9", "x = 0 <= a <= 9"]),
        ("negation", "x = a not in b", ["x = a in b"]),
        ("negation", "x = ~m", ["x = m"]),
        ("negation", "x = not m", ["x = m"]),
        ("negation", "x = (a) == (b)", ["x = (a) != (b)"]),
        ("logic", "x = (a > 0) & (b > 0)", ["x = (a > 0) | (b > 0)"]),
        ("logic", "x = a and b and c", ["x = a or b and c", "x = a and b or c"]),
        ("number", "x = rows[:10]", ["x = rows[:11]"]),
        ("number", "x = df.sum(axis=1)", []),
        ("number", "x = kwargs['a'][0]", ["x = kwargs['a'][1]"]),
        ("number", "x = True", []),
        ("arithmetic", "x = a * 2.5", ["x = a / 2.5"]),
        ("arithmetic", "x += a", ["x -= a"]),
        ("arithmetic", "x = 'a' + b + 'c'", []),
        ("column", "x = df['fare']", ["x = df['tip']"]),
        ("column", 'x = df["tip"]', ['x = df["odd name"]']),
        ("column", "x = df.tip", ["x = df.fare"]),
        ("column", "x = df['zone']", []),
        ("column", "x = kwargs['fare']", []),
        ("mapping", "x = {'a': 'b', 'c': 'd', 'e': 'f'}", ["x = {'a': 'd', 'c': 'b', 'e': 'f'}"]),
        ("mapping", "x = {'a': 1, 'b': 1}", []),
        ("option", "f(if_exists='replace')", ["f(if_exists='append')"]),
        (
            "option",
            'f(write_disposition="WRITE_APPEND")',
            ['f(write_disposition="WRITE_TRUNCATE")'],
        ),
        ("option", "f(index=False)", ["f(index=True)"]),
        ("order", "f(ascending=True)", ["f(ascending=False)"]),
        ("join", "x = a.merge(b, how='left')", ["x = a.merge(b, how='inner')"]),
        ("unit", "x = pd.to_datetime(a, unit='s')", ["x = pd.to_datetime(a, unit='ms')"]),
        ("unit", "x = a.dt.to_period('D')", ["x = a.dt.to_period('M')"]),
        ("unit", "x = a.dt.year", ["x = a.dt.month"]),
        ("aggregate", "x = a.sum()", ["x = a.mean()"]),
        ("aggregate", "x = a.agg({'b': 'min'})", ["x = a.agg({'b': 'max'})"]),
        ("statement", "df['a'] = b", ["pass"]),
        ("statement", "df['a'] += b", ["pass"]),
        ("statement", "df.drop('a', inplace=True)", ["pass"]),
        ("statement", "x = b", []),
    ],
)
def test_an_operator_makes_its_changes_and_no_others(operator, code, expected):
    assert lines(code, operator) == expected


def test_each_operator_is_tried_above():
    marks = test_an_operator_makes_its_changes_and_no_others.pytestmark
    tried = {case[0] for mark in marks for case in mark.args[1] if case[2]}
    assert tried == OPERATORS.keys()


SCAFFOLD = '''
"""One > 0."""
import pandas as pd
if 'transformer' not in globals():
    from mage_ai.data_preparation.decorators import transformer
LIMITS = (1, 2)


@transformer(retries=3)
def transform(data: "a > 0", *args, **kwargs) -> "x > 0":
    """Two > 0."""
    print(data.a > 0)
    kwargs['logger'].info(1 > 0)
    if data is broken:
        raise ValueError(3)
    assert len(data) > 4
    return f'{data > 5}'


@test
def test_output(output, *args):
    assert output['fare'].min() > LIMITS[0]
'''


def test_what_is_for_mage_for_readers_and_for_tests_stays():
    assert [one.what for one in mutants(SCAFFOLD)] == ["is becomes is not"]


CHAIN = """\
def f(df):
    a = (
        df
        .dropna(
            subset=["fare"],
        )
        .assign(x=1)
    )
    b = df[
        df.fare > 0
    ].head(5)
    return a, "é", df.tip > 0  # é
"""


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_lines_keep_their_numbers_and_their_ends(ends):
    code = CHAIN.replace("\n", ends)
    found = mutants(code)
    assert found
    for one in found:
        ast.parse(one.after)
        assert one.after.count("\n") == code.count("\n"), one.diff()
        changed = [
            number
            for number, pair in enumerate(
                zip(code.splitlines(), one.after.splitlines(), strict=True), 1
            )
            if pair[0] != pair[1]
        ]
        assert changed, one
        assert min(changed) >= one.line
        assert one.after.count("\r") == code.count("\r") or ends == "\r\n"


def test_places_behind_letters_of_several_bytes_are_right():
    assert lines('x = "éé", a > 0, df["fare"]', "boundary") == ['x = "éé", a >= 0, df["fare"]']


@pytest.mark.parametrize("code", ["def f(:", "x = 1\0", "(" * 9_000 + ")" * 9_000])
def test_a_file_that_is_no_python_has_none(code):
    assert mutants(code) == []


def test_what_python_only_warns_of_is_python():
    assert lines(r"x = re.sub('\W', a) > 0", "boundary") == [r"x = re.sub('\W', a) >= 0"]


def test_the_diff_names_the_file_and_its_lines():
    (one,) = [one for one in mutants("a = 1\n\nb = a > c\n") if one.operator == "boundary"]
    assert (one.line, one.block, one.file) == (3, "t", FILE)
    assert one.diff() == [
        "--- a/transformers/t.py",
        "+++ b/transformers/t.py",
        "@@ -2,2 +2,2 @@",
        " ",
        "-b = a > c",
        "+b = a >= c",
    ]


def test_sql_in_a_text_is_changed_as_sql():
    code = 'q = """\nSELECT fare FROM t\nWHERE fare > 0\n"""\nr = "select the best"'
    found = [(one.operator, one.line) for one in mutants(code) if one.operator != "number"]
    assert found == [("column", 2), ("filter", 3), ("column", 3), ("boundary", 3), ("negation", 3)]
