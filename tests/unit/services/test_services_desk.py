"""The desk at which workers ask, with stacks that start nothing."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from harness.errors import HarnessError, ServiceError
from harness.services import desk as desk_module
from harness.services.desk import Desk
from harness.services.visitor import Shared, Visitor
from harness.settings import Settings

PATIENCE = 20


class FakeStack:
    """Shares at once, or waits as for an image until it is stopped."""

    made: list[FakeStack]
    slow = False

    def __init__(self, settings: Settings, *, progress) -> None:
        self.settings = settings
        self.asked = threading.Event()
        self.stopped = threading.Event()
        self.made.append(self)

    def share(self) -> Shared:
        self.asked.set()
        if self.slow:
            assert self.stopped.wait(PATIENCE)
            raise ServiceError("the image was interrupted", remedy="none")
        return Shared(folder=Path("/shared"), postgres="postgresql://u@localhost/d")

    def stop(self) -> None:
        self.stopped.set()


@pytest.fixture
def stacks(monkeypatch: pytest.MonkeyPatch) -> type[FakeStack]:
    kind = type("Kind", (FakeStack,), {"made": []})
    monkeypatch.setattr(desk_module, "Stack", kind)
    return kind


@pytest.fixture
def desk(stacks):
    desk = Desk(progress=print)
    yield desk
    desk.close()


def test_equal_settings_share_one_stack_and_others_have_their_own(desk, stacks) -> None:
    for settings in (Settings(), Settings(), Settings(gcp_project="other")):
        visitor = Visitor(desk.invitation, settings=settings)
        assert visitor.ask() is visitor.ask()
    assert [one.settings.gcp_project for one in stacks.made] == ["harness-project", "other"]
    desk.close()
    assert all(one.stopped.is_set() for one in stacks.made)


def test_the_end_does_not_wait_for_an_image(desk, stacks) -> None:
    stacks.slow = True
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(Visitor(desk.invitation, settings=Settings()).ask)
        while not stacks.made:
            threading.Event().wait(0.01)
        assert stacks.made[0].asked.wait(PATIENCE)
        desk.close()
        with pytest.raises(HarnessError, match="interrupted"):
            answer.result(PATIENCE)


def test_who_has_no_key_gets_nothing(desk, stacks) -> None:
    stranger = {**desk.invitation, "key": "guessed"}
    with pytest.raises(Exception, match=r"digest|refused|controller"):
        Visitor(stranger, settings=Settings()).ask()
    assert stacks.made == []
    assert Visitor(desk.invitation, settings=Settings()).ask().postgres
