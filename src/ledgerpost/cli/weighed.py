"""Why a file before the judge, or a document in it, counts for nothing: said of each, so that nobody wonders."""

from typing import Final

from ledgerpost.cli.laid import Laid
from ledgerpost.cli.words import Book
from ledgerpost.errors import BadBytes
from ledgerpost.judge.evidence import Evidence
from ledgerpost.papers.instrument import check_chain, claim_of, is_instrument, paper_of, read_instrument
from ledgerpost.sealed import is_message, read, verify
from ledgerpost.statement import is_statement, read_statement
from ledgerpost.terms import Fingerprint

_UNKNOWN: Final = "the key of {name}, who is named as its signer, is not among the files"


def ignored(file: Laid, evidence: Evidence, book: Book) -> tuple[str, ...]:
    """Why the file, or documents in it, count for nothing; nothing if all of it counts."""
    if file.why:
        return (file.why,)
    if not file.documents and not file.besides and not file.shared:
        return ("it holds nothing",)
    why = (why for raw in file.documents if (why := _why(raw, evidence, book)))
    return tuple(dict.fromkeys((*why, *file.besides)))


def _why(raw: bytes, evidence: Evidence, book: Book) -> str:
    """Why a document counts for nothing; "" if it counts. What its signer garbled may still speak against it."""
    try:
        if is_statement(raw):
            read_statement(raw)
        elif is_instrument(raw):
            return _instrument(raw, evidence, book)
        elif is_message(raw):
            claim = read(raw)
            if claim.signer not in evidence.keys:
                return _unknown(claim.signer, book)
            verify(claim, evidence.keys[claim.signer])
        else:
            return "no document of ledgerpost"
    except BadBytes as error:
        return error.what
    return ""


def _instrument(raw: bytes, evidence: Evidence, book: Book) -> str:
    instrument = read_instrument(raw)
    signer = claim_of(instrument.body).signer
    if signer not in evidence.keys:
        return _unknown(signer, book)
    check_chain(instrument, evidence.keys[signer], paper_of(instrument.body).bank)
    return ""


def _unknown(who: Fingerprint, book: Book) -> str:
    return _UNKNOWN.format(name=book.party(who))
