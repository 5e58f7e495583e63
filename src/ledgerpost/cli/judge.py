"""``judge``: who is right, what is owed, why; from files alone, opening no wallet and no bank."""

from pathlib import Path

import click

from ledgerpost.carriers.files import write_new
from ledgerpost.cli import verdictwords as v
from ledgerpost.cli.exhibits import Exhibits, exhibit
from ledgerpost.cli.items import refuse_existing
from ledgerpost.cli.laid import lay
from ledgerpost.cli.options import Command, language_option, pass_talk
from ledgerpost.cli.talk import Talk, bold
from ledgerpost.cli.words import groups
from ledgerpost.judge.court import judge as decide
from ledgerpost.judge.verdict import Finding, Missing, Verdict
from ledgerpost.spelling import spell_fingerprint, spell_moment
from ledgerpost.terms import Digest

NO = 3
_file = click.Path(path_type=Path)


@click.command("judge", cls=Command)
@click.argument("files", nargs=-1, required=True, metavar="FILE|FOLDER...", type=_file)
@click.option("--page", type=_file, metavar="FILE.html", help="Write the verdict as a page to print.")
@language_option
@pass_talk
def judge(talk: Talk, files: tuple[Path, ...], page: Path | None) -> None:
    """Say who is right, what is owed, and why.

    FILE is a case file, card, receipt, cheque, or a picture of its codes: of any side, in any order, with anything else
    among them. Of a FOLDER every file in it is read. Ends with 0 if they prove something and leave no question open,
    else with 3.
    """
    if page is not None:
        refuse_existing(page)
    lying = lay(files)
    for error in lying.troubles:
        if not lying.files and error is lying.troubles[-1]:
            raise error  # nothing at all was read: no verdict
        talk.trouble(error)
    exhibits, verdict = exhibit(lying), decide(lying.documents, talk.now)
    _tell(talk, verdict, exhibits)
    _tell_files(talk, exhibits)
    if page is not None:
        _write_page(talk, page, verdict, exhibits)
    if talk.status == 0 and (verdict.undecidable or not verdict.findings):
        talk.status = NO


def _write_page(talk: Talk, path: Path, verdict: Verdict, exhibits: Exhibits) -> None:
    from ledgerpost.cli.showing import language
    from ledgerpost.cli.verdictpage import page_of

    write_new(path, page_of(verdict, exhibits, talk.now, language(talk).code).encode())
    talk.say(f"Wrote {path}: print it from any browser.")


def _tell(talk: Talk, verdict: Verdict, exhibits: Exhibits) -> None:
    for found in verdict.findings:
        _finding(talk, found, exhibits)
    for missing in verdict.undecidable:
        _missing(talk, missing, exhibits)
        talk.item(kind="undecidable", **v.missing_row(missing, exhibits))
    for settled in verdict.settled:
        talk.say(f"Settled: {v.settled_text(settled, exhibits)}")
        _shown(talk, settled.shown, exhibits)
        talk.item(kind="settled", **v.settled_row(settled, exhibits))
    if not verdict.findings and not verdict.undecidable:
        talk.say("These files prove nothing against anybody.")
    if not verdict.findings:  # where somebody is convicted, it matters less what else could be asked
        for line in dict.fromkeys(v.open_text(missing, exhibits) for missing in verdict.open):
            talk.say(f"Open: {line}")
    for missing in verdict.open:
        talk.item(kind="open", **v.missing_row(missing, exhibits))


def _finding(talk: Talk, found: Finding, exhibits: Exhibits) -> None:
    talk.say(bold(v.sentence(found, exhibits.book)))
    talk.say(f"     {groups(found.debtor)}")
    talk.say(f"  because  {v.reason(found, exhibits)}")
    _shown(talk, found.shown, exhibits)
    talk.item(kind="finding", **v.finding_row(found, exhibits))


def _missing(talk: Talk, missing: Missing, exhibits: Exhibits) -> None:
    talk.say(f"Undecidable: {v.question(missing, exhibits)}")
    claim = v.claim_text(missing, exhibits)
    if claim:
        talk.say(f"  claim    {claim}")
    _shown(talk, missing.shown, exhibits)
    for need in missing.needs:
        wanted = v.wanted(need, exhibits.book)
        talk.say(f"  needed   {wanted.what}")
        if wanted.digest:
            talk.say(f"           {wanted.digest}")
        talk.say(f"           ask {wanted.ask}")


def _shown(talk: Talk, shown: tuple[Digest, ...], exhibits: Exhibits) -> None:
    for at, each in enumerate(v.shown_lines(shown, exhibits), 1):
        talk.say(f"  {'shown by' if at == 1 else '        '} {at}. {each.line}")
        talk.say(f"              {each.digest}  {each.place} {each.file}".rstrip())


def _tell_files(talk: Talk, exhibits: Exhibits) -> None:
    """What was read: a verdict is about these bytes and no others."""
    for bank, time in sorted(exhibits.times.items()):
        ahead = ", which is ahead of this computer's clock" if time > talk.now else ""
        talk.note(f"{exhibits.book.party(bank)} last signed {spell_moment(time)}, of what is here{ahead}.")
    for file in exhibits.files:
        reasons = exhibits.ignored.get(file.name, ())
        for why in reasons:
            part = "something in it " if len(file.documents) + len(file.besides) > 1 else ""
            talk.note(f"{file.name}: {part}counts for nothing: {why}")
        talk.item(
            kind="file",
            file=file.name,
            sha256=file.digest or None,
            documents=len(file.documents),
            ignored=list(reasons),
        )
    talk.item(
        kind="judged", time=talk.now, banks={spell_fingerprint(who): time for who, time in exhibits.times.items()}
    )
