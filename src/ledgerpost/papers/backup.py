"""The head of a backup: who made it, of what, when, and the digest of all that follows it in the file (T3).

What follows are records; ``desk.backup`` writes and reads them. Its place in the file is docs/bank.md's to tell.
"""

from dataclasses import dataclass
from typing import ClassVar, Final

from ledgerpost import fields as f
from ledgerpost.errors import WrongBank
from ledgerpost.papers.kinds import Paper
from ledgerpost.sealed import Sealed
from ledgerpost.terms import Digest, Fingerprint, Moment

WALLET: Final = "wallet"
BANK: Final = "bank"


@dataclass(frozen=True, slots=True)
class Backup(Paper):
    """Signed by the owner, whose fingerprint stands in the bank's place: nobody else's key restores it.

    ``records`` is how many follow; ``digest`` the SHA-256 of their bytes, from the head's end to the file's.
    """

    TYPE: ClassVar = "backup"
    FIELDS: ClassVar = (f.fingerprint, f.one_of(WALLET, BANK), f.whole, f.positive, f.digest)

    owner: Fingerprint
    kind: str
    time: Moment
    records: int
    digest: Digest


def open_head(sealed: Sealed) -> Backup:
    """The head in a verified message. Raises WrongShape; WrongBank where it names another owner than its signer."""
    head = Backup.of(sealed)
    if head.owner != sealed.signer:
        raise WrongBank("the backup names another owner than the one who signed it")
    return head
