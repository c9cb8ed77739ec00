"""What is asked for by name and known only while a block runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.inspect.values import Constant, Hole, Text, Value

if TYPE_CHECKING:
    from harness.inspect.clients.call import Call


def asked(call: Call) -> Hole | None:
    """The hole that the result of a call is in a text, where it asks for a variable or secret.

    Args:
        call: The call.
    """
    runtime = call.path == "mage.kwargs.get" or call.path.endswith("get_global_variable")
    known = runtime or call.path in ("os.getenv", "os.environ.get")
    if not known and not call.path.endswith("get_secret_value"):
        return None
    names = call.texts(1 if call.path.endswith("get_global_variable") else 0)
    default = call.value(1, "default") if call.path.endswith(("get", "getenv")) else None
    return hole(names[0], runtime=runtime, default=default) if names else None


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
    return Hole(name.shown, variable=name.shown if runtime else "", default=fill)
