"""The bank's judgement over a batch of envelopes: who has written what, and the receipts that answer (L3-L8).

One envelope after the other, one letter after the other, in the order of the party's own ``seq``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from ledgerpost.bank.books import Books
from ledgerpost.bank.clock import bank_time
from ledgerpost.bank.keys import BANK, Key, terms_key
from ledgerpost.bank.liens import meet_liens
from ledgerpost.bank.page import Page
from ledgerpost.bank.prepare import Prepared, Received
from ledgerpost.bank.records import BankRecord, Shelf, TermsRecord, read_record
from ledgerpost.bank.restoring import ask, come_again, others_come_again, settle, waits_for
from ledgerpost.bank.teller import Teller
from ledgerpost.bank.witness import Proof, saw_another, signed_twice
from ledgerpost.errors import Refusal
from ledgerpost.papers import notice as n
from ledgerpost.papers.beside import beside
from ledgerpost.papers.depositcheque import DepositCheque
from ledgerpost.papers.letter import AHEAD, Letter
from ledgerpost.papers.questions import WANT_BASE
from ledgerpost.papers.receipt import Answer, Base, Receipt, Result, Waits
from ledgerpost.papers.redeemcertificate import RedeemCertificate
from ledgerpost.papers.terms import Terms
from ledgerpost.sealed import Signer, trusted
from ledgerpost.spelling import spell_fingerprint
from ledgerpost.statement import digest_of, seq_of
from ledgerpost.terms import Digest, Fingerprint, Moment, PublicKey


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back for one envelope. ``messages``: receipt, what stands beside it, notices, terms, contracts.

    ``messages`` is empty where the letters open no account: they get no receipt (L6). ``answered`` counts letters
    newly carried out; ``why`` says what stopped the rest; ``proofs`` what the letters prove against somebody (L10).
    """

    to: PublicKey
    party: Fingerprint
    messages: tuple[bytes, ...]
    answered: int
    results: tuple[Result, ...]
    why: str = ""
    proofs: tuple[Proof, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything to commit at once, and then, only then, the replies, one per envelope."""

    changes: Mapping[Key, bytes | None]
    replies: tuple[Reply, ...]

    @property
    def proofs(self) -> tuple[Proof, ...]:
        """What the whole batch proves against somebody: to be kept before the changes are committed."""
        return tuple(proof for reply in self.replies for proof in reply.proofs)


def answer(batch: Sequence[Prepared], shelf: Shelf, now: Moment, bank: Signer) -> Outcome:
    """Judge a batch over the held records ``touches`` named. Pure.

    ``now`` is the computer's clock; the bank's own time follows from it and from what was signed (``bank_time``, O5).
    """
    if not batch:
        return Outcome({}, ())
    books = Books(shelf, bank_time(shelf.get, now), bank)
    in_force = _in_force(shelf)
    served = [_serve(books, prepared, in_force) for prepared in batch]
    # Answers are put together when the whole batch is judged: made again after a death, they are the same (T2).
    replies = tuple(_reply(books, each, in_force) for each in served)
    return Outcome(books.changes(), replies)


class _Served(NamedTuple):
    prepared: Prepared
    page: Page
    answered: int
    results: tuple[Result, ...]
    why: str
    proofs: tuple[Proof, ...]


def _in_force(shelf: Shelf) -> tuple[Digest, bytes, Terms]:
    """Identity and bytes of the terms in force, and the terms."""
    raw = shelf.values[BANK]
    if raw is None:
        raise AssertionError("no bank was founded in this store")
    identity = read_record(BankRecord, raw, BANK).terms
    record = read_record(TermsRecord, shelf.get(terms_key(identity)) or b"", terms_key(identity))
    return identity, record.terms, Terms.read(trusted(record.terms).body)


def _serve(books: Books, prepared: Prepared, in_force: tuple[Digest, bytes, Terms]) -> _Served:
    why = settle(books, prepared)
    page = books.page(prepared.party) or books.blank(prepared.key)
    if books.is_missing(prepared.party):
        return _Served(prepared, page, 0, (), why or "the bank restores, and asks first what the party holds", ())
    come_again(books, prepared.party)
    known = bool(page.receipt)
    results: list[Result] = []
    proofs: list[Proof] = []
    done = 0
    for received in prepared.letters:
        if received.letter.seq <= page.statement.seq:
            continue
        proofs += saw_another(books, page, received)
        obstacle = _obstacle(books, page, received)
        if obstacle:
            why = why or obstacle
            continue  # another letter of this seq may chain; none after it can
        others_come_again(books, received)
        if not done and known:
            books.sweep(page, in_force[2].grace)
        new = _carry_out(books, page, received)
        come_again(books, prepared.party)
        if not page.card:
            why = f"the account was not opened: {new[0].code.sentence if new else 'no order to open one'}"
            continue
        results += new
        proofs += signed_twice(books, page, received, new)
        done, why = done + 1, ""
    if done:
        _write_receipt(books, page)
    return _Served(prepared, page, done, tuple(results), why, tuple(proofs))


def _reply(books: Books, served: _Served, in_force: tuple[Digest, bytes, Terms]) -> Reply:
    prepared = served.prepared
    # A party that opened its account later in the batch has the page of the books, not the blank one.
    page = books.page(prepared.party) or served.page
    messages = _messages(books, page, prepared, in_force) if page.receipt else ()
    messages += ask(books, prepared.party)
    return Reply(prepared.key, prepared.party, messages, served.answered, served.results, served.why, served.proofs)


def _obstacle(books: Books, page: Page, received: Received) -> str:
    """Why the letter can't be carried out and uses no ``seq`` (L5, L6, L11); empty if it can."""
    letter = received.letter
    if letter.seq != page.statement.seq + 1:
        return f"letter {page.statement.seq + 1} is missing before letter {letter.seq}"
    last = page.answers[-1].letter if page.answers else None
    if letter.prev != last:
        return f"letter {letter.seq} does not follow the letter answered last"
    agreed = page.statement.seq if _agrees(page, received) else _base_seq(page)
    if letter.seq - min(agreed, _seen(page, received)) > AHEAD:
        return f"letter {letter.seq} is more than {AHEAD} ahead of the receipt it has seen or agreed to"
    missing = waits_for(books, received)
    if missing is not None:
        return f"letter {letter.seq} is about {spell_fingerprint(missing)}, which has not come since the restore"
    return ""


def _agrees(page: Page, received: Received) -> bool:
    """Whether ``seen`` names the statement of the stored receipt: agreement afterwards (L3)."""
    return bool(page.receipt) and received.letter.seen == (page.statement.seq, digest_of(page.raw))


def _seen(page: Page, received: Received) -> int:
    """The newest receipt the party has said to hold; never back, never beyond what was signed."""
    return max(page.seen, min(received.letter.seen.seq, page.statement.seq))


def _base_seq(page: Page) -> int:
    return seq_of(page.base_raw)


def _carry_out(books: Books, page: Page, received: Received) -> tuple[Result, ...]:
    """The letter's orders, and where agreement stands after it."""
    letter = received.letter
    terms = books.terms(letter.terms)
    agrees, seen = _agrees(page, received), _seen(page, received)
    late = books.as_of > letter.not_after
    opening = not page.card
    teller = Teller(books, page, terms or _signed(books, letter.terms), received.identity, opening=opening)
    if late or terms is None:
        results = teller.refuse_all(received, Refusal.LATE if late else Refusal.TERMS)
    else:
        results = teller.carry_out(received)
    if not page.card:
        return results
    if agrees:
        page.base, page.base_raw = Base(digest_of(page.raw), received.identity), page.raw
    page.statement = replace(teller.statement, seq=letter.seq, salt=letter.nonce)
    page.raw = page.statement.encode()
    if digest_of(page.raw) == letter.expect:
        page.base, page.base_raw = Base(letter.expect, received.identity), page.raw
    page.parts[received.identity] = received.raw
    page.seen = seen
    page.answers = (*page.answers, Answer(received.identity, results))
    page.touched = True
    meet_liens(books, page)
    return results


def _signed(books: Books, identity: Digest) -> Terms:
    """Terms that hold no longer, for what was done while they did (L11); a stand-in where nothing can be done."""
    for raw in books.signed_terms(identity):
        return Terms.read(trusted(raw).body)
    return Terms(books.bank, 1, books.now)


def _write_receipt(books: Books, page: Page) -> None:
    """Sign the new receipt, cut to what is not yet agreed or not yet seen (L5)."""
    cut = min(_base_seq(page), page.seen)
    keep = page.statement.seq - cut
    page.parts[page.base.statement] = page.base_raw
    receipt = Receipt(
        books.bank,
        page.fingerprint,
        books.now,
        page.raw,
        page.base,
        page.answers[-keep:],
        page.highest,
        tuple(Waits(each.notice, each.kind, each.number) for each in page.pending),
        books.restoring,
    )
    page.answers = receipt.answers
    page.receipt = receipt.sign(books.signer)
    page.parts = beside(receipt, page.parts)


def _messages(books: Books, page: Page, prepared: Prepared, in_force: tuple[Digest, bytes, Terms]) -> tuple[bytes, ...]:
    """The stored receipt byte for byte, without what this envelope shows its sender to have (L5, L6)."""
    had = {received.identity for received in prepared.letters}
    parts = [raw for identity, raw in page.parts.items() if identity not in had or _asked(prepared)]
    notices = [page.opened(each.notice) for each in page.pending]
    terms = _terms(books, page, prepared, in_force)
    return (page.receipt, *parts, *notices, *terms, *_contracts(books, page, prepared))


def _terms(books: Books, page: Page, prepared: Prepared, in_force: tuple[Digest, bytes, Terms]) -> list[bytes]:
    """The terms in force if the newest letter names others, and those that only letters not in this envelope name.

    Without these, whoever lost everything could not retrace the receipt.
    """
    named = {received.letter.terms for received in prepared.letters}
    had = {received.identity for received in prepared.letters}
    answered = [page.parts[each.letter] for each in page.answers if each.letter not in had]
    wanted = dict.fromkeys(Letter.read(trusted(raw).body).terms for raw in answered)
    terms = [in_force[1]] if prepared.letters[-1].letter.terms != in_force[0] else []
    return terms + [raw for each in wanted if each not in named | {in_force[0]} for raw in books.signed_terms(each)]


def _asked(prepared: Prepared) -> bool:
    """Whether the base was asked for, with the letter that agreed to it."""
    newest = prepared.letters[-1]
    return any(isinstance(each.order, WANT_BASE) for each in newest.written)


def _contracts(books: Books, page: Page, prepared: Prepared) -> list[bytes]:
    """Contracts of assets the party may meet for the first time: in a notice, on paper, or after it has lost all."""
    held = {row.asset for row in page.statement.balances}
    met = {each.asset for each in page.pending if each.kind == n.RECEIPT} - held
    orders = (written.order for received in prepared.letters for written in received.written)
    met |= {order.asset for order in orders if isinstance(order, DepositCheque | RedeemCertificate)}
    seen = prepared.letters[-1].letter.seen.seq
    records = (books.asset(asset) for asset in sorted(met if seen else met | held))
    return [record.contract for record in records if record is not None]
