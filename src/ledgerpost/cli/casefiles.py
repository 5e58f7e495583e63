"""Case files on the disk: open envelopes that anybody may read, as many as it takes."""

from pathlib import Path

from ledgerpost import envelope
from ledgerpost.carriers.files import write_new
from ledgerpost.cli.items import refuse_existing
from ledgerpost.cli.talk import Talk


def write_case(talk: Talk, path: Path, documents: tuple[bytes, ...]) -> list[Path]:
    """Write the documents, and say what to do with them. Nothing is overwritten: raises PlaceError, NotFound."""
    runs = envelope.batches(documents)
    paths = [path, *(path.with_stem(f"{path.stem}-{at}") for at in range(2, len(runs) + 1))]
    for each in paths:
        refuse_existing(each)
    for each, run in zip(paths, runs, strict=True):
        write_new(each, envelope.pack(run, sender=None, recipient=None, until=0))
    names = " ".join(map(str, paths))
    talk.say(f"Wrote {names}: {len(documents)} documents, which whoever has the file can read.")
    talk.say(f"See what is in it: ledgerpost show {names}")
    talk.say(f"See what it proves: ledgerpost judge {names}")
    return paths
