"""Cheques, as honest people use them and as cheats would: what becomes of each, and who is shown what (C1-C4, N2)."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha512
from typing import Any

import pytest
from nacl import bindings

from ledgerpost.errors import BadBytes, Denied, Refusal, WrongShape
from ledgerpost.papers import notice as n
from ledgerpost.papers.cheque import Cheque
from ledgerpost.papers.depositcheque import DepositCheque
from ledgerpost.papers.instrument import (
    Instrument,
    _structure,
    check_chain,
    check_offline,
    endorse,
    identity_of_body,
    paper_of,
)
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.order import Order
from ledgerpost.papers.receipt import Receipt, Waits
from ledgerpost.papers.sequence import Sequence as Chequebook
from ledgerpost.papers.spendto import SpendTo
from ledgerpost.papers.stopcheque import StopCheque
from ledgerpost.papers.takein import ConfirmChequeCleared
from ledgerpost.papers.terms import DAY
from ledgerpost.sealed import Signer, open_message, read, trusted
from ledgerpost.statement import Span, digest_of
from ledgerpost.terms import Fingerprint, PublicKey
from ledgerpost.wallet.account import open_at
from ledgerpost.wallet.checks import Contradiction
from ledgerpost.wallet.drawer import Draft, draw, examine, take
from market import Market, Said, debtor, endorsed, evidence_of, forged, lead, market, present, presentation, send
from town import Bank, Party, seed_of


def cheque(by: Party, to: Party | None, m: Market, amount: int = 100, **said: Any) -> Instrument:
    """A cheque that says anything, signed past ``by``'s wallet, with its first chequebook."""
    fields: dict[str, Any] = {
        "bank": m.bank.signer.fingerprint,
        "number": 1,
        "payee": to.me if to else None,
        "asset": m.grain,
        "amount": amount,
        "start": 0,
        "until": m.bank.now + 30 * DAY,
        "memo": "",
    }
    paper = Cheque(**{**fields, **said})
    return Instrument(paper.sign(by.signer), chequebook=by.account.books[0])


def deposit(instrument: Instrument, by: Party, **stated: Any) -> Said:
    """Endorsed to the bank past all checks, and presented; ``stated`` replaces fields of the order."""
    bank = by.bank.signer.key
    ended = forged(instrument, by, bank) if not instrument.endorsements else endorsed(instrument, by, bank)
    [said] = send(by, replace(presentation(ended), **stated))
    return said


def stop(party: Party, first: int, last: int) -> Said:
    [said] = send(
        party, StopCheque(party.bank.signer.fingerprint, party.account.statement.seq + 1, (Span(first, last),))
    )
    return said


def spend(party: Party, payee: Party | None, m: Market, number: int, amount: int) -> Said:
    bank, seq = m.bank.signer.fingerprint, party.account.statement.seq + 1
    until = m.bank.now + 9 * DAY
    [said] = send(party, SpendTo(bank, seq, payee.me if payee else None, number, m.grain, amount, until, ""))
    return said


# --- as they are meant --------------------------------------------------------------------------------------------


def test_an_open_cheque_is_paid_to_whoever_presents_it_first() -> None:
    m = market("alice", "bob", "carol")
    drawn = m["alice"].draw(None, m.grain, 70)
    assert "whoever presents it first is paid" in " ".join(m["bob"].take(drawn).certain)
    assert m["carol"].deposit(drawn) == [Refusal.DONE]
    assert m["bob"].deposit(drawn) == [Refusal.USED]
    [winner] = evidence_of(m["bob"].account.items[identity_of_body(drawn.body)].proof[-1])
    m["alice"].ask()
    assert m.has("alice", "bob", "carol") == [930, 1000, 1070]
    assert winner.body == drawn.body
    assert winner.first == m["carol"].signer.key
    m.check()


def test_an_open_cheque_is_handed_on_as_it_is() -> None:
    m = market("alice", "bob", "carol")
    drawn = m["alice"].draw(None, m.grain, 70)
    m["bob"].take(drawn)
    with pytest.raises(Denied, match="open cheque"):
        m["bob"].hand_on(drawn, m["carol"])


def test_an_open_cheque_signed_over_to_a_person_is_worth_nothing_and_nobody_takes_it() -> None:
    """Its chain starts at its presenter (C4): one endorsement, to the bank. Whoever took this could not cash it."""
    m = market("alice", "bob", "carol")
    drawn = m["alice"].draw(None, m.grain, 70)
    trap = forged(drawn, m["bob"], m["carol"].signer.key)
    with pytest.raises(WrongShape, match="presenter"):
        m["carol"].take(trap)


def test_a_post_dated_cheque_may_be_taken_at_once_and_presented_from_its_date_on() -> None:
    m = market("alice", "bob")
    drawn = m["alice"].draw(m["bob"], m.grain, 70, start=m.bank.now + 5 * DAY)
    assert "only from its date on" in " ".join(m["bob"].take(drawn).certain)
    assert m["bob"].deposit(drawn) == [Refusal.DATES]
    m.bank.now += 5 * DAY
    assert m["bob"].deposit(drawn) == [Refusal.DONE]
    m.settle()
    assert m.has("alice", "bob") == [930, 1070]


def test_an_expired_cheque_is_neither_taken_nor_paid() -> None:
    m = market("alice", "bob", "carol")
    late, held = m["alice"].draw(m["carol"], m.grain, 70, days=3), m["alice"].draw(m["bob"], m.grain, 70, days=3)
    m["bob"].take(held)
    m.bank.now += 3 * DAY + 1
    with pytest.raises(Denied, match="ended"):
        m["carol"].take(late)
    m["bob"].queue(held)
    [news] = m["bob"].trip()
    assert [each.code for each in news.answered[0].results] == [Refusal.DATES]
    m.settle()
    assert m.has("alice", "bob") == [1000, 1000]


def test_a_cheque_is_good_on_its_last_second() -> None:
    m = market("alice", "bob")
    held = m["alice"].draw(m["bob"], m.grain, 70, days=3)
    m["bob"].take(held)
    m.bank.now += 3 * DAY
    assert m["bob"].deposit(held) == [Refusal.DONE]


def test_a_payee_endorses_onward_and_the_last_holder_is_paid() -> None:
    names = ("alice", "bob", "carol", "dora", "emil")
    m = market(*names)
    passed = m["alice"].draw(m["bob"], m.grain, 70)
    for giver, taker in (("bob", "carol"), ("carol", "dora"), ("dora", "emil")):
        m[giver].take(passed)
        passed = m[giver].hand_on(passed, m[taker])
        assert m[giver].state(passed) == "given"
    assert [m["emil"].take(passed).chain.signer(at) for at in range(4)] == [m[name].me for name in names[:4]]
    assert m["emil"].deposit(passed) == [Refusal.DONE]
    m.settle()
    assert m.has(*names) == [930, 1000, 1000, 1000, 1070]


def test_several_deposits_in_one_letter_stand_alone() -> None:
    m = market("alice", "bob", "carol")
    drawn = [m["alice"].draw(m["bob"], m.grain, amount) for amount in (500, 300, 100)]
    other = m["carol"].draw(m["bob"], m.grain, 1000)
    assert spend(m["alice"], m["carol"], m, 19, 400).code is Refusal.DONE
    assert m["bob"].deposit(*drawn, other) == [Refusal.DONE, Refusal.FUNDS, Refusal.DONE, Refusal.DONE]
    m.settle()
    assert m.has("alice", "bob", "carol") == [0, 2600, 0]


# --- bounced ------------------------------------------------------------------------------------------------------


def test_a_bounce_is_signed_told_once_and_made_good_later() -> None:
    m = market("alice", "bob", "carol")
    drawn = m["alice"].draw(m["bob"], m.grain, 900)
    assert spend(m["alice"], m["carol"], m, 15, 500).code is Refusal.DONE
    before = len(m.bank.records)
    for _ in range(3):
        assert m["bob"].deposit(drawn) == [Refusal.FUNDS]
    assert len(m.bank.records) == before + 3, "one notice, one record, one entry by date, however often"
    m["alice"].wish("getq")
    m["alice"].trip()
    [told] = [each for each in m["alice"].account.waiting if each.kind == n.BOUNCED]
    assert (told.number, told.amount, told.other) == (1, 900, m["bob"].me)
    m["alice"].trip()
    assert m["alice"].has(m.grain) == 500
    assert 1 in {block.first for block in m["alice"].account.statement.numbers}, "its number stays open"
    assert m["bob"].deposit(drawn) == [Refusal.FUNDS], "taken in by the drawer; the presenter is shown it again"
    assert told.sign(m.bank.signer) in m["bob"].account.items[identity_of_body(drawn.body)].proof
    m.fund(m["alice"], 500)
    assert m["bob"].deposit(drawn) == [Refusal.DONE]
    m["alice"].ask()
    assert m.has("alice", "bob") == [100, 1900]
    m.check()


def test_the_refusal_of_a_bounced_cheque_names_the_drawers_notice_and_newest_statement() -> None:
    m = market("alice", "bob")
    said = deposit(cheque(m["alice"], m["bob"], m, 1001), m["bob"])
    assert said.code is Refusal.FUNDS
    told = Notice.of(open_message(said.evidence or b"", m.bank.signer.key), m.bank.signer.fingerprint)
    assert (told.kind, told.party, told.other, told.number) == (n.BOUNCED, m["alice"].me, m["bob"].me, 1)
    about = said.result.about
    assert about is not None
    statement = m["alice"].account.statement
    assert (about.party, about.seq, about.digest) == (m["alice"].me, statement.seq, digest_of(statement.encode()))
    assert (told.seq, told.digest) == (about.seq, about.digest)


def test_a_bounced_number_that_becomes_a_certificate_can_be_redeemed() -> None:
    """A cheating drawer spends the number of its bounced cheque: the bank's records of the two must not collide."""
    m = market("alice", "bob", "carol")
    bounced = cheque(m["alice"], m["bob"], m, 1001)
    assert deposit(bounced, m["bob"]).code is Refusal.FUNDS
    assert spend(m["alice"], None, m, 1, 300).code is Refusal.DONE
    [held] = [Instrument(trusted(raw).raw) for raw in m["alice"].account.parts.values() if _is_certificate(raw)]
    assert present(lead(held, m["alice"], m["carol"]), m["carol"]).code is Refusal.DONE
    assert m.has("alice", "carol") == [700, 1300]
    said = deposit(bounced, m["bob"])
    assert said.code is Refusal.USED, "used otherwise, and the certificate proves it: a claim"
    [winner] = evidence_of(said.evidence or b"")
    assert winner.body == held.body
    m.settle()


def _is_certificate(raw: bytes) -> bool:
    return raw[:1] == b"\xd2" and trusted(raw).type == "certificate"


# --- stopped ------------------------------------------------------------------------------------------------------


def test_a_stop_that_comes_first_wins() -> None:
    m = market("alice", "bob")
    drawn = m["alice"].draw(m["bob"], m.grain, 100)
    assert stop(m["alice"], 1, 1).code is Refusal.DONE
    said = deposit(drawn, m["bob"])
    assert said.code is Refusal.NUMBER
    about = said.result.about
    assert about is not None and about.digest == digest_of(m["alice"].account.statement.encode()), (
        "it names what closed it"
    )
    m.settle()
    assert m.has("alice", "bob") == [1000, 1000]


def test_a_stop_that_comes_after_the_deposit_is_refused_and_shown_the_debit() -> None:
    m = market("alice", "bob")
    drawn = m["alice"].draw(m["bob"], m.grain, 100)
    assert m["bob"].deposit(drawn) == [Refusal.DONE]
    said = stop(m["alice"], 1, 1)
    assert said.code is Refusal.PENDING
    told = Notice.of(open_message(said.evidence or b"", m.bank.signer.key))
    assert (told.kind, told.number, told.other) == (n.CLEARED, 1, m["bob"].me)
    m.settle()
    assert m.has("alice", "bob") == [900, 1100]


def test_a_wish_to_stop_that_news_has_overtaken_is_dropped() -> None:
    """Else the wallet would write a letter about nothing at each carrying."""
    m = market("alice", "bob")
    drawn = m["alice"].draw(m["bob"], m.grain, 100)
    assert m["bob"].deposit(drawn) == [Refusal.DONE]
    m["alice"].wish("getq")
    m["alice"].trip()
    m["alice"].wish("stopcheque", number=1, amount=1)
    m["alice"].trip()
    m["alice"].trip()
    before = m["alice"].letters
    m["alice"].trip()
    assert (m["alice"].letters, m["alice"].account.wishes) == (before, ())


# --- twice --------------------------------------------------------------------------------------------------------


def test_the_same_cheque_twice_is_refused_naming_the_letter_that_was_paid() -> None:
    m = market("alice", "bob")
    drawn = endorsed(m["alice"].draw(m["bob"], m.grain, 100), m["bob"], m.bank.signer.key)
    assert present(drawn, m["bob"], ended=True).code is Refusal.DONE
    paid = m["bob"].account.held
    m.settle()  # taken in and forgotten by the drawer's statement; the bank keeps the cheque until its end
    said = present(drawn, m["bob"], ended=True)
    assert paid is not None
    assert (said.code, said.result.letter) == (Refusal.PAID, paid.answers[-1].letter)
    assert m.has("alice", "bob") == [900, 1100]
    m.check()


def test_the_same_chain_under_another_signature_is_the_same_chain() -> None:
    """S2: identity is what was signed. Ed25519 lets a signer make many signatures over the same bytes."""
    m = market("alice", "bob")
    drawn = endorsed(m["alice"].draw(m["bob"], m.grain, 100), m["bob"], m.bank.signer.key)
    again = replace(drawn, endorsements=(resigned(drawn, m["bob"]),))
    assert again != drawn
    assert check_offline(again, m.bank.signer.key).bodies == check_offline(drawn, m.bank.signer.key).bodies
    assert present(drawn, m["bob"], ended=True).code is Refusal.DONE
    assert present(again, m["bob"], ended=True).code is Refusal.PAID
    m.settle()


def resigned(instrument: Instrument, by: Party) -> bytes:
    """The last endorsement with another valid signature over the same bytes: another nonce (RFC 8032 5.1.6)."""

    before = check_offline(
        replace(instrument, endorsements=instrument.endorsements[:-1], first=None), by.bank.signer.key
    )
    following = PublicKey(instrument.endorsements[-1][:32])
    message = _structure(by.me, by.bank.signer.fingerprint, before.bodies[-1], following)
    secret = sha512(by.signer.seed).digest()[:32]
    scalar = int.from_bytes(bytes([secret[0] & 248, *secret[1:31], (secret[31] & 127) | 64]), "little")
    order = 2**252 + 27742317777372353535851937790883648493
    nonce = int.from_bytes(sha512(b"another nonce" + message).digest(), "little") % order
    point = bindings.crypto_scalarmult_ed25519_base_noclamp(nonce.to_bytes(32, "little"))
    challenge = int.from_bytes(sha512(point + by.signer.key + message).digest(), "little") % order
    return bytes(following) + point + ((nonce + challenge * scalar) % order).to_bytes(32, "little")


def test_two_cheques_under_one_number_the_first_wins_and_the_loser_is_shown_the_winner() -> None:
    m = market("alice", "bob", "carol")
    one, two = cheque(m["alice"], m["bob"], m, 100), cheque(m["alice"], m["carol"], m, 200)
    assert deposit(one, m["bob"]).code is Refusal.DONE
    said = deposit(two, m["carol"])
    assert said.code is Refusal.USED
    [winner] = evidence_of(said.evidence or b"")
    assert debtor(m.bank.signer.key, replace(winner, chequebook=one.chequebook), two) == m["alice"].me, "C3"
    m.settle()
    assert m.has("alice", "bob", "carol") == [900, 1100, 1000]


def test_a_cheque_endorsed_twice_the_loser_can_name_who_did_it() -> None:
    m = market("alice", "bob", "carol", "dora")
    drawn = m["alice"].draw(m["bob"], m.grain, 100)
    assert present(lead(drawn, m["bob"], m["carol"]), m["carol"]).code is Refusal.DONE
    mine = lead(drawn, m["bob"], m["dora"])
    said = present(mine, m["dora"])
    assert said.code is Refusal.USED
    [winner] = evidence_of(said.evidence or b"")
    assert debtor(m.bank.signer.key, replace(winner, chequebook=drawn.chequebook), mine) == m["bob"].me
    m.settle()


# --- numbers that cannot be charged -------------------------------------------------------------------------------


def _expired(m: Market) -> Instrument:
    m["alice"].wish("getsequence", amount=3, until=m.bank.now + 2 * DAY)
    m["alice"].trip()
    m.bank.now += 2 * DAY + 1
    return cheque(m["alice"], m["bob"], m, number=21)


def _stopped(m: Market) -> Instrument:
    assert stop(m["alice"], 1, 2).code is Refusal.DONE
    return cheque(m["alice"], m["bob"], m, number=2)


def _spent(m: Market) -> Instrument:
    assert spend(m["alice"], m["carol"], m, 4, 10).code is Refusal.DONE
    return cheque(m["alice"], m["bob"], m, number=4)


def _refused_spend(m: Market) -> Instrument:
    assert spend(m["alice"], m["carol"], m, 4, 1001).code is Refusal.FUNDS
    return cheque(m["alice"], m["bob"], m, number=4)


def _stranger(m: Market) -> Instrument:
    nobody = Party("nobody", m.bank)
    nobody.account = replace(nobody.account, books=m["alice"].account.books)
    return cheque(nobody, m["bob"], m)


def _anothers(m: Market) -> Instrument:
    books = m["carol"].account.books
    assert stop(m["carol"], 1, 20).code is Refusal.DONE
    m["carol"].account = replace(m["carol"].account, books=books)
    return cheque(m["carol"], m["bob"], m, number=3)


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda m: cheque(m["alice"], m["bob"], m, number=21), True),
        (_stopped, True),
        (_spent, True),
        (_refused_spend, True),
        (_expired, True),
        (_stranger, False),
        (_anothers, True),
    ],
    ids=["never issued", "stopped", "spent", "refused spend", "expired", "no account", "of another party"],
)
def test_a_number_that_is_not_open_is_not_charged(make: Callable[[Market], Instrument], named: bool) -> None:
    m = market("alice", "bob", "carol")
    said = deposit_raw(make(m), m["bob"])
    assert said.code is Refusal.NUMBER
    assert (said.result.about is not None) is named, "S6: the newest statement of whoever has one"
    m.settle()
    assert m["bob"].has(m.grain) == 1000


def deposit_raw(instrument: Instrument, by: Party) -> Said:
    """A deposit whose cheque need not check offline: only its own signature and the endorsement must be good."""
    key = _key_of(instrument)
    chain = check_chain(instrument.bare(), key, by.bank.signer.fingerprint)
    ended = endorse(chain, by.signer, by.bank.signer.key)
    paper = chain.paper
    first = ended.first
    assert first is not None
    order = DepositCheque(ended.body, key, first, ended.endorsements, paper.number, paper.asset, paper.amount)
    [said] = send(by, order)
    return said


def _key_of(instrument: Instrument) -> PublicKey:
    signer = trusted(instrument.body).signer
    names = ("alice", "bob", "carol", "nobody")
    return next(each.key for each in (Signer.from_seed(seed_of(name)) for name in names) if each.fingerprint == signer)


def test_a_cheque_on_another_bank_is_no_cheque_here() -> None:
    m = market("alice", "bob")
    other = Bank("other")
    drawn = cheque(m["alice"], m["bob"], m, bank=other.signer.fingerprint)
    ended = endorsed_elsewhere(drawn, m["bob"], other, m.bank)
    paper = paper_of(ended.body)
    first = ended.first
    assert first is not None
    order = DepositCheque(ended.body, m["alice"].signer.key, first, ended.endorsements, paper.number, m.grain, 100)
    [said] = send(m["bob"], order)
    assert said.code is Refusal.CHAIN


def endorsed_elsewhere(drawn: Instrument, by: Party, bank: Bank, to: Bank) -> Instrument:
    drawer = Signer.from_seed(seed_of("alice")).key
    return endorse(check_chain(drawn.bare(), drawer, bank.signer.fingerprint), by.signer, to.signer.key)


# --- deposits that are not what they say --------------------------------------------------------------------------


@pytest.mark.parametrize("stated", [{"number": 2}, {"asset": bytes(32)}, {"amount": 99}, {"amount": 101}], ids=str)
def test_a_deposit_must_state_what_its_cheque_says(stated: dict[str, object]) -> None:
    m = market("alice", "bob")
    assert deposit(cheque(m["alice"], m["bob"], m), m["bob"], **stated).code is Refusal.CHAIN
    m.settle()
    assert m.has("alice", "bob") == [1000, 1000]


def _not_at_the_bank(m: Market) -> Order:
    return presentation(lead(cheque(m["alice"], m["bob"], m), m["bob"], m["carol"]))


def altered(m: Market, **fields: Any) -> Order:
    """A good deposit by Bob, but for these fields."""
    return replace(presentation(_ended(m, m["bob"])), **fields)


def _no_chain(m: Market) -> Order:
    return altered(m, endorsements=())


def _by_another(m: Market) -> Order:
    return presentation(lead(cheque(m["alice"], m["carol"], m), m["carol"], m["bob"]))


def _anothers_end(m: Market) -> Order:
    ended = endorsed(cheque(m["alice"], m["carol"], m), m["carol"], m.bank.signer.key)
    return presentation(ended)


def _ended(m: Market, by: Party) -> Instrument:
    return endorsed(cheque(m["alice"], by, m), by, m.bank.signer.key)


def _past_the_bank(m: Market) -> Order:
    ended = _ended(m, m["bob"])
    clerk = Party("bank", m.bank)
    onward = endorsed(ended, clerk, m["bob"].signer.key)
    return presentation(endorsed(onward, m["bob"], m.bank.signer.key))


def _torn_signature(m: Market) -> Order:
    ended = _ended(m, m["bob"])
    [raw] = ended.endorsements
    return presentation(replace(ended, endorsements=(raw[:-1] + bytes([raw[-1] ^ 1]),)))


def _wrong_drawer(m: Market) -> Order:
    return altered(m, drawer=m["carol"].signer.key)


def _wrong_first(m: Market) -> Order:
    return altered(m, first=m["carol"].signer.key)


def _no_point(m: Market) -> Order:
    return altered(m, drawer=bytes(32))


def _stolen(m: Market) -> Order:
    """Made out to Carol; Bob endorses it to the bank in her place."""
    return presentation(forged(cheque(m["alice"], m["carol"], m), m["bob"], m.bank.signer.key))


@pytest.mark.parametrize(
    "make",
    [
        _not_at_the_bank,
        _no_chain,
        _by_another,
        _anothers_end,
        _past_the_bank,
        _torn_signature,
        _wrong_drawer,
        _wrong_first,
        _no_point,
        _stolen,
    ],
    ids=lambda make: make.__name__.strip("_").replace("_", " "),
)
def test_a_chain_must_verify_and_end_with_the_presenter_handing_it_to_the_bank(make: Callable[[Market], Order]) -> None:
    m = market("alice", "bob", "carol")
    [said] = send(m["bob"], make(m))
    assert said.code is Refusal.CHAIN
    m.settle()
    assert m.has("alice", "bob", "carol") == [1000, 1000, 1000]


@pytest.mark.parametrize("payee", ["alice", None], ids=["to herself", "open"])
def test_a_drawer_cannot_deposit_its_own_cheque(payee: str | None) -> None:
    m = market("alice")
    drawn = cheque(m["alice"], m[payee] if payee else None, m)
    assert deposit(drawn, m["alice"]).code is Refusal.PAYEE
    m.settle()


def test_an_asset_that_the_bank_does_not_keep_is_not_paid() -> None:
    m = market("alice", "bob")
    assert deposit(cheque(m["alice"], m["bob"], m, asset=bytes(32)), m["bob"]).code is Refusal.ASSET


# --- a payee who knows only the bank's card -----------------------------------------------------------------------


def stranger(m: Market) -> Party:
    """Somebody who has the bank's card, no account and no news since."""
    return Party("stranger", m.bank)


def test_a_payee_who_knows_only_the_banks_card_can_tell_what_is_certain_and_what_is_open() -> None:
    m = market("alice")
    payee = stranger(m)
    drawn = m["alice"].draw(payee, m.grain, 100)
    seen = examine(drawn, m.bank.signer.key, payee.me, m.bank.now)
    assert seen.chain.drawer == m["alice"].me
    assert seen.certain == (
        "the cheque and every endorsement are signed as they must be",
        "its number is one the bank gave its drawer",
        "it is made out to you",
    )
    assert seen.open == ("whether it was presented before", "whether it is covered")
    assert seen.wrong == ()
    assert examine(drawn, m.bank.signer.key, m["alice"].me, m.bank.now).wrong == ("the cheque is made out to another",)
    assert examine(drawn, m.bank.signer.key, payee.me, m.bank.now + 31 * DAY).wrong == ("the cheque has ended",)


@pytest.mark.parametrize("field", ["number", "payee", "asset", "amount", "start", "until", "memo"])
def test_no_field_of_a_cheque_can_be_altered(field: str) -> None:
    m = market("alice", "bob", "carol")
    drawn = m["alice"].draw(m["bob"], m.grain, 100)
    paper = paper_of(drawn.body)
    assert isinstance(paper, Cheque)
    other: Any = {"payee": m["carol"].me, "asset": bytes(32), "memo": "x"}.get(field) or getattr(paper, field) + 1
    signature = drawn.body[-64:]
    raw = replace(paper, **{field: other}).sign(m["alice"].signer)[:-64] + signature
    with pytest.raises(BadBytes):
        take(m["bob"].account, replace(drawn, body=raw).encode(), m.bank.now)


def _books(m: Market) -> dict[str, bytes | None]:
    """Chequebooks that do not cover Alice's cheque number 1."""
    bank, alice = m.bank.signer, m["alice"].signer
    end = m.bank.now + 9 * DAY
    other = Bank("other").signer

    def book(signer: Signer, at: Fingerprint, key: PublicKey, first: int, until: int) -> bytes:
        return Chequebook(at, key, first, 9, until, m.bank.now).sign(signer)

    return {
        "none": None,
        "of another": m["bob"].account.books[0],
        "later numbers": book(bank, bank.fingerprint, alice.key, 2, end),
        "ends before": book(bank, bank.fingerprint, alice.key, 1, m.bank.now + DAY),
        "by another bank": book(other, other.fingerprint, alice.key, 1, end),
        "in its name": book(other, bank.fingerprint, alice.key, 1, end),
        "by the drawer": book(alice, bank.fingerprint, alice.key, 1, end),
        "no chequebook": m["alice"].account.card,
        "garbage": b"\xd2",
    }


@pytest.mark.parametrize("which", list(_books(market("alice", "bob", funds=0))))
def test_a_cheque_whose_chequebook_does_not_cover_it_is_not_taken(which: str) -> None:
    m = market("alice", "bob", funds=0)
    drawn = cheque(m["alice"], m["bob"], m, until=m.bank.now + 2 * DAY)
    take(m["bob"].account, drawn.encode(), m.bank.now)
    with pytest.raises(BadBytes):
        take(m["bob"].account, replace(drawn, chequebook=_books(m)[which]).encode(), m.bank.now)


def test_a_cheque_of_another_bank_is_not_taken() -> None:
    m = market("alice", "bob")
    other = Bank("other")
    there = Party("alice", other)
    there.open()
    there.trip()
    drawn = cheque(there, m["bob"], m, bank=other.signer.fingerprint)
    check_offline(drawn, other.signer.key)
    with pytest.raises(BadBytes):
        m["bob"].take(drawn)


# --- what a wallet draws ------------------------------------------------------------------------------------------


def test_a_wallet_never_draws_twice_on_one_number() -> None:
    m = market("alice", "bob")
    numbers = [paper_of(m["alice"].draw(m["bob"], m.grain, 1).body).number for _ in range(20)]
    assert numbers == list(range(1, 21))
    with pytest.raises(Denied, match="no open number"):
        m["alice"].draw(m["bob"], m.grain, 1)


def test_a_number_stays_used_after_its_cheque_has_ended() -> None:
    """Two cheques under one number prove fraud without a bank (C3), however old the first one is."""
    m = market("alice", "bob")
    drawn = paper_of(m["alice"].draw(m["bob"], m.grain, 1, days=1).body).number
    for _ in range(5):
        m.bank.now += 30 * DAY
        m["alice"].ask()
    assert paper_of(m["alice"].draw(m["bob"], m.grain, 1).body).number != drawn


def test_a_wallet_never_draws_beyond_its_balance() -> None:
    m = market("alice", "bob", "carol")
    m["alice"].draw(m["bob"], m.grain, 400)
    m["alice"].pay(m["carol"], m.grain, 350)
    with pytest.raises(Denied, match="does not cover"):
        m["alice"].draw(m["bob"], m.grain, 251)
    last = m["alice"].draw(m["bob"], m.grain, 250)
    with pytest.raises(Denied, match="does not cover"):
        m["alice"].draw(m["bob"], m.grain, 1)
    m["alice"].trip()
    assert m["bob"].deposit(last) == [Refusal.DONE]
    with pytest.raises(Denied, match="does not cover"):
        m["alice"].draw(m["bob"], m.grain, 1)


def test_what_is_usable_stays_right_while_a_debit_is_being_taken_in() -> None:
    m = market("alice", "bob")
    drawn = m["alice"].draw(m["bob"], m.grain, 400)
    assert m["bob"].deposit(drawn) == [Refusal.DONE]
    m["alice"].wish("getq")
    m["alice"].trip()
    assert m["alice"].account.usable(m.grain) == 600
    m["alice"].send()  # the letter that takes it in is under way
    assert m["alice"].account.usable(m.grain) == 600
    m["alice"].draw(m["bob"], m.grain, 600)


def test_a_debit_of_a_forgotten_cheque_does_not_free_the_funds_of_another() -> None:
    m = market("alice", "bob")
    forgotten = m["alice"].draw(m["bob"], m.grain, 400)
    m["alice"].account = replace(m["alice"].account, signed={}, barred=10)  # as after a restore
    m["alice"].draw(m["bob"], m.grain, 500)
    assert m["bob"].deposit(forgotten) == [Refusal.DONE]
    m["alice"].wish("getq")
    m["alice"].trip()
    assert m["alice"].account.usable(m.grain) == 100


def test_a_restored_wallet_draws_on_no_number_that_was_open_then() -> None:
    m = market("alice", "bob")
    lost = m["alice"].draw(m["bob"], m.grain, 300)
    old = m["alice"]
    m.people["alice"] = new = Party("alice", m.bank)
    new.account, new.letters = open_at(m.bank.card, new.signer.key, "alice", restored=True), 1000
    with pytest.raises(Denied):
        new.draw(m["bob"], m.grain, 1)
    new.open()
    new.trip()
    new.trip()
    assert new.account.fresh is None
    with pytest.raises(Denied, match="no open number"):
        new.draw(m["bob"], m.grain, 1)
    new.trip()
    assert paper_of(new.draw(m["bob"], m.grain, 1).body).number == 21
    assert m["bob"].deposit(lost) == [Refusal.DONE], "what it drew before is its word all the same"
    new.ask()
    assert new.has(m.grain) == old.has(m.grain) - 300
    m.check()


@pytest.mark.parametrize(
    "draft",
    [
        {"until": -1},
        {"start": 50 * DAY},
        {"amount": 0},
        {"amount": -5},
        {"memo": "é" * 25},
        {"memo": "x" * 49},
        {"payee": b"short"},
        {"asset": b""},
    ],
    ids=str,
)
def test_a_draft_that_makes_no_cheque_burns_no_number_and_breaks_no_wallet(draft: dict[str, object]) -> None:
    m = market("alice", "bob")
    good: dict[str, Any] = {"payee": m["bob"].me, "asset": m.grain, "amount": 10, "start": 0, "until": 9 * DAY}
    said = {**good, **draft}
    for name in ("start", "until"):
        said[name] = m.bank.now + said[name] if said[name] != -1 else -1
    with pytest.raises((BadBytes, Denied)):
        draw(m["alice"].account, m["alice"].signer, m.bank.now, Draft(**said))
    assert m["alice"].account.signed == {}


# --- debits that a wallet must not swallow (L10) ------------------------------------------------------------------


def told(m: Market, kind: str, instrument: Instrument, by: Party, **said: Any) -> bytes:
    """A notice to Alice, signed by her bank, about an instrument."""
    alice, paper = m["alice"], paper_of(instrument.body)
    statement = alice.account.statement
    held = alice.account.held
    assert held is not None
    fields: dict[str, Any] = {
        "bank": m.bank.signer.fingerprint,
        "party": alice.me,
        "notice": held.highest + 1,
        "time": m.bank.now,
        "kind": kind,
        "seq": statement.seq,
        "digest": digest_of(statement.encode()),
        "other": by.me,
        "key": by.signer.key,
        "number": paper.number,
        "asset": paper.asset,
        "amount": paper.amount,
        "until": paper.until,
        "earlier": 0,
        "enclosed": instrument.bare().encode(),
    }
    return Notice(**{**fields, **said}).sign(m.bank.signer)


def deliver(m: Market, *messages: bytes) -> None:
    for raw in m.bank.seal(m["alice"].signer.key, messages):
        m["alice"].receive(raw)


def test_a_notice_of_a_cheque_that_cleared_as_it_should_is_believed() -> None:
    m = market("alice", "bob")
    deliver(m, told(m, n.CLEARED, _ended(m, m["bob"]), m["bob"]))
    assert [each.kind for each in m["alice"].account.waiting] == [n.CLEARED]


def _twice(m: Market, **second: Any) -> bytes:
    ended = _ended(m, m["bob"])
    deliver(m, told(m, n.CLEARED, ended, m["bob"]))
    return told(m, n.CLEARED, ended, m["bob"], notice=99, **second)


def _again_after_taking_in(m: Market) -> bytes:
    drawn = m["alice"].draw(m["bob"], m.grain, 100)
    assert m["bob"].deposit(drawn) == [Refusal.DONE]
    m["alice"].ask()
    return told(m, n.CLEARED, endorsed(drawn, m["bob"], m.bank.signer.key), m["bob"], notice=99)


def _stopped_then_charged(m: Market) -> bytes:
    ended = _ended(m, m["bob"])
    assert stop(m["alice"], 1, 1).code is Refusal.DONE
    return told(m, n.CLEARED, ended, m["bob"])


CONTRADICTIONS: dict[str, Callable[[Market], bytes]] = {
    "signed by another": lambda m: told(m, n.CLEARED, _by(m["carol"], m), m["bob"]),
    "bounced, signed by another": lambda m: told(m, n.BOUNCED, _by(m["carol"], m), m["bob"]),
    "twice in one inbox": _twice,
    "again after it was taken in": _again_after_taking_in,
    "after it was stopped": _stopped_then_charged,
    "wrong amount": lambda m: told(m, n.CLEARED, _ended(m, m["bob"]), m["bob"], amount=101),
    "wrong number": lambda m: told(m, n.CLEARED, _ended(m, m["bob"]), m["bob"], number=2),
    "wrong asset": lambda m: told(m, n.CLEARED, _ended(m, m["bob"]), m["bob"], asset=bytes(32)),
    "ended": lambda m: told(m, n.CLEARED, _dated(m, until=m.bank.now + DAY), m["bob"], time=m.bank.now + DAY + 1),
    "not begun": lambda m: told(m, n.CLEARED, _dated(m, start=m.bank.now + DAY), m["bob"]),
    "never presented": lambda m: told(m, n.CLEARED, cheque(m["alice"], m["bob"], m), m["bob"]),
    "presented by another": lambda m: told(m, n.CLEARED, _ended(m, m["bob"]), m["carol"]),
    "nothing enclosed": lambda m: told(m, n.CLEARED, _ended(m, m["bob"]), m["bob"], enclosed=None),
    "two chains enclosed": lambda m: told(m, n.CLEARED, _ended(m, m["bob"]), m["bob"], enclosed=b"\x82\x40\x40"),
    "lien without proof": lambda m: told(m, n.LIEN, _ended(m, m["bob"]), m["bob"], enclosed=b"\x82\x40\x40"),
    "recovered from one chain": lambda m: told(m, n.RECOVERED, _ended(m, m["bob"]), m["bob"]),
}


def _dated(m: Market, **dates: Any) -> Instrument:
    return endorsed(cheque(m["alice"], m["bob"], m, **dates), m["bob"], m.bank.signer.key)


def _by(drawer: Party, m: Market) -> Instrument:
    return endorsed(cheque(drawer, m["bob"], m), m["bob"], m.bank.signer.key)


@pytest.mark.parametrize("which", list(CONTRADICTIONS))
def test_a_debit_that_the_owner_did_not_sign_for_is_a_contradiction(which: str) -> None:
    m = market("alice", "bob", "carol")
    raw = CONTRADICTIONS[which](m)
    before = m["alice"].account
    with pytest.raises(Contradiction) as caught:
        deliver(m, raw)
    assert raw in caught.value.evidence
    assert m["alice"].account == before


def test_a_receipt_that_lists_a_debit_on_a_number_its_own_statement_lacks_is_a_contradiction() -> None:
    """Row 2 of the judge's table: it was charged again after it was taken in."""
    m = market("alice", "bob")
    assert stop(m["alice"], 1, 1).code is Refusal.DONE
    m["alice"].wish("getq")
    [raw] = [m.bank.judge(m["alice"].send()).replies[0].messages]
    receipt = Receipt.read(read(raw[0]).body)
    false = replace(receipt, highest=receipt.highest + 1, pending=(Waits(receipt.highest + 1, n.CLEARED, 1),))
    with pytest.raises(Contradiction, match="lacks"):
        deliver(m, false.sign(m.bank.signer), *raw[1:])
    deliver(m, *raw)


def test_a_spend_on_the_number_of_a_cleared_cheque_and_its_taking_in_agree_with_the_audit() -> None:
    """L7: refused, and the number stays open while the debit waits; the same letter takes the debit in."""
    m = market("alice", "bob", "carol")
    drawn = m["alice"].draw(m["bob"], m.grain, 100)
    assert m["bob"].deposit(drawn) == [Refusal.DONE]
    m["alice"].wish("getq")
    m["alice"].trip()
    [each] = m["alice"].account.waiting
    seq = m["alice"].account.statement.seq + 1
    bank = m.bank.signer.fingerprint
    said = send(
        m["alice"],
        SpendTo(bank, seq, m["carol"].me, 1, m.grain, 10, m.bank.now + DAY, ""),
        ConfirmChequeCleared(each.notice, each.number, each.asset, each.amount),
    )
    assert [each.code for each in said] == [Refusal.PENDING, Refusal.DONE]
    m.check()
    m.settle()


def test_a_cheque_rests_on_no_credit_that_the_bank_has_not_signed() -> None:
    """Its payee may be at the bank before the drawer's own letter is: it would bounce."""
    m = market("alice", "bob")
    m.treasurer.pay(m["alice"], m.grain, 500)
    m.treasurer.trip()
    m["alice"].wish("getq")
    m["alice"].trip()
    m["alice"].accept_all()
    m["alice"].write()
    assert m["alice"].account.coming.balance(m.grain) == 1500
    with pytest.raises(Denied, match="does not cover"):
        m["alice"].draw(m["bob"], m.grain, 1001)
    drawn = m["alice"].draw(m["bob"], m.grain, 1000)
    assert m["bob"].deposit(drawn) == [Refusal.DONE]
    m["alice"].trip()
    m.settle()
    assert m.has("alice", "bob") == [500, 2000]


def test_the_proof_of_a_claim_outlives_a_later_refusal_that_is_none() -> None:
    """12.8: who presents a bounced cheque again after its end is refused DATES, and keeps what the bounce proved."""
    m = market("alice", "bob")
    drawn = cheque(m["alice"], m["bob"], m, 1001, until=m.bank.now + DAY)
    m["bob"].take(drawn)
    assert m["bob"].deposit(drawn) == [Refusal.FUNDS]
    identity = identity_of_body(drawn.body)
    proof = m["bob"].account.items[identity].proof
    m.bank.now += 2 * DAY
    assert m["bob"].deposit(drawn) == [Refusal.DATES]
    assert m["bob"].account.items[identity].proof == proof


def _bounced(m: Market, drawn: Instrument, **fields: Any) -> bytes:
    """A ``chequebounced`` of the bank's for Alice, whatever she has."""
    statement = m["alice"].account.statement
    held = m["alice"].account.held
    assert held is not None
    said: dict[str, Any] = {
        "bank": m.bank.signer.fingerprint,
        "party": m["alice"].me,
        "notice": held.highest + 1,
        "time": m.bank.now + 1,
        "kind": n.BOUNCED,
        "seq": statement.seq,
        "digest": digest_of(statement.encode()),
        "other": m["bob"].me,
        "key": m["bob"].signer.key,
        "number": 1,
        "asset": m.grain,
        "amount": 100,
        "until": m.bank.now + DAY,
        "earlier": 0,
        "enclosed": endorsed(drawn, m["bob"], m.bank.signer.key).encode(),
    }
    return Notice(**{**said, **fields}).sign(m.bank.signer)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({}, "was not covered which was"),
        ({"seq": 1}, "another statement of yours"),
        ({"digest": b"\1" * 32}, "another statement of yours"),
    ],
)
def test_a_bounce_of_what_was_covered_or_that_names_an_old_statement_is_not_believed(
    fields: dict[str, Any], why: str
) -> None:
    """C2, S6, L10: an honest drawer would else sign that it heard of it."""
    m = market("alice", "bob")
    drawn = cheque(m["alice"], m["bob"], m, 100)
    with pytest.raises(Contradiction, match=why):
        deliver(m, _bounced(m, drawn, **fields))


def test_a_bounce_is_believed_where_other_debits_may_have_waited() -> None:
    """The notices between are not here: they may have taken what was there."""
    m = market("alice", "bob")
    drawn = cheque(m["alice"], m["bob"], m, 100)
    held = m["alice"].account.held
    assert held is not None
    deliver(m, _bounced(m, drawn, notice=held.highest + 2**40))


def test_what_was_presented_past_the_wallet_and_refused_may_be_presented_again() -> None:
    """L9: a wallet restored to when it held the cheque learns that its older life presented it."""
    m = market("alice", "bob")
    drawn = cheque(m["alice"], m["bob"], m, 1001)
    m["bob"].take(drawn)
    assert present(drawn, m["bob"]).code is Refusal.FUNDS
    m.fund(m["alice"], 1)
    assert m["bob"].deposit(drawn) == [Refusal.DONE]
