"""Bodies that are files: read as they come, and refused as soon as they are too large."""

from __future__ import annotations

from typing import Any

from fastapi import Request

from records.errors import FileTooLarge

RAW_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
JPEG: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}
}


async def body_of(request: Request, limit_bytes: int) -> bytes:
    """Raises FileTooLarge."""
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > limit_bytes:
        raise FileTooLarge(size_bytes=int(announced), limit_bytes=limit_bytes)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit_bytes:
            raise FileTooLarge(size_bytes=len(body), limit_bytes=limit_bytes)
    return bytes(body)
