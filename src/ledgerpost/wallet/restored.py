"""What a wallet does when its bank has lost its store: it declares what it holds, brings that, and keeps to it (L11).

It signs one declaration for one restore. From then on nothing counts that the bank signed in the lost time and that was
not at hand: it may come late, and the bank knows no more of it.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Final

from ledgerpost import envelope
from ledgerpost.errors import BadBytes
from ledgerpost.papers.contract import open_contract
from ledgerpost.papers.declaration import Declaration
from ledgerpost.papers.instrument import read_instrument
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.receipt import Receipt
from ledgerpost.papers.restoring import Restoring
from ledgerpost.papers.spendto import SpendTo
from ledgerpost.sealed import Sealed, Signer, identity_of, read, trusted
from ledgerpost.terms import Digest, Moment
from ledgerpost.wallet.account import PAID, Account

_DAY: Final = 86400
"""How far a bank's clock may be ahead of the wallet's when it asks."""


def asked(account: Account, asks: tuple[Sealed, ...]) -> Account:
    """The newest restore that the bank asks about. Raises BadBytes."""
    for sealed in asks:
        paper = Restoring.of(sealed, account.bank.bank)
        newest = asking(account)
        if paper.party == account.me and (newest is None or paper.last > newest.last):
            account = replace(account, asked=sealed.raw)
    return account


def asking(account: Account) -> Restoring | None:
    """What the bank asked last."""
    return None if account.asked is None else Restoring.read(trusted(account.asked).body)


def declaration(account: Account) -> Declaration | None:
    """What this wallet declared last."""
    return None if account.declared is None else Declaration.read(trusted(account.declared).body)


def is_wanted(account: Account) -> bool:
    """Whether the bank asked, and has not answered a letter since."""
    ask, held = asking(account), account.held
    return ask is not None and (held is None or held.time <= ask.last)


def declare(account: Account, signer: Signer, now: Moment) -> Account:
    """Sign what is held, once for each restore; to be made durable before it leaves (L7)."""
    ask, said = asking(account), declaration(account)
    known = said is not None and said.question == ask
    if ask is None or account.asked is None or known or not is_wanted(account) or _is_ahead(account, ask, now):
        return account
    held = account.held
    at_hand = tuple(sorted(identity_of(read(raw)) for raw in account.notices.values()))
    listed = () if held is None else (waits.notice for waits in held.pending)
    paper = Declaration(
        account.bank.bank,
        account.asked,
        account.statement.seq,
        None if account.receipt is None else identity_of(read(account.receipt)),
        0 if held is None else held.highest,
        at_hand,
        tuple(each for each in listed if each not in account.notices),
    )
    return replace(account, declared=paper.sign(signer))


def _is_ahead(account: Account, ask: Restoring, now: Moment) -> bool:
    return ask.last > max(now, account.time) + _DAY


def bring(account: Account, contracts: Iterable[bytes]) -> tuple[bytes, ...]:
    """What goes into the envelope besides letters: as much of it as fits, the weightiest first."""
    said, ask = declaration(account), asking(account)
    if account.declared is None or said is None or ask is None or said.question != ask or not is_wanted(account):
        return ()
    messages = tuple(dict.fromkeys((account.declared, *_holdings(account), *_of_bank(account, contracts))))
    return envelope.batches((*account.letters, *messages))[0][len(account.letters) :]


def _of_bank(account: Account, contracts: Iterable[bytes]) -> Iterator[bytes]:
    for raw in contracts:
        with suppress(BadBytes):  # another bank's; or one of the owner's own that no bank takes
            open_contract(raw, account.bank.bank)
            yield raw


def _holdings(account: Account) -> Iterator[bytes]:
    if account.receipt is not None:
        yield account.receipt
        yield from account.parts.values()
    yield from account.terms.values()
    yield from account.notices.values()
    yield from (each.raw for each in account.said.values())
    for number, raw in account.signed.items():
        if account.statement.spend(number) is not None and trusted(raw).type == SpendTo.TYPE:
            yield raw
    yield from account.kept.values()
    yield from (_bare(each.instrument) for each in account.items.values() if each.state == PAID)


def _bare(instrument: bytes) -> bytes:
    """As it was presented: without its chequebook."""
    return replace(read_instrument(instrument), chequebook=None).encode()


def is_void(account: Account, receipt: Receipt, identity: Digest) -> bool:
    """Whether this wallet has declared that it does not hold the receipt, which comes late."""
    said = declaration(account)
    return said is not None and said.voids_receipt(receipt, identity)


def was_void(account: Account, notice: Notice, identity: Digest) -> bool:
    """Whether this wallet has declared that it does not hold it, nor perhaps what the bank had signed before it.

    It may be told again, as it was signed, and name a statement of which this wallet holds another (R6). What the
    receipt declared counts and this wallet did not hold is over, or of another life of the bank's (R2).
    """
    said = declaration(account)
    if said is None or not said.covers(notice.time) or identity in said.held:
        return False
    return not account.statement.has_taken(notice.notice)


def is_unheard(account: Account, notice: Notice, identity: Digest) -> bool:
    """Whether it has declared that it does not hold the notice, and the bank has not taken it back since."""
    said, held = declaration(account), account.held
    if said is None or not was_void(account, notice, identity):
        return False
    since = held is not None and held.time > said.question.last
    return not (since and held is not None and any(waits.notice == notice.notice for waits in held.pending))
