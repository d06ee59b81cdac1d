"""`guidang retention dates`: the days that papers state, taken out of records that were filed without."""

from __future__ import annotations

from typing import Annotated

import typer

from api.commands.opening import err, opened, unix_actor


def dates(
    ctx: typer.Context,
    after: Annotated[str, typer.Option(help="Go on after this document, where an earlier run was stopped.")] = "",
) -> None:
    """Take the days that papers state out of records filed without them, and start the periods that run from these.

    Do this once after the upgrade that brings them, and before a draft is approved that names a field of your forms.
    Some hundred records at a time; harmless when repeated.

    Example: guidang retention dates
    """
    from retention.stated import take_days

    documents = days = changed = 0
    with opened(ctx) as archive:
        while True:
            with archive.transaction() as session:
                taken = take_days(session, archive.keyring, unix_actor(), after=after)
            if taken.last is None:
                break
            after, documents = taken.last, documents + taken.documents
            days, changed = days + taken.days, changed + taken.changed
            err().print(f"{documents} records, up to {after}.")
    err().print(f"{days} days were taken out of {documents} records; {changed} records have another due date.")
