"""The registration form as an office program saves it: a PDF with a text layer, AR PL UMing embedded as a subset."""

from __future__ import annotations

from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from samples.generate import fonts
from samples.generate.fonts import Face
from samples.generate.forms import TITLE, Cell, Form

_MM = 72 / 25.4
_WIDTH, _HEIGHT = 595.28, 841.89
_LEFT, _RIGHT = 18 * _MM, 192 * _MM
_FONT, _SIZE = "UMing", 11.0


def write(path: Path, form: Form) -> None:
    file = fonts.locate(Face.MING)
    pdfmetrics.registerFont(TTFont(_FONT, file.path, subfontIndex=file.index))
    canvas = Canvas(str(path), pagesize=(_WIDTH, _HEIGHT), invariant=1)
    canvas.setTitle(f"{TITLE}（样本）")
    canvas.setFont(_FONT, 20)
    canvas.drawCentredString(_WIDTH / 2, _HEIGHT - 32 * _MM, TITLE)
    canvas.setFont(_FONT, 9)
    canvas.drawString(_LEFT, _HEIGHT - 42 * _MM, "样本（内容均为虚构）")
    y = _HEIGHT - 46 * _MM
    for row in form.rows:
        y = _draw_row(canvas, row, y)
    canvas.line(_LEFT, y, _RIGHT, y)
    canvas.setFont(_FONT, _SIZE)
    canvas.drawString(_LEFT + 85 * _MM, y - 20 * _MM, f"客户签字：{form.signed_by}")
    canvas.save()


def _draw_row(canvas: Canvas, row: tuple[Cell, ...], y: float) -> float:
    """Returns the lower edge, in points from the bottom of the page."""
    width = (_RIGHT - _LEFT) / len(row)
    room = width - 41 * _MM
    height = max(11.5 * _MM, max(len(_lines(_words(cell), room)) for cell in row) * _SIZE * 1.3 + 12)
    canvas.setLineWidth(0.7)
    canvas.line(_LEFT, y, _RIGHT, y)
    for place, cell in enumerate(row):
        x = _LEFT + place * width
        for edge in (x, x + 36 * _MM, x + width):
            canvas.line(edge, y, edge, y - height)
        canvas.setFont(_FONT, _SIZE)
        canvas.drawCentredString(x + 18 * _MM, y - height / 2 - 4, cell.label)
        lines = _lines(_words(cell), room)
        top = y - height / 2 - 4 + (len(lines) - 1) * _SIZE * 0.65
        for number, line in enumerate(lines):
            canvas.drawString(x + 38.5 * _MM, top - number * _SIZE * 1.3, line)
    return y - height


def _words(cell: Cell) -> str:
    if cell.options:
        return "　".join(f"{'■' if option == cell.value else '□'}{option}" for option in cell.options)
    return cell.value or ""


def _lines(words: str, width: float) -> list[str]:
    lines, line = [], ""
    for char in words:
        if pdfmetrics.stringWidth(line + char, _FONT, _SIZE) > width:
            lines.append(line)
            line = ""
        line += char
    return [*lines, line]
