"""What fuzzing asks of a wallet that the bank writes to, and of records that come back from a disk or a backup.

A bank may sign anything. Whatever it signs, the wallet takes it in or says why not, and what it then holds can be
written and read again.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

from fuzz_courts import standings
from fuzz_readers import hold, refused
from fuzz_seeds import BANK, bundle, sample, signers, steps, unbundle
from ledgerpost.bank import keys
from ledgerpost.bank import records as bank
from ledgerpost.errors import BadBytes, Cheating, StoreDamaged
from ledgerpost.papers.agreement import Disagreement, Incomplete
from ledgerpost.sealed import read
from ledgerpost.terms import Fingerprint
from ledgerpost.wallet.account import Account, open_at
from ledgerpost.wallet.mail import sort_mail
from ledgerpost.wallet.reading import take_in
from ledgerpost.wallet.records import from_records, to_records

# --- the bank's mail


@cache
def accounts() -> tuple[Account, ...]:
    """The account of each step's party when its letters have gone out and no answer has come yet."""
    now: dict[Fingerprint, Account] = {}
    before = []
    for step in steps():
        letters = tuple(sample(file) for file in step["letters"])
        who = read(letters[0]).signer
        account = now.get(who) or open_at(sample("cards/bank-1.cose"), signers()[who].key, "somebody")
        account = replace(account, letters=letters)
        before.append(account)
        now[who], _ = take_in(account, sort_mail(account, _mail(step)))
    return tuple(before)


def _mail(step: dict[str, Any]) -> tuple[bytes, ...]:
    """The bank's answer, and all terms there are: an answer brings only those that a party lacks."""
    return (*(sample(file) for file in step["answer"]), *(sample(f"terms/terms-{n}.cose") for n in (1, 2)))


def mail_seed(at: int) -> bytes:
    """What came in one step, with the step in front."""
    return bundle([at.to_bytes(2, "big"), *_mail(steps()[at])])


def mail(raw: bytes) -> bool:
    """Messages from the bank, taken in by whoever waits for them in the midst of the story."""
    try:
        place, *messages = unbundle(raw)
    except BadBytes as error:
        return refused(error)
    except ValueError:
        return False
    account = accounts()[int.from_bytes(place[:2], "big") % len(accounts())]
    try:
        after, _ = take_in(account, sort_mail(account, tuple(messages)))
    except (BadBytes, Cheating, Disagreement, Incomplete) as error:
        return refused(error)
    again = from_records(BANK.fingerprint, to_records(after))
    hold(to_records(again) == to_records(after), "kept otherwise")
    return after != account


# --- records


class Shelf(NamedTuple):
    """One kind of a bank's records: where they stand, and what they are."""

    prefix: bytes
    kind: type[Any]


SHELVES = (
    Shelf(keys.BANK, bank.BankRecord),
    Shelf(keys.CLOCK, bank.ClockRecord),
    Shelf(keys.ACCOUNTS, bank.Account),
    Shelf(keys.BESIDE, bank.BesideRecord),
    Shelf(keys.NOTICES, bank.NoticeRecord),
    Shelf(keys.WAITING, bank.WaitingRecord),
    Shelf(keys.ASSETS, bank.AssetRecord),
    Shelf(keys.TERMS, bank.TermsRecord),
    Shelf(keys.INSTRUMENTS, bank.KeptRecord),
)


def record_seeds() -> list[bytes]:
    """Every record that the bank of the samples ever wrote, behind one byte that says of which kind it is."""
    found = {raw: None for standing in standings() for raw in _on_shelves(standing.items())}
    return [*found]


def _on_shelves(items: Any) -> Iterator[bytes]:
    for key, raw in items:
        at = next((n for n, shelf in enumerate(SHELVES) if key.startswith(shelf.prefix)), None)
        if at is not None:
            yield bytes([at]) + raw


def record(raw: bytes) -> bool:
    """One record of a bank's, written again to the same bytes; what does not read is named as damage."""
    shelf = SHELVES[raw[0] % len(SHELVES)] if raw else SHELVES[0]
    try:
        found = bank.read_record(shelf.kind, raw[1:], shelf.prefix)
    except StoreDamaged as error:
        hold(repr(shelf.prefix) in error.what, "damage that names no record")
        return refused(error)
    hold(bank.write_record(found) == raw[1:], "written otherwise")
    return True


def behind(spoil: Callable[[bytes, Any], bytes]) -> Callable[[bytes, Any], bytes]:
    """Spoil what follows the first byte."""
    return lambda raw, chance: raw[:1] + spoil(raw[1:], chance)
