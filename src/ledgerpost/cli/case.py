"""``case``: gather what a judge needs about one matter, or about the account as a whole, and nothing else."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple

import click

from ledgerpost.cli import choose
from ledgerpost.cli.casefiles import write_case
from ledgerpost.cli.items import instrument_row, instrument_text
from ledgerpost.cli.options import Command, pass_talk, wallet_options
from ledgerpost.cli.talk import Talk
from ledgerpost.cli.words import Book, book_of, notice_text
from ledgerpost.desk.purse import Purse
from ledgerpost.errors import Mistyped, NotFound
from ledgerpost.papers.cheque import Cheque
from ledgerpost.papers.instrument import is_instrument, paper_of, read_instrument
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.spendto import SpendTo
from ledgerpost.sealed import read
from ledgerpost.spelling import printable, spell_fingerprint
from ledgerpost.wallet.account import HELD, PAID, REFUSED, RELEASED, Account
from ledgerpost.wallet.casefile import NOTICE, Held, Matter, Sides, held, of_account, on_matter

ACCOUNT: Final = "account"


@click.command("case", cls=Command)
@click.argument("thing", metavar="ITEM")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="The file to write.")
@wallet_options
@pass_talk
def case(talk: Talk, thing: str, output: Path | None) -> None:
    """Gather the evidence for a judge.

    ITEM is a cheque or certificate, a spend, or a waiting notice, by its number, any unique ending of it, or the
    beginning of its digest; "notice:7" means the notice only. Or it is the word "account": all that decides who has
    how much. The file holds what you have on the matter, your card, the bank's card and its terms; no other notices.
    """
    with choose.opened_purse(talk) as purse:
        if thing.casefold() == ACCOUNT:
            _account(talk, purse, output)
        else:
            _matter(talk, purse, thing, output)


def _account(talk: Talk, purse: Purse, output: Path | None) -> None:
    account = choose.account(talk, purse)
    documents = of_account(account, _sides(talk, purse, account))
    talk.say(f"Your account at {printable(account.bank.name, 64)}: balances, letters and notices, as they stand.")
    files = write_case(talk, output or Path(f"case-account-{purse.seat.name}.lpe"), documents)
    bank = spell_fingerprint(account.bank.bank)
    talk.item(file=files[0], files=files, documents=len(documents), kind=ACCOUNT, bank=bank)


def _matter(talk: Talk, purse: Purse, thing: str, output: Path | None) -> None:
    book = book_of(purse)
    account, matter, meant = _meant(_candidates(talk, purse), choose.accounts(talk, purse), thing, book)
    documents = on_matter(account, matter, _sides(talk, purse, account))
    files = write_case(talk, output or Path(f"case-{matter.number}.lpe"), documents)
    found = [each for each in held(account) if each.matter == matter]
    for each in found:
        talk.say(f"  {_text(each, book)}")
    if not found:
        talk.say(f"  nothing was signed here under your number {matter.number}, and no notice is about it")
    _warn(talk, found)
    row = _row(meant, book) if meant else {"kind": "number", "number": matter.number}
    talk.item(file=files[0], files=files, documents=len(documents), owner=spell_fingerprint(matter.owner), **row)


def _sides(talk: Talk, purse: Purse, account: Account) -> Sides:
    own = purse.own_card(account.bank.bank)
    if own is None:
        talk.note("Without your card, which this wallet has not signed yet.   Do: ledgerpost card -o FILE")
    return Sides(own, purse.contracts(), purse.cards())


def _warn(talk: Talk, found: list[Held]) -> None:
    """What the file can't do, or does besides."""
    for each in found:
        if not is_instrument(each.raw):
            continue
        paper = paper_of(read_instrument(each.raw).body)
        if each.state in (HELD, REFUSED) and isinstance(paper, Cheque) and paper.payee is None:
            talk.note("The cheque is open: whoever has this file can present it. Show it to nobody but a judge.")
        if each.state == PAID:
            talk.note("It was paid. Once a newer receipt is here, only its drawer's or buyer's notice shows to whom.")


# --- which one is meant


class Candidate(NamedTuple):
    """A matter that may be meant, the account it is of, and the thing held on it, if any is."""

    account: Account
    matter: Matter
    held: Held | None = None

    @property
    def name(self) -> str:
        """Digest of the thing held, in hex."""
        return self.held.identity.hex() if self.held else ""

    @property
    def is_refused(self) -> bool:
        """Whether a claim may rest on it."""
        return self.held is not None and self.held.state in (REFUSED, RELEASED)

    @property
    def numbers(self) -> tuple[str, ...]:
        """The matter's number; a notice's own."""
        notice = (str(self.held.notice),) if self.held and self.held.notice else ()
        return (str(self.matter.number), *notice)


def _candidates(talk: Talk, purse: Purse) -> list[Candidate]:
    found = [(account, each) for account in choose.accounts(talk, purse) for each in held(account)]
    return [Candidate(account, each.matter, each) for account, each in found]


def _own(accounts: Iterable[Account], typed: str) -> list[Candidate]:
    """A number of one's own on which nothing is held: somebody may claim on it all the same."""
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 20 else 0
    return [
        Candidate(account, Matter(account.me, number))
        for account in accounts
        if 1 <= number <= account.statement.highest
    ]


def _meant(found: list[Candidate], accounts: tuple[Account, ...], typed: str, book: Book) -> Candidate:
    """The one matter meant. Raises NotFound for none; Mistyped for several, which it lists."""
    meant = next((fitting for fitting in (*_fittings(found, typed), _own(accounts, typed)) if fitting), [])
    if not meant:
        raise NotFound(f"nothing in this wallet has that number: {printable(typed, 80)}", do="see: ledgerpost status")
    if len({(each.account.bank.bank, each.matter) for each in meant}) > 1:
        spelled = "; ".join(f"{each.name[:8]} ({_text(each.held, book)})" for each in meant if each.held)
        do = "give the eight digits, or name the bank with --at BANK"
        raise Mistyped(f"several could be meant: {spelled}", where=printable(typed, 80), do=do)
    return meant[0]


def _fittings(found: list[Candidate], typed: str) -> list[list[Candidate]]:
    """What may be meant, in order: what is refused comes before all else, and a whole number before its endings."""
    digits = typed.removeprefix(choose.EXACT)
    if digits != typed:
        return [[each for each in found if digits in each.numbers[1:]]]
    if not (typed.isascii() and typed.isdigit()):
        return [_by_digest(found, typed)]
    whole = [each for each in found if typed in each.numbers]
    ending = [each for each in found if each.numbers[0].endswith(typed)]
    return [
        [each for each in whole if each.is_refused and each.numbers[0] == typed],
        whole,
        [each for each in ending if each.is_refused],
        ending,
        _by_digest(found, typed),
    ]


def _by_digest(found: list[Candidate], typed: str) -> list[Candidate]:
    return [each for each in found if len(typed) >= 8 and each.name.startswith(typed.lower())]


# --- in words


def _text(found: Held, book: Book) -> str:
    if found.state == NOTICE:
        return f"notice {found.notice}: {notice_text(book, Notice.read(read(found.raw).body))}"
    if is_instrument(found.raw):
        return f"{found.state}: {instrument_text(book, read_instrument(found.raw))}"
    kind = "spend" if read(found.raw).type == SpendTo.TYPE else "cheque"
    return f"your own {kind} {found.matter.number}"


def _row(found: Held, book: Book) -> dict[str, Any]:
    if is_instrument(found.raw):
        return {"state": found.state, **instrument_row(book, read_instrument(found.raw))}
    claim = read(found.raw)
    amount = Notice.read(claim.body).amount if found.state == NOTICE else _amount(found.raw)
    row = {"kind": claim.type, "digest": found.identity.hex(), "number": found.matter.number, "state": found.state}
    return row | {"notice": found.notice or None} | book.row(found.asset, amount)


def _amount(signed: bytes) -> int:
    claim = read(signed)
    return SpendTo.read(claim.body).amount if claim.type == SpendTo.TYPE else paper_of(signed).amount
