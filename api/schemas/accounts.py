from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field

from api.schemas.base import Id, RegionCode, Wire
from records.accounts import MOST_PASSWORD_LENGTH
from records.terms import Role


class LoginOrder(Wire):
    name: str = Field(max_length=100, examples=["wang"])
    password: str = Field(max_length=MOST_PASSWORD_LENGTH, examples=["kdw7t2-9qmx4h-aa3rzc-vv8pne"], repr=False)


class WhoAmI(Wire):
    """`regions` null: every region."""

    kind: Literal["person", "station"]
    id: Id
    name: str = Field(examples=["wang"])
    roles: list[Role]
    regions: list[RegionCode] | None
    must_change_password: bool


class PasswordOrder(Wire):
    current: str = Field(max_length=MOST_PASSWORD_LENGTH, examples=["kdw7t2-9qmx4h-aa3rzc-vv8pne"], repr=False)
    new: str = Field(max_length=MOST_PASSWORD_LENGTH, examples=["five words that nobody knows"], repr=False)


class Rights(Wire):
    roles: list[Role] = Field(min_length=1, examples=[["verifier"]])
    regions: list[RegionCode] | None = Field(examples=[["HD"]], description="null: every region; []: none.")


class RolesOrder(Rights):
    department: str | None = Field(default=None, max_length=100, examples=["运营部"], description="null: as it is.")


class UserOrder(Rights):
    name: str = Field(min_length=1, max_length=100, examples=["wang"])
    department: str = Field(default="", max_length=100, examples=["运营部"])


class UserView(Wire):
    id: Id
    name: str = Field(examples=["wang"])
    department: str = Field(examples=["运营部"])
    roles: list[Role]
    regions: list[RegionCode] | None
    must_change_password: bool
    locked_until: dt.datetime | None
    disabled_at: dt.datetime | None
    created_at: dt.datetime


class UserMade(Wire):
    """The one-time password is shown here and nowhere else."""

    user: UserView
    one_time_password: str = Field(examples=["kdw7t2-9qmx4h-aa3rzc-vv8pne"], repr=False)


class StationOrder(Wire):
    name: str = Field(min_length=1, max_length=100, examples=["上海一号扫描站"])
    region_code: RegionCode | None = None


class StationView(Wire):
    id: Id
    name: str = Field(examples=["上海一号扫描站"])
    region_code: RegionCode | None
    created_at: dt.datetime
    withdrawn_at: dt.datetime | None


class StationMade(Wire):
    """The token is shown here and nowhere else."""

    station: StationView
    token: str = Field(examples=["gds_sT3nWq…"], repr=False)
