"""A certificate as a PDF/A for people. By itself it proves nothing and says so: the JSON file signs it.

PDF/A-2b (ISO 19005-2): every glyph embedded, a colour profile, metadata in XMP, nothing encrypted, nothing outside.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from PIL import ImageCms
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfdoc, pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas

from records.errors import SettingInvalid

FONT = "GuidangCertificate"
MARGIN_PT = 50.0
LEADING_PT = 14.0
SIZE_PT = 9.5
TITLE_PT = 16.0
UNKNOWN = "〓"
"""Stands for a character the font has not; PDF/A allows no empty box for a missing glyph."""
_WIDTH_PT, _HEIGHT_PT = A4
_PDF_VERSION = (1, 7)
_ICC_DATE, _ICC_ID = slice(24, 36), slice(84, 100)
_PRODUCER = "guidang"


@dataclass(frozen=True, kw_only=True)
class FontFile:
    """A TrueType font with Chinese; `index` is which face of a collection."""

    path: Path
    index: int = 0


def render(certificate: dict[str, Any], digest: str, file_name: str, font: FontFile) -> bytes:
    """Draw it; the same certificate and font always give the same bytes.

    Args:
        digest: SHA-256 of what is signed, which the PDF names.
        file_name: of the JSON file.

    Raises:
        SettingInvalid: the font cannot be used.
    """
    glyphs = _registered(font)
    written = io.BytesIO()
    canvas = Canvas(written, pagesize=A4, invariant=1, pdfVersion=_PDF_VERSION, initialFontName=FONT)
    title = f"销毁证明 {certificate['list']}"
    _declare(canvas, title, str(certificate["program"]))
    page = _Page(canvas, title, glyphs)
    page.line("档案销毁证明  Certificate of destruction", size_pt=TITLE_PT)
    for text in _texts(certificate, digest, file_name):
        page.line(text)
    page.end()
    canvas.save()
    return written.getvalue()


def _registered(font: FontFile) -> frozenset[int]:
    """Make the font known; gives the characters it has."""
    try:
        face = TTFont(FONT, str(font.path), subfontIndex=font.index)
    except (TTFError, OSError) as exc:
        raise SettingInvalid("The font for certificates cannot be used.", font=font.path.name) from exc
    pdfmetrics.registerFont(face)
    return frozenset(face.face.charToGlyph)


def _declare(canvas: Canvas, title: str, program: str) -> None:
    """What makes a PDF a PDF/A: metadata, identification, and the colours that black is meant in."""
    canvas.setTitle(title)
    canvas.setAuthor(program)
    canvas.setSubject(title)
    canvas.setCreator(program)
    canvas.setProducer(_PRODUCER)
    catalog = canvas._doc.Catalog
    catalog.Lang = pdfdoc.PDFString("zh-CN")
    catalog.Metadata = pdfdoc.PDFStream(
        dictionary=pdfdoc.PDFDictionary({"Type": pdfdoc.PDFName("Metadata"), "Subtype": pdfdoc.PDFName("XML")}),
        content=_xmp(title, program),
        filters=[],
    )
    profile = pdfdoc.PDFStream(
        dictionary=pdfdoc.PDFDictionary({"N": 3}), content=_srgb(), filters=[pdfdoc.PDFZCompress]
    )
    intent = pdfdoc.PDFDictionary(
        {
            "Type": pdfdoc.PDFName("OutputIntent"),
            "S": pdfdoc.PDFName("GTS_PDFA1"),
            "OutputConditionIdentifier": pdfdoc.PDFString("sRGB"),
            "Info": pdfdoc.PDFString("sRGB"),
            "DestOutputProfile": canvas._doc.Reference(profile),
        }
    )
    catalog.__NoDefault__ = [*catalog.__NoDefault__, "OutputIntents"]  # reportlab 4 and 5 know no such entry
    catalog.OutputIntents = pdfdoc.PDFArray([intent])


def _xmp(title: str, program: str) -> bytes:
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
 xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" xmlns:xmp="http://ns.adobe.com/xap/1.0/">
<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(title)}</rdf:li></rdf:Alt></dc:title>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{escape(title)}</rdf:li></rdf:Alt></dc:description>
<dc:creator><rdf:Seq><rdf:li>{escape(program)}</rdf:li></rdf:Seq></dc:creator>
<pdf:Producer>{_PRODUCER}</pdf:Producer><xmp:CreatorTool>{escape(program)}</xmp:CreatorTool>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>""".encode()


def _srgb() -> bytes:
    """The profile without the moment it was made and without the check sum over that moment."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[_ICC_DATE] = (2000).to_bytes(2, "big") + (1).to_bytes(2, "big") * 2 + bytes(6)
    profile[_ICC_ID] = bytes(16)
    return bytes(profile)


class _Page:
    """Lines from top to bottom, cut at the margin, page after page."""

    def __init__(self, canvas: Canvas, footer: str, glyphs: frozenset[int]) -> None:
        self._canvas, self._footer, self._glyphs, self._page_no = canvas, footer, glyphs, 1
        self._y_pt = _HEIGHT_PT - MARGIN_PT

    def line(self, text: str, *, size_pt: float = SIZE_PT) -> None:
        for part in _cut(self._drawable(text), size_pt, _WIDTH_PT - 2 * MARGIN_PT):
            if self._y_pt < MARGIN_PT + 2 * LEADING_PT:
                self.end()
                self._page_no, self._y_pt = self._page_no + 1, _HEIGHT_PT - MARGIN_PT
            self._y_pt -= LEADING_PT * size_pt / SIZE_PT
            self._canvas.setFont(FONT, size_pt)
            self._canvas.drawString(MARGIN_PT, self._y_pt, part)

    def end(self) -> None:
        self._canvas.setFont(FONT, SIZE_PT - 1)
        self._canvas.drawString(MARGIN_PT, MARGIN_PT - LEADING_PT, f"{self._footer}   第 {self._page_no} 页")
        self._canvas.showPage()

    def _drawable(self, text: str) -> str:
        unknown = UNKNOWN if ord(UNKNOWN) in self._glyphs else "?"
        return "".join(character if ord(character) in self._glyphs else unknown for character in text)


def _texts(said: dict[str, Any], digest: str, file_name: str) -> Iterator[str]:
    yield f"本文件由 {file_name} 生成，签名在该 JSON 文件中。Drawn from {file_name}, which holds the signatures."
    yield f"证明内容 certified, SHA-256  {digest}"
    yield f"校验 guidang certificate verify {file_name} --public-key …"
    yield ""
    yield f"销毁清册 list  {said['list']}  {said['title']}"
    yield f"档案机构 archive  {said['archive']}    系统 program  {said['program']}"
    yield f"销毁方式 method  {said['method']}"
    yield f"开始 begun  {said['begun_at']}    完成并核实 verified  {said['ended_at']}    办结 final  {said['final_at']}"
    yield from _people(said)
    yield f"密钥备份最长保留 {said['key_backup_days']} 天；自 {said['complete_on']} 起任何备份均不可读。"
    yield f"From {said['complete_on']} on, when the last backup of keys is deleted, no copy anywhere can be opened."
    yield f"销毁 destroyed  {said['destroyed']}    保留 kept  {len(said['kept'])}"
    for each in said["kept"]:
        yield f"  保留 kept  {each['document']}  {each['reason']}"
    for each in said["documents"]:
        yield from _document(each)
    yield ""
    yield "密码擦除说明 Statement on cryptographic erasure (NIST SP 800-88)"
    for point, text in said["erasure"].items():
        yield f"  {point}: {text}"
    yield ""
    for role in ("执行人 carried out by", "监销人 supervisor", "监销人 supervisor", "单位盖章 seal of the archive"):
        yield f"{role} ____________________    日期 date ____________________"


def _people(said: dict[str, Any]) -> Iterator[str]:
    yield f"提出 proposed  {_person(said['proposed_by'])}  {said['proposed_at']}"
    for each in said["approved_by"]:
        instead = f"  代 for {_person(each['on_behalf_of'])}" if each["on_behalf_of"] else ""
        yield f"批准 approved [{each['seat']}]  {_person(each)}{instead}  {each['at']}  {each['opinion']}"
    if said["confirmed_by"]:
        yield f"确认 confirmed  {_person(said['confirmed_by'])}  {said['confirmed_at']}"
    yield f"执行 carried out  {_person(said['executed_by'])}  {said['executed_at']}"
    for each in said["supervised_by"]:
        counted = f"清点 counted {each['counted_documents']}  {each['counted_at']}"
        yield f"监销 supervised  {_person(each)}  {counted}  签字 signed {each['signed_at']}"


def _document(said: dict[str, Any]) -> Iterator[str]:
    yield ""
    yield f"档号 {said['档号']}    题名 {said['题名']}    责任者 {said['责任者']}    页数 {said['page_count']}"
    yield f"形成时间 {said['形成时间']}    应保管期限 {said['应保管期限']}    已保管时间 {said['已保管时间']}"
    yield f"SHA-256 {said['sha256']}    对象数 {said['object_count']}"
    yield f"密钥 key destroyed {said['key_destroyed']}    {said['destroyed_at']}"
    verified = "、".join(sorted(said["verified"]))
    entries = " ".join(f"{each['seq']}:{each['hash'][:16]}…" for each in said["register"])
    yield f"核实不存在 verified absent: {verified}    销毁登记 register {entries}"
    if paper := said["paper"]:
        witness = _person(paper["witness"])
        yield f"纸质销毁 paper  {paper['method']}  {paper['place']}  {paper['on']}  见证 witness {witness}"


def _person(said: dict[str, Any]) -> str:
    return " ".join(filter(None, (said["name"], said["department"], f"({said['id']})")))


def _cut(text: str, size_pt: float, width_pt: float) -> Iterator[str]:
    """Cut a text where the line is full; at least one character each."""
    start = 0
    while True:
        end, used = start, 0.0
        while end < len(text):
            used += pdfmetrics.stringWidth(text[end], FONT, size_pt)
            if used > width_pt and end > start:
                break
            end += 1
        yield text[start:end]
        if end >= len(text):
            return
        start = end
