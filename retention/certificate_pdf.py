"""A certificate as a PDF for people. It proves nothing by itself and says so: what is signed is the JSON file."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

FONT = "STSong-Light"
"""One of the fonts every PDF reader brings for Chinese: nothing is embedded, nothing need be installed."""
MARGIN_PT = 50.0
LEADING_PT = 14.0
SIZE_PT = 9.5
TITLE_PT = 16.0
_WIDTH_PT, _HEIGHT_PT = A4


def render(certificate: dict[str, Any], signed: bytes, file_name: str) -> bytes:
    """Draw it.

    Args:
        signed: the bytes of the JSON file, whose hash the PDF names.
    """
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    written = io.BytesIO()
    canvas = Canvas(written, pagesize=A4, invariant=1)
    canvas.setTitle(f"销毁证明 {certificate['list']}")
    page = _Page(canvas, f"{certificate['list']}")
    page.line("档案销毁证明  Certificate of destruction", size_pt=TITLE_PT)
    for text in _texts(certificate, hashlib.sha256(signed).hexdigest(), file_name):
        page.line(text)
    page.end()
    canvas.save()
    return written.getvalue()


class _Page:
    """Lines from top to bottom, cut at the margin, page after page."""

    def __init__(self, canvas: Canvas, footer: str) -> None:
        self._canvas, self._footer, self._page_no = canvas, footer, 1
        self._y_pt = _HEIGHT_PT - MARGIN_PT

    def line(self, text: str, *, size_pt: float = SIZE_PT) -> None:
        for part in _cut(text, size_pt, _WIDTH_PT - 2 * MARGIN_PT):
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


def _texts(said: dict[str, Any], sha256: str, file_name: str) -> Iterator[str]:
    yield f"本页仅为 {file_name} 的可读副本，签名在该 JSON 文件中。This is a rendering; only that file is signed."
    yield f"JSON SHA-256  {sha256}"
    yield f"校验 guidang certificate verify {file_name} --public-key …"
    yield ""
    yield f"销毁清册 list  {said['list']}  {said['title']}"
    yield f"档案机构 archive  {said['archive']}    系统 program  {said['program']}"
    yield f"销毁方式 method  {said['method']}"
    yield f"开始 begun  {said['begun_at']}    完成并核实 verified  {said['ended_at']}"
    yield f"提出 proposed  {_person(said['proposed_by'])}  {said['proposed_at']}"
    for each in said["approved_by"]:
        yield f"批准 approved  {_person(each)}  {each['at']}  {each['opinion']}"
    yield f"执行 carried out  {_person(said['executed_by'])}  {said['executed_at']}"
    yield f"密钥备份最长保留 {said['key_backup_days']} 天；自 {said['complete_on']} 起任何备份均不可读。"
    yield f"From {said['complete_on']} on, when the last backup of keys is deleted, no copy anywhere can be opened."
    yield f"销毁 destroyed  {said['destroyed']}    保留 kept  {len(said['kept'])}"
    for each in said["kept"]:
        yield f"  保留 kept  {each['document']}  {each['reason']}"
    for each in said["documents"]:
        yield from _document(each)


def _document(said: dict[str, Any]) -> Iterator[str]:
    yield ""
    yield f"档号 {said['档号']}    题名 {said['题名']}    责任者 {said['责任者']}    页数 {said['page_count']}"
    yield f"形成时间 {said['形成时间']}    应保管期限 {said['应保管期限']}    已保管时间 {said['已保管时间']}"
    yield f"SHA-256 {said['sha256']}    对象数 {said['object_count']}"
    yield f"密钥 key destroyed {said['key_destroyed']}    {said['destroyed_at']}"
    verified = "、".join(sorted(said["verified"]))
    entries = " ".join(f"{each['seq']}:{each['hash'][:16]}…" for each in said["register"])
    yield f"核实不存在 verified absent: {verified}    销毁登记 register {entries}"


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
