"""The description of the API: complete, and true as far as it can be held against the models."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from pydantic import TypeAdapter

from records.terms import Role
from tests.integration.api.conftest import House
from tests.integration.api.test_access import OPEN

Operation = tuple[str, str, dict[str, Any]]


@pytest.fixture(scope="module")
def operations(home: House) -> list[Operation]:
    return list(_operations(home.app.openapi()))


def test_every_operation_says_what_it_does_and_answers(operations: list[Operation]) -> None:
    assert len(operations) > 50
    for path, method, operation in operations:
        what = f"{method} {path}"
        assert len(operation["summary"]) > 4, what
        answer = next(answer for status, answer in operation["responses"].items() if status.startswith("2"))
        if "204" in operation["responses"]:
            continue
        assert answer["content"], f"{what} says nothing"
        for content in answer["content"].values():
            assert content["schema"], f"{what} has no response model"
            assert content["example"] not in (None, {}, []), f"{what} has no example"


def test_every_request_body_has_an_example(operations: list[Operation]) -> None:
    with_body = [operation for _, _, operation in operations if "requestBody" in operation]

    assert len(with_body) > 15
    assert all(content["example"] for op in with_body for content in op["requestBody"]["content"].values())


def test_examples_fit_the_models_they_stand_for(home: House) -> None:
    described = home.app.openapi()["paths"]
    checked = 0
    for route in iter_route_contexts(home.app.routes):
        model = getattr(route, "response_model", None)
        if model is None:
            continue
        for method in route.methods or ():
            responses = described[route.path_format][method.lower()]["responses"]
            answer = next(answer for status, answer in responses.items() if status.startswith("2"))
            (content,) = answer["content"].values()
            TypeAdapter(model).validate_python(content["example"])
            checked += 1
    assert checked > 45


def test_every_operation_says_how_it_fails(operations: list[Operation]) -> None:
    problems = [operation["responses"]["default"]["content"] for _, _, operation in operations]

    assert all(list(content) == ["application/problem+json"] for content in problems)


def test_the_open_operations_are_described_as_open_and_no_other(operations: list[Operation]) -> None:
    described = {(method.upper(), path) for path, method, operation in operations if not operation["security"]}

    assert described == OPEN


def test_the_description_is_behind_the_login(home: House) -> None:
    home.caller().get("/openapi.json", 401)
    described = home.person("reads the description", Role.VERIFIER).get("/openapi.json")

    assert described["openapi"].startswith("3.1")


def _operations(description: dict[str, Any]) -> Iterator[Operation]:
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation
