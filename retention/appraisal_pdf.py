"""The report of an appraisal as a PDF/A, drawn from its JSON, whose hash it names (R96)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from records.terms import AppraisalPart, Verdict
from retention.appraisal_report import PARTS, VERDICTS
from retention.certificate_pdf import WRITTEN_INTO_PT
from retention.pdfa import SMALL_PT, TITLE_PT, FontFile, Sheet


def render_report(report: dict[str, Any], sha256: str, program: str, font: FontFile) -> bytes:
    """Draw it; the same report and font always give the same bytes.

    Raises:
        SettingInvalid: the font cannot be used.
    """
    title = f"鉴定工作报告 {report['number']}"
    sheet = Sheet(title=title, program=program, footer=title, font=font, is_wide=True)
    sheet.line("鉴定工作报告", size_pt=TITLE_PT)
    sheet.line(f"{report['number']}  {report['title']}")
    sheet.line(f"开始 {report['opened_at'][:10]}    完成 {report['concluded_at'][:10]}")
    counts = "，".join(f"{VERDICTS[Verdict(what)]} {count} 件" for what, count in sorted(report["counts"].items()))
    sheet.line(f"共 {len(report['records'])} 件：{counts}")
    sheet.line(f"报告 JSON 的 SHA-256  {sha256}", size_pt=SMALL_PT)
    sheet.heading("鉴定小组")
    group = [(PARTS[AppraisalPart(each["part"])], each["name"], each["department"], "", "") for each in report["group"]]
    sheet.table(("职责", "姓名", "部门", "签名", "日期"), (2, 2, 3, 4, 2), group, least_pt=WRITTEN_INTO_PT)
    sheet.heading("逐件意见")
    header = ("档号", "原到期", "结论", "续存至", "意见")
    sheet.table(header, (4, 2, 1, 2, 8), list(_records(report)))
    return sheet.done()


def _records(report: dict[str, Any]) -> Iterator[Sequence[str]]:
    names = {member["user_id"]: member["name"] for member in report["group"]}
    for each in report["records"]:
        until = each["due_on"] if each["outcome"] == Verdict.KEEP else ""
        said = "；".join(
            f"{names[one['user']]}：{VERDICTS[Verdict(one['verdict'])]} {one['reason']}".rstrip()
            for one in each["opinions"]
        )
        yield (
            each["档号"] or each["document"],
            each["due_before"] or "",
            VERDICTS[Verdict(each["outcome"])],
            until,
            said,
        )
