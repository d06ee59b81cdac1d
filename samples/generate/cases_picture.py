"""`python -m samples.generate.cases_picture [FILE]`: every hard case once, in one picture."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw

from samples.generate import fonts
from samples.generate.fonts import Face
from samples.generate.hard import HARD
from samples.generate.sheet import Pixels
from samples.generate.volume import generate

FILE = Path(__file__).resolve().parents[2] / "docs" / "images" / "hard-cases.jpg"
_SIDE_PX, _CAPTION_PX, _COLUMNS = 380, 34, 5
_KINDS = ("licence_portrait", "licence_landscape", "licence_sole_trader", "form_company", "id_sheet")


def draw(seed: int = 7) -> Image.Image:
    cells = [_cell(case, generate(_KINDS[place % len(_KINDS)], seed, case)[0]) for place, case in enumerate(HARD)]
    width, height = _SIDE_PX, _SIDE_PX + _CAPTION_PX
    picture = Image.new("RGB", (_COLUMNS * width, -(-len(cells) // _COLUMNS) * height), (64, 64, 68))
    for place, cell in enumerate(cells):
        picture.paste(cell, (place % _COLUMNS * width, place // _COLUMNS * height))
    return picture


def _cell(case: str, page: Pixels) -> Image.Image:
    scale = (_SIDE_PX - 12) / max(page.shape[:2])
    small = cv2.resize(page, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    cell = Image.new("RGB", (_SIDE_PX, _SIDE_PX + _CAPTION_PX), (64, 64, 68))
    cell.paste(Image.fromarray(np.ascontiguousarray(small[:, :, ::-1])), (6, 6))
    pen = ImageDraw.Draw(cell)
    pen.text((8, _SIDE_PX + 8), case, font=fonts.load(Face.HEI, 18), fill=(240, 240, 240))
    return cell


def main(arguments: Sequence[str]) -> None:
    file = Path(arguments[0]) if arguments else FILE
    draw().save(file, quality=78)
    print(file)


if __name__ == "__main__":
    main(sys.argv[1:])
