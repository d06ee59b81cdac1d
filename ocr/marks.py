"""What stands on a page besides print: QR codes, seals, ink on the lines for signing, and boxes to tick."""

from __future__ import annotations

from collections.abc import Sequence

from ocr.codes import find_codes
from ocr.preprocess import Image
from ocr.seals import find_seals
from ocr.signatures import find_signatures
from ocr.tick_boxes import find_tick_boxes
from records.readings import Line, Mark


def find_marks(image: Image, lines: Sequence[Line] = (), *, may_have_codes: bool = True) -> tuple[Mark, ...]:
    """The marks of an upright page `(H, W, 3)` BGR; `lines` are what was read on it, and say where one signs."""
    if image.size == 0:
        return ()
    codes = find_codes(image) if may_have_codes else ()
    return (*codes, *find_seals(image), *find_signatures(image, lines), *find_tick_boxes(image, lines))
