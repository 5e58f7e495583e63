"""The README of the malformed samples."""

from collections import Counter
from collections.abc import Mapping

from samplemaker.malformed.sheet import Group

TEXT = """# Malformed samples

{count} files with one fault each, for whoever writes another reader of these bytes. Each group is spoilt copies of one
good original, which lies beside them as `good.txt`: a reader must take that, and refuse every other, so that no file is
refused for another reason than the one it names. Signatures, seals, digests and check bytes are right, but where they
are the fault. Made by `scripts/make-samples`; keys are those of `samples/keys/`, test keys all of them.

A file is seven lines of ASCII, each ended by a line feed: the words `ledgerpost malformed sample 1`, then

| line | what it says |
|---|---|
| `reader: ` | what to read it as, see below |
| `error: ` | the code of the error that must come of it; `none` for `good.txt` |
| `says: ` | words that stand in ledgerpost's own message with that code; may be empty. Others may say it otherwise |
| `fault: ` | what is wrong, for people |
| `good: ` | the original |
| `bytes: ` | the bytes, in hexadecimal; none at all where nothing follows |

To read one in any language: take what follows `bytes: ` on the last line, two digits a byte. In a shell:
`sed -n 's/^bytes: //p' FILE | xxd -r -p`.

| reader | read it as |
|---|---|
| `item` | one deterministic CBOR item of any type |
| `message TYPE SIGNER` | a message of that type, verified with that signer's key, and made for the bank in `keys/` |
| `card`, `bankcard`, `contract` | such a message, verified with the key in it; a contract is made for the bank |
| `order` | an order in Alice's letter 1; `error` is the refusal that the bank signs for it (spec, section 8) |
| `statement` | a statement |
| `instrument` | a cheque or certificate and its chain, knowing only the bank's key |
| `notice` | a notice of the bank's, verified with what it encloses; everybody's key is known |
| `receipt PARTY` | byte strings in an array: a receipt for PARTY, then what stands beside it; terms are known |
| `envelope` | an envelope to the bank, and every letter in it |
| `delivered` | a word that is left for couriers |
| `key-file` | a key file, opened without a passphrase |
| `backup bank` | a bank's backup |
| `text`, `texts` | the text of one code in UTF-8; of several, a line each, put together |
| `paper-key`, `fingerprint` | what a person typed, in UTF-8 |
| `amount DECIMALS`, `end NOW` | the same: an amount of an asset with so many decimals; a last moment, when it is NOW |

## Groups

| group | reader | faults |
|---|---|---|
"""


def readme(groups: Mapping[str, Group]) -> bytes:
    """Text, a row for each group, and how often each error is met."""
    count = sum(len(group.sheets) for group in groups.values())
    rows = [f"| {name} | {group.reader} | {len(group.sheets)} |" for name, group in groups.items()]
    errors = Counter(sheet.error for group in groups.values() for sheet in group.sheets.values())
    met = [f"| {error} | {times} |" for error, times in sorted(errors.items())]
    told = TEXT.replace("{count}", f"{count:,}") + "\n".join(rows)
    return (told + "\n\n## Errors\n\n| code | files |\n|---|---|\n" + "\n".join(met) + "\n").encode()
