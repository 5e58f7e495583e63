"""What counts after a loss, or two (6.1 R2, R7): nobody honest is found against by papers of a lost time."""

from dataclasses import replace

import pytest

from burning import answers, burn, carry, come, come_again, keep, kind_of, named, rules, unsealed, words_of
from ledgerpost.bank.casefile import gather
from ledgerpost.bank.founding import beyond, jumped
from ledgerpost.bank.keys import ACCOUNTS
from ledgerpost.bank.restoring import room_for
from ledgerpost.errors import Refusal
from ledgerpost.judge.court import judge
from ledgerpost.judge.funds import unknown
from ledgerpost.judge.gathering import gather as weigh
from ledgerpost.judge.verdict import Need
from ledgerpost.papers.declaration import Declaration
from ledgerpost.papers.instrument import paper_of
from ledgerpost.papers.kinds import About
from ledgerpost.papers.letter import Seen
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.restoring import Restoring
from ledgerpost.papers.sequence import Sequence
from ledgerpost.papers.terms import DAY
from ledgerpost.sealed import is_message, trusted
from ledgerpost.statement import digest_of, seq_of
from ledgerpost.terms import Digest
from ledgerpost.wallet.checks import Contradiction
from ledgerpost.wallet.drawer import Draft, draw
from losses import enclosing, restored
from market import Market, market
from quarreling import cards
from test_judge_histories import held
from town import receipt_in


def test_an_answer_that_comes_late_is_void_by_the_partys_own_word() -> None:
    """The design's fork: a letter was answered, that answer is on the road, and the bank answers the letter again."""
    m = market("alice", "bob")
    alice, backup = m["alice"], keep(m)
    alice.pay(m["bob"], m.grain, 30)
    late = answers(alice)
    burn(m, backup)
    alice.pay(m["bob"], m.grain, 20)
    come(m, "bob", "alice")
    before = alice.account.receipt
    for raw in late:
        alice.receive(raw)
    assert alice.account.receipt == before
    assert rules(m, *unsealed(alice, late), *words_of(alice)) == set()


def test_an_answer_of_the_bank_s_first_life_is_void_after_the_second_loss_too() -> None:
    """Her wallet keeps to its newest word only, and that names another receipt under the sequence of the late one."""
    m = market("alice")
    alice, backup = m["alice"], keep(m)
    alice.wish("getq")
    late = answers(alice)
    burn(m, backup)
    come_again(m, alice)
    [receipt] = [each for each in unsealed(alice, late) if kind_of(each) == "receipt"]
    assert alice.account.statement.seq == seq_of(receipt_in(receipt).statement)
    assert alice.account.receipt != receipt
    burn(m, backup)
    carry(alice)
    before = alice.account.receipt
    enclosing(alice)
    for raw in late:
        alice.receive(raw)
    assert alice.account.receipt == before
    assert rules(m, receipt, before or b"", *words_of(alice)) == set()


def test_a_notice_of_the_bank_s_first_life_is_void_after_the_second_loss_too() -> None:
    """Seed 10001754 of the town: the receipt that she goes on from counts it, and knows nothing of it."""
    m = market("alice", "bob")
    alice, bob = m["alice"], m["bob"]
    alice.pay(bob, m.grain, 7, days=1)
    carry(alice)
    backup = keep(m)
    m.bank.now += 2 * DAY
    alice.wish("getq")
    late = answers(alice)
    assert [each.kind for each in m.bank.page(alice.me).pending] == ["expiredspend"]
    burn(m, backup)
    carry(alice, alice)
    burn(m, backup)
    carry(alice)
    enclosing(alice)
    before = alice.account
    assert receipt_in(before.receipt or b"").highest > 2
    for raw in late:
        alice.receive(raw)
    assert alice.account == before


def test_a_bank_keeps_what_a_party_declared_after_each_loss_and_is_cleared_by_its_own_papers() -> None:
    """A late answer of the first lost time comes up after the second: it is void by her first word alone."""
    m = market("alice")
    alice, backup = m["alice"], keep(m)
    alice.wish("getq")
    late = answers(alice)
    burn(m, backup)
    come_again(m, alice)
    files = words_of(alice)
    live(m, files, 3)
    backup = m.bank.backed_up()
    live(m, files, 1)
    burn(m, backup)
    live(m, files, 3)
    with m.bank.store.snapshot() as books:
        papers = gather(books, alice.me)
    assert [kind_of(raw) for raw in papers].count(Declaration.TYPE) == 2
    [receipt] = [each for each in unsealed(alice, late) if kind_of(each) == "receipt"]
    shown = [raw for raw in files if kind_of(raw) != Declaration.TYPE]
    assert "L11" in rules(m, receipt, *shown)
    assert rules(m, receipt, *shown, *papers) == set()


def test_of_earlier_declarations_the_newest_are_kept_that_have_room() -> None:
    small = tuple(bytes([at]) for at in range(20))
    assert room_for(small) == small[:15]
    large = (bytes(1 << 20), bytes(3 << 20), b"too much")
    assert room_for(large) == large[:2]
    assert room_for(()) == ()


def test_two_answers_convict_the_bank_unless_the_party_declared_that_it_had_neither() -> None:
    m = market("alice", "bob")
    alice, backup = m["alice"], keep(m)
    alice.pay(m["bob"], m.grain, 30)
    files = unsealed(alice, answers(alice))
    m.bank.now += 3600
    m.bank.store = restored({**backup}, m.bank.now, -1)  # nobody is waited for
    files += [*unsealed(alice, answers(alice)), *alice.account.letters]
    assert "L11" in rules(m, *files)
    first, last = m.bank.now - 3700, m.bank.now - 60
    ask = Restoring(m.bank.signer.fingerprint, alice.me, first, last)
    said = Declaration(m.bank.signer.fingerprint, ask.sign(m.bank.signer), 0, None, 0, (), ())
    assert rules(m, *files, said.sign(alice.signer)) == set()
    assert "L11" in rules(m, *files, said.sign(m["bob"].signer))
    unasked = replace(said, asked=ask.sign(alice.signer))
    assert "L11" in rules(m, *files, unasked.sign(alice.signer))


def test_a_refusal_by_a_statement_that_its_drawer_never_had_convicts_nobody() -> None:
    """Seed 374 of the town, with a cheque. Alice's answer is lost; when her letter comes again it goes otherwise."""
    m = market("alice", "bob")
    alice, bob, backup = m["alice"], m["bob"], keep(m)
    drawn = alice.draw(bob, m.grain, 100)
    alice.wish("stopcheque", number=paper_of(drawn.body).number, amount=1)
    alice.pay(m.treasurer, m.grain, 950, days=1)
    lost = receipt_in(next(raw for raw in unsealed(alice, answers(alice)) if kind_of(raw) == "receipt"))
    bob.take(drawn)
    bob.queue(drawn)
    carry(bob)
    assert bob.state(drawn) == "refused"
    burn(m, backup)
    m.bank.now += 2 * DAY
    carry(m.treasurer, m.treasurer, alice, alice)
    assert m.bank.statement(alice.me).outstanding == ()
    verdict = judge((*cards(m), *words_of(alice, bob)), m.bank.now)
    assert verdict.findings == ()
    number = paper_of(drawn.body).number
    words = f"what cheque {number} met, by a statement that the bank has lost and its drawer never had"
    need = Need("receipt", digest_of(lost.statement), alice.me, seq_of(lost.statement))
    asked = [(each.words, each.needs, each.claim and each.claim.debtor) for each in verdict.undecidable]
    assert (words, (need,), alice.me) in asked


@pytest.mark.parametrize("shown", ["all", "her word", "nothing"])
def test_who_draws_twice_on_a_number_that_was_given_again_after_a_loss_is_convicted_and_not_the_bank(
    shown: str,
) -> None:
    """Seed 4001234 of the town: a chequebook that its drawer has declared not to hold is void as its receipt is. With
    her word alone the judge cannot tell: which numbers she had then, the receipt says that she declared.
    """
    m = market("alice", "bob")
    alice, backup = m["alice"], keep(m)
    barred, declared = alice.account.statement.highest, held(alice)
    alice.wish("getsequence", amount=5, until=m.bank.now + 90 * DAY)
    lost = unsealed(alice, answers(alice))
    burn(m, backup)
    come(m, "alice", "bob")
    again = alice.account.books[-1]
    [book] = [raw for raw in lost if is_message(raw) and trusted(raw).type == "sequence"]
    assert book != again and Sequence.read(trusted(book).body).first == Sequence.read(trusted(again).body).first
    account = replace(alice.account, barred=barred)
    until = m.bank.now + 30 * DAY
    files = list(lost)
    for amount, code in ((5, Refusal.DONE), (6, Refusal.USED)):
        after, drawn = draw(account, alice.signer, alice.now, Draft(m["bob"].me, m.grain, amount, 0, until))
        assert after.statement == account.statement
        assert m["bob"].deposit(drawn) == [code]
        files += [drawn.encode(), *words_of(m["bob"])]
    word = alice.account.declared or b""
    said = {"all": [*words_of(alice), *declared], "her word": [word], "nothing": []}[shown]
    verdict = judge((*cards(m), *files, again, *said), m.bank.now)
    assert {each.rule for each in verdict.findings} == {"all": {"C2", "C3"}, "her word": set(), "nothing": {"N1"}}[
        shown
    ]
    need = Need("receipt", None, alice.me, Declaration.read(trusted(word).body).seq)
    open_ = {(each.words, each.needs, each.claim.amount) for each in verdict.undecidable if each.claim}
    question = f"whether the bank gave out number {paper_of(drawn.body).number} twice"
    both = {(question, (need,), 6), (f"{question}, or its drawer signed it to two", (need,), 0)}
    assert open_ == (both if shown == "her word" else set())


@pytest.mark.parametrize("shown", [True, False])
@pytest.mark.parametrize("ended", [True, False])
def test_a_notice_of_another_life_is_void_by_the_receipt_that_its_party_went_on_from(
    *, ended: bool, shown: bool
) -> None:
    """Seed 6002706 of the town: Alice was told, kept that back, and was told again after the second loss.

    Her first word, by which the first notice is void, went with that. It brought a spend, or the end of one of hers.
    """
    m = market("alice", "bob")
    alice, bob = m["alice"], m["bob"]
    if ended:
        alice.pay(bob, m.grain, 40, days=30)
        carry(alice, bob)
    backup, before = keep(m), alice.account
    bob.accept_all() if ended else bob.pay(alice, m.grain, 40, days=30)
    carry(bob, alice, bob)
    files = [*alice.account.notices.values()]
    assert len(files) == 1
    burn(m, backup)
    alice.account = before
    carry(m.treasurer)
    alice.wish("getq")
    alice.write()
    come_again(m, alice)
    files += [*alice.account.parts.values(), alice.account.receipt or b""]
    burn(m, backup)
    live(m, files, 2)
    come(m, "bob", "alice")
    files += [*words_of(alice), *alice.account.kept.values()]
    base = Declaration.read(trusted(alice.account.declared or b"").body).receipt
    assert base in map(named, files)
    files = [raw for raw in files if kind_of(raw) != Declaration.TYPE or raw == alice.account.declared]
    verdict = judge((*cards(m), *(raw for raw in files if shown or named(raw) != base)), m.bank.now)
    assert verdict.findings == ()
    claims = {each.claim.rule for each in verdict.undecidable if each.claim}
    assert claims == ({"O2"} if ended and not shown else set())


@pytest.mark.parametrize("ended", [True, False])
def test_a_receipt_of_one_life_of_the_bank_need_not_know_the_notices_of_another(*, ended: bool) -> None:
    """Seed 9005266 of the town: Alice was told, and took it in; that she keeps back at the first loss, and brings it
    at the second. The receipt that she got in between has a lower sequence than any that hers leads back to.
    """
    m = market("alice", "bob")
    alice, bob = m["alice"], m["bob"]
    if ended:
        alice.pay(bob, m.grain, 40, days=30)
        carry(alice, bob)
    backup, before = keep(m), alice.account
    bob.accept_all() if ended else bob.pay(alice, m.grain, 40, days=30)
    carry(bob, alice)
    files = [*alice.account.notices.values()]
    assert len(files) == 1
    alice.accept_all()
    come(m, "alice")
    kept = alice.account
    burn(m, backup)
    alice.account = before
    live(m, files, 2)
    said = alice.account.declared
    burn(m, backup)
    alice.account = kept
    live(m, files, 2)
    assert rules(m, *(raw for raw in files if raw != said)) == set()


def test_a_notice_must_agree_with_the_receipt_from_which_its_party_goes_on() -> None:
    """Both are of the lost time, and she holds both: of what the bank signed for her these must agree."""
    m = market("alice", "bob")
    alice, bob, backup = m["alice"], m["bob"], keep(m)
    bob.pay(alice, m.grain, 40, days=30)
    carry(bob, alice)
    [told] = alice.account.notices.values()
    receipt = (alice.account.receipt or b"", *alice.account.parts.values())
    burn(m, backup)
    carry(alice)
    enclosing(alice)
    said = Declaration.read(trusted(alice.account.declared or b"").body)
    notice, time = Notice.read(trusted(told).body), receipt_in(receipt[0]).time
    lie = replace(notice, time=time + 1, seq=said.seq - 1, digest=Digest(bytes(32))).sign(m.bank.signer)
    word = replace(said, held=(trusted(lie).identity,)).sign(alice.signer)
    assert rules(m, *receipt, told, alice.account.declared or b"") == set()
    assert rules(m, *receipt, lie, word) == {"S6"}


def test_who_holds_a_debit_of_another_life_than_its_receipt_convicts_nobody_by_it() -> None:
    """Alice's cheque was charged in both lives; she goes on from the first, and holds the debit of the second."""
    m = market("alice", "bob")
    alice, bob = m["alice"], m["bob"]
    drawn = alice.draw(bob, m.grain, 40)
    backup, before, files = keep(m), alice.account, list[bytes]()
    bob.take(drawn)
    bob.queue(drawn)
    carry(bob)
    live(m, files, 2)
    first = alice.account
    burn(m, backup)
    alice.account = before
    live(m, files, 2)
    carry(bob, bob)
    live(m, files, 1)
    second, said = alice.account.notices, alice.account.declared
    burn(m, backup)
    alice.account = replace(first, notices={**first.notices, **second}, letters=())
    with pytest.raises(Contradiction) as found:
        live(m, files, 3)
    papers = [raw for raw in (*files, *words_of(alice), *found.value.evidence) if raw != said]
    assert not second.keys() & first.notices.keys()
    assert {*second.values()} <= {*papers}
    assert rules(m, *papers) == set()


def test_a_notice_of_one_life_of_the_bank_may_name_an_older_statement_than_one_of_another() -> None:
    """Bob takes a spend back; Alice hears of it in both lives, and goes on from the second, beyond what each names."""
    m = market("alice", "bob")
    alice, bob = m["alice"], m["bob"]
    bob.pay(alice, m.grain, 40, days=30)
    carry(bob, alice)
    backup, before, files = keep(m), alice.account, list[bytes]()
    live(m, files, 4)
    bob.wish("cancelspend", number=bob.account.statement.outstanding[-1].number)
    carry(bob)
    live(m, files, 2)
    burn(m, backup)
    alice.account = before
    live(m, files, 2)
    carry(bob, bob)
    live(m, files, 5)
    said = alice.account.declared
    burn(m, backup)
    live(m, files, 2)
    assert rules(m, *(raw for raw in files if raw != said)) == set()


@pytest.mark.parametrize("again", [False, True])
def test_a_cheque_on_a_void_chequebook_is_owed_by_who_drew_it_and_not_by_the_bank_that_refused_it(
    *, again: bool
) -> None:
    """Seed 6002034 of the town: Alice has not, she declares, what gave her the number; later it is given out again."""
    m = market("alice", "bob")
    alice, bob, backup = m["alice"], m["bob"], keep(m)
    before, files = alice.account, list[bytes]()
    alice.wish("getsequence", amount=5, until=m.bank.now + 90 * DAY)
    live(m, files, 2)
    account = replace(alice.account, barred=before.statement.highest + 4 * again)  # or the last of it
    draft = Draft(bob.me, m.grain, 5, 0, m.bank.now + 30 * DAY)
    _, drawn = draw(account, alice.signer, alice.now, draft)
    assert paper_of(drawn.body).number > before.statement.highest
    burn(m, backup)
    alice.account = before
    live(m, files, 2)
    carry(bob, bob)
    assert bob.deposit(drawn) == [Refusal.NUMBER]
    if again:
        alice.wish("getsequence", amount=5, until=m.bank.now + 90 * DAY)
        m.bank.now += 60
        live(m, files, 2)
    verdict = judge((*cards(m), drawn.encode(), *files, *words_of(bob)), m.bank.now)
    assert [(each.debtor, each.creditor, each.amount, each.rule) for each in verdict.findings] == [
        (alice.me, bob.me, 5, "C2")
    ]
    shown = [raw for raw in {*files, *words_of(bob)} if named(raw) in verdict.findings[0].shown]
    assert sorted(map(kind_of, shown)) == ["letter", "receipt", "receipt", "sequence"]


@pytest.mark.parametrize("first_word", [True, False])
@pytest.mark.parametrize("later", [False, True])
def test_who_goes_on_from_one_life_of_its_bank_after_each_loss_convicts_nobody_by_the_other(
    *, first_word: bool, later: bool
) -> None:
    """Seed 6000894 of the town: two losses, one backup. Alice keeps a receipt back at the first, and at the second
    the one that she got instead. The bank has lost her first word, and what it signed by that, with the rest.
    """
    m = market("alice", "bob")
    alice, backup = m["alice"], keep(m)
    before, files = alice.account, list[bytes]()
    alice.pay(m["bob"], m.grain, 5)
    alice.wish("getsequence", amount=5, until=m.bank.now + 90 * DAY)
    live(m, files, 9 if later else 2)
    kept = alice.account
    burn(m, backup)
    alice.account = before
    alice.wish("getsequence", amount=5, until=m.bank.now + 80 * DAY)
    live(m, files, 8)
    said = () if first_word else (alice.account.declared,)
    files = [each for each in files if each not in said]
    burn(m, backup)
    alice.account = kept if later else alice.account
    live(m, files, 8)
    assert rules(m, *files) == set()
    bases = {Declaration.read(trusted(raw).body).receipt for raw in files if kind_of(raw) == Declaration.TYPE}
    assert rules(m, *(raw for raw in files if named(raw) not in bases)) == set()
    books = [Sequence.read(trusted(raw).body).first for raw in {*files} if kind_of(raw) == Sequence.TYPE]
    assert len({*books}) < len(books)
    account = replace(kept, barred=before.statement.highest)
    for amount in (5, 6):
        draft = Draft(m["bob"].me, m.grain, amount, 0, m.bank.now + 30 * DAY)
        files.append(draw(account, alice.signer, alice.now, draft)[1].encode())
    assert rules(m, *files) == {"C3"}


@pytest.mark.parametrize("shown", [True, False])
def test_what_does_not_lead_to_the_receipt_that_a_party_went_on_from_is_void_or_open(*, shown: bool) -> None:
    """The same, by one who agrees to nothing new: her receipts still tell what they go on from (L3). Where the one that
    she declared is not here, the judge asks for it.
    """
    m = market("alice")
    alice, backup, files = m["alice"], keep(m), list[bytes]()
    before = alice.account
    live(m, files, 3)
    old = Seen(alice.account.statement.seq, digest_of(alice.account.statement.encode()))
    alice.hand_in(seen=old)
    kept = alice.account
    burn(m, backup)
    alice.account = before
    alice.pay(m.treasurer, m.grain, 5)
    live(m, files, 4)
    said = alice.account.declared
    burn(m, backup)
    alice.account = kept
    alice.account = replace(kept, letters=(alice.by_hand(seen=old),))
    come_again(m, alice)
    held_now = alice.account.held
    assert held_now is not None
    assert held_now.base.statement == old.digest
    files = [*(raw for raw in files if raw != said), *words_of(alice), *([kept.receipt or b""] if shown else [])]
    verdict = judge((*cards(m), *files), m.bank.now)
    assert verdict.findings == ()
    assert {each.claim.rule for each in verdict.undecidable if each.claim} == (set() if shown else {"L10"})


def live(m: Market, files: list[bytes], trips: int) -> None:
    """Round trips of Alice's, and of who is waited for; all that she ever held is kept."""
    for _ in range(trips):
        carry(m.treasurer, m["alice"])
        files += [*words_of(m["alice"]), *m["alice"].account.books]


def test_a_bounce_that_was_void_by_the_word_for_an_earlier_loss_is_not_told_after_the_next() -> None:
    """Seed 4003314 of the town: her receipt counted it and did not list it, and her wallet found the bank cheating."""
    m = market("alice", "bob")
    alice, bob, backup = m["alice"], m["bob"], keep(m)
    draft = Draft(bob.me, m.grain, 2000, 0, alice.now + 30 * DAY)
    alice.account, drawn = draw(alice.account, alice.signer, alice.now, draft, credit=1000)
    bob.take(drawn)
    bob.queue(drawn)
    carry(bob)
    assert bob.state(drawn) == "refused"
    bounced = m.bank.page(alice.me).pending[0].notice
    burn(m, backup)
    carry(alice, alice)
    assert receipt_in(alice.account.receipt or b"").highest > bounced
    burn(m, backup)
    alice.pay(m.treasurer, m.grain, 5)
    carry(bob, bob, alice, alice)  # her letter waits for the treasurer: she gets no later receipt that would list it
    assert bounced not in {each.notice for each in m.bank.page(alice.me).pending}
    come(m, "bob", "alice")
    assert bounced not in {each.notice for each in m.bank.page(alice.me).pending}
    assert alice.account.statement == m.bank.statement(alice.me)
    m.check()
    assert rules(m, *words_of(alice, bob)) == set()


def test_a_bounce_that_is_told_again_may_name_a_statement_that_its_drawer_never_had() -> None:
    """Seed 9001234 of the town: her wallet was restored, wrote another letter 4, and found the bank cheating."""
    m = market("alice", "bob")
    alice, bob, backup = m["alice"], m["bob"], keep(m)
    before = alice.account
    carry(alice, alice)
    draft = Draft(bob.me, m.grain, 2000, 0, alice.now + 30 * DAY)
    alice.account, drawn = draw(alice.account, alice.signer, alice.now, draft, credit=1000)
    bob.take(drawn)
    bob.queue(drawn)
    carry(bob)
    bounced = m.bank.page(alice.me).pending[0].notice
    burn(m, backup)
    alice.account = before
    alice.pay(m.treasurer, m.grain, 5)
    come(m, "bob", "alice")
    assert alice.account.statement.has_taken(bounced)
    assert alice.account.statement == m.bank.statement(alice.me)
    assert rules(m, *words_of(alice, bob)) == set()


def test_after_two_losses_since_one_backup_no_number_is_told_twice() -> None:
    """Seed 9000726 of the town: both times numbers jumped to the same one, and her wallet found the bank cheating.

    Her letter waits for somebody who does not come, so that she is told of the spend without a receipt that counts it.
    """
    m = market("alice", "bob")
    alice, bob, backup = m["alice"], m["bob"], keep(m)
    alice.pay(m.treasurer, m.grain, 5)
    bob.pay(alice, m.grain, 30)
    for _ in range(2):
        burn(m, backup)
        carry(alice, alice, bob, bob, alice)
        assert len(alice.account.notices) == 1
    alice.accept_all()
    come(m, "bob", "alice")
    assert m.has("alice", "bob") == [1025, 970]
    assert rules(m, *words_of(alice, bob)) == set()


def test_a_restore_that_was_cut_off_and_done_again_numbers_notices_as_if_done_once() -> None:
    """Seed 9009654 of the town: they jumped twice, beyond where they began after the next loss."""
    m = market("alice")
    rows = [(key, raw) for key, raw in keep(m).items() if key.startswith(ACCOUNTS)]
    once = dict(jumped(rows, m.bank.now))
    assert dict(jumped([(key, raw) for key, raw in once.items() if raw], m.bank.now)) == once
    assert beyond(7, 3) < beyond(beyond(7, 3) + 7, 4) < beyond(beyond(7, 5), 4)


def test_the_judge_does_not_go_through_all_the_notices_that_a_restore_passes_over() -> None:
    """Seed 6002994 of the town: numbers jump by 2^32, and to find the first missing it put them all into memory."""
    m = market("alice")
    alice = m["alice"]
    receipt = receipt_in(alice.account.receipt or b"")
    digest = digest_of(receipt.statement)
    evidence = weigh((*cards(m), *words_of(alice)))
    held_now = evidence.named(m.bank.signer.fingerprint, alice.me, digest)
    assert held_now is not None
    about = About(alice.me, alice.account.statement.seq, digest, receipt.highest + (1 << 32))
    assert unknown(evidence, held_now, about) == Need("notice", None, alice.me, receipt.highest + 1)
