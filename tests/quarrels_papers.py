"""Quarrels over cheques and certificates: signed twice, not covered, stopped, lapsed, released."""

from collections.abc import Callable
from dataclasses import replace

from ledgerpost import cbor
from ledgerpost.errors import Refusal
from ledgerpost.papers import notice as n
from ledgerpost.papers.beside import identity_of_part
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.createaccount import CreateAccount
from ledgerpost.papers.instrument import (
    Instrument,
    check_chain,
    digest_of_instrument,
    endorse,
    identity_of_body,
    paper_of,
)
from ledgerpost.papers.kinds import Waiting
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.questions import GetQ
from ledgerpost.papers.receipt import Result
from ledgerpost.papers.release import Release
from ledgerpost.papers.sequence import Sequence
from ledgerpost.papers.terms import DAY
from ledgerpost.sealed import trusted
from market import Market, lead, present, presentation, send
from quarreling import (
    CASES,
    GRACE,
    NOTHING,
    Builder,
    Case,
    Row,
    about,
    card,
    cards,
    case,
    cash,
    depositing,
    ended,
    fault,
    hand,
    handed_in,
    hear,
    is_notice,
    lie,
    oats,
    owes,
    paying,
    proof,
    refuse,
    told,
    writing,
)
from test_certificates import twice
from test_cheques import cheque, deposit, resigned, spend, stop
from town import Party

# --- parties that sign twice ------------------------------------------------------------------------------------------


@case
def a_number_signed_to_two_payees(m: Market) -> Case:
    one, two = cheque(m["alice"], m["bob"], m, 100), cheque(m["alice"], m["carol"], m, 200)
    return Case((one.encode(), two.encode()), (fault("alice", None, "C3"),))


@case
def a_number_signed_to_two_and_one_of_them_paid(m: Market) -> Case:
    one, two = cheque(m["alice"], m["bob"], m, 100), cheque(m["alice"], m["carol"], m, 200)
    assert deposit(one, m["bob"]).code is Refusal.DONE
    return Case(cash(m, "carol", two, Refusal.USED), (owes("alice", "carol", 200, "C2"), fault("alice", None, "C3")))


def _given_again(m: Market) -> bytes:
    """A second chequebook with numbers that Alice had before."""
    book = Sequence.read(trusted(m["alice"].account.books[0]).body)
    return replace(book, time=m.bank.now, until=book.until + DAY).sign(m.bank.signer)


@case
def a_number_given_out_twice_and_drawn_twice(m: Market) -> Case:
    """Alice lost a wallet between the two, and drew each number once."""
    one, two = cheque(m["alice"], m["bob"], m, 100), cheque(m["alice"], m["carol"], m, 200)
    other = replace(two, chequebook=_given_again(m))
    return Case((one.encode(), other.encode()), (fault("bank", "alice", "N1"),))


@case
def a_number_given_out_twice_and_one_of_two_paid(m: Market) -> Case:
    one, two = cheque(m["alice"], m["bob"], m, 100), cheque(m["alice"], m["carol"], m, 200)
    assert deposit(one, m["bob"]).code is Refusal.DONE
    files = (_given_again(m), *cash(m, "carol", two, Refusal.USED))
    return Case(files, (owes("bank", "carol", 200, "N1"), fault("bank", "alice", "N1")))


@case
def a_number_given_out_twice_and_endorsed_to_two(m: Market) -> Case:
    """That is no excuse for Bob, who had one cheque."""
    drawn = cheque(m["alice"], m["bob"], m, 100)
    one, two = (lead(drawn, m["bob"], m[name]).encode() for name in ("carol", "dora"))
    return Case((one, two, _given_again(m)), (fault("bob", None, "B5"),))


@case
def a_cheque_on_a_number_that_became_a_certificate(m: Market) -> Case:
    drawn = m["alice"].draw(m["bob"], m.grain, 100)
    bought = _bought_on(m, 1)
    assert present(lead(bought, m["alice"], m["carol"]), m["carol"]).code is Refusal.DONE
    return Case(cash(m, "bob", drawn, Refusal.USED), (owes("alice", "bob", 100, "C2"),))


def _bought_on(m: Market, number: int) -> Instrument:
    """A certificate that Alice buys on just this number, past her wallet."""
    assert spend(m["alice"], None, m, number, 100).code is Refusal.DONE
    raws = [raw for raw in m["alice"].account.parts.values() if raw[:1] == b"\xd2"]
    [raw] = [raw for raw in raws if trusted(raw).type == "certificate"]
    return Instrument(raw)


@case
def a_number_that_became_a_certificate_after_the_cheques_end(m: Market) -> Case:
    """Then it was free for another use. The cheque is presented too late, and is refused for the certificate."""
    drawn = m["alice"].draw(m["bob"], m.grain, 100, days=1)
    m["bob"].take(drawn)
    m.bank.now += 2 * DAY
    bought = _bought_on(m, 1)
    assert present(lead(bought, m["alice"], m["carol"]), m["carol"]).code is Refusal.DONE
    m["bob"].queue(drawn)
    m["bob"].trip()
    return Case((*proof(m, "bob", drawn), *hand(m["alice"])))


def _parted(places: int) -> Builder:
    """A cheque that its ``places``th holder signed over to two."""

    def make(m: Market) -> Case:
        path = [m[name] for name in ("bob", "carol", "dora")][:places]
        shared = lead(cheque(m["alice"], m["bob"], m, 100), *path)
        rogue, rest = path[-1], [each for each in m.people.values() if each not in (path[-1], m["alice"])]
        one, other = (lead(shared, rogue, each) for each in rest[:2])
        assert present(one, rest[0]).code is Refusal.DONE
        files = cash(m, rest[1].name, other, Refusal.USED)
        return Case(files, (owes(rogue.name, rest[1].name, 100, "B5"), fault(rogue.name, None, "B5")))

    return make


def _parted_certificate(places: int) -> Builder:
    def make(m: Market) -> Case:
        path = [m[name] for name in ("alice", "bob", "carol")][:places]
        rogue, taker = path[-1], m["carol"] if path[-1] is m["bob"] else m["bob"]
        shared = lead(m["alice"].buy(m.grain, 400), *path)
        one, other = lead(shared, rogue, m["dora"]), lead(shared, rogue, taker)
        assert present(one, m["dora"]).code is Refusal.DONE
        assert present(other, taker).code is Refusal.USED
        return Case(
            (*hand(taker), other.encode()), (owes(rogue.name, taker.name, 400, "B5"), fault(rogue.name, None, "B5"))
        )

    return make


for place_ in (1, 2, 3):
    CASES[f"a cheque endorsed to two at place {place_}"] = _parted(place_)
    CASES[f"a certificate endorsed to two at place {place_}"] = _parted_certificate(place_)


@case
def a_cheque_endorsed_to_three(m: Market) -> Case:
    """Each of the two that were refused has its own claim on Bob; neither has one on Alice."""
    drawn = cheque(m["alice"], m["bob"], m, 100)
    one, two, three = lead(drawn, m["bob"], m["carol"]), lead(drawn, m["bob"], m["dora"]), drawn
    assert present(three, m["bob"]).code is Refusal.DONE
    files = (*cash(m, "carol", one, Refusal.USED), *cash(m, "dora", two, Refusal.USED))
    claims = (owes("bob", "carol", 100, "B5"), owes("bob", "dora", 100, "B5"))
    return Case(files, (*claims, *(fault("bob", None, "B5"),) * 3))


@case
def a_certificate_returned_after_it_was_handed_on(m: Market) -> Case:
    bought = m["alice"].buy(m.grain, 400)
    passed = lead(bought, m["alice"], m["bob"])
    assert present(bought, m["alice"]).code is Refusal.DONE
    files = cash(m, "bob", passed, Refusal.USED)
    return Case(files, (owes("alice", "bob", 400, "B5"), fault("alice", None, "B5")))


@case
def two_certificates_under_one_number(m: Market) -> Case:
    bought = m["alice"].buy(m.grain, 100)
    other = Instrument(replace(paper_of(bought.body), amount=300).sign(m.bank.signer))
    return Case((bought.encode(), other.encode()), (fault("bank", None, "B5"),))


@case
def a_certificate_refused_for_another_that_the_bank_signed_too(m: Market) -> Case:
    bought = m["alice"].buy(m.grain, 100)
    paper = Certificate.read(trusted(bought.body).body)
    other = handed_in(Instrument(replace(paper, longest=5).sign(m.bank.signer)), m, "alice", "carol")
    mine = handed_in(bought, m, "alice", "bob")
    writing(m, "bob", presentation(mine))
    files = lie(m, "bob", Result(Refusal.USED, digest_of_instrument(other.encode())), beside=(other.encode(),))
    return Case(files, (owes("bank", "bob", 100, "B5"), fault("bank", None, "B5")))


@case
def honest_hands(m: Market) -> Case:
    """A cheque and a certificate that come back to who had them; one is the start of the other."""
    drawn = m["alice"].draw(m["bob"], m.grain, 100)
    whole = lead(drawn, m["bob"], m["carol"], m["bob"], m["dora"])
    assert present(whole, m["dora"]).code is Refusal.DONE
    bought = m["alice"].buy(m.grain, 50)
    passed = lead(bought, m["alice"], m["carol"], m["alice"], m["dora"])
    assert present(passed, m["dora"]).code is Refusal.DONE
    starts = (lead(drawn, m["bob"], m["carol"]), lead(bought, m["alice"], m["carol"]), bought, drawn)
    return Case((*(each.encode() for each in (whole, passed, *starts)), *hand(m["dora"])))


@case
def numbers_alike(m: Market) -> Case:
    """Everybody has a number one: two drawers, two buyers, and a cheque beside a certificate."""
    one, two = (cheque(m[name], m["bob"], m, 10).encode() for name in ("alice", "carol"))
    return Case((one, two, m["alice"].buy(m.grain, 5).encode(), m["carol"].buy(m.grain, 5).encode()))


@case
def one_endorsement_signed_anew(m: Market) -> Case:
    """The same bodies under other signature bytes are the same chain (S2)."""
    presented = handed_in(cheque(m["alice"], m["bob"], m), m, "bob")
    other = replace(presented, endorsements=(resigned(presented, m["bob"]),))
    assert other.encode() != presented.encode()
    return Case((presented.encode(), other.encode()))


@case
def an_open_cheque_paid_to_another(m: Market) -> Case:
    """Two present it: they part at different signers, and neither signed twice."""
    drawn = m["alice"].draw(None, m.grain, 100)
    assert m["carol"].deposit(drawn) == [Refusal.DONE]
    return Case((*cash(m, "bob", drawn, Refusal.USED), *hand(m["carol"]), *hand(m["alice"])))


def _second(policy: str, funds: bool, *rows: Row) -> Builder:
    """Alice signs a certificate over to Bob and to Carol, under terms that charge her for the second redemption."""

    def make(m: Market) -> Case:
        m.bank.set_terms(second=policy)
        m.settle()
        _, two = twice(m, spend=0 if funds else 500)
        done = present(two, m["carol"], ended=True).code is Refusal.DONE
        assert done is funds
        files = hand(m["carol"])
        if not funds:
            m.fund(m["alice"], 500)
        hear(m, "alice", "carol")
        return Case((*files, *hand(m["alice"]), *hand(m["carol"])), rows)

    return make


CASES |= {
    "a second redemption that was recovered": _second("recover", True, fault("alice", None, "B5")),
    "a second redemption for a lien that was met": _second("lien", False, fault("alice", None, "B5")),
}


@case
def a_second_redemption_for_a_lien_that_waits(m: Market) -> Case:
    """A lien is not money: until it is met, Alice still owes."""
    m.bank.set_terms(second="lien")
    m.settle()
    _, two = twice(m, spend=500)
    assert present(two, m["carol"], ended=True).code is Refusal.USED
    hear(m, "alice")
    files = (*hand(m["carol"]), *hand(m["alice"]))
    return Case(files, (owes("alice", "carol", 400, "B5"), fault("alice", None, "B5")))


def _refused_recovery(*rows: Row, recovered: bool) -> Builder:
    """The terms promise to recover it from Alice, and the bank says falsely that she lacked the funds."""

    def make(m: Market) -> Case:
        m.bank.set_terms(second="recover")
        m.settle()
        one, two = twice(m)
        m.bank.now += 60
        hear(m, "alice")
        m.bank.now += 60
        writing(m, "carol", presentation(two))
        raws = (one.bare().encode(), two.bare().encode())
        files = lie(m, "carol", Result(Refusal.USED, digest_of_instrument(raws[0]), about(m)), beside=raws[:1])
        later = (told(m, n.RECOVERED, two, "carol", enclosed=cbor.encode(raws)),) if recovered else ()
        return Case((*files, *hand(m["alice"]), *later), rows)

    return make


ALICE_TWICE = fault("alice", None, "B5")
CAROL_MISLED = fault("bank", "carol", "S6")
CASES |= {
    "a second redemption refused for funds that were there": _refused_recovery(
        owes("alice", "carol", 400, "B5"), CAROL_MISLED, ALICE_TWICE, recovered=False
    ),
    "a second redemption refused for funds that were there and recovered later": _refused_recovery(
        CAROL_MISLED, ALICE_TWICE, recovered=True
    ),
}


# --- cheques that were not paid ---------------------------------------------------------------------------------------


@case
def a_bounced_cheque(m: Market) -> Case:
    drawn = cheque(m["alice"], m["bob"], m, 1001)
    return Case((*hand(m["alice"]), *cash(m, "bob", drawn, Refusal.FUNDS)), (owes("alice", "bob", 1001, "C2"),))


BOUNCED = (owes("alice", "bob", 1001, "C2"),)


@case
def a_bounced_cheque_whose_drawer_shows_a_later_receipt(m: Market) -> Case:
    """She has the funds now; she had not then."""
    drawn = cheque(m["alice"], m["bob"], m, 1001)
    files = (*hand(m["alice"]), *cash(m, "bob", drawn, Refusal.FUNDS))
    m.bank.now += 60
    m.fund(m["alice"], 500)
    return Case((*files, *hand(m["alice"])), BOUNCED)


@case
def a_bounced_cheque_whose_drawer_shows_an_old_receipt(m: Market) -> Case:
    """She had the funds once; newer receipts win."""
    old = hand(m["alice"])
    m.bank.now += 60
    m["alice"].pay(m["dora"], m.grain, 950)
    m["alice"].trip()
    m.bank.now += 60
    files = cash(m, "bob", cheque(m["alice"], m["bob"], m, 100, number=9), Refusal.FUNDS)
    return Case((*old, *files, *hand(m["alice"])), (owes("alice", "bob", 100, "C2"),))


@case
def a_bounced_cheque_whose_drawer_shows_only_an_old_receipt(m: Market) -> Case:
    old = hand(m["alice"])
    m.bank.now += 60
    m["alice"].pay(m["dora"], m.grain, 950)
    m["alice"].trip()
    m.bank.now += 60
    files = cash(m, "bob", cheque(m["alice"], m["bob"], m, 100, number=9), Refusal.FUNDS)
    return Case((*old, *files), (), ("receipt alice",))


@case
def a_bounced_cheque_whose_drawer_is_not_there(m: Market) -> Case:
    """The bank's word convicts the bank alone: without her receipt nobody owes."""
    return Case(cash(m, "bob", cheque(m["alice"], m["bob"], m, 1001), Refusal.FUNDS), (), ("receipt alice",))


@case
def a_bounced_cheque_of_an_asset_unknown_here(m: Market) -> Case:
    files = (*hand(m["alice"]), *cash(m, "bob", cheque(m["alice"], m["bob"], m, 1001), Refusal.FUNDS))
    grain = m.treasurer.contracts[m.grain]
    return Case(tuple(raw for raw in (*cards(m), *files) if raw != grain), (), ("contract",), cards=False)


@case
def a_bounced_cheque_of_which_the_drawers_notice_is_not_here(m: Market) -> Case:
    files = (*hand(m["alice"]), *cash(m, "bob", cheque(m["alice"], m["bob"], m, 1001), Refusal.FUNDS))
    return Case(tuple(raw for raw in files if not is_notice(raw)), (), ("notice alice",))


@case
def a_bounced_cheque_whose_drawers_letter_is_not_here(m: Market) -> Case:
    """Her receipt does not prove by itself that she signed for what it says."""
    files = (*hand(m["alice"]), *cash(m, "bob", cheque(m["alice"], m["bob"], m, 1001), Refusal.FUNDS))
    letters = {each.letter for each in m["alice"].account.held.answers}  # type: ignore[union-attr]
    left = tuple(raw for raw in files if identity_of_part(raw) not in letters)
    return Case(left, (), ("part alice",))


@case
def a_cheque_not_covered_for_a_debit_that_waited(m: Market) -> Case:
    """Her receipt has the funds; the notice made after it has taken them."""
    assert deposit(cheque(m["alice"], m["dora"], m, 600), m["dora"]).code is Refusal.DONE
    files = cash(m, "bob", cheque(m["alice"], m["bob"], m, 600, number=2), Refusal.FUNDS)
    old = hand(m["alice"])
    m.bank.now += 60
    hear(m, "alice")
    return Case((*old, *files, *hand(m["alice"])), (owes("alice", "bob", 600, "C2"),))


@case
def a_cheque_not_covered_for_a_debit_that_is_not_here(m: Market) -> Case:
    assert deposit(cheque(m["alice"], m["dora"], m, 600), m["dora"]).code is Refusal.DONE
    files = cash(m, "bob", cheque(m["alice"], m["bob"], m, 600, number=2), Refusal.FUNDS)
    return Case((*hand(m["alice"]), *files), (), ("notice alice",))


@case
def a_cheque_not_covered_for_a_debit_that_her_receipt_lists(m: Market) -> Case:
    assert deposit(cheque(m["alice"], m["dora"], m, 600), m["dora"]).code is Refusal.DONE
    hear(m, "alice")
    m.bank.now += 60
    files = cash(m, "bob", cheque(m["alice"], m["bob"], m, 600, number=2), Refusal.FUNDS)
    return Case((*hand(m["alice"]), *files), (owes("alice", "bob", 600, "C2"),))


@case
def a_cheque_not_covered_for_a_debit_that_was_not_signed_for(m: Market) -> Case:
    """It charges nobody; so the funds were there, and the bank owes for the refusal and for the debit."""
    false = told(m, n.CLEARED, ended(m, 600), "carol")
    bounced = told(m, n.BOUNCED, ended(m, 600, number=2), "bob", notice=about(m).highest + 2)
    standing = about(m, highest=about(m).highest + 1)
    result = Result(Refusal.FUNDS, trusted(bounced).identity, standing)
    files = refuse(m, result, drawn=cheque(m["alice"], m["bob"], m, 600, number=2), beside=(bounced,))
    rows = (owes("bank", "bob", 600, "S6"), owes("bank", "alice", 600, "N2"))
    return Case((*hand(m["alice"]), false, *files), rows)


@case
def a_cheque_of_the_issuers_beyond_its_limit(m: Market) -> Case:
    m.treasurer.wish("getsequence", amount=5, until=m.bank.now + 90 * DAY)
    m.treasurer.trip()
    drawn = cheque(m.treasurer, m["bob"], m, 10**12, number=m.treasurer.account.statement.highest)
    drawn = replace(drawn, chequebook=m.treasurer.account.books[-1])
    files = (*hand(m.treasurer), *cash(m, "bob", drawn, Refusal.FUNDS))
    return Case(files, (owes("treasurer", "bob", 10**12, "C2"),))


@case
def a_cheque_of_the_issuers_within_its_limit(m: Market) -> Case:
    """Its balance is below nothing, and its contract lets it go on."""
    people = {**m.people, "alice": m.treasurer}
    other = Market(m.bank, m.treasurer, people, m.grain)
    m.treasurer.wish("getsequence", amount=5, until=m.bank.now + 90 * DAY)
    m.treasurer.trip()
    number, book = m.treasurer.account.statement.highest, m.treasurer.account.books[-1]
    drawn = replace(cheque(m.treasurer, m["bob"], m, 100, number=number), chequebook=book)
    chain = check_chain(drawn.bare(), m.treasurer.signer.key, m.bank.signer.fingerprint)
    presented = endorse(chain, m["bob"].signer, m.bank.signer.key)
    bounced = told(other, n.BOUNCED, presented, "bob")
    m.bank.now += 60
    files = refuse(m, Result(Refusal.FUNDS, trusted(bounced).identity, about(other)), drawn=drawn, beside=(bounced,))
    return Case((*hand(m.treasurer), *files), (owes("bank", "bob", 100, "S6"),))


@case
def an_open_cheque_that_bounced_twice_is_one_claim(m: Market) -> Case:
    drawn = cheque(m["alice"], None, m, 1001)
    files = (*hand(m["alice"]), *cash(m, "bob", drawn, Refusal.FUNDS))
    m.bank.now += 60
    return Case((*files, *cash(m, "carol", drawn, Refusal.FUNDS)), BOUNCED)


@case
def an_open_cheque_that_bounced_for_another_first(m: Market) -> Case:
    """Carol's own refusal shows that Bob came first: she has no claim, and he does not ask."""
    drawn = cheque(m["alice"], None, m, 1001)
    old = hand(m["alice"])
    cash(m, "bob", drawn, Refusal.FUNDS)
    return Case((*old, *cash(m, "carol", drawn, Refusal.FUNDS)))


@case
def a_bounced_cheque_presented_again_by_the_same(m: Market) -> Case:
    drawn = cheque(m["alice"], m["bob"], m, 1001)
    files = (*hand(m["alice"]), *cash(m, "bob", drawn, Refusal.FUNDS))
    m.bank.now += 60
    m["bob"].queue(drawn)
    m["bob"].trip()
    return Case((*files, *hand(m["bob"])), BOUNCED)


@case
def a_bounced_cheque_that_was_paid_in_the_end(m: Market) -> Case:
    drawn = cheque(m["alice"], m["bob"], m, 1001)
    files = (*hand(m["alice"]), *cash(m, "bob", drawn, Refusal.FUNDS))
    m.fund(m["alice"], 1)
    assert m["bob"].deposit(drawn) == [Refusal.DONE]
    hear(m, "alice")
    return Case((*files, *m["alice"].account.notices.values()))


@case
def a_bounced_cheque_that_was_paid_to_another_in_the_end(m: Market) -> Case:
    drawn = cheque(m["alice"], None, m, 1001)
    files = (*hand(m["alice"]), *cash(m, "bob", drawn, Refusal.FUNDS))
    m.fund(m["alice"], 1)
    assert m["carol"].deposit(drawn) == [Refusal.DONE]
    return Case((*files, *hand(m["carol"])))


@case
def a_payment_of_the_debtors_own_making(m: Market) -> Case:
    """Alice signs herself, as if she were a bank, that the cheque was paid."""
    drawn = cheque(m["alice"], m["bob"], m, 1001)
    files = (*hand(m["alice"]), *cash(m, "bob", drawn, Refusal.FUNDS))
    notice = Notice.read(trusted(told(m, n.CLEARED, ended(m, 1001), "bob")).body)
    forged = replace(notice, bank=m["alice"].me).sign(m["alice"].signer)
    return Case((*files, forged), BOUNCED)


def _released(by: str, change: Callable[[Release], Release], *rows: Row) -> Builder:
    def make(m: Market) -> Case:
        drawn = cheque(m["alice"], m["bob"], m, 1001)
        files = (*hand(m["alice"]), *cash(m, "bob", drawn, Refusal.FUNDS))
        bank, paper = m.bank.signer.fingerprint, identity_of_body(drawn.body)
        release = change(Release(bank, paper, m["alice"].me, m.grain, 1001, "in oats"))
        return Case((*files, release.sign(m[by].signer)), rows)

    return make


CASES |= {
    "a claim that was released": _released("bob", lambda r: r),
    "a claim that another released": _released("carol", lambda r: r, *BOUNCED),
    "a claim of which another debtor was released": _released("bob", lambda r: replace(r, debtor=r.bank), *BOUNCED),
    "a claim released for less": _released("bob", lambda r: replace(r, amount=1), *BOUNCED),
    "a claim released in another asset": _released("bob", lambda r: replace(r, asset=NOTHING), *BOUNCED),
    "a claim on another paper released": _released("bob", lambda r: replace(r, paper=NOTHING), *BOUNCED),
    "a claim released at another bank": _released("bob", lambda r: replace(r, bank=r.debtor), *BOUNCED),
}


def _lapsing(after: int, *rows: Row, terms: bool = True, drawer: bool = True, missing: tuple[str, ...] = ()) -> Builder:
    """A bounced cheque of thirty days, judged so many seconds after its end; ``terms``: those of Bob's letter."""

    def make(m: Market) -> Case:
        end = m.bank.now + 30 * DAY
        files = (*cards(m), *cash(m, "bob", cheque(m["alice"], m["bob"], m, 1001), Refusal.FUNDS))
        files += hand(m["alice"]) if drawer else ()
        old = (m.bank.card, *(() if terms else m["bob"].account.terms.values()))
        m.bank.set_terms(grace=90 * DAY)
        left = tuple(raw for raw in files if raw not in old)
        return Case((*left, m.bank.card), rows, missing, end + after, cards=False)

    return make


CASES |= {
    "a claim in its last second": _lapsing(0, *BOUNCED),
    "a claim in the last second of its grace": _lapsing(GRACE, *BOUNCED),
    "a claim that has lapsed": _lapsing(GRACE + 1),
}


@case
def a_stopped_cheque(m: Market) -> Case:
    drawn = m["alice"].draw(m["bob"], m.grain, 100)
    assert stop(m["alice"], 1, 1).code is Refusal.DONE
    files = (*hand(m["alice"]), *cash(m, "bob", drawn, Refusal.NUMBER))
    return Case(files, (owes("alice", "bob", 100, "C2"),))


@case
def a_stopped_cheque_whose_drawer_is_not_there(m: Market) -> Case:
    drawn = m["alice"].draw(m["bob"], m.grain, 100)
    assert stop(m["alice"], 1, 1).code is Refusal.DONE
    return Case(cash(m, "bob", drawn, Refusal.NUMBER), (), ("receipt alice",))


@case
def a_stopped_cheque_whose_drawer_shows_an_old_receipt(m: Market) -> Case:
    """The number was open then."""
    drawn = m["alice"].draw(m["bob"], m.grain, 100)
    old = hand(m["alice"])
    m.bank.now += 60
    assert stop(m["alice"], 1, 1).code is Refusal.DONE
    m.bank.now += 60
    files = (*old, *hand(m["alice"]), *cash(m, "bob", drawn, Refusal.NUMBER))
    return Case(files, (owes("alice", "bob", 100, "C2"),))


@case
def a_cheque_on_a_number_that_was_spent(m: Market) -> Case:
    drawn = m["alice"].draw(m["bob"], m.grain, 100)
    assert spend(m["alice"], m["carol"], m, 1, 100).code is Refusal.DONE
    files = (*hand(m["alice"]), *cash(m, "bob", drawn, Refusal.NUMBER))
    return Case(files, (owes("alice", "bob", 100, "C2"),))


@case
def a_cheque_on_a_number_past_its_end(m: Market) -> Case:
    """Alice signed it to run longer than its number; her wallet would not."""
    m["alice"].wish("getsequence", amount=1, until=m.bank.now + DAY)
    m["alice"].trip()
    presented = ended(m, number=21)
    m.bank.now += DAY + 1
    assert send(m["bob"], depositing(m, presented))[0].code is Refusal.NUMBER
    return Case((*hand(m["alice"]), *hand(m["bob"])), (owes("alice", "bob", 100, "C2"),))


@case
def a_cheque_that_runs_longer_than_its_number(m: Market) -> Case:
    m["alice"].wish("getsequence", amount=1, until=m.bank.now + DAY)
    m["alice"].trip()
    assert send(m["bob"], depositing(m, ended(m, number=21)))[0].code is Refusal.DATES
    return Case((*hand(m["alice"]), *hand(m["bob"])))


@case
def a_cheque_on_a_number_that_was_never_given(m: Market) -> Case:
    """Nobody can show that there is no chequebook for it."""
    assert send(m["bob"], depositing(m, ended(m, number=30)))[0].code is Refusal.NUMBER
    return Case((*hand(m["alice"]), *hand(m["bob"])), (), ("sequence alice",))


@case
def a_cheque_on_a_number_that_only_the_chequebook_has(m: Market) -> Case:
    """The bank gave out a chequebook for numbers that it then does not know."""
    key = m["alice"].signer.key
    book = Sequence(m.bank.signer.fingerprint, key, 21, 40, m.bank.now + 90 * DAY, m.bank.now - 60).sign(m.bank.signer)
    m.bank.now += 60
    hear(m, "alice")
    assert send(m["bob"], depositing(m, ended(m, number=30)))[0].code is Refusal.NUMBER
    return Case((book, *hand(m["alice"]), *hand(m["bob"])), (owes("bank", "bob", 100, "S6"),))


@case
def a_strangers_cheque(m: Market) -> Case:
    """Its drawer has no account: the payee could have seen that it brings no chequebook."""
    stranger = Party("rogue", m.bank)
    stranger.account = replace(stranger.account, books=m["alice"].account.books)
    drawn = cheque(stranger, m["bob"], m, 100).bare()
    chain = check_chain(drawn, stranger.signer.key, m.bank.signer.fingerprint)
    presented = endorse(chain, m["bob"].signer, m.bank.signer.key)
    order = replace(depositing(m, presented), drawer=stranger.signer.key)
    assert send(m["bob"], order)[0].code is Refusal.NUMBER
    return Case((*hand(m["bob"]), card(stranger)))


def _too_soon(m: Market) -> Case:
    return Case(cash(m, "bob", m["alice"].draw(m["bob"], m.grain, 100, start=m.bank.now + DAY), Refusal.DATES))


def _too_late(m: Market) -> Case:
    drawn = m["alice"].draw(m["bob"], m.grain, 100, days=1)
    m["bob"].take(drawn)
    m.bank.now += 2 * DAY
    assert stop(m["alice"], 1, 1).code is Refusal.DONE
    m["bob"].queue(drawn)
    m["bob"].trip()
    return Case((*proof(m, "bob", drawn), *hand(m["alice"])))


CASES |= {"a cheque presented too soon": _too_soon, "a cheque presented too late": _too_late}


@case
def a_refusal_that_a_later_receipt_lists_again(m: Market) -> Case:
    """It bears a later time, past the cheque's end: the presenter's first one decides."""
    drawn = m["alice"].draw(m["bob"], m.grain, 100, days=1)
    assert stop(m["alice"], 1, 1).code is Refusal.DONE
    m["bob"].take(drawn)
    m["bob"].queue(drawn)
    raw = m["bob"].send()
    m.bank.answer_to(raw)  # it is lost
    m.bank.now += 2 * DAY
    m["bob"].wish("getq")
    m["bob"].trip()
    return Case((*hand(m["alice"]), *hand(m["bob"])), (), ("receipt bob",))


NO_TERMS = ("terms bank",)
CASES |= {
    "a claim of which the terms are not here": _lapsing(GRACE + 1, terms=False, missing=NO_TERMS),
    "a claim of which neither terms nor drawer are here": _lapsing(1, terms=False, drawer=False, missing=NO_TERMS),
    "a claim in its last second of which the terms are not here": _lapsing(0, *BOUNCED, terms=False),
}


@case
def a_bounce_that_a_later_receipt_lists_again(m: Market) -> Case:
    """It bears a later time, past the cheque's end: the presenter's first one decides."""
    drawn = cheque(m["alice"], m["bob"], m, 1001, until=m.bank.now + DAY)
    m["bob"].take(drawn)
    m["bob"].queue(drawn)
    m.bank.answer_to(m["bob"].send())  # it is lost
    m.bank.now += 2 * DAY
    hear(m, "bob")
    return Case((*hand(m["alice"]), *hand(m["bob"])), (), ("receipt bob",))


@case
def a_cheque_on_a_number_past_its_end_without_its_chequebook(m: Market) -> Case:
    m["alice"].wish("getsequence", amount=1, until=m.bank.now + DAY)
    m["alice"].trip()
    presented = ended(m, number=21)
    m.bank.now += DAY + 1
    assert send(m["bob"], depositing(m, presented))[0].code is Refusal.NUMBER
    left = (*(raw for raw in hand(m["alice"]) if raw not in m["alice"].account.books), *hand(m["bob"]))
    return Case(left, (), ("sequence alice",))


@case
def a_cheque_on_a_number_that_ends_before_its_chequebook(m: Market) -> Case:
    """The drawer and its payee went by the chequebook that the bank signed."""
    m["alice"].wish("getsequence", amount=1, until=m.bank.now + DAY)
    m["alice"].trip()
    book = Sequence.read(trusted(m["alice"].account.books[-1]).body)
    longer = replace(book, until=m.bank.now + 90 * DAY, time=book.time - 1).sign(m.bank.signer)
    presented = ended(m, number=21)
    m.bank.now += DAY + 1
    assert send(m["bob"], depositing(m, presented))[0].code is Refusal.NUMBER
    return Case((longer, *hand(m["alice"]), *hand(m["bob"])), (owes("bank", "bob", 100, "S6"),))


def _unaccepted(code: Refusal, amount: int, *rows: Row, missing: tuple[str, ...] = (), ask: str = "") -> Builder:
    """Alice accepts a hundred; the bank refuses that, and then her cheque for lack of it."""

    def make(m: Market) -> Case:
        paying(m, "carol", "alice", 100)
        m["alice"].accept_all()
        m.bank.now += 60
        files = lie(m, "alice", Result(code))
        m.bank.now += 60
        drawn = cheque(m["alice"], m["bob"], m, amount)
        bounced = told(m, n.BOUNCED, ended(m, amount), "bob")
        refused = refuse(m, Result(Refusal.FUNDS, trusted(bounced).identity, about(m)), drawn=drawn, beside=(bounced,))
        m["alice"].wish("getq")
        m["alice"].write()
        letters = m["alice"].account.letters if ask else ()
        return Case((*files, *refused, *letters), rows, missing)

    return make


CASES |= {
    "a bounce for want of what the bank refused": _unaccepted(Refusal.CAP, 1050, missing=("letter alice",)),
    "a bounce for want of just what the bank refused": _unaccepted(Refusal.CAP, 1100, missing=("letter alice",)),
    "a bounce for want of more than the bank refused": _unaccepted(Refusal.CAP, 1101, owes("alice", "bob", 1101, "C2")),
    "a bounce for want of what was refused with the drawers consent": _unaccepted(
        Refusal.CAP, 1050, owes("alice", "bob", 1050, "C2"), ask="seen"
    ),
}


@case
def a_bounce_after_a_second_opening_was_refused(m: Market) -> Case:
    """What it would have brought counts like any credit that the bank refused, until Alice agrees to that answer."""
    waiting = (Waiting(m["carol"].me, 1, m.grain, 100), Waiting(m["carol"].me, 2, NOTHING, 10))
    order = CreateAccount(
        m.bank.signer.fingerprint, m["alice"].account.statement.seq + 1, m["alice"].signer.key, "alice", waiting
    )
    writing(m, "alice", order, GetQ())
    files = lie(m, "alice", Result(Refusal.OPENED), Result(Refusal.DONE))
    m.bank.now += 60
    bounced = told(m, n.BOUNCED, ended(m, 1050), "bob")
    result = Result(Refusal.FUNDS, trusted(bounced).identity, about(m))
    refused = refuse(m, result, drawn=cheque(m["alice"], m["bob"], m, 1050), beside=(bounced,))
    return Case((*files, *refused), (), ("letter alice",))


@case
def a_bounced_cheque_among_papers_that_do_not_read(m: Market) -> Case:
    drawn = cheque(m["alice"], m["bob"], m, 1001)
    files = (*hand(m["alice"]), *cash(m, "bob", drawn, Refusal.FUNDS))
    bank = m.bank.signer
    rubbish = (
        m["bob"].signer.sign("release", (5,)),
        m["alice"].signer.sign("letter", (5,)),
        bank.sign("sequence", (5,)),
        b"rubbish",
        m["alice"].signer.sign("card", (m.bank.signer.fingerprint, bytes(32), "alice")),
        m.bank.signer.sign("card", (m.bank.signer.fingerprint, bytes(32), "bank")),
    )
    again = cheque(m["alice"], m["carol"], m, 7)
    return Case((*files, *rubbish, again.encode()), (*BOUNCED, fault("alice", None, "C3")))


@case
def a_stopped_open_cheque_presented_by_two(m: Market) -> Case:
    """One cheque is one claim, that of its first presenter."""
    drawn = m["alice"].draw(None, m.grain, 100)
    assert stop(m["alice"], 1, 1).code is Refusal.DONE
    files = (*hand(m["alice"]), *cash(m, "bob", drawn, Refusal.NUMBER))
    m.bank.now += 60
    return Case((*files, *cash(m, "carol", drawn, Refusal.NUMBER)), (owes("alice", "bob", 100, "C2"),))


@case
def a_number_that_became_a_certificate_in_the_cheques_last_second(m: Market) -> Case:
    drawn = m["alice"].draw(m["bob"], m.grain, 100, days=1)
    m["bob"].take(drawn)
    bought = _bought_on(m, 1)
    assert present(lead(bought, m["alice"], m["carol"]), m["carol"]).code is Refusal.DONE
    m.bank.now += DAY
    m["bob"].queue(drawn)
    m["bob"].trip()
    return Case(proof(m, "bob", drawn), (owes("alice", "bob", 100, "C2"),))


@case
def a_second_chequebook_of_the_drawers_own_making(m: Market) -> Case:
    book = Sequence.read(trusted(_given_again(m)).body).sign(m["alice"].signer)
    one, two = cheque(m["alice"], m["bob"], m, 100), cheque(m["alice"], m["carol"], m, 200)
    return Case((one.encode(), two.encode(), book), (fault("alice", None, "C3"),))


@case
def the_last_number_of_three_chequebooks_drawn_twice(m: Market) -> Case:
    one, two = (cheque(m["alice"], m[name], m, 100, number=20).encode() for name in ("bob", "carol"))
    third = replace(Sequence.read(trusted(_given_again(m)).body), first=20, last=25).sign(m.bank.signer)
    return Case((one, two, _given_again(m), third), (fault("bank", "alice", "N1"),))


@case
def chequebooks_of_numbers_beside(m: Market) -> Case:
    """A number that only one of them has was given out once."""
    key = m["alice"].signer.key
    beside = (
        Sequence(m.bank.signer.fingerprint, key, first, last, m.bank.now + DAY, m.bank.now).sign(m.bank.signer)
        for first, last in ((21, 40), (8, 12), (14, 19))
    )
    other = Sequence(m.bank.signer.fingerprint, m["bob"].signer.key, 13, 13, m.bank.now + DAY, m.bank.now)
    one, two = (cheque(m["alice"], m[name], m, 100, number=13).encode() for name in ("bob", "carol"))
    return Case((one, two, *beside, other.sign(m.bank.signer)), (fault("alice", None, "C3"),))


@case
def a_payment_that_the_debtor_signed_in_the_banks_name(m: Market) -> Case:
    drawn = cheque(m["alice"], m["bob"], m, 1001)
    files = (*hand(m["alice"]), *cash(m, "bob", drawn, Refusal.FUNDS))
    forged = Notice.read(trusted(told(m, n.CLEARED, ended(m, 1001), "bob")).body).sign(m["alice"].signer)
    return Case((*files, forged), (*BOUNCED, fault("alice", None, "S3")))


@case
def a_bounce_that_a_later_receipt_lists_again_in_time(m: Market) -> Case:
    """The receipt's time is not the refusal's; the drawer's notice tells that."""
    drawn = cheque(m["alice"], m["bob"], m, 1001)
    m["bob"].take(drawn)
    m["bob"].queue(drawn)
    m.bank.answer_to(m["bob"].send())  # it is lost
    old = hand(m["alice"])
    m.bank.now += 60
    m.fund(m["alice"], 500)
    m.bank.now += 60
    hear(m, "bob")
    return Case((*old, *hand(m["alice"]), *hand(m["bob"])), BOUNCED)


@case
def a_stopped_cheque_whose_drawers_letter_is_not_here(m: Market) -> Case:
    drawn = m["alice"].draw(m["bob"], m.grain, 100)
    assert stop(m["alice"], 1, 1).code is Refusal.DONE
    files = (*hand(m["alice"]), *cash(m, "bob", drawn, Refusal.NUMBER))
    letters = {each.letter for each in m["alice"].account.held.answers}  # type: ignore[union-attr]
    return Case(tuple(raw for raw in files if identity_of_part(raw) not in letters), (), ("part alice",))


@case
def a_cheque_as_long_as_a_chequebook_that_runs_longer_than_its_number(m: Market) -> Case:
    m["alice"].wish("getsequence", amount=1, until=m.bank.now + DAY)
    m["alice"].trip()
    book = Sequence.read(trusted(m["alice"].account.books[-1]).body)
    longer = replace(book, until=m.bank.now + 90 * DAY, time=book.time - 1)
    presented = ended(m, number=21, until=longer.until)
    m.bank.now += DAY + 1
    assert send(m["bob"], depositing(m, presented))[0].code is Refusal.NUMBER
    files = (longer.sign(m.bank.signer), *hand(m["alice"]), *hand(m["bob"]))
    return Case(files, (owes("bank", "bob", 100, "S6"),))


def _got_later(after: int) -> Builder:
    """Her later receipt has the number open; when the cheque was refused it was not given out."""

    def make(m: Market) -> Case:
        m.bank.now += 60
        assert send(m["bob"], depositing(m, ended(m, number=21)))[0].code is Refusal.NUMBER
        before = hand(m["alice"])
        m.bank.now += after
        m["alice"].wish("getsequence", amount=5, until=m.bank.now + 90 * DAY)
        m["alice"].trip()
        return Case((*before, *hand(m["alice"]), *hand(m["bob"])), (), ("sequence alice",))

    return make


CASES |= {
    "a cheque on a number that its drawer got only later": _got_later(60),
    "a cheque on a number that its drawer got in the same second": _got_later(0),
}


@case
def a_number_that_only_a_chequebook_of_the_same_second_has(m: Market) -> Case:
    key, now = m["alice"].signer.key, m.bank.now + 60
    book = Sequence(m.bank.signer.fingerprint, key, 21, 40, m.bank.now + 90 * DAY, now).sign(m.bank.signer)
    m.bank.now = now
    hear(m, "alice")
    assert send(m["bob"], depositing(m, ended(m, number=30)))[0].code is Refusal.NUMBER
    return Case((book, *hand(m["alice"]), *hand(m["bob"])), (), ("sequence alice",))


@case
def a_drawer_whose_key_only_the_deposit_brings(m: Market) -> Case:
    one, two = cheque(m["alice"], m["bob"], m, 100), cheque(m["alice"], m["carol"], m, 200)
    assert deposit(one, m["bob"]).code is Refusal.DONE
    assert deposit(two, m["carol"]).code is Refusal.USED
    files = tuple(raw for raw in hand(m["carol"]) if raw not in m["carol"].account.books)
    known = (m.bank.card, card(m["carol"]), *m.treasurer.contracts.values())
    return Case((*files, *known), (owes("alice", "carol", 200, "C2"), fault("alice", None, "C3")), cards=False)


@case
def a_cheque_not_covered_for_a_lien(m: Market) -> Case:
    """A lien holds what Alice has until it is met, or ends."""
    m.bank.set_terms(second="lien")
    m.settle()
    _, two = twice(m, spend=500)
    assert present(two, m["carol"], ended=True).code is Refusal.USED
    m.bank.now += 60
    hear(m, "alice")
    m.bank.now += 60
    files = cash(m, "dora", cheque(m["alice"], m["dora"], m, 50, number=9), Refusal.FUNDS)
    rows = (owes("alice", "dora", 50, "C2"), owes("alice", "carol", 400, "B5"), fault("alice", None, "B5"))
    return Case((*files, *hand(m["carol"]), *hand(m["alice"])), rows)


@case
def a_bounce_beside_refusals_that_would_have_brought_nothing(m: Market) -> Case:
    """A spend of hers, and a credit in another asset: these did not make her short."""
    asset = oats(m, "carol")
    m["carol"].pay(m["alice"], asset, 100)
    m["carol"].trip()
    hear(m, "alice")
    m["alice"].accept_all()
    m["alice"].pay(m["dora"], m.grain, 100)
    m.bank.now += 60
    files = lie(m, "alice", Result(Refusal.CAP), Result(Refusal.CAP))
    m.bank.now += 60
    bounced = told(m, n.BOUNCED, ended(m, 1001, number=9), "bob")
    result = Result(Refusal.FUNDS, trusted(bounced).identity, about(m))
    refused = refuse(m, result, drawn=cheque(m["alice"], m["bob"], m, 1001, number=9), beside=(bounced,))
    return Case((*files, *refused), (owes("alice", "bob", 1001, "C2"),))


@case
def a_cheque_not_covered_for_two_debits_that_waited(m: Market) -> Case:
    for number, amount in ((2, 600), (3, 300)):
        assert deposit(cheque(m["alice"], m["dora"], m, amount, number=number), m["dora"]).code is Refusal.DONE
    hear(m, "alice")
    m.bank.now += 60
    files = cash(m, "bob", cheque(m["alice"], m["bob"], m, 200), Refusal.FUNDS)
    return Case((*hand(m["alice"]), *files), (owes("alice", "bob", 200, "C2"),))


def _own_terms(*, whose: str, missing: tuple[str, ...] = ()) -> Builder:
    """Bank and presenter agree on terms that Bob signed himself, whose grace never ends; long after, he claims."""

    def make(m: Market) -> Case:
        end = m.bank.now + 30 * DAY
        terms = replace(m.bank.terms, bank=m.bank.signer.fingerprint if whose == "bank" else m["bob"].me, grace=2**40)
        raw = terms.sign(m["bob"].signer)
        bounced = told(m, n.BOUNCED, ended(m, 1001), "bob")
        letter = m["bob"].by_hand(depositing(m, ended(m, 1001)), terms=trusted(raw).identity)
        m["bob"].account = replace(m["bob"].account, letters=(letter,))
        files = lie(m, "bob", Result(Refusal.FUNDS, trusted(bounced).identity, about(m)), beside=(bounced,))
        return Case((*hand(m["alice"]), *files, raw), (), missing, now=end + GRACE + 1)

    return make


CASES |= {
    "a claim under terms of the claimants own": _own_terms(whose="bob"),
    "a claim under terms that the claimant signed in the banks name": _own_terms(whose="bank", missing=NO_TERMS),
}
