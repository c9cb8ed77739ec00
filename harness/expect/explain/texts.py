"""Texts that became other texts: cut, trimmed, in another case, decoded as what they are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.expect.explain.pairs import Pairs

_MOST_TEXTS = 10_000
"""So many different texts beyond ASCII are read again; of more, the cause is not looked for."""


def of_texts(pairs: Pairs) -> str:
    """``in lower case``, ``without the space around them``, ``cut to 10 characters``."""
    if not pairs.differ:
        return ""
    return pairs.first(_candidates()) or _cut(pairs) or _misread(pairs)


def _candidates() -> Iterator[tuple[str, str]]:
    yield "f = lower(e)", "in lower case"
    yield "f = upper(e)", "in upper case"
    yield "f = trim(e, ' \t\r\n')", "without the space around them"
    yield "f = rtrim(e)", "without the spaces behind them"
    yield "rtrim(f) = e", "filled up with spaces, as CHAR(n) is"
    yield "f = '\"' || e || '\"'", "in quotes"
    yield "f = e || '.0'", "with .0 behind them: whole numbers that went through floats"
    yield "ltrim(e, '0') = f AND e <> ''", "without their leading zeros"
    yield "nfc_normalize(f) = nfc_normalize(e)", "the same letters, composed in another way"
    yield "lower(f) = lower(e)", "in another case"


def _cut(pairs: Pairs) -> str:
    ((length,),) = pairs.asked("max(length(f))") or [(None,)]
    if length is not None and pairs.hold(f"f = left(e, {length})"):
        return f"cut to {length} characters"
    return ""


def _misread(pairs: Pairs) -> str:
    """Bytes of UTF-8 that were read as those of another encoding: ``Ã¼`` for ``ü``."""
    found = pc.unique(pairs.f)
    other = pc.invert(pc.string_is_ascii(found))
    texts = found.filter(other)
    if not 0 < len(texts) <= _MOST_TEXTS:
        return ""
    places = pc.index_in(pairs.f, value_set=found)
    for encoding in ("latin-1", "cp1252"):
        try:
            turned = [text.encode(encoding).decode() for text in texts.to_pylist()]
        except UnicodeError:
            continue
        again = pc.replace_with_mask(found, other, pa.array(turned, found.type))
        if pairs.e.equals(again.cast(pairs.e.type).take(places)):
            return f"UTF-8 that was read as {encoding}"
    return ""
