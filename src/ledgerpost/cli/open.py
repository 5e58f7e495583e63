"""``open``: an account at a bank whose card is at hand; the first time, wallet and key as well."""

from pathlib import Path
from typing import NamedTuple

import click

from ledgerpost import cbor
from ledgerpost.cli import ask
from ledgerpost.cli.choose import papers_in
from ledgerpost.cli.items import stands
from ledgerpost.cli.keys import make_wallet, offer_paper, paper_file, remind_paper
from ledgerpost.cli.options import Command, pass_talk, passphrase_options, wallet_option, yes_option
from ledgerpost.cli.talk import Talk, Usage
from ledgerpost.cli.words import Book, groups
from ledgerpost.desk.home import RESTORED, WALLETS, Home, Seat
from ledgerpost.desk.purse import Purse, asset_of, opened
from ledgerpost.errors import BadBytes, Denied, Mistyped, NotFound
from ledgerpost.papers.bankcard import BankCard, open_bank_card
from ledgerpost.papers.card import MAX_NAME, Card, open_card
from ledgerpost.papers.createaccount import CreateAccount
from ledgerpost.papers.getsequence import GetSequence
from ledgerpost.papers.kinds import Waiting
from ledgerpost.papers.spendto import SpendTo
from ledgerpost.papers.terms import Terms
from ledgerpost.sealed import Signer, open_message, read
from ledgerpost.spelling import printable, spell_fingerprint
from ledgerpost.terms import Fingerprint
from ledgerpost.wallet.account import Account, Wish, open_at
from ledgerpost.wallet.writing import MANY_NUMBERS


class Brought(NamedTuple):
    """What a bank's card file brings, with what a spend slip adds: all verified."""

    card: bytes
    bank: BankCard
    terms: Terms
    contracts: tuple[bytes, ...]
    spends: tuple[tuple[Fingerprint, SpendTo], ...]

    @property
    def book(self) -> Book:
        """The assets it brings."""
        return Book({asset.id: asset for asset in map(asset_of, self.contracts)})


@click.command("open", cls=Command)
@click.argument("card", type=click.Path(path_type=Path))
@click.option("--name", metavar="NAME", help="Your name, as others will see it. It is asked if it is missing.")
@click.option("--with", "slip", type=click.Path(path_type=Path), metavar="FILE", help="A slip with what waits for you.")
@click.option(
    "--paper",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the new key's 24 words there (.html: a page).",
)
@click.option("--no-passphrase", is_flag=True, help="Leave the new key open to whoever has this computer.")
@click.option("--again", is_flag=True, help="Ask anew: the bank never answered the letter that was to open it.")
@wallet_option
@passphrase_options
@yes_option
@pass_talk
def open_(  # one parameter an option
    talk: Talk, card: Path, name: str | None, slip: Path | None, paper: Path | None, no_passphrase: bool, again: bool
) -> None:
    """Open an account; the first time makes wallet and key.

    CARD is the file with the bank's card. Compare the fingerprint shown with the one on the bank's notice board:
    whoever made that card will keep your money.

    Where a bank charges for opening, somebody with an account pays your fingerprint first ("ledgerpost wallet new"
    makes it, "ledgerpost card" shows it) and gives you a slip ("ledgerpost spend --slip"): name it with --with.

    A bank answers nobody whose letter opens no account. If yours lacked the fee, or came too late, ask --again.
    """
    brought = read_card(card, slip)
    tell_bank(talk, brought)
    ask.confirm(talk, "Is the fingerprint the same as on the bank's notice board?")
    seat, name, made = _seat(talk, name, paper, no_passphrase)
    signer = ask.unlock(talk, seat)
    if made and paper is None:
        offer_paper(talk, seat, name)
    with opened(seat) as purse:
        _open_there(talk, purse, signer, brought, name, again=again)
    remind_paper(talk, seat)


def read_card(card: Path, slip: Path | None) -> Brought:
    """Verify all that the files bring. Raises BadBytes, or NotFound if there is no bank's card."""
    papers = (*papers_in(card), *(papers_in(slip) if slip else ()))
    cards = [raw for raw in papers if read(raw).type == BankCard.TYPE]
    if not cards:
        raise NotFound("there is no bank's card in this file", where=str(card), do="ask the bank for its card")
    bank, terms = open_bank_card(cards[0])
    contracts = tuple(dict.fromkeys(raw for raw in papers if read(raw).type == "contract"))
    keys = {read(raw).signer: open_card(raw).key for raw in papers if read(raw).type == Card.TYPE}
    spends = []
    for raw in papers:
        claim = read(raw)
        if claim.type != SpendTo.TYPE:
            continue
        if claim.signer not in keys:
            raise BadBytes("the slip has a spend without the card of who signed it", where=str(slip or card))
        spends.append((claim.signer, SpendTo.of(open_message(raw, keys[claim.signer]), bank.bank)))
    return Brought(cards[0], bank, terms, contracts, tuple(spends))


def tell_bank(talk: Talk, brought: Brought) -> None:
    """The bank's name, its fingerprint in full, and what it charges to open."""
    talk.say(printable(brought.bank.name, 64))
    talk.say(f"     {groups(brought.bank.bank)}")
    for order, what in ((CreateAccount, "to open an account"), (GetSequence, "for each order of numbers")):
        fee = brought.terms.fee(order.TYPE)
        if fee and brought.terms.token is not None:
            talk.say(f"It charges {brought.book.amount(brought.terms.token, fee)} {what}.")


def _seat(talk: Talk, name: str | None, paper: Path | None, no_passphrase: bool) -> tuple[Seat, str, bool]:
    """The wallet to open it in, the owner's name, and whether the wallet was made just now."""
    home = Home.find()
    there = [seat.name for seat in home.seats(WALLETS)]
    if (talk.wallet is None and there) or talk.wallet in there:
        seat = home.seat(WALLETS, talk.wallet)
        name = checked_party(name or _known_name(seat) or ask.answer(talk, "Your name:", "--name"))
        # A run cut off may have written it.
        if paper and not (paper.exists() and stands(paper, paper_file(talk, paper, ask.unlock(talk, seat).seed, name))):
            raise Usage("this wallet has its key already", do=f"its words: ledgerpost wallet paper -w {seat.name}")
        return seat, name, False
    name = checked_party(name or ask.answer(talk, "Your name:", "--name"))
    return make_wallet(talk, talk.wallet, name, paper, no_passphrase), name, True


def _known_name(seat: Seat) -> str | None:
    with opened(seat) as purse:
        return next((account.name for account in purse.accounts()), None)


def checked_party(name: str) -> str:
    """A name fit for a card."""
    if not name.strip() or len(name.encode()) > MAX_NAME:
        raise Mistyped(f"a name has 1 to {MAX_NAME} bytes in UTF-8", where=printable(name, 80), do="choose another")
    return " ".join(name.split())


def _open_there(talk: Talk, purse: Purse, signer: Signer, brought: Brought, name: str, *, again: bool) -> None:
    bank = brought.bank.bank
    there = next((each for each in purse.accounts() if each.bank.bank == bank), None)
    purse.learn(*brought.contracts)
    unanswered = there is not None and there.receipt is None and again
    if there is not None and not unanswered and not _unasked(there):
        talk.say(f"This wallet has its account at {printable(brought.bank.name, 64)} already.   See: ledgerpost status")
        talk.item(kind="account", bank=spell_fingerprint(bank), result="there")
        return
    waiting = _waiting(brought, signer.fingerprint)
    _check_fee(brought, waiting, signer)
    wish = Wish(0, CreateAccount.TYPE, raw=cbor.encode(waiting) if waiting else None)
    if there is None:
        account = open_at(brought.card, signer.key, name, restored=purse.seat.marked(RESTORED))
        purse.keep_own_card(bank, Card(bank, signer.key, name).sign(signer))
        purse.add(account.wish(wish))
    elif unanswered:
        # As after a restore: should the old letter open the account after all, its receipt is taken in as it is (L9).
        purse.save(there, open_at(brought.card, signer.key, name, restored=True).wish(wish))
    else:
        purse.wish(there, wish)
    _say_queued(talk, brought, waiting, signer.fingerprint)


def _unasked(account: Account) -> bool:
    """Whether no letter and no wish asks for this account: its opening was dropped from the queue."""
    asked = any(wish.order == CreateAccount.TYPE for wish in account.wishes)
    return account.receipt is None and not account.letters and not asked


def _say_queued(talk: Talk, brought: Brought, waiting: tuple[Waiting, ...], me: Fingerprint) -> None:
    fee, token = brought.terms.fee(CreateAccount.TYPE), brought.terms.token
    cost = brought.book.amount(token, fee) if fee and token else "free"
    talk.say(f"You are   {groups(me)}")
    for each in waiting:
        talk.say(f"Taking in {brought.book.amount(each.asset, each.amount)}")
    talk.say(f"Queued: open account ({cost}), {MANY_NUMBERS} numbers.   Next: ledgerpost carry PLACE")
    talk.item(kind="account", bank=spell_fingerprint(brought.bank.bank), party=spell_fingerprint(me), result="queued")


def _waiting(brought: Brought, me: Fingerprint) -> tuple[Waiting, ...]:
    mine = tuple(
        Waiting(spender, spend.number, spend.asset, spend.amount)
        for spender, spend in brought.spends
        if spend.payee == me
    )
    if brought.spends and not mine:
        raise Denied("the slip pays somebody else", where=groups(me), do="ask for a spend to this fingerprint")
    return tuple(dict.fromkeys(mine))


def _check_fee(brought: Brought, waiting: tuple[Waiting, ...], signer: Signer) -> None:
    token, fee = brought.terms.token, brought.terms.fee(CreateAccount.TYPE)
    if token is None or sum(each.amount for each in waiting if each.asset == token) >= fee:
        return
    raise Denied(
        f"to open an account costs {brought.book.amount(token, fee)}, and no slip brings that much",
        where=groups(signer.fingerprint),
        do="ask somebody with an account there to pay this fingerprint, then add --with and the slip's file",
    )
