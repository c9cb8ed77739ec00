"""Nonsense made from the statements of the corpus."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

CORPUS = Path(__file__).parent.parent / "bigquery_corpus"


@cache
def statements():
    """The statements of the corpus."""
    found = []
    for chapter in sorted(CORPUS.glob("*.txt")):
        for line in chapter.read_text("utf-8").splitlines():
            if line.strip() and not line.startswith("# "):
                bare = re.split(r" (?:=>|!!|##) ", line.removeprefix("> "))[0]
                whole = bare.upper().startswith(("SELECT", "WITH", "("))
                found.append(bare if whole or line.startswith("> ") else f"SELECT {bare}")
    return tuple(found)


_TOKEN = re.compile(r"[A-Za-z_@][A-Za-z0-9_]*|[0-9.]+|'[^']*'|\s+|.", re.DOTALL)


@cache
def tokens():
    """The words and signs of the corpus, those seen often not more than others."""
    found = {token for one in statements() for token in _TOKEN.findall(one) if token.strip()}
    return (*sorted(found), "\x00", "é", "'", '"""', "`", "/*", "--", "@@x", "?", ";", "1e999")


def nonsense(random):
    """A statement of the corpus with some words changed, or words in any order."""
    if random.randrange(4) == 0:
        return " ".join(random.choice(tokens()) for _ in range(random.randrange(1, 15)))
    words = _TOKEN.findall(random.choice(statements()))
    for _ in range(random.randrange(1, 4)):
        place = random.randrange(len(words) + 1)
        action = random.randrange(6)
        if action == 0:
            words[place : place + random.randrange(1, 3)] = []
        elif action == 1:
            words.insert(place, random.choice(tokens()))
        elif action == 2 and place < len(words):
            words[place] = random.choice(tokens())
        elif action == 3:
            words = words[:place]
        elif action == 4:
            other = _TOKEN.findall(random.choice(statements()))
            words = words[:place] + other[random.randrange(len(other)) :]
        else:
            words.insert(place, words[random.randrange(len(words))] if words else "(")
        words = words or ["x"]
    return "".join(words)
