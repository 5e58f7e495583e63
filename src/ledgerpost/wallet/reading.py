"""Reading what the bank sends: receipts are retraced before they are adopted, notices are verified one by one.

A bank's word that contradicts what this wallet can prove is never adopted (L10): ``Contradiction`` carries the
documents for the judge.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ledgerpost.errors import BadBytes, Cheating, Refusal, WrongRecipient
from ledgerpost.papers.agreement import Answered, Disagreement, Retraced, retrace
from ledgerpost.papers.beside import beside
from ledgerpost.papers.letter import Letter
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.order import Order
from ledgerpost.papers.proof import brought, check_brought
from ledgerpost.papers.receipt import Receipt
from ledgerpost.papers.terms import Terms
from ledgerpost.sealed import Sealed, identity_of, read, trusted
from ledgerpost.statement import seq_of
from ledgerpost.terms import Digest
from ledgerpost.wallet.account import Account, Wish
from ledgerpost.wallet.checks import Contradiction, check_listed, check_told
from ledgerpost.wallet.filing import credited, file, forget, pointless
from ledgerpost.wallet.mail import Mail
from ledgerpost.wallet.restored import asked, is_unheard, is_void


class UsedElsewhere(Cheating):
    """A letter signed with this wallet's key that this wallet did not write: a second device, a copy, or a thief."""

    code = "used-elsewhere"
    exit_status = 3
    advice = "if you restored this wallet from a backup, say so: ledgerpost wallet restore; else your key was copied"


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
        if is_void(account, receipt, sealed.identity):
            continue
        newer = _is_newer(account, sealed, receipt)
        if newer:
            retraced = _retrace(account, sealed, receipt, parts)
            new = tuple(each for each in retraced.answered if each.letter.seq > account.statement.seq)
            account = file(_adopt(account, sealed, receipt, retraced, parts), new)
            answered, adopted, agreed = (*answered, *new), True, retraced.agreed
    account = asked(_follow(account, mail.terms), mail.asks)
    account, arrived = _take_notices(account, mail.notices)
    account = credited(account, arrived)
    overtaken = pointless(account)
    if overtaken:
        account = replace(account, wishes=tuple(each for each in account.wishes if each not in overtaken))
    return forget(account), News(answered, arrived, adopted, agreed, mail.contracts, overtaken)


def _learn_terms(account: Account, new: tuple[Sealed, ...]) -> Account:
    refused = _refused_terms(account)
    for sealed in new:
        terms = Terms.of(sealed, account.bank.bank)
        if account.terms.get(sealed.identity) == sealed.raw and terms.serial <= account.conditions.serial:
            continue
        newer = terms.serial > account.conditions.serial and sealed.identity not in refused
        current = sealed.identity if newer else account.current
        account = replace(account, terms={**account.terms, sealed.identity: sealed.raw}, current=current)
    return account


def _refused_terms(account: Account) -> set[Digest]:
    """Those that letters beside the receipt name which the bank refused for their terms."""
    answers = account.held.answers if account.held is not None else ()
    letters = [each.letter for each in answers if any(result.code is Refusal.TERMS for result in each.results)]
    return {Letter.read(trusted(account.parts[letter]).body).terms for letter in letters}


def _follow(account: Account, new: tuple[Sealed, ...]) -> Account:
    """Write under the newest of ``new`` if the bank refuses those at hand: it may have lost these (L11)."""
    refused = _refused_terms(account)
    good = [each for each in new if each.identity not in refused]
    if account.current not in refused or not good:
        return account
    newest = max(good, key=lambda each: Terms.read(each.body).serial)
    return replace(account, current=newest.identity)


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
        _compare(account, sealed, receipt, retraced)
        for each in brought(retraced):
            check_brought(each, account.key, parts, account.terms_of(each.letter.terms))
    except Disagreement as error:
        raise Contradiction(error.what, _evidence(account, sealed, receipt, parts)) from error
    except BadBytes as error:
        raise Contradiction(
            f"what stands beside the bank's receipt is not good: {error.what}",
            _evidence(account, sealed, receipt, parts),
        ) from error
    return retraced


def _compare(account: Account, sealed: Sealed, receipt: Receipt, retraced: Retraced) -> None:
    held = account.held
    if held is not None:
        here = retraced.states.get(account.statement.seq)
        if here is not None and here != account.statement:
            raise Disagreement("the new receipt starts from another statement than the one the bank signed before")
        if receipt.time < held.time or receipt.highest < held.highest:
            raise Disagreement("the bank's time or notice numbers went backwards")
    if account.fresh is None:
        mine = _own_letters(account)
        for each in retraced.answered:
            if each.letter.seq > account.statement.seq and each.identity not in mine:
                raise UsedElsewhere(f"the bank answered a letter {each.letter.seq} that this wallet did not write")
        if retraced.answered[0].letter.seq > account.statement.seq + 1:
            raise Disagreement("the receipt leaves out what became of letters since the one held")
    for raw in account.notices.values():
        check_listed(receipt, retraced.statement, Notice.read(trusted(raw).body), (sealed.raw, raw))


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


def _seq(letter: bytes) -> int:
    seq: int = read(letter).body[1]
    return seq


def _prev(letter: bytes) -> Digest | None:
    prev: Digest | None = read(letter).body[2]
    return prev


def _take_notices(account: Account, new: tuple[Sealed, ...]) -> tuple[Account, tuple[Notice, ...]]:
    arrived = []
    notices = dict(account.notices)
    held = account.held
    for sealed in new:
        notice = Notice.of(sealed, account.bank.bank)
        if notice.party != account.me:
            continue  # evidence beside a receipt: how the drawer of a bounced cheque was told (C2)
        if is_unheard(account, notice, sealed.identity):
            continue
        had = notices.get(notice.notice)
        if had is not None and identity_of(read(had)) != sealed.identity:
            raise Contradiction(f"the bank made two different notices {notice.notice}", (had, sealed.raw))
        if had is None and not account.statement.has_taken(notice.notice):
            if held is not None:
                check_listed(held, account.statement, notice, (account.receipt or b"", sealed.raw))
            check_told(account, notices, notice, sealed)
            notices[notice.notice] = sealed.raw
            arrived.append(notice)
    return replace(account, notices=notices) if arrived else account, tuple(arrived)


def refusals(news: News) -> list[tuple[int, Order, Refusal]]:
    """Orders that were not done: letter, order, reason."""
    return [
        (each.letter.seq, written.order, result.code)
        for each in news.answered
        for written, result in zip(each.written, each.results, strict=True)
        if result.code and isinstance(written.order, Order)
    ]
