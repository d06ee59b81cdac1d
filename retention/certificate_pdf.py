"""A certificate as a PDF/A for people. By itself it proves nothing and says so: the JSON file signs it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from retention.pdfa import SMALL_PT, TITLE_PT, FontFile, Sheet

WRITTEN_INTO_PT = 24.0
"""How high a row is in which somebody signs by hand."""
LISTED = ("档号", "文号", "责任者", "题名", "形成时间", "应保管期限", "已保管时间", "销毁时间")
"""The eight columns of 机关档案管理规定 art. 44 (R98)."""
LISTED_SHARES = (15, 17, 10, 14, 11, 11, 11, 11)
SIGNED = ("签署席位", "姓名、部门", "意见", "时间", "签名或盖章")
WAIVED = {
    "appraisal": "鉴定 appraisal",
    "confirmation": "二次确认 second confirmation",
    "supervision": "监销 supervision",
}
SIGNED_SHARES = (18, 26, 24, 14, 18)


def render(certificate: dict[str, Any], digest: str, file_name: str, font: FontFile) -> bytes:
    """Draw it; the same certificate and font always give the same bytes.

    Args:
        digest: SHA-256 of what is signed, which the PDF names.
        file_name: of the JSON file.

    Raises:
        SettingInvalid: the font cannot be used.
    """
    title = f"销毁证明 {certificate['list']}"
    sheet = Sheet(title=title, program=str(certificate["program"]), footer=title, font=font)
    sheet.line("档案销毁证明  Certificate of destruction", size_pt=TITLE_PT)
    for text in _head(certificate, digest, file_name):
        sheet.line(text)
    sheet.heading("销毁清册  Records destroyed")
    sheet.table(LISTED, LISTED_SHARES, [_listed(each) for each in certificate["documents"]])
    sheet.heading("签署  Signatures")
    sheet.table(SIGNED, SIGNED_SHARES, list(_signed(certificate)), least_pt=WRITTEN_INTO_PT)
    sheet.heading("核实与登记  Verification and register")
    for each in certificate["documents"]:
        for text in _document(each):
            sheet.line(text, size_pt=SMALL_PT)
    sheet.heading("密码擦除说明  Statement on cryptographic erasure (NIST SP 800-88)")
    for point, text in certificate["erasure"].items():
        sheet.line(f"{point}: {text}", size_pt=SMALL_PT)
    return sheet.done()


def _head(said: dict[str, Any], digest: str, file_name: str) -> Iterator[str]:
    yield f"本文件由 {file_name} 生成，签名在该 JSON 文件中。Drawn from {file_name}, which holds the signatures."
    yield f"证明内容 certified, SHA-256  {digest}"
    yield f"校验 guidang certificate verify {file_name} --public-key …"
    yield ""
    yield f"销毁清册 list  {said['list']}  {said['title']}"
    yield f"档案机构 archive  {said['archive']}    系统 program  {said['program']}"
    yield from waivers(said.get("policy", {}).get("waived", {}))
    yield f"销毁方式 method  {said['method']}"
    yield f"开始 begun  {moment(said['begun_at'])}    核实 verified  {moment(said['ended_at'])}"
    yield f"办结 final  {moment(said['final_at'])}    制作 made  {moment(said['made_at'])}"
    yield f"密钥备份最长保留 {said['key_backup_days']} 天；自 {said['complete_on']} 起任何备份均不可读。"
    yield f"From {said['complete_on']} on, when the last backup of keys is deleted, no copy anywhere can be opened."
    yield f"销毁 destroyed  {said['destroyed']}    保留 kept  {len(said['kept'])}"
    for each in said["kept"]:
        yield f"保留 kept  {each['document']}  {each['reason']}"


def _listed(said: dict[str, Any]) -> Sequence[str]:
    return [str(said[name] or "") if name != "文号" else str(said["document"]) for name in LISTED]


def _signed(said: dict[str, Any]) -> Iterator[Sequence[str]]:
    yield ("拟制 proposed", person(said["proposed_by"]), "", moment(said["proposed_at"]), "")
    for each in said["approved_by"]:
        instead = f" 代 {person(each['on_behalf_of'])}" if each["on_behalf_of"] else ""
        yield (each["title"], person(each) + instead, each["opinion"], moment(each["at"]), "")
    if said["confirmed_by"]:
        yield ("二次确认 confirmed", person(said["confirmed_by"]), "", moment(said["confirmed_at"]), "")
    yield ("执行 carried out", person(said["executed_by"]), "", moment(said["executed_at"]), "")
    for each in said["supervised_by"]:
        counted = f"销毁前清点 {each['counted_documents']} 件，{moment(each['counted_at'])}"
        yield ("监销 supervised", person(each), counted, moment(each["signed_at"]), "")
    yield ("单位盖章 seal", str(said["archive"]), "", "", "")


def _document(said: dict[str, Any]) -> Iterator[str]:
    counts = f"页数 {said['page_count']}    对象数 {said['object_count']}"
    yield f"档号 {said['档号']}    {counts}    SHA-256 {said['sha256']}"
    yield f"密钥已销毁 key destroyed  {said['key_destroyed']}    {moment(said['destroyed_at'])}"
    verified = "、".join(sorted(said["verified"]))
    entries = " ".join(f"{each['seq']}:{each['hash'][:16]}…" for each in said["register"])
    yield f"核实不存在 verified absent: {verified}    销毁登记 register {entries}"
    if appraisal := said.get("appraisal"):
        yield f"鉴定 appraisal  {appraisal['number']}    报告 report SHA-256 {appraisal['report_sha256']}"
    if paper := said["paper"]:
        witness = person(paper["witness"])
        yield f"纸质销毁 paper  {paper['method']}  {paper['place']}  {paper['on']}  见证 witness {witness}"
    yield ""


def waivers(waived: Mapping[Any, str]) -> Iterator[str]:
    """What the list did without, in words: each with its reason."""
    for demand, reason in waived.items():
        yield f"免除 waived  {WAIVED[demand]}：{reason}"


def person(said: dict[str, Any]) -> str:
    """Name and department, and the last digits of the account, which the JSON names in full."""
    return " ".join(filter(None, (said["name"], said["department"], f"({said['id'][-8:]})")))


def moment(at: str | None) -> str:
    """A moment of the JSON file to the second, in UTC."""
    return "" if at is None else f"{at[:19].replace('T', ' ')} UTC"
