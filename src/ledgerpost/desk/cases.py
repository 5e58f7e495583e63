"""Case files under a home: proof that the other side contradicts itself, kept as open envelopes for a judge (L10)."""

from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from typing import Final

from ledgerpost import envelope
from ledgerpost.bank.witness import Proof
from ledgerpost.carriers.files import ensure_private_folder, write_new
from ledgerpost.errors import Cheating
from ledgerpost.spelling import group_fingerprint, spell_fingerprint

CASES: Final = "cases"

MOST_OF_ONE: Final = 16
"""Case files that a bank keeps about one party: keys cost nothing, and neither does contradicting oneself (T1)."""

MOST: Final = 1024
"""Case files that a bank keeps in all. Beyond, it says so, and the operator clears the folder."""


def keep_case(folder: Path, documents: tuple[bytes, ...]) -> tuple[Path, ...]:
    """Keep the documents in as many envelopes as it takes, named by their contents: the same case once."""
    raws = [envelope.pack(run, sender=None, recipient=None, until=0) for run in envelope.batches(documents)]
    cases = folder / CASES
    ensure_private_folder(cases)
    files = tuple(cases / f"{blake2b(raw, digest_size=8).hexdigest()}{envelope.SUFFIX}" for raw in raws)
    for file, raw in zip(files, raws, strict=True):
        write_new(file, raw, overwrite=True)
    return files


def keep_proof(folder: Path, proof: Proof, documents: Iterable[bytes]) -> None:
    """Keep a bank's proof, named by its matter and written once: what comes again says nothing new."""
    cases = folder / CASES
    ensure_private_folder(cases)
    if file_of(folder, proof) is not None or not _has_room(cases, proof):
        return
    runs = envelope.batches(tuple(documents))
    for at, run in reversed(tuple(enumerate(runs, 1))):  # the first file comes last: it stands for the whole
        write_new(_named(cases, proof, at), envelope.pack(run, sender=None, recipient=None, until=0), overwrite=True)


def file_of(folder: Path, proof: Proof) -> Path | None:
    """Where the proof is kept; None if it is not."""
    file = _named(folder / CASES, proof, 1)
    return file if file.exists() else None


def cheating(proofs: Iterable[Proof], folder: Path) -> Cheating | None:
    """What to tell the operator of an envelope that proves something; None if it proves nothing."""
    found = tuple(proofs)
    if not found:
        return None
    about = " and ".join(dict.fromkeys(group_fingerprint(each.against) for each in found))
    files = tuple(dict.fromkeys(str(file) for each in found if (file := file_of(folder, each)) is not None))
    do = f"keep {' and '.join(files)} and show it to a judge" if files else f"not kept: clear {folder / CASES}"
    return Cheating(f"{'; '.join(dict.fromkeys(each.words for each in found))}: {about}", do=do)


def _named(cases: Path, proof: Proof, at: int) -> Path:
    more = "" if at == 1 else f"-{at}"
    return cases / f"{spell_fingerprint(proof.against)}-{proof.matter[:8].hex()}{more}{envelope.SUFFIX}"


def _has_room(cases: Path, proof: Proof) -> bool:
    names = [each.name for each in cases.iterdir()]
    about = spell_fingerprint(proof.against)
    return len(names) < MOST and sum(name.startswith(about) for name in names) < MOST_OF_ONE
