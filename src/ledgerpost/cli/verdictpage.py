"""A verdict as a page to print and to sign: HTML that needs nothing else, no script, no network, no colour.

Everything that does not come from this program is made printable, escaped, and kept from turning the text beside it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from html import escape
from typing import Final

from ledgerpost.cli import verdictwords as v
from ledgerpost.cli.exhibits import Exhibits
from ledgerpost.cli.words import Book, groups
from ledgerpost.judge.verdict import Finding, Missing, Settled, Verdict
from ledgerpost.prints.said import Said, said_in
from ledgerpost.spelling import printable, spell_moment
from ledgerpost.terms import Digest, Fingerprint, Moment

_STYLE: Final = """
@page { size: A4; margin: 18mm 16mm 20mm 22mm }
* { box-sizing: border-box }
body { font: 10.5pt/1.4 "Noto Sans", "DejaVu Sans", "Segoe UI", "Noto Sans CJK SC", "Noto Sans Arabic",
       "Noto Sans Devanagari", system-ui, sans-serif; color: #000; background: #fff; margin: 0 auto; max-width: 172mm }
h1 { font-size: 20pt; line-height: 1.15; margin: 0 0 2mm }
h2 { font-size: 12.5pt; margin: 7mm 0 2mm; border-bottom: .4mm solid #000; padding-bottom: .6mm; break-after: avoid }
p { margin: 0 0 2mm }
section.item { border-left: 1mm solid #000; padding: 0 0 0 4mm; margin: 0 0 5mm }
section.item > p:first-child { font-size: 12pt; break-after: avoid }
section.owed > p:first-child { font-weight: bold }
ol, ul { margin: 0 0 2mm; padding-left: 6mm }
li { margin: 0 0 1.2mm; break-inside: avoid }
table { border-collapse: collapse; width: 100%; margin: 0 0 2mm }
th, td { text-align: left; vertical-align: top; padding: 1mm 3mm 1mm 0; border-bottom: .15mm solid #000 }
th { font-size: 9pt } tr { break-inside: avoid } thead { display: table-header-group }
code { font: 8.5pt/1.35 "Noto Sans Mono", "DejaVu Sans Mono", Consolas, monospace; overflow-wrap: anywhere }
td, li, p { overflow-wrap: anywhere }
td code { white-space: nowrap }
.small { font-size: 9pt }
.sign { display: flex; gap: 10mm; margin-top: 14mm; break-inside: avoid }
.sign div { flex: 1; border-top: .3mm solid #000; padding-top: 1mm; font-size: 9pt }
@media screen { body { padding: 12mm } }
"""

_JUDGED: Final = (
    "Judged by the rules of ledgerpost at {time} by this computer's clock, from the files listed at the end and from "
    "nothing else. More files may change it."
)
_AHEAD: Final = "That is later than this computer's clock: set it, and judge again."
_ISOLATE, _LEFT_TO_RIGHT, _END = "\u2068", "\u2066", "\u2069"
_UNPROVABLE: Final = (
    "that the bank did not answer, or that a letter or notice never arrived. Send the letter again before witnesses: "
    "the answer is the proof;",
    "that somebody holds back a newer receipt;",
    "who came to the counter first, where two present one paper;",
    "that a bank and a friend made units from nothing: only an audit of all its books shows that;",
    "who held a stolen key: its signatures are its owner's;",
    "whether goods were good, or anything else that nobody signed.",
)


def page_of(verdict: Verdict, exhibits: Exhibits, now: Moment, language: str = "en") -> str:
    """The whole page. ``now`` is the moment by which it was judged; ``language`` one that pages have."""
    words = said_in(language)
    book = _Isolated(exhibits.book.assets, exhibits.book.names, words)
    exhibits = replace(exhibits, book=book)
    return (
        f'<!DOCTYPE html>\n<html lang="{words.code}">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{escape(book.say('Verdict of {time}', time=spell_moment(now)))}</title>\n"
        f"<style>{_STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(_parts(verdict, exhibits, now, words))
        + "\n</body>\n</html>\n"
    )


def _parts(verdict: Verdict, exhibits: Exhibits, now: Moment, words: Said) -> Iterable[str]:
    say = exhibits.book.say
    yield f"<h1>{escape(say('Verdict'))}</h1>"
    yield from _when(exhibits, now)
    yield from _parties(verdict, exhibits)
    yield f"<h2>{escape(say('What the files prove'))}</h2>"
    yield from (_finding(each, exhibits) for each in verdict.findings)
    if not verdict.findings:
        yield f"<p>{escape(say('Nothing against anybody.'))}</p>"
    yield from _chapter(say("What cannot be decided yet"), (_missing(each, exhibits) for each in verdict.undecidable))
    yield from _chapter(say("What is settled"), _list(_settled(each, exhibits) for each in verdict.settled))
    if not verdict.findings:
        yield from _chapter(say("What nobody has raised"), _list(_open(each, exhibits) for each in verdict.open))
    yield f"<h2>{escape(say('What no file can prove'))}</h2>"
    yield f"<ul>{''.join(f'<li>{escape(say(each))}</li>' for each in _UNPROVABLE)}</ul>"
    yield from _files(exhibits, words)
    yield (
        f'<div class="sign"><div>{escape(say("place and day on which this was read to both sides"))}</div>'
        f"<div>{escape(say('name and signature of whoever judged'))}</div></div>"
    )


def _chapter(title: str, items: Iterable[str]) -> Iterable[str]:
    found = list(items)
    if found:
        yield f"<h2>{escape(title)}</h2>"
        yield from found


def _list(rows: Iterable[str]) -> list[str]:
    found = "".join(dict.fromkeys(rows))
    return [f'<ul class="small">{found}</ul>'] if found else []


@dataclass(frozen=True, slots=True)
class _Isolated(Book):
    """Names and units between the marks of Unicode that isolate them (UAX 9): who owes whom must not turn round.

    And the words in the page's language.
    """

    words: Said = field(default_factory=Said)

    def say(self, template: str, **fields: object) -> str:
        """In the page's language."""
        return self.words.say(template).format(**fields)

    def said(self, words: str) -> str:
        """In the page's language, where it has them."""
        return self.words.said(words) or words

    def party(self, who: Fingerprint | None) -> str:
        """As a book has it, the name isolated."""
        name = printable(self.names.get(who, ""), 64) if who else ""
        plain = Book.party(self, who)
        return f"{_ISOLATE}{name}{_END}{plain.removeprefix(name)}" if name else plain

    def amount(self, asset: Digest, units: int) -> str:
        """As a book has it, the number left of the unit."""
        return f"{_LEFT_TO_RIGHT}{Book.amount(self, asset, units)}{_END}"


def _name(words: str) -> str:
    """A name, with no power over the direction of what stands beside it."""
    return f"<bdi>{escape(words)}</bdi>"


def _file(name: str) -> str:
    """A file's name, from left to right as paths are."""
    return f'<bdi dir="ltr">{escape(name)}</bdi>'


def _when(exhibits: Exhibits, now: Moment) -> Iterable[str]:
    book = exhibits.book
    yield f"<p>{escape(book.say(_JUDGED, time=spell_moment(now)))}</p>"
    for bank, time in sorted(exhibits.times.items()):
        newest = book.say(
            "The newest time that {who} signed in them is {time}.", who=book.party(bank), time=spell_moment(time)
        )
        ahead = f" <b>{escape(book.say(_AHEAD))}</b>" if time > now else ""
        yield f'<p class="small">{escape(newest)}{ahead}</p>'


# --- who


def _parties(verdict: Verdict, exhibits: Exhibits) -> Iterable[str]:
    say = exhibits.book.say
    rows = "".join(
        f"<tr><td>{_name(_called(exhibits, who))}</td><td>{escape(say(exhibits.parties.get(who, 'party')))}</td>"
        f"<td><code>{groups(who)}</code></td></tr>"
        for who in _named(verdict, exhibits)
    )
    if rows:
        heads = "".join(f"<th>{escape(say(each))}</th>" for each in ("calls itself", "is", "fingerprint"))
        note = say("A name is what its bearer wrote on a card. Only the fingerprint says who it is.")
        yield f"<h2>{escape(say('Who is spoken of'))}</h2>"
        yield f"<table><thead><tr>{heads}</tr></thead>{rows}</table>"
        yield f'<p class="small">{escape(note)}</p>'


def _called(exhibits: Exhibits, who: Fingerprint) -> str:
    return printable(exhibits.book.names.get(who, exhibits.book.say("(no card here)")), 64)


def _named(verdict: Verdict, exhibits: Exhibits) -> list[Fingerprint]:
    """Everybody whom the verdict names, each once, those who owe first; banks at the end."""
    claims = [each.claim for each in (*verdict.undecidable, *verdict.open) if each.claim is not None]
    findings = [*verdict.findings, *claims]
    needs = [need.party for each in verdict.undecidable for need in each.needs]
    named = [
        *(each.debtor for each in findings),
        *(each.creditor for each in findings),
        *(each.party for each in verdict.settled),
        *needs,
        *sorted(exhibits.times),
    ]
    return list(dict.fromkeys(who for who in named if who is not None))


# --- what


def _finding(found: Finding, exhibits: Exhibits) -> str:
    shown = _shown(found.shown, exhibits, exhibits.book.say("Shown, in this order, by:"))
    because = exhibits.book.say("Because {why}.", why=v.reason(found, exhibits))
    return (
        f'<section class="item owed"><p>{escape(v.sentence(found, exhibits.book))}</p>'
        f"<p>{escape(because)}</p>{shown}</section>"
    )


def _missing(missing: Missing, exhibits: Exhibits) -> str:
    say = exhibits.book.say
    claim = v.claim_text(missing, exhibits)
    said = f"<p>{escape(claim)}</p>" if claim else ""
    wanted = (v.wanted(need, exhibits.book) for need in missing.needs)
    rows = "".join(
        f"<li>{escape(each.what)}{_digest(each.digest)}<br>{escape(say('Ask {whom}.', whom=each.ask))}</li>"
        for each in wanted
    )
    head = escape(say("Any one of these would help to decide it:"))
    needed = f"<p>{head}</p><ul>{rows}</ul>" if rows else ""
    shown = _shown(missing.shown, exhibits, say("It is raised by:"))
    return f'<section class="item"><p>{escape(v.question(missing, exhibits))}</p>{said}{needed}{shown}</section>'


def _digest(digest: str) -> str:
    return f"<br><code>{escape(digest)}</code>" if digest else ""


def _settled(settled: Settled, exhibits: Exhibits) -> str:
    shown = "".join(f"<br><code>{each.digest}</code>" for each in v.shown_lines(settled.shown, exhibits))
    return f"<li>{escape(v.settled_text(settled, exhibits))}{shown}</li>"


def _open(missing: Missing, exhibits: Exhibits) -> str:
    return f"<li>{escape(v.open_text(missing, exhibits))}</li>"


def _shown(shown: tuple[Digest, ...], exhibits: Exhibits, head: str) -> str:
    lines = v.shown_lines(shown, exhibits)
    rows = "".join(
        f"<li>{escape(each.line)}, {escape(each.place)} {_file(each.file)}<br><code>{each.digest}</code></li>"
        for each in lines
    )
    return f'<p class="small">{escape(head)}</p><ol class="small">{rows}</ol>' if rows else ""


# --- from what


def _files(exhibits: Exhibits, words: Said) -> Iterable[str]:
    say = exhibits.book.say
    yield f"<h2>{escape(say('Files judged'))}</h2>"
    rows = []
    for file in exhibits.files:
        reasons = exhibits.ignored.get(file.name, ())
        counted = len(file.documents) + len(file.besides) - len(reasons)
        head = say("counts for nothing:" if file.why or counted <= 0 else "in part for nothing:")
        why = f"<br><i>{escape(head)} {'; '.join(_why(each, words) for each in reasons)}</i>" if reasons else ""
        digest = f"<code>{file.digest[:32]}<br>{file.digest[32:]}</code>" if file.digest else escape(say("not read"))
        rows.append(f"<tr><td>{_file(file.name)}{why}</td><td>{digest}</td></tr>")
    yield (
        f'<table class="small"><thead><tr><th>{escape(say("file"))}</th><th>{escape(say("SHA-256 of its bytes"))}</th>'
        f"</tr></thead>{''.join(rows)}</table>"
    )


def _why(reason: str, words: Said) -> str:
    """Why something counts for nothing: there are as many reasons as faults in files, and not all are translated."""
    known = words.said(reason)
    if known is None and words.code != "en":
        return f'<span lang="en">{escape(reason)}</span>'
    return escape(known or reason)
