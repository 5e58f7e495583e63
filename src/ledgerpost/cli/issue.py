"""``issue``: an asset, from the text of its contract."""

from pathlib import Path

import click

from ledgerpost.carriers.files import read_limited
from ledgerpost.cli import ask, choose
from ledgerpost.cli.options import Command, pass_talk, passphrase_options, wallet_options, yes_option
from ledgerpost.cli.spend import NEXT
from ledgerpost.cli.talk import Talk
from ledgerpost.cli.words import contract_lines, groups
from ledgerpost.desk.purse import Purse, asset_of
from ledgerpost.errors import BadBytes, Mistyped
from ledgerpost.papers.contract import MAX_CONTRACT, Contract
from ledgerpost.papers.issueasset import IssueAsset
from ledgerpost.spelling import printable
from ledgerpost.terms import Digest
from ledgerpost.wallet.account import Account, Wish


@click.command("issue", cls=Command)
@click.argument("contract", type=click.Path(path_type=Path))
@wallet_options
@passphrase_options
@yes_option
@pass_talk
def issue(talk: Talk, contract: Path) -> None:
    """Issue an asset.

    CONTRACT is a text file. It begins with these lines, then come the words that you promise by:

    \b
    ledgerpost contract 1
    name: grain of Kita
    unit: grain
    decimals: 2
    limit: 100000000
    <an empty line>

    "limit" is the most ever issued, in the smallest unit. What the text says cannot be changed later: the asset is
    named by the digest of what you sign.
    """  # noqa: D301  # click's mark for lines as they are is the character itself
    text = read_contract(contract)
    with choose.opened_purse(talk) as purse:
        account = choose.account(talk, purse)
        paper = Contract(account.bank.bank, account.key, text)
        for line in contract_lines(_checked(paper, contract)):
            talk.say(line)
        talk.say(f"Issued by you, {account.name}, at {printable(account.bank.name, 64)}")
        talk.say(f"     {groups(account.me)}")
        ask.confirm(talk, "Issue this? Whoever holds it can hold you to these words.")
        _queue(talk, purse, account, paper.sign(ask.unlock(talk, purse.seat)))


def read_contract(path: Path) -> str:
    """The text in the file, with line ends as the contract wants them."""
    raw = read_limited(path, MAX_CONTRACT, follow=True)
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise Mistyped("the contract is no text in UTF-8", where=str(path), do="save it as UTF-8") from None


def _checked(paper: Contract, path: Path) -> Contract:
    try:
        paper.check()
    except BadBytes as error:
        raise Mistyped(error.what, where=str(path), do="see the head it needs: ledgerpost issue --help") from error
    return paper


def _queue(talk: Talk, purse: Purse, account: Account, raw: bytes) -> None:
    asset = asset_of(raw)
    purse.learn(raw)
    if any(wish.raw == raw for wish in account.wishes):
        talk.say(f"Queued before: {asset.id.hex()}")
    else:
        purse.wish(account, Wish(0, IssueAsset.TYPE, raw=raw))
        talk.say(f"Queued: issue {printable(asset.head.name, 64)}.   {NEXT}")
    talk.say(f"Its digest: {asset.id.hex()}")
    _item(talk, asset.id, asset.head.name, asset.head.unit)


def _item(talk: Talk, asset: Digest, name: str, unit: str) -> None:
    talk.item(kind="asset", asset=asset.hex(), name=name, unit=unit, result="queued")
