"""The report of an appraisal (鉴定工作报告): canonical JSON kept for ever, and as text to print and sign (R96)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.models import User
from records.terms import AppraisalPart, Verdict
from retention.models import Appraisal

FORMAT = "guidang appraisal report 1"
PARTS = {
    AppraisalPart.LEADER: "组长",
    AppraisalPart.ARCHIVES: "档案部门",
    AppraisalPart.BUSINESS: "业务部门",
    AppraisalPart.EXPERT: "特邀专家",
}
VERDICTS = {Verdict.DESTROY: "销毁", Verdict.KEEP: "续存"}


def report_of(session: Session, concluded: Appraisal, records: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What the report says. It names members of staff, never a customer."""
    ids = [member["user_id"] for member in concluded.members]
    users = {user.id: user for user in session.scalars(select(User).where(User.id.in_(ids)))}
    assert concluded.concluded_at is not None
    return {
        "format": FORMAT,
        "number": concluded.number,
        "title": concluded.title,
        "opened_at": concluded.opened_at.isoformat(),
        "concluded_at": concluded.concluded_at.isoformat(),
        "group": [
            member | {"name": users[member["user_id"]].name, "department": users[member["user_id"]].department}
            for member in concluded.members
        ],
        "counts": dict(Counter(each["outcome"] for each in records)),
        "batches": dict(sorted(Counter(f"{each['batch']}: {each['outcome']}" for each in records).items())),
        "records": list(records),
    }


def lines_of(report: dict[str, Any]) -> Iterator[str]:
    """The report as a person reads it, line by line."""
    yield f"鉴定工作报告 {report['number']} {report['title']}"
    yield f"开始 {report['opened_at'][:10]}　完成 {report['concluded_at'][:10]}"
    names = {member["user_id"]: member["name"] for member in report["group"]}
    for member in report["group"]:
        yield f"{PARTS[AppraisalPart(member['part'])]}：{member['name']}　{member['department']}".rstrip()
    counts = "，".join(f"{VERDICTS[Verdict(what)]} {count} 件" for what, count in sorted(report["counts"].items()))
    yield f"共 {len(report['records'])} 件：{counts}"
    for each in report["records"]:
        until = f"，续存至 {each['due_on']}" if each["outcome"] == Verdict.KEEP else ""
        yield f"{each['档号']}　原到期 {each['due_before']}　{VERDICTS[Verdict(each['outcome'])]}{until}"
        for said in each["opinions"]:
            yield f"　　{names[said['user']]}：{VERDICTS[Verdict(said['verdict'])]}　{said['reason']}".rstrip()
