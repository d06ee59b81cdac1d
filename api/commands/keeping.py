"""Commands over what is kept: search, fsck, index, regions, jobs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from api.commands.opening import err, opened, out, unix_actor
from api.exit_codes import ExitCode
from records.errors import NotFound
from records.terms import DocumentKind, JobState

index_app = typer.Typer(no_args_is_help=True, help="The search index.")
regions_app = typer.Typer(no_args_is_help=True, help="The company's regions.")
jobs_app = typer.Typer(no_args_is_help=True, help="The work that waits, runs or was parked.")


def search(
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(help="Words or part of a name; blanks separate phrases.")] = "",
    region: Annotated[list[str] | None, typer.Option(help="Region code; may be repeated.")] = None,
    code: Annotated[str | None, typer.Option(help="Customer code, or its beginning followed by *.")] = None,
    archival_code: Annotated[str | None, typer.Option(help="档号, or its beginning followed by *.")] = None,
    kind: Annotated[list[DocumentKind] | None, typer.Option(help="Kind of document; may be repeated.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 20,
) -> None:
    """Find filed documents by their text, region and codes. The search is audited, without its text.

    Exit status: 0 something was found; 1 nothing.

    Example: guidang search 有限公司 --region HD --code 'HD0000*'
    """
    from api.commands.finding import find
    from index.entry import SearchQuery

    query = SearchQuery(
        text=text,
        region_codes=frozenset(region) if region else None,
        kinds=frozenset(kind) if kind else None,
        limit=limit,
        **_exact_or_prefix("customer_code", code),  # type: ignore[arg-type]
        **_exact_or_prefix("archival_code", archival_code),  # type: ignore[arg-type]
    )
    table = Table("档号", "kind", "customer", "name", "region", "page", "excerpt")
    with opened(ctx) as archive:
        found = find(archive, unix_actor(), query)
    for hit in found:
        table.add_row(hit.archival_code, hit.kind, hit.customer_code, hit.customer_name, hit.region_code,
                      str(hit.page_no or ""), hit.excerpt)  # fmt: skip
    out().print(table if found else "Nothing found.")
    raise typer.Exit(ExitCode.OK if found else ExitCode.FAILED)


def _exact_or_prefix(name: str, value: str | None) -> dict[str, str]:
    if value is None:
        return {}
    return {f"{name}_prefix": value[:-1]} if value.endswith("*") else {name: value}


def fsck(
    ctx: typer.Context,
    deep: Annotated[bool, typer.Option("--deep", help="Also fetch every object and compare its hash.")] = False,
    sweep: Annotated[
        bool, typer.Option("--sweep", help="Delete objects that an interrupted receiving left, older than a day.")
    ] = False,
) -> None:
    """Check that every row has its bytes, every object its row, and that hashes, keys, index and chains agree.

    Exit status: 0 all is well; 1 something was found.

    Example: guidang fsck --deep
    """
    from intake import fsck as checks

    found = 0
    with opened(ctx) as archive:
        if sweep:
            err().print(f"{checks.sweep(archive)} interrupted document(s) swept.")
        for finding in checks.check(archive, deep=deep):
            found += 1
            out().print(f"{finding.code}  {finding.subject}")
    err().print(f"{found} finding(s)." if found else "All is well.")
    raise typer.Exit(ExitCode.FAILED if found else ExitCode.OK)


@index_app.command("rebuild")
def rebuild_index(ctx: typer.Context) -> None:
    """Make the index anew from the sealed text of every filed document, while work goes on.

    Example: guidang index rebuild
    """
    from intake.reindexing import rebuild
    from records import audit

    done = 0
    with opened(ctx) as archive:
        for done in rebuild(archive):
            err().print(f"{done} documents")
        with archive.transaction() as session:
            audit.record(session, unix_actor(), "index.rebuilt", "index:documents", documents=done)
    err().print(f"The index holds {done} document(s).")


@regions_app.command("load")
def load_regions(ctx: typer.Context, file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Put a new version of the region table in force. The same file again is harmless.

    Example: guidang regions load samples/regions.yaml
    """
    from records import regions

    with opened(ctx) as archive, archive.transaction() as session:
        version = regions.load_regions(session, unix_actor(), file.read_bytes())
    err().print(f"Version {version} of the region table is in force.")


@jobs_app.command("list")
def list_jobs(
    ctx: typer.Context,
    state: Annotated[JobState | None, typer.Option(help="Only these; without it all but the done ones.")] = None,
) -> None:
    """Show the work that is not done, parked work first.

    Example: guidang jobs list --state parked
    """
    from sqlalchemy import select

    from intake.jobs import Job

    wanted = Job.state == state if state else Job.state != JobState.DONE
    statement = select(Job).where(wanted).order_by(Job.state == JobState.READY, Job.priority, Job.id).limit(1_000)
    table = Table("job", "step", "document", "state", "attempts", "reason")
    with opened(ctx) as archive, archive.reading() as session:
        for job in session.scalars(statement):
            table.add_row(job.id, job.step, job.document_id, job.state, str(job.attempts), job.error or "")
    out().print(table if table.row_count else "No such work.")


@jobs_app.command("retry")
def retry_jobs(
    ctx: typer.Context, job: Annotated[str, typer.Argument(help="Id of a parked job, or `all` parked ones.")]
) -> None:
    """Try parked work again from the beginning.

    Example: guidang jobs retry all
    """
    from sqlalchemy import select

    from intake import jobs
    from records import audit

    with opened(ctx) as archive, archive.transaction() as session:
        parked = select(jobs.Job.id).where(jobs.Job.state == JobState.PARKED)
        wanted = list(session.scalars(parked)) if job == "all" else [job]
        for job_id in wanted:
            retried = jobs.retry(session, job_id)
            audit.record(session, unix_actor(), "job.retried", f"document:{retried.document_id}", step=retried.step)
    if not wanted:
        raise NotFound("No work is parked.")
    err().print(f"{len(wanted)} job(s) will be tried again.")
