"""Who holds which signed files after each way to cheat, and that they suffice: a judge of eighty lines finds who owes.

The judge here shares only the CBOR codec with the rest: it verifies with PyNaCl and knows no store, bank or wallet.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, NamedTuple

import pytest
from nacl.signing import VerifyKey

from ledgerpost import cbor
from ledgerpost.errors import Refusal
from ledgerpost.papers import notice as n
from ledgerpost.papers.instrument import Instrument, identity_of_body, paper_of
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.terms import DAY
from ledgerpost.sealed import trusted
from market import Market, endorsed, lead, market, present
from test_certificates import twice
from test_cheques import cheque, deposit, spend, stop, told
from town import Party

# --- a small judge ------------------------------------------------------------------------------------------------


def name_of(key: bytes) -> bytes:
    return sha256(cbor.encode({1: 1, -1: 6, -2: key})).digest()[:20]


class Signed(NamedTuple):
    """A verified message."""

    type: str
    body: tuple[Any, ...]
    signer: bytes
    identity: bytes


class Link(NamedTuple):
    """One body of a verified chain: what it is, and who signed it."""

    identity: bytes
    signer: bytes


@dataclass
class Judge:
    """Knows the bank's card and the parties' keys, and what is laid before it."""

    bank: bytes
    keys: dict[bytes, bytes]

    def message(self, raw: bytes, key: bytes | None = None) -> Signed:
        """Verify a COSE_Sign1 under the key of whom it names."""
        assert raw[:1] == b"\xd2"
        protected, _, payload, signature = cbor.decode(raw[1:])
        header = cbor.decode(protected)
        key = key or self.keys[header[4]]
        assert name_of(key) == header[4] and header[1] == -8
        signed = cbor.encode(("Signature1", protected, b"", payload))
        VerifyKey(key).verify(signed, signature)
        return Signed(header[16].removeprefix("lp1."), cbor.decode(payload), header[4], sha256(signed).digest())

    def chain(self, raw: bytes) -> tuple[Signed, list[Link]]:
        """Verify a cheque or certificate with its endorsements."""
        body, first, endorsements, book = cbor.decode(raw)
        key = self.message(book, self.bank).body[1] if book else None
        paper = self.message(body, key)
        links, holder = [Link(paper.identity, paper.signer)], first or paper.body[5]
        if paper.type == "certificate":
            assert paper.signer == name_of(self.bank)
        elif endorsements:
            assert paper.body[2] in (None, name_of(first))
        for each in endorsements:
            following, signature = each[:32], each[32:]
            header = cbor.encode({1: -8, 4: name_of(holder), 16: "lp1.endorsement"})
            said = cbor.encode((name_of(self.bank), links[-1].identity, following))
            signed = cbor.encode(("Signature1", header, b"", said))
            VerifyKey(holder).verify(signed, signature)
            links.append(Link(sha256(signed).digest(), name_of(holder)))
            holder = following
        return paper, links

    def between(self, one: bytes, other: bytes) -> bytes | None:
        """Who owes, of two instruments: whoever signed two different things where only one belongs."""
        (a, first), (b, second) = self.chain(one), self.chain(other)
        drawers = {_drawer(each) for each in (a, b)}
        numbers = {each.body[1] for each in (a, b)}
        if a.identity != b.identity:
            if len(drawers | numbers) != 2:
                return None
            return name_of(self.bank) if {a.type, b.type} == {"certificate"} else drawers.pop()
        parted = next(((x, y) for x, y in zip(first, second, strict=False) if x.identity != y.identity), None)
        return parted[0].signer if parted and parted[0].signer == parted[1].signer else None

    def refusal(self, mine: bytes, receipt: bytes, *parts: bytes) -> bytes | None:
        """Who owes the presenter of ``mine``, whom the bank's receipt refuses."""
        paper, _ = self.chain(mine)
        answers = self.message(receipt, self.bank).body[5]
        beside = {(_identity(raw)): raw for raw in parts}
        orders = [cbor.decode(each) for each in self.message(beside[answers[-1][0]]).body[8] if each[:1] != b"\xd2"]
        at = next(at for at, order in enumerate(orders) if order[1] == cbor.decode(mine)[0])
        code, part, about = (*answers[-1][1][at], None, None)[:3]
        if code == Refusal.USED:
            return self.between(mine, beside[part])
        if code == Refusal.FUNDS:
            told = self.message(beside[part], self.bank).body
            return (
                paper.signer if told[1] == paper.signer and (told[4], told[9]) == (n.BOUNCED, paper.body[1]) else None
            )
        return paper.signer if code == Refusal.NUMBER and about and about[0] == paper.signer else None

    def debit(self, *notices: bytes) -> bytes:
        """Who bears what these notices charge: the party told, if it signed for it; else the bank."""
        bank, seen = name_of(self.bank), set()
        for raw in notices:
            body = self.message(raw, self.bank).body
            party, kind, other, number, asset, amount = (body[at] for at in (1, 4, 7, 9, 10, 11))
            if kind == n.CLEARED:
                paper, links = self.chain(body[14])
                said = (paper.signer, paper.body[1], paper.body[3], paper.body[4])
                if said != (party, number, asset, amount) or links[-1].signer != other or number in seen:
                    return bank
                seen.add(number)
            else:
                one, two = cbor.decode(body[14])
                debtor = other if kind == n.CREDITED else party
                if self.between(one, two) != debtor:
                    return bank
                party = debtor
        return bytes(party)


def _drawer(paper: Signed) -> bytes:
    return name_of(paper.body[5]) if paper.type == "certificate" else paper.signer


def _identity(raw: bytes) -> bytes:
    """The name of what stands beside a receipt."""
    if raw[:1] == b"\xd2":
        protected, _, payload, _ = cbor.decode(raw[1:])
        return sha256(cbor.encode(("Signature1", protected, b"", payload))).digest()
    return sha256((b"instrument" if raw[1:2] in (b"\x58", b"\x59") else b"") + raw).digest()


# --- the cases ----------------------------------------------------------------------------------------------------


class Held(NamedTuple):
    """What somebody has in hand: how it is laid before the judge, and the files; ``debtor``: who must be found."""

    holder: str
    how: str
    files: tuple[bytes, ...]
    debtor: str | None


CASES: dict[str, Callable[[Market], Held]] = {}


def case(function: Callable[[Market], Held]) -> Callable[[Market], Held]:
    CASES[function.__name__.replace("_", " ")] = function
    return function


def refused(m: Market, holder: str, instrument: Instrument, debtor: str | None) -> Held:
    """Just what the holder's wallet keeps of a refused instrument: it, and the receipt with what stands beside it."""
    item = m[holder].account.items[identity_of_body(instrument.body)]
    assert item.state == "refused"
    return Held(holder, "refusal", (item.instrument, *item.proof), debtor)


def try_to_cash(m: Market, holder: str, instrument: Instrument, code: Refusal) -> None:
    m[holder].take(instrument)
    m[holder].queue(instrument)
    [news] = m[holder].trip()
    assert [each.code for each in news.answered[0].results] == [code]


@case
def a_cheque_endorsed_to_two(m: Market) -> Held:
    drawn = m["alice"].draw(m["bob"], m.grain, 100)
    assert present(lead(drawn, m["bob"], m["carol"]), m["carol"]).code is Refusal.DONE
    other = lead(drawn, m["bob"], m["dora"])
    try_to_cash(m, "dora", other, Refusal.USED)
    return refused(m, "dora", other, "bob")


@case
def two_cheques_under_one_number(m: Market) -> Held:
    one, two = cheque(m["alice"], m["bob"], m, 100), cheque(m["alice"], m["carol"], m, 200)
    assert deposit(one, m["bob"]).code is Refusal.DONE
    try_to_cash(m, "carol", two, Refusal.USED)
    return refused(m, "carol", two, "alice")


@case
def two_cheques_under_one_number_before_any_bank_saw_them(m: Market) -> Held:
    one, two = cheque(m["alice"], m["bob"], m, 100), cheque(m["alice"], m["carol"], m, 200)
    return Held("bob and carol together", "between", (one.encode(), two.encode()), "alice")


@case
def a_bounced_cheque(m: Market) -> Held:
    drawn = cheque(m["alice"], m["bob"], m, 1001)
    try_to_cash(m, "bob", drawn, Refusal.FUNDS)
    return refused(m, "bob", drawn, "alice")


@case
def a_stopped_cheque(m: Market) -> Held:
    drawn = m["alice"].draw(m["bob"], m.grain, 100)
    assert stop(m["alice"], 1, 1).code is Refusal.DONE
    try_to_cash(m, "bob", drawn, Refusal.NUMBER)
    return refused(m, "bob", drawn, "alice")


@case
def a_cheque_on_a_number_that_was_spent(m: Market) -> Held:
    drawn = m["alice"].draw(m["bob"], m.grain, 100)
    assert spend(m["alice"], m["carol"], m, 1, 100).code is Refusal.DONE
    try_to_cash(m, "bob", drawn, Refusal.NUMBER)
    return refused(m, "bob", drawn, "alice")


@case
def a_cheque_on_a_number_that_became_a_certificate(m: Market) -> Held:
    drawn = m["alice"].draw(m["bob"], m.grain, 100)
    assert spend(m["alice"], None, m, 1, 100).code is Refusal.DONE
    [raw] = [
        raw for raw in m["alice"].account.parts.values() if raw[:1] == b"\xd2" and trusted(raw).type == "certificate"
    ]
    assert present(lead(Instrument(raw), m["alice"], m["carol"]), m["carol"]).code is Refusal.DONE
    try_to_cash(m, "bob", drawn, Refusal.USED)
    return refused(m, "bob", drawn, "alice")


@case
def an_open_cheque_that_another_presented_first(m: Market) -> Held:
    drawn = m["alice"].draw(None, m.grain, 100)
    assert m["carol"].deposit(drawn) == [Refusal.DONE]
    try_to_cash(m, "bob", drawn, Refusal.USED)
    return refused(m, "bob", drawn, None)


@case
def a_post_dated_cheque_presented_too_early(m: Market) -> Held:
    drawn = m["alice"].draw(m["bob"], m.grain, 100, start=m.bank.now + DAY)
    try_to_cash(m, "bob", drawn, Refusal.DATES)
    return refused(m, "bob", drawn, None)


@case
def a_cheque_presented_too_late_whose_number_its_drawer_has_stopped_since(m: Market) -> Held:
    """Not for the number: else an honest drawer who tidies up would be in the wrong."""
    drawn = m["alice"].draw(m["bob"], m.grain, 100, days=1)
    m["bob"].take(drawn)
    m.bank.now += 2 * DAY
    assert stop(m["alice"], 1, 1).code is Refusal.DONE
    m["bob"].queue(drawn)
    m["bob"].trip()
    return refused(m, "bob", drawn, None)


@case
def a_cheque_drawn_on_a_number_never_issued(m: Market) -> Held:
    """No chequebook covers it: nobody who checks takes it, and whoever takes it has its drawer's signature."""
    drawn = cheque(m["alice"], m["bob"], m, number=99)
    item = replace(drawn, chequebook=None)
    return Held("bob", "chain", (item.encode(),), "alice")


@case
def a_certificate_signed_over_twice(m: Market) -> Held:
    held = m["alice"].buy(m.grain, 400)
    assert present(lead(held, m["alice"], m["bob"]), m["bob"]).code is Refusal.DONE
    other = lead(held, m["alice"], m["carol"])
    try_to_cash(m, "carol", other, Refusal.USED)
    return refused(m, "carol", other, "alice")


@case
def a_certificate_signed_over_twice_by_somebody_without_account(m: Market) -> Held:
    rogue = Party("rogue", m.bank)
    got = lead(m["alice"].buy(m.grain, 400), m["alice"], rogue)
    assert present(lead(got, rogue, m["bob"]), m["bob"]).code is Refusal.DONE
    other = lead(got, rogue, m["carol"])
    try_to_cash(m, "carol", other, Refusal.USED)
    return refused(m, "carol", other, "rogue")


@case
def a_certificate_returned_by_its_buyer_after_it_was_handed_on(m: Market) -> Held:
    held = m["alice"].buy(m.grain, 400)
    passed = lead(held, m["alice"], m["bob"])
    assert present(held, m["alice"]).code is Refusal.DONE
    try_to_cash(m, "bob", passed, Refusal.USED)
    return refused(m, "bob", passed, "alice")


@case
def a_third_redeemer_against_the_chain_it_shares_most_with(m: Market) -> Held:
    held = m["alice"].buy(m.grain, 400)
    assert present(lead(held, m["alice"], m["bob"]), m["bob"]).code is Refusal.DONE
    try_to_cash(m, "dora", lead(held, m["alice"], m["carol"], m["dora"]), Refusal.USED)
    other = lead(held, m["alice"], m["carol"], m["bob"])
    try_again = endorsed(other, m["bob"], m.bank.signer.key)
    said = present(try_again, m["bob"], ended=True)
    assert said.code is Refusal.USED and said.evidence is not None
    return Held("bob", "between", (try_again.encode(), said.evidence), "carol")


def _notices(m: Market, name: str, *kinds: str) -> tuple[bytes, ...]:
    m[name].wish("getq")
    m[name].trip()
    return tuple(raw for raw in m[name].account.notices.values() if Notice.read(trusted(raw).body).kind in kinds)


@case
def a_second_redemption_that_was_recovered(m: Market) -> Held:
    m.bank.set_terms(second="recover")
    m.settle()
    _, two = twice(m)
    assert present(two, m["carol"], ended=True).code is Refusal.DONE
    return Held("alice", "debit", _notices(m, "alice", n.RECOVERED), "alice")


@case
def a_lien(m: Market) -> Held:
    m.bank.set_terms(second="lien")
    m.settle()
    _, two = twice(m, spend=500)
    assert present(two, m["carol"], ended=True).code is Refusal.USED
    return Held("alice", "debit", _notices(m, "alice", n.LIEN), "alice")


@case
def a_lien_that_was_met(m: Market) -> Held:
    a_lien(m)
    m.fund(m["alice"], 500)
    return Held("carol", "debit", _notices(m, "carol", n.CREDITED), "alice")


@case
def a_cleared_cheque(m: Market) -> Held:
    assert m["bob"].deposit(m["alice"].draw(m["bob"], m.grain, 100)) == [Refusal.DONE]
    return Held("alice", "debit", _notices(m, "alice", n.CLEARED), "alice")


@case
def a_bank_that_charges_one_cheque_twice(m: Market) -> Held:
    ended = endorsed(cheque(m["alice"], m["bob"], m), m["bob"], m.bank.signer.key)
    one = told(m, n.CLEARED, ended, m["bob"])
    return Held("alice", "debit", (one, told(m, n.CLEARED, ended, m["bob"], notice=99)), "bank")


@case
def a_bank_that_charges_what_another_drew(m: Market) -> Held:
    ended = endorsed(cheque(m["carol"], m["bob"], m), m["bob"], m.bank.signer.key)
    return Held("alice", "debit", (told(m, n.CLEARED, ended, m["bob"]),), "bank")


@case
def a_bank_that_charges_more_than_was_drawn(m: Market) -> Held:
    ended = endorsed(cheque(m["alice"], m["bob"], m), m["bob"], m.bank.signer.key)
    return Held("alice", "debit", (told(m, n.CLEARED, ended, m["bob"], amount=999),), "bank")


@case
def a_bank_that_charges_a_cheque_nobody_presented(m: Market) -> Held:
    ended = endorsed(cheque(m["alice"], m["bob"], m), m["bob"], m.bank.signer.key)
    return Held("alice", "debit", (told(m, n.CLEARED, ended, m["carol"]),), "bank")


@case
def a_bank_that_signs_two_certificates_under_one_number(m: Market) -> Held:
    held = m["alice"].buy(m.grain, 100)
    other = Instrument(replace(paper_of(held.body), amount=300).sign(m.bank.signer))
    return Held("two holders together", "between", (held.encode(), other.encode()), "bank")


@pytest.mark.parametrize("which", list(CASES))
def test_the_files_somebody_holds_suffice_to_find_who_owes(which: str) -> None:
    m = market("alice", "bob", "carol", "dora")
    held = CASES[which](m)
    people = {name: Party(name, m.bank) for name in ("alice", "bob", "carol", "dora", "rogue", "bank")}
    judge = Judge(m.bank.signer.key, {party.me: party.signer.key for party in people.values()})
    names: dict[bytes, str] = {party.me: name for name, party in people.items()}
    if held.how == "chain":
        assert names[judge.chain(held.files[0])[0].signer] == held.debtor
        return
    found = getattr(judge, held.how)(*held.files)
    assert (names[found] if found else None) == held.debtor


@pytest.mark.parametrize("which", [name for name, each in CASES.items() if "bank" not in name])
def test_no_file_can_be_left_out(which: str) -> None:
    """With one file fewer nobody is found, or the judge says what is missing by failing to read on."""
    m = market("alice", "bob", "carol", "dora")
    held = CASES[which](m)
    people = [Party(name, m.bank) for name in ("alice", "bob", "carol", "dora", "rogue")]
    judge = Judge(m.bank.signer.key, {party.me: party.signer.key for party in people})
    if held.how != "refusal" or held.debtor is None:
        return
    needed = [at for at in range(len(held.files)) if _fails(judge, held, at)]
    assert {0, 1} <= set(needed), "the instrument and the receipt"


def _fails(judge: Judge, held: Held, without: int) -> bool:
    files = held.files[:without] + held.files[without + 1 :]
    try:
        return judge.refusal(*files) is None
    except (AssertionError, KeyError, TypeError, StopIteration, IndexError, ValueError):
        return True
    except Exception as error:
        return type(error).__name__ in ("BadSignatureError", "TrailingBytes", "CutShort", "UnexpectedTag", "WrongShape")
