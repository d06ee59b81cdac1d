"""Style sheets, scripts and the mark: read once, named by what is in them, so that browsers may keep them for ever."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Response

from records.errors import NotFound

FOLDER = Path(__file__).with_name("static")
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}

router = APIRouter(include_in_schema=False)


@cache
def files() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir()) if path.suffix in TYPES}


@cache
def edition() -> str:
    """Changes with any file: scripts import one another by relative names."""
    digest = hashlib.sha256()
    for name, content in files().items():
        digest.update(name.encode() + hashlib.sha256(content).digest())
    return digest.hexdigest()[:16]


def address(name: str) -> str:
    """Raises KeyError: a page asks for a file that does not exist."""
    assert files()[name] is not None
    return f"/static/{edition()}/{name}"


@router.get("/static/{asked_edition}/{name}")
def get_asset(asked_edition: str, name: str) -> Response:
    if asked_edition != edition() or name not in files():
        raise NotFound
    return Response(files()[name], media_type=TYPES[Path(name).suffix], headers=FOR_EVER)
