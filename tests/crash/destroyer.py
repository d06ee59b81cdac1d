"""Carry out one destruction list: `python -m tests.crash.destroyer LIST_ID EXECUTOR`, settings as variables.

Says so on standard output when it begins, so that whoever kills it knows that it is at work.
"""

from __future__ import annotations

import sys

from api.bootstrap import open_archive
from api.settings import load_settings
from records.actors import Actor
from records.ids import utc_now
from records.terms import Role
from retention.destruction import execute_list

AT_WORK = b"at work\n"


def main() -> None:
    list_id, executor = sys.argv[1:]
    archive = open_archive(load_settings())
    actor = Actor(id=executor, roles=frozenset({Role.ARCHIVIST}), regions=None)
    sys.stdout.buffer.write(AT_WORK)
    sys.stdout.flush()
    for _ in execute_list(archive.destruction_means(), actor, list_id, utc_now().date()):
        pass
    archive.close()


if __name__ == "__main__":
    main()
