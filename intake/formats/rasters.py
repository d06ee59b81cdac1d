"""Pixels of TIFF, JPEG, PNG, WebP and BMP files, through Pillow.

Pillow rather than OpenCV: it refuses image data that ends early, reads TIFF page by page, and knows inverted CMYK,
palettes, 16 bits and fax compression.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops

from intake.formats import tiff
from intake.formats.inspection import Limits, MediaType, check_pixels
from intake.formats.page_image import PageImage, PageSource, Pixels
from records.errors import DamagedFile, Rejected, TooDemanding, TooManyPixels, TruncatedFile

_PILLOW_NAMES = {
    MediaType.TIFF: "TIFF",
    MediaType.JPEG: "JPEG",
    MediaType.PNG: "PNG",
    MediaType.WEBP: "WEBP",
    MediaType.BMP: "BMP",
}
_PILLOW_FAILURES = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
    struct.error,
    zlib.error,
)
"""Pillow raises whatever its parsers trip over; these have been seen on damaged files."""
_BAND_ROWS = 256
_GREY_FILL = 128


def open_raster(data: bytes, media_type: MediaType, limits: Limits) -> Iterator[PageImage]:
    """Each page in order, decoded when it is asked for.

    Raises:
        Rejected: with the page number where a page is damaged.
    """
    with _own_errors(page_no=1):
        picture = Image.open(io.BytesIO(data), formats=[_PILLOW_NAMES[media_type]])
    with picture:
        for page_no, frame in enumerate(_frames(data, media_type), start=1):
            with _own_errors(page_no):
                picture.seek(frame)
                check_pixels(picture.size, page_no, limits)
                image, dpi = _decode(picture, media_type, page_no)
            yield PageImage(page_no=page_no, image=image, dpi=dpi, source=PageSource.SCAN, media_type=media_type)
            del image


def open_first_picture(data: bytes, media_type: MediaType, limits: Limits) -> PageImage:
    """The first picture alone, with nothing asked of the rest of the file nor whether the picture is whole.

    Raises:
        Rejected: it cannot be decoded, or has too many pixels.
    """
    with _own_errors(page_no=1), Image.open(io.BytesIO(data), formats=[_PILLOW_NAMES[media_type]]) as picture:
        check_pixels(picture.size, 1, limits)
        orientation = picture.getexif().get(0x0112, 1)
        picture.load()
        pixels = _bgr(picture)
        if media_type is not MediaType.TIFF:
            pixels = _turned(pixels, orientation)
    return PageImage(page_no=1, image=pixels, dpi=None, source=PageSource.SCAN, media_type=media_type)


def _frames(data: bytes, media_type: MediaType) -> Iterator[int]:
    """Of an animation only the first picture is a page."""
    if media_type is not MediaType.TIFF:
        yield 0
        return
    for number, directory in enumerate(tiff.directories(data)):
        if not tiff.is_preview(directory):
            yield number


@contextmanager
def _own_errors(page_no: int) -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of odd metadata, and of sizes that our own limit judges
        try:
            yield
        except Rejected:
            raise
        except Image.DecompressionBombError as exc:
            raise TooManyPixels(page_no=page_no) from exc
        except MemoryError as exc:
            raise TooDemanding(page_no=page_no) from exc
        except _PILLOW_FAILURES as exc:
            cause = TruncatedFile if "truncated" in str(exc).lower() else DamagedFile
            raise cause(page_no=page_no) from exc


def _decode(picture: Image.Image, media_type: MediaType, page_no: int) -> tuple[Pixels, float | None]:
    density = _density(picture)
    orientation = picture.getexif().get(0x0112, 1)
    picture.load()
    if media_type is MediaType.JPEG and picture.mode == "CMYK" and "adobe" not in picture.info:
        picture = ImageChops.invert(picture)  # Pillow takes all CMYK for Adobe's, which is inverted
    pixels = _bgr(picture)
    if media_type is MediaType.JPEG and _data_ran_out(pixels):
        raise TruncatedFile(page_no=page_no)
    if density is not None and media_type is MediaType.TIFF:
        pixels, density = _square(pixels, density)
    if media_type is not MediaType.TIFF:  # Pillow turns TIFF pages itself
        pixels = _turned(pixels, orientation)
    return pixels, None if density is None else round(min(density), 2)


def _density(picture: Image.Image) -> tuple[float, float] | None:
    """Dots per inch across and down; nonsense counts as not stated."""
    stated = picture.info.get("dpi")
    if not isinstance(stated, tuple) or len(stated) != 2:
        return None
    across, down = float(stated[0]), float(stated[1])
    return (across, down) if 20 <= across <= 4800 and 20 <= down <= 4800 else None


def _bgr(picture: Image.Image) -> Pixels:
    if picture.mode.startswith("I;16"):
        return _from_grey((np.asarray(picture).astype(np.uint16) >> 8).astype(np.uint8))
    if picture.mode in ("I", "F"):
        return _from_grey(_scaled(np.asarray(picture, dtype=np.float32)))
    if picture.mode == "LAB":
        return _from_lab(picture)
    if picture.has_transparency_data:
        return _in_bands(picture, "RGBA")
    return _in_bands(picture, "L" if picture.mode in ("1", "L") else "RGB")


def _from_grey(grey: Pixels) -> Pixels:
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), dtype=np.uint8)


def _scaled(grey: npt.NDArray[np.float32]) -> Pixels:
    """Whole numbers of 16 bits or fractions of one, told apart by the largest value."""
    largest = float(np.nan_to_num(grey).max(initial=0.0))
    white = 1.0 if largest <= 1.0 else 255.0 if largest <= 255.0 else 65535.0
    return np.clip(np.nan_to_num(grey) * (255.0 / white), 0, 255).astype(np.uint8)


def _from_lab(picture: Image.Image) -> Pixels:
    lab = np.array(picture, dtype=np.uint8)
    lab[..., 1:] ^= 0x80  # TIFF stores a and b signed, OpenCV offset by 128
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2BGR), dtype=np.uint8)


def _in_bands(picture: Image.Image, mode: str) -> Pixels:
    """Convert band by band, so that a large page is in memory twice and not four times."""
    width, height = picture.size
    pixels = np.empty((height, width, 3), dtype=np.uint8)
    for top in range(0, height, _BAND_ROWS):
        bottom = min(top + _BAND_ROWS, height)
        band = picture.crop((0, top, width, bottom))
        if band.mode != mode:
            band = band.convert(mode)
        if mode == "RGBA":
            white = Image.new("RGBA", band.size, "white")
            band = Image.alpha_composite(white, band).convert("RGB")
        code = cv2.COLOR_GRAY2BGR if mode == "L" else cv2.COLOR_RGB2BGR
        cv2.cvtColor(np.asarray(band), code, dst=pixels[top:bottom])
    return pixels


def _data_ran_out(pixels: Pixels) -> bool:
    """Whether the last rows are what the JPEG decoder fills in, without complaint, where it finds no more data.

    Eight rows that are exactly mid-grey from edge to edge do not come from a scanner.
    """
    height = pixels.shape[0]
    return height > 8 and bool((pixels[-8:] == _GREY_FILL).all()) and not bool((pixels == _GREY_FILL).all())


def _square(pixels: Pixels, density: tuple[float, float]) -> tuple[Pixels, tuple[float, float]]:
    """Fax pages have half as many rows as columns to the inch; letters read as squashed."""
    across, down = density
    finest = max(density)
    if finest / min(density) < 1.1 or finest / min(density) > 4:
        return pixels, density
    size = (round(pixels.shape[1] * finest / across), round(pixels.shape[0] * finest / down))
    stretched = cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(stretched, dtype=np.uint8), (finest, finest)


def _turned(pixels: Pixels, orientation: int) -> Pixels:
    """As EXIF asks: 1–8, where 2, 4, 5 and 7 are mirrored."""
    mirrored = pixels[:, ::-1] if orientation in (2, 4, 5, 7) else pixels
    quarters = {3: 2, 4: 2, 5: 1, 6: 3, 7: 3, 8: 1}.get(orientation, 0)
    return np.ascontiguousarray(np.rot90(mirrored, quarters))
