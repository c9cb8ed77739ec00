"""What dbt did at each of its calls: Mage drops what many of them say, and why they failed."""

import functools
import json
import os
from typing import Any, Callable, Dict, Iterator, List, Tuple

from mage_harness_tap import blocks, events
from mage_harness_tap.after_import import after_import

_LONGEST = 2000
_NAMED = ("--project-dir", "--select", "-s", "--models", "-m", "--selector", "--target", "-t")
_PACKAGES = ("packages.yml", "dependencies.yml")
_by_runner: List[Any] = []
_FETCHED = ("package:", "git:", "tarball:", "private:")


def watch() -> None:
    """Tell of dbt's calls."""
    after_import("dbt.cli.main", _watch_runner)


def _watch_runner(module: Any) -> None:
    """Watch ``dbt.cli.main``: calls by Mage, and those of the program ``dbt``."""
    runner, group = module.dbtRunner, module.cli
    invoke, run = runner.invoke, group.invoke

    @functools.wraps(invoke)
    def invoked(self: Any, args: List[Any], **kwargs: Any) -> Any:
        call = _Call([str(one) for one in args])
        if call.is_done():
            return module.dbtRunnerResult(success=True)
        _by_runner.append(call)
        try:
            result = _told(self, call.unmatched, lambda: invoke(self, call.words, **kwargs))
        finally:
            _by_runner.remove(call)
        call.tell(result.result, success=result.success, error=result.exception)
        return result

    @functools.wraps(run)
    def been_run(context: Any) -> Any:
        if _by_runner:
            return run(context)
        call = _Call(_of_program(context))
        if call.is_done():
            return None, True
        try:
            done = run(context)
        except module.requires.ResultExit as ended:
            call.tell(ended.result, success=False)
            raise
        except module.requires.ExceptionExit as ended:
            call.tell(None, success=False, error=ended.exception)
            raise
        result, success = done if isinstance(done, tuple) else (None, True)
        call.tell(result, success=success)
        return done

    runner.invoke, group.invoke = invoked, been_run


def _of_program(context: Any) -> List[str]:
    """The arguments of the program from its command on, by click 8.1 or 8.2."""
    command = getattr(context, "_protected_args", None) or context.protected_args
    return [*command, *context.args]


class _Call:
    """One call of dbt.

    Args:
        words: Its arguments.
    """

    def __init__(self, words: List[str]) -> None:
        self.words = words
        self.unmatched: List[str] = []
        self._folder, selected = _named(words)
        self._facts = {
            "block": blocks.current(),
            "line": None,
            "command": next((one for one in words if not one.startswith("-")), ""),
            "project": _within(os.path.abspath(self._folder)),
            "selected": selected,
        }

    def is_done(self) -> bool:
        """Whether it would fetch packages that are there."""
        done = self._facts["command"] == "deps" and _are_there(self._folder)
        if done:
            events.emit("dbt_packages_kept", **self._facts)
        return done

    def tell(self, result: Any, *, success: Any, error: Any = None) -> None:
        """Tell of its end."""
        nodes = list(_nodes(result))
        events.emit(
            "dbt",
            success=bool(success),
            error=_words(error),
            nodes=nodes,
            unmatched=self.unmatched,
            ephemeral=not nodes and _is_ephemeral(self._folder, str(self._facts["selected"])),
            **self._facts,
        )


def _told(runner: Any, unmatched: List[str], call: Callable[[], Any]) -> Any:
    """Call dbt, and hear which parts of a selection match nothing."""

    def heard(event: Any) -> None:
        if event.info.name == "NoNodesForSelectionCriteria":
            unmatched.append(str(event.data.spec_raw))

    before = runner.callbacks
    runner.callbacks = [*before, heard]
    try:
        return call()
    finally:
        runner.callbacks = before


def _named(words: List[str]) -> Tuple[str, str]:
    """The project's folder and the selection that a command line names."""
    given = {words[i]: words[i + 1] for i in range(len(words) - 1) if words[i] in _NAMED}
    project = given.get("--project-dir", os.getcwd())
    selected = [given[name] for name in _NAMED[1:6] if name in given]
    return project, " ".join(selected)


def _within(folder: str) -> str:
    """A folder of the project, relative to it; the run may see it at another place too."""
    root = os.environ.get("MAGE_HARNESS_PROJECT", "")
    for above in (root + os.sep, "%s%s%s" % (os.sep, os.path.basename(root), os.sep)):
        _, found, rest = (folder + os.sep).partition(above)
        if root and found:
            return rest.rstrip(os.sep)
    return folder


def _is_ephemeral(project: str, selected: str) -> bool:
    """Whether what is selected are models that are only part of others, and never run."""
    try:
        with open(os.path.join(project, "target", "manifest.json"), encoding="utf-8") as file:
            nodes = json.load(file)["nodes"].values()
    except (OSError, ValueError, KeyError):
        return False
    return any(
        node.get("name") == selected and node["config"].get("materialized") == "ephemeral"
        for node in nodes
    )


def _nodes(result: Any) -> Iterator[Dict[str, Any]]:
    """Each model, test, ... that was come to; a call that is no run has none."""
    for one in getattr(result, "results", None) or ():
        node = getattr(one, "node", None)
        if node is None or not hasattr(one, "status"):
            continue
        answer = getattr(one, "adapter_response", None) or {}
        yield {
            "id": str(getattr(node, "unique_id", "")),
            "name": str(getattr(node, "name", "")),
            "kind": _word(getattr(node, "resource_type", "")),
            "relation": _relation(node),
            "file": str(getattr(node, "original_file_path", "")),
            "status": _word(one.status),
            "message": str(one.message or "")[:_LONGEST],
            "rows": _number(answer.get("rows_affected")),
            "failures": _number(getattr(one, "failures", None)),
            "seconds": float(getattr(one, "execution_time", 0.0) or 0.0),
        }


def _relation(node: Any) -> str:
    parts = (getattr(node, "schema", ""), getattr(node, "alias", ""))
    return ".".join(str(part) for part in parts if part)


def _word(value: Any) -> str:
    """An enumeration's value, or the text that it is."""
    return str(getattr(value, "value", value))


def _number(value: Any) -> Any:
    """A count of rows; None where the database did not say."""
    try:
        return None if value is None or int(value) < 0 else int(value)
    except (TypeError, ValueError):
        return None


def _words(error: Any) -> str:
    return "" if error is None else (str(error) or type(error).__name__)[:_LONGEST]


def _are_there(project: str) -> bool:
    """Whether packages that dbt would fetch have been: it deletes them before it fetches anew."""
    text = ""
    for name in _PACKAGES:
        try:
            with open(os.path.join(project, name), encoding="utf-8") as file:
                text += file.read()
        except (OSError, ValueError):
            continue
    if not any(one in text for one in _FETCHED):
        return False
    folder = os.path.join(project, "dbt_packages")
    return os.path.isdir(folder) and bool(os.listdir(folder))
