"""Writing letters: the owner's wishes and what can be taken in become orders; the result is foreseen and signed (L1).

The caller stores the returned account durably before any byte of the letter leaves (L7).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from ledgerpost.errors import Denied
from ledgerpost.papers import notice as n
from ledgerpost.papers.agreement import retrace
from ledgerpost.papers.createaccount import CreateAccount
from ledgerpost.papers.dropnotices import DropNotices
from ledgerpost.papers.getsequence import GetSequence
from ledgerpost.papers.letter import AHEAD, Letter, Seen
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.order import Order
from ledgerpost.papers.spendto import SpendTo
from ledgerpost.papers.stopcheque import StopCheque
from ledgerpost.papers.takein import TAKE_INS, ConfirmRecoveredCertificate, ConfirmWithdrawn, TakeIn
from ledgerpost.sealed import Signer, identity_of, read
from ledgerpost.statement import Block, Inapplicable, Span, Statement, digest_of
from ledgerpost.terms import Digest, Moment
from ledgerpost.wallet.account import Account, Wish, drawable
from ledgerpost.wallet.composer import Composer
from ledgerpost.wallet.restored import is_wanted
from ledgerpost.wallet.wishes import build

FEW_NUMBERS = 5
"""With fewer open numbers than this left, the next letter orders more."""

MANY_NUMBERS = 20


def may_write(account: Account) -> bool:
    """Whether one more letter keeps within L5's limit; a wallet at the limit waits for its receipts.

    A letter on top of the newest receipt always may. Else the older of base and held receipt counts, as the
    bank will count it at worst.
    """
    if not account.letters:
        return True
    held = account.held
    if held is None:
        return len(account.letters) < AHEAD
    first = account.written[0]
    base = retrace(held, account.parts, account.key, account.terms_of).base.seq
    safe = account.statement.seq if first.seen.seq == account.statement.seq == first.seq - 1 else base
    return account.statement.seq + len(account.letters) + 1 - safe <= AHEAD


def has_something_to_say(account: Account) -> bool:
    """Whether a letter would change or confirm anything: wishes, notices to take in, a statement not yet agreed."""
    if account.fresh is not None:
        return not account.letters
    if is_wanted(account) and not account.letters:
        return True
    if account.wishes or any(True for _ in _confirmations(account, account.coming)):
        return True
    held = account.held
    if held is None or account.letters:
        return False
    return held.base.statement != digest_of(held.statement) or _wants_numbers(account, account.coming)


def knock_anew(account: Account, now: Moment) -> Account:
    """Past its time a first letter can open nothing any more, and gets no receipt (L6): another is to be written.

    Like a restored wallet's, for the bank may have answered the old one all the same (L9). What stood in the old
    letters is dropped. Any other account is returned as it is.
    """
    if account.receipt is not None or not account.letters or now <= account.written[0].not_after:
        return account
    return replace(account, letters=(), fresh=frozenset(), wishes=()).wish(Wish(0, CreateAccount.TYPE))


def write_letter(account: Account, signer: Signer, now: Moment, nonce: bytes) -> Account:
    """The account with one more letter: everything that can be taken in, and every wish that fits.

    ``now`` is the wallet's clock, ``nonce`` 16 random bytes. A restored wallet writes an empty letter (L9).
    Raises Denied at L5's limit.
    """
    if not may_write(account):
        raise Denied(
            f"{len(account.letters)} letters wait for the bank's receipt",
            do="carry them to the bank and bring its answer",
        )
    now = max(now, account.time)
    seq = account.statement.seq + len(account.letters) + 1
    composer = Composer(account, seq, now, account.coming)
    if account.fresh is None:
        for order, wish in _orders(account, seq, now):
            composer = _try(composer, order, signer, wish)
    elif account.receipt is None:
        composer = _opening(composer, signer)
    return _close(composer, signer, nonce)


def _opening(composer: Composer, signer: Signer) -> Composer:
    """A restored wallet without receipt knocks with ``createaccount``: an account that exists answers all the same."""
    wish = next((each for each in composer.account.wishes if each.order == CreateAccount.TYPE), None)
    if wish is None or composer.seq != 1:
        return composer
    return _try(composer, _builder(wish), signer, wish)


Build = Callable[[Composer, Signer], Order]


def _try(composer: Composer, make: Build, signer: Signer, wish: Wish | None) -> Composer:
    """Add an order if the statement it meets can take it; else leave the wish for another letter."""
    try:
        return composer.add(make(composer, signer), signer, wish)
    except Inapplicable:
        return composer


def _orders(account: Account, seq: int, now: Moment) -> Iterator[tuple[Build, Wish | None]]:
    """What the letter asks, in order: opening, taking in, numbers, wishes."""
    opening = [wish for wish in account.wishes if wish.order == CreateAccount.TYPE]
    for wish in opening[:1]:
        yield _builder(wish), wish
    for order in _confirmations(account, account.coming):
        yield _constant(order), None
    yield _drop_dead, None
    yield _stop_ended, None
    if _wants_numbers(account, account.coming) or opening:
        yield _order_numbers, None
    for wish in account.wishes:
        if wish not in opening:
            yield _builder(wish), wish


def _builder(wish: Wish) -> Build:
    return lambda composer, signer: build(composer, wish, signer)


def _constant(order: Order) -> Build:
    return lambda composer, signer: order


def _wants_numbers(account: Account, statement: Statement) -> bool:
    """Too few numbers left to draw, and the terms allow more: what ``carry`` orders by itself."""
    if account.receipt is None or not _room(account, statement):
        return False
    spends = sum(wish.order == SpendTo.TYPE for wish in account.wishes)
    return (
        sum(1 for _ in zip(drawable(account, statement), range(FEW_NUMBERS + spends), strict=False))
        < FEW_NUMBERS + spends
    )


def _room(account: Account, statement: Statement) -> int:
    """How many numbers to order at most: one more than the terms allow is refused, and nothing is ever agreed."""
    still = sum(block.last - block.first + 1 for block in statement.numbers)
    return max(0, min(MANY_NUMBERS, account.conditions.most_numbers - still))


def _order_numbers(composer: Composer, signer: Signer) -> Order:
    count = _room(composer.account, composer.statement)
    if not count:
        raise Inapplicable("the terms allow no more open numbers")
    return GetSequence(count, composer.now + composer.account.conditions.number_life // 2)


def _stop_ended(composer: Composer, signer: Signer) -> Order:
    """Numbers that have ended by the bank's own clock can never be charged: closing them makes room (N2, N5).

    Not by the wallet's: one that runs ahead would stop numbers whose cheques are still good.
    """
    account = composer.account
    held = account.held
    charged = {each.number for each in account.waiting if each.kind in n.ON_NUMBERS}
    blocks = [block for block in composer.statement.numbers if held is not None and block.until < held.time]
    spans = _joined(block for block in blocks if not charged & {*range(block.first, block.last + 1)})
    if not spans:
        raise Inapplicable("no number has ended")
    return StopCheque(account.bank.bank, composer.seq, spans[:256])


def _joined(blocks: Iterable[Block]) -> tuple[Span, ...]:
    """Rising ranges; blocks side by side are one."""
    spans: list[Span] = []
    for first, last, _ in blocks:
        before = spans.pop() if spans and spans[-1].last + 1 == first else None
        spans.append(Span(before.first if before else first, last))
    return tuple(spans)


_TAKE_INS: dict[str, type[TakeIn]] = {kind.KIND: kind for kind in TAKE_INS}


def _confirmations(account: Account, statement: Statement) -> Iterator[Order]:
    """Notices that only report what is done already; money that comes in waits for the owner's word.

    One that the newest receipt counts and does not list is over: to confirm it would be refused.
    """
    for each in account.waiting:
        if statement.has_taken(each.notice) or not _waits(account, each.notice):
            continue
        if each.kind in _TAKE_INS and _applies(each, statement):
            yield _TAKE_INS[each.kind](each.notice, each.number, each.asset, each.amount)
        elif each.kind == n.RECOVERED:
            yield ConfirmRecoveredCertificate(each.notice, each.number, each.asset, each.amount, each.earlier)
        elif each.kind == n.WITHDRAWN:
            yield ConfirmWithdrawn(each.notice, each.number, each.asset, each.amount, each.earlier)


def _applies(notice: Notice, statement: Statement) -> bool:
    """A closing needs its outstanding spend, a cleared cheque its open number."""
    if notice.kind in n.CLOSING:
        return statement.spend(notice.number) is not None
    return notice.kind != n.CLEARED or statement.block_of(notice.number) is not None


def _waits(account: Account, notice: int) -> bool:
    """Whether the bank still lists the notice, as far as the newest receipt tells."""
    held = account.held
    return held is None or notice > held.highest or any(waits.notice == notice for waits in held.pending)


def _drop_dead(composer: Composer, signer: Signer) -> Order:
    spans = dead_notices(composer.account, composer.statement)
    if not spans:
        raise Inapplicable("no notice to drop")
    return DropNotices(spans)


def dead_notices(account: Account, statement: Statement) -> tuple[Span, ...]:
    """Notices that the newest receipt counts and does not list as pending, and that are not taken in yet (L2).

    A spend that this wallet was told of and whose time is not over is left out: it may be wanted as evidence.
    """
    held = account.held
    if held is None:
        return ()
    alive = {waits.notice for waits in held.pending}
    alive |= {each.notice for each in account.waiting if each.kind == n.RECEIPT and each.until >= held.time}
    spans, start = [], 1
    for first, last in sorted((*statement.taken, *(Span(number, number) for number in alive), _after(held.highest))):
        end = min(first - 1, held.highest)
        if start <= end:
            spans.append(Span(start, end))
        start = max(start, last + 1)
    return tuple(spans[:256])


def _after(highest: int) -> Span:
    return Span(highest + 1, highest + 1)


def _close(composer: Composer, signer: Signer, nonce: bytes) -> Account:
    account = composer.account
    expect = replace(composer.statement, seq=composer.seq, salt=nonce)
    letter = Letter(
        account.bank.bank,
        composer.seq,
        _previous(account),
        Seen(account.statement.seq, digest_of(account.statement.encode())),
        account.current,
        composer.now + account.conditions.letter_life,
        nonce,
        digest_of(expect.encode()),
        composer.orders,
    )
    raw = letter.sign(signer)
    fresh = None if account.fresh is None else account.fresh | {identity_of(read(raw))}
    return replace(
        account,
        letters=(*account.letters, raw),
        wishes=tuple(wish for wish in account.wishes if wish.id not in composer.granted),
        fresh=fresh,
        signed={**account.signed, **dict(composer.signed)},
        items={**account.items, **dict(composer.presented)},
    )


def _previous(account: Account) -> Digest | None:
    if account.letters:
        return identity_of(read(account.letters[-1]))
    held = account.held
    return None if held is None else held.answers[-1].letter
