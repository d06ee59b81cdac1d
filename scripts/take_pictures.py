"""The READMEs' pictures of the desk, taken anew: `python -m scripts.take_pictures desk-data`, while `make desk` runs.

Everything shown is invented: the data are the samples and nothing else.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from api.commands.demo_stage import VISITOR

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
CHROMIUM = "/usr/bin/chromium"
SETTLE_MS = 1000
MOST_DOUBTS, FILED_WITHIN_S = 40, 60
COLOURS = 256


def take(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(SETTLE_MS)  # small pictures are asked for once they are in view
    path = IMAGES / f"{name}.png"
    page.screenshot(path=path, animations="disabled")
    with Image.open(path) as taken:  # a third of the size, and nobody sees it
        few = taken.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


def tour(page: Page, address: str, password: str) -> None:
    page.goto(f"{address}/batches")
    page.get_by_label("用户名").fill(VISITOR)
    page.get_by_label("密码").fill(password)
    page.keyboard.press("Enter")
    page.locator("tbody a").last.click()
    take(page, "batch")
    waiting = page.request.get(f"{address}/api/v1/verification", params={"waiting_for": "fields"}).json()["items"]
    file = next(each for each in waiting if each["kind"] == "business_license" and each["page_count"] > 1)
    page.goto(f"{address}/verify/{file['id']}")
    page.wait_for_selector(".open .value")
    while not page.locator(".lit").is_visible():  # a doubt with its place on the page
        page.keyboard.press("Tab")
    take(page, "verify")
    finish(page)
    find(page, address)
    take(page, "search")
    page.keyboard.press("Enter")
    page.wait_for_selector(".stage img")
    page.locator("dd a[href^='/customers/']").click()
    take(page, "customer")
    carry_out(page, address)
    page.goto(f"{address}/register")
    page.locator("tbody a").first.click()
    take(page, "destroyed")


def finish(page: Page) -> None:
    """Accept what is in doubt, until the next document is there."""
    before = page.url
    for _ in range(MOST_DOUBTS):
        page.keyboard.press("Enter")
        page.wait_for_timeout(SETTLE_MS / 2)
        if page.url != before:
            return
    raise TimeoutError("The licence could not be finished by Enter alone.")


def find(page: Page, address: str) -> None:
    """The licence just verified, once a worker has filed it."""
    for _ in range(FILED_WITHIN_S):
        page.goto(f"{address}/search")
        page.locator("[name=typed]").fill("华南 91440305XN1M6D266A")
        page.keyboard.press("Enter")
        page.wait_for_timeout(1000)
        if page.locator(".hit").count():
            return
    raise TimeoutError("The licence was not filed. Does `make desk` run?")


def carry_out(page: Page, address: str) -> None:
    """The list that was approved while the visitor looked around, unless that was done then."""
    page.goto(f"{address}/retention")
    page.locator("a", has_text="XH-").first.click()
    page.wait_for_url("**/retention/lists/*")
    if (sure := page.get_by_label("我知道销毁不可恢复")).is_visible():
        sure.check()
        page.get_by_role("button", name="执行销毁").click()
        page.get_by_text("已执行").wait_for()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--address", default="http://127.0.0.1:8731")
    chosen = parser.parse_args()
    password = json.loads((chosen.data / "demo-logins.json").read_bytes())["logins"][VISITOR]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1366, "height": 768}, locale="zh-CN")
        tour(page, chosen.address, password)
        browser.close()


if __name__ == "__main__":
    main()
