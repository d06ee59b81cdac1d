"""Everything that can go wrong, one small class per cause.

The docstring of a class is its default message: what is wrong and what to do next. Facts are attributes, so that a
caller never has to parse a message. Messages and facts carry no personal values: ids, codes, numbers and sizes only.

The domain knows no status codes; `api/errors.py` maps classes to HTTP answers and `api/cli.py` to exit codes.
"""

from __future__ import annotations

from typing import ClassVar


class ArchiveError(Exception):
    """Something went wrong in the archive."""

    code: ClassVar[str] = "archive_error"
    """Stable text for programs; never renamed."""
    retryable: bool = False
    """Whether doing the same again later can help."""

    def __init__(self, message: str | None = None, **facts: object) -> None:
        self.message = message or " ".join((type(self).__doc__ or "").split())
        self.facts = facts
        super().__init__(self.message)

    def __str__(self) -> str:
        facts = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{self.message} ({facts})" if facts else self.message


class Rejected(ArchiveError):
    """Intake refuses this file. Look at the reason, mend or rescan, and send it again."""

    code = "rejected"


class EmptyFile(Rejected):
    """The file has no bytes. Scan it again."""

    code = "empty_file"


class FileTooLarge(Rejected):
    """The file is larger than this archive accepts. Scan at a lower resolution or split it."""

    code = "file_too_large"


class TooManyPages(Rejected):
    """The file has more pages than this archive accepts. Split it and send the parts."""

    code = "too_many_pages"


class TooManyPixels(Rejected):
    """A page has more pixels than this archive accepts. Scan it at a lower resolution."""

    code = "too_many_pixels"


class UnknownType(Rejected):
    """The content is none of PDF, TIFF, JPEG, PNG, WebP or BMP. Save it as one of these and send it again."""

    code = "unknown_type"


class EncryptedFile(Rejected):
    """The PDF is protected by a password. Save it without one and send it again."""

    code = "encrypted_file"


class TruncatedFile(Rejected):
    """The file ends before its content does: the scan or the copy was cut short. Scan or copy it again."""

    code = "truncated_file"


class DamagedFile(Rejected):
    """The file cannot be opened: its content is damaged. Scan it again."""

    code = "damaged_file"


class TooDemanding(Rejected):
    """A page needs more memory or time than this archive gives to one. Print it to a plain PDF or scan it again."""

    code = "too_demanding"


class NoPages(Rejected):
    """The file opens but has no page. Scan it again."""

    code = "no_pages"


class DigestMismatch(Rejected):
    """The bytes that arrived do not have the announced SHA-256. Send the file again."""

    code = "digest_mismatch"


class Unreadable(ArchiveError):
    """The page could not be read."""

    code = "unreadable"


class EngineFailed(Unreadable):
    """The recognition engine failed on this page."""

    code = "engine_failed"


class NotFound(ArchiveError):
    """There is no such thing, or you may not see it."""

    code = "not_found"


class Conflict(ArchiveError):
    """This contradicts what is already there."""

    code = "conflict"


class StaleVersion(Conflict):
    """Somebody changed this since you looked. Look again and repeat your change."""

    code = "stale_version"


class BatchSealed(Conflict):
    """The batch is sealed. Open a new one for further files."""

    code = "batch_sealed"


class BatchIncomplete(Conflict):
    """Fewer files arrived than were declared. Send the missing ones, then seal."""

    code = "batch_incomplete"


class WrongState(Conflict):
    """The thing is not in a state that allows this."""

    code = "wrong_state"


class CodesExhausted(Conflict):
    """The pattern has no free number left. Widen the pattern in the settings."""

    code = "codes_exhausted"


class NotPermitted(ArchiveError):
    """Your roles do not allow this."""

    code = "not_permitted"


class NotAuthenticated(ArchiveError):
    """Log in first, or send a valid token."""

    code = "not_authenticated"


class InvalidInput(ArchiveError):
    """The input is not valid."""

    code = "invalid_input"


class UnderHold(Conflict):
    """A hold suspends disposition. It must be released first."""

    code = "under_hold"


class NotDue(Conflict):
    """The retention period has not run out."""

    code = "not_due"


class FixityError(ArchiveError):
    """The stored bytes are not the bytes that were stored."""

    code = "fixity_error"


class ObjectMissing(ArchiveError):
    """The object is not in the store."""

    code = "object_missing"


class ObjectExists(Conflict):
    """Another object already has this name; written objects never change."""

    code = "object_exists"


class KeyDestroyed(ArchiveError):
    """The data key is gone: what it sealed cannot be opened again."""

    code = "key_destroyed"


class SealBroken(FixityError):
    """The sealed bytes do not open with their key: they were changed or moved."""

    code = "seal_broken"


class ChainBroken(ArchiveError):
    """The hash chain does not hold."""

    code = "chain_broken"


class TimestampInvalid(ChainBroken):
    """The time stamp does not hold."""

    code = "timestamp_invalid"


class StoreUnavailable(ArchiveError):
    """A store does not answer. The work is tried again."""

    code = "store_unavailable"
    retryable = True


class ReaderBusy(ArchiveError):
    """Another file is being looked at. Try again in a moment; nothing was kept."""

    code = "reader_busy"
    retryable = True


class SettingInvalid(ArchiveError):
    """A setting is not valid."""

    code = "setting_invalid"


class NotErased(ArchiveError):
    """What was deleted is still there. It is tried again; a lock on the store's objects must first run out."""

    code = "not_erased"
    retryable = True


class KeyMissing(ArchiveError):
    """There is no such data key and none was destroyed: this key store does not belong to this archive."""

    code = "key_missing"


class PasswordChangeRequired(NotPermitted):
    """The password is a one-time password. Choose one of your own first; until then nothing else is allowed."""

    code = "password_change_required"


class CrossSiteRequest(NotPermitted):
    """The request could come from a foreign page. Send it as JSON or with the header X-Requested-With."""

    code = "cross_site_request"


class KeyReused(InvalidInput):
    """The idempotency key was used for another request. Take a new key for a new request."""

    code = "idempotency_key_reused"


class ServerUnreachable(ArchiveError):
    """The server does not answer. Look whether it runs and whether the address is right; nothing is lost meanwhile."""

    code = "server_unreachable"
    retryable = True


class ServerRefused(ArchiveError):
    """The server answers, but not as an archive server should. Look whether the address and its version are right."""

    code = "server_refused"


class ScanVanished(ArchiveError):
    """A scan left the folder before it was sent. Put it back, and it goes with the next batch."""

    code = "scan_vanished"


class FolderInUse(Conflict):
    """Another station program works on this folder. Only one may."""

    code = "folder_in_use"


class BackupBroken(FixityError):
    """The backup is not as it was written. Take another one; nothing was restored from this."""

    code = "backup_broken"


class NotEmpty(Conflict):
    """There is something already. A backup is restored only where there is nothing."""

    code = "not_empty"


class CertificateBroken(ArchiveError):
    """The certificate does not hold."""

    code = "certificate_broken"


class ChecksFailed(Conflict):
    """The value fails checks. Correct it; if the paper says just this, decide again and say that it is printed so."""

    code = "checks_failed"


class NotConfirmed(Conflict):
    """The list must be confirmed once more before it is carried out, by neither its author nor its executor."""

    code = "not_confirmed"


class NotDelegated(NotPermitted):
    """No delegation in force lets you sign this in that person's place."""

    code = "not_delegated"


class NotSupervised(Conflict):
    """Two supervisors from two departments must count the list first, and sign when everything is done."""

    code = "not_supervised"


class SampleNotOpened(Conflict):
    """A supervisor opens every record of the sample before counting. Open the one named, then count."""

    code = "sample_not_opened"


class ClaimedByAnother(Conflict):
    """Somebody else works on this document. Take the next one, or wait until it is given back."""

    code = "claimed_by_another"


class SentBack(Rejected):
    """A person sent it back: the scan cannot be used. Scan the paper again and send it as a rescan of this file."""

    code = "sent_back"


class NotAppraised(Conflict):
    """The record must be appraised for destruction first. Collect it in a round of appraisal."""

    code = "not_appraised"


class BeyondBound(InvalidInput):
    """The new period is longer than the upper bound of the record's class."""

    code = "beyond_bound"


class NeedsPerson(ArchiveError):
    """Working on this file failed several times. It is kept and waits for an archivist; nothing need be sent again."""

    code = "needs_person"
