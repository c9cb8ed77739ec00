"""The pytest plugin: hooks and fixtures, nothing else.

A test of a pipeline::

    def test_trips_without_passengers_are_dropped(mage, expect):
        mage.run("api_to_postgres", variables={"year": 2021, "month": 1})

        trips = expect.table("ny_taxi.yellow_cab_data")
        trips.column("passenger_count").no_nulls().between(1, 9)
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.coverage.options import attend, configure
from harness.errors import HarnessError
from harness.faults.required import of_test
from harness.held import heard
from harness.plugin_options import add_all

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

    from harness.faults.declared import Faults
    from harness.mage import Mage
    from harness.rerun.expect import SessionExpect
    from harness.running.result import PipelineRun
    from harness.running.session import Session
    from harness.services.protocol import Service
    from harness.settings import Settings

pytest_plugins = ["harness.bigquery_fixtures"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options; each beats the setting of the same meaning in [tool.mage-harness]."""
    add_all(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, and children of this process safe."""
    from harness.machine.forks import without_handlers_of_grpc

    without_handlers_of_grpc()
    config.addinivalue_line(
        "markers",
        "mage_at(time): the time that pipelines and services have at the test's start; without "
        "a time: services of the test's own process, whose runs may be given one",
    )
    configure(config)
    if config.getoption("--keep"):
        from harness.up.keeping_pytest import attend as attend_failures

        attend_failures(config)
    if config.getoption("--mage-report") or config.getoption("--mage-report-against"):
        from harness.page.in_pytest import attend

        attend(config)
    if os.environ.get("GITHUB_ACTIONS") == "true":
        from harness.report.github_pytest import attend as attend_github

        attend_github(config)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where to ask for the services that the controller owns."""
    from harness.xdist import invite

    invite(node)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what workers of pytest-xdist asked for, when they have all ended."""
    if config.pluginmanager.hasplugin("xdist"):
        from harness.xdist import close_desk

        close_desk(config)


@pytest.fixture(scope="session")
def mage_settings(pytestconfig: pytest.Config) -> Settings:
    """The settings of this session; override it to use others in one folder of tests."""
    from harness.settings import load_settings

    return load_settings(
        start=pytestconfig.rootpath,
        options={
            "project": pytestconfig.getoption("--mage-project"),
            "provider": pytestconfig.getoption("--provider"),
            "deadline": pytestconfig.getoption("--deadline"),
            "at": pytestconfig.getoption("--at"),
            "postgres": pytestconfig.getoption("--postgres"),
            "gcs": pytestconfig.getoption("--gcs"),
            "bigquery": pytestconfig.getoption("--bigquery"),
            "real_google": pytestconfig.getoption("--real-google"),
        },
    )


@pytest.fixture(scope="session")
def mage_sessions(pytestconfig: pytest.Config) -> Iterator[Callable[..., Session]]:
    """Gives the session of some settings; that of others before them is ended."""
    from harness.mutate.handed import handed
    from harness.report.pytest import Progress
    from harness.running.session import Session
    from harness.services.stack import Stack
    from harness.xdist import visitor_of

    progress = Progress(pytestconfig)
    mutant = pytestconfig.getoption("--mage-mutant")
    changed = handed(Path(mutant)) if mutant is not None else {}
    current: dict[tuple[str, bool], Session] = {}

    def end() -> None:
        while current:
            _, session = current.popitem()
            session.close()
            session.stack.stop()

    def session_of(settings: Settings, *, alone: bool = False) -> Session:
        # A server that workers share has one clock, and that is the real one.
        visitor = visitor_of(pytestconfig, settings) if not alone and settings.at is None else None
        known = (settings.model_dump_json(), visitor is None)
        if known not in current:
            end()
            stack = Stack(settings, progress=progress, visitor=visitor)
            current[known] = Session(settings, stack=stack, progress=progress)
            attend(pytestconfig, current[known])
            current[known].changed = changed
            current[known].expecting = True
        return current[known]

    yield session_of
    end()


@pytest.fixture
def mage_session(
    request: pytest.FixtureRequest,
    mage_settings: Settings,
    mage_sessions: Callable[..., Session],
) -> Session:
    """The project with its private services, started at their first use and kept between tests."""
    marker = request.node.get_closest_marker("mage_at")
    if marker is None:
        return mage_sessions(mage_settings)
    from harness.running.moments import marked

    at = marked(*marker.args, **marker.kwargs)
    settings = mage_settings if at is None else mage_settings.model_copy(update={"at": at})
    return mage_sessions(settings, alone=True)


@pytest.fixture
def mage_world(mage_session: Session) -> Session:
    """The session's services, emptied for this test, and with the project's seeds in them."""
    mage_session.reset()
    mage_session.plant()
    return mage_session


@pytest.fixture
def mage(mage_world: Session, pytestconfig: pytest.Config, request: pytest.FixtureRequest) -> Mage:
    """Runs pipelines: ``mage.run("api_to_postgres", variables={"month": 2})``."""
    from harness.bundle.in_pytest import bundler
    from harness.mage import Mage
    from harness.page.in_pytest import take
    from harness.report.agreement import approver
    from harness.report.junit import of_run

    bundle = bundler(request, mage_world)

    def told(run: PipelineRun, variables: Mapping[str, Any]) -> None:
        request.node.user_properties.extend(of_run(run))
        bundle(run)
        take(request, mage_world, run, variables)

    return Mage(mage_world, approve=approver(pytestconfig), told=told)


@pytest.fixture
def postgres(mage_world: Session) -> Service:
    """The private PostgreSQL, empty at the start of the test but for seeds."""
    return mage_world.stack.postgres


@pytest.fixture
def gcs(mage_world: Session) -> Service:
    """The private Google Cloud Storage, empty at the start of the test but for seeds."""
    return mage_world.stack.gcs


@pytest.fixture
def s3(mage_world: Session) -> Service:
    """The private S3, empty at the start of the test but for seeds."""
    return mage_world.stack.s3


@pytest.fixture
def mysql(mage_world: Session) -> Service:
    """The private MySQL, empty at the start of the test but for seeds."""
    return mage_world.stack.mysql


@pytest.fixture
def bigquery(mage_world: Session) -> Iterator[Service]:
    """The private BigQuery, empty at the start of the test but for seeds.

    Also clients that the test makes itself with its address read rows as Arrow from it.
    """
    from harness.services.bigquery import BigQueryStub

    service = mage_world.stack.bigquery
    if not isinstance(service, BigQueryStub):
        # Another emulator, or the real one.
        yield service
        return
    from harness.services.bigquery_storage import redirected

    with redirected(service.url):
        yield service


@pytest.fixture
def http(mage_world: Session) -> Service:
    """Recorded HTTP: what was asked, and files mapped to URLs."""
    return mage_world.stack.http


@pytest.fixture
def faults(mage_world: Session) -> Iterator[Faults]:
    """Trouble that pipelines meet: ``faults.gcs(503, times=2, block="taxi_data_to_gcs")``.

    A fault that did not come fails the test.
    """
    from harness.faults.declared import Faults

    with Faults(mage_world) as declared:
        yield declared


@pytest.fixture
def expect(mage_world: Session) -> SessionExpect:
    """Expectations on what was written: ``expect.table("ny_taxi.yellow_cab_data").rows(9_500)``."""
    from harness.rerun.expect import SessionExpect

    return SessionExpect(mage_world)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Keep the checks that hold as properties of the test."""
    from harness.report.held import Held

    checks = Held()
    try:
        with heard(checks):
            done = yield
            of_test(item)
            return done
    finally:
        item.user_properties.extend(checks.properties())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the harness's own errors by their message; their frames say nothing to the author."""
    report = yield
    if call.excinfo is not None and isinstance(call.excinfo.value, HarnessError):
        own = [entry for entry in call.excinfo.traceback if entry.path == item.path]
        place = f"{own[-1].path}:{own[-1].lineno + 1}: in {own[-1].name}\n" if own else ""
        source = (
            "".join(f">   {line}\n" for line in str(own[-1].statement).splitlines()) if own else ""
        )
        report.longrepr = f"{place}{source}{call.excinfo.value}"
        from harness.report.junit import of_error

        # Those of the test itself: JUnit's XML is written at its end, not with this report.
        item.user_properties.extend(of_error(call.excinfo.value))
    return report
