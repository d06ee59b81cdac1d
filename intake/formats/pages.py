"""From a file's bytes to its pages, one at a time.

Decoders are native code that a hostile file may kill or keep busy: structure is checked first and drawing stops at
its time limit, but forms drawn within forms and patterns of tiny tiles cannot be paused. So call this in a process of
its own, with a time limit above `Limits.max_drawing_s` (60 s a page) and an address space (`RLIMIT_AS`) of 2 GiB, or
4 GiB where recognition shares it: a page of 150 million pixels takes 1.3 GiB, JPEG 2000 of half that 1.7 GiB. A
process lost in here is the file's fault, `TooDemanding`.
"""

from __future__ import annotations

from collections.abc import Iterator

from intake.formats.inspection import Limits, MediaType, check_page_count, inspect
from intake.formats.page_image import PageImage, PageSource, Pixels
from intake.formats.pdf import open_pdf, pdf_page_count
from intake.formats.rasters import open_raster

__all__ = ["PageImage", "PageSource", "Pixels", "open_pages", "page_count"]


def open_pages(data: bytes, limits: Limits) -> Iterator[PageImage]:
    """The pages of a file in order; the next is decoded when it is asked for, so drop one before taking the next.

    Raises:
        Rejected: before the first page where the file as a whole is at fault; with the fact `page_no` where one
            page is.
    """
    inspected = inspect(data, limits)
    if inspected.media_type is MediaType.PDF:
        return open_pdf(data, limits)
    return open_raster(data, inspected.media_type, limits)


def page_count(data: bytes, limits: Limits) -> int:
    """How many pages the file has. Parses a PDF: call it where `open_pages` may be called.

    Raises:
        Rejected: the file cannot be opened, or exceeds the limits.
    """
    inspected = inspect(data, limits)
    if inspected.page_count is not None:
        return inspected.page_count
    count = pdf_page_count(data)
    check_page_count(count, limits)
    return count
