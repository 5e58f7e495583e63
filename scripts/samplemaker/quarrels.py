"""Quarrels as folders that a person can try: ``ledgerpost judge samples/quarrels/NAME``; and what must come of each.

They are some of the tests' own (``tests/quarrels.py``), cut down to the files that the verdict needs. Here alone a
sample comes from a wallet: what a quarrel is about is what wallets and banks hold of it.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ledgerpost.judge.court import judge
from ledgerpost.judge.gathering import gather
from ledgerpost.judge.verdict import Finding, Missing, Need, Settled, Verdict
from ledgerpost.judge.within import everything
from ledgerpost.papers.beside import identity_of_part
from ledgerpost.papers.contract import Contract, read_head
from ledgerpost.papers.instrument import claim_of, is_instrument, paper_of, read_instrument
from ledgerpost.papers.letter import Letter
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.receipt import Receipt
from ledgerpost.papers.sequence import Sequence
from ledgerpost.papers.terms import Terms
from ledgerpost.sealed import Signer, fingerprint, trusted
from ledgerpost.spelling import spell_amount
from ledgerpost.statement import is_statement, read_statement
from ledgerpost.terms import Digest
from samplemaker.folder import Folder, Json, written

TESTS = Path(__file__).resolve().parents[2] / "tests"
if TYPE_CHECKING:
    from quarreling import Quarrel


class Chosen(NamedTuple):
    """A folder's name, the quarrel in it, what it is about, and the rules it shows."""

    name: str
    quarrel: str
    what: str
    rules: str


CHOSEN = (
    Chosen("bounced", "a bounced cheque", "Alice's cheque to Bob was not covered; she shows her receipt", "C2"),
    Chosen(
        "bounced-drawer-away",
        "a bounced cheque whose drawer is not there",
        "the same, and Alice shows nothing: the bank's word does not convict her",
        "C2",
    ),
    Chosen(
        "bounced-then-paid",
        "a bounced cheque that was paid in the end",
        "a cheque that bounced and was paid later: nobody owes",
        "C2",
    ),
    Chosen("bounced-released", "a claim that was released", "a cheque that bounced, and whose claim Bob gave up", "C2"),
    Chosen("stopped", "a stopped cheque", "Alice gave Bob a cheque and stopped its number before he was there", "C2"),
    Chosen(
        "refused-falsely",
        "a good cheque refused for its number",
        "the bank says that the number is not open; Alice's receipt says that it is",
        "S6",
    ),
    Chosen(
        "refused-for-funds",
        "a good cheque refused for funds",
        "the bank says that Alice lacks the funds; its own statement of hers has them",
        "S6",
    ),
    Chosen(
        "two-cheques",
        "a number signed to two and one of them paid",
        "Alice signed one number to Bob and to Carol; Bob was paid",
        "C2 C3",
    ),
    Chosen("open-cheque", "an open cheque paid to another", "an open cheque: Carol was there first; nobody owes", "C2"),
    Chosen(
        "endorsed-twice",
        "a certificate endorsed to two at place 2",
        "Bob signed one certificate over to Dora and to Carol; Dora was paid",
        "B5",
    ),
    Chosen("lowered-balance", "a lowered balance", "Alice's balance is three less than follows from her letters", "L5"),
    Chosen("spent-by-herself", "a balance that its owner lowered", "a balance lowered by a spend of its owner's", "L5"),
    Chosen("charged-twice", "a number charged twice", "one cheque is charged to Alice by two notices", "N2"),
    Chosen("debits-signed-for", "debits that were signed for", "two cheques, old notices and all: nobody owes", "N2"),
    Chosen("unsigned-debit", "a debit that another signed", "Alice is charged for what Carol signed", "N2"),
    Chosen("forked", "a bank rolled back", "the bank answered one letter twice, with two receipts", "L11"),
    Chosen(
        "accepted-and-refused",
        "an acceptance shown to the spender and refused to the payee",
        "the bank shows Alice that Bob accepted her spend, and refuses Bob his acceptance",
        "O2",
    ),
    Chosen(
        "no-answer", "a letter without an answer", "Alice's letter, and no answer: no file shows who is to blame", "L6"
    ),
)
NAMES = ("alice", "bob", "carol", "dora", "treasurer", "bank")


class Story(NamedTuple):
    """Names by fingerprint, units by asset, file names by the identity of what lies in them."""

    who: dict[bytes, str]
    units: dict[Digest, tuple[str, int]]
    files: dict[Digest, str]


def put_quarrels(folder: Folder) -> None:
    """All of them, each with its files and ``expected.json``."""
    sys.path.insert(0, str(TESTS))
    try:
        from quarrels import built
        from town import seed_of
    finally:
        sys.path.remove(str(TESTS))
    who: dict[bytes, str] = {Signer.from_seed(seed_of(name)).fingerprint: name for name in NAMES}
    for chosen in CHOSEN:
        _put(folder, chosen, built(chosen.quarrel), who)


def _put(folder: Folder, chosen: Chosen, quarrel: "Quarrel", who: dict[bytes, str]) -> None:
    raws = needed(quarrel)
    files = _named(raws, who)
    verdict = judge(raws, quarrel.now)
    story = Story(who, dict(_units(raws)), _places(files))
    said = {
        "quarrel": chosen.quarrel,
        "judged_at": quarrel.now,
        "exit": 0 if verdict.findings and not verdict.undecidable else 3,
        "findings": [finding(each, story) for each in verdict.findings],
        "undecidable": [missing(each, story) for each in verdict.undecidable],
        "settled": [settled(each, story) for each in verdict.settled],
    }
    place = f"quarrels/{chosen.name}"
    for name, raw in files.items():
        folder.files[f"{place}/{name}"] = raw
    expect: Json = {"files": sorted(files)}
    folder.put(f"{place}/expected.json", written(said), "quarrel", chosen.what, chosen.rules, expect=expect)


def needed(quarrel: "Quarrel") -> tuple[bytes, ...]:
    """Without what changes nothing in the verdict; cards and contracts stay, for the names and the units."""
    whole = _decided(judge(quarrel.files, quarrel.now))
    left = list(quarrel.files)
    for raw in quarrel.files:
        rest = [each for each in left if each is not raw]
        if not _introduces(raw) and _decided(judge(rest, quarrel.now)) == whole:
            left = rest
    others = b"".join(raw for raw in left if not _introduces(raw))
    return tuple(raw for raw in left if not _introduces(raw) or _concerned(raw, others))


def _concerned(raw: bytes, others: bytes) -> bool:
    """Whether the card or contract is of somebody or something that the other files are about."""
    sealed = trusted(raw)
    name: bytes = sealed.identity if sealed.type == Contract.TYPE else sealed.signer
    return name in others


def _decided(verdict: Verdict) -> tuple[set[Finding], set[Missing], set[Settled]]:
    return set(verdict.findings), set(verdict.undecidable), set(verdict.settled)


def _introduces(raw: bytes) -> bool:
    return raw[:1] == b"\xd2" and trusted(raw).type in ("bankcard", "card", "contract")


# --- names of files -----------------------------------------------------------------------------------------------


def _named(raws: tuple[bytes, ...], who: dict[bytes, str]) -> dict[str, bytes]:
    """By what each is; a second one of a name gets a number."""
    files: dict[str, bytes] = {}
    for raw in raws:
        stem = _stem(raw, who)
        ending = "cose" if raw[:1] == b"\xd2" else "cbor"
        count = sum(name.startswith(f"{stem}.") or name.startswith(f"{stem}-again") for name in files)
        files[f"{stem}{'-again' * count}.{ending}"] = raw
    return files


def _stem(raw: bytes, who: dict[bytes, str]) -> str:
    if is_statement(raw):
        statement = read_statement(raw)
        return f"{who[statement.party]}-statement-{statement.seq}"
    if is_instrument(raw):
        instrument = read_instrument(raw)
        paper = paper_of(instrument.body)
        by = claim_of(instrument.body).signer
        ends = f"-endorsed-{len(instrument.endorsements)}" if instrument.endorsements else ""
        return f"{who[by]}-{paper.TYPE}-{paper.number}{ends}"
    sealed = trusted(raw)
    signer = who[sealed.signer]
    if sealed.type == Receipt.TYPE:
        receipt = Receipt.read(sealed.body)
        return f"{who[receipt.party]}-receipt-{read_statement(receipt.statement).seq}"
    if sealed.type == Notice.TYPE:
        notice = Notice.read(sealed.body)
        return f"{who[notice.party]}-notice-{notice.notice}-{notice.kind}"
    if sealed.type == Letter.TYPE:
        return f"{signer}-letter-{Letter.read(sealed.body).seq}"
    if sealed.type == Sequence.TYPE:
        book = Sequence.read(sealed.body)
        return f"{who[fingerprint(book.key)]}-chequebook-{book.first}-{book.last}"
    if sealed.type == Terms.TYPE:
        return f"bank-terms-{Terms.read(sealed.body).serial}"
    return "bank-card" if sealed.type == "bankcard" else f"{signer}-{sealed.type}"


def _places(files: dict[str, bytes]) -> dict[Digest, str]:
    """The file in which each document and each endorsement lies, itself or inside another."""
    places: dict[Digest, str] = {}
    chains = gather(files.values()).chains
    for inside in (False, True):
        for name, raw in sorted(files.items()):
            for each in everything((raw,))[1:] if inside else (raw,):
                identity = identity_of_part(each)
                for body in (identity, *(chains[identity].bodies if identity in chains else ())):
                    places.setdefault(body, name)
    return places


def _units(raws: tuple[bytes, ...]) -> Iterator[tuple[Digest, tuple[str, int]]]:
    for raw in raws:
        if raw[:1] == b"\xd2" and trusted(raw).type == Contract.TYPE:
            head = read_head(Contract.read(trusted(raw).body).text)
            yield trusted(raw).identity, (head.unit, head.decimals)


# --- the verdict, with names --------------------------------------------------------------------------------------


def finding(found: Finding, story: Story) -> Json:
    """Who owes whom how much and why; ``shown``: the file in which each document lies."""
    row: Json = {"debtor": story.who[found.debtor], "creditor": found.creditor and story.who[found.creditor]}
    row["amount"] = None if found.asset is None else _amount(found.asset, found.amount, story)
    return {**row, "rule": found.rule, "words": found.words, "shown": _shown(found.shown, story)}


def missing(each: Missing, story: Story) -> Json:
    """What is open, what would decide it, and what hangs on it."""
    needs = [_need(need, story) for need in each.needs]
    return {"words": each.words, "needs": needs, "claim": each.claim and finding(each.claim, story)}


def settled(each: Settled, story: Story) -> Json:
    """What is settled."""
    amount = None if each.asset is None else _amount(each.asset, each.amount, story)
    return {"party": story.who[each.party], "amount": amount, "words": each.words, "shown": _shown(each.shown, story)}


def _need(need: Need, story: Story) -> Json:
    named: dict[str, Any] = {"kind": need.kind, "party": need.party and story.who[need.party], "number": need.number}
    return {**named, "digest": need.identity and need.identity.hex()}


def _amount(asset: Digest, units: int, story: Story) -> str:
    unit, decimals = story.units[asset]
    return f"{spell_amount(units, decimals)} {unit}"


def _shown(shown: tuple[Digest, ...], story: Story) -> list[str]:
    return [story.files[each] for each in shown]
