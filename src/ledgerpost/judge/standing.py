"""A cheque refused for its drawer's account: what the drawer's own receipts say to that (C2, S6).

The refusal names the drawer's newest statement by digest. Only that receipt, retraced through the drawer's own
letters, shows that the number was closed or the funds not there; any later one may show that the bank did not tell
the truth. Without it nobody owes: a bank could say what it likes of a drawer who is not there.
"""

from collections.abc import Iterator

from ledgerpost.errors import BadBytes
from ledgerpost.judge.evidence import Evidence, Held, NoCard, Told
from ledgerpost.judge.funds import belied, funds, statement_need, unknown
from ledgerpost.judge.presented import Refused
from ledgerpost.judge.verdict import Finding, Missing, Need
from ledgerpost.papers import notice as n
from ledgerpost.papers.instrument import identity_of_body, in_date, read_instrument
from ledgerpost.papers.kinds import About
from ledgerpost.papers.proof import presented_in
from ledgerpost.terms import Digest


def not_open(evidence: Evidence, refused: Refused) -> Iterator[Finding | Missing]:
    """Refused because the number was not open: the drawer owes if its receipt says so, the bank if not."""
    about = refused.result.about
    if about is None:
        yield from _no_account(evidence, refused)
        return
    if about.party != refused.chain.drawer:
        yield _unfounded(refused)
        return
    late = _void(evidence, refused, about) or _too_late(refused)
    yield from _closed(evidence, refused, about) if late is None else late


def not_covered(evidence: Evidence, refused: Refused) -> Iterator[Finding | Missing]:
    """Refused because it was not covered: the bank owes if it did not tell the drawer, or if the funds were there."""
    about, number = refused.result.about, refused.order.number
    if about is None or about.party != refused.chain.drawer or refused.result.part is None:
        yield _unfounded(refused)
        return
    told = evidence.told(refused.result.part)
    late = _void(evidence, refused, about) or _too_late(refused)
    if late is not None:
        yield from late
    elif told is None:
        words = f"whether the drawer was told that cheque {number} was not covered"
        yield refused.open(words, Need("notice", refused.result.part, refused.chain.drawer), _drawer_owes(refused))
    elif not _tells(told.notice, refused) or _untold(evidence, told.notice):
        yield refused.owed(refused.bank, "C2", "the bank never told the drawer what it told the presenter")
    elif not _anothers(told.notice, refused):
        yield from _lacked(evidence, refused, about, told.notice)


def _no_account(evidence: Evidence, refused: Refused) -> Iterator[Finding]:
    """Without an ``about`` the bank says that the drawer has no account; a receipt from before says that it has."""
    for word in evidence.words_on(refused.bank, refused.chain.drawer):
        if word.receipt.time < refused.since:
            words = "the bank says that the drawer has no account, and signed a receipt for it before"
            yield refused.owed(refused.bank, "S6", words, word.identity)
            return


def _unfounded(refused: Refused) -> Finding:
    """The refusal does not name what every true one of its kind names (section 8)."""
    words = "the bank refused it for its drawer's account, and does not say what it found there"
    return refused.owed(refused.bank, "S6", words)


def _void(evidence: Evidence, refused: Refused, about: About) -> tuple[Missing, ...] | None:
    """What is left where the drawer has declared that it does not hold the statement named, which is lost (L11)."""
    if not evidence.declared.let_go(refused.bank, about, refused.since, refused.until):
        return None
    words = f"what cheque {refused.order.number} met, by a statement that the bank has lost and its drawer never had"
    return (refused.open(words, Need("receipt", about.digest, about.party, about.seq), _drawer_owes(refused)),)


def _too_late(refused: Refused) -> tuple[Missing, ...] | None:
    """What is left where the receipt's time is out of the cheque's dates: it may list an older refusal (12.8)."""
    time, paper = refused.outcome.word.receipt.time, refused.chain.paper
    if in_date(paper, time):
        return None
    if time <= paper.until:
        return ()  # before its start nobody owes anything
    words = f"whether cheque {paper.number} was presented before its end"
    need = Need("receipt", None, refused.creditor, refused.outcome.answered.letter.seq)
    return (refused.open(words, need, _drawer_owes(refused)),)


def _drawer_owes(refused: Refused, *shown: Digest) -> Finding:
    covered = refused.result.part is not None
    why = "not covered" if covered else "on a number used otherwise, or stopped"
    return refused.owed(refused.chain.drawer, "C2", f"cheque {refused.order.number} was {why}", *shown)


def _bank_owes(refused: Refused, *shown: Digest) -> Finding:
    words = "the bank refused it with a reason that its own signed statement of the drawer contradicts"
    return refused.owed(refused.bank, "S6", words, *shown)


# --- the number


def _closed(evidence: Evidence, refused: Refused, about: About) -> Iterator[Finding | Missing]:
    number, drawer = refused.order.number, refused.chain.drawer
    lie = _contradicted(evidence, refused, about)
    named = evidence.named(refused.bank, drawer, about.digest)
    if lie is not None:
        yield _bank_owes(refused, lie)
    elif named is None or not named.proven:
        words = f"whether number {number} was open when the cheque was refused"
        yield refused.open(words, statement_need(about, named), _drawer_owes(refused))
    elif named.statement.highest < number:
        yield _never_given(evidence, refused, named)
    elif (block := named.statement.block_of(number)) is None:
        yield _drawer_owes(refused, named.word.identity)
    elif refused.outcome.word.receipt.time > block.until:
        yield _outlived(evidence, refused, named)
    else:
        yield from _charged(evidence, refused, named, about)


def _outlived(evidence: Evidence, refused: Refused, named: Held) -> Finding | Missing:
    """A cheque past its number's end though in date: its drawer made it too long, or its chequebook says otherwise."""
    number, drawer = refused.order.number, refused.chain.drawer
    book = evidence.chequebook(refused.bank, drawer, number)
    if book is None:
        words = f"whether cheque {number} runs longer than its chequebook"
        return refused.open(words, Need("sequence", None, drawer, number), _drawer_owes(refused))
    if refused.chain.paper.until <= book[0].until:
        return _bank_owes(refused, named.word.identity, book[1])
    return _drawer_owes(refused, named.word.identity, book[1])


def _named_early(evidence: Evidence, refused: Refused, about: About) -> Digest | None:
    """A receipt, up to the one that the refusal names, that was signed only after it: one of the two times is false.

    Else a bank dates back its refusal of an ended cheque to when its drawer had not yet stopped the number.
    """
    words = evidence.words_on(refused.bank, about.party)
    early = (word for word in words if word.receipt.time > refused.outcome.word.receipt.time)
    return next((word.identity for word in early if word.statement.seq <= about.seq), None)


def _contradicted(evidence: Evidence, refused: Refused, about: About) -> Digest | None:
    """A receipt of the drawer's that shows the number open later, or another statement under that sequence (S6).

    No number opens again. One with a debit pending is open still, and is charged no more.
    """
    number, time = refused.order.number, refused.outcome.word.receipt.time
    lie = belied(evidence, refused.bank, about, refused.since) or _named_early(evidence, refused, about)
    if lie is not None:
        return lie
    for word in evidence.words_on(refused.bank, about.party):
        block = word.statement.block_of(number)
        charged = any((waits.kind, waits.number) == (n.CLEARED, number) for waits in word.receipt.pending)
        known = word.statement.seq > about.seq or word.receipt.highest >= about.highest
        if word.statement.seq >= about.seq and known and block is not None and not charged and time <= block.until:
            return word.identity if _given_before(evidence, refused, about) else None
    return None


def _given_before(evidence: Evidence, refused: Refused, about: About) -> bool:
    """Whether the number had been given out by then: a cheque may bear one that its drawer got only later."""
    number, bank = refused.order.number, refused.bank
    states = (held.statement for held in evidence.held(bank, about.party))
    if any(state.seq <= about.seq and state.highest >= number for state in states):
        return True
    book = evidence.chequebook(bank, about.party, number)
    return book is not None and book[0].time < refused.since


def _never_given(evidence: Evidence, refused: Refused, named: Held) -> Finding | Missing:
    """A number beyond all that the drawer was given: nobody can show that it has no chequebook for it.

    The bank owes if it signed one before the receipt that lacks the number; the drawer if it declared not to hold any.
    """
    number, drawer = refused.order.number, refused.chain.drawer
    found = evidence.chequebook(refused.bank, drawer, number)
    if found is not None and found[0].time < named.word.receipt.time and named.word.statement == named.statement:
        return _bank_owes(refused, named.word.identity, found[1])
    void = evidence.void_chequebook(refused.bank, drawer, number)
    if void is not None:
        return _drawer_owes(refused, named.word.identity, void)
    words = f"whether the bank gave out number {number}"
    return refused.open(words, Need("sequence", None, drawer, number), _drawer_owes(refused))


def _charged(evidence: Evidence, refused: Refused, named: Held, about: About) -> Iterator[Finding | Missing]:
    """The number was open by that statement: a debit that waits on it is the only reason left to refuse it."""
    number, drawer = refused.order.number, refused.chain.drawer
    for told in evidence.notices_to(refused.bank, drawer):
        if (told.notice.kind, told.notice.number) == (n.CLEARED, number) and told.notice.notice <= about.highest:
            yield from _cleared(evidence, refused, told)
            return
    words = f"whether number {number} was charged already when the cheque was refused"
    wanted = unknown(evidence, named, about)
    if wanted is None:
        yield _bank_owes(refused, named.word.identity)
    else:
        yield refused.open(words, wanted, _drawer_owes(refused))


def _cleared(evidence: Evidence, refused: Refused, told: Told) -> Iterator[Finding]:
    """Another cheque of the drawer's was paid under the number; or this one, and then nothing is owed."""
    try:
        chain = presented_in(told.notice, evidence.key_of)
    except NoCard:
        return  # whether that notice is true is a question of its own
    except BadBytes:
        yield _bank_owes(refused, told.identity)
        return
    if chain.identity != refused.chain.identity:
        yield refused.owed(refused.chain.drawer, "C2", "the number was signed to another too", told.identity)


# --- the funds


def _tells(bounced: n.Notice, refused: Refused) -> bool:
    """Whether it is a ``chequebounced`` to the drawer, about this number."""
    said = (bounced.bank, bounced.party, bounced.kind, bounced.number)
    return said == (refused.bank, refused.chain.drawer, n.BOUNCED, refused.order.number)


def _anothers(bounced: n.Notice, refused: Refused) -> bool:
    """Whether it shows that another presented this very cheque first: the claim is that one's (C2)."""
    try:
        first = read_instrument(bounced.enclosed or b"")
        same_paper = identity_of_body(first.body) == refused.chain.identity
    except BadBytes:
        return False
    return same_paper and bounced.other != refused.creditor


def _shut(evidence: Evidence, refused: Refused, about: About) -> Digest | None:
    """The receipt named, if the number is not open in it: a cheque on such a number is not refused for funds (12.4)."""
    named = evidence.named(refused.bank, about.party, about.digest)
    if named is None or named.statement.block_of(refused.order.number) is not None:
        return None
    return named.word.identity


def _untold(evidence: Evidence, bounced: n.Notice) -> bool:
    """Whether a later receipt of the drawer lists that notice neither as pending nor as taken (C2)."""
    for word in evidence.words_beside(bounced):
        if word.receipt.highest >= bounced.notice:
            pending = any(waits.notice == bounced.notice for waits in word.receipt.pending)
            if not pending and not word.statement.has_taken(bounced.notice):
                return True
    return False


def _lacked(evidence: Evidence, refused: Refused, about: About, bounced: n.Notice) -> Iterator[Finding | Missing]:
    asset, amount = refused.order.asset, refused.order.amount
    lie = _named_early(evidence, refused, about) or _shut(evidence, refused, about)
    if lie is not None:
        yield _bank_owes(refused, lie)
        return
    found = funds(evidence, refused.bank, about, asset, amount, refused.since or bounced.time)
    if found.covered:
        yield _bank_owes(refused, *found.shown)
    elif found.need is None:
        yield _drawer_owes(refused, *found.shown)
    else:
        words = f"whether cheque {refused.order.number} was covered when it was refused"
        yield refused.open(words, found.need, _drawer_owes(refused))
