"""Carrying: what a carrier holds for a wallet or bank is taken in, what they have for others is put out.

One envelope after the other; a bad one is set aside with its reason and the rest goes on. Input is put away only
when what came of it is durable, so that a run cut off anywhere is simply run again (T2).
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from ledgerpost import envelope
from ledgerpost.bank.counter import Reply
from ledgerpost.bank.prepare import Prepared
from ledgerpost.carriers.port import Carrier, Parcel, Unreadable
from ledgerpost.desk.answers import REPLY_LIFE, entropy, handfuls, seal
from ledgerpost.desk.cases import cheating, keep_case
from ledgerpost.desk.crew import Crew, made_ready
from ledgerpost.desk.delivery import Log
from ledgerpost.desk.office import Office
from ledgerpost.desk.purse import Purse
from ledgerpost.desk.trip import Came, Trip
from ledgerpost.desk.worker import Ready
from ledgerpost.errors import BadBytes, Bug, Cheating, LedgerpostError, NoAccount, NotFound, PlaceError, UnknownType
from ledgerpost.papers.agreement import Incomplete
from ledgerpost.papers.instrument import is_instrument
from ledgerpost.sealed import Signer, fingerprint
from ledgerpost.spelling import spell_fingerprint
from ledgerpost.terms import Fingerprint, Moment
from ledgerpost.wallet.account import Account
from ledgerpost.wallet.casefile import Sides, of_contradiction
from ledgerpost.wallet.checks import Contradiction
from ledgerpost.wallet.mail import sort_mail
from ledgerpost.wallet.reading import take_in
from ledgerpost.wallet.restored import bring, declare
from ledgerpost.wallet.writing import has_something_to_say, knock_anew, may_write

BATCH = 64
"""Envelopes a bank answers between two commits."""

# --- a party's side


def carry_wallet(
    purse: Purse, signer: Signer, carrier: Carrier, now: Moment, progress: Callable[[int], None] = lambda count: None
) -> list[Trip]:
    """Take in all mail for this wallet, then put out a letter to each bank that something is to be said to."""
    trips = {account.bank.bank: Trip(account.bank.name, carrier.where, account=account) for account in purse.accounts()}
    log = Log(carrier, signer, now)
    for count, found in enumerate(collected(carrier, signer.fingerprint), 1):
        bank, came = _take_parcel(purse, signer, carrier, found)
        trips.setdefault(bank, Trip("?", carrier.where)).meet(came)
        if isinstance(found, Parcel) and came.is_taken:
            log.add(found.raw)
        progress(count)
    log.leave()
    for account in purse.accounts():
        _put_out(purse, account, signer, carrier, now, trips[account.bank.bank])
    return list(trips.values())


_NOBODY = Fingerprint(b"")


def collected(carrier: Carrier, who: Fingerprint) -> Iterator[Parcel | Unreadable]:
    """What lies there for a fingerprint."""
    return carrier.collect(spell_fingerprint(who))


def _take_parcel(
    purse: Purse, signer: Signer, carrier: Carrier, found: Parcel | Unreadable
) -> tuple[Fingerprint, Came]:
    if isinstance(found, Unreadable):
        return _NOBODY, _bad(carrier, found.name, found.error)
    bank = _NOBODY
    try:
        inside = envelope.unpack(found.raw, signer.seed, signer.fingerprint)
        bank = fingerprint(inside.sender) if inside.sender else _NOBODY
        account = next((each for each in purse.accounts() if each.bank.key == inside.sender), None)
        if account is None and not purse.accounts():
            error = NotFound("from a bank where this wallet has no account yet", do="ledgerpost open CARD, then carry")
            return bank, Came(found.name, "left", error.at(found.name))
        if account is None:
            raise UnknownType("from a sender where this wallet has no account", do="open the account first")
        return bank, _take_mail(purse, account, carrier, found.name, inside.messages)
    except BadBytes as error:
        return bank, _bad(carrier, found.name, _misplaced(found.raw) or error)


def _take_mail(purse: Purse, account: Account, carrier: Carrier, name: str, messages: tuple[bytes, ...]) -> Came:
    try:
        after, news = take_in(account, sort_mail(account, messages))
    except Contradiction as error:
        error.at(name)
        sides = Sides(purse.own_card(account.bank.bank), purse.contracts(), {})
        write_case(purse.seat.folder, error, of_contradiction(account, sides, error.evidence, messages))
        return Came(name, "cheating", error)
    except (Cheating, Incomplete) as error:
        return Came(name, "left", error.at(name))
    purse.learn(*news.contracts.values())
    purse.save(account, after)  # if our own disk fails, this wallet writes no letter as if the mail had not come
    try:
        carrier.finish(name)
    except PlaceError as error:
        return _bad(carrier, name, error)
    return Came(name, "done" if news.adopted or news.notices else "repeated", news=news)


def _put_out(purse: Purse, account: Account, signer: Signer, carrier: Carrier, now: Moment, trip: Trip) -> None:
    account = purse.save(account, knock_anew(account, now))
    if has_something_to_say(account):
        if may_write(account):
            account = purse.write(account, signer, now)
        else:
            trip.waits = f"{len(account.letters)} letters wait for the bank's receipt before another may be written"
    account = purse.save(account, declare(account, signer, now))
    trip.account = account
    brought = bring(account, purse.contracts().values())
    if brought and not trip.waits:
        trip.waits = "the bank lost its books: this envelope brings it what it needs, and its answer comes after that"
    name = _deliver_letters(account, brought, signer, carrier, now) if account.letters else None
    if name:
        trip.put(name)
    _clear_answered(purse, account, carrier, name)


def _deliver_letters(
    account: Account, brought: tuple[bytes, ...], signer: Signer, carrier: Carrier, now: Moment
) -> str:
    raw = envelope.pack(
        (*account.letters, *brought),
        sender=signer.key,
        recipient=account.bank.key,
        until=max(letter.not_after for letter in account.written),
        entropy=entropy(signer),
    )
    return carrier.deliver(spell_fingerprint(account.bank.bank), raw)


def _clear_answered(purse: Purse, account: Account, carrier: Carrier, newest: str | None) -> None:
    """Take back envelopes put out before: their letters are answered, or lie in the newest one too."""
    old = [name for name in purse.sent(account.bank.bank) if name != newest]
    for name in old:
        with suppress(PlaceError):  # a stick that can't be tidied is no reason to stop; the next run tries again
            carrier.finish(name)
    names = (*old[-8:], newest) if newest else tuple(old[-8:])
    if names != purse.sent(account.bank.bank):
        purse.remember_sent(account.bank.bank, names)


def write_case(folder: Path, error: Contradiction, documents: tuple[bytes, ...] = ()) -> Path:
    """Keep the evidence of a contradiction, or ``documents`` that have it and more, and say where."""
    files = keep_case(folder, documents or error.evidence)
    error.do = f"keep {' and '.join(map(str, files))} and show it to a judge"
    return files[0]


# --- the bank's side


def carry_bank(
    office: Office,
    signer: Signer,
    carrier: Carrier,
    now: Moment,
    progress: Callable[[int], None] = lambda count: None,
    *,
    brief: bool = False,
    crew: Crew | None = None,
) -> Trip:
    """Answer every envelope for this bank: commit a batch, put out its answers, then put the input away.

    ``brief``: keep only what is to be told singly, so that memory does not grow with the envelopes. ``crew``: who
    opens and verifies beside the rules; without one it is done here. What comes of it is the same, byte for byte.
    """
    trip = Trip(office.seat.name, carrier.where, brief=brief)
    log = Log(carrier, signer, now)
    found = collected(carrier, signer.fingerprint)
    batches = iter(lambda: list(islice(found, BATCH)), [])
    for batch in made_ready(batches, signer, crew):
        _answer_batch(office, signer, carrier, now, batch, trip, log)
        progress(trip.met)
    trip.crew = crew.trouble if crew else ""
    log.leave()
    office.tidy()
    return trip


def _answer_batch(
    office: Office,
    signer: Signer,
    carrier: Carrier,
    now: Moment,
    batch: list[tuple[Parcel | Unreadable, Ready]],
    trip: Trip,
    log: Log,
) -> None:
    good: list[tuple[Parcel, Prepared]] = []
    for found, ready in batch:
        if isinstance(found, Parcel) and isinstance(ready, Prepared):
            good.append((found, ready))
        elif isinstance(ready, LedgerpostError):
            clearer = _misplaced(found.raw) if isinstance(found, Parcel) and isinstance(ready, BadBytes) else None
            trip.meet(_bad(carrier, found.name, clearer or ready))
    answered: list[tuple[Parcel, Reply]] = []
    for parcel, reply in _judged(office, signer, now, good):
        if isinstance(reply, Bug):
            trip.meet(Came(parcel.name, "left", reply.at(parcel.name)))
        else:
            answered.append((parcel, reply))
    for some in handfuls(answered):
        _put_away(office, signer, carrier, now, some, trip, log)


def _put_away(
    office: Office,
    signer: Signer,
    carrier: Carrier,
    now: Moment,
    some: list[tuple[Parcel, Reply]],
    trip: Trip,
    log: Log,
) -> None:
    """Answers are on the medium before any envelope that they answer goes (T2)."""
    until = now + REPLY_LIFE
    sealed = [
        (spell_fingerprint(reply.party), raw)
        for _, reply in some
        for raw in seal(reply.messages, signer, reply.to, until)
    ]
    trip.put(*carrier.deliver_all(sealed))
    carrier.finish_all(parcel.name for parcel, reply in some if reply.messages)
    for parcel, reply in some:
        came = _answered(carrier, office.seat.folder, parcel.name, reply)
        trip.meet(came)
        trip.answered(reply)
        if came.is_taken:
            log.add(parcel.raw)


def _judged(
    office: Office, signer: Signer, now: Moment, good: list[tuple[Parcel, Prepared]]
) -> Iterator[tuple[Parcel, Reply | Bug]]:
    """What becomes of each, committed. One that the rules stumble over is found by halving, and waits where it lies."""
    if not good:
        return
    parcels, prepared = zip(*good, strict=True)
    try:
        replies = office.judge(prepared, signer, now).replies
    except LedgerpostError:
        raise
    except Exception as fault:
        if len(good) == 1:
            yield parcels[0], Bug.of(fault)
            return
    else:
        yield from zip(parcels, replies, strict=True)
        return
    half = len(good) // 2
    yield from _judged(office, signer, now, good[:half])
    yield from _judged(office, signer, now, good[half:])


def _answered(carrier: Carrier, folder: Path, name: str, reply: Reply) -> Came:
    if not reply.messages:
        error = NoAccount(reply.why).at(name)
        carrier.set_aside(name, f"{error.what}. {error.do}")
        return Came(name, "refused", error)
    proven = cheating(reply.proofs, folder)
    return Came(name, "done" if reply.answered else "repeated", proven and proven.at(name))


def _bad(carrier: Carrier, name: str, error: LedgerpostError) -> Came:
    """Out of the way with its reason; what the place is at fault for stays where it is."""
    error.at(name)
    error.__traceback__ = error.__cause__ = error.__context__ = None  # its frames hold the bytes, and a run is long
    if isinstance(error, PlaceError | Bug):
        return Came(name, "left", error)
    carrier.set_aside(name, f"{error.what}. {error.do}")
    return Came(name, "set-aside", error)


def _misplaced(raw: bytes) -> BadBytes | None:
    """What to say where somebody put a cheque or certificate among the mail; None for anything else."""
    try:
        messages = (raw,) if is_instrument(raw) else envelope.unpack(raw).messages
    except BadBytes:
        return None
    if not any(map(is_instrument, messages)):
        return None
    do = "whoever it is for checks and queues it, from the folder set-aside here: ledgerpost take FILE"
    return UnknownType("a cheque or certificate, which does not travel as mail", do=do)
