"""The house: packages are those of the checkout, imports point one way, each foreign library has one door."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ALLOWED = {
    "records": {"records"},
    "retention": {"retention", "records"},
    "ocr": {"ocr", "records"},
    "index": {"index", "records"},
    "storage": {"storage", "records"},
    "intake": {"intake", "ocr", "index", "storage", "retention", "records"},
    "api": {"api", "intake", "ocr", "index", "storage", "retention", "records"},
}
DOORS = {
    "paddleocr": {"ocr/paddle.py"},
    "minio": {"storage/s3.py"},
    "pdfplumber": {"ocr/textlayer.py"},
    "argon2": {"api/passwords.py"},
    "whoosh": {"index/whoosh_engine.py"},
    "rfc3161_client": {"retention/timestamps.py"},
    "uvicorn": {"api/serving.py"},
}
EXCEPTIONS = {
    # The migrations describe the tables of every package.
    "storage/migrations/env.py": {"retention", "intake", "index"},
}


def modules(package: str) -> Iterator[Path]:
    return (path for path in sorted((ROOT / package).rglob("*.py")) if "versions" not in path.parts)


def imported(path: Path) -> Iterator[str]:
    """The top-level name of everything a module imports, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("package", ALLOWED)
def test_a_package_is_that_of_the_checkout(package: str) -> None:
    """The names are generic: an installed package of the same name would be taken instead."""
    found = importlib.util.find_spec(package)

    assert found is not None
    assert found.origin is not None
    assert Path(found.origin).parent == ROOT / package


@pytest.mark.parametrize("package", ALLOWED)
def test_imports_point_one_way(package: str) -> None:
    wrong = {
        f"{name} imports {target}"
        for path in modules(package)
        for name in [path.relative_to(ROOT).as_posix()]
        for target in imported(path)
        if target in ALLOWED and target not in ALLOWED[package] | EXCEPTIONS.get(name, set())
    }

    assert wrong == set()


@pytest.mark.parametrize(("library", "doors"), list(DOORS.items()))
def test_a_library_has_one_door(library: str, doors: set[str]) -> None:
    users = {
        path.relative_to(ROOT).as_posix()
        for package in ALLOWED
        for path in modules(package)
        if library in imported(path)
    }

    assert users <= doors


def test_no_module_of_the_product_imports_tests_or_the_generator() -> None:
    wrong = {path for package in ALLOWED for path in modules(package) if {"tests", "samples"} & set(imported(path))}

    assert wrong == set()
