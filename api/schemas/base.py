"""What all bodies share: frozen, nothing unknown in them, and named kinds of text with an example each."""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from api.errors import default_message, error_classes
from api.messages import CHINESE

Item = TypeVar("Item")

Id = Annotated[str, Field(examples=["019aa8c1f3e07b1c2d3e4f5061728394"])]
Sha256 = Annotated[str, Field(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])]
RegionCode = Annotated[str, Field(examples=["HD"], max_length=64)]
ArchivalCode = Annotated[str, Field(examples=["GD01-KH·YZ-2026-D10-000042"])]
CustomerCode = Annotated[str, Field(examples=["HD000017"])]
Version = Annotated[int, Field(examples=[3], description="As you saw it; the change is refused if it is older.")]


class Wire(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)


class Listed(Wire, Generic[Item]):
    """One page of a list."""

    items: list[Item]
    next_cursor: str | None = Field(default=None, examples=["WyIwMTlhYThjMWYzZTAiXQ"])


class Reason(Wire):
    """Why a file was refused: a code for programs, a sentence for people."""

    code: str = Field(examples=["truncated_file"])
    zh: str = Field(examples=[CHINESE["truncated_file"]])
    en: str = Field(examples=["The file ends before its content does."])


def reason_of(code: str | None) -> Reason | None:
    if code is None:
        return None
    found = next((each for each in error_classes() if each.code == code), None)
    english = default_message(found) if found else code
    return Reason(code=code, zh=CHINESE.get(code, code), en=english)
