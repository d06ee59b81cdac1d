"""What the workers of a crash test work with: everything real, recognition stubbed."""

from __future__ import annotations

from functools import partial

from api.bootstrap import open_archive
from api.logs import set_up_logging
from api.settings import Settings
from intake.archive import Archive
from intake.pipeline import Reader
from intake.worker import Opener
from tests.pixel_text import PixelTextEngine


def pixel_text_opener(settings: Settings) -> Opener:
    return partial(_open, settings)


def _open(settings: Settings) -> tuple[Archive, Reader]:
    set_up_logging(settings.log_level)
    return open_archive(settings), Reader(PixelTextEngine())
