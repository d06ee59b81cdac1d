"""A problem as a page, for a browser that asked for one: nothing here may fail, so it stands on nothing."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from string import Template
from typing import Any

from starlette.datastructures import Headers
from starlette.types import Scope

from api.web import assets

_PAGE = Template("""<!doctype html>
<html lang="zh-CN">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>$code · 归档 Guidang</title>
  <link rel="stylesheet" href="$style">
</head>
<body class="entrance">
  <main>
    <div class="card" role="alert">
      <h1>$chinese</h1>
      <p lang="en">$english</p>
      <p class="hint"><span class="code">$code</span> $trace</p>
      <p><a class="button" href="/">首页 <span lang="en">Start</span></a></p>
    </div>
  </main>
</body>
</html>
""")


def wants_page(scope: Scope) -> bool:
    """Whether a person looks at the answer: scripts and programs ask for JSON, or for anything."""
    return not scope["path"].startswith("/api/") and "text/html" in Headers(scope=scope).get("accept", "")


def page_of(problem: Mapping[str, Any]) -> str:
    said = {
        "code": f"{problem['status']} {problem['code']}",
        "chinese": problem["detail_zh"],
        "english": problem["detail"],
        "trace": problem.get("trace_id", ""),
        "style": assets.address("desk.css"),
    }
    return _PAGE.substitute({name: escape(str(value)) for name, value in said.items()})
