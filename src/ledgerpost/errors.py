"""Every exception of ledgerpost, and every refusal code of the protocol.

An *error* is raised: the bytes, the place or the call is wrong. A *refusal* is a value that the bank
signs: the request was read and cannot be done. The two never mix (docs/spec.md, section 8).
"""

from enum import IntEnum


class LedgerpostError(Exception):
    """Base of all: says what is wrong, where, and what to do, in that order.

    ``what`` is one line for a person; ``where`` names the file, message or record; ``do`` is the next step.
    ``code`` is a short stable word for programs (``--json``), ``exit_status`` the process status.
    """

    code = "error"
    exit_status = 1
    advice = ""

    def __init__(self, what: str, *, where: str = "", do: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.do = do or self.advice

    def at(self, where: str) -> "LedgerpostError":
        """Name the file or record, unless a closer hand has done so already."""
        self.where = self.where or where
        return self

    def __str__(self) -> str:
        return f"{self.what} ({self.where})" if self.where else self.what


class BadBytes(LedgerpostError):
    """Whoever made these bytes is at fault: nothing in them is used. Subclasses tell the fault apart."""

    code = "bad-bytes"
    advice = "ask the sender for the file again"


class CutShort(BadBytes):
    """The bytes end before what they announce."""

    code = "cut-short"
    advice = "the copy is not whole: copy it again from where it came"


class TrailingBytes(BadBytes):
    """Bytes follow the end of the item."""

    code = "trailing-bytes"


class NotDeterministic(BadBytes):
    """Valid CBOR in a form other than the one of RFC 8949 4.2.1 (length, order, indefinite item, duplicate key)."""

    code = "not-deterministic"


class IndefiniteLength(NotDeterministic):
    """An indefinite-length item (RFC 8949 3.2), which deterministic encoding forbids."""

    code = "indefinite-length"


class DuplicateKey(NotDeterministic):
    """A map names one key twice."""

    code = "duplicate-key"


class UnexpectedTag(BadBytes):
    """A CBOR tag where none, or another one, belongs (S3)."""

    code = "unexpected-tag"


class OverLimit(BadBytes):
    """Larger, deeper or more than docs/spec.md section 2 allows."""

    code = "over-limit"


class WrongShape(BadBytes):
    """Well-formed CBOR whose fields are not those of the message type."""

    code = "wrong-shape"


class UnknownType(BadBytes):
    """A message type, or an order, that this version does not know."""

    code = "unknown-type"
    advice = "a newer ledgerpost may be needed to read it"


class NotOurs(BadBytes):
    """Not a file of ledgerpost at all."""

    code = "not-ledgerpost"
    advice = "no file of ledgerpost: remove it from the folder"


class BadKey(BadBytes):
    """A public key that is no valid point of the prime-order group (S4), or of the wrong length."""

    code = "bad-key"


class BadSignature(BadBytes):
    """The signature does not verify under the key that the message names."""

    code = "bad-signature"
    advice = "the file was altered or damaged: ask the sender for it again"


class Undecipherable(BadBytes):
    """A sealed body that the recipient's key does not open: damaged, or sealed to another key."""

    code = "undecipherable"
    advice = "the file was altered or damaged: ask the sender for it again"


class WrongRecipient(BadBytes):
    """Addressed to another fingerprint."""

    code = "wrong-recipient"
    advice = "put it under the recipient's own folder"


class NoAccount(BadBytes):
    """Good letters that the bank can't answer: their party has no account, and they open none (L6)."""

    code = "no-account"
    advice = "the party must send a letter that opens its account"


class WrongBank(BadBytes):
    """A message made for another bank (S1)."""

    code = "wrong-bank"
    advice = "it belongs to another bank: pass it on there"


class BadPicture(BadBytes):
    """A picture that is damaged, or made to take more memory or time than a picture may."""

    code = "bad-picture"
    advice = "take or send the picture again"


class Mistyped(LedgerpostError):
    """A fingerprint, amount, date or word that a person typed does not read."""

    code = "mistyped"
    exit_status = 2


class NotFound(LedgerpostError):
    """No such wallet, account, bank, stick or item."""

    code = "not-found"
    exit_status = 4


class Lacking(LedgerpostError):
    """A library or device that this needs is not on this computer."""

    code = "lacking"
    exit_status = 4


class Denied(LedgerpostError):
    """The answer is no: a rule forbids what was asked."""

    code = "no"
    exit_status = 3


class WrongPassphrase(LedgerpostError):
    """The passphrase does not open the key, or none could be asked for."""

    code = "passphrase"
    exit_status = 5


class StoreError(LedgerpostError):
    """The store on this computer is busy or damaged."""

    code = "store"
    exit_status = 6


class StoreBusy(StoreError):
    """Another process holds the store."""

    code = "store-busy"
    advice = "wait until the other command has ended, then run this one again"


class StoreDamaged(StoreError):
    """A record fails its check (T3)."""

    code = "store-damaged"
    advice = "do not go on with this store: restore the last backup"


class Stale(StoreError):
    """Somebody else changed a held record; nothing was written. Hold again and repeat."""

    code = "store-stale"


class PlaceError(LedgerpostError):
    """The folder or stick is full, pulled, read-only or unfit. What is durable stays so: run again."""

    code = "place"
    exit_status = 7
    advice = "free space or put the stick back in, then run the same command again"


class Cheating(LedgerpostError):
    """Proof that the other side contradicts what it signed (L10). A case file was written."""

    code = "cheating"
    exit_status = 8
    advice = "keep the case file and show it to a judge"


class Bug(LedgerpostError):
    """What should never happen: a fault of this program."""

    code = "bug"
    exit_status = 70
    advice = "please report it, with what the same command prints when you add --debug"

    @classmethod
    def of(cls, error: Exception) -> "Bug":
        """What an unforeseen exception says, and the last line of this program that it passed."""
        place, trace = "", error.__traceback__
        while trace is not None:
            place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
            trace = trace.tb_next
        return cls(f"unexpected: {type(error).__name__}: {error} at {place}")


class Refusal(IntEnum):
    """Why an order was not done. Where several hold, the first listed is given (docs/spec.md section 8)."""

    DONE = 0
    LATE = 1
    TERMS = 2
    UNKNOWN_ORDER = 3
    MALFORMED = 4
    MISADDRESSED = 5
    OPENED = 6
    CHAIN = 7
    PAID = 8
    USED = 9
    ASSET = 10
    PAYEE = 11
    NUMBER = 12
    DATES = 13
    TAKEN = 20
    WITHDRAWN = 21
    EXPIRED = 22
    NO_NOTICE = 23
    CLOSED = 24
    NO_SPEND = 25
    PENDING = 26
    FUNDS = 30
    CAP = 31
    INBOX = 32
    FEE = 33

    @property
    def sentence(self) -> str:
        """The reason in words, for people."""
        return _SENTENCES[self]


_SENTENCES = {
    Refusal.DONE: "done",
    Refusal.LATE: "the letter came after its last day",
    Refusal.TERMS: "the letter was written under terms that are unknown or no longer hold",
    Refusal.UNKNOWN_ORDER: "the bank does not know this kind of order",
    Refusal.MALFORMED: "the order's fields are not those of its kind",
    Refusal.MISADDRESSED: "the order is signed by another, or for another bank or letter",
    Refusal.OPENED: "the account is open already, or the order must come first in the first letter",
    Refusal.CHAIN: "the instrument or its endorsements do not verify, or do not end with you handing it to the bank",
    Refusal.PAID: "it was paid to you before",
    Refusal.USED: "another was paid under this number before",
    Refusal.ASSET: "the bank keeps no such asset",
    Refusal.PAYEE: "this payee cannot be paid",
    Refusal.NUMBER: "the number is not open",
    Refusal.DATES: "the dates are past or beyond what the terms allow",
    Refusal.TAKEN: "the notice was taken in before",
    Refusal.WITHDRAWN: "the spender withdrew it before",
    Refusal.EXPIRED: "it expired before",
    Refusal.NO_NOTICE: "no such notice waits, or its contents are others",
    Refusal.CLOSED: "it was accepted or denied before",
    Refusal.NO_SPEND: "no such spend is outstanding",
    Refusal.PENDING: "a notice waits on it, or still may",
    Refusal.FUNDS: "the balance does not cover it",
    Refusal.CAP: "the terms allow no more of these",
    Refusal.INBOX: "the payee's inbox takes no more",
    Refusal.FEE: "the fee is not covered",
}
