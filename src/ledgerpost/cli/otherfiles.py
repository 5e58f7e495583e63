"""What ``show`` says of files that are no messages: backups, key files, contract texts. Opens and changes nothing."""

import os
from pathlib import Path
from typing import Final

from ledgerpost import cbor, vault
from ledgerpost.cli.talk import Talk
from ledgerpost.cli.words import contract_lines, groups
from ledgerpost.desk.backup import check_backup
from ledgerpost.desk.home import BANKS, WALLETS
from ledgerpost.errors import BadBytes
from ledgerpost.papers.contract import Contract, read_head
from ledgerpost.sealed import COSE_SIGN1, checked_key, fingerprint
from ledgerpost.spelling import spell_moment
from ledgerpost.terms import Fingerprint, PublicKey

_BACKUP: Final = cbor.SELF_DESCRIBED + COSE_SIGN1


def is_backup(path: Path) -> bool:
    """Whether a file begins like a backup, which may be too large to be read whole. Raises OSError."""
    if not os.path.isfile(path):  # what was pasted may be longer than any name, which is no error here
        return False
    with path.open("rb") as file:
        return file.read(len(_BACKUP)) == _BACKUP


def tell_backup(talk: Talk, path: Path) -> None:
    """Of whom, of when, and that it is whole. Raises BadBytes, or what reading it raises."""
    try:
        checked = check_backup(path, WALLETS)
    except BadBytes as error:
        if error.code != "wrong-kind":
            raise
        checked = check_backup(path, BANKS)
    head = checked.head
    talk.say(f"  the backup of a {head.kind}, as it was on {spell_moment(head.time)}: {head.records:,} records")
    talk.say(f"    good  signed by  {groups(head.owner)}")
    talk.item(file=path, kind="backup", of=head.kind, time=head.time, records=head.records, verifies=True)


def tell_key_file(talk: Talk, where: str, raw: bytes) -> None:
    """Whose key, and whether a passphrase is before it. Raises BadBytes."""
    key = checked_key(vault.read_public(raw))
    sealed = vault.needs_passphrase(raw)
    talk.say(f"  a key file, {'sealed with a passphrase' if sealed else 'OPEN: without a passphrase'}")
    talk.say(f"     {groups(fingerprint(key))}")
    talk.say("    whole; only opening it proves that the key in it is this one")
    talk.item(file=where, kind="key", passphrase=sealed, verifies=None)


def tell_contract_text(talk: Talk, where: str, raw: bytes) -> None:
    """A text not signed yet: what "issue" would make of it. Raises BadBytes."""
    text = raw.decode("utf-8-sig", "replace").replace("\r\n", "\n")
    read_head(text)
    nobody = Contract(Fingerprint(bytes(20)), PublicKey(bytes(32)), text)
    talk.say("  the text of a contract, signed by nobody yet")
    for line in contract_lines(nobody):
        talk.say(f"      {line}")
    talk.item(file=where, kind="contract text", verifies=None)
