"""Starts the services of a stack side by side, those that others need before them."""

from __future__ import annotations

import contextlib
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

from harness.errors import HarnessError, InputError, ServiceError
from harness.moment import written
from harness.services.catalogue import FURTHER, TIMED
from harness.services.protocol import Timed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from concurrent.futures import Future

    from harness.clock.clock import Clock
    from harness.services.protocol import Service
    from harness.services.provider import BaseProvider


class Starting:
    """Starts services that a provider builds.

    Args:
        provider: Builds them.
        services: Those that run, by name; what is started is added.
        clock: The time that they give.
        progress: Is told what is being started.
    """

    def __init__(
        self,
        provider: BaseProvider,
        *,
        services: dict[str, Service],
        clock: Clock,
        progress: Callable[[str], None],
    ) -> None:
        self._provider = provider
        self._services = services
        self._clock = clock
        self._progress = progress

    def start(self, names: Iterable[str]) -> None:
        """Start services that do not run yet, with those that they need.

        Args:
            names: The services.

        Raises:
            HarnessError: One did not start: mostly ServiceError. Those that this call started are
                stopped again.
        """
        wanted = self._missing(names)
        if not wanted:
            return
        self._progress(f"starting {', '.join(wanted)}")
        for name in wanted:
            self._provider.load(name)
        started: dict[str, Future[Service]] = {}
        built: list[Service] = []
        pool = ThreadPoolExecutor(len(wanted), "mage-harness-start")
        try:
            for name in wanted:
                started[name] = pool.submit(self._start_one, name, started=started, built=built)
            wait(started.values(), return_when=FIRST_EXCEPTION)
            self._settle(started)
        except BaseException:
            # Also for Ctrl-C: what is on its way up arrives, and is taken down again. Only an
            # image, which may take minutes, is not waited for.
            self._provider.interrupt()
            pool.shutdown()
            self._provider.resume()
            stop_all(built)
            raise
        pool.shutdown()

    def _missing(self, names: Iterable[str]) -> list[str]:
        """The services to start, those that others need before them."""
        wanted: list[str] = []
        for name in names:
            known = (*self._provider.names, *FURTHER)
            if name not in known:
                raise ValueError(f"there is no service named {name}; there are: {', '.join(known)}")
            for each in (*self._provider.needs.get(name, ()), name):
                if each not in wanted and each not in self._services:
                    wanted.append(each)
        return wanted

    def _start_one(
        self,
        name: str,
        *,
        started: Mapping[str, Future[Service]],
        built: list[Service],
    ) -> Service:
        others = dict(self._services)
        for needed in self._provider.needs.get(name, ()):
            if needed not in others:
                # Submitted before this one, so it is running or done.
                others[needed] = started[needed].result()
        service = self._provider.build(name, others)
        built.append(service)
        service.start()
        tell_time(service, self._clock)
        self._provider.expose(name, service)
        for note in service.notes:
            self._progress(f"note: {note}")
        self._progress(f"{name} is ready")
        return service

    def _settle(self, started: Mapping[str, Future[Service]]) -> None:
        """Keep all that were started, or tell of the first that failed by itself."""
        errors = {name: one.exception() for name, one in started.items() if one.done()}
        for name, error in errors.items():
            if isinstance(error, HarnessError):
                raise error
            if error is not None:
                raise ServiceError(
                    f"the {name} service did not start",
                    cause=f"{type(error).__name__}: {error}",
                    remedy="run `mage-harness doctor`; if it finds nothing, report this as a bug",
                ) from error
        self._services.update({name: one.result() for name, one in started.items()})


def tell_time(service: Service, clock: Clock) -> None:
    """Have a service give the time of a clock from now on.

    Args:
        service: The service, running.
        clock: The clock.

    Raises:
        InputError: It cannot: it is not the harness's own.
        EnvironmentNotAbleError: This machine cannot give another time.
    """
    if isinstance(service, Timed):
        service.keep_time(clock)
    elif clock.offset and service.name in TIMED:
        raise InputError(
            f"{service.name} cannot have another time than the real one",
            cause="it is not this process's own: workers of pytest-xdist share it",
            evidence=[f"asked for: {written(clock.now())}"],
            remedy="give the test the marker mage_at, with a time or without, or leave out -n",
        )


def stop_all(services: Sequence[Service]) -> None:
    """Stop each in reverse; the first error surfaces when all have been told.

    Args:
        services: The services, in the order in which they were started.

    Raises:
        HarnessError: One could not be stopped.
    """
    with contextlib.ExitStack() as stack:
        for service in services:
            stack.callback(service.stop)
