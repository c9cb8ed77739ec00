"""The pytest plugin: hooks and fixtures, nothing else.

A test of a pipeline::

    def test_trips_without_passengers_are_dropped(mage, expect):
        mage.run("api_to_postgres", variables={"year": 2021, "month": 1})

        trips = expect.table("ny_taxi.yellow_cab_data")
        trips.column("passenger_count").no_nulls().between(1, 9)
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.coverage.options import add_options, attend, configure
from harness.errors import HarnessError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from harness.mage import Mage
    from harness.rerun.expect import SessionExpect
    from harness.running.result import PipelineRun
    from harness.running.session import Session
    from harness.services.protocol import Service
    from harness.settings import Settings

pytest_plugins = ["harness.bigquery_fixtures"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options; each beats the setting of the same meaning in [tool.mage-harness]."""
    group = parser.getgroup("mage-harness", "Mage pipelines against private services")
    group.addoption("--mage-project", metavar="DIR", default=None, help="the Mage project's folder")
    group.addoption(
        "--provider", default=None, help="who provides the services: embedded (default) or docker"
    )
    group.addoption(
        "--deadline",
        metavar="SECONDS",
        type=float,
        default=None,
        help="end a pipeline's run after so long",
    )
    group.addoption(
        "--at",
        metavar="TIME",
        default=None,
        help="the time that pipelines and services have, such as 2021-02-01T05:00Z",
    )
    for service, example in (
        ("postgres", "postgresql://user:password@host:port/database"),
        ("gcs", "http://host:port"),
        ("bigquery", "http://host:port"),
    ):
        group.addoption(
            f"--{service}",
            metavar="URL",
            default=None,
            help=f"use a {service} that is there already, such as {example}",
        )
    group.addoption(
        "--real-google",
        metavar="PROJECT",
        default=None,
        help="use this real Google Cloud project: a throw-away bucket and dataset are made in it "
        "and removed at the end",
    )
    group.addoption(
        "--mage-mutant",
        metavar="FILE",
        default=None,
        help="run pipelines with another text of a file; for `mage-harness mutate --tests`",
    )
    group.addoption(
        "--update-contracts",
        action="store_true",
        help="show what of a contract does not hold any more, and write it after a question",
    )
    group.addoption(
        "--contracts-yes",
        action="store_true",
        help="with --update-contracts: write without a question",
    )
    add_options(group)


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

    def session_of(settings: Settings, *, alone: bool = False) -> Session:
        # A server that workers share has one clock, and that is the real one.
        visitor = visitor_of(pytestconfig, settings) if not alone and settings.at is None else None
        known = (settings.model_dump_json(), visitor is None)
        if known not in current:
            while current:
                current.popitem()[1].stack.stop()
            stack = Stack(settings, progress=progress, visitor=visitor)
            current[known] = Session(settings, stack=stack, progress=progress)
            attend(pytestconfig, current[known])
            current[known].changed = changed
        return current[known]

    yield session_of
    while current:
        current.popitem()[1].stack.stop()


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
    from harness.mage import Mage
    from harness.report.agreement import approver
    from harness.report.junit import of_run

    def told(run: PipelineRun) -> None:
        request.node.user_properties.append(of_run(run))

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
def expect(mage_world: Session) -> SessionExpect:
    """Expectations on what was written: ``expect.table("ny_taxi.yellow_cab_data").rows(9_500)``."""
    from harness.rerun.expect import SessionExpect

    return SessionExpect(mage_world)


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
