"""Variables of the environment, runtime variables and secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.inspect.clients.call import Call, Sighting, rule

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

BARE = "no default"
"""The detail of a variable of the environment that is None where it is not set."""


@rule(
    r"(?P<function>os\.getenv|os\.environ\.(?:get|setdefault|pop)|decouple\.config"
    r"|environs\.Env\(\)(?:\.\w+)?)"
)
def _variable(call: Call, found: re.Match[str]) -> Iterator[Sighting]:
    client = "os.environ" if found[0].startswith("os.") else found[0].split(".")[0]
    bare = found[0] in ("os.getenv", "os.environ.get") and call.value(1, "default") is None
    for name in call.texts(0, "key"):
        yield Sighting(
            kind="environment",
            name=name,
            access="reads",
            client=client,
            detail=BARE if bare else "",
        )


@rule(r"mage_ai\.(?:.*\.)?get_secret_value(?:_db_safe)?")
def _secret(call: Call, _: re.Match[str]) -> Iterator[Sighting]:
    for name in call.texts(0, "name"):
        yield Sighting(kind="secret", name=name, access="reads", client="get_secret_value")


@rule(r"mage\.kwargs\.(?:get|pop|setdefault)")
def _runtime(call: Call, _: re.Match[str]) -> Iterator[Sighting]:
    for name in call.texts(0):
        yield Sighting(kind="variable", name=name, access="reads", client="kwargs")


@rule(r"mage_ai\..*\.(?P<function>get_global_variable)")
def _global(call: Call, found: re.Match[str]) -> Iterator[Sighting]:
    for name in call.texts(1, "key"):
        yield Sighting(kind="variable", name=name, access="reads", client=found["function"])


@rule(r"(?P<function>dotenv\.load_dotenv|dotenv\.dotenv_values)")
def _dotenv(call: Call, found: re.Match[str]) -> Iterator[Sighting]:
    for name in call.texts(0, "dotenv_path"):
        yield Sighting(
            kind="path", name=name, access="reads", client=found["function"], service="file"
        )


ENVIRONMENT = (_variable, _secret, _runtime, _global, _dotenv)
