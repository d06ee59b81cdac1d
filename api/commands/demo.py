"""`guidang demo`: from the scanner to the tombstone, on the samples, with the true server, workers and station."""

from __future__ import annotations

import datetime as dt
import os
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from api.commands.opening import invocation_of, out
from api.exit_codes import ExitCode

if TYPE_CHECKING:
    from api.commands.demo_people import Json, Person, Truth
    from api.commands.demo_stage import Stage
    from intake.archive import Archive

DEFAULT_DATA, DESK_DATA = Path("demo-data"), Path("desk-data")
WORKERS = 2
READING_PATIENCE_S = 3600.0
DOCUMENTS_TO_VERIFY = 3
MOST_DOUBTS = 6
REPEATED = "licence-landscape.jpg"
"""Sent once more by a second run, to show what becomes of the same bytes."""


def demo(
    ctx: typer.Context,
    data: Annotated[Path | None, typer.Option(help="Where the demonstration keeps its archive.")] = None,
    desk: Annotated[
        bool, typer.Option("--desk", help="Look at it in a browser: says where and as whom, and stays until Ctrl-C.")
    ] = False,
    port: Annotated[int, typer.Option(help="Port of the service; 0 takes a free one.", min=0, max=65535)] = 0,
) -> None:
    """Run the whole line on the samples, with the embedded parts. A second run in the same place is harmless.

    Example: guidang demo --data /tmp/demo
    """
    # The demonstration is of the embedded parts; what is set for a true archive must not be touched by it.
    for name in [name for name in os.environ if name.startswith("GUIDANG_")]:
        del os.environ[name]
    from api.commands.demo_stage import Stage

    stage = Stage((data or invocation_of(ctx).data or (DESK_DATA if desk else DEFAULT_DATA)).resolve())
    console = out(markup=True)
    console.rule("Guidang 归档")
    console.print("Preparing an archive, its people and its service …")
    archive = stage.set()
    try:
        with stage.running_server(workers=WORKERS, port=port) as address:
            (_desk if desk else _play)(console, stage, archive, address)
    finally:
        archive.close()
    if not desk:
        _say_goodbye(console, stage)


def _desk(console: Console, stage: Stage, archive: Archive, address: str) -> None:
    from api.commands.demo_desk import show_desk

    wait = partial(_wait_for_workers, console, archive, "Reading")
    show_desk(console, stage, archive, address, partial(_send, console, stage, address), wait)


def _play(console: Console, stage: Stage, archive: Archive, address: str) -> None:
    from api.commands.demo_people import Person, Truth
    from api.commands.demo_stage import ARCHIVIST, CLERK

    _send(console, stage, address)
    _wait_for_workers(console, archive, "Reading")
    clerk = Person(address, CLERK, stage.logins[CLERK])
    archivist = Person(address, ARCHIVIST, stage.logins[ARCHIVIST])
    try:
        _show_documents(console, clerk)
        _settle_repetitions(console, clerk)
        if _verify(console, clerk, Truth(stage.samples)) + _note_notices(console, clerk):
            _wait_for_workers(console, archive, "Filing")
        _search(console, archivist)
        _destroy(console, stage, archive, address, clerk, archivist)
    finally:
        clerk.close()
        archivist.close()


def _send(console: Console, stage: Stage, address: str) -> None:
    """receive, keep."""
    from records.errors import WrongState

    waiting = stage.lay_out_scans()
    console.print(f"\n[bold]1. receive, keep[/]: the station sends {waiting} samples to {address}")
    if not waiting:
        console.print(f"   All samples were sent by an earlier run; {REPEATED} is sent once more.")
        stage.lay_out_again(REPEATED)
    status = stage.send(address)
    if status not in (ExitCode.OK, ExitCode.REFUSED):
        raise WrongState("The station could not send.", status=status)


def _wait_for_workers(console: Console, archive: Archive, what: str) -> None:
    """read, extract, file, index: jobs, until none is left that is not parked."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from records.errors import WrongState

    deadline = time.monotonic() + READING_PATIENCE_S
    columns = (TextColumn("   {task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    most = last_said = 0
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(what, total=None)
        while live := _documents_at_work(archive):
            if time.monotonic() > deadline:
                raise WrongState("The workers did not finish in time.")
            most = max(most, live)
            bar.update(task, total=most, completed=most - live)
            if not console.is_terminal and last_said != most - live:
                last_said = most - live
                console.print(f"   {what}: {last_said} of {most} documents")
            time.sleep(0.2 if console.is_terminal else 2.0)
    if most:
        console.print(f"   {what}: {most} documents done by {WORKERS} worker processes")


def _documents_at_work(archive: Archive) -> int:
    from sqlalchemy import func, select

    from intake.jobs import Job
    from records.terms import JobState

    with archive.reading() as session:
        live = select(func.count(Job.document_id.distinct())).where(Job.state.in_([JobState.READY, JobState.RUNNING]))
        return session.scalar(live) or 0


def _show_documents(console: Console, clerk: Person) -> None:
    from api.commands.demo_tables import document_table

    console.print("\n[bold]2. read, extract, file, index[/]: what the archive made of each file")
    rows = []
    for summary in clerk.all("/documents"):
        document = clerk.get(f"/documents/{summary['id']}")
        is_gone = document["state"] in ("destroying", "destroyed", "refused")
        fields = [] if is_gone else clerk.get(f"/documents/{summary['id']}/fields")["fields"]
        rows.append((document, fields))
    console.print(document_table(rows))


def _settle_repetitions(console: Console, clerk: Person) -> None:
    for waiting in list(clerk.all("/verification", waiting_for="duplicate")):
        body = {"is_same": True, "version": waiting["version"]}
        clerk.post(f"/documents/{waiting['id']}/duplicate", body)
        console.print("   The same bytes again: the clerk sets the second one aside as the same.")


def _note_notices(console: Console, clerk: Person) -> int:
    """A copy of an ID card waits until somebody notes that its person was told; gives how many did."""
    waiting = list(clerk.all("/verification", waiting_for="notice"))
    today = dt.datetime.now(dt.UTC).date().isoformat()
    for customer_id in {each["customer_id"] for each in waiting}:
        told = {"given_on": today, "purpose": "核验身份", "keeping": "业务关系终止后三年"}
        clerk.post(f"/customers/{customer_id}/notices", told)
    if waiting:
        console.print(f"   The clerk notes that the persons on {len(waiting)} ID card(s) were told of use and keeping.")
    return len(waiting)


def _verify(console: Console, clerk: Person, truth: Truth) -> int:
    """verify: a person looks at the doubtful fields of some documents; gives how many documents were settled."""
    console.print("\n[bold]3. verify[/]: a clerk settles the doubtful fields of some documents")
    settled = 0
    for waiting in list(clerk.all("/verification", waiting_for="fields")):
        document = clerk.get(f"/documents/{waiting['id']}")
        if settled < DOCUMENTS_TO_VERIFY and truth.knows(document["file_name"], document["parts"]):
            settled += _verify_one(console, clerk, truth, document)
    if not settled:
        console.print("   None that a clerk could settle from the samples' truth.")
    return settled


def _verify_one(console: Console, clerk: Person, truth: Truth, document: Json) -> bool:
    from api.commands.demo_people import decision_on

    path = f"/documents/{document['id']}"
    fields = clerk.post(f"{path}/reveal", {"purpose": "verification"})["fields"]
    doubtful = [field for field in fields if field["state"] == "doubtful"]
    if not 0 < len(doubtful) <= MOST_DOUBTS:
        return False
    for field in doubtful:
        printed = truth.value(document["file_name"], field["part_no"], field["name"])
        decision = decision_on(field, printed)
        clerk.post(f"{path}/fields/{field['part_no']}/{field['name']}/decision", decision)
        console.print(f"   {document['file_name']}: {field['name']} {decision['state']}", markup=False)
    return True


def _search(console: Console, archivist: Person) -> None:
    from api.commands.demo_tables import hit_table

    customers = [each for each in archivist.all("/customers") if each["name"] and each["state"] != "destroyed"]
    if not customers:
        return
    customer = min(customers, key=lambda each: each["kind"] == "individual")
    text = customer["name"][2:6]
    console.print(f"\n[bold]4. find[/]: “{text}” in region {customer['region_code']}, customer code {customer['code']}")
    order = {"text": text, "region_codes": [customer["region_code"]], "customer_code": customer["code"]}
    console.print(hit_table(archivist.post("/search", order)["hits"]))


def _destroy(console: Console, stage: Stage, archive: Archive, address: str, clerk: Person, archivist: Person) -> None:
    """retain, destroy: a paper of no lasting value, due at once under the sample schedule."""
    from api.commands.demo_destruction import carry_out, give_owner, propose_approved
    from api.commands.demo_tables import register_table

    console.print("\n[bold]5. retain, destroy[/]: proposed by one, approved by two, carried out by a fourth")
    say = partial(console.print, markup=False)
    if not archivist.get("/retention/register")["items"]:  # an earlier run's destruction is enough
        if give_owner(say, clerk):
            _wait_for_workers(console, archive, "Filing")
        proposed = propose_approved(say, stage, address, archivist)
        if proposed is not None:
            carry_out(say, stage, address, proposed)
    entries = list(archivist.all("/retention/register"))
    console.print(register_table(entries))
    if entries:
        code = entries[-1]["archival_code"]
        record: dict[str, Any] = archivist.get(f"/records/{code}")
        pages, state = record["document"]["page_count"], record["document"]["state"]
        console.print(f"   Looking {code} up shows its tombstone: {state}, {pages} page(s), and nothing it said.")


def _say_goodbye(console: Console, stage: Stage) -> None:
    from api.commands.demo_stage import ARCHIVIST

    inside = stage.data.is_relative_to(Path.cwd())
    shown = stage.data.relative_to(Path.cwd()) if inside else stage.data
    console.print("\n[bold]In a browser, from the start[/]: make desk. The service on this data:")
    console.print(f"   guidang --data {shown} serve", markup=False)
    console.print(f"   log in as {ARCHIVIST}; passwords are in {shown}/demo-logins.json", markup=False)
