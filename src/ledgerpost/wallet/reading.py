"""Reading what the bank sends: receipts are retraced before they are adopted, notices are verified one by one.

A bank's word that contradicts what this wallet can prove is never adopted (L10): ``Contradiction`` carries the
documents for the judge.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from ledgerpost.errors import BadBytes, Cheating, Refusal, UnknownType, WrongRecipient, WrongShape
from ledgerpost.papers import notice as n
from ledgerpost.papers.agreement import Answered, Disagreement, Retraced, retrace
from ledgerpost.papers.beside import beside, identity_of_part
from ledgerpost.papers.cancelspend import CancelSpend
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.confirmreceipt import ConfirmReceipt
from ledgerpost.papers.contract import open_contract
from ledgerpost.papers.createaccount import CreateAccount
from ledgerpost.papers.denyreceipt import DenyReceipt
from ledgerpost.papers.depositcheque import DepositCheque, ends_here
from ledgerpost.papers.getsequence import GetSequence
from ledgerpost.papers.instrument import (
    Chain,
    Instrument,
    check_chain,
    identity_of_body,
    in_date,
    is_instrument,
    parting,
    read_instrument,
    read_instruments,
)
from ledgerpost.papers.kinds import Order
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.receipt import Receipt, Result
from ledgerpost.papers.redeemcertificate import RedeemCertificate
from ledgerpost.papers.spendto import SpendTo
from ledgerpost.papers.stopcheque import StopCheque
from ledgerpost.papers.terms import Terms
from ledgerpost.sealed import Sealed, fingerprint, identity_of, is_message, open_message, read, trusted, verify
from ledgerpost.statement import is_statement, seq_of
from ledgerpost.terms import Digest, Moment
from ledgerpost.wallet.account import HELD, PAID, PRESENTABLE, REFUSED, Account, Item, Wish


class Contradiction(Cheating):
    """The bank signed what contradicts its own, or this party's, signed word. ``evidence`` shows it."""

    def __init__(self, what: str, evidence: Iterable[bytes]) -> None:
        super().__init__(what)
        self.evidence = tuple(evidence)


class UsedElsewhere(Cheating):
    """A letter signed with this wallet's key that this wallet did not write: a second device, a copy, or a thief."""

    code = "used-elsewhere"
    exit_status = 3
    advice = "if you restored this wallet from a backup, say so: ledgerpost wallet restore; else your key was copied"


@dataclass(frozen=True, slots=True)
class Mail:
    """The messages of one envelope from the bank, verified and sorted by what they are."""

    receipts: tuple[Sealed, ...] = ()
    notices: tuple[Sealed, ...] = ()
    terms: tuple[Sealed, ...] = ()
    contracts: Mapping[Digest, bytes] = field(default_factory=dict)
    parts: Mapping[Digest, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class News:
    """What an envelope brought: letters newly answered, notices newly arrived, whether the books agree now.

    ``pointless``: wishes that this news has overtaken, dropped (a cancel of what was accepted meanwhile, say).
    """

    answered: tuple[Answered, ...] = ()
    notices: tuple[Notice, ...] = ()
    adopted: bool = False
    agreed: bool = False
    contracts: Mapping[Digest, bytes] = field(default_factory=dict)
    pointless: tuple[Wish, ...] = ()


def sort_mail(account: Account, messages: tuple[bytes, ...]) -> Mail:
    """Verify every message of an envelope from the bank. Raises BadBytes for the first that is not good."""
    key, bank = account.bank.key, account.bank.bank
    found: dict[str, list[Sealed]] = {"receipt": [], "notice": [], "terms": [], "sequence": [], "certificate": []}
    contracts: dict[Digest, bytes] = {}
    parts: dict[Digest, bytes] = {}
    for raw in messages:
        if is_statement(raw) or is_instrument(raw):
            parts[identity_of_part(raw)] = raw
            continue
        claim = read(raw)
        if claim.type == "contract":
            contracts[open_contract(raw, bank)[1].identity] = raw
        elif claim.type == "letter":
            parts[verify(claim, account.key).identity] = raw
        elif claim.type in found:
            found[claim.type].append(verify(claim, key))
            parts[found[claim.type][-1].identity] = raw
        else:
            raise UnknownType(f"a {claim.type} among the bank's mail")
    return Mail(tuple(found["receipt"]), tuple(found["notice"]), tuple(found["terms"]), contracts, parts)


def take_in(account: Account, mail: Mail) -> tuple[Account, News]:
    """Adopt what is new and follows; leave what is old. Pure.

    Raises Contradiction, with the documents, where the bank's word can't stand; UsedElsewhere; BadBytes for
    messages made for others; Incomplete where a receipt's parts are missing.
    """
    account = _learn_terms(account, mail.terms)
    parts = {**account.parts, **_own_letters(account), **mail.parts}
    answered: tuple[Answered, ...] = ()
    adopted = agreed = False
    for sealed in mail.receipts:
        receipt = Receipt.of(sealed, account.bank.bank)
        if receipt.party != account.me:
            raise WrongRecipient("a receipt for another party")
        newer = _is_newer(account, sealed, receipt)
        if newer:
            retraced = _retrace(account, sealed, receipt, parts)
            new = tuple(each for each in retraced.answered if each.letter.seq > account.statement.seq)
            account = _file(_adopt(account, sealed, receipt, retraced, parts), new)
            answered, adopted, agreed = (*answered, *new), True, retraced.agreed
    account, arrived = _take_notices(account, mail.notices)
    account = _credited(account, arrived)
    pointless = _pointless(account)
    account = replace(account, wishes=tuple(each for each in account.wishes if each not in pointless))
    return _forget(account), News(answered, arrived, adopted, agreed, mail.contracts, pointless)


def _learn_terms(account: Account, new: tuple[Sealed, ...]) -> Account:
    for sealed in new:
        terms = Terms.of(sealed, account.bank.bank)
        current = sealed.identity if terms.serial > account.conditions.serial else account.current
        account = replace(account, terms={**account.terms, sealed.identity: sealed.raw}, current=current)
    return account


def _own_letters(account: Account) -> dict[Digest, bytes]:
    return {identity_of(read(raw)): raw for raw in account.letters}


def _is_newer(account: Account, sealed: Sealed, receipt: Receipt) -> bool:
    """Newer than the one held; two that differ under one ``seq`` prove the bank at fault (L11)."""
    if account.receipt is None:
        return True
    held = account.held
    if held is None:
        raise AssertionError("a receipt that does not read was adopted")
    seq = seq_of(receipt.statement)
    if seq == account.statement.seq and sealed.identity != identity_of(read(account.receipt)):
        raise Contradiction(f"the bank signed two receipts under sequence {seq}", (account.receipt, sealed.raw))
    return seq > account.statement.seq


def _retrace(account: Account, sealed: Sealed, receipt: Receipt, parts: Mapping[Digest, bytes]) -> Retraced:
    """Everything the new receipt must agree with: what was signed, what is held (L10)."""
    try:
        retraced = retrace(receipt, parts, account.key, account.terms_of)
        _compare(account, receipt, retraced)
    except Disagreement as error:
        raise Contradiction(error.what, _evidence(account, sealed, receipt, parts)) from error
    except BadBytes as error:
        raise Contradiction(
            f"what stands beside the bank's receipt is not good: {error.what}",
            _evidence(account, sealed, receipt, parts),
        ) from error
    return retraced


def _compare(account: Account, receipt: Receipt, retraced: Retraced) -> None:
    held = account.held
    if held is not None:
        here = retraced.states.get(account.statement.seq)
        if here is not None and here != account.statement:
            raise Disagreement("the new receipt starts from another statement than the one the bank signed before")
        if receipt.time < held.time or receipt.highest < held.highest:
            raise Disagreement("the bank's time or notice numbers went backwards")
    if account.fresh is None:
        if retraced.answered[0].letter.seq > account.statement.seq + 1:
            raise Disagreement("the receipt leaves out what became of letters since the one held")
        mine = _own_letters(account)
        for each in retraced.answered:
            if each.letter.seq > account.statement.seq and each.identity not in mine:
                raise UsedElsewhere(f"the bank answered a letter {each.letter.seq} that this wallet did not write")
        if retraced.answered[0].letter.seq > account.statement.seq + 1:
            raise Disagreement("the new receipt leaves out letters that no receipt held here has answered")


def _evidence(account: Account, sealed: Sealed, receipt: Receipt, parts: Mapping[Digest, bytes]) -> tuple[bytes, ...]:
    held = () if account.receipt is None else (account.receipt, *account.parts.values())
    return tuple(dict.fromkeys((sealed.raw, *beside(receipt, parts).values(), *held, *account.letters)))


def _adopt(
    account: Account, sealed: Sealed, receipt: Receipt, retraced: Retraced, parts: Mapping[Digest, bytes]
) -> Account:
    tip = receipt.answers[-1].letter
    left = tuple(raw for raw in account.letters if _seq(raw) > retraced.statement.seq)
    if left and _prev(left[0]) != tip:
        left = ()  # L9: letters that don't chain to the adopted receipt are void
    fresh, barred = account.fresh, account.barred
    if fresh is not None and tip in fresh:
        fresh, barred = None, retraced.statement.highest
    return replace(
        account,
        receipt=sealed.raw,
        parts=beside(receipt, parts),
        letters=left,
        fresh=fresh,
        barred=barred,
        time=max(account.time, receipt.time),
    )


def _file(account: Account, new: tuple[Answered, ...]) -> Account:
    """Chequebooks, certificates and what became of instruments presented, from the letters newly answered."""
    books, items = list(account.books), dict(account.items)
    for each in new:
        for written, result in zip(each.written, each.results, strict=True):
            part = account.parts.get(result.part) if result.part else None
            order = written.order
            if part is not None and isinstance(order, GetSequence) and part not in books:
                books.append(part)
            elif part is not None and isinstance(order, SpendTo) and not result.code:
                item = Item(Instrument(part).encode(), HELD, order.until)
                items.setdefault(identity_of_body(part), item)
            elif isinstance(order, DepositCheque | RedeemCertificate):
                _note(account, items, order, result)
    return replace(account, books=tuple(books), items=items)


def _note(
    account: Account, items: dict[Digest, Item], order: DepositCheque | RedeemCertificate, result: Result
) -> None:
    """Paid, or refused with the proof that a claim rests on (C2)."""
    identity = identity_of_body(order.signed)
    item = items.get(identity)
    if item is None:
        return
    if result.code in (Refusal.DONE, Refusal.PAID):
        items[identity] = item._replace(state=PAID, proof=())
    else:
        proof = (account.receipt or b"", *account.parts.values())
        items[identity] = item._replace(state=REFUSED, proof=proof)


def _credited(account: Account, arrived: tuple[Notice, ...]) -> Account:
    """Instruments whose refused redemption a lien has made good: nobody owes for them any more (B5)."""
    items = dict(account.items)
    for each in arrived:
        if each.kind == n.CREDITED:
            identity = identity_of_body(read_instruments(each.enclosed or b"")[1].body)
            if identity in items:
                items[identity] = items[identity]._replace(state=PAID, proof=())
    return replace(account, items=items)


def _seq(letter: bytes) -> int:
    seq: int = read(letter).body[1]
    return seq


def _prev(letter: bytes) -> Digest | None:
    prev: Digest | None = read(letter).body[2]
    return prev


def _take_notices(account: Account, new: tuple[Sealed, ...]) -> tuple[Account, tuple[Notice, ...]]:
    arrived = []
    notices = dict(account.notices)
    for sealed in new:
        notice = Notice.of(sealed, account.bank.bank)
        if notice.party != account.me:
            continue  # evidence beside a receipt: how the drawer of a bounced cheque was told (C2)
        had = notices.get(notice.notice)
        if had is not None and identity_of(read(had)) != sealed.identity:
            raise Contradiction(f"the bank made two different notices {notice.notice}", (had, sealed.raw))
        if had is None and not account.statement.has_taken(notice.notice):
            check_enclosed(notice, sealed.raw)
            check_instrument(account, notice, sealed.raw)
            _check_own(account, notices, notice, sealed.raw)
            _check_once(account, notices, notice, sealed.raw)
            notices[notice.notice] = sealed.raw
            arrived.append(notice)
    return replace(account, notices=notices), tuple(arrived)


_ENCLOSES: dict[str, tuple[type[Order], ...]] = {
    n.RECEIPT: (SpendTo,),
    n.WITHDRAWN: (CancelSpend,),
    n.CLOSED: (ConfirmReceipt, CreateAccount),
    n.DENIED: (DenyReceipt,),
}
_INSTRUMENTS = (n.CLEARED, n.BOUNCED, n.REDEEMED)


def check_enclosed(notice: Notice, raw: bytes) -> None:
    """The other party's signed message in a notice must say what the notice says. Raises Contradiction."""
    kinds = _ENCLOSES.get(notice.kind)
    if kinds is None:
        return
    try:
        if notice.key is None or notice.enclosed is None:
            raise UnknownType("nothing signed by the other is enclosed")
        sealed = open_message(notice.enclosed, notice.key, *(kind.TYPE for kind in kinds))
        order = next(kind for kind in kinds if sealed.type == kind.TYPE).of(sealed, notice.bank)
    except BadBytes as error:
        raise Contradiction(f"notice {notice.notice} of the bank proves nothing: {error.what}", (raw,)) from error
    if sealed.signer != notice.other or not _matches(order, notice):
        raise Contradiction(f"notice {notice.notice} of the bank says other than the message in it", (raw,))


def _check_own(account: Account, notices: Mapping[int, bytes], notice: Notice, raw: bytes) -> None:
    """A closing must be of just the spend that is outstanding here; a withdrawal of just the notice it names.

    Else a bank could close a large spend with an acceptance of a small one by anybody. Raises Contradiction.
    """
    said = (notice.other, notice.number, notice.asset, notice.amount)
    spend = account.coming.spend(notice.number)
    held = None if spend is None else (spend.payee, spend.number, spend.asset, spend.amount)
    if notice.kind in (n.CLOSED, n.DENIED, n.EXPIRED) and held not in (None, said):
        raise Contradiction(f"notice {notice.notice} of the bank closes another spend than yours", (raw,))
    if notice.kind == n.REDEEMED and spend is not None and spend.payee is not None:
        raise Contradiction(f"notice {notice.notice} of the bank closes a spend as if it were a certificate", (raw,))
    if notice.kind == n.WITHDRAWN and notice.earlier in notices:
        earlier = Notice.read(trusted(notices[notice.earlier]).body)
        if (earlier.kind, earlier.other, earlier.number, earlier.asset, earlier.amount) != (n.RECEIPT, *said):
            evidence = (raw, notices[notice.earlier])
            raise Contradiction(f"notice {notice.notice} of the bank withdraws another spend than it names", evidence)


def _check_once(account: Account, notices: Mapping[int, bytes], notice: Notice, raw: bytes) -> None:
    """No cheque and no second redemption is charged twice, nor a certificate closed twice. Raises Contradiction."""
    if notice.kind not in (n.CLEARED, n.REDEEMED, n.RECOVERED):
        return
    for had in (*notices.values(), *account.kept.values()):
        other = Notice.read(trusted(had).body)
        if (other.kind, other.number) == (notice.kind, notice.number) and _charge(other) == _charge(notice):
            raise Contradiction(f"notices {other.notice} and {notice.notice} of the bank charge the same", (had, raw))


def _charge(notice: Notice) -> bytes | None:
    """What tells apart two charges under one number: of a cheque nothing, of second redemptions their chain."""
    return read_instruments(notice.enclosed or b"")[1].encode() if notice.kind == n.RECOVERED else None


def check_instrument(account: Account, notice: Notice, raw: bytes) -> None:
    """A debit must be one this party signed for: its own cheque, its own certificate, or two chains it parted (N2, B5).

    Raises Contradiction.
    """
    try:
        if notice.kind in _INSTRUMENTS:
            _check_presented(account, notice)
        elif notice.kind in (n.RECOVERED, n.LIEN, n.CREDITED):
            _check_recovered(account, notice)
    except BadBytes as error:
        raise Contradiction(f"notice {notice.notice} of the bank proves nothing: {error.what}", (raw,)) from error


def _check_presented(account: Account, notice: Notice) -> None:
    instrument = read_instrument(notice.enclosed or b"")
    signer = account.bank.key if notice.kind == n.REDEEMED else account.key
    chain = check_chain(instrument, signer, notice.bank)
    paper = chain.paper
    mine = paper.key == account.key if isinstance(paper, Certificate) else chain.drawer == account.me
    if not mine or (paper.number, paper.asset, paper.amount) != (notice.number, notice.asset, notice.amount):
        raise WrongShape("it is about another cheque or certificate than the one in it")
    _check_presenter(chain, notice)
    if notice.kind == n.CLEARED and not in_date(paper, notice.time):
        raise WrongShape("the cheque was charged before its start or after its end")
    statement = account.statement
    if notice.seq == statement.seq and notice.kind == n.CLEARED and statement.block_of(notice.number) is None:
        raise WrongShape("its number was not open when it was charged")


def _check_presenter(chain: Chain, notice: Notice) -> None:
    """The holder must have signed it over to the bank: else the bank takes for itself what nobody presented."""
    if notice.key is None or fingerprint(notice.key) != notice.other:
        raise WrongShape("it names no presenter")
    if not ends_here(chain, notice.bank, notice.key):
        raise WrongShape("nobody handed the instrument in it to the bank")


def _check_recovered(account: Account, notice: Notice) -> None:
    chains = [check_chain(each, account.bank.key, notice.bank) for each in read_instruments(notice.enclosed or b"")]
    if len(chains) != 2:
        raise WrongShape("two chains belong in it")
    at = parting(*chains)
    credit = notice.kind == n.CREDITED
    debtor = notice.other if credit else account.me
    if at is None or chains[0].signer(at) != debtor or chains[1].signer(at) != debtor:
        raise WrongShape("the two chains in it do not part at the debtor's signature")
    paper = chains[1].paper
    if (paper.number, paper.asset, paper.amount) != (notice.number, notice.asset, notice.amount):
        raise WrongShape("it is about another certificate than the one in it")
    mine = replace(notice, other=account.me, key=account.key)
    _check_presenter(chains[1], mine if credit else notice)


def _matches(order: Order, notice: Notice) -> bool:
    spend = (notice.number, notice.asset, notice.amount)
    if isinstance(order, SpendTo):
        return (order.payee, order.until) == (notice.party, notice.until) and _spend(order) == spend
    if isinstance(order, CancelSpend):
        return order.payee == notice.party and _spend(order) == spend
    if isinstance(order, CreateAccount):
        return (notice.party, *spend) in order.waiting
    if isinstance(order, ConfirmReceipt | DenyReceipt):
        return order.spender == notice.party and _spend(order) == spend
    return False


def _spend(order: SpendTo | CancelSpend | ConfirmReceipt | DenyReceipt) -> tuple[int, Digest, int]:
    return order.number, order.asset, order.amount


def _pointless(account: Account) -> tuple[Wish, ...]:
    coming = account.coming
    closing = {each.number for each in account.waiting if each.kind in n.CLOSING}
    incoming = {each.notice for each in account.waiting if not coming.has_taken(each.notice)}
    return tuple(
        wish
        for wish in account.wishes
        if (wish.order == CancelSpend.TYPE and (wish.number in closing or coming.spend(wish.number) is None))
        or (wish.order in (ConfirmReceipt.TYPE, DenyReceipt.TYPE) and wish.number not in incoming)
        or (wish.order == StopCheque.TYPE and not coming.all_open(wish.number, wish.number + wish.amount - 1))
        or (wish.order in (DepositCheque.TYPE, RedeemCertificate.TYPE) and not _presentable(account, wish))
    )


def _presentable(account: Account, wish: Wish) -> bool:
    item = None if wish.raw is None else account.items.get(identity_of_body(wish.raw))
    return item is not None and item.state in PRESENTABLE


def _forget(account: Account) -> Account:
    """Drop what is over: notices taken in, terms no letter names, signed spends past their end (T1)."""
    statement = account.statement
    grace = account.conditions.grace
    notices = {number: raw for number, raw in account.notices.items() if not statement.has_taken(number)}
    kept = {**account.kept, **{number: raw for number, raw in account.notices.items() if number not in notices}}
    kept = {number: raw for number, raw in kept.items() if _may_be_claimed(raw, account.time - grace)}
    items = {key: item for key, item in account.items.items() if account.time <= item.until + grace}
    books = tuple(raw for raw in account.books if account.time <= read(raw).body[4])
    named = {read(raw).body[4] for raw in (*account.letters, *_letters_beside(account))} | {account.current}
    signed = {
        number: raw
        for number, raw in account.signed.items()
        if account.time <= read(raw).body[6] + grace or statement.block_of(number)
    }  # while its number is open it is never drawn again: two cheques under one number are fraud (C3)
    terms = {identity: raw for identity, raw in account.terms.items() if identity in named}
    return replace(account, notices=notices, terms=terms, signed=signed, kept=kept, items=items, books=books)


def _may_be_claimed(raw: bytes, since: Moment) -> bool:
    notice = Notice.read(trusted(raw).body)
    return notice.kind in (n.CLEARED, n.BOUNCED, n.RECOVERED, n.LIEN) and notice.until >= since


def _letters_beside(account: Account) -> list[bytes]:
    return [raw for raw in account.parts.values() if is_message(raw) and read(raw).type == "letter"]


def refusals(news: News) -> list[tuple[int, Order, Refusal]]:
    """Orders that were not done: letter, order, reason."""
    return [
        (each.letter.seq, written.order, result.code)
        for each in news.answered
        for written, result in zip(each.written, each.results, strict=True)
        if result.code and isinstance(written.order, Order)
    ]
