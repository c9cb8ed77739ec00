"""What is asked for by name and known only while a block runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.inspect.values import Constant, Hole, Items, Mapping, Text, Value, text

if TYPE_CHECKING:
    from collections.abc import Mapping as Named

    from harness.inspect.clients.call import Call


def asked(call: Call) -> Hole | None:
    """The hole that the result of a call is in a text, where it asks for a variable or secret.

    Args:
        call: The call.
    """
    runtime = _runtime(call)
    known = runtime or call.path in ("os.getenv", "os.environ.get")
    if not known and not call.path.endswith("get_secret_value"):
        return None
    names = _names(call)
    if not known:
        return Hole(names[0].shown) if names else None
    return hole(names[0], runtime=runtime, default=_default(call)) if names else None


def listed(call: Call, variables: Named[str, object]) -> Items | Mapping | None:
    """What the result of a call holds, where it asks for a runtime variable that is a list.

    Args:
        call: The call.
        variables: The pipeline's variables and their values.
    """
    names = _names(call) if _runtime(call) else []
    if not names:
        return None
    if names[0].shown in variables:
        return held_by(variables[names[0].shown])
    default = _default(call)
    return default if isinstance(default, Items | Mapping) else None


def held_by(value: object) -> Items | Mapping | None:
    """A list or mapping of a pipeline's metadata.yaml; None for what is neither.

    Args:
        value: The value of a variable.
    """
    if isinstance(value, list):
        return Items([_value(one) for one in value])
    if isinstance(value, dict):
        return Mapping({str(name): _value(one) for name, one in value.items()})
    return None


def _value(plain: object) -> Value:
    if isinstance(plain, str):
        return text(plain)
    return held_by(plain) or Constant(plain)


def _runtime(call: Call) -> bool:
    return call.path == "mage.kwargs.get" or call.path.endswith("get_global_variable")


def _names(call: Call) -> list[Text]:
    return call.texts(1 if call.path.endswith("get_global_variable") else 0)


def _default(call: Call) -> Value | None:
    return call.value(1, "default") if call.path.endswith(("get", "getenv")) else None


def hole(name: Text, *, runtime: bool, default: Value | None = None) -> Hole:
    """The hole that a variable is in a text.

    Args:
        name: Its name.
        runtime: Whether it is a variable of the run, and not of the environment.
        default: What it is where it is not set.
    """
    fill: object = None
    if isinstance(default, Text) and not default.holes:
        fill = default.shown
    elif isinstance(default, Constant):
        fill = default.value
    shown = name.shown
    return Hole(
        shown,
        variable=shown if runtime else "",
        default=fill,
        environment="" if runtime else shown,
    )
