"""What a page keeps of its runs for programs: a later page can show other runs beside them.

It stands in the page as JSON, in a script element that no browser runs. The pipelines of
docs/run.schema.json are runs of this kind too, with less in them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from harness.page import limits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from harness.page.clean import Cleaner
    from harness.page.facts import BlockFacts
    from harness.page.sections import Section

BEGIN, END = '<script type="application/json" id="facts">', "</script>"
_ESCAPES = {ord(one): f"\\u{ord(one):04x}" for one in "<>&\u2028\u2029"}


class _Plain(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


Model = TypeVar("Model", bound=_Plain)


class KeptColumn(_Plain):
    """A column of an output or of a table in a service; statistics where they were counted."""

    name: str
    type: str
    nulls: int | None = None
    distinct: int | None = None
    low: str = ""
    high: str = ""
    mean: str = ""


class KeptOutput(_Plain):
    """An output of a block, with its first rows: ``head`` has the columns ``shown``."""

    name: str
    rows: int | None = None
    columns: tuple[KeptColumn, ...] = ()
    shown: tuple[str, ...] = ()
    head: tuple[tuple[str | None, ...], ...] = ()
    value: str = ""


class KeptBlock(_Plain):
    """A block.

    Attributes:
        uuid: The block's uuid.
        status: As the report on its run has it.
        rows_in: Rows of all inputs together.
        rows_out: Rows of all outputs together.
        seconds: How long it took.
        error: What ended it, or an empty string; None where that is not known.
        file: The name of its file, or an empty string.
        first: The number of the first of ``lines``.
        lines: The file's lines, or some of them; None where they are not kept.
        outputs: What it handed on; None where that is not kept.
    """

    uuid: str
    status: str
    rows_in: int | None = None
    rows_out: int | None = None
    seconds: float | None = None
    error: str | None = None
    file: str = ""
    first: int = 1
    lines: tuple[str, ...] | None = None
    outputs: tuple[KeptOutput, ...] | None = None


class KeptProblem(_Plain):
    """A problem of a run."""

    code: str
    message: str
    block: str = ""
    file: str = ""
    line: int | None = None


class KeptSink(_Plain):
    """Something that was found in a service."""

    service: str
    name: str
    rows: int | None = None
    columns: tuple[KeptColumn, ...] = ()


class KeptRun(_Plain):
    """A pipeline's run; ``heading`` is what stood over it, or an empty string."""

    uuid: str
    ok: bool
    seconds: float
    heading: str = ""
    began: str = ""
    at: str | None = None
    entry: str = ""
    blocks: tuple[KeptBlock, ...] = ()
    problems: tuple[KeptProblem, ...] = ()
    sinks: tuple[KeptSink, ...] = ()
    triggered: tuple[KeptRun, ...] = ()

    def flat(self, heading: str = "") -> Iterator[KeptRun]:
        """The run under its heading, and those that its blocks triggered.

        Args:
            heading: What stands over it where it does not say so itself.
        """
        own = self.heading or heading or self.uuid
        yield self.model_copy(update={"heading": own, "triggered": ()})
        for one in self.triggered:
            yield from one.flat(triggered_by(one.uuid, self.uuid))


class Kept(_Plain):
    """All runs of a page.

    Attributes:
        format: The version of this form.
        runs: The runs, in order.
        surroundings: The versions of what ran.
        packages: The packages of Mage's environment, as ``name version``.
    """

    format: Literal[1]
    runs: tuple[KeptRun, ...] = ()
    surroundings: tuple[tuple[str, str], ...] = ()
    packages: tuple[str, ...] = ()

    def embedded(self) -> str:
        """The element that stands in a page; nothing in it is markup."""
        return f"{BEGIN}{_escaped(self)}{END}"


def triggered_by(uuid: str, parent: str) -> str:
    """The heading of a run that a block of another pipeline triggered.

    Args:
        uuid: The pipeline's uuid.
        parent: The other one's.
    """
    return f"{uuid}, triggered by a block of {parent}"


def kept_runs(sections: Iterable[Section], clean: Cleaner) -> tuple[KeptRun, ...]:
    """The runs of a page, with code and data of as many blocks as there is room for.

    Args:
        sections: The runs, those that were triggered among them.
        clean: Makes text fit.
    """
    room = limits.KEPT
    runs = []
    for section in sections:
        plain = cleaned(
            KeptRun.model_validate({**section.report.as_json(), "triggered": []}), clean
        )
        blocks = list(plain.blocks)
        cards = enumerate(section.cards.values())
        for at, card in sorted(cards, key=lambda one: one[1].report.status != "failed"):
            block = _with_details(blocks[at], card.facts)
            size = len(_escaped(block))
            if size <= room:
                room -= size
                blocks[at] = block
        ok = section.report.ok and not section.failure
        told = {"heading": section.heading, "began": section.facts.began, "ok": ok}
        runs.append(plain.model_copy(update={**told, "blocks": tuple(blocks)}))
    return tuple(runs)


def cleaned(model: Model, clean: Cleaner) -> Model:
    """The same with text that is fit for a page, whoever wrote it.

    Args:
        model: A run, or several.
        clean: Makes text fit.
    """
    value = model.model_dump()
    texts = iter(clean.cells(list(_texts(value)), most=limits.MESSAGE))
    return type(model).model_validate(_replaced(value, texts, clean))


def _with_details(block: KeptBlock, facts: BlockFacts) -> KeptBlock:
    code = facts.code
    told: dict[str, Any] = {
        "error": facts.error,
        "outputs": tuple(
            KeptOutput(
                name=one.name,
                rows=one.rows,
                columns=tuple(KeptColumn.model_validate(vars(column)) for column in one.columns),
                shown=one.shown,
                head=one.head,
                value=one.value,
            )
            for one in facts.outputs
        ),
    }
    if code is not None and code.lines:
        lines = tuple(line.text for line in code.lines)
        told |= {"file": code.file, "first": code.lines[0].number, "lines": lines}
    return block.model_copy(update=told)


def _texts(value: Any) -> Iterator[str]:
    """Every text but those of code, in order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name not in _WHOLE:
                yield from _texts(inner)
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from _texts(inner)


def _replaced(value: Any, texts: Iterator[str | None], clean: Cleaner) -> Any:
    if isinstance(value, str):
        return next(texts)
    if isinstance(value, dict):
        return {
            name: _of_lines(inner, clean) if name in _WHOLE else _replaced(inner, texts, clean)
            for name, inner in value.items()
        }
    if isinstance(value, tuple | list):
        return [_replaced(inner, texts, clean) for inner in value]
    return value


_WHOLE = ("lines", "value")
"""Texts of several lines, in which tabs stay."""


def _of_lines(value: Sequence[str] | str | None, clean: Cleaner) -> Sequence[str] | str | None:
    if value is None:
        return None
    if isinstance(value, str):
        return clean.text(value)
    return clean.text("\n".join(value)).split("\n")[: limits.CODE_LINES]


def _escaped(model: _Plain) -> str:
    return model.model_dump_json(exclude_defaults=True).translate(_ESCAPES)
