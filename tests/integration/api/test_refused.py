"""What was refused is shown as far as it opened: from what was kept, or from the file in hand, opened elsewhere."""

from __future__ import annotations

import io
import os
import time
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image

from api.bootstrap import confinement_of
from intake.confined import Confinement
from records.errors import Rejected, TooDemanding
from records.terms import DocumentState, Role
from tests.archives import Bench
from tests.integration.api.conftest import API, House
from tests.pixel_text import PixelTextEngine, page_image


def tiff_of(*pages: np.ndarray) -> bytes:
    first, *further = [Image.fromarray(page[..., ::-1].copy()) for page in pages]
    written = io.BytesIO()
    first.save(written, "TIFF", save_all=True, append_images=further, compression="tiff_adobe_deflate")
    return written.getvalue()


def with_a_damaged_page() -> bytes:
    """Two pages; the bytes of the second page's picture are not what its compression says."""
    whole = tiff_of(page_image(["第一页"]), page_image(["第二页"]))
    alone = tiff_of(page_image(["第一页"]))
    at = len(alone) + 200
    return whole[:at] + bytes(len(whole[at : at + 400])) + whole[at + 400 :]


class DyingEngine(PixelTextEngine):
    def __init__(self) -> None:
        os._exit(9)


class SlowEngine(PixelTextEngine):
    def __init__(self) -> None:
        time.sleep(60)


@pytest.fixture
def confinement(bench: Bench) -> Confinement:
    return replace(confinement_of(bench.settings), open_engine=PixelTextEngine)


def test_the_pages_before_the_damaged_one_are_kept_and_shown(house: House) -> None:
    (document_id,) = house.bench.send(with_a_damaged_page())
    house.bench.work()
    document = house.bench.document(document_id)
    assert (document.state, document.refused_code, document.page_count) == (DocumentState.REFUSED, "damaged_file", 1)
    operator = house.person("operator", Role.SCANNER, regions=["HD"])
    path = f"/batches/{document.batch_id}/files/1/picture"

    shown = operator.http.get(API + path)

    assert shown.headers["content-type"] == "image/jpeg"
    height, width = cv2.imdecode(np.frombuffer(shown.content, np.uint8), cv2.IMREAD_COLOR).shape[:2]
    assert (width, height) == (240, 320)
    elsewhere = house.person("elsewhere", Role.SCANNER, regions=["HB"])
    assert elsewhere.http.get(API + path).status_code == 404
    assert house.person("auditor", Role.AUDITOR).http.get(API + path).status_code == 403


def test_whoever_scans_sees_no_page_of_what_was_not_refused(house: House) -> None:
    (document_id,) = house.bench.file(["合同"])
    operator = house.person("operator", Role.SCANNER, regions=["HD"])

    answer = operator.http.get(f"{API}/batches/{house.bench.document(document_id).batch_id}/files/1/picture")

    assert answer.status_code == 404


def test_a_file_refused_on_arrival_is_drawn_as_far_as_it_goes_and_not_kept(house: House) -> None:
    operator = house.person("operator", Role.SCANNER, regions=["HD"])
    page = np.full((800, 600, 3), 255, np.uint8)
    page[:100] = 0
    cut = bytes(cv2.imencode(".jpg", page)[1])[:-200]

    drawn = operator.http.post(f"{API}/files/glimpse", content=cut, headers={"X-Requested-With": "test"})

    assert drawn.status_code == 200, drawn.text
    image = cv2.imdecode(np.frombuffer(drawn.content, np.uint8), cv2.IMREAD_COLOR)
    assert image.shape == (800, 600, 3)
    assert image[:90].mean() < 20
    assert image[120:400].mean() > 200
    nothing = operator.http.post(f"{API}/files/glimpse", content=b"no scan", headers={"X-Requested-With": "test"})
    assert nothing.json()["code"] == "unknown_type"
    assert house.person("clerk", Role.VERIFIER).http.post(
        f"{API}/files/glimpse", content=cut, headers={"X-Requested-With": "test"}
    ).status_code == 403  # fmt: skip


def test_a_pdf_without_its_end_is_drawn(confinement: Confinement) -> None:
    written = io.BytesIO()
    Image.fromarray(page_image(["甲"])).save(written, "PDF")

    picture = confinement.glimpse(written.getvalue()[:-30])

    assert cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR) is not None


def test_pages_are_read_as_the_line_reads_them(confinement: Confinement) -> None:
    pages = confinement.read(tiff_of(page_image(["甲"]), page_image(["乙"])))

    assert [[line["text"] for line in page["content"]["lines"]] for page in pages] == [["甲"], ["乙"]]


def test_what_intake_refuses_is_not_read(confinement: Confinement) -> None:
    small = replace(confinement, limits=replace(confinement.limits, max_pixels=1_000))

    with pytest.raises(Rejected) as refused:
        small.read(tiff_of(page_image(["甲"])))
    assert refused.value.code == "too_many_pixels"


@pytest.mark.parametrize(("engine", "timeout_s"), [(DyingEngine, 60.0), (SlowEngine, 6.0)])
def test_a_lost_process_is_the_fault_of_the_file(confinement: Confinement, engine: type, timeout_s: float) -> None:
    lost = replace(confinement, open_engine=engine, timeout_s=timeout_s)

    with pytest.raises(TooDemanding):
        lost.read(tiff_of(page_image(["甲"])))

    assert confinement.read(tiff_of(page_image(["甲"])))  # the next one has a process of its own
