"""How things are destroyed, in the words of a certificate, with the points of a statement on cryptographic erasure.

Source: K43; NIST SP 800-88 Rev. 1, appendix E (device characteristics of interest for cryptographic erase).
"""

from __future__ import annotations

METHOD = (
    "Every version of every stored object deleted and the deletion proved by listing; rows and index entries erased "
    "and their files scrubbed; the document's data key destroyed (cryptographic erasure of all copies, NIST SP 800-88)."
)
ERASURE = {
    "media": "Database files, object store and backups as the archive uses them; not the devices below them.",
    "key_generation": "256 random bits for each document and each customer, from the operating system's generator.",
    "encryption": "AES-256-GCM with a random nonce for every sealing, before anything is written anywhere.",
    "key_level": "The data key itself is destroyed; it is kept wrapped by a master key (AES-256-GCM), never plain.",
    "areas_addressed": "Original, page images, thumbnails, recognised text, fields and their history, file name.",
    "areas_not_encrypted": "Search index, codes, regions and dates: erased in place, files rewritten or truncated.",
    "key_lifecycle": "Made on receipt; kept in the key store only, whose backups live for the days named.",
    "sanitization_technique": "The wrapped key is overwritten, its row deleted, log and old table files emptied.",
    "escrow": "None. Copies exist in backups of the key store only, until the day this certificate is complete.",
    "error_handling": "Not declared destroyed until found absent; an interrupted run is taken up again until it is.",
    "interface": "guidang retention execute and the pages of the desk; the same for every list, with no way around.",
}
