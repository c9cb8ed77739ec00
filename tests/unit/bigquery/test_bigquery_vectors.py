"""Functions over Arrow vectors: right to the bit, learned late, and safe for many at once."""

from __future__ import annotations

import subprocess
import sys
import threading

import pyarrow as pa
import pytest

from harness.bigquery.database import Database
from harness.bigquery.vectors import distances, hashes, json_values, moments, net, texts

# Lengths on both sides of each class of the algorithm, from FarmHash's own library.
FINGERPRINTS = {
    0: -7286425919675154353,
    1: -4728684028706075820,
    2: 3713569988169443241,
    3: 7836721383716570152,
    4: 365121004050576997,
    7: 1123016345076934235,
    8: -2573794281055111257,
    15: -3656825686452396409,
    16: -310057867672146533,
    17: -6531458125173161868,
    31: 3692271659337506713,
    32: 764915578794662492,
    33: -341158500388626361,
    63: -5944434203026860977,
    64: 9001590363970424565,
    65: -6205675529781248004,
    127: -5271900186329313991,
    128: 651049388705982093,
    129: -6932465439094636559,
    191: -6147507747960530719,
    192: 3555522887308894028,
    193: 4287534785560989102,
    1000: 7951028032395968976,
}


@pytest.fixture
def database():
    database = Database()
    yield database
    database.close()


def test_fingerprints_are_those_of_farmhash_for_every_class_of_length():
    given = [bytes((7 * place) % 251 for place in range(length)) for length in FINGERPRINTS]
    made = hashes.farm_fingerprint(pa.array(given, pa.binary())).to_pylist()
    assert made == list(FINGERPRINTS.values())


def test_a_part_of_an_array_has_the_same_fingerprints():
    whole = pa.array([b"a", b"bc" * 20, b"", b"d" * 100], pa.binary())
    part = hashes.farm_fingerprint(whole.slice(1, 3)).to_pylist()
    assert part == hashes.farm_fingerprint(whole).to_pylist()[1:]
    assert hashes.farm_fingerprint(pa.array([], pa.binary())).to_pylist() == []


def test_distances_count_characters_for_rows_of_any_length():
    left = pa.array(["kitten", "", "жзи", "same", "a" * 70])
    right = pa.array(["sitting", "abc", "жз", "same", ""])
    assert distances.edit_distance(left, right).to_pylist() == [3, 3, 1, 0, 70]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('{"b": 1, "a": {"d": [], "c": null}}', '{"a":{"c":null,"d":[]},"b":1}'),
        ('{"a": 1, "a": 2}', '{"a":1}'),
        ("[1.0, 1e15, 1e16, 1e-05, -0.0, 100.5]", "[1.0,1e+15,1e+16,1e-05,-0.0,100.5]"),
        ('"\\u00e9\\n"', '"é\\n"'),
        ("18446744073709551615", "18446744073709551615"),
    ],
)
def test_json_is_kept_in_bigquerys_form(text, kept):
    assert json_values.dump(json_values.load(text)) == kept


@pytest.mark.parametrize("text", ["nope", "{", "NaN", "[1,]", "922337203685477580701", "1e999"])
def test_what_is_no_json_or_loses_digits_is_refused(text):
    with pytest.raises(ValueError, match="bq:"):
        json_values.load(text)


def test_a_moment_is_read_by_its_zone():
    columns = [pa.array([one]) for one in ("2020-07-01 00:00", "%F %R", "TIMESTAMP", "-08:00")]
    assert moments.parse_moment(*columns).to_pylist() == [1593590400000000]


def test_bytes_that_are_no_text_are_replaced_one_by_one():
    made = texts.replace_invalid(pa.array([b"a\xe2\x82b", b"\xff\xfe"], pa.binary()))
    assert made.to_pylist() == ["a\ufffd\ufffdb", "\ufffd\ufffd"]


def test_hosts_of_what_is_hardly_a_url():
    given = ["a:80", "http:\\\\x.y\\p", "user@h", "[::1", "http:///p", "HTTPS://Q"]
    assert net.host(pa.array(given)).to_pylist() == ["a", "x.y", "h", "", "", "Q"]


def test_nothing_is_imported_before_a_statement_needs_it():
    code = (
        "import sys; from harness.bigquery.database import Database; Database(); "
        "print([one for one in ('pyarrow', 'numpy', 'sqlglot') if one in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_many_learn_and_call_a_function_at_once(database):
    failures: list[BaseException] = []
    answers: list[int] = []
    together = threading.Barrier(8)

    def ask() -> None:
        try:
            together.wait()
            sql = "SELECT count(DISTINCT vec_farm_fingerprint(encode(CAST(i AS VARCHAR)))) FROM range(9000) AS t(i)"
            database.know(sql)
            database.know("bq_regexp_nth(vec_soundex('a'), bqs_to_int('1'))")
            with database.cursor() as cursor:
                answers.extend(cursor.execute(sql).fetchone())
        except BaseException as error:  # noqa: BLE001 (told below)
            failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert answers == [9000] * 8
