"""Some two thousand files with one fault each, in a form that needs no index: samples/malformed/.

``bad.py`` tells the faults one by one; here they are told by tables, over every field of everything that is read.
"""

from samplemaker.folder import Folder
from samplemaker.malformed.backup import backup
from samplemaker.malformed.between import between_fields
from samplemaker.malformed.bodies import messages, orders, statement
from samplemaker.malformed.chains import instruments, presenting
from samplemaker.malformed.codes import codes
from samplemaker.malformed.cose import message
from samplemaker.malformed.delivered import words
from samplemaker.malformed.envelopes import envelopes
from samplemaker.malformed.item import item
from samplemaker.malformed.keyfile import key_file
from samplemaker.malformed.notices import notices
from samplemaker.malformed.readme import readme
from samplemaker.malformed.receipts import receipts
from samplemaker.malformed.sheet import Group
from samplemaker.malformed.typed import typed


def groups(files: dict[str, bytes], beside: list[str]) -> dict[str, Group]:
    """Every group by its name. ``beside``: what stands beside the receipt that is spoilt."""
    larger = {**presenting(), "issueasset": files["orders/issueasset.cbor"]}
    made: list[Group] = [item(), message(), *messages(files), *orders(larger), statement(), *instruments(), *notices()]
    made += [receipts(files, beside), *envelopes(), words(), key_file(), backup(), *codes(), *typed()]
    found = {group.name: group for group in made}
    assert len(found) == len(made)
    for name, (slug, raw, error, says, what) in between_fields(files):
        found[name].put(slug, raw, error, says, what)
    return found


def put_malformed(folder: Folder) -> None:
    """Put them into the folder, and their README."""
    beside = next(each["beside"] for each in folder.entries if each["file"] == "receipts/alice-12.cose")
    made = groups(folder.files, beside)
    for group in made.values():
        for sheet in group:
            folder.files[f"malformed/{sheet.file}"] = sheet.encode()
    folder.files["malformed/README.md"] = readme(made)
