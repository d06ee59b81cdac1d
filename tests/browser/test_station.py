"""The station page: scans dropped in the browser become a batch, and what was sent back is scanned again."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from playwright.sync_api import Page, Route, expect
from sqlalchemy import func, select

from intake.jobs import Job
from records.models import BatchFile, Document
from records.terms import DocumentState, JobState, Role
from tests.archives import licence_lines
from tests.browser.conftest import Served, picture
from tests.browser.test_accessibility import findings
from tests.browser.test_verify import doubtful_lines
from tests.integration.api.test_refused import with_a_damaged_page
from tests.pixel_text import page_png

DROP = """(files) => {
  const transfer = new DataTransfer();
  for (const [name, text] of files) {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    transfer.items.add(new File([bytes], name));
  }
  document.getElementById("drop").dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true }));
}"""


def folder_of(tmp_path: Path, **files: bytes) -> Path:
    folder = tmp_path / "扫描"
    folder.mkdir()
    for name, data in files.items():
        (folder / f"{name}.png").write_bytes(data)
    return folder


def small_png() -> bytes:
    """A page far below 200 dpi."""
    image = np.full((400, 300, 3), 255, np.uint8)
    cv2.rectangle(image, (40, 40), (200, 300), (0, 0, 0), 3)
    return bytes(cv2.imencode(".png", image)[1])


def sit_at_station(desk: Served) -> Page:
    page = desk.log_in("operator", Role.SCANNER, regions=["HD"])
    expect(page.get_by_role("heading", name="扫描并发送")).to_be_visible()
    return page


def documents(desk: Served) -> int:
    with desk.bench.archive.reading() as session:
        return session.scalar(select(func.count()).select_from(Document)) or 0


def test_a_dropped_folder_becomes_a_sealed_batch(desk: Served, tmp_path: Path) -> None:
    page = sit_at_station(desk)
    picture(page, "station")
    broken = page_png(licence_lines(2))[:-40]
    files = {"甲.png": page_png(licence_lines(1)), "乙.png": broken, "丙.png": small_png()}
    page.evaluate(DROP, [[name, base64.b64encode(data).decode()] for name, data in files.items()])

    expect(page.locator("#said")).to_contain_text("1 个文件被拒")
    expect(page.locator("tr.wrong")).to_contain_text("不完整")
    desk.bench.work()
    expect(page.get_by_role("row", name="丙.png")).to_contain_text("分辨率过低")
    expect(page.get_by_role("row", name="甲.png")).to_contain_text("空白页")  # its text is in pixels no eye sees
    picture(page, "station-sent")

    page.get_by_role("link", name="回执").click()
    expect(page.get_by_text("SHA-256").first).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(4)


def test_what_was_refused_is_shown_as_far_as_it_opens(desk: Served) -> None:
    page = sit_at_station(desk)
    written = io.BytesIO()
    Image.fromarray(np.full((600, 400, 3), 90, np.uint8)).save(written, "PDF")
    files = {"1.pdf": written.getvalue()[:-30], "2.tif": with_a_damaged_page(), "3.txt": b"no scan"}
    page.evaluate(DROP, [[name, base64.b64encode(data).decode()] for name, data in files.items()])

    expect(page.locator("#said")).to_contain_text("2 个文件被拒")
    expect(page.get_by_role("row", name="1.pdf").locator("canvas")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("row", name="3.txt")).to_contain_text("没有一页能画出", timeout=60_000)
    picture(page, "station-refused")
    desk.bench.work()

    page.get_by_role("link", name="查看批次").click()
    expect(page.locator("#file-1")).to_contain_text("未保存任何内容")
    first = page.locator("#file-2").get_by_role("img", name="第一页")
    expect(first).to_be_visible()
    assert first.evaluate("image => image.decode().then(() => image.naturalWidth)") == 240
    expect(page.locator("#file-2")).to_contain_text("前 1 页可以打开，第 2 页打不开")
    picture(page, "batch-refused")
    assert findings(page) == []


def test_a_lost_connection_is_outlived_and_doubles_nothing(desk: Served, tmp_path: Path) -> None:
    page = sit_at_station(desk)
    folder = folder_of(tmp_path, a=page_png(licence_lines(1)), b=page_png(licence_lines(2)))
    lost = []

    def lose_the_answer(route: Route) -> None:
        """The server has it; the browser never hears so."""
        if len(lost) < 2:
            lost.append(route.request.url)
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/files/*", lose_the_answer)
    page.get_by_label("选择文件夹").set_input_files(folder)

    expect(page.locator("#said")).to_contain_text("批次已封存")
    desk.problems[:] = [each for each in desk.problems if "net::ERR_FAILED" not in each]  # what was lost on purpose
    assert len(lost) == 2
    assert documents(desk) == 2


def test_a_batch_left_half_way_goes_on_where_it_stopped(desk: Served, tmp_path: Path) -> None:
    page = sit_at_station(desk)
    page.get_by_label("申报文件数").fill("3")
    scans = [
        folder_of(tmp_path, a=page_png(licence_lines(1)), b=page_png(licence_lines(2)), c=page_png(licence_lines(3)))
    ]
    paths = sorted(scans[0].iterdir())
    page.get_by_label("选择文件", exact=True).set_input_files(paths[:2])
    expect(page.locator("#said")).to_contain_text("尚缺 1 个文件（序号 3）")

    page.reload()
    expect(page.get_by_role("heading", name="继续发送批次")).to_be_visible()
    page.get_by_label("选择文件", exact=True).set_input_files(paths)

    expect(page.locator("#said")).to_contain_text("批次已封存")
    assert documents(desk) == 3


def test_what_a_clerk_sends_back_returns_to_the_station(desk: Served, tmp_path: Path) -> None:
    (document_id,) = desk.bench.file(doubtful_lines(1))
    clerk = desk.log_in("clerk", Role.VERIFIER, then=f"/verify/{document_id}")
    expect(clerk.locator(".open .value")).to_be_focused()
    clerk.keyboard.press("Alt+r")
    clerk.keyboard.press("Enter")
    expect(clerk.get_by_role("heading", name="本队列已全部处理。")).to_be_visible()

    page = sit_at_station(desk)
    expect(page.get_by_role("heading", name="待重扫")).to_be_visible()
    picture(page, "station-wanted")
    page.get_by_role("listitem").get_by_role("link").click()
    expect(page.get_by_role("row", name="核验退回")).to_contain_text("模糊")
    better = folder_of(tmp_path, a=page_png(licence_lines(1))) / "a.png"
    page.get_by_label("发送重扫件").set_input_files(better)

    expect(page.get_by_role("row", name="第 1 号的重扫件")).to_be_visible()
    picture(page, "station-rescan")
    desk.bench.work()
    with desk.bench.archive.reading() as session:
        rescan = session.scalars(select(BatchFile).where(BatchFile.rescan_of == 1)).one()
        assert session.get_one(Document, rescan.document_id).state == DocumentState.FILED
    page.goto(desk.address + "/batches")
    expect(page.get_by_role("heading", name="待重扫")).to_have_count(0)


def test_a_file_that_keeps_failing_is_shown_as_one_that_needs_a_person(desk: Served) -> None:
    (document_id,) = desk.bench.send(page_png(licence_lines(1)))
    with desk.bench.archive.transaction() as session:
        session.scalars(select(Job).where(Job.document_id == document_id)).one().state = JobState.PARKED
    page = sit_at_station(desk)

    page.goto(f"{desk.address}/batches/{desk.bench.document(document_id).batch_id}")

    expect(page.locator("tr.wrong")).to_contain_text("等待档案员处理")
