from __future__ import annotations

import datetime as dt
import random

from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from samples.generate import codes

randoms = st.integers(min_value=0, max_value=2**32).map(random.Random)


@settings(deadline=None)  # a loaded machine is no fault
@given(randoms, st.booleans())
def test_credit_codes_hold_by_an_independent_check(rng: random.Random, sole_trader: bool) -> None:
    code = codes.credit_code(rng, "330106", sole_trader=sole_trader)

    assert uscc.is_valid(code)
    assert code[2:8] == "330106"
    assert code[:2] == ("92" if sole_trader else "91")


def test_organisation_check_follows_the_example_of_the_standard() -> None:
    assert codes.organisation_check("D2143569") == "X"


@settings(deadline=None)  # a loaded machine is no fault
@given(randoms, st.dates(dt.date(1950, 1, 1), dt.date(2005, 12, 31)), st.booleans(), st.booleans())
def test_id_numbers_hold_by_an_independent_check(
    rng: random.Random, birth: dt.date, male: bool, reserved: bool
) -> None:
    number = codes.id_number(rng, "110108", birth, male=male, reserved=reserved)

    assert ric.is_valid(number)
    assert ric.get_birth_date(number) == birth
    assert int(number[16]) % 2 == male
    assert not reserved or 996 <= int(number[14:17]) <= 999


@settings(deadline=None)  # a loaded machine is no fault
@given(randoms)
def test_registration_numbers_satisfy_mod_11_10(rng: random.Random) -> None:
    number = codes.registration_number(rng, "310115")
    remainder = 10
    for digit in number[:-1]:
        remainder = ((remainder + int(digit)) % 10 or 10) * 2 % 11

    assert len(number) == 15
    assert (remainder + int(number[-1])) % 10 == 1


@settings(deadline=None)  # a loaded machine is no fault
@given(randoms)
def test_personal_accounts_satisfy_luhn_and_telephones_have_no_operator(rng: random.Random) -> None:
    account = codes.account_number(rng, personal=True)
    total = sum(sum(divmod(int(d) * (1 + i % 2), 10)) for i, d in enumerate(reversed(account)))

    assert total % 10 == 0
    assert codes.mobile_number(rng)[:3] in ("154", "164")
