"""What fuzzing asks of judge and bank: whatever well-signed papers say, they answer, and the books stay right.

Not readers, and yet where a paper that reads well and says something unheard of would do its harm.
"""

from collections.abc import Mapping
from functools import cache
from random import Random

from fuzz_readers import hold, refused
from fuzz_seeds import BANK, bundle, sample, signers, steps, unbundle, under
from ledgerpost import cbor, envelope
from ledgerpost.bank.audit import audit
from ledgerpost.bank.counter import Outcome, answer
from ledgerpost.bank.founding import found, new_terms
from ledgerpost.bank.keys import BANK as BANK_KEY
from ledgerpost.bank.keys import terms_key
from ledgerpost.bank.prepare import Prepared, prepare, touches
from ledgerpost.bank.records import BankRecord, Unheld, read_record
from ledgerpost.errors import BadBytes
from ledgerpost.judge.court import judge
from ledgerpost.papers.bankcard import BankCard
from ledgerpost.papers.beside import indexed
from ledgerpost.papers.terms import Terms
from ledgerpost.sealed import identity_of, is_message, read, trusted
from ledgerpost.store.memory import MemoryStore
from ledgerpost.terms import Digest, Fingerprint

NOW = 1_800_000_000
MOST_DOCUMENTS = 64


def case(raw: bytes) -> bool:
    """Documents before the judge: a verdict, whatever they are; the same in another order and with rubbish beside."""
    try:
        documents = unbundle(raw)[:MOST_DOCUMENTS]
    except BadBytes as error:
        return refused(error)
    except ValueError:
        return False
    verdict = judge(documents, NOW)
    shuffled = [*documents, b"rubbish", *documents[:1]]
    Random(len(raw)).shuffle(shuffled)
    hold(judge(shuffled, NOW) == verdict, "another verdict in another order")
    return bool(verdict.findings or verdict.settled)


# --- the bank's counter


@cache
def standings() -> tuple[Mapping[bytes, bytes], ...]:
    """The bank's records before each step of the samples."""
    store = MemoryStore()
    first, second = (Terms.read(trusted(raw).body) for raw in under("terms"))
    with store.hold([BANK_KEY]) as held:
        held.commit(found(BANK, BankCard.read(trusted(sample("cards/bank-1.cose")).body).name, first.time))
    before = []
    changed = False
    for step in steps():
        if not changed and step["bank_time"] >= second.time:
            _put_in_force(store, second)
            changed = True
        with store.snapshot() as snapshot:
            before.append(dict(snapshot.under(b"")))
        outcome = served(store, [sample(file) for file in step["letters"]], step["bank_time"])
        hold(isinstance(outcome, Outcome), "the samples do not follow from one another")
    return tuple(before)


def _put_in_force(store: MemoryStore, terms: Terms) -> None:
    with store.hold([BANK_KEY]) as held:
        bank = held.values[BANK_KEY]
        old = held.get(terms_key(read_record(BankRecord, bank or b"", BANK_KEY).terms))
        held.commit(new_terms(BANK, bank or b"", old or b"", terms, terms.time))


def served(store: MemoryStore, letters: list[bytes], now: int) -> Outcome | BadBytes:
    """The bank's answer to letters of one party, committed."""
    sender = signers().get(_signer(letters))
    raw = envelope.pack(tuple(letters), sender=sender.key if sender else None, recipient=BANK.key, until=0)
    prepared = prepare(raw, BANK.seed, BANK.fingerprint)
    if not isinstance(prepared, Prepared):
        return prepared
    keys = set(touches([prepared]))
    while True:
        try:
            with store.hold(keys) as held:
                outcome = answer([prepared], held, now, BANK)
                held.commit(outcome.changes)
            return outcome
        except Unheld as more:
            keys.add(more.key)


def _signer(letters: list[bytes]) -> Fingerprint:
    try:
        return read(letters[0]).signer
    except (BadBytes, IndexError):
        return BANK.fingerprint


def counter_seed(at: int) -> bytes:
    """The letters of one step, with the step in front."""
    return bundle([at.to_bytes(2, "big"), *(sample(file) for file in steps()[at]["letters"])])


def counter(raw: bytes) -> bool:
    """Letters, well signed, at the counter of a bank amid the story: an answer, and books that sum to zero (O6)."""
    try:
        place, *letters = unbundle(raw)
    except BadBytes as error:
        return refused(error)
    except ValueError:
        return False
    at = int.from_bytes(place[:2], "big") % len(standings())
    store = MemoryStore()
    with store.hold([]) as held:
        held.commit(standings()[at])
    outcome = served(store, letters[:8], steps()[at]["bank_time"])
    if isinstance(outcome, BadBytes):
        return refused(outcome)
    with store.snapshot() as snapshot:
        hold(not audit(snapshot, BANK.key).findings, "the books do not hold together")
    _answered(outcome)
    return bool(outcome.changes)


def _answered(outcome: Outcome) -> None:
    """What goes out is signed and decodes, and has a name."""
    for reply in outcome.replies:
        named: dict[Digest, bytes] = indexed(reply.messages)
        hold(all(identity_of(read(each)) == name for name, each in named.items() if is_message(each)), "misnamed")
        cbor.decode(bundle(list(reply.messages)))
