"""What a wallet holds against the bank's notices before it believes them (L10, N2, B5).

Each must carry the other party's signed message, say what it says, and fit what this wallet signed itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ledgerpost.errors import BadBytes, Cheating, Refusal, UnknownType, WrongShape
from ledgerpost.papers import notice as n
from ledgerpost.papers.agreement import Disagreement, Incomplete, Retraced
from ledgerpost.papers.cancelspend import CancelSpend
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.confirmreceipt import ConfirmReceipt
from ledgerpost.papers.createaccount import CreateAccount
from ledgerpost.papers.denyreceipt import DenyReceipt
from ledgerpost.papers.depositcheque import ends_here
from ledgerpost.papers.getsequence import GetSequence
from ledgerpost.papers.instrument import (
    Chain,
    check_chain,
    in_date,
    parting,
    read_instrument,
    read_instruments,
    same,
)
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.order import Order
from ledgerpost.papers.receipt import Receipt, Result
from ledgerpost.papers.sequence import Sequence
from ledgerpost.papers.spendto import SpendTo
from ledgerpost.sealed import Sealed, fingerprint, open_message, trusted
from ledgerpost.statement import Statement
from ledgerpost.terms import Digest
from ledgerpost.wallet.account import Account


class Contradiction(Cheating):
    """The bank signed what contradicts its own, or this party's, signed word. ``evidence`` shows it."""

    def __init__(self, what: str, evidence: Iterable[bytes]) -> None:
        super().__init__(what)
        self.evidence = tuple(evidence)


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


def check_listed(receipt: Receipt, statement: Statement, notice: Notice, evidence: Iterable[bytes]) -> None:
    """A notice that waits until it is taken in is listed or taken in, in every later receipt. Raises Contradiction.

    Else a bank lets value that it owes vanish, and this wallet would sign it away as a notice that is over.
    """
    if notice.kind in n.ENDING or notice.notice > receipt.highest or statement.has_taken(notice.notice):
        return
    if all(waits.notice != notice.notice for waits in receipt.pending):
        raise Contradiction(f"the bank forgot its notice {notice.notice}, which nobody took in", evidence)


def check_brought(account: Account, retraced: Retraced, parts: Mapping[Digest, bytes]) -> None:
    """Chequebooks and certificates must be those ordered. Raises Disagreement; Incomplete where one is missing.

    Else cheques run longer than their numbers, or value leaves for a certificate that says otherwise.
    """
    last = retraced.statement.highest
    for each in reversed(retraced.answered):
        terms = account.terms_of(each.letter.terms)
        for written, result in reversed(tuple(zip(each.written, each.results, strict=True))):
            order, bank = written.order, each.letter.bank
            if result.code is Refusal.DONE and isinstance(order, GetSequence):
                first, most = last - order.count + 1, last
                last = first - 1
                book = Sequence.of(_brought(result, parts), bank)
                if (book.key, book.first, book.last, book.until) != (account.key, first, most, order.until):
                    raise Disagreement("the chequebook brought is not the one ordered")
            elif result.code is Refusal.DONE and isinstance(order, SpendTo) and order.payee is None:
                paper = Certificate.of(_brought(result, parts), bank)
                said = (paper.number, paper.asset, paper.amount, paper.until, paper.key)
                if said != (order.number, order.asset, order.amount, order.until, account.key):
                    raise Disagreement("the certificate brought is not the one bought")
                if terms is not None and paper.longest != terms.longest:
                    raise Disagreement("the certificate brought allows another chain than the terms said")


def _brought(result: Result, parts: Mapping[Digest, bytes]) -> Sealed:
    if result.part is None:
        raise Disagreement("an order was done, and what it brings is not named")
    if result.part not in parts:
        raise Incomplete(f"what an order brings ({result.part.hex()[:16]}…) does not stand beside the receipt")
    return trusted(parts[result.part])


def check_own(account: Account, notices: Mapping[int, bytes], notice: Notice, raw: bytes) -> None:
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


def check_once(account: Account, notices: Mapping[int, bytes], notice: Notice, raw: bytes) -> None:
    """No cheque and no second redemption is charged twice, nor a certificate closed twice. Raises Contradiction."""
    if notice.kind not in (n.CLEARED, n.REDEEMED, n.RECOVERED):
        return
    for had in (*notices.values(), *account.kept.values()):
        other = Notice.read(trusted(had).body)
        if (other.kind, other.number) == (notice.kind, notice.number) and _charge_the_same(other, notice):
            raise Contradiction(f"notices {other.notice} and {notice.notice} of the bank charge the same", (had, raw))


def _charge_the_same(one: Notice, other: Notice) -> bool:
    """Nothing tells two charges under one number apart; but second redemptions have each its chain."""
    proofs = [read_instruments(each.enclosed or b"") for each in (one, other) if each.kind == n.RECOVERED]
    return not proofs or same(proofs[0][1], proofs[1][1])


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
