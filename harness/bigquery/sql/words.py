"""What a statement's first words tell: some that sqlglot reads as something else are refused."""

from __future__ import annotations

from typing import Any

from harness.bigquery.errors import UnsupportedError

_BY_WORD = {
    "ASSERT": "ASSERT",
    "BEGIN": "scripting (BEGIN)",
    "BREAK": "scripting (BREAK)",
    "CALL": "CALL",
    "CASE": "scripting (CASE)",
    "COMMIT": "transactions (COMMIT)",
    "CONTINUE": "scripting (CONTINUE)",
    "EXECUTE": "EXECUTE IMMEDIATE",
    "EXPORT": "EXPORT DATA",
    "FOR": "scripting (FOR)",
    "GRANT": "GRANT",
    "IF": "scripting (IF)",
    "ITERATE": "scripting (ITERATE)",
    "LEAVE": "scripting (LEAVE)",
    "LOAD": "LOAD DATA",
    "LOOP": "scripting (LOOP)",
    "RAISE": "scripting (RAISE)",
    "REPEAT": "scripting (REPEAT)",
    "RETURN": "scripting (RETURN)",
    "REVOKE": "REVOKE",
    "ROLLBACK": "transactions (ROLLBACK)",
    "UNDROP": "UNDROP",
    "WHILE": "scripting (WHILE)",
}
# Behind CREATE [OR REPLACE], ALTER and DROP.
_KINDS = (
    "ASSIGNMENT",
    "CAPACITY",
    "CONNECTION",
    "MODEL",
    "PROCEDURE",
    "RESERVATION",
    "ROW ACCESS",
    "SEARCH INDEX",
    "VECTOR INDEX",
)
_MODELS = ("ML", "AI")


def refuse_by_word(tokens: list[Any]) -> None:
    """Refuse a statement by the words that it begins with, and calls of models.

    Args:
        tokens: The tokens of one statement.

    Raises:
        UnsupportedError: It is one that the stub does not do.
    """
    words = " ".join(str(one.text) for one in tokens[:6]).upper().split() or [""]
    first = tokens[0]
    if words[:2] == ["BEGIN", "TRANSACTION"] or words == ["BEGIN"]:
        raise UnsupportedError("transactions (BEGIN TRANSACTION)", position=_place(first))
    if words[0] in _BY_WORD:
        raise UnsupportedError(_BY_WORD[words[0]], position=_place(first))
    if words[0] in ("CREATE", "ALTER", "DROP"):
        rest = " ".join(word for word in words[1:] if word not in ("OR", "REPLACE"))
        for kind in _KINDS:
            if rest.startswith(f"{kind} ") or (kind == "ROW ACCESS" and rest.startswith(kind)):
                raise UnsupportedError(f"{words[0]} {kind}", position=_place(first))
    _refuse_within(tokens)


def _refuse_within(tokens: list[Any]) -> None:
    for token in tokens:
        if token.token_type.name == "PIPE_GT":
            raise UnsupportedError("pipe syntax (|>)", position=_place(token))
        if token.token_type.name == "VAR" and token.text.upper() == "CORRESPONDING":
            raise UnsupportedError("CORRESPONDING", position=_place(token))
    for name, dot, function, parenthesis in zip(
        tokens, tokens[1:], tokens[2:], tokens[3:], strict=False
    ):
        called = dot.text == "." and parenthesis.text == "("
        if called and str(name.text).upper() in _MODELS:
            raise UnsupportedError(f"{name.text}.{function.text}", position=_place(name))


def _place(token: Any) -> tuple[int, int]:
    # sqlglot tells the column of the token's end.
    return int(token.line), max(int(token.col) - (int(token.end) - int(token.start)), 1)
