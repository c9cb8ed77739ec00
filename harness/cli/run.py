"""``mage-harness run``: run pipelines in a private world and say what they wrote."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from harness.bundle.bounds import DEFAULT_MIB
from harness.cli import junit
from harness.cli.bundling import BundleOption, EveryOption, LimitOption, bundles_of, tell
from harness.cli.coverage import (
    CoverageOption,
    DataOption,
    FailUnderOption,
    Noting,
    ReportsOption,
)
from harness.cli.faults import Declared, FaultOption
from harness.cli.jobs import JobsOption, Work, check_jobs, run_in_worlds
from harness.cli.jsonfile import require_file, write_json
from harness.cli.junit import JunitOption
from harness.cli.options import (
    AtOption,
    DeadlineOption,
    FileOption,
    ProjectOption,
    ProviderOption,
    RunnerOption,
    VariablesOption,
    YesOption,
    pairs,
    settings_for,
)
from harness.cli.output import Output
from harness.cli.page import AgainstOption, CommandPage, PageOption
from harness.cli.printing import print_report
from harness.cli.selecting import CachedOption, ChangedOption, Selecting, SinceOption
from harness.cli.settling import settle
from harness.contracts.holding import Contracts
from harness.coverage.wanted import Wanted
from harness.report.model import RunReport
from harness.report.terminal import RunProgress
from harness.running.entry.choice import Entry
from harness.running.session import Session
from harness.running.variables import parse_assignments
from harness.services.stack import Stack
from harness.up.keeping import stay


def run(
    context: typer.Context,
    pipelines: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PIPELINE ...]",
            help="Which pipelines to run, in this order; those that they need run before them. "
            "Default: all.",
        ),
    ] = None,
    project: ProjectOption = None,
    var: VariablesOption = None,
    deadline: DeadlineOption = None,
    at: AtOption = None,
    entry: Annotated[
        Entry | None,
        typer.Option(
            help="How Mage runs them: pipeline (a whole-pipeline `mage run`), blocks (one `mage "
            "run` a block) or engine (Mage's orchestration engine, as a trigger does). Default: "
            "pipeline, or engine where a pipeline needs it (docs/entry_points.md).",
        ),
    ] = None,
    file: FileOption = None,
    port: Annotated[
        list[str] | None,
        typer.Option(
            "--port",
            metavar="SERVICE=N",
            help="Give postgres, gcs, bigquery, http, s3 or mysql a fixed port, to look at it "
            "meanwhile. Default: a free one.",
        ),
    ] = None,
    provider: ProviderOption = None,
    runner: RunnerOption = None,
    postgres: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Use a PostgreSQL that is there already, such as "
            "postgresql://user:password@host:5432/postgres. The run gets a database of its own "
            "on it, which is dropped at the end.",
        ),
    ] = None,
    gcs: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Use a Cloud Storage emulator that is there already, such as "
            "http://localhost:4443. What was in it stays.",
        ),
    ] = None,
    bigquery: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Use a BigQuery emulator that is there already, such as http://localhost:9050. "
            "What was in it stays.",
        ),
    ] = None,
    allow: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST[:PORT]",
            help="Let pipelines reach this host; without a port, at 80 and 443. What is reached is "
            "neither recorded nor judged. May be given several times. Default: nothing but the "
            "private services.",
        ),
    ] = None,
    real_google: Annotated[
        str | None,
        typer.Option(
            metavar="PROJECT",
            help="Use this real Google Cloud project, with this machine's own credentials: a "
            "throw-away bucket and dataset are made in it and removed at the end. It costs money.",
        ),
    ] = None,
    contract: Annotated[  # noqa: FBT002 - an option of the command line
        bool,
        typer.Option(
            "--contract/--no-contract",
            help="Hold each run to its pipeline's contract, where there is one. Default: yes, but "
            "not with --file, which is another input.",
        ),
    ] = True,
    update_contracts: Annotated[  # noqa: FBT002 - an option of the command line
        bool,
        typer.Option(
            "--update-contracts",
            help="Show what of the contracts does not hold any more, and write it after a "
            "question.",
        ),
    ] = False,
    yes: YesOption = False,  # noqa: FBT002 - an option of the command line
    changed: ChangedOption = False,  # noqa: FBT002 - an option of the command line
    since: SinceOption = None,
    cached: CachedOption = False,  # noqa: FBT002 - an option of the command line
    jobs: JobsOption = 1,
    fault: FaultOption = None,
    coverage: CoverageOption = False,  # noqa: FBT002 - an option of the command line
    coverage_report: ReportsOption = None,
    coverage_fail_under: FailUnderOption = None,
    coverage_data: DataOption = None,
    junit_file: JunitOption = None,
    page_file: PageOption = None,
    against: AgainstOption = None,
    bundle: BundleOption = None,
    bundle_all: EveryOption = False,  # noqa: FBT002 - an option of the command line
    bundle_limit: LimitOption = DEFAULT_MIB,
    keep: Annotated[  # noqa: FBT002 - an option of the command line
        bool,
        typer.Option(
            "--keep",
            help="After a failure leave the services as they are, say how they are reached, and "
            "wait for Enter (docs/up.md). Needs a terminal.",
        ),
    ] = False,
    json_file: Annotated[
        Path | None,
        typer.Option(
            "--json", metavar="FILE", help="Write the facts as JSON (docs/run.schema.json)."
        ),
    ] = None,
) -> None:
    """Run pipelines with the real `mage run` against private services, and prove what they wrote.

    Nothing of this machine's credentials reaches them, nothing leaves the machine, and nothing is
    left behind but the server of warm runs, for the next command (`--runner`).

    Exit statuses: 0 all did what their source says, and hold their contracts; 1 one did not, even
    though Mage may have ended with 0, or less ran than is wanted; 2 bad usage or input; 3 the
    environment is not able; 130 interrupted.
    """
    require_file(json_file)
    page = CommandPage(page_file, against=against)
    without = {"--jobs": jobs > 1, "--update-contracts": update_contracts}
    without |= {"--changed": changed, "--since": since is not None, "--cached": cached}
    faults = Declared(fault or (), without=without)
    wanted = Wanted.by(
        on=coverage,
        reports=coverage_report,
        fail_under=coverage_fail_under,
        data=coverage_data,
        option="--coverage",
    )
    settings = settings_for(
        project,
        deadline=deadline,
        at=at,
        provider=provider,
        runner=runner,
        postgres=postgres,
        gcs=gcs,
        bigquery=bigquery,
        real_google=real_google,
        files=pairs("--file", file),
        ports=pairs("--port", port),
        allow=allow,
    )
    check_jobs(settings, jobs, keep=keep)
    bundles = bundles_of(bundle, every=bundle_all, mib=bundle_limit)
    variables = parse_assignments(var or ())
    if json_file is not None:
        write_json(json_file, RunReport(pipelines=()).as_json())
    junit.begin(junit_file)
    console = Output()
    with RunProgress(console, moving=jobs == 1) as progress:
        # Not the session's own, so that it outlives the runs.
        lasting = Stack(settings, progress=progress.message) if keep else None
        stack = lasting and context.with_resource(lasting)
        session = Session(settings, stack=stack, progress=progress.message)
        noting = Noting(session, wanted)
        contracts = Contracts(session, propose=update_contracts)
        held = contract and not file
        given = {"--var": variables, "--entry": entry, "--contract": held, **faults.given()}
        selecting = Selecting(session, pipelines or (), given=given)
        selecting.check(variables)
        steps = selecting.steps(changed=changed, since=since, cached=cached)
        work = Work(
            variables=variables,
            entry=entry,
            contracts=contracts if held else None,
            page=page,
            bundles=bundles,
            faults=faults,
        )
        report = run_in_worlds(session, steps, work, progress=progress, jobs=jobs)
        selecting.keep(report)
    left_out = tuple(one.as_json() for one in selecting.left_out)
    report = replace(report, left_out=left_out, declared_faults=faults.facts())
    print_report(console, report, project=settings.project)
    selecting.tell(console)
    came = faults.tell(console)
    bundled = tell(console, bundles)
    enough = noting.tell(console, steps)
    if json_file is not None:
        write_json(json_file, replace(report, coverage=noting.facts()).as_json())
    junit.write(junit_file, report, page=page_file, bundles=bundles)
    page.write(report)
    kept = [settle(console, one, yes=yes) and one.complete for one in contracts.proposals]
    differs = [one for one in report.pipelines if one.contract is not None and not one.contract.ok]
    ok = report.ok or (report.ran and all(kept) and len(kept) == len(differs))
    if stack is not None and not ok and report.pipelines:
        stay(session.project, stack=stack, settings=settings, say=progress.message)
    raise typer.Exit(0 if ok and came and enough and bundled else 1)
