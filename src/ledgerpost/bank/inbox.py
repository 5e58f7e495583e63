"""The notices that wait for one party: read from the records as far as anybody asks, changed in memory and drafts.

Another's letter asks for those under one number and adds one, whatever waits there else; the party's own letter asks
for all. So what others do to a party costs the same with ten notices waiting and with ten thousand.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from ledgerpost.bank.drafts import Drafts
from ledgerpost.bank.keys import Key, notice_key, notices_key, sender_key, senders_key
from ledgerpost.bank.records import NoticeRecord, read_record, write_record
from ledgerpost.papers import notice as n
from ledgerpost.papers.kinds import Pending
from ledgerpost.terms import Amount, Digest, Fingerprint, Number

INCOMING = (n.RECEIPT, n.WITHDRAWN)
"""Kinds that count against the caps of O7."""


class Records(Protocol):
    """Held records, or a snapshot."""

    def under(self, prefix: Key) -> Iterator[tuple[Key, bytes]]:
        """Every record whose key starts so, in key order."""
        ...


def waiting(records: Records, party: Fingerprint, number: Number | None = None) -> Iterator[NoticeRecord]:
    """Every notice that waits for the party, or those under one number, by number and then by notice."""
    for key, raw in records.under(notices_key(party, number)):
        yield read_record(NoticeRecord, raw, key)


@dataclass(slots=True)
class Inbox:
    """One party's. Whoever holds the party's account holds all of it."""

    drafts: Drafts
    party: Fingerprint
    _rows: dict[int, NoticeRecord] = field(default_factory=dict)
    """Those read or made so far, by notice; all of them, in order, once ``_whole``."""
    _gone: set[int] = field(default_factory=set)
    _numbers: dict[Number, list[NoticeRecord]] = field(default_factory=dict)
    """The same by number; a number that is missing was not looked at yet, unless ``_whole``."""
    _senders: dict[Fingerprint, int] = field(default_factory=dict)
    _whole: bool = False

    def all(self) -> list[Pending]:
        """What waits, by notice."""
        if not self._whole:
            kept = {each.notice: each for each in waiting(self.drafts.shelf, self.party)} | self._rows
            self._rows = {notice: kept[notice] for notice in sorted(kept) if notice not in self._gone}
            self._numbers = {}
            for each in self._rows.values():
                self._numbers.setdefault(each.pending.number, []).append(each)
            self._whole = True
        return [each.pending for each in self._rows.values()]

    def waits(self, notice: int) -> NoticeRecord | None:
        """The one of that number, with its bytes."""
        if notice not in self._rows:
            self.all()
        return self._rows.get(notice)

    def find(
        self, number: Number, other: Fingerprint | None, kinds: tuple[str, ...], units: tuple[Digest, Amount] | None
    ) -> Pending | None:
        """The first of one of the kinds about that number of ``other``, and of ``units`` (None: of any)."""
        for each in self._under(number):
            about = each.pending
            if about.kind in kinds and other in (None, about.other) and units in (None, (about.asset, about.amount)):
                return about
        return None

    def sent_by(self, sender: Fingerprint) -> int:
        """Spends of that sender that wait, or wait to be seen withdrawn (O7)."""
        if sender not in self._senders:
            self._senders[sender] = sum(1 for _ in self.drafts.shelf.under(senders_key(self.party, sender)))
        return self._senders[sender]

    def add(self, about: Pending, raw: bytes) -> None:
        """One more waits; ``raw`` is the notice as signed."""
        record = NoticeRecord(about, raw)
        rows = self._under(about.number)
        rows.append(record)
        rows.sort(key=_notice)  # after a loss, older ones come back
        self._gone.discard(about.notice)
        if self._whole and self._rows and next(reversed(self._rows)) > about.notice:
            self._rows = dict(sorted({**self._rows, about.notice: record}.items()))
        self._rows[about.notice] = record
        self._count(about, 1)
        self.drafts.new[notice_key(self.party, about.number, about.notice)] = write_record(record)

    def drop(self, about: Pending) -> None:
        """It waits no longer, and is forgotten."""
        rows = self._under(about.number)
        self._rows.pop(about.notice, None)
        self._gone.add(about.notice)
        rows[:] = [each for each in rows if each.notice != about.notice]
        self._count(about, -1)
        self.drafts.new[notice_key(self.party, about.number, about.notice)] = None

    def _under(self, number: Number) -> list[NoticeRecord]:
        rows = self._numbers.get(number)
        if rows is None:
            found = () if self._whole else waiting(self.drafts.shelf, self.party, number)
            rows = self._numbers[number] = list(found)
            self._rows |= {each.notice: each for each in rows}
        return rows

    def _count(self, about: Pending, more: int) -> None:
        if about.kind in INCOMING and about.other is not None:
            self._senders[about.other] = self.sent_by(about.other) + more
            self.drafts.new[sender_key(self.party, about.other, about.notice)] = b"\x01" if more > 0 else None


def _notice(record: NoticeRecord) -> int:
    return record.notice
