"""Dates as Chinese documents print them.

>>> date_in("2019年03月19日")
datetime.date(2019, 3, 19)
>>> date_in("2013.03.05-2023.03.05")
datetime.date(2013, 3, 5)
>>> date_in("长期") is None
True
>>> dates_in("2011年04月22日至2061年04月31日")
[datetime.date(2011, 4, 22), None]
"""

from __future__ import annotations

import datetime as dt
import re

from records.ids import utc_now

CHINA = dt.timezone(dt.timedelta(hours=8))
_DATE = re.compile(r"(\d{4})\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})")


def date_in(text: str) -> dt.date | None:
    """The first whole date in the text; None if there is none or it is no day of the calendar."""
    return next(iter(dates_in(text)), None)


def dates_in(text: str) -> list[dt.date | None]:
    """Every whole date in the text; None for one that is no day of the calendar."""
    return [_day(match) for match in _DATE.finditer(text)]


def _day(match: re.Match[str]) -> dt.date | None:
    try:
        return dt.date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def today_in_china() -> dt.date:
    """The day that people write on a paper now; from midnight to eight it is ahead of UTC's."""
    return utc_now().astimezone(CHINA).date()
