"""`guidang template`: check a form's template, and try it on a page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from api.commands.opening import invocation_of, out
from api.exit_codes import ExitCode
from records.errors import SettingInvalid

app = typer.Typer(no_args_is_help=True, help="Templates of forms: check one, try one on a page.")

TemplateFile = Annotated[Path, typer.Argument(help="A template, YAML (docs/templates.md).")]


@app.command()
def check(file: TemplateFile) -> None:
    """Check a template and name each problem with its line.

    Exit status: 0 it may be used; 1 it has problems.

    Example: guidang template check our-form.yaml
    """
    if has_problems(file):
        raise typer.Exit(ExitCode.FAILED)
    out().print(f"{file}: in order", markup=False)


@app.command(name="try")
def try_on(
    ctx: typer.Context,
    file: TemplateFile,
    image: Annotated[Path, typer.Argument(help="A filled form: PDF, TIFF, JPEG, PNG, WebP or BMP.")],
    draw: Annotated[
        Path | None, typer.Option(help="Where to draw what was found; else beside the image, ending in -tried.png.")
    ] = None,
) -> None:
    """Read a page with a template, print each field and draw what was found over the page. Nothing is stored.

    Exit status: 0 at least one label of the template is printed; 1 none is, or the template has problems.

    Example: guidang template try our-form.yaml scan.jpg --draw found.png
    """
    if has_problems(file):
        raise typer.Exit(ExitCode.FAILED)
    from api.bootstrap import limits_of
    from api.commands.reading import cache_directory
    from intake.reading import FileReading, read_file
    from intake.scratch import draw_reading
    from ocr.paddle import PaddleEngine
    from ocr.template_trial import try_template
    from ocr.templates import load

    settings = invocation_of(ctx).settings()
    data, limits = _bytes_of(image), limits_of(settings)
    read = read_file(data, PaddleEngine(cache_directory(), settings.ocr_models), limits)
    document = try_template(load(file), read.pages)
    target = draw or image.with_name(f"{image.stem}-tried.png")
    draw_reading(data, FileReading(pages=read.pages, documents=(document,), seconds=read.seconds), target, limits)

    table = Table("field", "value", "confidence", "state", title_justify="left", title=f"{file.name} on {image.name}")
    for name, field in document.fields.items():
        is_printed = field.value is not None or field.checks or field.state != "absent"
        table.add_row(name, field.value or "", f"{field.confidence:.0%}" if is_printed else "", field.state)
    console = out()
    console.print(table)
    console.print(f"{document.confidence:.0%} of the fields are printed on it; drawn in {target}", markup=False)
    raise typer.Exit(ExitCode.OK if document.confidence else ExitCode.FAILED)


def has_problems(file: Path) -> bool:
    """Print each problem as `file:line: message`, as editors understand it."""
    from ocr.template_check import problems_in

    try:
        problems = problems_in(_bytes_of(file).decode("utf-8"))
    except UnicodeDecodeError as exc:
        raise SettingInvalid("A template is a text in UTF-8.", file=file.name) from exc
    for problem in problems:
        out().print(f"{file}:{problem.line}: {problem.message}", markup=False)
    return bool(problems)


def _bytes_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as exc:
        raise SettingInvalid(f"The file cannot be opened: {exc.strerror}.", file=file.name) from exc
