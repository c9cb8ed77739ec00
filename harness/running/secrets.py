"""What a run tells of itself, without the secrets that it had: at one place, for all that tell."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from harness.project.io_config import NAME as IO_CONFIG
from harness.project.io_config import entries
from harness.replay.secrecy import is_secret
from harness.running.child_environment import read_env_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from harness.problem import Problem
    from harness.record.secrets import Secrets
    from harness.running.block_run import BlockRun
    from harness.running.result import PipelineRun
    from harness.running.session import Session
    from harness.settings import Settings

# Any scheme's: postgresql, mysql, redis; record.secrets knows that of http.
_USER = re.compile(r"(?P<scheme>\b[a-z][a-z\d+.-]{1,20}://)[^\s/?#\"'<>@\\]+@", re.IGNORECASE)
# Mage's own example of a profile has api_key for a key.
_PLACEHOLDER = re.compile(r"[a-z_]*|.*\{\{.*", re.DOTALL)
_FAULT = "fault"


class Masking:
    """Puts the word ``scrubbed`` in the place of secrets.

    Args:
        known: Gives those that are known; asked when there is a text.
    """

    def __init__(self, known: Callable[[], Iterable[str]]) -> None:
        self._known = known

    @cached_property
    def secrets(self) -> Secrets:
        """Those that are known, in all their codings."""
        # Runs that tell of nothing wrong do without it.
        from harness.record.secrets import Secrets  # noqa: PLC0415

        return Secrets((), known=self._known())

    def text(self, text: str) -> str:
        """A text without secrets: those that are known, and those that have the form of one.

        Args:
            text: The text.
        """
        if not text:
            return text
        from harness.record.scan import without_tokens  # noqa: PLC0415

        masked = self.secrets.body(text.encode("utf-8", "surrogateescape"))
        text = self.secrets.text(masked.decode("utf-8", "surrogateescape"))
        return without_tokens(_USER.sub(lambda user: user["scheme"], text))


def masking(session: Session, variables: Mapping[str, Any]) -> Masking:
    """What takes the secrets of a run out.

    Args:
        session: Where it ran.
        variables: Its runtime variables.
    """
    return Masking(lambda: known_to(session, variables))


def known_to(session: Session, variables: Mapping[str, Any]) -> set[str]:
    """The secrets that a run had, by the names that they have in its surroundings.

    Args:
        session: Where it ran.
        variables: Its runtime variables.
    """
    stack = session.stack
    given = {**stack.values(), **stack.environment(), **stack.overlay()}
    found = secrets_of(session.settings, given=given, variables=variables)
    file = session.project.path / IO_CONFIG
    text = file.read_text("utf-8", "replace") if file.is_file() else ""
    named = {one.text for one in entries(text) if is_secret(one.key)}
    return found | {one for one in named if _PLACEHOLDER.fullmatch(one) is None}


def secrets_of(
    settings: Settings, *, given: Mapping[str, Any], variables: Mapping[str, Any]
) -> set[str]:
    """The secrets of a run by their names in the settings, its services and its variables.

    Args:
        settings: The settings that it has.
        given: What its services gave it, by name.
        variables: Its runtime variables.
    """
    file = read_env_file(settings.env_file) if settings.env_file is not None else {}
    named = {**file, **settings.env, **given, **variables}
    found = {str(value) for name, value in named.items() if is_secret(name)}
    addresses = [str(value) for value in named.values() if "://" in str(value)]
    return {one for one in (*found, *settings.secrets.values(), *_passwords(addresses)) if one}


def masked(run: PipelineRun, mask: Masking) -> PipelineRun:
    """A run whose problems and errors tell no secret; what it printed and wrote stays.

    Args:
        run: The run, judged.
        mask: What takes secrets out.
    """
    events = run.process.events
    if any(event["event"] == _FAULT for event in events):
        events = tuple(
            {**event, "call": mask.text(event["call"])} if event["event"] == _FAULT else event
            for event in events
        )
    return replace(
        run,
        blocks=tuple(_block(one, mask) for one in run.blocks),
        problems=tuple(_problem(one, mask) for one in run.problems),
        accepted=tuple(_problem(one, mask) for one in run.accepted),
        process=replace(run.process, events=events),
        triggered=tuple(masked(one, mask) for one in run.triggered),
    )


def _problem(problem: Problem, mask: Masking) -> Problem:
    return replace(problem, message=mask.text(problem.message))


def _block(block: BlockRun, mask: Masking) -> BlockRun:
    return replace(
        block,
        error=mask.text(block.error),
        tests=tuple(replace(one, message=mask.text(one.message)) for one in block.tests),
        failures=tuple(replace(one, error=mask.text(one.error)) for one in block.failures),
    )


def _passwords(addresses: Iterable[str]) -> Iterable[str]:
    for address in addresses:
        try:
            password = urlsplit(address).password
        except ValueError:
            continue
        if password:
            yield from (password, unquote(password))
