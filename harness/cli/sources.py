"""What ``record --sources`` adds to ``record``: its options, and what it says."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from harness.errors import InputError
from harness.plain import counted
from harness.running.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.settings import Settings
    from harness.sources.recording import Recording
    from harness.sources.writing import Planted

_SHOWN = 10

SourcesOption = Annotated[
    bool,
    typer.Option(
        "--sources",
        help="Keep what the pipeline reads from PostgreSQL, Cloud Storage and BigQuery too, as "
        "seeds below fixtures/seeds/. The sources are only read: what the pipeline writes goes to "
        "the private services.",
    ),
]
PostgresOption = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="With --sources: the PostgreSQL to read from, such as "
        "postgresql://reader@host:5432/shop. The password may stand in PGPASSWORD.",
    ),
]
GcsOption = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="With --sources: the Cloud Storage emulator to read from, such as "
        "http://localhost:4443.",
    ),
]
BigQueryOption = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="With --sources: the BigQuery emulator to read from, such as http://localhost:9050.",
    ),
]
RealGoogleOption = Annotated[
    str | None,
    typer.Option(
        metavar="PROJECT",
        help="With --sources: the real Google Cloud project to read from, with this machine's "
        "own credentials. Reading costs money.",
    ),
]
WithoutOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help="With --sources: leave a table or an object alone, as if it were not there: "
        "schema.table, dataset.table or gs://bucket/object, with * for any text. May be given "
        "several times.",
    ),
]
LimitOption = Annotated[
    int | None,
    typer.Option(
        metavar="MIB",
        min=1,
        help="With --sources: refuse an object or a table of more than so many MiB, or of more "
        "than 10,000 rows for each MiB. Default: 100.",
    ),
]


@dataclass(frozen=True, kw_only=True)
class Sources:
    """The options of ``--sources``.

    Attributes:
        wanted: Whether sources are recorded.
        given: The addresses by setting, and those that are None.
        without: What is left alone.
        limit: MiB of a table or an object; None for the usual.
        sample: Rows of a sample, or None.
        replace: Whether what was recorded before is recorded anew.
    """

    wanted: bool
    given: dict[str, str | None]
    without: list[str] | None
    limit: int | None
    sample: int | None
    replace: bool

    def check(self) -> None:
        """Refuse options that mean nothing without ``--sources``.

        Raises:
            InputError: One is given.
        """
        named = [name for name, value in self.given.items() if value is not None]
        named += ["without"] if self.without else []
        named += ["limit"] if self.limit is not None else []
        if named and not self.wanted:
            option = named[0].replace("_", "-")
            raise InputError(
                f"--{option} says what to record from, and nothing is to be recorded from there",
                remedy="give --sources too, or leave it out",
            )

    def alone(self, settings: Settings) -> Settings:
        """The settings of a run that has the seeds in place of the sources.

        Args:
            settings: The settings of any run.
        """
        from harness.sources.recording import private  # noqa: PLC0415

        if not self.wanted:
            return settings
        project = self.given["real_google"] or settings.gcp_project
        return private(settings).model_copy(update={"gcp_project": project})

    @contextmanager
    def session(
        self, settings: Settings, *, progress: Callable[[str], None]
    ) -> Iterator[tuple[Session, Recording | None]]:
        """A session that records; with sources, what records them too.

        Args:
            settings: The settings.
            progress: Told in a line what goes on.

        Raises:
            HarnessError: A source cannot be used.
        """
        if not self.wanted:
            with Session(settings, progress=progress) as session:
                yield session, None
            return
        from harness.sources.limits import Limits  # noqa: PLC0415
        from harness.sources.recording import recording  # noqa: PLC0415

        limits = Limits(sample=self.sample, without=tuple(self.without or ()))
        if self.limit is not None:
            limits = Limits(mib=self.limit, sample=limits.sample, without=limits.without)
        with recording(settings, limits=limits, replace=self.replace, progress=progress) as found:
            yield found.session, found


def planted_summary(planted: Planted) -> list[str]:
    """What to say of the seeds that were kept.

    Args:
        planted: What was written.
    """
    if not planted.names:
        return ["No seed was kept: the pipeline read nothing that its seeds do not hold already."]
    lines = [
        (
            f"Kept {counted(len(planted.names), 'seed')} in {planted.folder}: "
            f"{counted(planted.rows, 'row')}, {planted.bytes / 2**20:.1f} MiB."
        )
    ]
    lines += [f"  {name}" for name in planted.names[:_SHOWN]]
    more = len(planted.names) - _SHOWN
    lines += [f"  and {counted(more, 'other')}"] if more > 0 else []
    return [*lines, "Read them, and their index.yaml, before you share them."]
