"""The test of a pipeline, as a file of pytest."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from harness.init.looking import UNSUPPORTED, closure
from harness.init.values import suggested_number
from harness.inspect.model import DATA
from harness.plain import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.init.looking import Looked
    from harness.inspect.model import Use

_WIDTH = 84
_MOST = 12


def file_names(uuids: Iterable[str]) -> dict[str, str]:
    """The name of each pipeline's test file; those that would be the same get a number.

    Args:
        uuids: The pipelines.
    """
    found: dict[str, str] = {}
    for uuid in uuids:
        name, number = f"test_{_word(uuid)}", 1
        while f"{name}.py" in found.values():
            number += 1
            name = f"test_{_word(uuid)}_{number}"
        found[uuid] = f"{name}.py"
    return found


def test_text(one: Looked, *, needs: Mapping[str, Iterable[str]], contract: bool) -> str:
    """The text of the file.

    Args:
        one: The pipeline.
        needs: For a pipeline, those that must have run before it.
        contract: Whether it has a contract that the run is held to.
    """
    uuid = one.pipeline.uuid
    title = f"The pipeline {visible(uuid)}: what it reads and writes, by its source."
    told = _told(one)
    lines = [f'"""{_short(title)}', *told, '"""'] if told else [f'"""{_short(title)}"""']
    lines += ["", "from __future__ import annotations"]
    unsupported = one.pipeline.type in UNSUPPORTED
    if unsupported:
        lines += ["", "import pytest"]
    variables = {
        name: number
        for name in one.asked_variables
        if (number := suggested_number(name)) is not None
    }
    if variables:
        lines += ["", f"VARIABLES = {_literal(variables)}"]
    lines += ["", ""]
    if unsupported:
        reason = f"{one.pipeline.type} pipelines are not supported"
        lines.append(f'@pytest.mark.xfail(reason="{reason}", strict=True)')
    lines += [f"def test_{_word(uuid)}_does_what_its_source_says(mage):"]
    more = ", and leaves what its contract says" if contract else ""
    lines.append(f'    """It ends well{more}."""')
    lines += [f"    mage.run({_literal(need)})" for need in closure(uuid, needs)[:-1]]
    given = [_literal(uuid)]
    given += ["variables=VARIABLES"] if variables else []
    given += ["contract=True"] if contract else []
    lines.append(f"    mage.run({', '.join(given)})")
    return "\n".join(lines) + "\n"


def _told(one: Looked) -> list[str]:
    found = one.inspection
    groups = [
        ("Services", [", ".join(found.services)] if found.services else []),
        ("Reads", [_named(use) for use in found.sources]),
        ("Writes", [_named(use) for use in found.sinks]),
        ("Variables", _once(use.name for use in found.of("variable") if not use.pattern)),
        ("Secrets", _once(use.name for use in found.of("secret") if not use.pattern)),
    ]
    lines: list[str] = []
    for title, names in groups:
        kept = _once(names)
        if not kept:
            continue
        lines += ["", f"{title}:"]
        lines += [f"    {_short(visible(name))}" for name in kept[:_MOST]]
        lines += [f"    and {len(kept) - _MOST} more"] if len(kept) > _MOST else []
    return lines


def _named(use: Use) -> str:
    where = use.service if use.kind in DATA and use.service not in ("", "http", "file") else ""
    name = use.value or use.name
    return f"{f'{where} ' if where else ''}{name} ({use.place})"


def _once(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _short(text: str) -> str:
    plain = text.replace("\\", "/").replace('"', "'")
    return plain if len(plain) <= _WIDTH else f"{plain[: _WIDTH - 3]}..."


def _word(uuid: str) -> str:
    return re.sub(r"\W+", "_", uuid).strip("_").lower() or "pipeline"


def _literal(value: object) -> str:
    """A value in Python's words, with double quotes."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_literal(k)}: {_literal(v)}' for k, v in value.items())}}}"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return repr(value)
