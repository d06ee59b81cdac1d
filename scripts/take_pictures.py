"""The READMEs' pictures of the desk, taken anew: `python -m scripts.take_pictures desk-data`, after `make desk`.

Everything shown is invented: the data are the samples and nothing else.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from api.bootstrap import open_archive
from api.commands.demo_stage import VISITOR
from api.settings import Settings
from tests.benchmark.pace import served

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
CHROMIUM = "/usr/bin/chromium"
SETTLE_MS = 1000
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
    page.goto(f"{address}/verify")
    page.locator("tr", has_text="营业执照").first.get_by_role("link").click()
    page.wait_for_selector(".open .value")
    while not page.locator(".lit").is_visible():  # a doubt with its place on the page
        page.keyboard.press("Tab")
    take(page, "verify")
    page.goto(f"{address}/search")
    page.keyboard.type("华南 91440305XN1M6D266A")
    page.keyboard.press("Enter")
    page.wait_for_selector(".hit")
    take(page, "search")
    page.keyboard.press("Enter")
    page.wait_for_selector(".stage img")
    page.locator("dd a[href^='/customers/']").click()
    take(page, "customer")
    carry_out(page, address)
    page.goto(f"{address}/register")
    page.locator("tbody a").first.click()
    take(page, "destroyed")


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
    data = parser.parse_args().data.resolve()
    password = json.loads((data / "demo-logins.json").read_bytes())["logins"][VISITOR]
    settings = Settings(data=data)
    archive = open_archive(settings)
    try:
        with served(archive, settings) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            tour(browser.new_page(viewport={"width": 1366, "height": 768}, locale="zh-CN"), address, password)
            browser.close()
    finally:
        archive.close()


if __name__ == "__main__":
    main()
