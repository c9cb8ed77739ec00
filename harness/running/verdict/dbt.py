"""What dbt failed at, or never came to: Mage drops most of its words, and some failures."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from harness.problem import Problem
from harness.project.blockfile import is_file
from harness.project.dbt import project_of
from harness.project.located import read_text
from harness.running.dbt import FAILED, RUNS, nodes_of
from harness.running.verdict.places import file_of
from harness.running.verdict.services import block_at, made_good

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.project.model import Block
    from harness.running.dbt import DbtNode
    from harness.running.verdict.judge import Evidence

# Mage gives `deps` the arguments of the command that follows, which dbt refuses.
_NOT_OF_DEPS = "No such option"
_NO_PACKAGES = re.compile(r"package\(s\) specified in|Could not find package")
_ASKED = re.compile(r"\b(env_var|mage_secret_var|variables)\(\s*['\"](.+?)['\"]")
_SET = {
    "env_var": '{name} = "..." under [tool.mage-harness.env]',
    "mage_secret_var": '{name} = "..." under [tool.mage-harness.secrets]',
    "variables": "{name} among the pipeline's variables, or with --var",
}


def problems(evidence: Evidence) -> Iterator[Problem]:
    """What is wrong by dbt's own word, each call of it after the other."""
    for event in evidence.process.events:
        if event["event"] not in ("dbt", "dbt_unset"):
            continue
        block = _block(evidence, event)
        if block is not None and made_good(evidence, block.uuid, event["at"]):
            continue
        found = _unset if event["event"] == "dbt_unset" else _call
        yield from found(evidence, block, event)


def _block(evidence: Evidence, event: Mapping[str, Any]) -> Block | None:
    """The block that called dbt; by the time, where it called the program."""
    block = evidence.block(event["block"])
    if block is not None:
        return block
    found = block_at(evidence, event["at"], detail=f"dbt {event.get('command', '')}")
    return None if found is None else found[0]


def _call(evidence: Evidence, block: Block | None, event: Mapping[str, Any]) -> Iterator[Problem]:
    failed = [node for node in nodes_of(event) if node.status in FAILED]
    for node in failed:
        yield _failed(evidence, block, node)
    command = event["command"]
    if failed or (command == "deps" and _NOT_OF_DEPS in event["error"]):
        return
    if not event["success"]:
        yield _refused(evidence, block, event)
    elif command in RUNS and not event["nodes"] and not event["ephemeral"]:
        selected = f" --select {event['selected']}" if event["selected"] else ""
        yield _problem(
            evidence,
            block,
            "dbt-nothing-selected",
            f"nothing of the dbt project matches, so nothing ran, and dbt calls that a success: "
            f"dbt {command}{selected}; correct the selection, or enable the model",
        )


def _failed(evidence: Evidence, block: Block | None, node: DbtNode) -> Problem:
    if node.kind in ("test", "unit_test"):
        code, what = "dbt-test-failed", "the test"
    else:
        code, what = "dbt-model-failed", f"the {node.kind}"
    return Problem(
        code=code,
        message=f"{what} {node.name} of dbt ended with {node.status}: {_one_line(node.message)}",
        pipeline=evidence.pipeline.uuid,
        block=block.uuid if block is not None else "",
        file=node.file,
    )


def _refused(evidence: Evidence, block: Block | None, event: Mapping[str, Any]) -> Problem:
    said = _one_line(event["error"]) or "it did not say why"
    if event["command"] == "deps" or _NO_PACKAGES.search(said):
        folder = event["project"] or "the dbt project"
        return _problem(
            evidence,
            block,
            "dbt-packages-missing",
            f"the packages that {folder}/packages.yml names are not there ({said}); a run has no "
            f"network: run `dbt deps` in {folder} and keep its dbt_packages",
        )
    return _problem(evidence, block, "dbt-failed", f"dbt {event['command']} failed: {said}")


def _unset(evidence: Evidence, block: Block | None, event: Mapping[str, Any]) -> Iterator[Problem]:
    key = event["key"].rpartition(".")[2]
    file, line, asked = "", None, []
    project = project_of(evidence.project, block) if block is not None else None
    if project is not None and is_file(evidence.project.path / project.profiles_file):
        file = project.profiles_file.as_posix()
        text = read_text(evidence.project.path / project.profiles_file)
        for number, written in enumerate(text.splitlines(), 1):
            if re.match(rf"\s*['\"]?{re.escape(key)}['\"]?\s*:", written):
                found = _ASKED.findall(written)
                line = number if found and line is None else line
                asked += [_SET[kind].format(name=name) for kind, name in found]
    remedy = f"; write {' or '.join(dict.fromkeys(asked))}" if asked else "; set it"
    yield Problem(
        code="dbt-profile-unset",
        message=f"{key} of the profile {event['profile']} ({event['target']}) is the text None, "
        f"as Mage renders what nobody sets{remedy}",
        pipeline=evidence.pipeline.uuid,
        block=block.uuid if block is not None else "",
        file=file,
        line=line,
    )


def _one_line(text: str) -> str:
    """Dbt's words without where it keeps what it has compiled, which is gone with the run."""
    lines = [line.strip() for line in text.splitlines()]
    return " ".join(one for one in lines if one and not one.startswith("compiled code at"))


def _problem(evidence: Evidence, block: Block | None, code: str, message: str) -> Problem:
    return Problem(
        code=code,
        message=message,
        pipeline=evidence.pipeline.uuid,
        block=block.uuid if block is not None else "",
        file=file_of(block),
    )
