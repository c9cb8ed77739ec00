import asyncio
import threading
from contextlib import contextmanager, suppress
from functools import wraps


def doubled(function):
    @wraps(function)
    def called(*args):
        return function(*args) * 2

    return called


@doubled
def branches(value):
    if value > 1:
        found = "large"
    else:
        found = "small"
    if value:
        found += "!"
    return found


def loops(values):
    total = 0
    for value in values:
        if value == 3:
            continue
        if value == 5:
            break
        total += value
    else:
        total = -1
    while total > 0:
        total -= 3
    return total


def comprehension(values):
    return [
        value
        for value in values
        if value > 1
    ]


def numbers(up_to):
    for number in range(up_to):
        yield number


def waits():
    try:
        yield 1
        yield 2
    finally:
        done = True
    return done


def ends_by_exception(value):
    try:
        if value:
            raise ValueError(value)
        return 1
    except KeyError:
        return 2
    finally:
        value = None


def catches(value):
    try:
        return 1 / value
    except ZeroDivisionError:
        return None


def all_raise(value):
    for one in value:
        int(one)
    return 1


@contextmanager
def managed():
    yield 1


def uses_with(value):
    with managed() as one, suppress(ValueError):
        if value:
            return one
        raise ValueError
    return 0


def matches(value):
    match value:
        case 1:
            return "one"
        case [_, *_]:
            return "list"
        case _:
            return "other"


class Kept:
    """A class."""

    number = 1

    def method(self):
        if self.number: return 1
        return 2


def never():
    if True:
        return 1
    return 2


async def later():
    async def inner():
        return 1
    async with Async() as one:
        async for two in several():
            one += two
    return one + await inner()


class Async:
    async def __aenter__(self):
        return 1

    async def __aexit__(self, *_):
        return False


async def several():
    yield 1
    yield 2


branches(1)
branches(2)
loops([1, 2, 3, 4])
loops([1, 5])
comprehension([1, 2])
list(numbers(3))
next(numbers(3))
one = waits()
next(one)
one.close()
list(waits())
with suppress(ValueError):
    ends_by_exception(1)
catches(0)
with suppress(ValueError):
    all_raise(["1", "x"])
uses_with(0)
matches([1])
Kept().method()
asyncio.run(later())
work = threading.Thread(target=loops, args=([5],))
work.start()
work.join()
value = (lambda x: x + 1)(1)
text = "a" if value else \
    "b"
assert value
found = [y for y in range(3) if y]
if any(y > 1 for y in found) and \
        value:
    found = 2


@custom
def every_kind(*args, **kwargs):
    return {"found": found}
