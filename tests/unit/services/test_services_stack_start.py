"""How a stack starts and gives up, with services that do nothing but wait or fail."""

from __future__ import annotations

import threading
from typing import ClassVar

import pytest

from harness.errors import ServiceError, SettingsError
from harness.services import stack as stack_module
from harness.services.embedded.provider import EmbeddedProvider
from harness.services.sinkless import Sinkless
from harness.services.stack import Stack
from harness.services.visitor import Shared
from harness.settings import Settings

PATIENCE = 20


class Still(Sinkless):
    title = "a service"

    def __init__(self, name: str) -> None:
        self.name = name
        self.stopped = False

    def start(self) -> None: ...

    def stop(self) -> None:
        self.stopped = True


class Failing(Still):
    def start(self) -> None:
        raise ServiceError("the database died", remedy="none")


class Slow(Still):
    """Waits as for an image, until it is interrupted."""

    def __init__(self, name: str, given_up: threading.Event) -> None:
        super().__init__(name)
        self._given_up = given_up

    def start(self) -> None:
        assert self._given_up.wait(PATIENCE)
        raise ServiceError("the image was interrupted", remedy="none")


class Provider:
    names = ("slow", "failing", "still")
    needs: ClassVar[dict] = {}
    shared_names = ()

    def __init__(self) -> None:
        self.interrupted = threading.Event()
        self.made: list[Still] = []
        self.told: list[str] = []

    def load(self, name: str) -> None: ...

    def build(self, name: str, others) -> Still:
        kinds = {"still": Still, "failing": Failing}
        made = kinds[name](name) if name in kinds else Slow(name, self.interrupted)
        self.made.append(made)
        return made

    def expose(self, name: str, service) -> None: ...

    def interrupt(self) -> None:
        self.told.append("interrupt")
        self.interrupted.set()

    def resume(self) -> None:
        self.told.append("resume")
        self.interrupted.clear()

    def close(self) -> None: ...


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    made = Provider()
    monkeypatch.setattr(stack_module, "provider_for", lambda *_args, **_options: made)
    return made


def test_one_that_fails_is_told_of_without_waiting_for_an_image(provider) -> None:
    with Stack(Settings()) as stack:
        with pytest.raises(ServiceError, match="the database died"):
            stack.start()
        assert all(one.stopped for one in provider.made)
        assert provider.told == ["interrupt", "resume"]
        stack.start(["still"])
        assert list(stack.services) == ["still"]


def test_workers_cannot_all_have_a_fixed_port(tmp_path) -> None:
    settings = Settings(ports={"gcs": 4443, "postgres": 5432})
    shared = Shared(folder=tmp_path, postgres="postgresql://u@localhost/d")
    with pytest.raises(SettingsError, match="fixed port of gcs"):
        EmbeddedProvider(settings, guardian=None, folder=tmp_path, shared=shared)
    only_shared = Settings(ports={"postgres": 5432})
    EmbeddedProvider(only_shared, guardian=None, folder=tmp_path, shared=shared)
