"""The company's regions over GB/T 2260 area codes (R39): versioned, loaded from a file, longest prefix wins.

File (YAML):

    version: 1
    regions:
      - {code: HD, name: 华东, areas: ["31", "32", "3301"]}
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import yaml
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from records import audit
from records.actors import Actor
from records.errors import InvalidInput, StaleVersion
from records.models import Region, RegionTable

UNASSIGNED = "WF"
"""Region of what no prefix covers (未分)."""


def load_regions(session: Session, actor: Actor, source: bytes) -> int:
    """Put a new version of the table in force; the same file again is harmless.

    Raises:
        InvalidInput: names the entry that is wrong.
        StaleVersion: the file's version is not above the one in force.
    """
    version, regions = _parse(source)
    digest = hashlib.sha256(source).hexdigest()
    current = session.scalars(select(RegionTable).order_by(RegionTable.version.desc()).limit(1)).first()
    if current is not None and current.sha256 == digest:
        return current.version
    if current is not None and version <= current.version:
        raise StaleVersion("The region file needs a higher version.", in_force=current.version, found=version)
    session.add(RegionTable(version=version, sha256=digest, loaded_by=actor.id))
    session.flush()
    session.add_all(Region(version=version, **region) for region in regions)
    audit.record(session, actor, "regions.loaded", f"regions:{version}", sha256=digest, count=len(regions))
    return version


def _parse(source: bytes) -> tuple[int, list[dict[str, Any]]]:
    try:
        content = yaml.safe_load(source)
        version = int(content["version"])
        regions = [
            {"code": str(row["code"]), "name": str(row["name"]), "area_prefixes": [str(a) for a in row["areas"]]}
            for row in content["regions"]
        ]
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as exc:
        raise InvalidInput(f"The region file is not as it must be: {exc!r}.") from exc
    for region in regions:
        wrong = [a for a in region["area_prefixes"] if not (a.isdigit() and len(a) in (2, 4, 6))]
        if wrong:
            raise InvalidInput("An area is 2, 4 or 6 digits of GB/T 2260.", region=region["code"], found=wrong)
    return version, regions


def current_regions(session: Session) -> dict[str, Region]:
    """The regions in force by code; empty before the first file is loaded."""
    version = select(func.max(RegionTable.version)).scalar_subquery()
    return {region.code: region for region in session.scalars(select(Region).where(Region.version == version))}


def region_names(session: Session) -> dict[str, str]:
    """What the regions in force are called, by code. For pages, which ask each time."""
    version = select(func.max(RegionTable.version)).scalar_subquery()
    named = select(Region.code, Region.name).where(Region.version == version).order_by(Region.code)
    return {code: name for code, name in session.execute(named)}


def region_of(area_code: str | None, regions: Mapping[str, Region]) -> str:
    """Code of the region that covers a six-digit area code, or UNASSIGNED."""
    best = max(
        ((len(prefix), code) for code, region in regions.items() for prefix in region.area_prefixes
         if area_code and area_code.startswith(prefix)),
        default=(0, UNASSIGNED),
    )  # fmt: skip
    return best[1]
