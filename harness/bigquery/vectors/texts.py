"""Texts: Unicode's forms, SOUNDEX, base32, and BYTES as texts of one character a byte.

Source: "String functions" of the reference.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import unicodedata
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from harness.bigquery.vectors.arrays import each_distinct, one_array

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]
_CODES = {
    letter: digit
    for digit, letters in enumerate(("BFPV", "CGJKQSXZ", "DT", "L", "MN", "R"), start=1)
    for letter in letters
}
_CODE_LENGTH = 4


def normalize(texts: Any, forms: Any) -> pa.Array:
    """NORMALIZE; the form is the same in all rows."""
    array = one_array(texts)
    if not len(array):
        return array
    return pc.utf8_normalize(array, form=one_array(forms)[0].as_py())


def casefold(texts: Any, forms: Any) -> pa.Array:
    """NORMALIZE_AND_CASEFOLD."""

    def work(text: str, form: Form) -> str:
        return unicodedata.normalize(form, text).casefold()

    return each_distinct(work, pa.string(), texts, forms)


def lower(texts: Any) -> pa.Array:
    """LOWER by Unicode's full rules: a sigma at the end of a word, a dotted capital I."""
    return each_distinct(lambda one: one.lower(), pa.string(), texts)


def upper(texts: Any) -> pa.Array:
    """UPPER by Unicode's full rules: a sharp s becomes two letters."""
    return each_distinct(lambda one: one.upper(), pa.string(), texts)


def soundex(texts: Any) -> pa.Array:
    """SOUNDEX: the first letter as it is and three digits; no letter ends a run of one digit."""

    def work(text: str) -> str:
        letters = [one for one in text if one.isascii() and one.isalpha()]
        made, last = "", 0
        for letter in letters:
            code = _CODES.get(letter.upper(), 0)
            if not made:
                made, last = letter, code
            elif code and code != last:
                made, last = made + str(code), code
            if len(made) == _CODE_LENGTH:
                break
        return made.ljust(_CODE_LENGTH, "0") if made else ""

    return each_distinct(work, pa.string(), texts)


def to_latin(octets: Any) -> pa.Array:
    """BYTES as a text of as many characters, so that functions of texts do for both."""
    return each_distinct(lambda one: one.decode("latin-1"), pa.string(), octets)


def from_latin(texts: Any) -> pa.Array:
    """The BYTES of such a text."""
    return each_distinct(lambda one: one.encode("latin-1"), pa.binary(), texts)


def to_base32(octets: Any) -> pa.Array:
    """TO_BASE32."""
    return each_distinct(lambda one: base64.b32encode(one).decode(), pa.string(), octets)


def from_base32(texts: Any) -> pa.Array:
    """FROM_BASE32."""

    def work(text: str) -> bytes:
        try:
            return base64.b32decode(text)
        except binascii.Error as error:
            message = "bq:Failed to decode invalid base32 string"
            raise ValueError(message) from error

    return each_distinct(work, pa.binary(), texts)


def replace_invalid(octets: Any) -> pa.Array:
    """SAFE_CONVERT_BYTES_TO_STRING: U+FFFD stands for each byte that is no UTF-8."""
    return each_distinct(lambda one: one.decode("utf-8", _EACH_BYTE), pa.string(), octets)


def _each_byte(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\ufffd" * (error.end - error.start), error.end


_EACH_BYTE = "mage-harness-each-byte"
codecs.register_error(_EACH_BYTE, _each_byte)
