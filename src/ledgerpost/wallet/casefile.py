"""Case files of a wallet: what this side holds on one matter, and nothing that it need not show.

A *matter* is a number of somebody's: of a cheque's drawer, a certificate's buyer, a spend's spender. Everything signed
about it is on the one matter, whoever signed. With it go the card, the bank's card, the terms that the letters name and
the contract, so that a stranger can read and judge it. The judge decides; nothing is decided here.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from ledgerpost.errors import BadBytes
from ledgerpost.papers import notice as n
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.confirmreceipt import ConfirmReceipt
from ledgerpost.papers.denyreceipt import DenyReceipt
from ledgerpost.papers.depositcheque import DepositCheque
from ledgerpost.papers.instrument import claim_of, identity_of_body, paper_of, read_instrument, read_instruments
from ledgerpost.papers.letter import Letter
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.order import Order
from ledgerpost.papers.orders import read_orders
from ledgerpost.papers.proof import PROOFS
from ledgerpost.papers.redeemcertificate import RedeemCertificate
from ledgerpost.papers.sequence import Sequence
from ledgerpost.papers.spendto import SpendTo
from ledgerpost.sealed import fingerprint, identity_of, is_message, read, trusted
from ledgerpost.terms import Digest, Fingerprint, Number
from ledgerpost.wallet.account import Account, Item


class Matter(NamedTuple):
    """Whose number, and which."""

    owner: Fingerprint
    number: Number


class Held(NamedTuple):
    """One thing held on a matter: a notice, an instrument, or a spend or cheque signed here.

    ``state`` is an instrument's, or ``notice`` or ``signed``; ``notice`` the number of a notice.
    """

    matter: Matter
    identity: Digest
    raw: bytes
    state: str
    asset: Digest
    notice: int = 0


class Sides(NamedTuple):
    """What a wallet keeps beside its accounts: its own card at this bank, contracts by asset, contacts' cards."""

    card: bytes | None
    contracts: Mapping[Digest, bytes]
    contacts: Mapping[Fingerprint, bytes]


NOTICE: Final = "notice"
SIGNED: Final = "signed"


def held(account: Account) -> tuple[Held, ...]:
    """Everything here that is on some matter."""
    return (
        *(_item(identity, item) for identity, item in account.items.items()),
        *(_notice(raw) for raw in (*account.notices.values(), *account.kept.values())),
        *(_signed(account, raw) for raw in account.signed.values()),
    )


def _item(identity: Digest, item: Item) -> Held:
    body = read_instrument(item.instrument).body
    paper = paper_of(body)
    owner = fingerprint(paper.key) if isinstance(paper, Certificate) else claim_of(body).signer
    return Held(Matter(owner, paper.number), identity, item.instrument, item.state, paper.asset)


def _notice(raw: bytes) -> Held:
    sealed = trusted(raw)
    notice = Notice.read(sealed.body)
    return Held(Matter(_owner(notice), notice.number), sealed.identity, raw, NOTICE, notice.asset, notice.notice)


def _owner(notice: Notice) -> Fingerprint:
    """Whose number a notice is about."""
    if notice.kind in (n.RECEIPT, n.WITHDRAWN) and notice.other is not None:
        return notice.other
    if notice.kind in PROOFS:
        paper = paper_of(read_instruments(notice.enclosed or b"")[1].body)
        return fingerprint(paper.key) if isinstance(paper, Certificate) else notice.party
    return notice.party


def _signed(account: Account, raw: bytes) -> Held:
    sealed = trusted(raw)
    if sealed.type == SpendTo.TYPE:
        order = SpendTo.read(sealed.body)
        return Held(Matter(account.me, order.number), sealed.identity, raw, SIGNED, order.asset)
    paper = paper_of(raw)
    return Held(Matter(account.me, paper.number), identity_of_body(raw), raw, SIGNED, paper.asset)


# --- what goes into the file


def on_matter(account: Account, matter: Matter, sides: Sides) -> tuple[bytes, ...]:
    """All that is held on one matter. No other notices, and of letters only those beside a receipt that bears on it.

    A cheque drawn here is not in it: who holds an open one is paid by it, and whoever claims on one has it.
    """
    found = [each for each in held(account) if each.matter == matter]
    proofs = [raw for each in found for raw in _proof(account, each)]
    papers = [each.raw for each in found if each.state != SIGNED or read(each.raw).type == SpendTo.TYPE]
    own = matter.owner == account.me
    books = [raw for raw in account.books if own and _has(raw, matter.number)]
    newest = _newest(account) if own or _bears(account, matter) else ()
    assets = {each.asset for each in found} | (_held_assets(account) if newest or proofs else set())
    cards = [sides.contacts[who] for who in (matter.owner,) if who in sides.contacts]
    return _complete(account, sides, assets, (*cards, *papers, *books, *proofs, *newest))


def of_account(account: Account, sides: Sides) -> tuple[bytes, ...]:
    """All that decides who has how much: the newest receipt with what stands beside it, letters without a receipt,
    notices waiting, and those kept because a claim on them may come.
    """
    assets = _held_assets(account) | {each.asset for each in account.waiting}
    notices = (*account.notices.values(), *account.kept.values())
    return _complete(account, sides, assets, (*_newest(account), *account.letters, *notices))


def of_contradiction(
    account: Account, sides: Sides, evidence: Iterable[bytes], mail: Iterable[bytes]
) -> tuple[bytes, ...]:
    """What contradicts the bank, with the receipt held and all that the judge needs to retrace both (L10).

    ``mail`` is what came with it: terms that this wallet has not adopted are taken from there.
    """
    new = [raw for raw in mail if is_message(raw) and read(raw).type == "terms"]
    return _complete(account, sides, sides.contracts, (*evidence, *_newest(account)), new)


def _complete(
    account: Account, sides: Sides, assets: Iterable[Digest], raws: Iterable[bytes], terms: Iterable[bytes] = ()
) -> tuple[bytes, ...]:
    """With the cards, the terms that its letters name, and the contracts; each document once."""
    raws = tuple(raws)
    known = {**account.terms, **{identity_of(read(raw)): raw for raw in terms}}
    named = (known.get(identity) for identity in _terms_named(raws))
    contracts = (sides.contracts.get(asset) for asset in sorted(assets))
    cards = (account.card, sides.card)
    return tuple(dict.fromkeys(raw for raw in (*cards, *contracts, *raws, *named) if raw is not None))


def _terms_named(raws: Iterable[bytes]) -> Iterator[Digest]:
    for raw in raws:
        try:
            if is_message(raw) and read(raw).type == Letter.TYPE:
                yield Letter.read(read(raw).body).terms
        except BadBytes:  # then the bank's receipt names what is no letter: it is evidence as it is
            continue


def _held_assets(account: Account) -> set[Digest]:
    """An issuer may be short of its own asset: whether it was, its contract says (O6)."""
    statement = account.statement
    return {row.asset for row in statement.balances} | {each.asset for each in statement.outstanding}


def _newest(account: Account) -> tuple[bytes, ...]:
    said = () if account.declared is None else (account.declared,)
    return said if account.receipt is None else (account.receipt, *account.parts.values(), *said)


def _proof(account: Account, found: Held) -> tuple[bytes, ...]:
    item = account.items.get(found.identity)
    return item.proof if item is not None else ()


def _has(book: bytes, number: Number) -> bool:
    paper = Sequence.read(trusted(book).body)
    return paper.first <= number <= paper.last


def _bears(account: Account, matter: Matter) -> bool:
    """Whether the newest receipt says something on a number of another's: in an answer, or by a notice it lists."""
    receipt = account.held
    if receipt is None:
        return False
    listed = {waits.notice for waits in receipt.pending}
    if any(each.matter == matter and each.notice in listed for each in held(account)):
        return True
    answers = (account.parts[answer.letter] for answer in receipt.answers)
    letters = (Letter.read(trusted(raw).body) for raw in answers)
    orders = (written.order for letter in letters for written in read_orders(letter, account.key))
    return any(isinstance(order, Order) and _asked(order) == matter for order in orders)


def _asked(order: Order) -> Matter | None:
    """Which number of another's an order is about."""
    if isinstance(order, DepositCheque):
        return Matter(fingerprint(order.drawer), order.number)
    if isinstance(order, RedeemCertificate):
        return Matter(fingerprint(order.certificate.key), order.number)
    if isinstance(order, ConfirmReceipt | DenyReceipt):
        return Matter(order.spender, order.number)
    return None
