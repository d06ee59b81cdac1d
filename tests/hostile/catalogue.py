"""Every hostile file: made in code, the same each time, with what must become of it."""

from __future__ import annotations

import io
import zipfile
import zlib
from functools import partial

import cv2
import numpy as np
from PIL import Image

from tests.hostile import pdfs, pictures, tiffs
from tests.hostile.expectations import HostileFile, Outcome, Read, Refused, Stopped
from tests.hostile.pictures import CARD_LOOK, GREY_LOOK, HEIGHT, WIDTH, card, card_as, grey_card, saved
from tests.hostile.tiffs import TiffPage, tags, tiff

CARD = Read(look=CARD_LOOK, size=(WIDTH, HEIGHT))
GREY = Read(look=GREY_LOOK, size=(WIDTH, HEIGHT))
DRAWN = Read(look=CARD_LOOK)
Entry = tuple[str, object, Outcome]


def _cut(data: bytes, share: float = 0.5) -> bytes:
    return data[: int(len(data) * share)]


def _replaced(data: bytes, old: bytes, new: bytes) -> bytes:
    assert old in data
    return data.replace(old, new)


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("word/document.xml", "<w:document/>")
    return out.getvalue()


def _alpha_card() -> Image.Image:
    """The card with its yellow quarter fully transparent: white paper shows."""
    picture = card().convert("RGBA")
    picture.paste((0, 0, 0, 0), (WIDTH // 2, HEIGHT // 2, WIDTH, HEIGHT))
    return picture


def _animated(file_format: str) -> bytes:
    white = Image.new("RGB", (WIDTH, HEIGHT), "white")
    return card_as(file_format, save_all=True, append_images=[white, white], duration=100, lossless=True)


def _two_in_one_jpeg() -> bytes:
    return card_as("MPO", save_all=True, append_images=[Image.new("RGB", (WIDTH, HEIGHT), "white")], quality=95)


def _turned_jpeg(orientation: int) -> bytes:
    stored = pictures.stored_for(orientation)
    return saved(stored, "JPEG", quality=95, exif=pictures.exif_orientation(orientation))


def _lab_card() -> Image.Image:
    lab = np.asarray(cv2.cvtColor(np.asarray(card()), cv2.COLOR_RGB2LAB), dtype=np.uint8)
    lab[..., 1:] -= 128  # signed in TIFF, and unsigned arithmetic wraps round
    return Image.frombytes("LAB", (WIDTH, HEIGHT), lab.tobytes())


_NOT_OURS: list[Entry] = [
    ("empty", lambda: b"", Refused(code="empty_file")),
    ("one byte", lambda: b"\xff", Refused(code="unknown_type")),
    ("zeros", lambda: bytes(4096), Refused(code="unknown_type")),
    ("random bytes", partial(pdfs.noise, 100_000), Refused(code="unknown_type")),
    ("text", lambda: "归档".encode() * 100, Refused(code="unknown_type")),
    ("html", lambda: b"<!DOCTYPE html><script>alert(1)</script>", Refused(code="unknown_type")),
    ("svg", lambda: b'<svg xmlns="http://www.w3.org/2000/svg"/>', Refused(code="unknown_type")),
    ("program", lambda: b"MZ" + pdfs.noise(2000), Refused(code="unknown_type")),
    ("gif", lambda: card_as("GIF"), Refused(code="unknown_type")),
    ("jpeg 2000", lambda: card_as("JPEG2000"), Refused(code="unknown_type")),
    ("avif", lambda: card_as("AVIF"), Refused(code="unknown_type")),
    ("word document", _zip, Refused(code="unknown_type")),
    ("zip before pdf", lambda: _zip() + pdfs.card_pdf(), Refused(code="unknown_type")),
    ("script before pdf", lambda: b"#!/bin/sh\n" + pdfs.card_pdf(), Refused(code="unknown_type")),
    ("jpeg mark alone", lambda: b"\xff\xd8\xff", Refused(code="truncated_file")),
    ("png mark alone", lambda: b"\x89PNG\r\n\x1a\n", Refused(code="truncated_file")),
    ("bmp mark alone", lambda: b"BM", Refused(code="truncated_file")),
    ("pdf mark alone", lambda: b"%PDF-1.7", Refused(code="truncated_file")),
]

_JPEG: list[Entry] = [
    ("jpeg cut", lambda: _cut(card_as("JPEG")), Refused(code="truncated_file")),
    ("jpeg cut and closed", pictures.mid_grey_jpeg_cut_with_end_marker, Refused(code="truncated_file", page_no=1)),
    (
        "jpeg claims more rows",
        lambda: pictures.with_frame_size(card_as("JPEG"), WIDTH, 4 * HEIGHT),
        Refused(code="truncated_file", page_no=1),
    ),
    (
        "jpeg pixel bomb",
        lambda: pictures.with_frame_size(card_as("JPEG"), 65500, 65500),
        Refused(code="too_many_pixels", page_no=1),
    ),
    (
        "jpeg without rows",
        lambda: pictures.with_frame_size(card_as("JPEG"), WIDTH, 0),
        Refused(code="damaged_file", page_no=1),
    ),
    ("jpeg scan bomb", partial(pictures.many_scans_jpeg, 5000), Refused(code="damaged_file")),
    (
        "jpeg without tables",
        lambda: pictures.without_segment(card_as("JPEG"), 0xDB),
        Refused(code="damaged_file", page_no=1),
    ),
    ("jpeg progressive", lambda: card_as("JPEG", progressive=True, quality=95), CARD),
    ("jpeg with rubbish behind", lambda: card_as("JPEG", quality=95) + pdfs.noise(5000), CARD),
    ("jpeg with html in a comment", lambda: card_as("JPEG", comment=b"<script>alert(1)</script>", quality=95), CARD),
    ("jpeg with a pdf inside", pdfs.card_jpeg_with_pdf_inside, CARD),
    ("jpeg with a zip behind", lambda: card_as("JPEG", quality=95) + _zip(), CARD),
    ("jpeg grey", lambda: saved(grey_card(), "JPEG", quality=95), GREY),
    ("jpeg cmyk by adobe", lambda: saved(pictures.inks(), "JPEG", quality=95), CARD),
    ("jpeg cmyk plain", pictures.plain_cmyk_jpeg, CARD),
    ("jpeg ycck by adobe", pictures.ycck_jpeg, CARD),
    ("jpeg two in one", _two_in_one_jpeg, CARD),
    ("jpeg broken exif", lambda: pictures.with_segment(card_as("JPEG"), 0xE1, b"Exif\0\0II*\0" + b"\xff" * 40), CARD),
    ("jpeg one column", lambda: saved(Image.new("RGB", (1, 65500), "red"), "JPEG"), Read(size=(1, 65500))),
    *((f"jpeg exif turn {turn}", partial(_turned_jpeg, turn), CARD) for turn in range(1, 10)),
]

_PNG: list[Entry] = [
    ("png cut", lambda: _cut(card_as("PNG")), Refused(code="truncated_file")),
    ("png header bomb", lambda: pictures.png(60000, 60000, 8, 2, b""), Refused(code="too_many_pixels", page_no=1)),
    (
        "png pixel bomb",
        lambda: pictures.png(20000, 20000, 1, 0, bytes(20000 * 2501)),
        Refused(code="too_many_pixels", page_no=1),
    ),
    ("png without area", lambda: pictures.png(0, 0, 8, 2, b""), Refused(code="damaged_file", page_no=1)),
    ("png without data", lambda: pictures.png(WIDTH, HEIGHT, 8, 2, b""), Refused(code="truncated_file", page_no=1)),
    (
        "png wrong check sum",
        lambda: _replaced(
            pictures.png(9, 9, 8, 2, bytes(252)), b"IHDR\0\0\0\x09\0\0\0\x09", b"IHDR\0\0\0\x09\0\0\0\x07"
        ),
        Refused(code="damaged_file", page_no=1),
    ),
    (
        "png text bomb",
        lambda: pictures.png(
            WIDTH,
            HEIGHT,
            8,
            2,
            pictures.png_rows(np.asarray(card())),
            pictures.png_chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(200_000_000), 9)),
        ),
        Refused(code="damaged_file", page_no=1),
    ),
    (
        "png at the limit of pixels",
        lambda: pictures.png(12200, 12200, 1, 0, b"\0" * 12200 * 1526),
        Read(look="black black black black"),
    ),
    ("png interlaced", pictures.interlaced_png, CARD),
    ("png 16 bits colour", pictures.deep_colour_png, CARD),
    ("png 16 bits grey", lambda: saved(grey_card().convert("I;16").point(lambda v: v * 257), "PNG"), GREY),
    ("png palette", lambda: saved(card().quantize(4), "PNG"), CARD),
    ("png alpha", lambda: saved(_alpha_card(), "PNG"), Read(look="red green blue white")),
    ("png grey and alpha", lambda: saved(_alpha_card().convert("LA"), "PNG"), Read()),
    (
        "png palette with transparency",
        lambda: saved(card().quantize(4), "PNG", transparency=card().quantize(4).getpixel((WIDTH - 1, HEIGHT - 1))),
        Read(look="red green blue white"),
    ),
    ("png transparent colour", lambda: card_as("PNG", transparency=(255, 255, 0)), Read(look="red green blue white")),
    ("png 1 bit", lambda: saved(grey_card().convert("1"), "PNG"), GREY),
    ("png animated", lambda: card_as("PNG", save_all=True, append_images=[Image.new("RGB", (WIDTH, HEIGHT))]), CARD),
    ("png exif turn 6", lambda: saved(pictures.stored_for(6), "PNG", exif=pictures.exif_orientation(6)), CARD),
    ("png one row", lambda: saved(Image.new("L", (65535, 1)), "PNG"), Read(size=(65535, 1))),
    ("png one column", lambda: saved(Image.new("L", (1, 65535)), "PNG"), Read(size=(1, 65535))),
    ("png one pixel", lambda: saved(Image.new("RGB", (1, 1), "red"), "PNG"), Read(size=(1, 1))),
]

_WEBP_AND_BMP: list[Entry] = [
    ("webp cut", lambda: _cut(card_as("WEBP")), Refused(code="truncated_file")),
    ("webp header bomb", partial(pictures.webp_canvas, 1 << 24, 1 << 24), Refused(code="too_many_pixels", page_no=1)),
    ("webp without picture", partial(pictures.webp_canvas, 100, 100), Refused(code="damaged_file", page_no=1)),
    ("webp lossy", lambda: card_as("WEBP", quality=95), CARD),
    ("webp lossless", lambda: card_as("WEBP", lossless=True), CARD),
    ("webp alpha", lambda: saved(_alpha_card(), "WEBP", lossless=True), Read(look="red green blue white")),
    ("webp animated", partial(_animated, "WEBP"), CARD),
    ("wave sound", lambda: b"RIFF\x24\0\0\0WAVEfmt ", Refused(code="unknown_type")),
    ("bmp cut", lambda: _cut(card_as("BMP")), Refused(code="truncated_file")),
    (
        "bmp header bomb",
        lambda: pictures.bmp(40000, 40000, 8, 1, b"\0\1", palette=bytes(1024)),
        Refused(code="too_many_pixels", page_no=1),
    ),
    (
        "bmp claims more rows",
        lambda: pictures.bmp(WIDTH, 4 * HEIGHT, 24, 0, card().tobytes()),
        Refused(code="truncated_file"),
    ),
    (
        "bmp negative width",
        lambda: pictures.bmp(-WIDTH, HEIGHT, 24, 0, card().tobytes()),
        Refused(code="damaged_file", page_no=1),
    ),
    ("bmp run lengths", pictures.rle_bmp, CARD),
    ("bmp top down", pictures.top_down_bmp, CARD),
    ("bmp bit fields", pictures.bit_field_bmp, CARD),
    ("bmp 1 bit", lambda: saved(grey_card().convert("1"), "BMP"), GREY),
]

_TIFF: list[Entry] = [
    ("tiff cut", lambda: _cut(card_as("TIFF")), Refused(code="truncated_file")),
    ("tiff strips cut", lambda: _cut(tiff([tiffs.card_page()]), 0.99)[:-1], Refused(code="truncated_file")),
    (
        "tiff strip beyond the end",
        lambda: tiff([TiffPage(tags=tags(8, 8) | {273: (8,), 279: (100_000,)})]),
        Refused(code="truncated_file"),
    ),
    (
        "tiff header bomb",
        lambda: tiff([TiffPage(tags=tags(70000, 70000), strips=[b"x"])]),
        Refused(code="too_many_pixels", page_no=1),
    ),
    ("tiff page bomb", partial(tiffs.page_bomb, 10_000), Refused(code="too_many_pages")),
    ("tiff circular", lambda: tiff([tiffs.card_page()] * 2, last_points_to=1), Refused(code="damaged_file", page_no=2)),
    (
        "tiff points to itself",
        lambda: tiff([tiffs.card_page()], last_points_to=1),
        Refused(code="damaged_file", page_no=1),
    ),
    ("tiff without directory", lambda: b"II*\0" + bytes(4), Refused(code="no_pages")),
    ("tiff without size", lambda: tiff([TiffPage(tags={262: (1,)}, strips=[b"x"])]), Refused(code="damaged_file")),
    (
        "tiff without area",
        lambda: tiff([TiffPage(tags=tags(0, 0), strips=[b"x"])]),
        Refused(code="damaged_file", page_no=1),
    ),
    ("tiff second page damaged", tiffs.second_page_damaged, Refused(code="damaged_file", page_no=2)),
    (
        "tiff unpacks to more than it says",
        partial(tiffs.deflate_bomb, 64, 64),
        Read(size=(64, 64), look="black black black black"),
    ),
    ("tiff group 4", lambda: saved(grey_card().convert("1"), "TIFF", compression="group4"), GREY),
    ("tiff fax rows", tiffs.fax, GREY),
    ("tiff white is zero", tiffs.white_is_zero, GREY),
    ("tiff lzw", lambda: card_as("TIFF", compression="tiff_lzw"), CARD),
    ("tiff deflate", lambda: card_as("TIFF", compression="tiff_adobe_deflate"), CARD),
    ("tiff packbits", lambda: card_as("TIFF", compression="packbits"), CARD),
    ("tiff jpeg inside", lambda: card_as("TIFF", compression="jpeg", quality=95), CARD),
    ("tiff tiled", tiffs.tiled, CARD),
    ("tiff 16 bits grey", lambda: saved(grey_card().convert("I;16").point(lambda v: v * 257), "TIFF"), GREY),
    ("tiff 16 bits colour", partial(tiffs.deep_colour, "<"), CARD),
    ("tiff 16 bits colour big endian", partial(tiffs.deep_colour, ">"), CARD),
    ("tiff fractions", tiffs.fractions_of_one, GREY),
    ("tiff palette", lambda: saved(card().quantize(4), "TIFF"), CARD),
    ("tiff cmyk", lambda: saved(pictures.inks(), "TIFF"), CARD),
    ("tiff lab", lambda: saved(_lab_card(), "TIFF"), CARD),
    ("tiff alpha", lambda: saved(_alpha_card(), "TIFF"), Read(look="red green blue white")),
    ("bigtiff", lambda: card_as("TIFF", big_tiff=True), CARD),
    ("tiff turned", lambda: saved(pictures.stored_for(6), "TIFF", tiffinfo={274: 6}), CARD),
    (
        "tiff of three kinds of page",
        lambda: tiffs.multi_page(card(), grey_card(), grey_card().convert("1"), compression="tiff_lzw"),
        Read(pages=3, look=CARD_LOOK),
    ),
    ("tiff with preview", lambda: tiff([tiffs.card_page(subfile=1), tiffs.card_page()]), CARD),
]


_PDF: list[Entry] = [
    ("pdf", pdfs.card_pdf, Read(look=CARD_LOOK, size=(556, 556), dpi=200, source="scan")),
    ("pdf cut", lambda: _cut(pdfs.card_pdf()), Refused(code="truncated_file")),
    ("pdf page bomb", partial(pdfs.many_pages, 10_000), Refused(code="too_many_pages")),
    ("pdf claims a million pages", partial(pdfs.lying_count, 1_000_000), Refused(code="too_many_pages")),
    ("pdf without pages", pdfs.no_pages, Refused(code="no_pages")),
    ("pdf without catalog", lambda: pdfs.pdf({1: b"<< >>"}), Refused(code="no_pages")),
    ("pdf circular pages", pdfs.circular_pages, Refused(code="damaged_file", page_no=1)),
    ("pdf circular parents", pdfs.circular_parents, DRAWN),
    ("pdf deep page tree", partial(pdfs.deep_page_tree, 5000), Refused(code="damaged_file", page_no=1)),
    ("pdf second page missing", pdfs.second_page_missing, Refused(code="damaged_file", page_no=2)),
    ("pdf page without area", lambda: pdfs.card_pdf(box=b"0 0 0 0"), Read()),
    ("pdf page of 200 inches", lambda: pdfs.card_pdf(box=b"0 0 14400 14400"), Read()),
    ("pdf page of a billion points", lambda: pdfs.card_pdf(box=b"0 0 1000000000 1000000000"), Read()),
    ("pdf page of negative size", lambda: pdfs.card_pdf(box=b"200 200 0 0"), DRAWN),
    ("pdf page as thin as a hair", lambda: pdfs.card_pdf(box=b"0 0 0.01 14400"), Read()),
    ("pdf turned 90", lambda: pdfs.card_pdf(page=b"/Rotate 90"), Read(look="blue red yellow green")),
    ("pdf turned 180", lambda: pdfs.card_pdf(page=b"/Rotate 180"), Read(look="yellow blue green red")),
    ("pdf turned 270", lambda: pdfs.card_pdf(page=b"/Rotate 270"), Read(look="green yellow red blue")),
    ("pdf wrong cross references", pdfs.wrong_cross_references, DRAWN),
    ("pdf object stream", pdfs.object_stream, DRAWN),
    ("pdf with script", pdfs.with_script, DRAWN),
    ("pdf with embedded file", pdfs.with_embedded_file, DRAWN),
    ("pdf with xfa", pdfs.with_xfa, DRAWN),
    ("pdf filled form", pdfs.filled_form, Read(look="red white white white")),
    ("pdf with zip behind", pdfs.with_zip_behind, DRAWN),
    ("pdf after blank bytes", lambda: b"\0\0\r\n" + pdfs.card_pdf(), DRAWN),
    ("pdf password 40 bits", lambda: pdfs.protected_rc4("secret", 40), Refused(code="encrypted_file")),
    ("pdf password 128 bits", lambda: pdfs.protected_rc4("secret", 128), Refused(code="encrypted_file")),
    ("pdf password 256 bits", lambda: pdfs.protected_aes(b"secret"), Refused(code="encrypted_file")),
    ("pdf owner password only 40 bits", lambda: pdfs.protected_rc4("", 40), DRAWN),
    ("pdf owner password only 128 bits", lambda: pdfs.protected_rc4("", 128), DRAWN),
    ("pdf owner password only 256 bits", lambda: pdfs.protected_aes(b""), DRAWN),
    ("pdf unknown protection", pdfs.unknown_protection, Refused(code="encrypted_file")),
    ("pdf born digital", pdfs.born_digital, Read(look="white white white white", dpi=200, source="born_digital")),
    ("pdf scan", lambda: pdfs.jpeg_scan(833, 833), Read(look=CARD_LOOK, size=(833, 833), dpi=300, source="scan")),
    (
        "pdf scan with text over it",
        lambda: pdfs.jpeg_scan(833, 833, also=b"3 Tr " + pdfs.TEXT_DRAWING),
        Read(look=CARD_LOOK, size=(833, 833), dpi=300, source="scan"),
    ),
    ("pdf jpeg 2000", pdfs.jpx_scan, Read(look=CARD_LOOK, size=(128, 128))),
    ("pdf jpeg 2000 bomb", pdfs.jpx_bomb, Refused(code="too_many_pixels")),
    ("pdf fax", pdfs.fax_scan, Read(look=GREY_LOOK, size=(96, 64))),
    ("pdf jbig2", pdfs.jbig2_scan, Read(look=GREY_LOOK, size=(96, 64))),
    ("pdf picture bomb", pdfs.picture_bomb, Refused(code="too_many_pixels")),
    ("pdf mask bomb", pdfs.mask_bomb, Refused(code="too_many_pixels")),
    ("pdf inline picture bomb", pdfs.inline_picture_bomb, Refused(code="too_many_pixels", page_no=1)),
    ("pdf length of itself", pdfs.length_of_itself, DRAWN),
    ("pdf huge cross references", pdfs.huge_cross_references, DRAWN),
    ("pdf letter in itself", pdfs.letter_in_itself, DRAWN),
    ("pdf form in itself", pdfs.form_in_itself, DRAWN),
    ("pdf nested forms", partial(pdfs.nested_forms, 4, 4), DRAWN),
    ("pdf form bomb", partial(pdfs.nested_forms, 9, 10), Refused(code="too_demanding")),
    ("pdf packed form bomb", partial(pdfs.nested_forms, 9, 10, packed=True), Refused(code="too_demanding")),
    ("pdf circular form bomb", pdfs.circular_forms, Refused(code="too_demanding")),
    ("pdf borrowed name bomb", pdfs.borrowed_name_bomb, Refused(code="too_demanding")),
    ("pdf hidden form bomb", pdfs.hidden_form_bomb, Stopped()),
    ("pdf flate bomb", partial(pdfs.flate_bomb, 100_000_000), Read()),
    ("pdf many paths", partial(pdfs.many_paths, 300_000), Refused(code="too_demanding", page_no=1)),
    ("pdf tiny tiles", pdfs.tiny_tiles, Stopped()),
    ("pdf nested arrays", partial(pdfs.nested_arrays, 200_000), DRAWN),
]

HOSTILE_FILES = tuple(
    HostileFile(name=name, make=make, outcome=outcome)  # type: ignore[arg-type]
    for name, make, outcome in (*_NOT_OURS, *_JPEG, *_PNG, *_WEBP_AND_BMP, *_TIFF, *_PDF)
)
