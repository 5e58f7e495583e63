"""A courier's turn at a place: what others should get is taken along, and what was taken along is handed on.

Only sealed mail is taken, only by agreement, and it is given up only on the recipient's own signed word or when its
time is over (D1-D4). From a place a courier clears away only what is long past its end, or lay there well before its
recipient's word: whoever puts it there again waits for an answer. Opens no envelope but words of delivery.
"""

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final

from ledgerpost import envelope
from ledgerpost.carriers.faults import naming, unshown
from ledgerpost.carriers.folder import SUFFIX, TREE, FolderCarrier
from ledgerpost.carriers.port import Parcel
from ledgerpost.desk.delivery import COURIERS, MAX_WORD, MOST_WORDS, Board, Said, digest, read_board
from ledgerpost.desk.spool import Agreement, Held, Spool
from ledgerpost.errors import BadBytes, LedgerpostError, Mistyped, PlaceError
from ledgerpost.spelling import read_fingerprint
from ledgerpost.terms import Digest, Fingerprint, Moment

MOST_LOOKED: Final = 50_000
"""Envelopes that one visit looks at."""

GRACE: Final = 7 * 86400
"""Seconds past its end after which a courier clears mail away from a place: clocks differ."""

CLEAR_AFTER: Final = 86400
"""Seconds that mail must have lain at a place before its recipient's word, for a courier to clear it away."""

RESERVE: Final = 64 << 20
"""Bytes of a place, but at most a quarter of it, that couriers leave free for those whose mail it is."""

_MOST_FAULTS = 8
_DAY = 86400


@dataclass(frozen=True, slots=True)
class Carried:
    """One envelope; ``result``: ``taken-along``, ``handed-on``, ``dropped``, ``cleared`` or ``left``, and why."""

    file: str
    result: str
    why: str = ""


@dataclass(slots=True)
class Visit:
    """What a courier did at one place."""

    where: str
    carried: list[Carried] = field(default_factory=list)
    errors: list[LedgerpostError] = field(default_factory=list)

    def add(self, file: str, result: str, why: str = "") -> None:
        """One more envelope."""
        self.carried.append(Carried(file, result, why))

    def count(self, result: str, why: str | None = None) -> int:
        """Envelopes with this result, for this reason if one is given."""
        return sum(each.result == result and why in (None, each.why) for each in self.carried)


@dataclass(frozen=True, slots=True)
class Round:
    """What holds for one visit. ``own``: whose mail is not for couriers here; ``ours``: files put out by this home."""

    spool: Spool
    carrier: FolderCarrier
    now: Moment
    own: frozenset[Fingerprint] = frozenset()
    ours: frozenset[str] = frozenset()


def carry_spool(this: Round, visit: Visit, progress: Callable[[int], None] = lambda count: None) -> None:
    """Read the words of delivery, give up what is done, take along, hand on, pass the words on. Fills ``visit``.

    Raises StoreBusy where another command carries for this spool, NotFound and PlaceError as carriers do; what was
    done until then stands in ``visit``, and the next run goes on from there.
    """
    with this.spool.locked():
        mine = read_board(this.spool.carrier, this.now, visit.errors)
        theirs = read_board(replace(this.carrier, limit=MAX_WORD), this.now, visit.errors)
        work = _Work(this, visit, mine.index() | theirs.index(), progress)
        done = work.done_with()
        _keep(this.spool, mine, theirs, work.used)  # before: a run cut off would not meet the word's mail again
        work.give_up(done)
        work.take_along()
        _keep(this.spool, mine, theirs, work.used)
        work.hand_on()
        for raw in mine.words:
            if raw not in theirs.words:
                this.carrier.deliver(COURIERS, raw)
        theirs.renew(this.carrier, this.now)


def _keep(spool: Spool, mine: Board, theirs: Board, used: set[bytes]) -> None:
    """Keep those words met here that named mail of ours: the next place may have need of them."""
    for raw in sorted(used - set(mine.words))[: max(MOST_WORDS - len(mine.words), 0)]:
        spool.carrier.deliver(COURIERS, raw)
        mine.words[raw] = theirs.words[raw]


class _Work:
    """One visit at work: what the spool holds, what was met at the place, which words were of use."""

    def __init__(
        self,
        this: Round,
        visit: Visit,
        known: Mapping[tuple[Fingerprint, Digest], Said],
        progress: Callable[[int], None],
    ) -> None:
        self._this, self._visit, self._known, self._progress = this, visit, known, progress
        self._agreement = this.spool.agreement()
        self._held = {each.name: each for each in this.spool.held()}
        self._bytes = sum(each.size for each in self._held.values())
        self._there: set[str] = set()
        self._seen = 0
        self.used: set[bytes] = set()

    # --- giving up

    def done_with(self) -> list[tuple[Held, str]]:
        """What its recipient has, what is past its end, and what was here too long; each with the reason."""
        judged = [(held, self._why(held)) for held in self._held.values()]
        return [(held, why) for held, why in judged if why]

    def give_up(self, done: list[tuple[Held, str]]) -> None:
        """Drop it from the spool."""
        for held, why in done:
            self._this.spool.drop(held)
            self._bytes -= held.size
            del self._held[held.name]
            self._visit.add(held.name, "dropped", why)

    def _why(self, held: Held) -> str:
        raw = self._this.spool.read(held)
        return "gone" if raw is None else self._over(held, raw)

    def _over(self, held: Held, raw: bytes) -> str:
        try:
            until = envelope.look(raw).until
        except BadBytes:
            return "damaged"  # on this computer's own disk: half of it is of use to nobody
        if self._word_of(held.mailbox, raw) is not None:
            return "delivered"
        days = self._agreement.days if self._agreement else Agreement().days
        if until and until < self._this.now:
            return "expired"
        return "too old" if held.since + days * _DAY < self._this.now else ""

    def _word_of(self, mailbox: str, raw: bytes) -> Said | None:
        word = self._known.get((read_fingerprint(mailbox), digest(raw)))
        if word is not None:
            self.used.add(word.raw)
        return word

    # --- taking along

    def take_along(self) -> None:
        """Look through the place's mailboxes of others, and take along what the agreement allows."""
        for mailbox in self._this.carrier.mailboxes():
            if not _is_for_others(mailbox, self._this.own):
                continue
            try:
                self._look_through(mailbox)
            except PlaceError as error:  # this mailbox cannot be entered; others may be
                self._fault(error)

    def _look_through(self, mailbox: str) -> None:
        for found in islice(self._this.carrier.collect(mailbox), MOST_LOOKED - self._seen):
            self._seen += 1
            self._progress(self._seen)
            if isinstance(found, Parcel):
                self._meet(mailbox, found)
            elif isinstance(found.error, PlaceError):
                self._fault(found.error)
            else:
                self._visit.add(found.name, "left", "unreadable")

    def _fault(self, error: PlaceError) -> None:
        if len(self._visit.errors) >= _MOST_FAULTS:
            raise error
        self._visit.errors.append(error)

    def _meet(self, mailbox: str, found: Parcel) -> None:
        """One envelope that lies at the place for somebody else."""
        name = f"{TREE}/{mailbox}/{digest(found.raw).hex()[:32]}{SUFFIX}"
        if found.name == name:
            self._there.add(name)
        if self._agreement is None or name in self._held or found.name in self._this.ours:
            return
        why = self._unfit(mailbox, found.raw)
        if why in ("long expired", "delivered") and self._may_clear(mailbox, found):
            self._this.carrier.finish(found.name)
            self._visit.add(found.name, "cleared", why)
        elif why:
            self._visit.add(found.name, "left", why)
        else:
            self._held[name] = self._this.spool.take(mailbox, found.raw, self._this.now)
            self._bytes += len(found.raw)
            self._visit.add(found.name, "taken-along")

    def _may_clear(self, mailbox: str, found: Parcel) -> bool:
        """Past its end; or its recipient has it, and nobody put it there again since, for want of an answer."""
        word = self._word_of(mailbox, found.raw)
        return word is None or self._put_at(found.name) + CLEAR_AFTER < word.time

    def _put_at(self, name: str) -> Moment:
        """When a file was put at the place, as far as the place tells; now, if it does not."""
        try:
            return int(os.lstat(self._this.carrier.place / unshown(name)).st_mtime)
        except OSError:
            return self._this.now

    def _unfit(self, mailbox: str, raw: bytes) -> str:
        """Why an envelope is not taken along; "" if it is."""
        try:
            outside = envelope.look(raw)
        except BadBytes:
            return "unreadable"
        if outside.kind != "sealed" or outside.recipient != read_fingerprint(mailbox):
            return "not sealed mail for this mailbox"
        if outside.until and outside.until < self._this.now:
            return "long expired" if outside.until + GRACE < self._this.now else "expired"
        if self._word_of(mailbox, raw) is not None:
            return "delivered"
        limits = self._agreement
        full = limits is not None and (len(self._held) >= limits.envelopes or self._bytes + len(raw) > limits.bytes)
        return "spool full" if full else ""

    # --- handing on

    def hand_on(self) -> None:
        """Put what the spool holds at the place, as long as there is room enough for others' answers."""
        for held in sorted(self._held.values(), key=lambda each: each.name):
            self._seen += 1
            self._progress(self._seen)
            if held.name in self._there:
                continue
            if _room(self._this.carrier) < held.size:
                self._visit.add(held.name, "left", "place nearly full")
            elif (raw := self._this.spool.read(held)) is not None:
                self._this.carrier.deliver(held.mailbox, raw)
                self._visit.add(held.name, "handed-on")


def _is_for_others(mailbox: str, own: frozenset[Fingerprint]) -> bool:
    try:
        return read_fingerprint(mailbox) not in own and mailbox == mailbox.lower()
    except Mistyped:
        return False


def _room(carrier: FolderCarrier) -> int:
    """Bytes that couriers may still fill at a place."""
    with naming(carrier.place):
        usage = shutil.disk_usage(carrier.place)
    return usage.free - min(usage.total // 4, RESERVE)
