"""What ``carry`` and ``bank desk`` tell of a trip: lines for people, rows for ``--json``."""

from typing import Any

from ledgerpost.cli.talk import Talk
from ledgerpost.cli.words import Book, notice_text, order_text, result_text
from ledgerpost.desk.courier import Visit
from ledgerpost.desk.purse import Purse, is_agreed
from ledgerpost.desk.trip import Came, Trip, tally
from ledgerpost.errors import Refusal
from ledgerpost.spelling import printable, spell_day, spell_fingerprint
from ledgerpost.wallet.account import Account
from ledgerpost.wallet.reading import News, refusals


def tell_trip(talk: Talk, purse: Purse, trip: Trip, book: Book) -> None:
    """What came and went for a wallet at one bank."""
    news = [each.news for each in trip.came if each.news is not None]
    at = f" at {printable(trip.owner, 64)}" if trip.account else ""
    talk.say(f"{trip.where}   '{purse.seat.name}'{at}")
    talk.say(f"  came: {_came(trip, news)}   went: {_went(trip)}")
    for each in news:
        for seq, order, code in refusals(each):
            talk.say(f"  letter {seq}: {order_text(book, order)}: {result_text(code)}")
        for notice in each.notices:
            talk.say(f"  {notice_text(book, notice)}")
    if trip.waits:
        talk.say(f"  {trip.waits}")
    if trip.account is not None:
        talk.say(f"  {_agreed(trip.account, book)}")
    tell_troubles(talk, trip)
    if talk.json:
        talk.item(**_trip_row(purse, trip, book, news))


def _came(trip: Trip, news: list[News]) -> str:
    seqs = [str(each.letter.seq) for one in news for each in one.answered]
    receipts = sum(one.adopted for one in news)
    notices = sum(len(one.notices) for one in news)
    parts = [
        f"{count(receipts, 'receipt')} (letter {', '.join(seqs)})" if receipts else "",
        count(notices, "notice") if notices else "",
        f"{trip.count('repeated')} known before" if trip.count("repeated") else "",
    ]
    return ", ".join(part for part in parts if part) or "nothing"


def _went(trip: Trip) -> str:
    if not trip.went or trip.account is None:
        return "nothing"
    seqs = [str(letter.seq) for letter in trip.account.written]
    return f"{count(len(seqs), 'letter')} ({', '.join(seqs)})"


def count(number: int, word: str) -> str:
    """``1 letter``, ``2 letters``, ``1,204 letters``."""
    return f"{number:,} {word}" + ("" if number == 1 else "s")


def _agreed(account: Account, book: Book) -> str:
    held = account.held
    if held is None:
        return "The bank's first receipt is still to come."
    word = "Agreed with the bank to" if is_agreed(account) else "The bank's word of"
    return f"{word} {spell_day(held.time)}: {book.balances(account.statement.balances)}"


def tell_troubles(talk: Talk, trip: Trip) -> None:
    """Every envelope that was bad, with its reason."""
    for each in trip.came:
        if each.error is not None:
            talk.trouble(each.error.at(each.file))


def _came_row(came: Came) -> dict[str, Any]:
    return {"file": came.file, "result": came.result, "error": came.error and came.error.code}


def _trip_row(purse: Purse, trip: Trip, book: Book, news: list[News]) -> dict[str, Any]:
    return {
        "kind": "wallet",
        "wallet": purse.seat.name,
        "bank": trip.account and spell_fingerprint(trip.account.bank.bank),
        "bank_name": trip.account and trip.owner,
        "place": trip.where,
        "came": [_came_row(each) for each in trip.came],
        "went": trip.went,
        "letters": [letter.seq for letter in trip.account.written] if trip.account else [],
        "refused": [
            {"letter": seq, "order": order.TYPE, "text": order_text(book, order), "reason": code.name.lower()}
            for one in news
            for seq, order, code in refusals(one)
        ],
        "notices": [
            {"notice": each.notice, "kind": each.kind, "text": notice_text(book, each)}
            for one in news
            for each in one.notices
        ],
        "agreed": trip.account is not None and is_agreed(trip.account),
        "balances": [book.row(*row) for row in trip.account.statement.balances] if trip.account else [],
    }


# --- a bank


def tell_office(talk: Talk, trip: Trip) -> None:
    """What a bank answered."""
    if not trip.met:
        talk.say(f"{trip.where}   bank '{trip.owner}': nothing came")
        return
    parties = len(trip.parties)
    people = f"{parties:,} {'party' if parties == 1 else 'parties'}"
    talk.say(f"{trip.where}   bank '{trip.owner}': {count(trip.met, 'envelope')} from {people}")
    words: tuple[tuple[str, int], ...] = (
        ("done", trip.count("done")),
        ("repeated (same answer again)", trip.count("repeated")),
        ("refused", trip.count("refused")),
        ("damaged", trip.count("set-aside", "left")),
    )
    talk.say("  " + ", ".join(f"{word} {number}" for word, number in words if number or word == "done"))
    talk.say(f"  orders: {_orders(trip)}")
    talk.say(f"  {count(trip.put_out, 'answer')} put out")


def _orders(trip: Trip) -> str:
    numbers = tally(trip)
    why = [f"{times} × {code.sentence}" for code, times in sorted(trip.orders.items()) if code is not Refusal.DONE]
    refused = f", {numbers['refused']:,} refused ({'; '.join(why)})" if why else ""
    return f"{numbers['done']:,} done{refused}"


def office_row(trip: Trip) -> dict[str, Any]:
    """A bank's trip for ``--json``."""
    return {
        "kind": "bank",
        "bank": trip.owner,
        "place": trip.where,
        "came": [_came_row(each) for each in trip.came],
        "went": trip.went,
        "orders": tally(trip),
    }


# --- a courier

_LEFT = {
    "spool full": "the spool is full: see ledgerpost spool list",
    "place nearly full": "this place is nearly full, and its own mail comes first",
    "unreadable": "no envelope",
    "not sealed mail for this mailbox": "not sealed, or for somebody else",
    "expired": "past its end",
    "delivered": "its recipient has it",
}
"""Why mail for others was left where it is, in words."""


def tell_visit(talk: Talk, visit: Visit) -> None:
    """What a courier took along, handed on and gave up."""
    numbers = [
        f"{visit.count(result)} {words}"
        for result, words in (
            ("taken-along", "taken along"),
            ("handed-on", "handed on"),
            ("dropped", "done with"),
            ("cleared", "cleared away"),
        )
        if visit.count(result)
    ]
    talk.say(f"{visit.where}   for others: {', '.join(numbers) or 'nothing to take along, nothing to hand on'}")
    for why, words in _LEFT.items():
        if number := visit.count("left", why):
            talk.say(f"  {number} left: {words}")
    for error in visit.errors:
        talk.trouble(error)


def visit_row(visit: Visit) -> dict[str, Any]:
    """A courier's visit for ``--json``."""
    rows = [{"file": each.file, "result": each.result, "why": each.why} for each in visit.carried]
    return {"kind": "spool", "place": visit.where, "envelopes": rows}
