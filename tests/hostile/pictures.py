"""The test card, and pictures written byte by byte where no library writes them wrong enough."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

CARD_LOOK = "red green blue yellow"
WIDTH, HEIGHT = 96, 64
Pixels = npt.NDArray[Any]


def card(width: int = WIDTH, height: int = HEIGHT) -> Image.Image:
    """Red, green, blue and yellow quarters: shows every turn, mirroring and exchange of channels."""
    pixels = np.zeros((height, width, 3), dtype=np.uint8)
    top, left = height // 2, width // 2
    pixels[:top, :left] = (255, 0, 0)
    pixels[:top, left:] = (0, 255, 0)
    pixels[top:, :left] = (0, 0, 255)
    pixels[top:, left:] = (255, 255, 0)
    return Image.fromarray(pixels)


def grey_card() -> Image.Image:
    """Black top left, white elsewhere."""
    pixels = np.full((HEIGHT, WIDTH), 255, dtype=np.uint8)
    pixels[: HEIGHT // 2, : WIDTH // 2] = 0
    return Image.fromarray(pixels)


GREY_LOOK = "black white white white"


def saved(picture: Image.Image, file_format: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, file_format, **options)
    return out.getvalue()


def card_as(file_format: str, **options: Any) -> bytes:
    return saved(card(), file_format, **options)


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(
    width: int, height: int, depth: int, colour: int, rows: bytes, *extra: bytes, interlaced: bool = False
) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced))
    body = b"".join(extra) + png_chunk(b"IDAT", zlib.compress(rows, 9))
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + body + png_chunk(b"IEND", b"")


def png_rows(pixels: Pixels) -> bytes:
    return b"".join(b"\0" + row.tobytes() for row in pixels)


def interlaced_png() -> bytes:
    """Adam7: seven passes over the card."""
    pixels = np.asarray(card())
    passes = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))
    rows = b"".join(png_rows(pixels[top::down, left::across]) for top, left, down, across in passes)
    return png(WIDTH, HEIGHT, 8, 2, rows, interlaced=True)


def deep_colour_png() -> bytes:
    pixels = np.asarray(card()).astype(">u2") * 257
    return png(WIDTH, HEIGHT, 16, 2, png_rows(pixels))


def without_segment(jpeg: bytes, marker: int) -> bytes:
    """Drop the first segment with this marker."""
    at = jpeg.index(bytes([0xFF, marker]))
    length = struct.unpack(">H", jpeg[at + 2 : at + 4])[0]
    return jpeg[:at] + jpeg[at + 2 + length :]


def with_segment(jpeg: bytes, marker: int, body: bytes) -> bytes:
    return jpeg[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


def with_frame_size(jpeg: bytes, width: int, height: int) -> bytes:
    for marker in (b"\xff\xc0", b"\xff\xc2"):
        if (at := jpeg.find(marker)) >= 0:
            return jpeg[: at + 5] + struct.pack(">HH", height, width) + jpeg[at + 9 :]
    raise AssertionError("no frame header")


def inks() -> Image.Image:
    """The card as cyan, magenta, yellow and black ink."""
    return card().convert("CMYK")


def plain_cmyk_jpeg() -> bytes:
    """CMYK as the JPEG standard leaves it: not inverted, and without Adobe's marker."""
    return without_segment(saved(Image.eval(inks(), lambda v: 255 - v), "JPEG", quality=95), 0xEE)


def ycck_jpeg() -> bytes:
    """Adobe's inverted CMYK, its first three inks stored as luminance and chrominance."""
    cyan, magenta, yellow, black = inks().split()
    luminance = Image.merge("RGB", (cyan, magenta, yellow)).convert("YCbCr")
    bands = [Image.eval(band, lambda v: 255 - v) for band in luminance.split()]
    data = bytearray(saved(Image.merge("CMYK", (*bands, black)), "JPEG", quality=95))
    data[data.index(b"Adobe") + 11] = 2
    return bytes(data)


def exif_orientation(value: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = value
    return exif.tobytes()


def stored_for(orientation: int) -> Image.Image:
    """The card as a camera stores it that asks for this turn: the inverse of what EXIF 2.3 shows for the value."""
    inverse = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    return card().transpose(inverse[orientation]) if orientation in inverse else card()


def rle_bmp() -> bytes:
    """Eight-bit run-length coded, rows from the bottom up."""
    palette = b"".join(bytes(c) for c in ((0, 0, 255, 0), (0, 255, 0, 0), (255, 0, 0, 0), (0, 255, 255, 0)))
    half = WIDTH // 2
    lower, upper = bytes([half, 2, half, 3, 0, 0]), bytes([half, 0, half, 1, 0, 0])
    body = lower * (HEIGHT // 2) + upper * (HEIGHT // 2) + b"\0\1"
    return bmp(WIDTH, HEIGHT, 8, 1, body, palette=palette)


def bmp(width: int, height: int, depth: int, compression: int, body: bytes, palette: bytes = b"") -> bytes:
    at = 54 + len(palette)
    header = struct.pack(
        "<IiiHHIIiiII", 40, width, height, 1, depth, compression, len(body), 0, 0, len(palette) // 4, 0
    )
    return b"BM" + struct.pack("<IHHI", at + len(body), 0, 0, at) + header + palette + body


def top_down_bmp() -> bytes:
    return bmp(WIDTH, -HEIGHT, 24, 0, np.asarray(card())[..., ::-1].tobytes())


def bit_field_bmp() -> bytes:
    """Sixteen bits a pixel: five, six and five."""
    red, green, blue = (np.asarray(band).astype(np.uint16) for band in card().split())
    pixels = ((red >> 3) << 11 | (green >> 2) << 5 | blue >> 3)[::-1].astype("<u2")
    return bmp(WIDTH, HEIGHT, 16, 3, pixels.tobytes(), palette=struct.pack("<III", 0xF800, 0x07E0, 0x001F))


def webp_canvas(width: int, height: int) -> bytes:
    body = b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4)
    body += (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF" + struct.pack("<I", len(body)) + body


def mid_grey_jpeg_cut_with_end_marker() -> bytes:
    """Half the scan, closed with an end marker: decoders fill the rest with grey and say nothing."""
    whole = saved(card(640, 640), "JPEG", quality=95)
    return whole[: len(whole) * 6 // 10] + b"\xff\xd9"


def many_scans_jpeg(scans: int) -> bytes:
    """A progressive picture that draws its last scan over and over."""
    whole = card_as("JPEG", progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:last] + whole[last:-2] * scans + b"\xff\xd9"
