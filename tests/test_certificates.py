"""Bearer certificates: bought, handed round, redeemed, returned, ended; and all ways to sign one over twice (B1-B5)."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from itertools import pairwise, permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledgerpost.bank.keys import account_key
from ledgerpost.errors import BadBytes, Denied, Refusal
from ledgerpost.papers import notice as n
from ledgerpost.papers.cancelspend import CancelSpend
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.depositcheque import DepositCheque
from ledgerpost.papers.instrument import Instrument, check_offline, identity_of_body, nearest, paper_of, parting
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.order import Order
from ledgerpost.papers.redeemcertificate import MOST_PRESENTED, RedeemCertificate
from ledgerpost.papers.terms import DAY
from ledgerpost.sealed import trusted
from ledgerpost.terms import Fingerprint
from ledgerpost.wallet.account import open_at
from ledgerpost.wallet.checks import Contradiction
from ledgerpost.wallet.drawer import queue
from market import Market, Said, debtor, endorsed, evidence_of, forged, lead, market, present, presentation, send
from test_cheques import deliver, resigned, told
from town import Bank, Party

TEN = ("bob", "carol", "dora", "emil", "fatou", "gita", "hawa", "ines", "jomo", "kofi")


# --- as they are meant --------------------------------------------------------------------------------------------


def test_a_certificate_passes_through_ten_hands_offline_each_checks_it_whole_and_the_last_redeems_it() -> None:
    m = market("alice", "kofi")
    passed = m["alice"].buy(m.grain, 400)
    assert m.has("alice") == [600], "its value left the account at once (B1)"
    m.check()
    hands = [m["alice"], *(Party(name, m.bank) for name in TEN[:-1]), m["kofi"]]
    assert len(hands) == 11
    before = m.bank.records
    for at, (giver, taker) in enumerate(pairwise(hands), 1):
        passed = giver.hand_on(passed, taker)
        seen = taker.take(passed)
        assert [seen.chain.signer(each) for each in range(at + 1)] == [m.bank.signer.fingerprint] + [
            each.me for each in hands[:at]
        ]
        assert seen.certain[1:] == ("the bank set its value aside", "it is made out to you")
        assert seen.open == ("whether it was presented before", "whether it was signed over twice")
    assert m.bank.records == before, "nobody asked the bank"
    m["kofi"].queue(passed)
    m["kofi"].trip()
    assert (m["kofi"].state(passed), m["kofi"].has(m.grain)) == ("paid", 1400)
    m.settle()
    assert m["alice"].account.statement.outstanding == ()


def test_the_buyer_returns_it_while_it_holds_it() -> None:
    m = market("alice")
    held = m["alice"].buy(m.grain, 400)
    m["alice"].queue(held)
    m["alice"].trip()
    assert (m["alice"].has(m.grain), m["alice"].state(held)) == (1000, "paid")
    m.settle()
    assert m["alice"].account.statement.outstanding == ()
    with pytest.raises(Denied, match="paid before"):
        m["alice"].hand_on(held, m["alice"])


def test_it_comes_back_to_the_buyer_alone_when_it_ends() -> None:
    m = market("alice", "bob")
    passed = m["alice"].hand_on(m["alice"].buy(m.grain, 400, days=5), m["bob"])
    m["bob"].take(passed)
    m.bank.now += 5 * DAY + 1
    m["bob"].queue(passed)
    [news] = m["bob"].trip()
    assert [each.code for each in news.answered[0].results] == [Refusal.EXPIRED]
    m.settle()
    assert m.has("alice", "bob") == [1000, 1000]
    assert m["alice"].account.statement.outstanding == ()
    assert present(endorsed(passed, m["bob"], m.bank.signer.key), m["bob"], ended=True).code is Refusal.EXPIRED
    with pytest.raises(Denied, match="ended"):
        Party("carol", m.bank).take(passed)


def test_it_can_be_redeemed_on_its_last_second_and_then_does_not_come_back() -> None:
    m = market("alice", "bob")
    passed = lead(m["alice"].buy(m.grain, 400, days=5), m["alice"], m["bob"])
    m.bank.now += 5 * DAY
    assert present(passed, m["bob"]).code is Refusal.DONE
    m.bank.now += 1
    m.settle()
    assert m.has("alice", "bob") == [600, 1400]


def test_a_certificate_cannot_be_cancelled() -> None:
    """Else the buyer could take back what it has handed on: the victim unpaid, the cheat free."""
    m = market("alice", "bob")
    passed = lead(m["alice"].buy(m.grain, 400), m["alice"], m["bob"])
    [spend] = m["alice"].account.statement.outstanding
    bank, seq = m.bank.signer.fingerprint, m["alice"].account.statement.seq + 1
    for payee in (m["bob"].me, m["alice"].me, bank, Fingerprint(bytes(20))):
        [said] = send(m["alice"], CancelSpend(bank, seq, payee, spend.number, m.grain, 400))
        assert said.code is Refusal.NO_SPEND
        seq += 1
    assert present(passed, m["bob"]).code is Refusal.DONE
    m.settle()


def test_loops_are_honest() -> None:
    """A to B to A to C: each signed each body once, and whoever gets it back may hand it on (B2)."""
    m = market("alice", "bob", "carol")
    passed = m["alice"].buy(m.grain, 400)
    for giver, taker in (("alice", "bob"), ("bob", "alice"), ("alice", "carol"), ("carol", "bob"), ("bob", "alice")):
        passed = m[giver].hand_on(passed, m[taker])
        m[taker].take(passed)
    m["alice"].queue(passed)
    m["alice"].trip()
    assert m["alice"].has(m.grain) == 1000
    m.settle()


def test_an_endorsement_to_oneself_does_no_harm() -> None:
    m = market("alice", "bob")
    passed = lead(m["alice"].buy(m.grain, 400), m["alice"], m["alice"], m["bob"], m["bob"])
    assert present(passed, m["bob"]).code is Refusal.DONE
    m.settle()


def test_a_key_common_to_two_chains_convicts_nobody() -> None:
    """A to B, and A to C to B: "the last common holder" would be honest Bob; the first body that differs is Alice's."""
    m = market("alice", "bob", "carol", second="recover")
    held = m["alice"].buy(m.grain, 400)
    one, two = lead(held, m["alice"], m["bob"]), lead(held, m["alice"], m["carol"], m["bob"])
    assert present(one, m["bob"]).code is Refusal.DONE
    assert present(two, m["bob"]).code is Refusal.DONE
    m.settle()
    assert m.has("alice", "bob", "carol") == [200, 1800, 1000]


# --- chains that are not what they were ---------------------------------------------------------------------------


def _shortened(whole: Instrument, other: Instrument) -> Instrument:
    return replace(whole, endorsements=whole.endorsements[:-1])


def _beheaded(whole: Instrument, other: Instrument) -> Instrument:
    return replace(whole, endorsements=whole.endorsements[1:])


def _reordered(whole: Instrument, other: Instrument) -> Instrument:
    a, b, *rest = whole.endorsements
    return replace(whole, endorsements=(b, a, *rest))


def _doubled(whole: Instrument, other: Instrument) -> Instrument:
    return replace(whole, endorsements=(*whole.endorsements, whole.endorsements[-1]))


def _gapped(whole: Instrument, other: Instrument) -> Instrument:
    return replace(whole, endorsements=(whole.endorsements[0], *whole.endorsements[2:]))


def _spliced(whole: Instrument, other: Instrument) -> Instrument:
    return replace(whole, endorsements=(*other.endorsements[:1], *whole.endorsements[1:]))


def _transplanted(whole: Instrument, other: Instrument) -> Instrument:
    return replace(whole, body=other.body)


def _retargeted(whole: Instrument, other: Instrument) -> Instrument:
    last = whole.endorsements[-1]
    return replace(whole, endorsements=(*whole.endorsements[:-1], other.endorsements[-1][:32] + last[32:]))


def _with_chequebook(whole: Instrument, other: Instrument) -> Instrument:
    return replace(whole, chequebook=whole.body)


def _with_first(whole: Instrument, other: Instrument) -> Instrument:
    return replace(whole, first=whole.endorsements[0][:32])  # type: ignore[arg-type]


TORN = (
    _shortened,
    _beheaded,
    _reordered,
    _doubled,
    _gapped,
    _spliced,
    _transplanted,
    _retargeted,
    _with_chequebook,
    _with_first,
)


@pytest.mark.parametrize("tear", TORN, ids=lambda each: each.__name__.strip("_").replace("_", " "))
def test_a_chain_cannot_be_cut_spliced_or_reordered(tear: Callable[[Instrument, Instrument], Instrument]) -> None:
    m = market("alice", "bob", "carol", "dora", "emil")
    first, second = m["alice"].buy(m.grain, 400), m["alice"].buy(m.grain, 300)
    whole = lead(first, m["alice"], m["bob"], m["carol"], m["dora"])
    other = lead(second, m["alice"], m["emil"], m["dora"], m["carol"])
    torn = tear(whole, other)
    with pytest.raises((BadBytes, Denied)):
        m["dora"].take(torn)
    if torn.chequebook is None and torn.first is None:
        with_end = forged_end(torn, m["dora"], m)
        [said] = send(m["dora"], with_end)
        assert said.code is Refusal.CHAIN
    m.settle()
    assert m.has("alice", "dora") == [300, 1000]


def forged_end(torn: Instrument, by: Party, m: Market) -> Order:
    """Presented with a last endorsement that is good for the whole chain's end, or for none."""
    try:
        ended = forged(torn, by, m.bank.signer.key)
    except BadBytes:
        last = torn.endorsements[-1]
        ended = replace(torn, endorsements=(*torn.endorsements, bytes(m.bank.signer.key) + last[32:]))
    return presentation(ended)


def test_the_longest_chain_is_redeemed_and_none_longer() -> None:
    m = market("alice", "bob", longest=4)
    held = m["alice"].buy(m.grain, 400)
    friends = [Party(f"friend {at}", m.bank) for at in range(2)]
    full = held
    for giver, taker in zip([m["alice"], *friends], [*friends, m["bob"]], strict=True):
        full = giver.hand_on(full, taker)
        taker.take(full)
    with pytest.raises(Denied, match="full"):
        m["bob"].hand_on(full, m["alice"])
    useless = endorsed(full, m["bob"], friends[0].signer.key)
    with pytest.raises(Denied, match="full"):
        friends[0].take(useless)
    m["bob"].queue(full)
    m["bob"].trip()
    assert m["bob"].has(m.grain) == 1400
    m.settle()


def test_a_chain_past_the_longest_is_no_chain() -> None:
    m = market("alice", "bob", longest=2)
    held = m["alice"].buy(m.grain, 400)
    two = lead(held, m["alice"], m["bob"], m["alice"])
    over = replace(two, endorsements=(*two.endorsements, two.endorsements[-1]))
    with pytest.raises(BadBytes, match="more endorsements"):
        check_offline(over, m.bank.signer.key)
    [said] = send(m["alice"], presentation(over))
    assert said.code is Refusal.CHAIN


@pytest.mark.parametrize("field", ["number", "asset", "amount"])
def test_a_redemption_must_state_what_its_certificate_says(field: str) -> None:
    m = market("alice", "bob")
    ended = lead(m["alice"].buy(m.grain, 400), m["alice"], m["bob"])
    order: Any = presentation(endorsed(ended, m["bob"], m.bank.signer.key))
    other: Any = {"asset": bytes(32)}.get(field) or getattr(order, field) + 1
    [said] = send(m["bob"], replace(order, **{field: other}))
    assert said.code is Refusal.CHAIN
    m.settle()


def test_nobody_redeems_what_is_not_his() -> None:
    m = market("alice", "bob", "carol")
    passed = lead(m["alice"].buy(m.grain, 400), m["alice"], m["bob"])
    ended = endorsed(passed, m["bob"], m.bank.signer.key)
    stolen = forged(passed, m["carol"], m.bank.signer.key)
    orders = (
        presentation(ended),
        presentation(stolen),
        presentation(passed),
        _as_cheque(ended, m),
        _without_chain(m, ended),
    )
    for order in orders:
        [said] = send(m["carol"], order)
        assert said.code in (Refusal.CHAIN, Refusal.MALFORMED)
    assert present(passed, m["bob"]).code is Refusal.DONE
    m.settle()


def _as_cheque(ended: Instrument, m: Market) -> Order:
    paper = paper_of(ended.body)
    key = m["alice"].signer.key
    return DepositCheque(ended.body, key, key, ended.endorsements, paper.number, paper.asset, paper.amount)


def _without_chain(m: Market, ended: Instrument) -> Order:
    paper = paper_of(ended.body)
    return RedeemCertificate(ended.body, (), paper.number, paper.asset, paper.amount)


def test_a_certificate_that_its_bank_did_not_sign_is_none() -> None:
    m = market("alice", "bob")
    paper = paper_of(m["alice"].buy(m.grain, 400).body)
    assert isinstance(paper, Certificate)
    other = Bank("other")
    for signer in (m["alice"].signer, other.signer):
        false = Instrument(replace(paper, amount=900).sign(signer))
        with pytest.raises(BadBytes):
            m["alice"].take(false)
        with pytest.raises(BadBytes):
            lead(false, m["alice"], m["bob"])


# --- handed over twice --------------------------------------------------------------------------------------------


def test_what_is_queued_for_the_bank_is_not_handed_on() -> None:
    """A copy of the wallet may have presented it: handed on as well, it would be signed to two (B3)."""
    m = market("alice", "bob")
    held = m["alice"].buy(m.grain, 400)
    m["alice"].queue(held)
    with pytest.raises(Denied, match="queued for the bank"):
        m["alice"].hand_on(held, m["bob"])
    m["alice"].account = replace(m["alice"].account, wishes=())
    assert m["alice"].hand_on(held, m["bob"]).endorsements


def test_a_holder_that_is_handed_two_copies_cannot_be_trapped() -> None:
    """A courier doubles a hand-over: the same endorsement signed twice is one (B2)."""
    m = market("alice", "bob", "carol", second="recover")
    passed = m["alice"].hand_on(m["alice"].buy(m.grain, 400), m["bob"])
    m["bob"].take(passed)
    m["bob"].take(passed)
    onward = m["bob"].hand_on(passed, m["carol"])
    with pytest.raises(Denied, match="given"):
        m["bob"].take(passed)
    assert m["bob"].hand_on(passed, m["carol"]) == onward
    with pytest.raises(Denied, match="fraud"):
        m["bob"].hand_on(passed, m["alice"])
    with pytest.raises(Denied, match="given"):
        m["bob"].queue(passed)
    m["carol"].take(onward)
    m["carol"].queue(onward)
    m["carol"].trip()
    again = replace(onward, endorsements=(*onward.endorsements[:-1], resigned(onward, m["bob"])))
    assert again != onward
    said = present(again, m["carol"])
    assert said.code is Refusal.PAID
    m.settle()
    assert m.has("alice", "bob", "carol") == [600, 1000, 1400]


def test_a_wallet_that_holds_it_does_not_take_it_by_another_chain() -> None:
    """Two chains to one holder: somebody signed twice, and only one of them is worth anything."""
    m = market("alice", "bob", "carol")
    held = m["alice"].buy(m.grain, 400)
    m["bob"].take(lead(held, m["alice"], m["bob"]))
    with pytest.raises(Denied, match="another chain"):
        m["bob"].take(lead(held, m["alice"], m["carol"], m["bob"]))


def test_a_wallet_that_was_restored_presents_again_what_its_lost_letter_presented() -> None:
    m = market("alice", "bob")
    passed = m["alice"].hand_on(m["alice"].buy(m.grain, 400), m["bob"])
    m["bob"].take(passed)
    m["bob"].queue(passed)
    m["bob"].write()
    with pytest.raises(Denied, match="presented"):
        m["bob"].queue(passed)
    items = m["bob"].account.items
    m["bob"].account = replace(open_at(m.bank.card, m["bob"].signer.key, "bob", restored=True), items=items)
    m["bob"].open()
    m["bob"].letters = 500
    m["bob"].trip()
    m["bob"].trip()
    m["bob"].queue(passed)
    m["bob"].trip()
    assert (m["bob"].state(passed), m["bob"].has(m.grain)) == ("paid", 1400)
    m.settle()


def test_a_wish_to_present_what_was_handed_on_meanwhile_is_dropped() -> None:
    """The wish was restored from a backup, or the other copy of this wallet had it."""
    m = market("alice", "bob", "carol")
    passed = m["alice"].hand_on(m["alice"].buy(m.grain, 400), m["bob"])
    m["bob"].take(passed)
    queued = queue(m["bob"].account, identity_of_body(passed.body))
    m["bob"].hand_on(passed, m["carol"])
    m["bob"].account = replace(m["bob"].account, wishes=queued.wishes)
    m["bob"].trip()
    m["bob"].trip()
    assert m["bob"].account.wishes == ()


# --- a second redeemer: three policies ----------------------------------------------------------------------------


def twice(m: Market, amount: int = 400, *, spend: int = 0) -> tuple[Instrument, Instrument]:
    """Alice signs a certificate over to Bob, who redeems it, and to Carol. ``spend``: what she gets rid of first."""
    held = m["alice"].buy(m.grain, amount)
    one, two = lead(held, m["alice"], m["bob"]), lead(held, m["alice"], m["carol"])
    assert present(one, m["bob"]).code is Refusal.DONE
    if spend:
        m["alice"].pay(m["dora"], m.grain, spend)
        m["alice"].trip()
    m["alice"].ask()
    m.check()
    return endorsed(one, m["bob"], m.bank.signer.key), endorsed(two, m["carol"], m.bank.signer.key)


def proven(m: Market, said: Said, two: Instrument) -> Fingerprint | None:
    """Who signed twice, by the evidence of a refusal."""
    [other] = evidence_of(said.evidence or b"")
    return debtor(m.bank.signer.key, other, two)


def test_refuse_hands_out_the_proof_and_nothing_else() -> None:
    m = market("alice", "bob", "carol")
    _, two = twice(m)
    for _ in range(3):
        said = present(two, m["carol"], ended=True)
        assert (said.code, proven(m, said, two)) == (Refusal.USED, m["alice"].me)
    m.settle()
    assert m.has("alice", "bob", "carol") == [600, 1400, 1000]


def test_recover_pays_the_second_redeemer_from_the_double_signer_if_it_has_the_funds() -> None:
    m = market("alice", "bob", "carol", second="recover")
    _, two = twice(m)
    assert present(two, m["carol"], ended=True).code is Refusal.DONE
    m.check()
    assert present(two, m["carol"], ended=True).code is Refusal.PAID
    m["alice"].wish("getq")
    m["alice"].trip()
    [told] = [each for each in m["alice"].account.waiting if each.kind == n.RECOVERED]
    assert debtor(m.bank.signer.key, *evidence_of(told.sign(m.bank.signer))) == m["alice"].me
    assert m["alice"].account.usable(m.grain) == 200
    m.settle()
    assert m.has("alice", "bob", "carol") == [200, 1400, 1400]


def test_recover_refuses_where_the_double_signer_lacks_the_funds_until_it_has_them() -> None:
    m = market("alice", "bob", "carol", "dora", second="recover")
    _, two = twice(m, spend=500)
    said = present(two, m["carol"], ended=True)
    assert (said.code, proven(m, said, two)) == (Refusal.USED, m["alice"].me)
    m.check()
    m.fund(m["alice"], 300)
    assert present(two, m["carol"], ended=True).code is Refusal.DONE
    m.settle()
    assert m.has("alice", "bob", "carol") == [0, 1400, 1400]


@pytest.mark.parametrize("policy", ["recover", "lien"])
def test_a_double_signer_without_account_is_proven_and_not_charged(policy: str) -> None:
    m = market("alice", "bob", "carol", second=policy)
    rogue = Party("rogue", m.bank)
    held = m["alice"].buy(m.grain, 400)
    got = lead(held, m["alice"], rogue)
    assert present(lead(got, rogue, m["bob"]), m["bob"]).code is Refusal.DONE
    two = lead(got, rogue, m["carol"])
    said = present(two, m["carol"])
    assert (said.code, proven(m, said, two)) == (Refusal.USED, rogue.me)
    m.settle()
    assert m.has("alice", "bob", "carol") == [600, 1400, 1000]


@pytest.mark.parametrize("policy", ["refuse", "recover", "lien"])
def test_a_double_signer_gains_nothing_as_second_redeemer(policy: str) -> None:
    """The buyer hands it to Bob, who redeems it, and returns it: refused, whatever the policy."""
    m = market("alice", "bob", second=policy)
    held = m["alice"].buy(m.grain, 400)
    assert present(lead(held, m["alice"], m["bob"]), m["bob"]).code is Refusal.DONE
    said = present(held, m["alice"])
    assert (said.code, proven(m, said, endorsed(held, m["alice"], m.bank.signer.key))) == (Refusal.USED, m["alice"].me)
    m.settle()
    assert m.has("alice", "bob") == [600, 1400]


@pytest.mark.parametrize(("policy", "left"), [("refuse", 1000), ("recover", 600), ("lien", 600)])
def test_a_buyer_that_returns_what_it_has_handed_on_owes_the_honest_holder(policy: str, left: int) -> None:
    m = market("alice", "bob", second=policy)
    held = m["alice"].buy(m.grain, 400)
    passed = lead(held, m["alice"], m["bob"])
    assert present(held, m["alice"]).code is Refusal.DONE
    m["alice"].ask()
    said = present(passed, m["bob"])
    assert said.code is (Refusal.USED if policy == "refuse" else Refusal.DONE)
    m.settle()
    assert m.has("alice", "bob") == [left, 2000 - left]


def test_an_issuer_owes_within_its_contract() -> None:
    m = market("alice", "bob", second="recover")
    treasurer = m.treasurer
    treasurer.trip()
    held = treasurer.buy(m.grain, 400)
    assert present(lead(held, treasurer, m["alice"]), m["alice"]).code is Refusal.DONE
    assert present(lead(held, treasurer, m["bob"]), m["bob"]).code is Refusal.DONE
    m.settle()
    assert m.has("alice", "bob") == [1400, 1400]


def test_after_its_end_a_second_redeemer_gets_the_proof_only() -> None:
    m = market("alice", "bob", "carol", second="lien")
    _, two = twice(m)
    m.bank.now += 31 * DAY
    said = present(two, m["carol"], ended=True)
    assert (said.code, proven(m, said, two)) == (Refusal.USED, m["alice"].me)
    m.settle()
    assert m.has("alice", "bob", "carol") == [600, 1400, 1000]


# --- liens --------------------------------------------------------------------------------------------------------


def test_a_lien_counts_at_once_is_met_when_funds_come_and_pays_once() -> None:
    m = market("alice", "bob", "carol", "dora", second="lien")
    _, two = twice(m, spend=500)
    m["carol"].take(Instrument(two.body, None, two.endorsements[:1]))
    m["carol"].queue(two)
    m["carol"].trip()
    assert m["carol"].state(two) == "refused"
    m["alice"].wish("getq")
    m["alice"].trip()
    assert [each.kind for each in m["alice"].account.waiting] == [n.LIEN]
    assert m["alice"].account.usable(m.grain) == -300
    m.check()
    assert present(two, m["carol"], ended=True).code is Refusal.USED
    m["alice"].wish("getq")
    m["alice"].trip()
    assert [each.kind for each in m["alice"].account.waiting] == [n.LIEN], "one lien for one chain"
    m.fund(m["alice"], 200)
    m.check()
    assert m["carol"].has(m.grain) == 1000, "not met in part"
    m.fund(m["alice"], 150)
    m.settle()
    assert m.has("alice", "bob", "carol") == [50, 1400, 1400]
    assert m["carol"].state(two) == "paid"
    assert present(two, m["carol"], ended=True).code is Refusal.PAID
    again = replace(two, endorsements=(two.endorsements[0], resigned(two, m["carol"])))
    assert present(again, m["carol"], ended=True).code is Refusal.PAID
    m.settle()


def test_signing_ones_endorsement_anew_makes_no_second_lien() -> None:
    m = market("alice", "bob", "carol", "dora", second="lien")
    _, two = twice(m, spend=500)
    assert present(two, m["carol"], ended=True).code is Refusal.USED
    again = replace(two, endorsements=(two.endorsements[0], resigned(two, m["carol"])))
    assert present(again, m["carol"], ended=True).code is Refusal.USED
    m["alice"].wish("getq")
    m["alice"].trip()
    assert [each.kind for each in m["alice"].account.waiting] == [n.LIEN]
    m.fund(m["alice"], 2000)
    m.settle()
    assert present(again, m["carol"], ended=True).code is Refusal.PAID
    assert m.has("alice", "carol") == [1700, 1400]


def test_liens_are_met_first_come_first() -> None:
    m = market("alice", "bob", "carol", "dora", "emil", second="lien")
    small, large = m["alice"].buy(m.grain, 100), m["alice"].buy(m.grain, 300)
    for held in (large, small):
        assert present(lead(held, m["alice"], m["bob"]), m["bob"]).code is Refusal.DONE
    m["alice"].pay(m["dora"], m.grain, 600)
    m["alice"].trip()
    m["alice"].ask()
    assert m["alice"].has(m.grain) == 0
    assert present(lead(large, m["alice"], m["carol"]), m["carol"]).code is Refusal.USED
    assert present(lead(small, m["alice"], m["emil"]), m["emil"]).code is Refusal.USED
    m.check()
    m.fund(m["alice"], 299)
    m.settle()
    assert m.has("alice", "carol", "emil") == [299, 1000, 1000], "the later and smaller one does not overtake"
    m.fund(m["alice"], 1)
    m.settle()
    assert m.has("alice", "carol", "emil") == [0, 1300, 1000]
    m.fund(m["alice"], 150)
    m.settle()
    assert m.has("alice", "carol", "emil") == [50, 1300, 1100]


def test_two_liens_of_one_creditor_under_one_number_are_two() -> None:
    """Numbers belong to the party: two buyers may have the same. One cheat, two certificates, one victim."""
    m = market("alice", "bob", "carol", "rogue", second="lien")
    held = [m["alice"].buy(m.grain, 100), m["bob"].buy(m.grain, 150)]
    assert len({paper_of(each.body).number for each in held}) == 1
    for each, buyer in zip(held, ("alice", "bob"), strict=True):
        got = lead(each, m[buyer], m["rogue"])
        assert present(lead(got, m["rogue"], m[buyer]), m[buyer]).code is Refusal.DONE
    m["rogue"].pay(m["alice"], m.grain, 1000)
    m["rogue"].trip()
    for each, buyer in zip(held, ("alice", "bob"), strict=True):
        assert present(lead(each, m[buyer], m["rogue"], m["carol"]), m["carol"]).code is Refusal.USED
    m.fund(m["rogue"], 250)
    m.settle()
    assert m.has("rogue", "carol") == [0, 1250]


def test_whoever_marks_a_chain_as_paid_holds_the_buyers_account() -> None:
    """The record stands under the buyer, who need be neither debtor nor creditor: else two writers lose one's word."""
    m = market("alice", "bob", "carol", "rogue", second="lien")
    got = lead(m["alice"].buy(m.grain, 100), m["alice"], m["rogue"])
    assert present(lead(got, m["rogue"], m["bob"]), m["bob"]).code is Refusal.DONE
    m["rogue"].pay(m["bob"], m.grain, 1000)
    m["rogue"].trip()
    assert present(lead(got, m["rogue"], m["carol"]), m["carol"]).code is Refusal.USED
    held: list[set[bytes]] = []
    hold = m.bank.store.hold

    def watched(keys: Collection[bytes]) -> Any:
        held.append(set(keys))
        return hold(keys)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(m.bank.store, "hold", watched)
        m.fund(m["rogue"], 100)
    wanted = {account_key(m[name].me) for name in ("alice", "carol", "rogue")}
    assert any(wanted <= keys for keys in held)
    m.settle()
    assert m.has("carol", "rogue") == [1100, 0]


def test_what_is_not_met_by_the_end_dies() -> None:
    m = market("alice", "bob", "carol", "dora", second="lien")
    _, two = twice(m, spend=500)
    assert present(two, m["carol"], ended=True).code is Refusal.USED
    m["alice"].wish("getq")
    m["alice"].trip()
    m.bank.now += 31 * DAY
    m.fund(m["alice"], 1000)
    m.settle()
    assert m["carol"].has(m.grain) == 1000
    assert m["alice"].account.usable(m.grain) == m["alice"].has(m.grain)
    assert not m["alice"].account.notices


def test_a_dead_lien_bounces_no_cheque() -> None:
    """It died at its end, not only when the debtor's next letter sweeps it away."""
    m = market("alice", "bob", "carol", "dora", second="lien")
    _, two = twice(m, spend=500)
    m["alice"].wish("getq")
    drawn = m["alice"].draw(m["dora"], m.grain, 100, days=60)
    m["alice"].trip()
    assert present(two, m["carol"], ended=True).code is Refusal.USED
    assert m["dora"].deposit(drawn) == [Refusal.FUNDS]
    m.bank.now += 31 * DAY
    assert m["dora"].deposit(drawn) == [Refusal.DONE]
    m.settle()


# --- third and fourth redeemers -----------------------------------------------------------------------------------

NAMES = ("alice", "bob", "carol", "dora")
Path = tuple[str, ...]


def paths(longest: int = 3) -> list[Path]:
    """All ways a certificate of Alice's may go in at most so many steps, no step to oneself; then to the bank."""
    found, front = [()], [()]  # type: list[Path], list[Path]
    for _ in range(longest):
        front = [(*path, name) for path in front for name in NAMES if name != (path[-1] if path else "alice")]
        found += front
    return [(*path, "BANK") for path in found]


def signer_at(path: Path, at: int) -> str:
    return path[at - 1] if at else "alice"


def due(presented: tuple[Path, ...]) -> Counter[tuple[Path, str]]:
    """Brute force, knowing nothing of B5: at each body, whoever signed k different ones after it owes for k - 1."""
    after: dict[tuple[Path, str], set[str]] = {}
    for path in presented:
        for at, step in enumerate(path):
            after.setdefault((path[:at], signer_at(path, at)), set()).add(step)
    return Counter({node: len(steps) - 1 for node, steps in after.items() if len(steps) > 1})


def test_over_all_pairs_of_chains_the_debtor_is_who_signed_twice_and_nobody_else() -> None:
    m = market("alice", funds=100)
    held = m["alice"].buy(m.grain, 10)
    people = {name: Party(name, m.bank) for name in NAMES}
    clerk = Party("bank", m.bank)
    chains = {}
    for path in paths():
        whole = lead(held, people["alice"], *(clerk if name == "BANK" else people[name] for name in path))
        chains[path] = check_offline(whole, m.bank.signer.key)
    names = {each.me: name for name, each in people.items()}
    assert len(chains) == 40
    for one, two in permutations(chains, 2):
        at = parting(chains[one], chains[two])
        assert at is not None, "the last step, to the bank, is signed too: no chain is the start of another"
        [(_, guilty)] = due((one, two))
        assert names[chains[one].signer(at)] == names[chains[two].signer(at)] == guilty


@settings(max_examples=60)
@given(st.data())
def test_over_orders_of_many_chains_the_nearest_earlier_one_names_each_debt_once(data: st.DataObject) -> None:
    every = paths()
    shown = data.draw(st.lists(st.sampled_from(every), min_size=2, max_size=6, unique=True))
    got: Counter[tuple[Path, str]] = Counter()
    for at in range(1, len(shown)):
        mine = shown[at]
        depth, _ = max((_common(mine, other), -where) for where, other in enumerate(shown[:at]))
        got[mine[:depth], signer_at(mine, depth)] += 1
    assert got == due(tuple(shown))


def _common(one: Path, other: Path) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _orders() -> Iterator[tuple[Path, ...]]:
    a = ("bob", "BANK"), ("carol", "dora", "BANK"), ("carol", "bob", "BANK"), ("dora", "BANK"), ("BANK",)
    yield from permutations(a, 3)
    yield ("carol", "bob", "BANK"), ("bob", "BANK"), ("carol", "dora", "BANK"), ("dora", "carol", "BANK")
    yield ("bob", "carol", "BANK"), ("bob", "BANK"), ("bob", "dora", "BANK"), ("bob", "alice", "BANK")
    yield ("dora", "BANK"), ("dora", "carol", "BANK"), ("dora", "bob", "BANK"), ("carol", "BANK")


@pytest.mark.parametrize("shown", list(_orders()), ids=lambda shown: " ".join("".join(n[0] for n in p) for p in shown))
def test_third_and_fourth_redeemers_are_paid_by_whom_brute_force_finds(shown: tuple[Path, ...]) -> None:
    """Through the bank: what each was charged is what it owes, and the innocent are charged nothing."""
    m = market(*NAMES, second="recover")
    held = m["alice"].buy(m.grain, 100)
    start = Counter(dict(zip(NAMES, m.has(*NAMES), strict=True)))
    owed: Counter[str] = Counter()
    for at, path in enumerate(shown):
        whole = lead(held, m["alice"], *(m[name] for name in path[:-1]))
        redeemer = m[path[-2] if len(path) > 1 else "alice"]
        said = present(whole, redeemer)
        new = due(shown[: at + 1]) - due(shown[:at])
        [guilty] = [name for _, name in new] if at else ["alice"]
        if at and m[guilty] is redeemer:
            assert said.code is Refusal.USED
        else:
            assert said.code is Refusal.DONE
            start[_name(m, redeemer)] += 100
            owed[guilty] += 100 if at else 0
        m.check()
    m.settle()
    assert dict(zip(NAMES, m.has(*NAMES), strict=True)) == {name: start[name] - owed[name] for name in NAMES}


def _name(m: Market, party: Party) -> str:
    return next(name for name, each in m.people.items() if each is party)


def test_a_chain_presented_again_is_compared_with_what_came_before_it_only() -> None:
    """Alice and Carol each signed twice. However often what was refused comes again, each owes for one."""
    m = market(*NAMES, "emil", second="recover")
    held = m["alice"].buy(m.grain, 100)
    m["alice"].pay(m["emil"], m.grain, 900)
    m["alice"].trip()
    assert present(lead(held, m["alice"], m["bob"]), m["bob"]).code is Refusal.DONE
    second, third = (lead(held, m["alice"], m["carol"], m[name]) for name in ("dora", "emil"))
    assert present(second, m["dora"]).code is Refusal.USED, "Alice owes and has nothing"
    assert present(third, m["emil"]).code is Refusal.DONE, "Carol owes for this one"
    said = present(second, m["dora"])
    assert said.code is Refusal.USED, "it is Alice's debt still"
    assert proven(m, said, endorsed(second, m["dora"], m.bank.signer.key)) == m["alice"].me
    m.settle()
    assert m.has("carol", "dora", "emil") == [900, 1000, 1100]


def test_no_more_chains_are_kept_than_compared_and_none_beyond_is_charged() -> None:
    m = market("alice", "bob", funds=4000, second="recover")
    held = m["alice"].buy(m.grain, 100)
    friends = [Party(f"friend {at}", m.bank) for at in range(MOST_PRESENTED + 2)]
    codes = [present(lead(held, m["alice"], each, m["bob"]), m["bob"]).code for each in friends]
    assert codes == [Refusal.DONE] * MOST_PRESENTED + [Refusal.USED] * 2
    m.settle()
    assert m.has("alice", "bob") == [4000 - 100 * MOST_PRESENTED, 4000 + 100 * MOST_PRESENTED]


# --- what is kept, and how long -----------------------------------------------------------------------------------


@pytest.mark.parametrize("taken_in", ["at once", "late"])
def test_a_redeemed_chain_is_kept_until_its_end_and_grace_and_until_taken_in_then_it_is_gone(taken_in: str) -> None:
    m = market("alice", "bob")
    before = sorted(key for key in m.bank.records if key.startswith((b"instrument/", b"due/")))
    assert before == []
    held = m["alice"].buy(m.grain, 400, days=5)
    assert present(lead(held, m["alice"], m["bob"]), m["bob"]).code is Refusal.DONE
    drawn = m["alice"].draw(m["bob"], m.grain, 100, days=5)
    assert m["bob"].deposit(drawn) == [Refusal.DONE]
    if taken_in == "at once":
        m.settle()
    assert m.bank.tidy() == 0
    m.bank.now += (5 + 60) * DAY
    m["bob"].ask()
    assert m.bank.tidy() == 0, "on the last second they are kept"
    m.bank.now += 1
    m["bob"].ask()
    assert m.bank.tidy() == (2 if taken_in == "at once" else 0)
    m.settle()
    m.bank.tidy()
    assert sorted(key for key in m.bank.records if key.startswith((b"instrument/", b"due/", b"notice/"))) == []
    m.check()
    said = present(lead(held, m["alice"], m["bob"]), m["bob"])
    assert said.code is Refusal.EXPIRED
    assert m.has("alice", "bob") == [500, 1500]


def test_the_bytes_of_the_store_return_to_what_they_were() -> None:
    m = market("alice", "bob", "carol", second="recover")
    everything = 200 * DAY

    def sizes() -> tuple[int, int]:
        m.settle()
        m.bank.now += everything
        m.settle()
        m.settle()
        m.bank.tidy()
        records = m.bank.records
        return len(records), sum(len(key) + len(raw) for key, raw in records.items())

    def a_round() -> None:
        held = m["alice"].buy(m.grain, 100)
        assert present(lead(held, m["alice"], m["bob"]), m["bob"]).code is Refusal.DONE
        assert present(lead(held, m["alice"], m["carol"]), m["carol"]).code is Refusal.DONE
        m.fund(m["alice"], 200)

    a_round()
    first = sizes()
    for _ in range(3):
        a_round()
    assert sizes()[0] == first[0]
    a_round()
    assert abs(sizes()[1] - first[1]) < 100, "but for the length of numbers"


# --- debits that a wallet must not swallow ------------------------------------------------------------------------


def _pair(m: Market) -> tuple[Instrument, Instrument]:
    held = m["alice"].buy(m.grain, 100)
    bank = m.bank.signer.key
    return tuple(endorsed(lead(held, m["alice"], m[name]), m[name], bank) for name in ("bob", "carol"))  # type: ignore[return-value]


def _proof(*chains: Instrument) -> bytes:
    return b"\x82" + b"".join(_string(each.encode()) for each in chains)


def _string(raw: bytes) -> bytes:
    return b"\x59" + len(raw).to_bytes(2, "big") + raw


def recovered(m: Market, one: Instrument, two: Instrument, by: str = "carol", **said: Any) -> bytes:
    return told(m, n.RECOVERED, two, m[by], **{"enclosed": _proof(one, two), **said})


def _charged_twice(m: Market) -> bytes:
    pair = _pair(m)
    deliver(m, recovered(m, *pair))
    return recovered(m, *pair, notice=99)


def _parted_by_another(m: Market) -> bytes:
    got = lead(m["alice"].buy(m.grain, 100), m["alice"], m["bob"])
    bank = m.bank.signer.key
    one, two = (endorsed(lead(got, m["bob"], m[name]), m[name], bank) for name in ("carol", "dora"))
    return recovered(m, one, two, "dora")


def _unpresented(m: Market) -> bytes:
    one, two = _pair(m)
    return recovered(m, one, replace(two, endorsements=two.endorsements[:1]))


def _the_same(m: Market) -> bytes:
    _, two = _pair(m)
    return recovered(m, two, two)


def _anothers_certificate(m: Market) -> bytes:
    held = m["dora"].buy(m.grain, 100)
    ended = endorsed(lead(held, m["dora"], m["bob"]), m["bob"], m.bank.signer.key)
    return told(m, n.REDEEMED, ended, m["bob"])


def _never_redeemed(m: Market) -> bytes:
    held = m["alice"].buy(m.grain, 100)
    return told(m, n.REDEEMED, lead(held, m["alice"], m["bob"]), m["bob"])


def _closed_twice(m: Market) -> bytes:
    one, _ = _pair(m)
    deliver(m, told(m, n.REDEEMED, one, m["bob"]))
    return told(m, n.REDEEMED, one, m["bob"], notice=99)


CONTRADICTIONS: dict[str, Callable[[Market], bytes]] = {
    "recovered twice": _charged_twice,
    "parted by another": _parted_by_another,
    "second chain not presented": _unpresented,
    "twice the same chain": _the_same,
    "another amount": lambda m: recovered(m, *_pair(m), amount=101),
    "another redeemer": lambda m: recovered(m, *_pair(m), "bob"),
    "one chain only": lambda m: recovered(m, *_pair(m), enclosed=b"\x81" + _string(_pair(m)[0].encode())),
    "another's certificate closed": _anothers_certificate,
    "closed though nobody redeemed it": _never_redeemed,
    "closed twice": _closed_twice,
}


@pytest.mark.parametrize("which", list(CONTRADICTIONS))
def test_a_debit_for_what_the_owner_did_not_sign_twice_is_a_contradiction(which: str) -> None:
    m = market("alice", "bob", "carol", "dora")
    raw = CONTRADICTIONS[which](m)
    with pytest.raises(Contradiction) as caught:
        deliver(m, raw)
    assert raw in caught.value.evidence


def test_a_debit_for_what_the_owner_did_sign_twice_is_believed() -> None:
    m = market("alice", "bob", "carol")
    deliver(m, recovered(m, *_pair(m)))
    assert [Notice.read(trusted(raw).body).kind for raw in m["alice"].account.notices.values()] == [n.RECOVERED]


def test_nearest_is_the_earliest_of_equals() -> None:
    m = market("alice", funds=100)
    held = m["alice"].buy(m.grain, 10)
    a, b, c = (check_offline(lead(held, m["alice"], Party(x, m.bank)), m.bank.signer.key) for x in "abc")
    assert nearest(c, [a, b]) is a
    assert identity_of_body(held.body) == c.identity
