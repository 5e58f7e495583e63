"""Claims of those whose instrument was refused: who owes them (C2, B5, S6; docs/spec.md 12.8).

Against a drawer or a holder a claim stands only on what that party signed itself: the bank's word convicts the bank
alone. So whoever was refused for the drawer's account needs the drawer's receipt; until it comes, nobody owes.
"""

from collections.abc import Iterator

from ledgerpost.errors import Refusal
from ledgerpost.judge.double import given_twice
from ledgerpost.judge.evidence import Evidence
from ledgerpost.judge.excuses import excuse
from ledgerpost.judge.funds import funds
from ledgerpost.judge.presented import Refused, ended, payments, refusals
from ledgerpost.judge.standing import not_covered, not_open
from ledgerpost.judge.verdict import Finding, Missing, Need
from ledgerpost.judge.within import claim_in, instrument_in
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.cheque import Cheque
from ledgerpost.papers.depositcheque import DepositCheque
from ledgerpost.papers.instrument import Chain, parting
from ledgerpost.sealed import fingerprint
from ledgerpost.terms import Digest, Fingerprint, Moment


def claims(evidence: Evidence, now: Moment) -> Iterator[Finding | Missing]:
    """What each refused presenter is owed, and by whom, at the time ``now``; claims lapse with their grace (C2).

    One cheque is one claim on its drawer, that of its first presenter; but whoever signed it over to two owes each.
    """
    told: set[tuple[Fingerprint | None, Digest]] = set()
    paid = [instrument for instrument, _ in payments(evidence)]
    for refused in refusals(evidence):
        for each in _decide(evidence, refused):
            claim = each if isinstance(each, Finding) else each.claim
            if claim is not None and claim.asset is None:
                yield each  # a fault is no claim: nothing ends it
                continue
            left = _lapsed(evidence, refused, each, now)
            of_all = isinstance(refused.order, DepositCheque) and claim is not None and claim.rule != "B5"
            key = (None if of_all else refused.creditor, refused.chain.identity)
            if left is None or key in told or ended(paid, refused, of_all=of_all):
                continue
            told.add(key)
            if not _released(evidence, refused, claim):
                yield left


def _lapsed(evidence: Evidence, refused: Refused, said: Finding | Missing, now: Moment) -> Finding | Missing | None:
    """What is left of it at the time ``now``: nothing after the instrument's end and grace."""
    if now <= refused.chain.paper.until:
        return said
    letter = refused.outcome.answered.letter
    terms = evidence.terms.get(letter.terms)
    if terms is None:
        claim = said if isinstance(said, Finding) else said.claim
        words = f"whether the claim on number {refused.order.number} has lapsed"
        return refused.open(words, Need("terms", letter.terms, letter.bank), claim)
    # another's terms give no grace: a bank and a presenter could agree on some that never end
    return said if terms.bank == refused.bank and now <= refused.chain.paper.until + terms.grace else None


def _released(evidence: Evidence, refused: Refused, claim: Finding | None) -> bool:
    """Whether the claimant has given up just this claim, in writing (12.9)."""
    return claim is not None and any(
        signer == refused.creditor and each.ends(refused.chain, claim.debtor) for each, signer, _ in evidence.releases()
    )


def _decide(evidence: Evidence, refused: Refused) -> Iterator[Finding | Missing]:
    code = refused.result.code
    if code is Refusal.USED:
        yield from _used(evidence, refused)
    elif code is Refusal.NUMBER and isinstance(refused.order, DepositCheque):
        yield from not_open(evidence, refused)
    elif code is Refusal.FUNDS and isinstance(refused.order, DepositCheque):
        yield from not_covered(evidence, refused)
    else:
        yield from excuse(evidence, refused)


def _used(evidence: Evidence, refused: Refused) -> Iterator[Finding | Missing]:
    winner = evidence.chain(refused.result.part)
    if winner is None:
        yield _unshown(evidence, refused)
        return
    at, shown, held = parting(refused.chain, winner), winner.identity, winner.holder
    if _number(winner) != _number(refused.chain) or winner.paper.bank != refused.bank:
        yield refused.owed(refused.bank, "S6", "the bank refused it for another's instrument, which it shows", shown)
    elif held is None or fingerprint(held) != refused.bank:
        words = "the bank refused it for an instrument that nobody handed to it"
        yield refused.owed(refused.bank, "S6", words, shown)
    elif at is None:
        words = "the bank refused it as paid to another, and shows this very one"
        yield refused.owed(refused.bank, "S6", words, shown)
    elif at == 0 and isinstance(refused.order, DepositCheque):
        # after its end the number was free for another use than a second cheque (12.8)
        if isinstance(winner.paper, Cheque) or refused.outcome.word.receipt.time <= refused.chain.paper.until:
            yield _signed_to_another(evidence, refused, shown)
    elif at == 0:
        words = "the bank signed a certificate on a number that was used"
        yield refused.owed(refused.bank, "B5", words, shown)
    elif refused.chain.signer(at) == winner.signer(at):
        words = "the instrument was endorsed to another too"
        yield refused.owed(winner.signer(at), "B5", words, shown)
        yield from _not_recovered(evidence, refused, winner.signer(at))


def _signed_to_another(evidence: Evidence, refused: Refused, shown: Digest) -> Finding | Missing:
    """The drawer owes it, or the bank if it gave the number out twice (N1)."""
    drawer, words = refused.chain.drawer, "the number was signed to another too"
    again = given_twice(evidence, refused.bank, drawer, refused.order.number)
    if again is None:
        return refused.owed(drawer, "C2", words, shown)
    found = refused.owed(refused.bank, "N1", words, shown, *again.books)
    if again.need is None:
        return found
    return refused.open(f"whether the bank gave out number {refused.order.number} twice", again.need, found)


def _not_recovered(evidence: Evidence, refused: Refused, debtor: Fingerprint) -> Iterator[Finding]:
    """Where the refusal says that the double signer lacked the funds, and its receipt says otherwise (B5, S6)."""
    about, paper = refused.result.about, refused.chain.paper
    if about is None or about.party != debtor:
        return
    if evidence.declared.let_go(refused.bank, about, refused.since, refused.until):
        return
    found = funds(evidence, refused.bank, about, paper.asset, paper.amount, refused.since)
    if found.covered:
        words = "the bank said that the double signer lacked the funds, which that party's receipt contradicts"
        shown = (refused.outcome.word.identity, *found.shown)
        yield Finding(refused.bank, refused.creditor, None, 0, "S6", words, shown)


def _unshown(evidence: Evidence, refused: Refused) -> Finding | Missing:
    """The instrument that was paid is not here, or does not verify; the bank owes if it names none that could (S6)."""
    part, words = refused.result.part, f"who signed number {refused.order.number} twice"
    if part is not None and part not in evidence.parts:
        return refused.open(words, Need("instrument", part))
    signer = None if part is None else _signer(evidence.parts[part])
    if signer is not None and signer not in evidence.keys:
        return refused.open(words, Need("card", None, signer))
    return refused.owed(refused.bank, "S6", "the bank refused it as paid to another, and shows nothing that was paid")


def _signer(raw: bytes) -> Fingerprint | None:
    """Who signed the cheque or certificate in it, as it says itself; None if it is no instrument."""
    instrument = instrument_in(raw)
    claim = None if instrument is None else claim_in(instrument.body)
    return None if claim is None else claim.signer


def _number(chain: Chain) -> tuple[Fingerprint, int]:
    """Whose number it is: the drawer's, or the buyer's."""
    paper = chain.paper
    owner = fingerprint(paper.key) if isinstance(paper, Certificate) else chain.drawer
    return owner, paper.number
