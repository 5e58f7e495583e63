"""Quarrels over refusals whose reason may be false, and what no file decides."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ledgerpost.errors import Refusal
from ledgerpost.papers import notice as n
from ledgerpost.papers.cancelspend import CancelSpend
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.confirmreceipt import ConfirmReceipt
from ledgerpost.papers.contract import Contract
from ledgerpost.papers.denyreceipt import DenyReceipt
from ledgerpost.papers.dropnotices import DropNotices
from ledgerpost.papers.instrument import (
    Instrument,
    check_chain,
    digest_of_instrument,
    endorse,
    is_instrument,
)
from ledgerpost.papers.issueasset import IssueAsset
from ledgerpost.papers.letter import Letter
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.receipt import Result, Waits
from ledgerpost.papers.sequence import Sequence
from ledgerpost.papers.spendto import SpendTo
from ledgerpost.papers.stopcheque import StopCheque
from ledgerpost.papers.takein import ConfirmChequeCleared, ConfirmDeniedSpend, ConfirmRecoveredCertificate
from ledgerpost.papers.terms import DAY
from ledgerpost.sealed import trusted
from ledgerpost.statement import Span
from market import Market, Said, lead, present, send
from quarreling import (
    AT_FAULT,
    BOB_FROM_BANK,
    CASES,
    FALSE,
    NOTHING,
    ONES,
    Builder,
    Case,
    Row,
    about,
    altered,
    card,
    case,
    cash,
    copied,
    crooked,
    denied,
    depositing,
    ended,
    fault,
    hand,
    handed_in,
    hear,
    is_notice,
    kinds,
    lie,
    oats,
    owes,
    paying,
    refuse,
    told,
    writing,
)
from test_certificates import twice
from test_cheques import cheque, deposit, spend, stop
from town import Bank, Party, contract_text

# --- false refusals of instruments ------------------------------------------------------------------------------------


def _refusal(make: Callable[[Market], Result], *rows: Row, missing: tuple[str, ...] = ()) -> Builder:
    """A false refusal, and both sides' papers."""

    def build(m: Market) -> Case:
        m.bank.now += 60
        files = refuse(m, make(m))
        return Case((*hand(m["alice"]), *files), rows, missing)

    return build


CASES |= {
    f"a good cheque refused as {code.name}": _refusal(lambda m, code=code: Result(code), BOB_FROM_BANK)  # type: ignore[misc]
    for code in (
        Refusal.UNKNOWN_ORDER,
        Refusal.MALFORMED,
        Refusal.MISADDRESSED,
        Refusal.CHAIN,
        Refusal.LATE,
        Refusal.FEE,
        Refusal.DATES,
        Refusal.PAYEE,
        Refusal.ASSET,
        Refusal.PAID,
        Refusal.USED,
        Refusal.FUNDS,
        Refusal.NUMBER,
    )
}
CASES |= {
    "a good cheque refused for its number": _refusal(lambda m: Result(Refusal.NUMBER, None, about(m)), BOB_FROM_BANK),
    "a good cheque refused for a number of another's": _refusal(
        lambda m: Result(Refusal.NUMBER, None, about(m, "carol")), BOB_FROM_BANK
    ),
    "a good cheque refused by a statement never signed": _refusal(
        lambda m: Result(Refusal.NUMBER, None, about(m, digest=ONES)), BOB_FROM_BANK
    ),
    "a good cheque refused by a statement to come": _refusal(
        lambda m: Result(Refusal.NUMBER, None, about(m, seq=99, digest=ONES)), missing=("receipt alice",)
    ),
    "a good cheque refused for funds, and no notice shown": _refusal(
        lambda m: Result(Refusal.FUNDS, None, about(m)), BOB_FROM_BANK
    ),
    "a good cheque refused as used, and another's letter shown": _refusal(
        lambda m: Result(Refusal.USED, trusted(m["alice"].account.receipt or b"").identity), BOB_FROM_BANK
    ),
    "a good cheque refused as used, for a paper that is not here": _refusal(
        lambda m: Result(Refusal.USED, ONES), missing=("instrument",)
    ),
    "a good cheque refused as paid by a letter that is not here": _refusal(
        lambda m: Result(Refusal.PAID, None, None, ONES)
    ),
    "a good cheque refused as paid by a letter that presented nothing": _refusal(
        lambda m: Result(Refusal.PAID, None, None, m["alice"].account.held.answers[-1].letter),  # type: ignore[union-attr]
        BOB_FROM_BANK,
    ),
}


@case
def a_good_cheque_refused_by_an_older_statement(m: Market) -> Case:
    """Alice got the numbers since; the bank names the statement before."""
    old = about(m)
    m.bank.now += 60
    m["alice"].wish("getsequence", amount=5, until=m.bank.now + 90 * DAY)
    m["alice"].trip()
    m.bank.now += 60
    drawn = replace(cheque(m["alice"], m["bob"], m, number=21), chequebook=m["alice"].account.books[-1])
    hear(m, "bob")
    m.bank.now += 60
    files = refuse(m, Result(Refusal.NUMBER, None, old), drawn=drawn)
    return Case((*hand(m["alice"]), *files), (BOB_FROM_BANK,))


@case
def a_good_cheque_refused_for_its_number_and_the_drawer_has_a_later_receipt(m: Market) -> Case:
    """No number opens again: it is open in a receipt of after the refusal."""
    m.bank.now += 60
    named = about(m)
    drawn = m["alice"].draw(m["bob"], m.grain, 100)
    files = refuse(m, Result(Refusal.NUMBER, None, named._replace(digest=ONES)), drawn=drawn)
    m.bank.now += 60
    hear(m, "alice")
    later = hand(m["alice"])
    return Case((*later, *files), (BOB_FROM_BANK,))


@case
def a_good_cheque_refused_after_its_end_for_its_number(m: Market) -> Case:
    """A bank that says NUMBER where an honest one says DATES: no claim on Alice, who may stop it after its end."""
    drawn = m["alice"].draw(m["bob"], m.grain, 100, days=1)
    m["bob"].take(drawn)
    m.bank.now += 2 * DAY
    files = refuse(m, Result(Refusal.NUMBER, None, about(m)), drawn=drawn)
    return Case((*hand(m["alice"]), *files), (), ("receipt bob",))


@case
def a_good_cheque_refused_before_its_start_for_its_number(m: Market) -> Case:
    drawn = m["alice"].draw(m["bob"], m.grain, 100, start=m.bank.now + DAY)
    files = refuse(m, Result(Refusal.NUMBER, None, about(m)), drawn=drawn)
    return Case((*hand(m["alice"]), *files))


@case
def a_cheque_refused_for_a_number_on_which_another_was_charged(m: Market) -> Case:
    """Alice signed two, and the bank does not show Bob the other; her own notice does."""
    assert deposit(cheque(m["alice"], m["carol"], m, 50), m["carol"]).code is Refusal.DONE
    hear(m, "alice")
    m.bank.now += 60
    files = refuse(m, Result(Refusal.NUMBER, None, about(m)), drawn=cheque(m["alice"], m["bob"], m))
    rows = (owes("alice", "bob", 100, "C2"), fault("alice", None, "C3"))
    return Case((*hand(m["alice"]), *files), rows)


@case
def a_cheque_refused_for_a_number_on_which_it_was_charged_itself(m: Market) -> Case:
    drawn = m["alice"].draw(None, m.grain, 100)
    assert m["carol"].deposit(drawn) == [Refusal.DONE]
    hear(m, "alice")
    m.bank.now += 60
    files = refuse(m, Result(Refusal.NUMBER, None, about(m)), drawn=drawn)
    return Case((*hand(m["alice"]), *files))


@case
def a_cheque_refused_for_a_number_with_a_debit_that_is_not_here(m: Market) -> Case:
    assert deposit(cheque(m["alice"], m["carol"], m, 50), m["carol"]).code is Refusal.DONE
    hear(m, "alice")
    m.bank.now += 60
    files = refuse(m, Result(Refusal.NUMBER, None, about(m)), drawn=cheque(m["alice"], m["bob"], m))
    left = tuple(raw for raw in (*hand(m["alice"]), *files) if not is_notice(raw))
    return Case(left, (), ("notice alice",))


@case
def a_cheque_refused_for_a_number_with_a_debit_that_nobody_signed(m: Market) -> Case:
    """A false debit is the bank's own fault, and no reason to refuse another."""
    m.bank.now += 60
    waits = Waits(2, n.CLEARED, 1)
    listed = crooked(m, "alice", lambda r: replace(r, pending=(waits,), highest=2), believed=True)
    false = told(m, n.CLEARED, ended(m), "carol", notice=2)
    m.bank.now += 60
    files = refuse(m, Result(Refusal.NUMBER, None, about(m)), drawn=cheque(m["alice"], m["bob"], m, until=_end(false)))
    return Case((*listed, false, *files), (owes("bank", "alice", 100, "N2"), BOB_FROM_BANK))


def _end(notice: bytes) -> int:
    return Notice.read(trusted(notice).body).until


def _funds(make: Callable[[Market], bytes], *rows: Row, missing: tuple[str, ...] = ()) -> Builder:
    """Refused for funds that Alice has; ``make`` is the notice that the bank shows for it."""

    def build(m: Market) -> Case:
        m.bank.now += 60
        raw = make(m)
        files = refuse(m, Result(Refusal.FUNDS, trusted(raw).identity, about(m)), beside=(raw,))
        return Case((*hand(m["alice"]), *files), rows, missing)

    return build


CASES |= {
    "a good cheque refused for funds": _funds(lambda m: told(m, n.BOUNCED, ended(m), "bob"), BOB_FROM_BANK),
    "a good cheque refused for funds by a notice of long ago": _funds(
        lambda m: told(m, n.BOUNCED, ended(m), "bob", notice=1, seq=0), BOB_FROM_BANK, AT_FAULT
    ),
    "a good cheque refused for funds by another notice": _funds(
        lambda m: told(m, n.CLEARED, ended(m, number=2), "bob"), owes("bank", "bob", 100, "C2")
    ),
    "a good cheque refused for funds by a notice on another number": _funds(
        lambda m: told(m, n.BOUNCED, ended(m, number=2), "bob"), owes("bank", "bob", 100, "C2")
    ),
    "a good cheque refused for funds by a notice to another": _funds(
        lambda m: told(m, n.BOUNCED, handed_in(cheque(m["carol"], m["bob"], m), m, "bob"), "bob", to="carol"),
        owes("bank", "bob", 100, "C2"),
    ),
    "a good cheque refused for funds by a notice with rubbish in it": _funds(
        lambda m: told(m, n.BOUNCED, ended(m), "bob", enclosed=b"\x82\x40"), BOB_FROM_BANK, FALSE
    ),
}


@case
def a_good_cheque_refused_for_funds_of_which_the_drawer_never_heard(m: Market) -> Case:
    """Alice's next receipt knows of no such notice."""
    m.bank.now += 60
    raw = told(m, n.BOUNCED, ended(m), "bob")
    number = about(m).highest + 1
    files = refuse(m, Result(Refusal.FUNDS, trusted(raw).identity, about(m)), beside=(raw,))
    m.bank.now += 60
    later = crooked(m, "alice", lambda receipt: replace(receipt, highest=number), believed=True)
    return Case((*later, *files), (owes("bank", "bob", 100, "C2"), FALSE))


@case
def a_refusal_for_funds_that_names_notices_to_come(m: Market) -> Case:
    """The bank hints at a debit that nobody has seen: whoever has it must show it."""
    m.bank.now += 60
    raw = told(m, n.BOUNCED, ended(m), "bob", notice=9)
    files = refuse(m, Result(Refusal.FUNDS, trusted(raw).identity, about(m, highest=8)), beside=(raw,))
    return Case((*hand(m["alice"]), *files), (), ("notice alice",))


@case
def a_refusal_for_anothers_cheque(m: Market) -> Case:
    other = handed_in(cheque(m["carol"], m["dora"], m, 50), m, "dora").bare().encode()
    files = refuse(m, Result(Refusal.USED, digest_of_instrument(other)), beside=(other,))
    return Case(files, (BOB_FROM_BANK,))


@case
def a_refusal_for_a_certificate_that_the_drawer_never_signed_over(m: Market) -> Case:
    """The bank alone can sign one on any number: without its buyer's endorsement it proves nothing."""
    key = m["alice"].signer.key
    paper = Certificate(m.bank.signer.fingerprint, 1, m.grain, 5, m.bank.now + DAY, key, 8)
    other = Instrument(paper.sign(m.bank.signer)).encode()
    files = refuse(m, Result(Refusal.USED, digest_of_instrument(other)), beside=(other,))
    return Case(files, (BOB_FROM_BANK,))


@case
def a_refusal_for_a_cheque_that_nobody_handed_in(m: Market) -> Case:
    other = cheque(m["alice"], m["carol"], m, 50).bare().encode()
    files = refuse(m, Result(Refusal.USED, digest_of_instrument(other)), beside=(other,))
    return Case(files, (BOB_FROM_BANK, fault("alice", None, "C3")))


@case
def a_refusal_for_the_very_cheque(m: Market) -> Case:
    """An honest bank would say PAID, and name the letter."""
    mine = handed_in(m["alice"].draw(m["bob"], m.grain, 100), m, "bob").bare()
    drawn = replace(mine, endorsements=(), first=None, chequebook=m["alice"].account.books[0])
    name = digest_of_instrument(mine.encode())
    return Case(refuse(m, Result(Refusal.USED, name), drawn=drawn, beside=(mine.encode(),)), (BOB_FROM_BANK,))


@case
def a_refusal_for_a_cheque_that_does_not_verify(m: Market) -> Case:
    good = handed_in(cheque(m["alice"], m["carol"], m, 50), m, "carol").bare()
    other = replace(good, body=good.body[:-1] + bytes((good.body[-1] ^ 1,))).encode()
    files = refuse(m, Result(Refusal.USED, digest_of_instrument(other)), beside=(other,))
    return Case(files, (BOB_FROM_BANK,))


@case
def a_refusal_for_a_cheque_whose_signer_nobody_knows(m: Market) -> Case:
    stranger = Party("rogue", m.bank)
    stranger.account = replace(stranger.account, books=m["alice"].account.books)
    drawn = cheque(stranger, m["bob"], m, 50).bare().encode()
    files = refuse(m, Result(Refusal.USED, digest_of_instrument(drawn)), beside=(drawn,))
    return Case(files, (), ("card rogue",))


@case
def a_cheque_presented_again_after_it_was_paid(m: Market) -> Case:
    """Refused PAID, with the letter that was paid."""
    drawn = m["alice"].draw(m["bob"], m.grain, 100)
    assert m["bob"].deposit(drawn) == [Refusal.DONE]
    first = hand(m["bob"])
    m.bank.now += 60
    assert present(drawn, m["bob"]).code is Refusal.PAID
    return Case((*first, *hand(m["bob"]), *hand(m["alice"])))


@case
def a_cheque_paid_by_a_letter_that_was_refused(m: Market) -> Case:
    """The bank names as paying the letter by which the same cheque was refused before."""
    drawn = cheque(m["alice"], m["bob"], m, 1001)
    files = (*hand(m["alice"]), *cash(m, "bob", drawn, Refusal.FUNDS))
    named = m["bob"].account.held.answers[-1].letter  # type: ignore[union-attr]
    m.bank.now += 60
    m["bob"].queue(drawn)
    again = lie(m, "bob", Result(Refusal.PAID, None, None, named))
    return Case((*files, *again), (owes("alice", "bob", 1001, "C2"),))


def _redeeming(result: Callable[[Market], Result], *rows: Row, missing: tuple[str, ...] = ()) -> Builder:
    """Bob presents a good certificate."""

    def build(m: Market) -> Case:
        bought = m["alice"].buy(m.grain, 100)
        m.bank.now += 60
        passed = lead(bought, m["alice"], m["bob"])
        m["bob"].take(passed)
        m["bob"].queue(passed)
        return Case((*hand(m["alice"]), *lie(m, "bob", result(m))), rows, missing)

    return build


CASES |= {
    f"a good certificate refused as {code.name}": _redeeming(lambda m, code=code: Result(code), BOB_FROM_BANK)  # type: ignore[misc]
    for code in (Refusal.EXPIRED, Refusal.NO_SPEND, Refusal.CHAIN, Refusal.PAID, Refusal.LATE, Refusal.USED)
}


@case
def a_certificate_past_its_end(m: Market) -> Case:
    bought = m["alice"].buy(m.grain, 100, days=1)
    passed = lead(bought, m["alice"], m["bob"])
    m["bob"].take(passed)
    m.bank.now += DAY + 1
    assert present(passed, m["bob"]).code is Refusal.EXPIRED
    return Case((*hand(m["bob"]), *hand(m["alice"])))


@case
def a_certificate_in_its_last_second(m: Market) -> Case:
    bought = m["alice"].buy(m.grain, 100, days=1)
    passed = lead(bought, m["alice"], m["bob"])
    m["bob"].take(passed)
    m.bank.now += DAY
    m["bob"].queue(passed)
    files = lie(m, "bob", Result(Refusal.EXPIRED))
    return Case((*files, *hand(m["alice"])), (BOB_FROM_BANK,))


@case
def an_own_cheque_presented(m: Market) -> Case:
    drawn = cheque(m["alice"], None, m, 100)
    assert deposit(drawn, m["alice"]).code is Refusal.PAYEE
    return Case(hand(m["alice"]))


@case
def an_asset_that_the_bank_does_not_keep(m: Market) -> Case:
    drawn = cheque(m["alice"], m["bob"], m, 100, asset=bytes(32))
    assert deposit(drawn, m["bob"]).code is Refusal.ASSET
    return Case((*hand(m["bob"]), *hand(m["alice"])))


@case
def an_asset_that_the_bank_keeps_since(m: Market) -> Case:
    """Refused before it was issued; balances in it were signed later."""
    text = m.treasurer.issue("oats")
    m.treasurer.account = replace(m.treasurer.account, wishes=())
    drawn = cheque(m["alice"], m["bob"], m, 100, asset=text)
    assert deposit(drawn, m["bob"]).code is Refusal.ASSET
    files = hand(m["bob"])
    m.bank.now += 60
    oats(m, "alice")
    return Case((*files, *hand(m["alice"]), *hand(m.treasurer)))


@case
def a_letter_that_came_late(m: Market) -> Case:
    m["bob"].pay(m["carol"], m.grain, 5)
    m["bob"].send()
    m.bank.now += 61 * DAY
    m["bob"].trip()
    assert m["bob"].account.held.answers[-1].results[0].code is Refusal.LATE  # type: ignore[union-attr]
    return Case(hand(m["bob"]))


# --- false refusals of other orders -----------------------------------------------------------------------------------


def _asked(ask: Callable[[Market], None], result: Callable[[Market], Result], *rows: Row) -> Builder:
    """Alice asks for something that the bank refuses falsely."""

    def build(m: Market) -> Case:
        m.bank.now += 60
        ask(m)
        m.bank.now += 60
        return Case(lie(m, "alice", result(m)), rows)

    return build


def _pay(m: Market) -> None:
    m["alice"].pay(m["bob"], m.grain, 100)


def _cancel(m: Market) -> None:
    paying(m, "alice", "bob")
    m["alice"].wish("cancelspend", number=1)


def _accept(m: Market) -> None:
    paying(m, "bob", "alice")
    m["alice"].accept_all()


def _refuse_it(m: Market) -> None:
    paying(m, "bob", "alice")
    m["alice"].deny_all()


def _take_back(m: Market) -> None:
    denied(m)
    hear(m, "alice")


def _close(m: Market) -> None:
    paying(m, "alice", "bob")
    m["bob"].accept_all()
    m["bob"].trip()
    hear(m, "alice")


def _stop(m: Market) -> None:
    order = StopCheque(m.bank.signer.fingerprint, m["alice"].account.statement.seq + 1, (Span(3, 4), Span(6, 6)))
    writing(m, "alice", order)


def _withdraw(m: Market) -> None:
    paying(m, "bob", "alice")
    m["bob"].wish("cancelspend", number=1)
    m["bob"].trip()
    hear(m, "alice")


def _issue(m: Market) -> None:
    m["alice"].issue("beans")


def _code(code: Refusal) -> Callable[[Market], Result]:
    return lambda m: Result(code)


def _showing(code: Refusal, kind: str) -> Callable[[Market], Result]:
    """With a notice at hand for evidence, of that kind."""
    return lambda m: Result(code, trusted(kinds(m, "alice")[kind]).identity)


ALICE_OWED = owes("bank", "alice", 100, "S6")
CASES |= {
    "a spend refused for its number": _asked(_pay, _code(Refusal.NUMBER), AT_FAULT),
    "a spend refused for its payee": _asked(_pay, _code(Refusal.PAYEE), AT_FAULT),
    "a spend refused for its asset": _asked(_pay, _code(Refusal.ASSET), AT_FAULT),
    "a spend refused for funds": _asked(_pay, _code(Refusal.FUNDS), AT_FAULT),
    "a spend refused as late": _asked(_pay, _code(Refusal.LATE), AT_FAULT),
    "a spend refused as malformed": _asked(_pay, _code(Refusal.MALFORMED), AT_FAULT),
    "a spend refused for a fee": _asked(_pay, _code(Refusal.FEE), AT_FAULT),
    "a spend refused for what nobody can check": _asked(_pay, _code(Refusal.INBOX)),
    "an acceptance refused as taken in": _asked(_accept, _code(Refusal.TAKEN), ALICE_OWED),
    "an acceptance refused as none": _asked(_accept, _code(Refusal.NO_NOTICE), ALICE_OWED),
    "an acceptance refused as expired": _asked(_accept, _code(Refusal.EXPIRED), ALICE_OWED),
    "an acceptance refused as withdrawn by the payment itself": _asked(
        _accept, _showing(Refusal.WITHDRAWN, n.RECEIPT), ALICE_OWED
    ),
    "an acceptance refused as withdrawn, and nothing shown": _asked(_accept, _code(Refusal.WITHDRAWN)),
    "a denial refused as taken in": _asked(_refuse_it, _code(Refusal.TAKEN), AT_FAULT),
    "a denial refused as none": _asked(_refuse_it, _code(Refusal.NO_NOTICE), AT_FAULT),
    "what came back refused as none": _asked(_take_back, _code(Refusal.NO_NOTICE), ALICE_OWED),
    "what came back refused as taken in": _asked(_take_back, _code(Refusal.TAKEN), ALICE_OWED),
    "a closing refused as none": _asked(_close, _code(Refusal.NO_NOTICE), AT_FAULT),
    "a withdrawal refused as none": _asked(_withdraw, _code(Refusal.NO_NOTICE)),
    "a cancelling refused as of no spend": _asked(_cancel, _code(Refusal.NO_SPEND), AT_FAULT),
    "a stop refused for a number that is open": _asked(_stop, _code(Refusal.NUMBER), AT_FAULT),
    "an issue refused as malformed": _asked(_issue, _code(Refusal.MALFORMED), AT_FAULT),
    "an issue refused as misaddressed": _asked(_issue, _code(Refusal.MISADDRESSED), AT_FAULT),
}


@case
def a_cancelling_refused_for_the_end_of_another_spend(m: Market) -> Case:
    m["carol"].accept_all()
    paying(m, "alice", "carol", 30)
    m["carol"].accept_all()
    m["carol"].trip()
    hear(m, "alice")
    other = kinds(m, "alice")[n.CLOSED]
    paying(m, "alice", "bob")
    m["alice"].wish("cancelspend", number=2)
    files = lie(m, "alice", Result(Refusal.CLOSED, trusted(other).identity), beside=(other,))
    return Case(files, (AT_FAULT,))


@case
def a_cancelling_refused_for_the_true_end(m: Market) -> Case:
    paying(m, "alice", "bob")
    m["bob"].accept_all()
    m["bob"].trip()
    order = CancelSpend(m.bank.signer.fingerprint, m["alice"].account.statement.seq + 1, m["bob"].me, 1, m.grain, 100)
    assert send(m["alice"], order)[0].code is Refusal.CLOSED
    return Case((*hand(m["alice"]), *hand(m["bob"])))


@case
def a_letter_whose_orders_stand_in_each_others_way(m: Market) -> Case:
    """What one order closes, spends or takes in, the next one can't have: honest refusals all."""
    paying(m, "bob", "alice", 10)
    [held] = m["alice"].account.notices.values()
    bank, seq, bob = m.bank.signer.fingerprint, m["alice"].account.statement.seq + 1, m["bob"].me
    number = Notice.read(trusted(held).body).notice
    until = m.bank.now + 9 * DAY
    said: list[Said] = send(
        m["alice"],
        StopCheque(bank, seq, (Span(1, 1),)),
        SpendTo(bank, seq, bob, 1, m.grain, 5, until, ""),
        SpendTo(bank, seq, bob, 2, m.grain, 900, until, ""),
        SpendTo(bank, seq, bob, 3, m.grain, 101, until, ""),
        SpendTo(bank, seq, m["alice"].me, 4, m.grain, 1, until, ""),
        SpendTo(bank, seq, bob, 5, NOTHING, 1, until, ""),
        CancelSpend(bank, seq, bob, 9, m.grain, 5),
        DenyReceipt(bank, seq, bob, 1, m.grain, 10, number, ""),
        ConfirmReceipt(bank, seq, bob, 1, m.grain, 10, number),
        ConfirmReceipt(bank, seq, bob, 1, m.grain, 10, number + 7),
        ConfirmDeniedSpend(number + 8, 1, m.grain, 10),
        StopCheque(bank, seq, (Span(1, 1),)),
        DropNotices((Span(90, 90),)),
    )
    codes = [each.code.name for each in said]
    assert codes == [
        *("DONE", "NUMBER", "DONE", "FUNDS", "PAYEE", "ASSET", "NO_SPEND", "DONE", "TAKEN", "NO_NOTICE", "NO_NOTICE"),
        *("NUMBER", "NO_NOTICE"),
    ]
    before = hand(m["alice"])
    m.bank.now += 60
    hear(m, "alice")
    return Case((held, *before, *hand(m["alice"]), *hand(m["bob"])))


@case
def funds_that_a_debit_holds(m: Market) -> Case:
    """Her balance covers the spend; the cheque that cleared since has taken it."""
    assert deposit(cheque(m["alice"], m["bob"], m, 600), m["bob"]).code is Refusal.DONE
    assert spend(m["alice"], m["carol"], m, 2, 500).code is Refusal.FUNDS
    files = hand(m["alice"])
    m["alice"].ask()
    return Case((*files, *hand(m["alice"])))


@case
def an_acceptance_of_what_was_withdrawn(m: Market) -> Case:
    paying(m, "bob", "alice")
    m["bob"].wish("cancelspend", number=1)
    m["bob"].trip()
    m.bank.now += 60
    m["alice"].accept_all()
    m["alice"].trip()
    assert m["alice"].account.held.answers[-1].results[0].code is Refusal.WITHDRAWN  # type: ignore[union-attr]
    return Case((*hand(m["alice"]), *hand(m["bob"])))


@case
def an_acceptance_past_the_end(m: Market) -> Case:
    paying(m, "bob", "alice", days=1)
    [held] = m["alice"].account.notices.values()
    m.bank.now += DAY + 1
    m["alice"].accept_all()
    m["alice"].trip()
    assert m["alice"].account.held.answers[-1].results[0].code is Refusal.EXPIRED  # type: ignore[union-attr]
    return Case((held, *hand(m["alice"]), *hand(m["bob"])))


@case
def a_contract_that_is_none(m: Market) -> Case:
    """Or another's, or made for another bank."""
    text = contract_text("beans")
    elsewhere = Contract(Bank("other").signer.fingerprint, m["alice"].signer.key, text).sign(m["alice"].signer)
    contracts = (b"no contract", m.treasurer.contracts[m.grain], elsewhere)
    writing(m, "alice", *map(IssueAsset, contracts))
    m["alice"].trip()
    results = m["alice"].account.held.answers[-1].results  # type: ignore[union-attr]
    assert [each.code.name for each in results] == ["MALFORMED", "MISADDRESSED", "MALFORMED"]
    return Case(hand(m["alice"]))


# --- what no file decides ---------------------------------------------------------------------------------------------


@case
def a_letter_without_an_answer(m: Market) -> Case:
    m["alice"].pay(m["bob"], m.grain, 7)
    m["alice"].send()
    return Case(hand(m["alice"]))


@case
def a_notice_that_was_never_delivered(m: Market) -> Case:
    m["bob"].pay(m["alice"], m.grain, 7)
    m["bob"].trip()
    m["alice"].wish("getq")
    m["alice"].trip()
    return Case(tuple(raw for raw in hand(m["alice"]) if not is_notice(raw)))


@case
def a_newer_receipt_held_back(m: Market) -> Case:
    """Alice shows an older one; a notice names the newer, which is the bank's and hers alone."""
    old = hand(m["alice"])
    m["alice"].pay(m["bob"], m.grain, 7)
    m["alice"].trip()
    m["bob"].pay(m["alice"], m.grain, 9)
    m["bob"].trip()
    hear(m, "alice")
    return Case((*old, *m["alice"].account.notices.values()))


@case
def a_receipt_whose_letters_are_not_here(m: Market) -> Case:
    m["alice"].pay(m["bob"], m.grain, 7)
    m["alice"].trip()
    return Case((m["alice"].account.receipt or b"",), (), ("part alice",))


@case
def a_receipt_of_somebody_unknown(m: Market) -> Case:
    files = tuple(raw for raw in hand(m["alice"]) if raw[:1] != b"\xd2" or trusted(raw).type != "letter")
    left = tuple(raw for raw in files if raw not in m["alice"].account.books)
    return Case((*left[:1], m.bank.card), (), ("card alice",), cards=False)


@case
def a_bank_without_its_card(m: Market) -> Case:
    return Case((m["alice"].account.receipt or b"", card(m["alice"])), (), ("bankcard bank",), cards=False)


@case
def a_notice_about_somebody_unknown(m: Market) -> Case:
    """The cheque in it is Alice's, if it is; her card is not here."""
    drawn = m["alice"].draw(m["bob"], m.grain, 100)
    assert m["bob"].deposit(drawn) == [Refusal.DONE]
    hear(m, "alice")
    return Case((*m["alice"].account.notices.values(), m.bank.card), (), ("card alice",), cards=False)


@case
def nothing_at_all(m: Market) -> Case:
    return Case((), cards=False)


@case
def a_good_cheque_refused_for_its_date_without_its_chequebook(m: Market) -> Case:
    m.bank.now += 60
    files = (*hand(m["alice"]), *refuse(m, Result(Refusal.DATES)))
    books = set(m["alice"].account.books)
    left = tuple(raw for raw in files if raw not in books and not is_instrument(raw))
    return Case(left, (), ("sequence alice",))


@case
def a_good_cheque_refused_as_if_its_drawer_had_no_account_yet(m: Market) -> Case:
    """The only receipt here is of after that: she may have opened it since."""
    m.bank.now += 60
    files = refuse(m, Result(Refusal.NUMBER))
    m.bank.now += 60
    hear(m, "alice")
    return Case((*files, *hand(m["alice"])))


@case
def a_good_cheque_refused_for_funds_by_a_statement_never_signed(m: Market) -> Case:
    m.bank.now += 60
    raw = told(m, n.BOUNCED, ended(m), "bob")
    files = refuse(m, Result(Refusal.FUNDS, trusted(raw).identity, about(m, digest=ONES)), beside=(raw,))
    return Case((*hand(m["alice"]), *files), (BOB_FROM_BANK,))


@case
def a_good_cheque_refused_for_funds_before_the_receipt_that_it_names(m: Market) -> Case:
    """Dated back: the receipt named was signed after the refusal says it was given."""
    m.bank.now += 60
    raw = told(m, n.BOUNCED, ended(m), "bob")
    before = m.bank.now
    m.bank.now += 60
    hear(m, "alice")
    m.bank.now = before
    result = Result(Refusal.FUNDS, trusted(raw).identity, about(m))
    files = refuse(m, result, beside=(raw,), time=before)
    return Case((*hand(m["alice"]), *files), (BOB_FROM_BANK,))


@case
def a_cheque_in_what_is_no_contract(m: Market) -> Case:
    name = trusted(card(m["alice"])).identity
    m.bank.now += 60
    drawn = cheque(m["alice"], m["bob"], m, asset=name)
    raw = told(m, n.BOUNCED, ended(m, asset=name), "bob")
    files = refuse(m, Result(Refusal.FUNDS, trusted(raw).identity, about(m)), drawn=drawn, beside=(raw,))
    return Case((*hand(m["alice"]), *files), (), ("contract",))


def _strangers_debit(m: Market, **said: Any) -> bytes:
    """A notice to Alice with the cheque of somebody whose card is not here."""
    stranger = Party("rogue", m.bank)
    stranger.account = replace(stranger.account, books=m["alice"].account.books)
    drawn = cheque(stranger, m["bob"], m, 100).bare()
    chain = check_chain(drawn, stranger.signer.key, m.bank.signer.fingerprint)
    return told(m, n.CLEARED, endorse(chain, m["bob"].signer, m.bank.signer.key), "bob", **said)


@case
def a_cheque_refused_for_a_number_with_a_strangers_debit(m: Market) -> Case:
    m.bank.now += 60
    standing = about(m, highest=about(m).highest + 1)
    return Case(
        (_strangers_debit(m), *hand(m["alice"]), *refuse(m, Result(Refusal.NUMBER, None, standing))),
        (),
        ("card rogue",),
    )


@case
def a_cheque_refused_for_funds_with_a_strangers_debit(m: Market) -> Case:
    m.bank.now += 60
    standing = about(m, highest=about(m).highest + 1)
    raw = told(m, n.BOUNCED, ended(m), "bob", notice=about(m).highest + 2)
    files = refuse(m, Result(Refusal.FUNDS, trusted(raw).identity, standing), beside=(raw,))
    return Case((_strangers_debit(m), *hand(m["alice"]), *files), (), ("card rogue",))


@case
def a_cheque_refused_for_a_number_after_a_notice_of_no_debit(m: Market) -> Case:
    """The bank names notices made since; all of them are here, and none charged the number."""
    m.bank.now += 60
    between = told(m, n.BOUNCED, ended(m, number=2), "bob")
    standing = about(m, highest=about(m).highest + 1)
    files = refuse(m, Result(Refusal.NUMBER, None, standing))
    return Case((between, *hand(m["alice"]), *files), (BOB_FROM_BANK,))


@case
def refusals_without_effect_to_which_both_agreed(m: Market) -> Case:
    """The receipt starts after that letter: what it met cannot be retraced, and nobody is found against."""
    assert stop(m["alice"], 1, 1).code is Refusal.DONE
    bank, seq, bob = m.bank.signer.fingerprint, m["alice"].account.statement.seq + 1, m["bob"].me
    said = send(
        m["alice"],
        StopCheque(bank, seq, (Span(1, 1),)),
        SpendTo(bank, seq, bob, 1, m.grain, 5, m.bank.now + DAY, ""),
        CancelSpend(bank, seq, bob, 9, m.grain, 5),
        ConfirmDeniedSpend(9, 1, m.grain, 10),
    )
    assert [each.code.name for each in said] == ["NUMBER", "NUMBER", "NO_SPEND", "NO_NOTICE"]
    return Case(hand(m["alice"]))


@case
def an_acceptance_past_the_end_that_a_later_receipt_lists_again(m: Market) -> Case:
    paying(m, "bob", "alice", days=1)
    [held] = m["alice"].account.notices.values()
    m.bank.now += DAY + 1
    m["alice"].accept_all()
    m.bank.answer_to(m["alice"].send())  # it is lost
    m.bank.now += 60
    hear(m, "alice")
    return Case((held, *hand(m["alice"])))


@case
def an_acceptance_of_another_amount(m: Market) -> Case:
    paying(m, "bob", "alice")
    [held] = m["alice"].account.notices.values()
    m.bank.now += 60
    seq, number = m["alice"].account.statement.seq + 1, Notice.read(trusted(held).body).notice
    orders = (
        ConfirmReceipt(m.bank.signer.fingerprint, seq, m["bob"].me, 1, m.grain, 99, number),
        ConfirmReceipt(m.bank.signer.fingerprint, seq, m["carol"].me, 1, m.grain, 100, number),
        ConfirmDeniedSpend(number, 1, m.grain, 100),
    )
    assert {each.code for each in send(m["alice"], *orders)} == {Refusal.NO_NOTICE}
    return Case((held, *hand(m["alice"])))


@case
def orders_that_do_not_read(m: Market) -> Case:
    m["alice"].account = replace(m["alice"].account, letters=(m["alice"].by_hand(b"\x00", b"\x81\x64what"),))
    m["alice"].trip()
    results = m["alice"].account.held.answers[-1].results  # type: ignore[union-attr]
    assert [each.code for each in results] == [Refusal.MALFORMED, Refusal.UNKNOWN_ORDER]
    return Case(hand(m["alice"]))


@case
def a_refusal_for_funds_by_a_statement_that_only_a_later_receipt_bears(m: Market) -> Case:
    """It had the funds; but which debits waited then, only the receipt of then tells."""
    m.bank.now += 60
    raw = told(m, n.BOUNCED, ended(m), "bob")
    standing, old = about(m), m["alice"].account.receipt
    files = refuse(m, Result(Refusal.FUNDS, trusted(raw).identity, standing), beside=(raw,))
    m.bank.now += 60
    waits = Waits(Notice.read(trusted(raw).body).notice, n.BOUNCED, 1)
    later = crooked(m, "alice", lambda receipt: replace(receipt, pending=(waits,), highest=waits.notice), believed=True)
    return Case((*(each for each in later if each != old), *files), (), ("receipt alice",))


@case
def a_letter_in_its_last_second_refused_as_late(m: Market) -> Case:
    m["bob"].pay(m["carol"], m.grain, 5)
    m["bob"].send()
    m.bank.now = Letter.read(trusted(m["bob"].account.letters[-1]).body).not_after
    return Case(lie(m, "bob", Result(Refusal.LATE)), (fault("bank", "bob", "S6"),))


def _both_receipts(after: int) -> Builder:
    """Refused for funds by a statement that two receipts hold: the one that bears it tells what waited then."""

    def make(m: Market) -> Case:
        m.bank.now += after
        raw = told(m, n.BOUNCED, ended(m), "bob")
        standing, before = about(m), hand(m["alice"])
        files = refuse(m, Result(Refusal.FUNDS, trusted(raw).identity, standing), beside=(raw,))
        m.bank.now += 60
        waits = Waits(Notice.read(trusted(raw).body).notice, n.BOUNCED, 1)
        later = crooked(
            m, "alice", lambda receipt: replace(receipt, pending=(waits,), highest=waits.notice), believed=True
        )
        return Case((*before, *later, *files), (BOB_FROM_BANK,))

    return make


CASES |= {
    f"a refusal for funds by a statement that two receipts hold, {after} seconds later": _both_receipts(after)
    for after in (60, 61, 62)
}


@case
def a_good_cheque_refused_in_the_second_in_which_its_drawer_opened_an_account(m: Market) -> Case:
    """Nobody can tell which was first."""
    return Case((*hand(m["alice"]), *refuse(m, Result(Refusal.NUMBER))))


@case
def a_good_cheque_refused_for_its_number_in_the_last_second_of_that(m: Market) -> Case:
    m["alice"].wish("getsequence", amount=1, until=m.bank.now + DAY)
    m["alice"].trip()
    m.bank.now += DAY
    drawn = cheque(m["alice"], m["bob"], m, number=21, until=m.bank.now)
    drawn = replace(drawn, chequebook=m["alice"].account.books[-1])
    between = told(m, n.BOUNCED, ended(m, number=2), "bob")
    files = refuse(m, Result(Refusal.NUMBER, None, about(m, highest=about(m).highest + 1)), drawn=drawn)
    return Case((between, *hand(m["alice"]), *files), (BOB_FROM_BANK,))


@case
def a_stopped_cheque_refused_by_a_statement_never_signed(m: Market) -> Case:
    """The number was closed; but the bank does not say by which of its words."""
    drawn = m["alice"].draw(m["bob"], m.grain, 100)
    assert stop(m["alice"], 1, 1).code is Refusal.DONE
    m.bank.now += 60
    files = refuse(m, Result(Refusal.NUMBER, None, about(m, digest=ONES)), drawn=drawn)
    return Case((*hand(m["alice"]), *files), (BOB_FROM_BANK,))


@case
def a_cheque_stopped_after_its_end_and_refused_with_an_earlier_date(m: Market) -> Case:
    """Dated back: the statement that the refusal names was signed only after it."""
    drawn = m["alice"].draw(m["bob"], m.grain, 100, days=1)
    m["bob"].take(drawn)
    early = m.bank.now + 60
    m.bank.now += 2 * DAY
    assert stop(m["alice"], 1, 1).code is Refusal.DONE
    files = refuse(m, Result(Refusal.NUMBER, None, about(m)), drawn=drawn, time=early)
    return Case((*hand(m["alice"]), *files), (BOB_FROM_BANK,))


@case
def a_cheque_refused_for_funds_spent_after_the_date_of_the_refusal(m: Market) -> Case:
    m.bank.now += 60
    raw, early = told(m, n.BOUNCED, ended(m), "bob"), m.bank.now
    m.bank.now += 60
    m["alice"].pay(m["dora"], m.grain, 950)
    m["alice"].trip()
    drawn = cheque(m["alice"], m["bob"], m, until=_end(raw))
    files = refuse(m, Result(Refusal.FUNDS, trusted(raw).identity, about(m)), drawn=drawn, beside=(raw,), time=early)
    return Case((*hand(m["alice"]), *files), (BOB_FROM_BANK,))


@case
def a_good_cheque_refused_for_its_number_with_notices_to_come(m: Market) -> Case:
    """The bank hints at a debit; but the number is open still in a later receipt."""
    m.bank.now += 60
    before = hand(m["alice"])
    files = refuse(m, Result(Refusal.NUMBER, None, about(m, highest=about(m).highest + 5)))
    m.bank.now += 60
    hear(m, "alice")
    return Case((*before, *hand(m["alice"]), *files), (BOB_FROM_BANK,))


def _without_letters(*, last: bool) -> Builder:
    """Refused falsely for its number; of the drawer there is a receipt alone: the bank's own word is enough."""

    def make(m: Market) -> Case:
        m["alice"].wish("getsequence", amount=1, until=m.bank.now + DAY)
        m["alice"].trip()
        m.bank.now += DAY if last else 60
        writing(m, "bob", depositing(m, ended(m, number=21, until=m.bank.now)))
        files = lie(m, "bob", Result(Refusal.NUMBER, None, about(m)))
        return Case((m["alice"].account.receipt or b"", *files), (BOB_FROM_BANK,), ("part alice",))

    return make


CASES |= {
    "a good cheque refused for its number and the drawers letters are not here": _without_letters(last=False),
    "a good cheque refused in its numbers last second and the drawers letters are not here": _without_letters(
        last=True
    ),
}


@case
def a_cheque_refused_by_a_statement_and_only_a_later_one_is_here(m: Market) -> Case:
    """It has the number open; whether that was given out by then, no chequebook here tells."""
    m.bank.now += 60
    writing(m, "bob", depositing(m, ended(m)))
    files = lie(m, "bob", Result(Refusal.NUMBER, None, about(m)))
    m.bank.now += 60
    hear(m, "alice")
    later = tuple(raw for raw in hand(m["alice"]) if raw not in m["alice"].account.books)
    return Case((*later, *files), (), ("receipt alice",))


# --- to the second, and in the same letter ------------------------------------------------------------------------


@case
def a_cheque_as_long_as_its_chequebook_refused_for_its_date(m: Market) -> Case:
    m.bank.now += 60
    until = Sequence.read(trusted(m["alice"].account.books[0]).body).until
    writing(m, "bob", depositing(m, ended(m, until=until)))
    return Case((*hand(m["alice"]), *lie(m, "bob", Result(Refusal.DATES))), (BOB_FROM_BANK,))


CASES["a good certificate refused for what nobody can check"] = _redeeming(lambda m: Result(Refusal.CAP))


@case
def an_asset_that_the_bank_keeps_since_the_same_second(m: Market) -> Case:
    asset = m.treasurer.issue("oats")
    m.treasurer.account = replace(m.treasurer.account, wishes=())
    assert deposit(cheque(m["alice"], m["bob"], m, 100, asset=asset), m["bob"]).code is Refusal.ASSET
    files = hand(m["bob"])
    oats(m, "alice")
    return Case((*files, *hand(m["alice"]), *hand(m.treasurer)))


@case
def a_spend_refused_for_an_asset_that_others_have(m: Market) -> Case:
    asset = oats(m, "bob")
    m.bank.now += 60
    bank, seq = m.bank.signer.fingerprint, m["alice"].account.statement.seq + 1
    order = SpendTo(bank, seq, m["bob"].me, 1, asset, 5, m.bank.now + DAY, "")
    writing(m, "alice", order)
    return Case((*hand(m["bob"]), *lie(m, "alice", Result(Refusal.ASSET))), (AT_FAULT,))


def _accepted_too_soon(after: int) -> Builder:
    """Alice accepts what Carol has not paid yet; the receipt that says so is the bank's last, or lists it again."""

    def make(m: Market) -> Case:
        m.bank.now += 60
        number = about(m).highest + 1
        seq = m["alice"].account.statement.seq + 1
        writing(m, "alice", ConfirmReceipt(m.bank.signer.fingerprint, seq, m["carol"].me, 1, m.grain, 100, number))
        if after:
            m.bank.answer_to(m["alice"].send())  # it is lost
        else:
            m["alice"].trip()
        files = hand(m["alice"])
        m["carol"].pay(m["alice"], m.grain, 100)
        m["carol"].trip()
        m.bank.now += after
        old = copied(m)
        hear(m if after else old, "alice")
        return Case((*files, *hand((m if after else old)["alice"])))

    return make


CASES |= {
    "an acceptance of what was paid in the same second": _accepted_too_soon(0),
    "an acceptance of what was paid only later": _accepted_too_soon(60),
}


@case
def an_acceptance_refused_as_expired_in_the_last_second(m: Market) -> Case:
    paying(m, "bob", "alice", days=1)
    m["alice"].accept_all()
    m.bank.now += DAY
    return Case(lie(m, "alice", Result(Refusal.EXPIRED)), (ALICE_OWED,))


@case
def a_recovery_taken_in_for_another_lien(m: Market) -> Case:
    """It met none; the order names one: an honest refusal."""
    m.bank.set_terms(second="recover")
    m.settle()
    _, two = twice(m)
    assert present(two, m["carol"], ended=True).code is Refusal.DONE
    m.bank.now += 60
    hear(m, "alice")
    raw = kinds(m, "alice")[n.RECOVERED]
    notice = Notice.read(trusted(raw).body)
    m.bank.now += 60
    said = send(m["alice"], ConfirmRecoveredCertificate(notice.notice, notice.number, notice.asset, notice.amount, 77))
    assert said[0].code is Refusal.NO_NOTICE
    return Case((raw, *hand(m["alice"])), (fault("alice", None, "B5"),))


@case
def a_spend_on_a_number_in_its_last_second(m: Market) -> Case:
    m["alice"].wish("getsequence", amount=1, until=m.bank.now + DAY)
    m["alice"].trip()
    m.bank.now += DAY
    seq, bob = m["alice"].account.statement.seq + 1, m["bob"].me
    writing(m, "alice", SpendTo(m.bank.signer.fingerprint, seq, bob, 21, m.grain, 5, m.bank.now + DAY, ""))
    return Case(lie(m, "alice", Result(Refusal.NUMBER)), (AT_FAULT,))


@case
def a_spend_of_all_there_is_refused_for_funds(m: Market) -> Case:
    m["alice"].pay(m["bob"], m.grain, 1000)
    return Case(lie(m, "alice", Result(Refusal.FUNDS)), (AT_FAULT,))


@case
def funds_that_a_debit_held_which_the_same_letter_takes_in(m: Market) -> Case:
    assert deposit(cheque(m["alice"], m["bob"], m, 600), m["bob"]).code is Refusal.DONE
    hear(m, "alice")
    notice = Notice.read(trusted(kinds(m, "alice")[n.CLEARED]).body)
    seq, carol = m["alice"].account.statement.seq + 1, m["carol"].me
    said = send(
        m["alice"],
        SpendTo(m.bank.signer.fingerprint, seq, carol, 2, m.grain, 500, m.bank.now + DAY, ""),
        ConfirmChequeCleared(notice.notice, notice.number, notice.asset, notice.amount),
    )
    assert [each.code for each in said] == [Refusal.FUNDS, Refusal.DONE]
    return Case(hand(m["alice"]))


@case
def a_stopped_cheque_refused_for_funds(m: Market) -> Case:
    """Her number was closed: an honest bank says NUMBER. This one had to name what it never looked at."""
    drawn = m["alice"].draw(m["bob"], m.grain, 100)
    m.bank.now += 60
    assert stop(m["alice"], 1, 1).code is Refusal.DONE
    m["alice"].pay(m["dora"], m.grain, 950)
    m["alice"].trip()
    m.bank.now += 60
    chain = check_chain(drawn.bare(), m["alice"].signer.key, m.bank.signer.fingerprint)
    raw = told(m, n.BOUNCED, endorse(chain, m["bob"].signer, m.bank.signer.key), "bob")
    files = refuse(m, Result(Refusal.FUNDS, trusted(raw).identity, about(m)), drawn=drawn, beside=(raw,))
    return Case((*hand(m["alice"]), *files), (BOB_FROM_BANK,))


@case
def a_good_cheque_of_all_there_is_refused_for_funds(m: Market) -> Case:
    m.bank.now += 60
    raw = told(m, n.BOUNCED, ended(m, 1000), "bob")
    result = Result(Refusal.FUNDS, trusted(raw).identity, about(m))
    files = refuse(m, result, drawn=cheque(m["alice"], m["bob"], m, 1000), beside=(raw,))
    return Case((*hand(m["alice"]), *files), (owes("bank", "bob", 1000, "S6"),))


@case
def a_good_cheque_refused_for_funds_by_an_older_statement(m: Market) -> Case:
    """Alice lacked the funds then; she had them when the cheque was presented."""
    m["alice"].pay(m["dora"], m.grain, 950)
    m["alice"].trip()
    poor, old = about(m), hand(m["alice"])
    m.bank.now += 60
    m.fund(m["alice"], 500)
    m.bank.now += 60
    raw = told(m, n.BOUNCED, ended(m, number=9), "bob")
    drawn = cheque(m["alice"], m["bob"], m, number=9)
    files = refuse(m, Result(Refusal.FUNDS, trusted(raw).identity, poor), drawn=drawn, beside=(raw,))
    return Case((*old, *hand(m["alice"]), *files), (BOB_FROM_BANK,))


@case
def a_good_cheque_refused_for_a_debit_that_was_charged_twice(m: Market) -> Case:
    """One of the two charges is the bank's own fault, and takes nothing from Alice."""
    m.bank.now += 60
    one = told(m, n.CLEARED, ended(m, 600, number=2), "bob")
    high = about(m).highest
    other = altered(m, one, notice=high + 2)
    raw = told(m, n.BOUNCED, ended(m, 300), "bob", notice=high + 3)
    result = Result(Refusal.FUNDS, trusted(raw).identity, about(m, highest=high + 2))
    files = refuse(m, result, drawn=cheque(m["alice"], m["bob"], m, 300), beside=(raw,))
    rows = (owes("bank", "alice", 600, "N2"), owes("bank", "bob", 300, "S6"))
    return Case((one, other, *hand(m["alice"]), *files), rows)


@case
def a_bounced_cheque_refused_again_by_the_statement_of_the_first_time(m: Market) -> Case:
    """The notice is of the first time, and true; since then Alice had the funds, and the bank had signed that."""
    presented = ended(m, 1001)
    assert send(m["bob"], depositing(m, presented))[0].code is Refusal.FUNDS
    named = m["bob"].account.held.answers[-1].results[0]  # type: ignore[union-attr]
    m.bank.now += 60
    m.fund(m["alice"], 500)
    m.bank.now += 60
    writing(m, "bob", depositing(m, presented))
    files = lie(m, "bob", named)
    told_ = tuple(raw for raw in files if is_notice(raw))
    assert told_, "the notice of the first time stands beside"
    return Case((*hand(m["alice"]), *files), (owes("bank", "bob", 1001, "S6"),))
