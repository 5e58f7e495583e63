"""Quarrels over notices: debits that nobody signed for, spends and how they ended."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ledgerpost import cbor
from ledgerpost.errors import Refusal
from ledgerpost.papers import notice as n
from ledgerpost.papers.cancelspend import CancelSpend
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.confirmreceipt import ConfirmReceipt
from ledgerpost.papers.denyreceipt import DenyReceipt
from ledgerpost.papers.instrument import (
    Instrument,
)
from ledgerpost.papers.letter import Letter
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.receipt import Answer, Base, Receipt, Result, Waits
from ledgerpost.papers.spendto import SpendTo
from ledgerpost.papers.terms import DAY
from ledgerpost.sealed import trusted
from ledgerpost.statement import Statement, digest_of
from market import Market, endorsed, lead, send
from quarreling import (
    ALICE_WRONGED,
    AT_FAULT,
    CASES,
    FALSE,
    NAMES,
    ONES,
    Builder,
    Case,
    Row,
    against,
    altered,
    card,
    case,
    copied,
    crooked,
    denied,
    depositing,
    ended,
    fault,
    hand,
    handed_in,
    hear,
    kinds,
    lie,
    notified,
    owes,
    paying,
    signed_by,
    told,
)
from test_cheques import cheque, deposit, stop
from town import Bank, Party

# --- debits that nobody signed for ------------------------------------------------------------------------------------


def _debit(make: Callable[[Market], bytes], amount: int = 100, rule: str = "N2") -> Builder:
    return lambda m: Case(against(m, make(m)), (owes("bank", "alice", amount, rule),))


def _false(make: Callable[[Market], bytes]) -> Builder:
    return lambda m: Case(against(m, make(m)), (fault("bank", "alice", "L2"),))


CASES |= {
    "a debit that another signed": _debit(
        lambda m: told(m, n.CLEARED, handed_in(cheque(m["carol"], m["bob"], m), m, "bob"), "bob")
    ),
    "a debit of more than was drawn": _debit(lambda m: told(m, n.CLEARED, ended(m), "bob", amount=999), 999),
    "a debit of another asset": _debit(lambda m: told(m, n.CLEARED, ended(m, asset=bytes(32)), "bob", asset=m.grain)),
    "a debit on another number": _debit(lambda m: told(m, n.CLEARED, ended(m), "bob", number=2)),
    "a debit after the cheque's end": _debit(
        lambda m: told(m, n.CLEARED, ended(m, until=m.bank.now + DAY), "bob", time=m.bank.now + DAY + 1)
    ),
    "a debit before the cheque's start": _debit(lambda m: told(m, n.CLEARED, ended(m, start=m.bank.now + DAY), "bob")),
    "a debit nobody presented": _debit(lambda m: told(m, n.CLEARED, cheque(m["alice"], m["bob"], m), "bob")),
    "a debit another presented": _debit(lambda m: told(m, n.CLEARED, ended(m), "carol")),
    "a debit presented by nobody": _debit(lambda m: told(m, n.CLEARED, ended(m), "bob", other=None, key=None)),
    "a debit with nothing in it": _debit(lambda m: told(m, n.CLEARED, ended(m), "bob", enclosed=None)),
    "a debit with rubbish in it": _debit(lambda m: told(m, n.CLEARED, ended(m), "bob", enclosed=b"\x82\x40")),
    "a debit for a certificate": _debit(
        lambda m: told(m, n.CLEARED, handed_in(m["alice"].buy(m.grain, 100), m, "alice", "bob"), "bob")
    ),
    "a debit for a cheque on another bank": _debit(
        lambda m: told(m, n.CLEARED, ended(m), "bob", enclosed=ended(m, at=Bank("other")).encode())
    ),
    "a debit with a spliced chain": _debit(
        lambda m: told(m, n.CLEARED, ended(m), "bob", enclosed=_spliced(m).encode())
    ),
    "a bounce of what another signed": _false(
        lambda m: told(m, n.BOUNCED, handed_in(cheque(m["carol"], m["bob"], m), m, "bob"), "bob")
    ),
    "a lien without proof": _debit(lambda m: told(m, n.LIEN, ended(m), "bob", enclosed=b"\x82\x40\x40")),
    "a recovery from one chain": _debit(lambda m: told(m, n.RECOVERED, ended(m), "bob")),
    "a recovery of two cheques": _debit(
        lambda m: told(m, n.RECOVERED, ended(m), "bob", enclosed=cbor.encode((ended(m).bare().encode(),) * 2))
    ),
    "a recovery from two chains of which one is the start of the other": _debit(lambda m: _recovery(m, "bob", "bob")),
    "a recovery from whom did not sign twice": lambda m: Case(
        against(m, _recovery(m, "bob", "carol", first="dora")),
        (owes("bank", "alice", 100, "N2"), fault("dora", None, "B5")),
    ),
    "a credit at the cost of whom did not sign twice": lambda m: Case(
        against(m, altered(m, _recovery(m, "bob", "carol"), kind=n.CREDITED, other=m["dora"].me, key=None)),
        (FALSE, fault("alice", None, "B5")),
    ),
}


def _spliced(m: Market) -> Instrument:
    """Bob's endorsement of one cheque, on another."""
    return replace(ended(m), endorsements=ended(m, 101).endorsements)


def _recovery(m: Market, one: str, other: str, *, first: str = "alice") -> bytes:
    """Alice is charged for two chains of a certificate that ``first`` signed over to two."""
    bought = m["alice"].buy(m.grain, 100)
    path = ("alice",) if first == "alice" else ("alice", first)
    start = lead(bought, *(m[name] for name in path))
    chains = [
        endorsed(lead(start, m[path[-1]], m[name]), m[name], m.bank.signer.key) if name != path[-1] else start
        for name in dict.fromkeys((one, other))
    ]
    if one == other:
        chains = [chains[0], replace(chains[0], endorsements=chains[0].endorsements[:1])]
    raws = cbor.encode(tuple(each.encode() for each in chains))
    return told(m, n.RECOVERED, chains[-1], other, enclosed=raws)


@case
def a_debit_on_a_stopped_number(m: Market) -> Case:
    presented = ended(m)
    assert stop(m["alice"], 1, 1).code is Refusal.DONE
    return Case(against(m, told(m, n.CLEARED, presented, "bob")), (owes("bank", "alice", 100, "N2"),))


@case
def a_debit_on_a_number_past_its_end(m: Market) -> Case:
    """The numbers end with their block, whatever the cheque says."""
    m["alice"].wish("getsequence", amount=1, until=m.bank.now + DAY)
    m["alice"].trip()
    presented = ended(m, number=21)
    false = told(m, n.CLEARED, presented, "bob", time=m.bank.now + DAY + 1)
    return Case(against(m, false, believed=True), (owes("bank", "alice", 100, "N2"),))


@case
def a_debit_on_a_number_in_its_last_second(m: Market) -> Case:
    m["alice"].wish("getsequence", amount=1, until=m.bank.now + DAY)
    m["alice"].trip()
    presented = ended(m, number=21, until=m.bank.now + DAY)
    m.bank.now += DAY
    assert send(m["bob"], depositing(m, presented))[0].code is Refusal.DONE
    before = hand(m["alice"])
    hear(m, "alice")
    return Case((*before, *hand(m["alice"])))


@case
def a_debit_before_the_number_was_given(m: Market) -> Case:
    """By the very statement that the notice names, the number was not open; that it was given later is no matter."""
    early = told(m, n.CLEARED, ended(m, number=21), "bob")
    return Case(against(m, early), (owes("bank", "alice", 100, "N2"),))


@case
def a_number_charged_twice(m: Market) -> Case:
    """In one inbox: the second notice is the first one over again."""
    drawn = m["alice"].draw(m["bob"], m.grain, 100)
    assert m["bob"].deposit(drawn) == [Refusal.DONE]
    hear(m, "alice")
    [first] = m["alice"].account.notices.values()
    return Case(against(m, altered(m, first, notice=99)), (owes("bank", "alice", 100, "N2"),))


@case
def a_number_charged_three_times(m: Market) -> Case:
    presented = ended(m)
    raws = [told(m, n.CLEARED, presented, "bob", notice=50 + at) for at in range(3)]
    return Case(against(m, *raws), (owes("bank", "alice", 100, "N2"),) * 2)


@case
def a_number_charged_for_two_cheques(m: Market) -> Case:
    """Alice did sign both: the bank may charge one, and she is at fault all the same."""
    raws = [told(m, n.CLEARED, ended(m, 100 + at), "bob", notice=50 + at) for at in range(2)]
    return Case(against(m, *raws), (owes("bank", "alice", 101, "N2"), fault("alice", None, "C3")))


@case
def a_number_charged_again_after_it_was_taken_in(m: Market) -> Case:
    drawn = m["alice"].draw(m["bob"], m.grain, 100)
    assert m["bob"].deposit(drawn) == [Refusal.DONE]
    m["alice"].ask()
    again = told(m, n.CLEARED, endorsed(drawn, m["bob"], m.bank.signer.key), "bob")
    files = tuple(raw for raw in against(m, again) if raw not in m["alice"].account.kept.values())
    return Case(files, (owes("bank", "alice", 100, "N2"),))


@case
def a_debit_listed_on_a_number_that_the_statement_lacks(m: Market) -> Case:
    """The notice itself is of an earlier time, and good; the receipt lists it again after it was taken in."""
    _bounce(m)
    drawn = m["alice"].draw(m["bob"], m.grain, 100)
    assert m["bob"].deposit(drawn) == [Refusal.DONE]
    m["alice"].ask()
    [(number, notice)] = list(m["alice"].account.kept.items())[1:]
    waits = Waits(number, n.CLEARED, 1)
    files = crooked(m, "alice", lambda receipt: replace(receipt, pending=(waits,)))
    return Case((*files, notice), (owes("bank", "alice", 100, "N2"),))


@case
def a_debit_listed_and_not_shown(m: Market) -> Case:
    assert stop(m["alice"], 1, 1).code is Refusal.DONE
    waits = Waits(9, n.CLEARED, 1)
    files = crooked(m, "alice", lambda receipt: replace(receipt, highest=9, pending=(waits,)))
    return Case(files, (ALICE_WRONGED,))


@case
def a_chain_recovered_twice(m: Market) -> Case:
    raw = _recovery(m, "bob", "carol")
    files = against(m, raw, altered(m, raw, notice=99))
    return Case(files, (owes("bank", "alice", 100, "N2"), fault("alice", None, "B5")))


@case
def two_second_redemptions_under_one_number(m: Market) -> Case:
    """Alice signed over to three: two are recovered from her, each for its own chain."""
    bought = m["alice"].buy(m.grain, 100)
    bob, carol, dora = (handed_in(bought, m, "alice", name) for name in ("bob", "carol", "dora"))
    raws = [
        told(m, n.RECOVERED, each, by, enclosed=cbor.encode((bob.encode(), each.encode())), notice=50 + at)
        for at, (each, by) in enumerate(((carol, "carol"), (dora, "dora")))
    ]
    return Case(against(m, *raws, believed=True), (fault("alice", None, "B5"),) * 3)


@case
def debits_that_were_signed_for(m: Market) -> Case:
    """Two cheques of one amount; the old notices are shown with the newest receipt."""
    drawn = [m["alice"].draw(m["bob"], m.grain, 100) for _ in range(2)]
    assert m["bob"].deposit(*drawn) == [Refusal.DONE] * 2
    hear(m, "alice")
    old = hand(m["alice"])
    m["alice"].ask()
    assert m.has("alice") == [800]
    return Case((*old, *hand(m["alice"]), *hand(m["bob"]), *(each.encode() for each in drawn)))


@case
def an_old_notice_alone(m: Market) -> Case:
    """It was taken in long ago; that is what the newest receipt says too."""
    drawn = m["alice"].draw(m["bob"], m.grain, 100)
    assert m["bob"].deposit(drawn) == [Refusal.DONE]
    hear(m, "alice")
    [notice] = m["alice"].account.notices.values()
    m["alice"].ask()
    return Case((notice, *hand(m["alice"])))


# --- spends and their ends --------------------------------------------------------------------------------------------


def _accepting(m: Market, **fields: Any) -> bytes:
    """Bob's real acceptance of what Alice paid him, signed once more with other fields."""
    said: dict[str, Any] = {"bank": m.bank.signer.fingerprint, "seq": 9, "spender": m["alice"].me, "number": 1}
    said |= {"asset": m.grain, "amount": 100, "notice": 2}
    return signed_by(m, "bob", ConfirmReceipt(**said | fields))


def _denying(m: Market, **fields: Any) -> bytes:
    said: dict[str, Any] = {"bank": m.bank.signer.fingerprint, "seq": 9, "spender": m["alice"].me, "number": 1}
    said |= {"asset": m.grain, "amount": 100, "notice": 2, "comment": ""}
    return signed_by(m, "bob", DenyReceipt(**said | fields))


def _spending(m: Market, **fields: Any) -> bytes:
    said: dict[str, Any] = {"bank": m.bank.signer.fingerprint, "seq": 9, "payee": m["alice"].me, "number": 1}
    said |= {"asset": m.grain, "amount": 100, "until": m.bank.now + 30 * DAY, "comment": ""}
    return signed_by(m, "bob", SpendTo(**said | fields))


def _ending(make: Callable[[Market], bytes], *rows: Row, believed: bool = False) -> Builder:
    """Alice paid Bob a hundred; then the bank tells her how that ended."""

    def build(m: Market) -> Case:
        paying(m, "alice", "bob")
        return Case(against(m, make(m), believed=believed), rows)

    return build


LOST_100 = owes("bank", "alice", 100, "L2")
CASES |= {
    "a spend closed that nobody accepted": _ending(lambda m: notified(m, n.CLOSED, "alice", "bob", None), LOST_100),
    "a spend closed by another's acceptance": _ending(
        lambda m: notified(m, n.CLOSED, "alice", "carol", _accepting(m)), LOST_100
    ),
    "a spend closed by the acceptance of another number": _ending(
        lambda m: notified(m, n.CLOSED, "alice", "bob", _accepting(m, number=2)), LOST_100
    ),
    "a spend closed by the acceptance of another's spend": _ending(
        lambda m: notified(m, n.CLOSED, "alice", "bob", _accepting(m, spender=m["carol"].me)), LOST_100
    ),
    "a spend closed by a denial": _ending(lambda m: notified(m, n.CLOSED, "alice", "bob", _denying(m)), LOST_100),
    "a large spend closed by the acceptance of a small one": _ending(
        lambda m: notified(m, n.CLOSED, "alice", "bob", _accepting(m, amount=1), amount=1),
        owes("bank", "alice", 100, "O2"),
    ),
    "a spend closed by a stranger's acceptance": _ending(
        lambda m: notified(m, n.CLOSED, "alice", "carol", _by(m, "carol")), owes("bank", "alice", 100, "O2")
    ),
    "a spend closed by a certificate": _ending(
        lambda m: told(m, n.REDEEMED, _minted(m, 1, 100), "alice"), owes("bank", "alice", 100, "O2")
    ),
    "a spend denied that nobody denied": _ending(lambda m: notified(m, n.DENIED, "alice", "bob", _accepting(m)), FALSE),
    "a large spend denied as a small one": _ending(
        lambda m: notified(m, n.DENIED, "alice", "bob", _denying(m, amount=1), amount=1), fault("bank", "alice", "O2")
    ),
    "a spend expired before its end": _ending(lambda m: notified(m, n.EXPIRED, "alice", None, None), FALSE),
    "a spend expired in its last second": _ending(
        lambda m: notified(m, n.EXPIRED, "alice", None, None, time=m.bank.now + 30 * DAY), FALSE
    ),
    "a certificate closed that nobody handed in": _debit(
        lambda m: told(m, n.REDEEMED, m["alice"].buy(m.grain, 100), "bob"), rule="L2"
    ),
    "a certificate closed by a cheque": _debit(lambda m: told(m, n.REDEEMED, ended(m), "bob"), rule="L2"),
    "a payment that its spender did not sign": _false(
        lambda m: notified(m, n.RECEIPT, "alice", "bob", _spending(m, amount=99))
    ),
    "a payment that another signed": _false(lambda m: notified(m, n.RECEIPT, "alice", "carol", _spending(m))),
    "a payment to another": _false(lambda m: notified(m, n.RECEIPT, "alice", "bob", _spending(m, payee=m["carol"].me))),
    "a payment with another end": _false(lambda m: notified(m, n.RECEIPT, "alice", "bob", _spending(m), until=1)),
    "a withdrawal that its spender did not sign": _debit(
        lambda m: notified(m, n.WITHDRAWN, "alice", "bob", _spending(m), earlier=1), rule="L2"
    ),
}


def _by(m: Market, name: str) -> bytes:
    """The acceptance of Alice's spend by whom she did not pay."""
    said = (m.bank.signer.fingerprint, 9, m["alice"].me, 1, m.grain, 100, 2)
    return signed_by(m, name, ConfirmReceipt(*said))


def _minted(m: Market, number: int, amount: int) -> Instrument:
    """A certificate that the bank signs over a number of Alice's, and that she hands in."""
    key = m["alice"].signer.key
    paper = Certificate(m.bank.signer.fingerprint, number, m.grain, amount, m.bank.now + 30 * DAY, key, 16)
    return handed_in(Instrument(paper.sign(m.bank.signer)), m, "alice")


@case
def a_spend_ended_twice(m: Market) -> Case:
    """Bob did sign both; but a spend ends once."""
    paying(m, "alice", "bob")
    one = notified(m, n.CLOSED, "alice", "bob", _accepting(m))
    other = notified(m, n.DENIED, "alice", "bob", _denying(m), notice=99)
    return Case(against(m, one, other, believed=True), (fault("bank", "alice", "O2"),))


@case
def a_certificate_closed_twice(m: Market) -> Case:
    bought = handed_in(m["alice"].buy(m.grain, 100), m, "alice", "bob")
    raw = told(m, n.REDEEMED, bought, "bob")
    return Case(against(m, raw, altered(m, raw, notice=99)), (fault("bank", "alice", "O2"),))


@case
def a_withdrawal_of_another_spend(m: Market) -> Case:
    """Bob paid Alice a hundred and one; he withdraws one, and the bank shows it for the hundred."""
    paying(m, "bob", "alice", 100)
    [held] = m["alice"].account.notices.values()
    order = CancelSpend(m.bank.signer.fingerprint, 9, m["alice"].me, 2, m.grain, 1)
    number = Notice.read(trusted(held).body).notice
    raw = notified(m, n.WITHDRAWN, "alice", "bob", signed_by(m, "bob", order), number=2, amount=1, earlier=number)
    return Case(against(m, raw), (owes("bank", "alice", 100, "O2"),))


@case
def a_withdrawal_by_the_spender(m: Market) -> Case:
    paying(m, "bob", "alice", 100)
    before = hand(m["alice"])
    m["bob"].wish("cancelspend", number=1)
    m["bob"].trip()
    hear(m, "alice")
    files = hand(m["alice"])
    m["alice"].ask()
    return Case((*before, *files, *hand(m["alice"]), *hand(m["bob"])))


def _forgotten(make: Callable[[Market], None], kind: str, *rows: Row) -> Builder:
    """A notice to Alice, and a receipt made after it that lists it neither as pending nor as taken in."""

    def build(m: Market) -> Case:
        make(m)

        def change(receipt: Receipt) -> Receipt:
            return replace(receipt, pending=tuple(waits for waits in receipt.pending if waits.kind != kind))

        return Case(crooked(m, "alice", change), rows)

    return build


def _bounce(m: Market) -> None:
    assert deposit(cheque(m["alice"], m["bob"], m, 1001, number=9), m["bob"]).code is Refusal.FUNDS


def _expire(m: Market) -> None:
    paying(m, "alice", "bob", days=1)
    m.bank.now += 2 * DAY


CASES |= {
    "a denial forgotten": _forgotten(denied, n.DENIED, LOST_100),
    "an expiry forgotten": _forgotten(_expire, n.EXPIRED, LOST_100),
    "a bounce forgotten": _forgotten(_bounce, n.BOUNCED, FALSE),
}


@case
def a_payment_that_vanished(m: Market) -> Case:
    """The wallet cannot tell it from one that was withdrawn; the judge, who sees that no withdrawal waits, can."""
    paying(m, "bob", "alice", 100)
    notice = kinds(m, "alice")[n.RECEIPT]

    def change(receipt: Receipt) -> Receipt:
        return replace(receipt, pending=())

    return Case((*crooked(m, "alice", change, believed=True), notice), (owes("bank", "alice", 100, "L2"),))


@case
def a_payment_that_came_to_its_end(m: Market) -> Case:
    paying(m, "bob", "alice", 100, days=1)
    before = hand(m["alice"])
    m.bank.now += DAY + 1
    hear(m, "alice")
    return Case((*before, *hand(m["alice"])))


@case
def notices_that_wait_and_are_taken_in(m: Market) -> Case:
    files: list[bytes] = []
    for make in (denied, _bounce):
        make(m)
        hear(m, "alice")
        files += hand(m["alice"])
    m["alice"].ask()
    return Case((*files, *hand(m["alice"])))


@case
def forked_notices(m: Market) -> Case:
    one = told(m, n.BOUNCED, ended(m), "bob")
    files = against(m, one, altered(m, one, time=m.bank.now + 1))
    return Case(files, (fault("bank", "alice", "L11"),))


@case
def a_notice_that_names_another_statement(m: Market) -> Case:
    false = told(m, n.BOUNCED, ended(m), "bob", digest=ONES)
    return Case(against(m, false), (fault("bank", "alice", "S6"),))


# --- paid or not ------------------------------------------------------------------------------------------------------


def _both_ways(deed: Callable[[Party], None], *rows: Row) -> Builder:
    """Bob answers Alice's spend; the bank tells her so, and tells Bob that it was refused."""

    def build(m: Market) -> Case:
        paying(m, "alice", "bob")
        deed(m["bob"])
        told_alice = copied(m)
        told_alice["bob"].trip()
        hear(told_alice, "alice")
        m.bank.now += 60
        files = lie(m, "bob", Result(Refusal.EXPIRED))
        return Case((*files, *told_alice["alice"].account.notices.values()), rows)

    return build


REFUSED_BOB = owes("bank", "bob", 100, "S6")
CASES |= {
    "an acceptance shown to the spender and refused to the payee": _both_ways(
        Party.accept_all, owes("bank", "bob", 100, "O2"), REFUSED_BOB
    ),
    "a denial shown to the spender and refused to the payee": _both_ways(
        Party.deny_all, fault("bank", "bob", "O2"), fault("bank", "bob", "S6")
    ),
}


@case
def spends_accepted_denied_and_expired(m: Market) -> Case:
    """Paid or not: the notices decide; nobody owes anybody."""
    files: list[bytes] = []
    for name in ("bob", "carol", "dora"):
        paying(m, "alice", name, 10, days=1)
    m["bob"].accept_all()
    m["carol"].deny_all()
    for name in ("bob", "carol"):
        m[name].trip()
    m.bank.now += 2 * DAY
    hear(m, "alice")
    files += [raw for name in NAMES for raw in hand(m[name])]
    m["alice"].ask()
    return Case((*files, *hand(m["alice"])))


@case
def notices_out_of_order(m: Market) -> Case:
    """The later one says that it was made before."""
    one = told(m, n.BOUNCED, ended(m), "bob", notice=50)
    other = told(m, n.BOUNCED, ended(m, number=2), "bob", notice=51, time=m.bank.now - 1)
    return Case((one, other), (AT_FAULT,))


@case
def rubbish_recovered_twice(m: Market) -> Case:
    raws = [told(m, n.RECOVERED, ended(m), "bob", enclosed=b"\x82\x40\x40", notice=50 + at) for at in range(2)]
    return Case(tuple(raws), (owes("bank", "alice", 100, "N2"),) * 2)


@case
def one_chain_recovered_twice(m: Market) -> Case:
    """The other notice holds one chain only: it proves nothing, and that is found against by itself."""
    chain = cbor.encode((ended(m).encode(),))
    raws = [told(m, n.RECOVERED, ended(m), "bob", enclosed=chain, notice=50 + at) for at in range(2)]
    return Case(tuple(raws), (owes("bank", "alice", 100, "N2"),) * 2)


@case
def an_opening_shown_to_the_spender_and_refused_to_the_newcomer(m: Market) -> Case:
    """Alice paid somebody without account, who opens one with it; the bank tells each side another story."""
    newcomer = Party("rogue", m.bank)
    m["alice"].pay(newcomer, m.grain, 100)
    m["alice"].trip()
    newcomer.open((m["alice"].me, 1, m.grain, 100))
    other = copied(Market(m.bank, m.treasurer, m.people | {"rogue": newcomer}, m.grain))
    other["rogue"].trip()
    hear(other, "alice")
    newcomer.send()
    [raw] = newcomer.account.letters
    letter = Letter.read(trusted(raw).body)
    state = Statement(m.bank.signer.fingerprint, newcomer.me, 1, letter.nonce)
    base = Base(digest_of(Statement(m.bank.signer.fingerprint, newcomer.me).encode()), None)
    answer = Answer(trusted(raw).identity, (Result(Refusal.NO_SPEND),) * len(letter.orders))
    false = Receipt(state.bank, newcomer.me, m.bank.now, state.encode(), base, (answer,), 0, ())
    files = (false.sign(m.bank.signer), raw, *newcomer.account.terms.values(), *hand(other["alice"]))
    return Case((*files, card(newcomer)), (owes("bank", "rogue", 100, "O2"),))


@case
def a_payment_that_vanished_in_its_last_second(m: Market) -> Case:
    paying(m, "bob", "alice", 100, days=1)
    notice = kinds(m, "alice")[n.RECEIPT]
    m.bank.now = Notice.read(trusted(notice).body).until
    files = crooked(m, "alice", lambda receipt: replace(receipt, pending=()), believed=True)
    return Case((*files, notice), (owes("bank", "alice", 100, "L2"),))


@case
def a_debit_on_the_last_number_which_an_older_receipt_has_closed(m: Market) -> Case:
    """The notice names a newer statement, which nobody shows; what was closed stays closed."""
    assert stop(m["alice"], 20, 20).code is Refusal.DONE
    old = m["alice"].account.receipt or b""
    hear(m, "alice")
    false = told(m, n.CLEARED, ended(m, number=20), "bob")
    return Case((false, old), (owes("bank", "alice", 100, "N2"),), ("part alice",))
