"""Faults of a receipt with what stands beside it: parts missing or spoilt, a statement that does not follow."""

from typing import Any

from ledgerpost import cbor
from ledgerpost.papers.beside import identity_of_part
from ledgerpost.sealed import read
from ledgerpost.statement import is_statement
from samplemaker.cast import signer_of
from samplemaker.malformed.bodies import ASSET, HIGH
from samplemaker.malformed.sheet import Group


def receipts(files: dict[str, bytes], beside: list[str]) -> Group:
    """A receipt of Alice's that is not agreed yet, with its parts, as an array of byte strings; the terms are known."""
    raws = [files["receipts/alice-12.cose"], *(files[file] for file in beside)]
    group = Group("receipt-beside", "receipt alice", cbor.encode(raws))
    bank, alice = signer_of("bank"), signer_of("alice")
    body = read(raws[0]).body
    statement = cbor.decode(body[3])

    def told(at: int, value: Any) -> bytes:
        return cbor.encode((bank.sign("receipt", (*body[:at], value, *body[at + 1 :])), *raws[1:]))

    def stated(at: int, value: Any) -> bytes:
        return told(3, cbor.encode((*statement[:at], value, *statement[at + 1 :])))

    dis = "disagreement"
    for at, part in enumerate(raws[1:], 1):
        rest = [each for each in raws if each is not part]
        group.put(f"missing-{at}", cbor.encode(rest), "incomplete", "does not stand beside", f"part {at} is missing")
        if is_statement(part):  # changed, it is a good statement under another name
            continue
        flipped = [*raws[:at], part[:-1] + bytes([part[-1] ^ 1]), *raws[at + 1 :]]
        group.put(f"flipped-{at}", cbor.encode(flipped), "bad-signature", "does not verify", f"one bit of part {at}")
        cut = [*raws[:at], part[:-1], *raws[at + 1 :]]
        group.put(f"cut-{at}", cbor.encode(cut), "cut-short", "end before", f"part {at} without its last byte")
    for slug, at, value, says, what in (
        ("bank", 1, bytes(20), "another party's or bank's", "a statement of another bank's"),
        ("party", 2, bytes(20), "another party's or bank's", "a statement of another party's"),
        ("seq", 3, statement[3] + 1, "", "a sequence beyond the letters answered"),
        ("salt", 4, bytes(16), "", "another salt than the letter's"),
        ("highest", 5, statement[5] + 1, "", "a number too many given out"),
        ("balances", 6, ((ASSET, 1),), "", "other balances"),
        ("numbers", 7, (), "", "no open number"),
        ("taken", 9, ((1, 900),), "", "notices taken in that were not"),
        ("kind", 0, "lp2.statement", "does not read", "a statement of version 2"),
    ):
        group.put(f"statement-{slug}", stated(at, value), dis, says, f"receipt: {what}")
    group.put("statement-garbage", told(3, b"garbage"), dis, "does not read", "receipt: no statement in it")
    letter, results = body[5][0]
    group.put("results-fewer", told(5, ((letter, ()),)), dis, "0 results", "receipt: no result for a letter's orders")
    more = (*results, (0,))
    group.put("results-more", told(5, ((letter, more),)), dis, "results", "receipt: a result too many")
    group.put(
        "base-other", told(4, (HIGH, body[4][1])), "incomplete", "base statement", "receipt: a base that is not here"
    )
    group.put(
        "base-unsigned", told(4, (body[4][0], None)), dis, "agreed by no letter", "receipt: a base without a letter"
    )
    forged = alice.sign("receipt", body)
    group.put("forged", cbor.encode((forged, *raws[1:])), "bad-signature", "another key", "signed by the party itself")
    done = ((letter, ((0,), (0,))),)
    group.put("results-done", told(5, done), dis, "does not follow", "receipt: two orders done that were refused")
    debit = ((900, "chequecleared", statement[5] + 9),)
    group.put("pending-debit", told(7, debit), dis, "lists a debit on number", "receipt: a debit on no open number")
    for slug, file, says in (("first", "letters/alice-1.cose", "not agree"), ("own", "letters/bob-1.cose", "")):
        stranger = files[file]
        base = bank.sign("receipt", (*body[:4], (body[4][0], identity_of_part(stranger)), *body[5:]))
        error = (dis, says) if slug == "first" else ("bad-signature", "another key")
        group.put(
            f"base-{slug}", cbor.encode((base, *raws[1:], stranger)), *error, f"receipt: {file} agrees to its base"
        )
        followed = bank.sign("receipt", (*body[:5], ((identity_of_part(stranger), results),), *body[6:]))
        error = (dis, "do not follow") if slug == "first" else error
        group.put(f"answer-{slug}", cbor.encode((followed, *raws[1:], stranger)), *error, f"receipt: it answers {file}")
    other = signer_of("other-bank").fingerprint
    group.put("elsewhere", told(0, other), "wrong-bank", "another bank", "a receipt of another bank")
    return group
