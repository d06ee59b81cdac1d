"""Users and stations, managed by administrators, who read no documents (K12)."""

from __future__ import annotations

from fastapi import APIRouter
from sqlalchemy import select

from api.deps import Reading, TheActor, ThePasswords, Writing, require
from api.paging import Cursor, Limit, Order, page
from api.schemas.accounts import (
    RolesOrder,
    StationMade,
    StationOrder,
    StationView,
    UserMade,
    UserOrder,
    UserView,
)
from api.schemas.base import Listed
from records import accounts
from records.accounts import NewUser
from records.models import Station, User
from records.terms import Role

router = APIRouter(dependencies=[require(Role.ADMINISTRATOR)])


@router.get("/users", tags=["users"], summary="List users")
def list_users(session: Reading, cursor: Cursor = None, limit: Limit = 50) -> Listed[UserView]:
    users, next_cursor = page(session, select(User), Order(columns=(User.id,)), (cursor, limit))
    return Listed(items=[UserView.model_validate(user) for user in users], next_cursor=next_cursor)


@router.post("/users", status_code=201, tags=["users"], summary="Make a user with a one-time password")
def create_user(order: UserOrder, actor: TheActor, session: Writing, passwords: ThePasswords) -> UserMade:
    new = NewUser(name=order.name, roles=order.roles, regions=order.regions, department=order.department)
    user, password = accounts.create_user(session, passwords, actor, new)
    return UserMade(user=UserView.model_validate(user), one_time_password=password)


@router.put("/users/{user_id}/roles", tags=["users"], summary="Say what another person may do and see")
def set_roles(user_id: str, order: RolesOrder, actor: TheActor, session: Writing) -> UserView:
    user = accounts.set_roles(
        session, actor, user_id, roles=order.roles, regions=order.regions, department=order.department
    )
    return UserView.model_validate(user)


@router.post("/users/{user_id}/password", tags=["users"], summary="Give another person a one-time password")
def reset_password(user_id: str, actor: TheActor, session: Writing, passwords: ThePasswords) -> UserMade:
    user, password = accounts.reset_password(session, passwords, actor, user_id)
    return UserMade(user=UserView.model_validate(user), one_time_password=password)


@router.post("/users/{user_id}/disable", tags=["users"], summary="End a person's access")
def disable_user(user_id: str, actor: TheActor, session: Writing) -> UserView:
    return UserView.model_validate(accounts.disable_user(session, actor, user_id))


@router.get("/stations", tags=["stations"], summary="List stations")
def list_stations(session: Reading, cursor: Cursor = None, limit: Limit = 50) -> Listed[StationView]:
    stations, next_cursor = page(session, select(Station), Order(columns=(Station.id,)), (cursor, limit))
    return Listed(items=[StationView.model_validate(station) for station in stations], next_cursor=next_cursor)


@router.post("/stations", status_code=201, tags=["stations"], summary="Make a station and its token")
def create_station(order: StationOrder, actor: TheActor, session: Writing) -> StationMade:
    station, token = accounts.create_station(session, actor, name=order.name, region_code=order.region_code)
    return StationMade(station=StationView.model_validate(station), token=token)


@router.post("/stations/{station_id}/token", tags=["stations"], summary="Give a station a new token for the old one")
def renew_token(station_id: str, actor: TheActor, session: Writing) -> StationMade:
    station, token = accounts.renew_token(session, actor, station_id)
    return StationMade(station=StationView.model_validate(station), token=token)


@router.post("/stations/{station_id}/withdraw", tags=["stations"], summary="Make a station's token worthless")
def withdraw_station(station_id: str, actor: TheActor, session: Writing) -> StationView:
    return StationView.model_validate(accounts.withdraw_station(session, actor, station_id))
