"""Running the service: serve, worker, migrate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.commands.opening import err, invocation_of, opened, out


def serve(
    ctx: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to listen on (GUIDANG_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes a free one (GUIDANG_PORT).", min=0, max=65535)] = None,
    workers: Annotated[int | None, typer.Option(help="Worker processes; 0: none (GUIDANG_WORKERS).", min=0)] = None,
    ready_file: Annotated[
        Path | None, typer.Option(help="Write the port here once the service answers; removed when it stops.")
    ] = None,
) -> None:
    """Start the service: API, pages and workers. The first start makes the first administrator.

    Example: guidang --data /var/lib/guidang serve --host 0.0.0.0 --workers 4
    """
    from api.serving import Announcement, run_service

    def announce(said: Announcement) -> None:
        if said.first_administrator is not None:
            name, password = said.first_administrator
            err().print(f"First administrator: {name}  one-time password: {password}  (shown only now)")
        err().print(f"Guidang answers at {said.address} (stop with Ctrl-C)")

    settings = invocation_of(ctx).settings(host=host, port=port, workers=workers)
    run_service(settings, announce=announce, ready_file=ready_file)


def worker(
    ctx: typer.Context,
    workers: Annotated[int | None, typer.Option(help="Worker processes (GUIDANG_WORKERS).", min=1)] = None,
) -> None:
    """Run workers only: beside `guidang serve`, or on other machines with PostgreSQL and S3.

    Example: GUIDANG_DATABASE=postgresql+psycopg://… GUIDANG_OBJECTS=s3://… guidang worker --workers 4
    """
    from api.serving import run_workers

    run_workers(invocation_of(ctx).settings(workers=workers))


def migrate(ctx: typer.Context) -> None:
    """Bring database, object store and index into being, or up to this version. Harmless when repeated.

    Example: guidang --data /var/lib/guidang migrate
    """
    with opened(ctx, migrate=True):
        err().print("The archive is ready for this version.")


def settings() -> None:
    """Print every setting with its default, as docs/settings.md has it.

    Example: guidang settings
    """
    from api.settings_page import settings_page

    out().print(settings_page(), end="", soft_wrap=True)
