"""What a wallet holds against the bank's notices before it believes them (L10, N2, B5).

The proofs are those of ``papers.proof``, which the judge asks for too; here they meet what this wallet signed and
holds. What fails is a ``Contradiction`` that carries the documents.
"""

from collections.abc import Iterable, Mapping
from itertools import chain

from ledgerpost.errors import BadBytes, Cheating, WrongShape
from ledgerpost.papers import notice as n
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.proof import charge_the_same, check_closing, check_notice, check_withdrawal, forgotten
from ledgerpost.papers.receipt import Receipt
from ledgerpost.sealed import Sealed, trusted
from ledgerpost.statement import Statement, digest_of
from ledgerpost.terms import Fingerprint, PublicKey
from ledgerpost.wallet.account import Account
from ledgerpost.wallet.restored import was_void


class Contradiction(Cheating):
    """The bank signed what contradicts its own, or this party's, signed word. ``evidence`` shows it."""

    def __init__(self, what: str, evidence: Iterable[bytes]) -> None:
        super().__init__(what)
        self.evidence = tuple(evidence)


def check_listed(receipt: Receipt, statement: Statement, notice: Notice, evidence: Iterable[bytes]) -> None:
    """A notice that waits until it is taken in is listed or taken in, in every later receipt. Raises Contradiction."""
    if forgotten(receipt, statement, notice):
        raise Contradiction(f"the bank forgot its notice {notice.notice}, which nobody took in", evidence)


def check_told(account: Account, notices: Mapping[int, bytes], notice: Notice, sealed: Sealed) -> None:
    """All that a notice must stand before this wallet keeps it: by itself, then against what is held here.

    ``notices`` are those held, ``sealed`` is the notice as signed. Raises Contradiction.
    """
    raw = sealed.raw
    try:
        check_notice(notice, lambda who: _key(account, who))
        check_closing(notice, account.coming.spend(notice.number))
        _check_open(account, notice)
    except BadBytes as error:
        raise Contradiction(f"notice {notice.notice} of the bank proves nothing: {error.what}", (raw,)) from error
    _check_withdrawal(notices, notice, raw)
    _check_once(account, notices, notice, raw)
    if not was_void(account, notice, sealed.identity):
        _check_named(account, notice, raw)
        _check_bounced(account, notices, notice, raw)


def _key(account: Account, who: Fingerprint) -> PublicKey:
    """Only the bank and this party sign what a debit rests on."""
    if who == account.me:
        return account.key
    if who == account.bank.bank:
        return account.bank.key
    raise WrongShape("another signed what is in it")


def _check_open(account: Account, notice: Notice) -> None:
    statement = account.statement
    if notice.kind == n.CLEARED and notice.seq == statement.seq and statement.block_of(notice.number) is None:
        raise WrongShape("its number was not open when it was charged")


def _check_withdrawal(notices: Mapping[int, bytes], notice: Notice, raw: bytes) -> None:
    if notice.kind == n.WITHDRAWN and notice.earlier in notices:
        held = notices[notice.earlier]
        try:
            check_withdrawal(notice, Notice.read(trusted(held).body))
        except BadBytes as error:
            raise Contradiction(f"notice {notice.notice} of the bank: {error.what}", (raw, held)) from error


def _check_once(account: Account, notices: Mapping[int, bytes], notice: Notice, raw: bytes) -> None:
    """No cheque and no second redemption is charged twice, nor a certificate closed twice."""
    for had in (*notices.values(), *account.kept.values()):
        other = Notice.read(trusted(had).body)
        if charge_the_same(other, notice):
            raise Contradiction(f"notices {other.notice} and {notice.notice} of the bank charge the same", (had, raw))


def _check_named(account: Account, notice: Notice, raw: bytes) -> None:
    """It names the newest statement that the bank had signed: not another than the one held, nor an older one (S6)."""
    held, statement = account.held, account.statement
    if held is None or account.receipt is None:
        return
    other = notice.seq == statement.seq and notice.digest != digest_of(held.statement)
    older = notice.seq < statement.seq and held.time < notice.time
    if other or older:
        what = f"notice {notice.notice} of the bank names another statement of yours than it had signed"
        raise Contradiction(what, (raw, account.receipt))


def _check_bounced(account: Account, notices: Mapping[int, bytes], notice: Notice, raw: bytes) -> None:
    """A cheque that the bank did not cover must have been beyond what could be used then, as far as this wallet knows.

    Else it is held against an honest drawer, who would sign that it heard of it (C2).
    """
    held = account.held
    if notice.kind != n.BOUNCED or held is None or account.receipt is None or notice.seq != account.statement.seq:
        return
    listed, since = [waits.notice for waits in held.pending], range(held.highest + 1, notice.notice)
    if not all(each in notices for each in chain(listed, since)):  # a hostile bank may skip very many
        return
    before = [raw for number, raw in sorted(notices.items()) if number < notice.notice]
    told = (Notice.read(trusted(each).body) for each in before)
    debits = sum(each.amount for each in told if each.kind in n.DEBITS and each.asset == notice.asset)
    if account.statement.balance(notice.asset) - debits >= notice.amount:
        what = f"notice {notice.notice} of the bank says that a cheque was not covered which was"
        raise Contradiction(what, (raw, account.receipt, *before))
