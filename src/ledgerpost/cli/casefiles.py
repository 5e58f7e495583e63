"""Case files on the disk: open envelopes that anybody may read, as many as it takes."""

from pathlib import Path

from ledgerpost import envelope
from ledgerpost.carriers.files import write_new
from ledgerpost.cli.items import refuse_existing, stands
from ledgerpost.cli.talk import Talk


def write_case(talk: Talk, path: Path, documents: tuple[bytes, ...]) -> list[Path]:
    """Write the documents, and say what to do with them. Nothing is overwritten: raises PlaceError, NotFound."""
    raws = [envelope.pack(run, sender=None, recipient=None, until=0) for run in envelope.batches(documents)]
    paths = [path, *(path.with_stem(f"{path.stem}-{at}") for at in range(2, len(raws) + 1))]
    for each, raw in zip(paths, raws, strict=True):
        if not stands(each, raw):  # else a run cut off wrote it
            refuse_existing(each)
    for each, raw in zip(paths, raws, strict=True):
        write_new(each, raw)
    names = " ".join(map(str, paths))
    talk.say(f"Wrote {names}: {len(documents)} documents, which whoever has the file can read.")
    talk.say(f"See what is in it: ledgerpost show {names}")
    talk.say(f"See what it proves: ledgerpost judge {names}")
    return paths
