"""The judge over all quarrels: the whole verdict of each, whatever else lies there, and what is named where one lacks.

The cases stand in ``quarrels``; the tables here say which of them answer each row of what a judge must decide.
"""

import random
from collections import Counter
from dataclasses import replace
from functools import cache

import pytest

from ledgerpost.judge.court import judge
from ledgerpost.judge.verdict import Finding, Verdict
from ledgerpost.judge.within import keys_in
from ledgerpost.papers.card import Card
from ledgerpost.papers.declaration import Declaration
from ledgerpost.papers.restoring import Restoring
from ledgerpost.sealed import Signer, is_message, trusted
from ledgerpost.statement import seq_of
from ledgerpost.terms import Digest
from quarreling import NAMES, hand
from quarrels import CASES, Quarrel, Row, built
from town import Bank, Party, seed_of

PEOPLE = (*NAMES, "treasurer", "rogue", "bank")
WHO: dict[bytes, str] = {Signer.from_seed(seed_of(name)).fingerprint: name for name in PEOPLE}
CHEATS = [name for name in CASES if built(name).findings]
OTHERS = [name for name in CASES if not built(name).findings]


def said(quarrel: Quarrel, finding: Finding) -> Row:
    """A finding by names."""
    asset = {None: None, quarrel.grain: "grain"}.get(finding.asset, "oats")
    creditor = WHO[finding.creditor] if finding.creditor else None
    assert finding.asset or finding.amount == 0
    return Row(WHO[finding.debtor], creditor, finding.amount if asset else None, finding.rule, asset)


def rows(quarrel: Quarrel, verdict: Verdict) -> Counter[Row]:
    return Counter(said(quarrel, each) for each in verdict.findings)


def named(verdict: Verdict) -> set[str]:
    """Kind and party of the documents that would decide what is undecidable."""
    needs = {need for missing in verdict.undecidable for need in missing.needs}
    return {" ".join(filter(None, (need.kind, WHO.get(need.party or b"")))) for need in needs}


@cache
def whole(name: str) -> Verdict:
    """The verdict on all files of a case."""
    quarrel = built(name)
    return judge(quarrel.files, quarrel.now)


# --- the cases ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(CASES))
def test_everything_is_found_and_nothing_else(name: str) -> None:
    quarrel, verdict = built(name), whole(name)
    assert rows(quarrel, verdict) == Counter(quarrel.findings)
    assert named(verdict) == set(quarrel.missing)


def test_there_are_enough_of_them() -> None:
    assert len(CHEATS) >= 60
    assert len(OTHERS) >= 40
    assert sum(bool(built(name).missing) for name in CASES) >= 10


# --- what else lies there -----------------------------------------------------------------------------------------


@cache
def strangers() -> tuple[bytes, ...]:
    """The papers of people at another bank, who have nothing to do with any quarrel here."""
    bank = Bank("elsewhere")
    one, other = Party("erna", bank), Party("emil", bank)
    one.open()
    asset = one.issue("eggs")
    one.trip()
    other.open()
    other.trip()
    one.pay(other, asset, 6)
    one.trip()
    other.ask()
    other.accept_all()
    other.trip()
    one.ask()
    own = (Card(bank.signer.fingerprint, each.signer.key, each.name).sign(each.signer) for each in (one, other))
    return (bank.card, *own, *hand(one), *hand(other), *one.contracts.values())


RUBBISH = (b"", b"rubbish", b"\x84\x58", b"\xd2", b"\xd2\x84\x40\xa0\x40\x40", b"\x82" + bytes(40))


def spoilt(raw: bytes) -> bytes:
    """With one bit of its last byte flipped: in a signature, or the last field."""
    return raw[:-1] + bytes((raw[-1] ^ 1,))


@pytest.mark.parametrize("name", list(CASES))
def test_nothing_else_changes_the_verdict(name: str) -> None:
    """Not the order, nor doubles, rubbish, spoilt copies, or the papers of people who have no part in it."""
    quarrel, files = built(name), built(name).files
    mixed = [*files, *files, *map(spoilt, files), *RUBBISH, *strangers()]
    dice = random.Random(name)
    dice.shuffle(mixed)
    verdict, other = whole(name), judge(mixed, quarrel.now)
    assert set(other.findings) == set(verdict.findings)
    assert set(other.undecidable) == set(verdict.undecidable)


# --- the tables ---------------------------------------------------------------------------------------------------

TABLE: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "a balance lower than the newest receipt, and nothing signed by its owner to explain it": (
        ("a lowered balance", "a balance taken whole", "two assets short", "an outstanding spend dropped"),
        ("a balance that its owner lowered", "a fee that the terms ask", "debits that were signed for"),
    ),
    "one cheque charged twice, in one inbox or after it was taken in": (
        (
            "a number charged twice",
            "a number charged again after it was taken in",
            "a debit listed on a number that the statement lacks",
        ),
        ("an old notice alone", "debits that were signed for", "two second redemptions under one number"),
    ),
    "debits without the drawer's signature, out of date, on another bank's, party's or asset's number": (
        (
            "a debit that another signed",
            "a debit after the cheque's end",
            "a debit before the cheque's start",
            "a debit on a number past its end",
            "a debit for a cheque on another bank",
            "a debit on another number",
            "a debit of another asset",
            "a debit on a stopped number",
        ),
        ("a debit on a number in its last second", "a second redemption that was recovered"),
    ),
    "a party denies a cheque, shows an old receipt, or a restored backup": (
        (
            "a bounced cheque whose drawer shows an old receipt",
            "a stopped cheque whose drawer shows an old receipt",
            "a payment of the debtors own making",
        ),
        ("a bounced cheque whose drawer shows only an old receipt", "a newer receipt held back"),
    ),
    "one number signed to two payees; a bounced or stopped cheque": (
        (
            "a number signed to two payees",
            "a number signed to two and one of them paid",
            "a bounced cheque",
            "a stopped cheque",
        ),
        (
            "an open cheque paid to another",
            "a cheque presented too late",
            "a bounced cheque that was paid in the end",
            "a claim that was released",
            "numbers alike",
        ),
    ),
    "double endorsement": (
        (
            "a cheque endorsed to two at place 1",
            "a certificate endorsed to two at place 3",
            "a certificate returned after it was handed on",
            "two certificates under one number",
        ),
        ("honest hands", "one endorsement signed anew"),
    ),
    "two receipts under one sequence, two notices under one number, that differ": (
        ("forked receipts", "forked notices", "a bank rolled back", "a bank rolled back that made a notice anew"),
        ("a receipt sent again", "notices that wait and are taken in"),
    ),
    "refused with a reason that the bank's own signed documents contradict": (
        (
            "a good cheque refused for its number",
            "a good cheque refused for funds",
            "a good certificate refused as EXPIRED",
            "a spend refused for funds",
            "an acceptance refused as none",
        ),
        (
            "a letter whose orders stand in each others way",
            "a certificate past its end",
            "a letter that came late",
            "an own cheque presented",
            "funds that a debit holds",
        ),
    ),
    "paid or not": (
        (
            "an acceptance shown to the spender and refused to the payee",
            "a spend closed by another's acceptance",
            "a cheque paid by a letter that was refused",
        ),
        ("spends accepted denied and expired", "a cheque presented again after it was paid"),
    ),
    "no answer; a notice never delivered; a newer receipt held back": (
        (),
        ("a letter without an answer", "a notice that was never delivered", "a newer receipt held back"),
    ),
}
"""What a judge must decide: the quarrels in which the claim is true, and those that look alike and convict nobody."""

FAILURES: dict[str, tuple[str, ...]] = {
    "a cheque run twice passes the verifier": ("a number charged twice", "a number charged three times"),
    "the drawer's signature within a receipt is not checked": (
        "a debit that another signed",
        "a debit with a spliced chain",
    ),
    "debits without signatures, and every receipt since the agreement is needed": (
        "a lowered balance",
        "a receipt whose letters are not here",
    ),
    "a client denies a cheque": ("a debit that another signed", "a payment of the debtors own making"),
    "a drawer signs one number twice; who was first is the bank's word": (
        "a number signed to two and one of them paid",
        "a number signed to two payees",
    ),
    "a cheque bounces, and the refusal bears no reason": (
        "a bounced cheque",
        "a bounced cheque whose drawer is not there",
        "a good cheque refused as FUNDS",
        "a good cheque refused for funds, and no notice shown",
    ),
    "an old receipt is presented; order by the bank's clock alone": (
        "a bounced cheque whose drawer shows an old receipt",
        "time that goes backwards",
        "a newer receipt held back",
    ),
    "the bank refuses the receipt, or does not answer": ("a letter without an answer",),
    "a lost reply": ("a receipt sent again", "a refusal that a later receipt lists again"),
    "a notice unread or never delivered": ("a notice that was never delivered", "a denial forgotten"),
    "a bank rolled back": ("a bank rolled back", "a bank rolled back that made a notice anew"),
    "a failed transaction burns a number without the client's signature": (
        "a number dropped from a statement",
        "a letter whose orders stand in each others way",
    ),
    "many accounts, one list of numbers: something is left out": (
        "a number dropped from a statement",
        "two assets short",
    ),
    "acknowledged before it was executed": (
        "an acceptance shown to the spender and refused to the payee",
        "an opening shown to the spender and refused to the newcomer",
    ),
    "a number harvested while its cheque is out": (
        "a cheque on a number that was spent",
        "a cheque on a number that became a certificate",
        "a number given out twice and drawn twice",
    ),
    "the client's lists are overwritten with the bank's": (
        "a base that nobody agreed to",
        "a number added to a statement",
        "a notice listed as taken that was not",
    ),
}
"""How earlier systems of triple-signed receipts failed in a quarrel, and the quarrels that answer each."""


@pytest.mark.parametrize("row", list(TABLE))
def test_every_row_is_decided_both_ways(row: str) -> None:
    true, alike = TABLE[row]
    assert all(built(name).findings for name in true)
    for name in alike:
        owed = {each.debtor for each in built(name).findings if each.amount is not None}
        assert not owed
    assert alike
    assert true or row.startswith("no answer")  # that one is undecidable by design


def test_what_no_file_decides_names_what_would() -> None:
    for name in TABLE["no answer; a notice never delivered; a newer receipt held back"][1]:
        needs = [need.kind for missing in whole(name).open for need in missing.needs]
        assert {"receipt", "notice"} <= set(needs)


def test_every_earlier_failure_is_answered() -> None:
    assert all(name in CASES for names in FAILURES.values() for name in names)
    assert all(names for names in FAILURES.values())


def test_the_newest_receipt_wins() -> None:
    """An older one proves nothing against it: one of each party is called the newest."""
    verdict = whole("a bounced cheque whose drawer shows an old receipt")
    newest = {WHO[each.party]: each.words.split(":")[0] for each in verdict.settled if "newest" in each.words}
    assert newest == {"alice": "receipt 4 is the newest here", "bob": "receipt 4 is the newest here"}


def test_a_bad_key_hides_no_good_one() -> None:
    bank, alice = (Signer.from_seed(seed_of(name)) for name in ("bank", "alice"))
    good = Card(bank.fingerprint, alice.key, "alice").sign(alice)
    bad = alice.sign("card", (bank.fingerprint, bytes(32), "alice"))
    assert keys_in((bad, good, bad)) == {alice.fingerprint: alice.key}


def test_nothing_is_said_where_nothing_lies() -> None:
    assert judge((), 0) == Verdict((), (), (), ())


# --- what a bank has lost -----------------------------------------------------------------------------------------


NAMES_ANOTHER = "a notice that names another statement"


def declared(quarrel: Quarrel, who: str, *held: bytes) -> bytes:
    """Her word that of all that the bank signed for her she has nothing but these notices (L11)."""
    identities = tuple(sorted(trusted(raw).identity for raw in held))
    return declaration(quarrel, who, 0, None, identities).sign(Signer.from_seed(seed_of(who)))


def declaration(quarrel: Quarrel, who: str, seq: int, receipt: Digest | None, held: tuple[Digest, ...]) -> Declaration:
    """As the bank asked for it, all its days being lost."""
    bank, party = (Signer.from_seed(seed_of(name)) for name in ("bank", who))
    asked = Restoring(bank.fingerprint, party.fingerprint, 1, quarrel.now).sign(bank)
    return Declaration(bank.fingerprint, asked, seq, receipt, 0, held, ())


def test_a_refusal_by_a_statement_that_its_owner_never_had_misleads_nobody() -> None:
    """The bank said that Alice lacked the funds; what it saw there is lost."""
    quarrel = built("a second redemption refused for funds that were there")
    verdict = judge((*quarrel.files, declared(quarrel, "alice")), quarrel.now)
    misled = Row("bank", "carol", None, "S6", None)
    assert misled in rows(quarrel, whole("a second redemption refused for funds that were there"))
    assert misled not in rows(quarrel, verdict)


def test_a_notice_that_names_a_statement_which_its_owner_never_had_belies_nothing() -> None:
    quarrel = built(NAMES_ANOTHER)
    told = [raw for raw in quarrel.files if is_message(raw) and trusted(raw).type == "notice"]
    assert "S6" in {each.rule for each in whole(NAMES_ANOTHER).findings}
    verdict = judge((*quarrel.files, declared(quarrel, "alice", *told)), quarrel.now)
    assert "S6" not in {each.rule for each in verdict.findings}


def test_a_receipt_may_refuse_a_notice_of_another_life_that_its_party_may_go_on_from() -> None:
    """The bank lost both; which of them she goes on from, the receipt that she declared would tell (R2)."""
    quarrel = built("an acceptance refused as none")
    told = sorted(trusted(raw).identity for raw in quarrel.files if is_message(raw) and trusted(raw).type == "notice")
    assert judge(quarrel.files, quarrel.now).findings
    for who, found in (("alice", False), ("bob", True)):
        said = declaration(quarrel, who, 99, Digest(bytes(32)), tuple(told)).sign(Signer.from_seed(seed_of(who)))
        verdict = judge((*quarrel.files, said), quarrel.now)
        assert bool(verdict.findings) is found


@pytest.mark.parametrize("why", ["nobody asked", "another was asked", "a bank that is not here asked"])
def test_a_declaration_that_the_bank_did_not_ask_for_makes_nothing_void(why: str) -> None:
    """A way out of what one has signed: the chequebook never came, and the payee, who saw it, has nothing (R2)."""
    quarrel = built(NAMES_ANOTHER)
    said, alice = declaration(quarrel, "alice", 0, None, ()), Signer.from_seed(seed_of("alice"))
    stranger = Signer.from_seed(bytes(32))
    of_stranger = replace(said.question, bank=stranger.fingerprint).sign(stranger)
    word = {
        "nobody asked": replace(said, asked=said.question.sign(alice)),
        "another was asked": replace(said, asked=declaration(quarrel, "bob", 0, None, ()).asked),
        "a bank that is not here asked": replace(said, bank=stranger.fingerprint, asked=of_stranger),
    }[why].sign(alice)
    assert judge((*quarrel.files, word), quarrel.now).findings == whole(NAMES_ANOTHER).findings
    assert judge((*quarrel.files, said.sign(alice)), quarrel.now).findings != whole(NAMES_ANOTHER).findings


def test_a_declaration_that_does_not_read_makes_nothing_void() -> None:
    quarrel = built(NAMES_ANOTHER)
    rubbish = Signer.from_seed(seed_of("alice")).sign("declaration", (1, 2))
    assert judge((*quarrel.files, rubbish), quarrel.now).findings == whole(NAMES_ANOTHER).findings


@pytest.mark.parametrize("seq", [3, 99])
def test_a_declaration_of_a_receipt_that_is_not_so_makes_nothing_void(seq: int) -> None:
    """Another's, or under another sequence: it would say of a statement that it is not on the way there."""
    quarrel = built(NAMES_ANOTHER)
    receipts = [each for raw in quarrel.files if is_message(raw) and (each := trusted(raw)).type == "receipt"]
    [mine] = [each for each in receipts if WHO[each.body[1]] == "alice"]
    who = "bob" if seq == seq_of(mine.body[3]) else "alice"
    word = declaration(quarrel, who, seq, mine.identity, ()).sign(Signer.from_seed(seed_of(who)))
    assert judge((*quarrel.files, word), quarrel.now).findings == whole(NAMES_ANOTHER).findings
