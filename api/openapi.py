"""The description of the API: OpenAPI with an example for every body, put together from the examples of its fields."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse

try:
    VERSION = version("guidang")
except PackageNotFoundError:  # run from a checkout that was never installed
    VERSION = "0"

router = APIRouter(tags=["system"])

_BY_FORMAT = {
    "date-time": "2026-03-02T08:15:00Z",
    "date": "2026-03-02",
    "binary": "…",
}
_BY_TYPE: Mapping[str, Any] = {"string": "text", "integer": 1, "number": 1.0, "boolean": True, "null": None}
_LOGINS = {
    "person": {"type": "apiKey", "in": "cookie", "name": "guidang_session", "description": "Set by POST /sessions."},
    "station": {"type": "http", "scheme": "bearer", "description": "The token of a scanner station."},
}
_OPEN = {"healthz_healthz_get", "readyz_readyz_get", "metrics_metrics_get", "log_in_api_v1_sessions_post"}
_PROBLEM = {
    "type": "urn:guidang:error:not_found",
    "title": "There is no such thing, or you may not see it",
    "status": 404,
    "detail": "There is no such thing, or you may not see it.",
    "detail_zh": "没有该对象，或您无权查看。",
    "code": "not_found",
    "facts": {"document_id": "019aa8c1f3e07b1c2d3e4f5061728394"},
    "retryable": False,
}


@router.get(
    "/openapi.json",
    summary="This description",
    response_class=JSONResponse,
    responses={200: {"content": {"application/json": {"example": {"openapi": "3.1.0", "paths": {}}}}}},
)
def get_description(request: Request) -> dict[str, Any]:
    description: dict[str, Any] = request.app.openapi()
    return description


def install(app: FastAPI) -> None:
    """Let the application describe itself with examples and with its problems."""

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _with_examples(
                get_openapi(title=app.title, version=app.version, routes=app.routes, openapi_version="3.1.0")
            )
        return app.openapi_schema

    app.openapi = describe  # type: ignore[method-assign]


def example_of(schema: Mapping[str, Any], components: Mapping[str, Any]) -> Any:
    """An example that fits a JSON schema: its own where it has one, else made from its parts."""
    if "$ref" in schema:
        return example_of(components[schema["$ref"].rpartition("/")[2]], components)
    for key in ("examples", "enum"):
        if schema.get(key):
            return schema[key][0]
    if "const" in schema or "default" in schema:
        return schema.get("const", schema.get("default"))
    if schema.get("anyOf"):
        return example_of(schema["anyOf"][0], components)
    return _of_type(schema, components)


def _of_type(schema: Mapping[str, Any], components: Mapping[str, Any]) -> Any:
    kind = schema.get("type")
    if kind == "object":
        return {name: example_of(part, components) for name, part in schema.get("properties", {}).items()}
    if kind == "array":
        return [example_of(schema["items"], components)] if "items" in schema else []
    return _BY_FORMAT.get(schema.get("format", ""), _BY_TYPE.get(str(kind)))


def _with_examples(description: dict[str, Any]) -> dict[str, Any]:
    components = description.setdefault("components", {}).get("schemas", {})
    description["components"]["securitySchemes"] = _LOGINS
    for path in description["paths"].values():
        for operation in path.values():
            bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
            for body in bodies:
                for content in body.get("content", {}).values():
                    content.setdefault("example", example_of(content.get("schema", {}), components))
            operation["security"] = [] if operation["operationId"] in _OPEN else [{"person": []}, {"station": []}]
            operation["responses"].pop("422", None)  # the framework's own shape; ours is the problem below
            operation["responses"]["default"] = {
                "description": "What went wrong (RFC 9457)",
                "content": {"application/problem+json": {"schema": {"type": "object"}, "example": _PROBLEM}},
            }
    return description
