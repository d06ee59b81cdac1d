"""PDF files written object by object."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
import zlib

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from tests.hostile.pictures import card, card_as, grey_card, saved

Objects = dict[int, bytes]
CATALOG, PAGES, PAGE, CONTENT, EXTRA = 1, 2, 3, 4, 5
CARD_DRAWING = (
    b"1 0 0 rg 0 100 100 100 re f 0 1 0 rg 100 100 100 100 re f 0 0 1 rg 0 0 100 100 re f 1 1 0 rg 100 0 100 100 re f"
)
TEXT_DRAWING = b"BT /F1 24 Tf 20 120 Td (Printed text) Tj ET"


def stream(body: bytes, entries: bytes = b"") -> bytes:
    return b"<< %b /Length %d >>\nstream\n%b\nendstream" % (entries, len(body), body)


def flate(body: bytes, entries: bytes = b"") -> bytes:
    return stream(zlib.compress(body, 9), b"/Filter /FlateDecode " + entries)


def one_page(
    content: bytes | None = CARD_DRAWING, *, page: bytes = b"", box: bytes = b"0 0 200 200", **others: bytes
) -> Objects:
    """`others`: catalog (entries of the catalog), resources (entries of the page's resources)."""
    resources = b"/Resources << %b >>" % others.get("resources", b"")
    return {
        CATALOG: b"<< /Type /Catalog /Pages 2 0 R %b >>" % others.get("catalog", b""),
        PAGES: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        PAGE: b"<< /Type /Page /Parent 2 0 R /MediaBox [%b] /Contents 4 0 R %b %b >>" % (box, resources, page),
        CONTENT: stream(content or b""),
    }


def pdf(objects: Objects, trailer: bytes = b"") -> bytes:
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = {}
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start, size = len(out), max(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    for number in range(1, size):
        out += b"%010d 00000 n \n" % places[number] if number in places else b"0000000000 65535 f \n"
    out += b"trailer\n<< /Size %d /Root 1 0 R %b >>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, start)
    return bytes(out)


def card_pdf(**options: bytes) -> bytes:
    return pdf(one_page(**options))


def born_digital() -> bytes:
    """Its font is named and not embedded."""
    fonts = b"/Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /NoSuchFont >> >>"
    return pdf(one_page(TEXT_DRAWING, resources=fonts))


def picture_pdf(picture: bytes, *, also: bytes = b"", box: bytes = b"0 0 200 200", page: bytes = b"") -> bytes:
    """One picture over the whole page, then `also`."""
    width, height = box.split()[2:]
    resources = b"/XObject << /Im 5 0 R >> /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>"
    content = b"q %b 0 0 %b 0 0 cm /Im Do Q %b" % (width, height, also)
    return pdf(one_page(content, resources=resources, box=box, page=page) | {EXTRA: picture})


def image(body: bytes, width: int, height: int, entries: bytes) -> bytes:
    return stream(body, b"/Type /XObject /Subtype /Image /Width %d /Height %d %b" % (width, height, entries))


def jpeg_scan(width: int, height: int, **options: bytes) -> bytes:
    entries = b"/ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode"
    return picture_pdf(image(saved(card(width, height), "JPEG", quality=95), width, height, entries), **options)


def jpx_scan(width: int | None = None) -> bytes:
    """`width`: what the picture claims, where that differs from what it is."""
    body = saved(card(128, 128), "JPEG2000")
    return picture_pdf(image(body, width or 128, width or 128, b"/Filter /JPXDecode"))


def jpx_bomb() -> bytes:
    """A small claim in the dictionary over an enormous one in the picture itself."""
    body = bytearray(saved(card(128, 128), "JPEG2000"))
    siz = body.index(b"\xff\x51")
    struct.pack_into(">IIIIIIII", body, siz + 6, 60000, 60000, 0, 0, 60000, 60000, 0, 0)
    header = body.find(b"ihdr")
    if header >= 0:
        struct.pack_into(">II", body, header + 4, 60000, 60000)
    return picture_pdf(image(bytes(body), 128, 128, b"/Filter /JPXDecode"))


def fax_scan() -> bytes:
    entries = b"/ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /CCITTFaxDecode "
    parameters = b"/DecodeParms << /K -1 /Columns 96 /Rows 64 /BlackIs1 false >>"
    return picture_pdf(image(_group4(), 96, 64, entries + parameters), box=b"0 0 192 128")


def jbig2_scan() -> bytes:
    """One generic region, coded by MMR, which is fax group 4."""
    page = struct.pack(">IBBBI", 0, 48, 0, 1, 19) + struct.pack(">IIIIBH", 96, 64, 0, 0, 0, 0)
    coded = _group4()
    region = struct.pack(">IIIIBB", 96, 64, 0, 0, 0, 1) + coded
    body = page + struct.pack(">IBBBI", 1, 38, 0, 1, len(region)) + region
    entries = b"/ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /JBIG2Decode"
    return picture_pdf(image(body, 96, 64, entries), box=b"0 0 192 128")


def _group4() -> bytes:
    negative = Image.eval(grey_card(), lambda v: 255 - v).convert("1")  # fax coding has black for one
    data = saved(negative, "TIFF", compression="group4", tiffinfo={278: 64})
    with Image.open(io.BytesIO(data)) as picture:
        tags = picture.tag_v2  # type: ignore[attr-defined]
        photometric, (at, *_), (size, *_) = tags[262], tags[273], tags[279]
    assert photometric == 1
    return data[at : at + size]


def picture_bomb() -> bytes:
    """Claims 100,000 × 100,000 pixels."""
    entries = b"/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /FlateDecode"
    return picture_pdf(image(zlib.compress(bytes(1000)), 100_000, 100_000, entries))


def mask_bomb() -> bytes:
    """A small picture whose mask claims 60,000 × 60,000 pixels."""
    grey = b"/ColorSpace /DeviceGray /BitsPerComponent 8 "
    mask = image(zlib.compress(bytes(1000)), 60_000, 60_000, grey + b"/Filter /FlateDecode")
    small = image(b"\x80", 1, 1, grey + b"/SMask 6 0 R")
    resources = b"/XObject << /Im 5 0 R >>"
    return pdf(one_page(b"200 0 0 200 0 0 cm /Im Do", resources=resources) | {EXTRA: small, EXTRA + 1: mask})


def inline_picture_bomb() -> bytes:
    content = b"200 0 0 200 0 0 cm BI /W 60000 /H 60000 /CS /G /BPC 8 /F /Fl ID " + zlib.compress(bytes(1000)) + b" EI"
    return pdf(one_page() | {CONTENT: flate(content)})


def length_of_itself() -> bytes:
    return pdf(one_page() | {CONTENT: b"<< /Length 4 0 R >>\nstream\n%b\nendstream" % CARD_DRAWING})


def huge_cross_references() -> bytes:
    whole = card_pdf()
    return whole.replace(b"xref\n0 5\n", b"xref\n0 2000000000\n").replace(b"/Size 5", b"/Size 2000000000")


def letter_in_itself() -> bytes:
    """A letter of a drawn font that writes itself."""
    font = (
        b"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 1 1] /FontMatrix [1 0 0 1 0 0] /FirstChar 65 /LastChar 65"
        b" /Widths [1] /Encoding << /Differences [65 /A] >> /CharProcs << /A 6 0 R >>"
        b" /Resources << /Font << /F1 5 0 R >> >> >>"
    )
    letter = stream(b"1 0 d0 BT /F1 1 Tf (AAAA) Tj ET 0 0 1 1 re f")
    content = CARD_DRAWING + b" BT /F1 10 Tf 90 90 Td (AA) Tj ET"
    return pdf(one_page(content, resources=b"/Font << /F1 5 0 R >>") | {EXTRA: font, EXTRA + 1: letter})


def many_pages(count: int) -> bytes:
    kids = b" ".join([b"3 0 R"] * count)
    return pdf(one_page() | {PAGES: b"<< /Type /Pages /Kids [%b] /Count %d >>" % (kids, count)})


def lying_count(count: int) -> bytes:
    return pdf(one_page() | {PAGES: b"<< /Type /Pages /Kids [3 0 R] /Count %d >>" % count})


def no_pages() -> bytes:
    return pdf({CATALOG: b"<< /Type /Catalog /Pages 2 0 R >>", PAGES: b"<< /Type /Pages /Kids [] /Count 0 >>"})


def circular_pages() -> bytes:
    """The page tree leads back to its own root."""
    return pdf(one_page() | {PAGES: b"<< /Type /Pages /Kids [2 0 R 5 0 R] /Count 2 >>"} | {EXTRA: b"[5 0 R]"})


def circular_parents() -> bytes:
    inner = b"<< /Type /Pages /Parent 5 0 R /Kids [5 0 R 3 0 R] /Count 1 >>"
    return pdf(one_page() | {PAGES: b"<< /Type /Pages /Parent 5 0 R /Kids [5 0 R] /Count 1 >>", EXTRA: inner})


def deep_page_tree(depth: int) -> bytes:
    objects = one_page()
    for level in range(depth):
        parent = PAGES if level == 0 else EXTRA + level - 1
        child = PAGE if level == depth - 1 else EXTRA + level + 1
        objects[EXTRA + level] = b"<< /Type /Pages /Parent %d 0 R /Kids [%d 0 R] /Count 1 >>" % (parent, child)
    return pdf(objects | {PAGES: b"<< /Type /Pages /Kids [5 0 R] /Count 1 >>"})


def second_page_missing() -> bytes:
    return pdf(one_page() | {PAGES: b"<< /Type /Pages /Kids [3 0 R 99 0 R] /Count 2 >>"})


def nested_forms(depth: int, times: int, *, packed: bool = False) -> bytes:
    """Each form draws the next `times` times: times ** depth drawings from a file of a few kilobytes."""
    write = flate if packed else stream
    objects = one_page(b"/Fm Do", resources=b"/XObject << /Fm 5 0 R >>")
    for level in range(depth):
        entries = b"/Type /XObject /Subtype /Form /BBox [0 0 200 200] "
        entries += b"/Resources << /XObject << /Fm %d 0 R >> >>" % (EXTRA + level + 1)
        objects[EXTRA + level] = write(b"/Fm Do " * times, entries)
    objects[EXTRA + depth] = stream(CARD_DRAWING, b"/Type /XObject /Subtype /Form /BBox [0 0 200 200]")
    return pdf(objects)


def circular_forms() -> bytes:
    """Two forms draw each other four times; the resources are an object of their own."""
    entries = b"/Type /XObject /Subtype /Form /BBox [0 0 200 200] /Resources 7 0 R"
    objects = one_page(b"/Fa Do", resources=b"/XObject << /Fa 5 0 R >>")
    objects |= {EXTRA: stream(b"/Fb Do " * 4, entries), EXTRA + 1: stream(b"/Fa Do " * 4, entries)}
    return pdf(objects | {EXTRA + 2: b"<< /XObject << /Fa 5 0 R /Fb 6 0 R >> >>"})


def borrowed_name_bomb() -> bytes:
    """A form without resources draws by its page's name for it: itself, four times."""
    form = stream(b"/Fm Do " * 4, b"/Type /XObject /Subtype /Form /BBox [0 0 200 200]")
    return pdf(one_page(b"/Fm Do", resources=b"/XObject << /Fm 5 0 R >>") | {EXTRA: form})


def hidden_form_bomb() -> bytes:
    """The names by which the forms draw are escaped differently where they are defined and where they are used."""
    return nested_forms(9, 10).replace(b"/Fm Do", b"/F#6d Do")


def form_in_itself() -> bytes:
    entries = b"/Type /XObject /Subtype /Form /BBox [0 0 200 200] /Resources << /XObject << /Fm 5 0 R >> >>"
    form = stream(CARD_DRAWING + b" /Fm Do", entries)
    return pdf(one_page(b"/Fm Do", resources=b"/XObject << /Fm 5 0 R >>") | {EXTRA: form})


def flate_bomb(unpacked_bytes: int) -> bytes:
    """A drawing of blanks, packed twice."""
    packed = zlib.compress(zlib.compress(b" " * unpacked_bytes, 9), 9)
    return pdf(one_page() | {CONTENT: stream(packed, b"/Filter [/FlateDecode /FlateDecode]")})


def many_paths(count: int) -> bytes:
    return pdf(one_page() | {CONTENT: flate(b"0 0 200 200 re f\n" * count)})


def tiny_tiles() -> bytes:
    """A pattern of a thousandth of a point, repeated over the whole page."""
    entries = b"/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 1 1] /XStep 0.001 /YStep 0.001"
    pattern = stream(b"1 0 0 rg 0 0 1 1 re f", entries + b" /Resources << >>")
    content = b"/Pattern cs /P scn 0 0 200 200 re f"
    return pdf(one_page(content, resources=b"/Pattern << /P 5 0 R >>") | {EXTRA: pattern})


def nested_arrays(depth: int) -> bytes:
    return pdf(one_page() | {EXTRA: b"[" * depth + b"]" * depth}, trailer=b"/Info 5 0 R")


def wrong_cross_references() -> bytes:
    whole = card_pdf()
    return whole.replace(b"startxref\n", b"startxref\n9").replace(b"xref\n0 5", b"xerf\n0 5", 1)


def object_stream() -> bytes:
    """Catalog, page tree and page inside a compressed object, found through a compressed cross-reference."""
    objects = one_page()
    inner = [CATALOG, PAGES, PAGE]
    bodies = [objects[number] for number in inner]
    places = [sum(len(body) + 1 for body in bodies[:index]) for index in range(len(bodies))]
    index = b" ".join(b"%d %d" % pair for pair in zip(inner, places, strict=True)) + b" "
    packed = flate(index + b" ".join(bodies), b"/Type /ObjStm /N 3 /First %d" % len(index))
    out = bytearray(b"%PDF-1.7\n")
    content_at = len(out)
    out += b"4 0 obj\n%b\nendobj\n" % objects[CONTENT]
    packed_at = len(out)
    out += b"5 0 obj\n%b\nendobj\n" % packed
    start = len(out)
    rows = [(0, 0, 255), (2, 5, 0), (2, 5, 1), (2, 5, 2), (1, content_at, 0), (1, packed_at, 0), (1, start, 0)]
    table = b"".join(struct.pack(">BIB", *row) for row in rows)
    out += b"6 0 obj\n%b\nendobj\n" % flate(table, b"/Type /XRef /Size 7 /W [1 4 1] /Root 1 0 R")
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def with_script() -> bytes:
    script = b"/OpenAction << /S /JavaScript /JS (while \\(true\\) app.alert\\(1\\);) >>"
    return card_pdf(catalog=script)


def with_embedded_file() -> bytes:
    names = b"/Names << /EmbeddedFiles << /Names [(a.exe) << /Type /Filespec /F (a.exe) /EF << /F 5 0 R >> >>] >> >>"
    return pdf(one_page(catalog=names) | {EXTRA: stream(b"MZ" + bytes(64), b"/Type /EmbeddedFile")})


def with_xfa() -> bytes:
    form = b"/AcroForm << /Fields [] /XFA 5 0 R >>"
    return pdf(one_page(catalog=form) | {EXTRA: stream(b"<xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'/>")})


def filled_form() -> bytes:
    """A form field whose typed value is drawn by its own appearance, red over the top left quarter."""
    look = stream(b"1 0 0 rg 0 0 100 100 re f", b"/Type /XObject /Subtype /Form /BBox [0 0 100 100]")
    widget = b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (name) /V (value) /Rect [0 100 100 200] /F 4"
    widget += b" /AP << /N 6 0 R >> >>"
    objects = one_page(b"", page=b"/Annots [5 0 R]", catalog=b"/AcroForm << /Fields [5 0 R] >>")
    return pdf(objects | {EXTRA: widget, EXTRA + 1: look})


def with_zip_behind() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("payload.txt", "x" * 5000)
    return card_pdf() + archive.getvalue()


def protected_rc4(user: str, bits: int) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, (200, 200), encrypt=StandardEncryption(user, ownerPassword="owner", strength=bits))
    for colour, corner in zip(("red", "lime", "blue", "yellow"), ((0, 100), (100, 100), (0, 0), (100, 0)), strict=True):
        canvas.setFillColor(colour)
        canvas.rect(*corner, 100, 100, stroke=0, fill=1)
    canvas.save()
    return out.getvalue()


def protected_aes(user: bytes) -> bytes:
    """AES-256 as PDF 2.0 has it (revision 6)."""
    key, owner = bytes(range(32)), b"owner"
    user_entry, user_key = _password_entries(user, key, b"", b"userchck", b"userkeys")
    owner_entry, owner_key = _password_entries(owner, key, user_entry, b"ownrchck", b"ownrkeys")
    permissions = struct.pack("<i", -4) + b"\xff\xff\xff\xffTadb" + b"rand"
    hidden = _encrypted(ECB(), key, permissions)
    content = CARD_DRAWING
    padding = 16 - len(content) % 16
    vector = b"\x07" * 16
    objects = one_page()
    objects[CONTENT] = stream(vector + _encrypted(CBC(vector), key, content + bytes([padding]) * padding))
    objects[EXTRA] = (
        b"<< /Filter /Standard /V 5 /R 6 /Length 256 /P -4 /CF << /StdCF << /CFM /AESV3 /AuthEvent /DocOpen"
        b" /Length 32 >> >> /StmF /StdCF /StrF /StdCF /U <%b> /UE <%b> /O <%b> /OE <%b> /Perms <%b> >>"
    ) % tuple(entry.hex().encode() for entry in (user_entry, user_key, owner_entry, owner_key, hidden))
    return pdf(objects, trailer=b"/Encrypt 5 0 R /ID [<00112233> <00112233>]")


def _password_entries(password: bytes, key: bytes, extra: bytes, check: bytes, keys: bytes) -> tuple[bytes, bytes]:
    entry = _hardened(password, check, extra) + check + keys
    return entry, _encrypted(CBC(bytes(16)), _hardened(password, keys, extra), key)


def _hardened(password: bytes, salt: bytes, extra: bytes) -> bytes:
    key, turn = hashlib.sha256(password + salt + extra).digest(), 0
    while True:
        mixed = _encrypted(CBC(key[16:32]), key[:16], (password + key + extra) * 64)
        key = (hashlib.sha256, hashlib.sha384, hashlib.sha512)[sum(mixed[:16]) % 3](mixed).digest()
        turn += 1
        if turn >= 64 and mixed[-1] <= turn - 32:
            return key[:32]


def _encrypted(mode: CBC | ECB, key: bytes, plain: bytes) -> bytes:
    return Cipher(AES(key), mode).encryptor().update(plain)


def unknown_protection() -> bytes:
    handler = b"<< /Filter /Adobe.PubSec /V 4 /SubFilter /adbe.pkcs7.s5 >>"
    return pdf(one_page() | {EXTRA: handler}, trailer=b"/Encrypt 5 0 R")


def noise(size: int) -> bytes:
    return np.random.default_rng(20240229).integers(0, 256, size, dtype=np.uint8).tobytes()


def card_jpeg_with_pdf_inside() -> bytes:
    jpeg = card_as("JPEG")
    inside = card_pdf()
    return jpeg[:2] + b"\xff\xfe" + struct.pack(">H", len(inside) + 2) + inside + jpeg[2:]
