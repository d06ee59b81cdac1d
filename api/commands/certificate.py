"""`guidang certificate`: what was destroyed, signed, to be checked by anybody."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from api.commands.opening import err, invocation_of, opened, out, unix_actor
from records.errors import InvalidInput


class _MakeUnlessNamed(TyperGroup):
    """`guidang certificate LIST …` is `guidang certificate make LIST …`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = ["make", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(cls=_MakeUnlessNamed, no_args_is_help=True, help="Certificates of destruction (销毁证明).")


@app.command("make")
def make(
    ctx: typer.Context,
    number: Annotated[str, typer.Argument(metavar="LIST", help="Number of a list that was carried out.")],
    file: Annotated[Path, typer.Option("--out", dir_okay=False, help="The PDF; the signed JSON is written beside it.")],
) -> None:
    """Write the certificate of a destruction list: a signed JSON file, and a PDF that renders it.

    Example: guidang certificate make XH-2026-00001 --out certificate.pdf
    """
    from intake.scan_folder import write_whole
    from records import audit
    from retention import certificate as certificates
    from retention.certificate_pdf import render

    if file.suffix.lower() != ".pdf":
        raise InvalidInput("Name a PDF file; the signed JSON is written beside it.")
    settings, signed_file = invocation_of(ctx).settings(), file.with_suffix(".json")
    place = certificates.Place(
        archive=settings.fonds, program=f"guidang {version('guidang')}", key_backup_days=settings.key_backup_days
    )
    with opened(ctx) as archive:
        with archive.reading() as session:
            certificate = certificates.certificate_of(session, number, place)
        key = certificates.signing_key(archive.keyring)
        signed = certificates.sign(certificate, key)
        write_whole(signed_file, signed)
        write_whole(file, render(certificate, signed, signed_file.name))
        with archive.transaction() as session:
            audit.record(
                session, unix_actor(), "certificate.made", f"list:{number}", documents=certificate["destroyed"]
            )
    err().print(f"{signed_file} is signed, {file} renders it. Public key: {certificates.public_key_of(key)}")


@app.command("verify")
def verify(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The JSON file.")],
    public_key: Annotated[str, typer.Option(help="The archive's, as you have it from a day you trust.")] = "",
    register: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="An exported register to hold it against.")
    ] = None,
) -> None:
    """Check a certificate without any archive. Name the public key: without it anybody could have signed.

    Exit status: 0 it holds; 8 it does not, with the part that was changed.

    Example: guidang certificate verify certificate.json --public-key …
    """
    from api.commands.evidence import read_links
    from retention.certificate import compare_with_register
    from retention.certificate import verify as check

    certificate = check(file.read_bytes(), public_key or None)
    if register is not None:
        compare_with_register(certificate, list(read_links(register)))
    whose = "of the archive named" if public_key else "of whoever made it: no public key was given to compare with"
    err().print(f"The certificate holds: {certificate['destroyed']} documents of {certificate['list']}, {whose}.")


@app.command("key")
def key(ctx: typer.Context) -> None:
    """Print the archive's public key for certificates. Give it to auditors before it is needed.

    Example: guidang certificate key
    """
    from retention.certificate import public_key_of, signing_key

    with opened(ctx) as archive:
        out().print(public_key_of(signing_key(archive.keyring)))
