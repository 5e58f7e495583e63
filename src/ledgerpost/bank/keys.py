"""Under which keys the bank keeps its records (docs/spec.md 11). Knows their order and nothing of what they hold."""

from ledgerpost.terms import Digest, Fingerprint, Moment, Number

Key = bytes
BANK: Key = b"bank"
CLOCK: Key = b"clock"
ACCOUNTS: Key = b"account/"
BESIDE: Key = b"beside/"
NOTICES: Key = b"notice/"
SENDERS: Key = b"sender/"
WAITING: Key = b"waiting/"
ASSETS: Key = b"asset/"
TERMS: Key = b"terms/"
INSTRUMENTS: Key = b"instrument/"
DUE: Key = b"due/"
BACKUP: Key = b"backup"
RESTORE: Key = b"restore"
SETTLED: Key = b"settled/"
DEEDS: Key = b"deed/"
OWED: Key = b"owed/"


def account_key(party: Fingerprint) -> Key:
    """The party's record; whoever holds it holds all of the party's notices and waiting spends too."""
    return ACCOUNTS + party


def beside_key(party: Fingerprint) -> Key:
    """What of the party's record only its own letters need; held with its account."""
    return BESIDE + party


def notices_key(party: Fingerprint, number: Number | None = None) -> Key:
    """Where the notices start that wait for a party, or those about one number."""
    return NOTICES + party + (b"" if number is None else number.to_bytes(8, "big"))


def notice_key(party: Fingerprint, number: Number, notice: int) -> Key:
    """One pending notice, found by what it is about; held with the party's account."""
    return NOTICES + party + number.to_bytes(8, "big") + notice.to_bytes(8, "big")


def senders_key(party: Fingerprint, sender: Fingerprint) -> Key:
    """Where the spends of one sender start that wait for a party."""
    return SENDERS + party + sender


def sender_key(party: Fingerprint, sender: Fingerprint, notice: int) -> Key:
    """One of them, so that they can be counted (O7); held with the party's account."""
    return SENDERS + party + sender + notice.to_bytes(8, "big")


def waiting_key(payee: Fingerprint, spender: Fingerprint, number: Number) -> Key:
    """A spend to a fingerprint without an account."""
    return WAITING + payee + spender + number.to_bytes(8, "big")


def asset_key(asset: Digest) -> Key:
    """An asset's contract."""
    return ASSETS + asset


def terms_key(terms: Digest) -> Key:
    """Terms that hold or held."""
    return TERMS + terms


def instrument_key(party: Fingerprint, number: Number) -> Key:
    """Instruments presented under that number of that party; held with the party's account."""
    return INSTRUMENTS + party + number.to_bytes(8, "big")


def due_key(until: Moment, party: Fingerprint, number: Number) -> Key:
    """The same, ordered by the day its record may go."""
    return DUE + until.to_bytes(8, "big") + party + number.to_bytes(8, "big")


def deed_key(party: Fingerprint, deed: Digest) -> Key:
    """What another did to that party in the time that was lost (L11)."""
    return DEEDS + party + deed
