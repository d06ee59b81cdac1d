from __future__ import annotations

import io
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from intake.formats.inspection import Inspected, Limits, MediaType, inspect
from records.errors import (
    DamagedFile,
    EmptyFile,
    FileTooLarge,
    NoPages,
    Rejected,
    TooManyPages,
    TooManyPixels,
    TruncatedFile,
    UnknownType,
)

LIMITS = Limits()
FORMATS = {
    "JPEG": MediaType.JPEG,
    "PNG": MediaType.PNG,
    "TIFF": MediaType.TIFF,
    "WEBP": MediaType.WEBP,
    "BMP": MediaType.BMP,
    "PDF": MediaType.PDF,
}


def picture(file_format: str, size: tuple[int, int] = (40, 30), **options: object) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(out, file_format, **options)
    return out.getvalue()


@pytest.mark.parametrize("file_format", FORMATS)
def test_type_is_what_the_content_says(file_format: str) -> None:
    assert inspect(picture(file_format), LIMITS).media_type is FORMATS[file_format]


@pytest.mark.parametrize("file_format", [name for name in FORMATS if name != "PDF"])
@given(width=st.integers(1, 70), height=st.integers(1, 70))
def test_size_is_read_from_the_header(file_format: str, width: int, height: int) -> None:
    data = picture(file_format, (width, height))

    assert inspect(data, LIMITS) == Inspected(
        media_type=FORMATS[file_format], size_bytes=len(data), page_count=1, width_px=width, height_px=height
    )


@pytest.mark.parametrize("options", [{"lossless": True}, {"exif": b"Exif\x00\x00"}, {"quality": 30}])
def test_each_kind_of_webp_has_its_size(options: dict[str, object]) -> None:
    found = inspect(picture("WEBP", (301, 23), **options), LIMITS)

    assert (found.width_px, found.height_px) == (301, 23)


@pytest.mark.parametrize("file_format", FORMATS)
@given(share=st.floats(0.3, 0.97))
def test_a_file_cut_short_is_truncated(file_format: str, share: float) -> None:
    data = picture(file_format, (200, 200))

    with pytest.raises(TruncatedFile):
        inspect(data[: int(len(data) * share)], LIMITS)


@given(data=st.binary(max_size=300), start=st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"BM"]))
def test_bytes_that_only_begin_like_a_picture_never_do_worse_than_a_refusal(data: bytes, start: bytes) -> None:
    try:
        found = inspect(start + data, LIMITS)
    except Rejected:
        return

    assert found.page_count


@given(position=st.integers(0, 2000), value=st.integers(0, 255), file_format=st.sampled_from(list(FORMATS)))
def test_one_wrong_byte_never_does_worse_than_a_refusal(position: int, value: int, file_format: str) -> None:
    data = bytearray(picture(file_format))
    data[position % len(data)] = value

    try:
        found = inspect(bytes(data), LIMITS)
    except Rejected:
        return

    assert found.size_bytes == len(data)


def test_pages_of_a_tiff_are_counted() -> None:
    frames = [Image.new("1", (20, 10)) for _ in range(7)]
    out = io.BytesIO()
    frames[0].save(out, "TIFF", save_all=True, append_images=frames[1:], compression="group4")

    assert inspect(out.getvalue(), LIMITS).page_count == 7
    with pytest.raises(TooManyPages) as refusal:
        inspect(out.getvalue(), Limits(max_pages=6))
    assert refusal.value.facts == {"limit_pages": 6}


@pytest.mark.parametrize("big", [False, True])
def test_big_tiff_and_classic_tiff_say_the_same(big: bool) -> None:
    found = inspect(picture("TIFF", (33, 44), big_tiff=big), LIMITS)

    assert (found.page_count, found.width_px, found.height_px) == (1, 33, 44)


def test_tiff_with_directories_in_a_circle_is_damaged() -> None:
    data = bytearray(picture("TIFF"))
    first = struct.unpack("<I", data[4:8])[0]
    entries = struct.unpack("<H", data[first : first + 2])[0]
    struct.pack_into("<I", data, first + 2 + 12 * entries, first)

    with pytest.raises(DamagedFile) as refusal:
        inspect(bytes(data), LIMITS)
    assert refusal.value.facts["reason"] == "circular_directories"


def test_tiff_without_directories_has_no_pages() -> None:
    with pytest.raises(NoPages):
        inspect(b"II*\0\0\0\0\0", LIMITS)


def test_preview_of_a_photo_does_not_stand_in_for_its_missing_end() -> None:
    preview = picture("JPEG", (16, 16))
    photo = picture("JPEG", (300, 300))
    segment = b"\xff\xe1" + struct.pack(">H", len(preview) + 2) + preview
    whole = photo[:2] + segment + photo[2:]

    assert inspect(whole, LIMITS).width_px == 300
    with pytest.raises(TruncatedFile):
        inspect(whole[:-200], LIMITS)


def test_size_of_bytes_and_pixels_is_limited() -> None:
    data = picture("PNG", (40, 30))

    with pytest.raises(EmptyFile):
        inspect(b"", LIMITS)
    with pytest.raises(FileTooLarge):
        inspect(data, Limits(max_bytes=len(data) - 1))
    with pytest.raises(TooManyPixels) as refusal:
        inspect(data, Limits(max_pixels=1199))
    assert refusal.value.facts == {"page_no": 1, "width_px": 40, "height_px": 30, "limit_px": 1199}
    assert inspect(data, Limits(max_bytes=len(data), max_pixels=1200)).page_count == 1


@pytest.mark.parametrize("data", [b"GIF89a" + bytes(20), b"PK\x03\x04" + b"%PDF-1.4", b"<html>", b"x", b"\xff\xd8"])
def test_other_types_are_unknown(data: bytes) -> None:
    with pytest.raises(UnknownType):
        inspect(data, LIMITS)


def test_an_ofd_file_is_refused_with_the_advice_to_save_it_as_pdf() -> None:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("OFD.xml", '<ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016" DocType="OFD" Version="1.1"/>')

    with pytest.raises(UnknownType, match="PDF"):
        inspect(whole.getvalue(), LIMITS)


def test_blank_bytes_before_a_pdf_are_allowed() -> None:
    assert inspect(b"\xef\xbb\xbf\r\n" + picture("PDF"), LIMITS).media_type is MediaType.PDF


def test_pdf_saved_again_but_cut_within_the_change_is_truncated() -> None:
    with pytest.raises(TruncatedFile):
        inspect(picture("PDF") + b"\n9 0 obj\n<< /Type /Page", LIMITS)


def test_mime_and_extension_of_each_type() -> None:
    assert {kind.mime: kind.extension for kind in MediaType} == {
        "application/pdf": ".pdf",
        "image/tiff": ".tif",
        "image/jpeg": ".jpg",
        "image/png": ".png",
        "image/webp": ".webp",
        "image/bmp": ".bmp",
    }
