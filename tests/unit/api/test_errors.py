from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.errors import answer_to, default_message, error_classes, status_of
from api.errors_page import page
from api.messages import CHINESE
from records import errors
from records.errors import ArchiveError, StoreUnavailable
from records.errors import __file__ as errors_file

DOCS = Path(__file__).parents[3] / "docs" / "errors.md"


@pytest.mark.parametrize("error", list(error_classes()), ids=lambda error: error.__name__)
def test_every_error_has_a_status_and_says_what_is_wrong_in_both_languages(error: type[ArchiveError]) -> None:
    assert 400 <= status_of(error) <= 599
    assert default_message(error).endswith(".")
    assert error.code in CHINESE


def test_no_two_errors_share_a_code() -> None:
    codes = [error.code for error in error_classes()]

    assert len(codes) == len(set(codes))


def test_every_class_in_the_file_of_errors_is_known() -> None:
    written = re.findall(r"^class (\w+)\(", Path(errors_file).read_text(encoding="utf-8"), re.MULTILINE)

    assert set(written) <= {error.__name__ for error in error_classes()}


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.TooManyPages, 422), (errors.FileTooLarge, 413), (errors.UnknownType, 415), (errors.StaleVersion, 409),
        (errors.UnderHold, 409), (errors.KeyDestroyed, 410), (errors.SealBroken, 500), (errors.KeyReused, 422),
        (errors.StoreUnavailable, 503), (errors.PasswordChangeRequired, 403),
    ],
)  # fmt: skip
def test_an_error_answers_like_the_nearest_class_in_the_table(error: type[ArchiveError], status: int) -> None:
    assert status_of(error) == status


def test_what_may_help_later_says_when() -> None:
    assert answer_to(StoreUnavailable()).headers["retry-after"] == "5"


def test_the_page_of_errors_is_as_the_classes_say() -> None:
    """Made anew by `python -m api.errors_page`."""
    assert DOCS.read_text(encoding="utf-8") == page()
