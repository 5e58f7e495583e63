"""Quarrels over receipts that do not follow from what their party signed, and over what they bring."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ledgerpost.errors import Refusal
from ledgerpost.papers import notice as n
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.letter import Letter
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.questions import GetQ
from ledgerpost.papers.receipt import Base, Receipt, Result
from ledgerpost.papers.sequence import Sequence
from ledgerpost.papers.terms import DAY, Fee
from ledgerpost.sealed import trusted
from ledgerpost.statement import Block, digest_of, read_statement
from market import Market
from quarreling import (
    ALICE_WRONGED,
    CASES,
    Builder,
    Case,
    Row,
    against,
    answered,
    believes,
    card,
    case,
    copied,
    crooked,
    ended,
    fault,
    hand,
    handed_in,
    hear,
    lie,
    oats,
    owes,
    paying,
    restated,
    told,
)
from test_cheques import cheque
from town import Bank, Party

# --- receipts that do not follow --------------------------------------------------------------------------------------


def _receipt(change: Callable[[Market], Callable[[Receipt], Receipt]], *rows: Row) -> Builder:
    """Alice paid Bob seven; then her next receipt is altered."""

    def make(m: Market) -> Case:
        m["alice"].pay(m["bob"], m.grain, 7)
        m["alice"].trip()
        return Case(crooked(m, "alice", change(m)), rows)

    return make


CASES |= {
    "a lowered balance": _receipt(lambda m: restated(lambda s: s.moved(m.grain, -3)), owes("bank", "alice", 3, "L5")),
    "a balance taken whole": _receipt(
        lambda m: restated(lambda s: replace(s, balances=())), owes("bank", "alice", 993, "L5")
    ),
    "a balance below nothing": _receipt(
        lambda m: restated(lambda s: s.moved(m.grain, -1003)), owes("bank", "alice", 1003, "L5")
    ),
    "an outstanding spend dropped": _receipt(
        lambda m: restated(lambda s: replace(s, outstanding=())), owes("bank", "alice", 7, "L5")
    ),
    "an outstanding spend made smaller": _receipt(
        lambda m: restated(lambda s: replace(s, outstanding=(s.outstanding[0]._replace(amount=5),))),
        owes("bank", "alice", 2, "L5"),
    ),
    "a balance hidden in a spend": _receipt(
        lambda m: restated(
            lambda s: replace(s.moved(m.grain, -5), outstanding=(s.outstanding[0]._replace(amount=12),))
        ),
        ALICE_WRONGED,
    ),
    "a balance lowered by one": _receipt(
        lambda m: restated(lambda s: s.moved(m.grain, -1)), owes("bank", "alice", 1, "L5")
    ),
    "a letter omitted and the balance lowered": _receipt(
        lambda m: restated(lambda s: replace(s.moved(m.grain, -3), seq=s.seq + 3)), ALICE_WRONGED
    ),
    "a balance lowered from a base agreed afterwards": _receipt(
        lambda m: (
            lambda r: replace(
                restated(lambda s: s.moved(m.grain, -3))(r),
                base=Base(digest_of(m["alice"].account.statement.encode()), r.answers[0].letter),
            )
        ),
        owes("bank", "alice", 3, "L5"),
    ),
    "a raised balance": _receipt(lambda m: restated(lambda s: s.moved(m.grain, 5)), ALICE_WRONGED),
    "a number dropped from a statement": _receipt(lambda m: restated(lambda s: s.closed(15)), ALICE_WRONGED),
    "a number added to a statement": _receipt(
        lambda m: restated(lambda s: replace(s, highest=30, numbers=(*s.numbers, Block(22, 30, 2**40)))), ALICE_WRONGED
    ),
    "a notice listed as taken that was not": _receipt(lambda m: restated(lambda s: s.took(90, 91)), ALICE_WRONGED),
    "a statement with another salt": _receipt(lambda m: restated(lambda s: replace(s, salt=b"\1" * 16)), ALICE_WRONGED),
    "a statement of another party": _receipt(
        lambda m: restated(lambda s: replace(s, party=m["bob"].me)), ALICE_WRONGED
    ),
    "a letter omitted": _receipt(lambda m: restated(lambda s: replace(s, seq=s.seq + 3)), ALICE_WRONGED),
    "a base agreed by no letter": _receipt(
        lambda m: lambda r: replace(r, base=r.base._replace(letter=None)), ALICE_WRONGED
    ),
    "a result too many": _receipt(
        lambda m: lambda r: replace(r, answers=(r.answers[0]._replace(results=(Result(Refusal.DONE),) * 2),)),
        ALICE_WRONGED,
    ),
    "a result too few": _receipt(
        lambda m: lambda r: replace(r, answers=(r.answers[0]._replace(results=()),)), ALICE_WRONGED
    ),
}


@case
def a_statement_that_does_not_read(m: Market) -> Case:
    files = crooked(m, "alice", lambda receipt: replace(receipt, statement=b"\x80"))
    return Case(files, (fault("bank", None, "S3"),))


@case
def a_receipt_that_does_not_read(m: Market) -> Case:
    receipt = Receipt.read(trusted(m["alice"].account.receipt or b"").body)
    raw = m.bank.signer.sign("receipt", (*receipt.body(), None))
    return Case(against(m, raw), (fault("bank", None, "S3"),))


@case
def a_notice_that_does_not_read(m: Market) -> Case:
    notice = Notice.read(trusted(told(m, n.CLEARED, ended(m), "bob")).body)
    raw = m.bank.signer.sign("notice", (*notice.body()[:-1], 5))
    return Case(against(m, raw), (fault("bank", None, "S3"),))


@case
def anothers_statement_spliced_in(m: Market) -> Case:
    hear(m, "bob", "bob")
    return Case(
        crooked(m, "alice", lambda r: replace(r, statement=m["bob"].account.statement.encode())), (ALICE_WRONGED,)
    )


@case
def two_assets_short(m: Market) -> Case:
    """Each is owed on its own."""
    other = oats(m, "alice")
    files = crooked(m, "alice", restated(lambda s: s.moved(m.grain, -3).moved(other, -100)))
    return Case(files, (owes("bank", "alice", 3, "L5"), owes("bank", "alice", 100, "L5", "oats")))


@case
def one_asset_given_for_another(m: Market) -> Case:
    """What it put in for it does not make up."""
    other = oats(m, "alice")
    files = crooked(m, "alice", restated(lambda s: s.moved(m.grain, -3).moved(other, 900)))
    return Case(files, (owes("bank", "alice", 3, "L5"),))


@case
def a_fee_that_the_terms_do_not_ask(m: Market) -> Case:
    m.bank.set_terms(token=m.grain, fees=(Fee("spendto", 1),))
    m["alice"].ask()
    m["alice"].pay(m["bob"], m.grain, 7)
    return Case(crooked(m, "alice", restated(lambda s: s.moved(m.grain, -2))), (owes("bank", "alice", 2, "L5"),))


@case
def a_fee_that_the_terms_ask(m: Market) -> Case:
    m.bank.set_terms(token=m.grain, fees=(Fee("spendto", 1),))
    m["alice"].ask()
    before = hand(m["alice"])
    m["alice"].pay(m["bob"], m.grain, 7)
    m["alice"].trip()
    assert m.has("alice") == [992]
    return Case((*before, *hand(m["alice"])))


@case
def a_balance_that_its_owner_lowered(m: Market) -> Case:
    before = hand(m["alice"])
    m["alice"].pay(m["bob"], m.grain, 7)
    m["alice"].trip()
    return Case((*before, *hand(m["alice"]), *hand(m["bob"])))


@case
def a_base_that_nobody_agreed_to(m: Market) -> Case:
    """The bank lowers the statement that the next one starts from."""
    false = m["alice"].account.statement.moved(m.grain, -500)

    def change(receipt: Receipt) -> Receipt:
        statement = read_statement(receipt.statement).moved(m.grain, -500)
        return replace(
            receipt, statement=statement.encode(), base=receipt.base._replace(statement=digest_of(false.encode()))
        )

    return Case(crooked(m, "alice", change, false.encode()), (ALICE_WRONGED,))


@case
def a_statement_older_than_its_base(m: Market) -> Case:
    old = m["alice"].account.statement.encode()
    hear(m, "alice")
    held_ = m["alice"].account.held
    assert held_ is not None
    false = replace(held_, statement=old).sign(m.bank.signer)
    files = hand(m["alice"])
    assert believes(m["alice"], false), "a wallet that holds a newer one does not look at it"
    newest = m["alice"].account.statement.encode()
    return Case((false, *files, newest), (ALICE_WRONGED,))


@case
def forked_receipts(m: Market) -> Case:
    m["alice"].wish("getq")
    honest = answered(m, "alice")
    assert believes(m["alice"], honest.receipt.sign(m.bank.signer), *honest.messages)
    false = replace(honest.receipt, time=m.bank.now + 1).sign(m.bank.signer)
    return Case(against(m, false), (fault("bank", "alice", "L11"),))


@case
def a_bank_rolled_back(m: Market) -> Case:
    """Restored from a backup, and not declared: it answers the same letter again."""
    backup = copied(m)
    m["alice"].wish("getq")
    raw = m["alice"].send()
    m["alice"].take_mail(m.bank.answer_to(raw).messages)
    backup.bank.now += 60
    again = backup.bank.answer_to(raw).messages
    return Case(against(m, *again), (fault("bank", "alice", "L11"),))


@case
def a_bank_rolled_back_that_made_a_notice_anew(m: Market) -> Case:
    backup = copied(m)
    paying(m, "carol", "alice", 5)
    [one] = m["alice"].account.notices.values()
    paying(backup, "bob", "alice", 9)
    [other] = backup["alice"].account.notices.values()
    assert not believes(m["alice"], other)
    return Case((one, other), (fault("bank", "alice", "L11"),))


@case
def a_receipt_sent_again(m: Market) -> Case:
    """A lost answer: the stored receipt goes back, byte for byte, and brings what stands beside it."""
    m["alice"].pay(m["bob"], m.grain, 7)
    raw = m["alice"].send()
    lost = m.bank.answer_to(raw).messages
    again = m.bank.answer_to(raw).messages
    assert lost == again
    assert believes(m["alice"], *again)
    return Case((*lost, *again, *hand(m["alice"])))


@case
def time_that_goes_backwards(m: Market) -> Case:
    files = crooked(m, "alice", lambda receipt: replace(receipt, time=receipt.time - DAY))
    return Case(files, (fault("bank", "alice", "S6"),))


@case
def notices_counted_backwards(m: Market) -> Case:
    files = crooked(m, "alice", lambda receipt: replace(receipt, highest=0))
    return Case(files, (fault("bank", "alice", "S6"),))


@case
def a_receipt_that_starts_elsewhere(m: Market) -> Case:
    """The bank signs another statement under an older sequence than the one its newer receipt starts from."""
    old = m["alice"].account.held
    assert old is not None
    false = replace(old, statement=read_statement(old.statement).moved(m.grain, 5).encode()).sign(m.bank.signer)
    newer = crooked(m, "alice", lambda receipt: receipt, believed=True)
    return Case(
        (false, *(raw for raw in newer if raw != old.sign(m.bank.signer))),
        (ALICE_WRONGED, fault("bank", "alice", "L10")),
    )


# --- what receipts bring ----------------------------------------------------------------------------------------------


def _chequebook(**fields: Any) -> Builder:
    def make(m: Market) -> Case:
        m["alice"].wish("getsequence", amount=5, until=m.bank.now + 90 * DAY)
        return Case(_brought(m, Sequence, fields), (ALICE_WRONGED,))

    return make


def _certificate(**fields: Any) -> Builder:
    def make(m: Market) -> Case:
        m["alice"].wish("spendto", asset=m.grain, amount=50, until=m.bank.now + 9 * DAY)
        return Case(_brought(m, Certificate, fields), (ALICE_WRONGED,))

    return make


def _brought(m: Market, kind: type[Sequence] | type[Certificate], fields: dict[str, Any]) -> tuple[bytes, ...]:
    """Alice's next receipt brings something else than it should; it is signed by the bank all the same."""
    party, before = m["alice"], m["alice"].account
    honest = answered(m, "alice")
    [good] = [raw for raw in honest.messages if raw[:1] == b"\xd2" and trusted(raw).type == kind.TYPE]
    false = replace(kind.read(trusted(good).body), **fields).sign(m.bank.signer)
    result = Result(Refusal.DONE, trusted(false).identity)
    [answer] = honest.receipt.answers
    raw = replace(honest.receipt, answers=(answer._replace(results=(result,)),)).sign(m.bank.signer)
    assert not believes(party, raw, *honest.messages, false)
    return (raw, *honest.letters, false, *before.terms.values(), *hand(party))


CASES |= {
    "a chequebook that runs longer than its numbers": _chequebook(until=2**40),
    "a chequebook of other numbers": _chequebook(first=22, last=26),
    "a chequebook of another": _chequebook(key=Party("bob", Bank()).signer.key),
    "a certificate of less than was paid for it": _certificate(amount=49),
    "a certificate with a shorter chain than the terms say": _certificate(longest=2),
    "a certificate that ends sooner": _certificate(until=1_900_000_000),
}


@case
def a_chequebook_that_is_not_named(m: Market) -> Case:
    m["alice"].wish("getsequence", amount=5, until=m.bank.now + 90 * DAY)
    files = lie(m, "alice", Result(Refusal.DONE), believed=False)
    return Case(files, (ALICE_WRONGED,))


@case
def a_chequebook_that_is_not_here(m: Market) -> Case:
    """It was brought, and nobody shows it: nothing is against anybody."""
    m["alice"].wish("getsequence", amount=5, until=m.bank.now + 90 * DAY)
    m["alice"].trip()
    books = set(m["alice"].account.books)
    return Case(tuple(raw for raw in hand(m["alice"]) if raw not in books))


@case
def numbers_and_certificates_as_ordered(m: Market) -> Case:
    m["alice"].wish("getsequence", amount=5, until=m.bank.now + 90 * DAY)
    m["alice"].wish("spendto", asset=m.grain, amount=50, until=m.bank.now + 9 * DAY)
    m["alice"].wish("getsequence", amount=3, until=m.bank.now + 80 * DAY)
    m["alice"].trip()
    return Case(hand(m["alice"]))


@case
def a_statement_of_another_party_under_terms_that_are_not_here(m: Market) -> Case:
    """What follows can't be counted without the terms, which ask a fee; that this does not follow shows anyhow."""
    m.bank.set_terms(token=m.grain, fees=(Fee("spendto", 1),))
    m["alice"].ask()
    m["alice"].pay(m["bob"], m.grain, 7)
    files = crooked(m, "alice", restated(lambda s: replace(s, party=m["bob"].me)))
    left = tuple(raw for raw in files if raw not in m["alice"].account.terms.values())
    m.bank.set_terms(second="recover")
    return Case(left, (ALICE_WRONGED,))


@case
def a_base_agreed_by_a_card(m: Market) -> Case:
    """What it names for a letter is none."""
    name = trusted(card(m["alice"])).identity
    files = crooked(m, "alice", lambda r: replace(r, base=r.base._replace(letter=name)), card(m["alice"]))
    return Case(files, (ALICE_WRONGED,))


@case
def papers_that_are_signed_well_and_do_not_read(m: Market) -> Case:
    """Of anybody but the bank's receipts and notices they count for nothing."""
    bank, alice = m.bank.signer, m["alice"].signer
    letter = Letter.read(trusted(m["alice"].by_hand(b"\x00", b"\xd2\x00", b"\x81\x6ddepositcheque")).body)
    raws = [alice.sign(kind, (bank.fingerprint, 5)) for kind in ("letter", "release", "card", "contract")]
    raws += [bank.sign(kind, (bank.fingerprint, 5)) for kind in ("sequence", "terms", "bankcard", "certificate")]
    raws += [alice.sign("card", (bank.fingerprint, bytes(32), "alice")), letter.sign(alice)]
    raws += [alice.sign("cheque", (bank.fingerprint, 5)), alice.sign("notice", (5,)), b"\x84\x58\x00\xf6\x80\xf6"]
    return Case(tuple(raws), (fault("alice", None, "S3"),))


@case
def a_base_raised_that_nobody_agreed_to(m: Market) -> Case:
    """Nothing is owed by a statement that nobody signed."""
    false = m["alice"].account.statement.moved(m.grain, 500).encode()
    files = crooked(m, "alice", lambda r: replace(r, base=r.base._replace(statement=digest_of(false))), false)
    return Case(files, (ALICE_WRONGED,))


@case
def a_letter_to_another_bank_answered(m: Market) -> Case:
    other = Bank("other").signer.fingerprint
    elsewhere = m["alice"].by_hand(GetQ(), bank=other)

    def change(receipt: Receipt) -> Receipt:
        letter = Letter.read(trusted(elsewhere).body)
        state = replace(read_statement(receipt.statement).moved(m.grain, -3), salt=letter.nonce)
        answer = receipt.answers[0]._replace(letter=trusted(elsewhere).identity)
        return replace(receipt, statement=state.encode(), answers=(answer,))

    return Case(crooked(m, "alice", change, elsewhere), (ALICE_WRONGED,))


@case
def a_lowered_balance_beside_an_old_debit(m: Market) -> Case:
    """Its number was closed when it was taken in; it is not listed any more."""
    drawn = m["alice"].draw(m["bob"], m.grain, 100)
    assert m["bob"].deposit(drawn) == [Refusal.DONE]
    m["alice"].ask()
    return Case(crooked(m, "alice", restated(lambda s: s.moved(m.grain, -3))), (owes("bank", "alice", 3, "L5"),))


def _half_brought(kind: type[Sequence] | type[Certificate], **fields: Any) -> Builder:
    """Of a chequebook and a certificate that one receipt brings, one is false and the other is not here."""

    def make(m: Market) -> Case:
        m["alice"].wish("getsequence", amount=5, until=m.bank.now + 90 * DAY)
        m["alice"].wish("spendto", asset=m.grain, amount=50, until=m.bank.now + 9 * DAY)
        before, honest = m["alice"].account, answered(m, "alice")
        [good] = [raw for raw in honest.messages if raw[:1] == b"\xd2" and trusted(raw).type == kind.TYPE]
        false = replace(kind.read(trusted(good).body), **fields).sign(m.bank.signer)
        [answer] = honest.receipt.answers
        results = tuple(
            result._replace(part=trusted(false).identity) if result.part == trusted(good).identity else result
            for result in answer.results
        )
        raw = replace(honest.receipt, answers=(answer._replace(results=results),)).sign(m.bank.signer)
        return Case((raw, *honest.letters, false, *before.terms.values()), (ALICE_WRONGED,))

    return make


CASES |= {
    "a false certificate beside a chequebook that is not here": _half_brought(Certificate, amount=49),
    "a false chequebook beside a certificate that is not here": _half_brought(Sequence, until=2**40),
}


@case
def a_receipt_that_its_party_signed_in_the_banks_name(m: Market) -> Case:
    """With more in it than the bank's own."""
    honest = m["alice"].account.held
    assert honest is not None
    richer = restated(lambda s: s.moved(m.grain, 500))(honest).sign(m["alice"].signer)
    return Case((richer, *hand(m["alice"])), (fault("alice", None, "S3"),))


@case
def forked_receipts_of_a_bank_whose_key_only_an_endorsement_brings(m: Market) -> Case:
    """A cheque that was signed over to the bank names its key."""
    presented = handed_in(cheque(m["alice"], m["bob"], m), m, "bob").bare().encode()
    m["alice"].wish("getq")
    honest = answered(m, "alice")
    one, other = (replace(honest.receipt, time=m.bank.now + at).sign(m.bank.signer) for at in range(2))
    files = (presented, one, other, card(m["alice"]), *honest.letters, *m["alice"].account.terms.values())
    return Case(files, (fault("bank", "alice", "L11"),), cards=False)
