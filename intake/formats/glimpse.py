"""The first page of a refused file, or its first picture, as far as it can be drawn: people see which paper it was.

It overlooks what `inspection` objects to, and Pillow is told to draw what there is of a picture that ends early. Both
are for a process of its own that ends after one file (`intake/confined.py`), never for reading.
"""

from __future__ import annotations

from dataclasses import replace

from PIL import ImageFile

from intake.formats.inspection import Limits, MediaType, sniff
from intake.formats.page_image import PageImage
from intake.formats.pdf import open_pdf
from intake.formats.rasters import open_first_picture
from records.errors import DamagedFile, NoPages

_JPEG_BEGINS = b"\xff\xd8\xff"
_ANY_NUMBER = 1_000_000_000


def glimpse(data: bytes, limits: Limits) -> PageImage:
    """Raises Rejected: nothing of it can be drawn, or the page has more pixels than the limits allow."""
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    media_type = sniff(data)
    return _of_pdf(data, limits) if media_type is MediaType.PDF else open_first_picture(data, media_type, limits)


def _of_pdf(data: bytes, limits: Limits) -> PageImage:
    """A scan that was cut short has lost the list of its pages, which stands at the end, but not its first picture."""
    try:
        return next(open_pdf(data, replace(limits, max_pages=_ANY_NUMBER)))
    except (DamagedFile, NoPages):
        at = data.find(_JPEG_BEGINS)
        if at < 0:
            raise
        return open_first_picture(data[at:], MediaType.JPEG, limits)
