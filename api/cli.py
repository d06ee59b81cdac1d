"""The command `guidang`. Each command is a function in `api/commands/`; errors become a sentence and an exit status."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from api.commands import (
    backup,
    certificate,
    demo,
    drill,
    evidence,
    keeping,
    people,
    reading,
    retention,
    running,
    station,
    template,
)
from api.commands.opening import Invocation, err, quiet_logging
from api.exit_codes import ExitCode, exit_code_of
from records.errors import ArchiveError

SECTIONS = {
    "The line": ("read", "station", "search", "jobs", "template", "regions"),
    "Retention and destruction": ("retention", "certificate", "register"),
    "Running": ("serve", "worker", "migrate", "settings", "user", "demo"),
    "Keeping it whole": ("fsck", "index", "audit", "backup", "restore", "drill"),
}


class _BySection(TyperGroup):
    """Help that shows commands by what they are for."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        room = max(map(len, self.commands)) + 4
        for title, names in SECTIONS.items():
            with formatter.section(title):
                rows = [(name, self.commands[name].get_short_help_str(formatter.width - room)) for name in names]
                formatter.write_dl(rows)


app = typer.Typer(
    cls=_BySection,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Guidang (归档): paper customer archives, from the scanner to a record that can be found and destroyed.",
)


@app.callback()
def begin(
    ctx: typer.Context,
    settings: Annotated[Path | None, typer.Option(help="TOML file with settings (GUIDANG_SETTINGS).")] = None,
    data: Annotated[Path | None, typer.Option(help="Data directory (GUIDANG_DATA).")] = None,
) -> None:
    quiet_logging()
    ctx.obj = Invocation(settings_file=settings, data=data)


app.command("serve")(running.serve)
app.command("worker")(running.worker)
app.command("migrate")(running.migrate)
app.command("demo")(demo.demo)
app.command("read")(reading.read)
app.command("search")(keeping.search)
app.command("fsck")(keeping.fsck)
app.add_typer(backup.app, name="backup")
app.command("restore")(backup.restore)
app.add_typer(drill.app, name="drill")
app.add_typer(certificate.app, name="certificate")
app.add_typer(keeping.index_app, name="index")
app.add_typer(evidence.audit_app, name="audit")
app.add_typer(evidence.register_app, name="register")
app.add_typer(people.app, name="user")
app.add_typer(station.app, name="station")
app.add_typer(retention.app, name="retention")
app.add_typer(template.app, name="template")
app.add_typer(keeping.regions_app, name="regions")
app.add_typer(keeping.jobs_app, name="jobs")
app.command("settings")(running.settings)
station.app.command("add")(people.add_station)
station.app.command("list")(people.list_stations)
station.app.command("withdraw")(people.withdraw_station)


def main() -> None:
    """Run the command line and leave the process with an `ExitCode`."""
    try:
        app()
    except ArchiveError as error:
        err().print(f"guidang: {error}")
        sys.exit(exit_code_of(error))
    except KeyboardInterrupt:
        sys.exit(ExitCode.INTERRUPTED)


if __name__ == "__main__":
    main()
