from __future__ import annotations

import numpy as np
import pytest
import zxingcpp
from stdnum.cn import ric, uscc

from records.terms import DocumentKind
from samples.generate import HARD, KINDS, Damage, generate

pytestmark = pytest.mark.usefixtures("_fonts")

LICENCE_FIELDS = {
    "unified_social_credit_code", "registration_number", "name", "type", "legal_representative", "registered_capital",
    "established_on", "business_term", "business_scope", "address", "issued_on",
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_gives_a_page_with_its_truth(kind: str) -> None:
    image, truth = generate(kind, 3)
    (document,) = truth["documents"]

    assert image.dtype == np.uint8
    assert image.ndim == 3
    assert DocumentKind(document["kind"])
    assert document["pages"] == [1]
    assert truth["fields"] == document["fields"]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.startswith("licence")])
def test_licences_name_every_field_of_the_reading_format(kind: str) -> None:
    _, truth = generate(kind, 5)

    named = {"registration_authority"} if kind == "licence_electronic" else set()
    assert set(truth["fields"]) == LICENCE_FIELDS | named
    numbered = kind == "licence_numbered"
    assert (truth["fields"]["unified_social_credit_code"] is None) == numbered
    assert numbered or uscc.is_valid(truth["fields"]["unified_social_credit_code"])


def test_the_qr_code_carries_the_printed_credit_code() -> None:
    image, truth = generate("licence_portrait", 11)
    (code,) = zxingcpp.read_barcodes(image)

    assert code.text.endswith(truth["fields"]["unified_social_credit_code"])


def test_id_numbers_agree_with_birth_date_and_sex() -> None:
    for seed in range(20):
        _, truth = generate("id_sheet", seed)
        fields = truth["fields"]
        birth = ric.get_birth_date(fields["id_number"])

        assert fields["birth_date"] == f"{birth.year}年{birth.month}月{birth.day}日"
        assert fields["sex"] == ("男" if int(fields["id_number"][16]) % 2 else "女")


@pytest.mark.parametrize("noise", [0.0, 1.0])
def test_the_same_seed_gives_the_same_page(noise: float) -> None:
    first, first_truth = generate("form", 8, noise)
    second, second_truth = generate("form", 8, noise)

    assert first_truth == second_truth
    assert np.array_equal(first, second)


def test_another_seed_gives_another_page() -> None:
    assert generate("form", 1)[1]["fields"] != generate("form", 2)[1]["fields"]


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(ValueError, match="passport"):
        generate("passport", 1)


def test_damage_leaves_the_truth_alone() -> None:
    clean, clean_truth = generate("licence_landscape", 4)
    turned, turned_truth = generate("licence_landscape", 4, Damage(rotation_deg=90, grey=True))

    assert turned_truth["fields"] == clean_truth["fields"]
    assert turned.shape == (clean.shape[1], clean.shape[0], 3)
    assert turned_truth["quality"] == "grey, rotation_deg=90"


@pytest.mark.parametrize("case", HARD)
def test_every_hard_case_is_named_in_its_truth_and_comes_out_the_same_again(case: str) -> None:
    image, truth = generate("id_front", 6, case)
    again, _ = generate("id_front", 6, case)
    clean, _ = generate("id_front", 6)

    assert truth["quality"].startswith(f"{case}: ")
    assert np.array_equal(image, again)
    assert image.shape != clean.shape or not np.array_equal(image, clean)


def test_two_pages_side_by_side_are_two_documents_of_one_page() -> None:
    image, truth = generate("licence_portrait", 6, "side_by_side")
    left, right = truth["documents"]

    assert left["pages"] == right["pages"] == [1]
    assert left["fields"]["name"] != right["fields"]["name"]
    assert image.shape[1] == 2 * generate("licence_portrait", 6)[0].shape[1]


def test_an_unknown_hard_case_is_named() -> None:
    with pytest.raises(ValueError, match="flood"):
        generate("id_front", 1, "flood")
