"""``judge``: who is right, what is owed, why; from files alone, opening no wallet and no bank."""

from pathlib import Path

import click

from ledgerpost import envelope
from ledgerpost.carriers.files import read_limited
from ledgerpost.cli.explain import Known
from ledgerpost.cli.options import Command, pass_talk
from ledgerpost.cli.talk import Talk
from ledgerpost.cli.words import Book, groups
from ledgerpost.errors import BadBytes, LedgerpostError
from ledgerpost.judge.court import judge as decide
from ledgerpost.judge.verdict import Finding, Missing, Verdict
from ledgerpost.papers.instrument import is_instrument
from ledgerpost.sealed import is_message
from ledgerpost.spelling import spell_fingerprint
from ledgerpost.statement import is_statement

NO = 3


@click.command("judge", cls=Command)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@pass_talk
def judge(talk: Talk, files: tuple[Path, ...]) -> None:
    """Say who is right, what is owed, and why.

    FILES are case files, cards, receipts, instruments: of any side, in any order, with anything else among them. Ends
    with 0 if they prove something, with 3 if they prove nothing or leave a question open. What it decides today:
    refused cheques and certificates, who signed twice, receipts that contradict each other or their letters, debits
    that nobody signed for.
    """
    documents: list[bytes] = []
    for file in files:
        try:
            documents += _documents(file)
        except BadBytes as error:
            talk.note(f"{file} counts for nothing: {error.what}")
        except LedgerpostError as error:
            talk.trouble(error.at(str(file)))
    book = Known().learn(documents).book
    verdict = decide(documents, talk.now)
    _tell(talk, verdict, book)
    if talk.status == 0 and (verdict.undecidable or not verdict.findings):
        talk.status = NO


def _documents(path: Path) -> list[bytes]:
    """The documents in a file: of an open envelope, or the one that it is."""
    raw = read_limited(path, envelope.MAX_ENVELOPE, follow=True)
    if is_message(raw) or is_statement(raw) or is_instrument(raw):
        return [raw]
    return list(envelope.unpack(raw).messages)


def _tell(talk: Talk, verdict: Verdict, book: Book) -> None:
    for found in verdict.findings:
        _finding(talk, found, book)
    for open_ in verdict.undecidable:
        _missing(talk, open_)
    if not verdict.findings and not verdict.undecidable:
        talk.say("These files prove nothing against anybody.")


def _finding(talk: Talk, found: Finding, book: Book) -> None:
    who = book.party(found.debtor)
    if found.asset is not None and found.creditor is not None:
        talk.say(f"{who} owes {book.party(found.creditor)} {book.amount(found.asset, found.amount)}.")
    else:
        talk.say(f"{who} is proven at fault.")
    talk.say(f"     {groups(found.debtor)}")
    talk.say(f"  because  {found.words} (rule {found.rule})")
    for identity in found.shown:
        talk.say(f"  shown by {identity.hex()}")
    owed = book.row(found.asset, found.amount) if found.asset is not None else {}
    creditor = found.creditor and spell_fingerprint(found.creditor)
    shown = [each.hex() for each in found.shown]
    words = {"rule": found.rule, "words": found.words, "shown": shown}
    talk.item(kind="finding", debtor=spell_fingerprint(found.debtor), creditor=creditor, **words, **owed)


def _missing(talk: Talk, open_: Missing) -> None:
    talk.say(f"Undecidable: {open_.words}.")
    talk.say(f"  needed   {open_.document}")
    talk.item(kind="undecidable", words=open_.words, needed=open_.document, shown=[each.hex() for each in open_.shown])
