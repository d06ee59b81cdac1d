"""Exit statuses of `guidang`, and which error leads to which."""

from __future__ import annotations

from enum import IntEnum

from records.errors import (
    ArchiveError,
    CertificateBroken,
    ChainBroken,
    Conflict,
    FixityError,
    InvalidInput,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    ObjectMissing,
    Rejected,
    ServerRefused,
    SettingInvalid,
    Unreadable,
)


class ExitCode(IntEnum):
    """Stable: scripts rely on them."""

    OK = 0
    FAILED = 1
    """Something went wrong that has no code of its own; for `read` and `fsck`: at least one file or finding is bad."""
    USAGE = 2
    """The command line cannot be understood, or what it names is not valid."""
    SETTINGS = 3
    NOT_FOUND = 4
    CONFLICT = 5
    NOT_PERMITTED = 6
    UNAVAILABLE = 7
    """A store or the server does not answer; the same again later may succeed."""
    BROKEN = 8
    """Evidence does not hold: a hash, a chain, a missing object."""
    REFUSED = 9
    """A file was refused; the rest went on."""
    INTERRUPTED = 130


_BY_ERROR: tuple[tuple[type[ArchiveError], ExitCode], ...] = (
    (SettingInvalid, ExitCode.SETTINGS),
    (InvalidInput, ExitCode.USAGE),
    (NotFound, ExitCode.NOT_FOUND),
    (NotPermitted, ExitCode.NOT_PERMITTED),
    (NotAuthenticated, ExitCode.NOT_PERMITTED),
    (ChainBroken, ExitCode.BROKEN),
    (CertificateBroken, ExitCode.BROKEN),
    (FixityError, ExitCode.BROKEN),
    (ObjectMissing, ExitCode.BROKEN),
    (Rejected, ExitCode.REFUSED),
    (Unreadable, ExitCode.FAILED),
    (ServerRefused, ExitCode.FAILED),
    (Conflict, ExitCode.CONFLICT),
)


def exit_code_of(error: ArchiveError) -> ExitCode:
    if error.retryable:
        return ExitCode.UNAVAILABLE
    return next((code for kind, code in _BY_ERROR if isinstance(error, kind)), ExitCode.FAILED)
