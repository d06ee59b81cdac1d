"""`guidang certificate`: what was destroyed, signed, to be checked by anybody."""

from __future__ import annotations

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
    font: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A TrueType font with Chinese for the PDF.")
    ] = None,
) -> None:
    """Write the certificate of a destruction list: a signed JSON file, and a PDF/A drawn from it and signed there.

    Example: guidang certificate make XH-2026-00001 --out certificate.pdf
    """
    from api.printing import font_file, program
    from records import audit
    from retention import certificate as certificates
    from retention.certificate_content import Place, certificate_of
    from retention.certificate_pdf import render
    from retention.pdfa import FontFile
    from retention.signing import public_key_of, signing_key
    from storage.files import write_whole

    if file.suffix.lower() != ".pdf":
        raise InvalidInput("Name a PDF file; the signed JSON is written beside it.")
    settings, signed_file = invocation_of(ctx).settings(), file.with_suffix(".json")
    place = Place(archive=settings.fonds, program=program(), key_backup_days=settings.key_backup_days)
    with opened(ctx) as archive:
        with archive.reading() as session:
            certificate = certificate_of(session, number, place)
        key = signing_key(archive.keyring)
        face = FontFile(path=font) if font else font_file()
        pdf = render(certificate, certificates.digest_of(certificate), signed_file.name, face)
        write_whole(file, pdf)
        write_whole(signed_file, certificates.sign(certificate, key, pdf))
        with archive.transaction() as session:
            audit.record(
                session, unix_actor(), "certificate.made", f"list:{number}", documents=certificate["destroyed"]
            )
    err().print(f"{signed_file} is signed and signs {file}. Public key: {public_key_of(key)}")


@app.command("verify")
def verify(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The JSON file, or the PDF beside it.")],
    public_key: Annotated[str, typer.Option(help="The archive's, as you have it from a day you trust.")] = "",
    register: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="An exported register to hold it against.")
    ] = None,
    anchor: Annotated[str, typer.Option(help="A hash of the register written down earlier: it must be in it.")] = "",
) -> None:
    """Check a certificate without any archive. Name the public key: without it anybody could have signed.

    A PDF is checked with the JSON file of the same name. Exit status: 0 it holds; 8 it does not, with the part that
    was changed.

    Example: guidang certificate verify certificate.pdf --public-key …
    """
    from api.commands.evidence import read_links
    from retention.certificate import compare_with_register
    from retention.certificate import verify as check

    is_pdf = file.suffix.lower() == ".pdf"
    signed_file = file.with_suffix(".json") if is_pdf else file
    if not signed_file.is_file():
        raise InvalidInput("The JSON file that signs this PDF must lie beside it, under the same name.")
    pdf = file.read_bytes() if is_pdf else None
    certificate = check(signed_file.read_bytes(), public_key or None, pdf)
    if register is not None:
        compare_with_register(certificate, list(read_links(register)), anchor or None)
    elif anchor:
        raise InvalidInput("An anchor is compared with a register: name one.")
    whose = "of the archive named" if public_key else "of whoever made it: no public key was given to compare with"
    err().print(f"The certificate holds: {certificate['destroyed']} documents of {certificate['list']}, {whose}.")


@app.command("key")
def key(ctx: typer.Context) -> None:
    """Print the archive's public key for certificates and anchors. Give it to auditors before it is needed.

    Example: guidang certificate key
    """
    from retention.signing import public_key_of, signing_key

    with opened(ctx) as archive:
        out().print(public_key_of(signing_key(archive.keyring)))
