"""The README of the samples, with a table of what is there."""

from samplemaker.cast import START
from samplemaker.folder import Folder, Json

TEXT = """# Samples

Real files to check an implementation of ledgerpost against: every kind of message, and what must come of it.
Made by `scripts/make-samples` from fixed seeds and a fixed clock (the bank is founded at {start},
that is 2027-01-15T08:00:00Z); a test holds every byte. **All keys here are test keys: their secrets are public.**
The rules (S1, L5 …) are those of docs/spec.md.

`index.json` has one entry for each file under `samples`, and under `steps` the letters and the bank's answers in the
order they happened: a bank with the same seed that is given the same letters at `bank_time` must sign the same bytes.

| ending | what it is |
|---|---|
| `.cose` | a signed message: COSE_Sign1, tag 18 (RFC 9052) |
| `.cbor` | a statement, an instrument, a proof, or an order not signed on its own: deterministic CBOR |
| `.lpe` | an envelope, as it travels |
| `.txt` | the words of a contract; the text of a code |
| `.json` | a key: seed, public key, fingerprint, and this in Bech32m; or what must come of a folder |
| `.png` | codes, one or one after the other: nothing in them is compressed |

## How to read an entry

| field | meaning |
|---|---|
| `file`, `what`, `rules` | the path in this folder, a sentence, the rules it shows |
| `form` | what to read it as, see below |
| `seeds`, `signer`, `opened_by` | hex of the seeds (RFC 8032) used; whose key in `keys/` signed it; whose opens it |
| `entropy` | of a sealed envelope: the secret its one-time key was drawn from |
| `expect` | what must come of it: identity, signer, fields; or `error` |
| `orders` | of a letter: each order, read on its own; `refused`: the reason the bank must give if it can't be read |
| `beside`, `statement`, `agreed`, `answers` | of a receipt: files that stand beside it, the statement it signs, \
whether it is agreed (L3), results by name |
| `enclosed` | of a notice: the file with the other party's message, instrument or proof |
| `drawer` | of an instrument: whose key the cheque is signed with (`bank` for a certificate) |

Byte strings are written `h'…'` as in RFC 8949 section 8, arrays as lists; whole numbers are JSON numbers up to 2^63, so
read them as integers. `fields` has them in the order of the array, under the names of the spec; rows within are lists.
`identity` is the SHA-256 of the Sig_structure, or of a statement's bytes (S2). An instrument also has `paper`, the
fields of its cheque or certificate; `bodies`, the identities of this and of each endorsement; and `holders`, whose key
held it after each (null: a cheque not endorsed yet).

| form | read it as |
|---|---|
| `key` | a key pair: derive public key, fingerprint and Bech32m from the seed |
| `message` | a message signed by `signer`; of `expect_type` and for the bank `expect_bank` where these are given |
| `card`, `contract` | such a message, verified with the key that it carries |
| `order` | an array of the order's name and its fields |
| `statement` | a statement |
| `instrument` | a cheque or certificate and its chain; a bad one is to be checked knowing only the bank's key |
| `proof` | two instruments whose chains part |
| `contract-text` | a contract's words: what its head says |
| `envelope` | an envelope, opened with the seed of `opened_by` |
| `quarrel` | the verdict on the other `files` in its folder: `ledgerpost judge samples/quarrels/NAME` |
| `pictures` | the one message in the other `files` in its folder: \
`ledgerpost take samples/pictures/NAME --into PLACE` |
| `post-to-bank` | an envelope the bank is to open, all letters in it read and verified |

A folder under `quarrels/` is laid before the judge as it is: `ledgerpost judge samples/quarrels/bounced`. Claims lapse,
so `--now 1800000000` judges at the moment of `judged_at`. A folder holds what the verdict needs: take a file away, and
less is proven. `expected.json` has the findings, what is undecidable and what is settled, with names in place of
fingerprints and files in place of digests, and the `exit` status.

A folder under `pictures/` holds codes, as files (rules Q1 to Q5 say what stands in them). `expected.json` has the
`message` that they must give, byte for byte; under `refused` the code of the error of each file that is bad; and under
`unfinished` how many codes are there of a message that is not whole. The others give it all the same.

A file under `bad/` has one fault, and is signed as it should be wherever that is possible. It must be refused whole;
the code says which fault it is. Codes are words of ledgerpost (`--json` shows them): another implementation may have
others, but must refuse. Too large to keep here, and `over-limit`: an envelope of 2,097,153 bytes, a letter of 65,537.

## To add one

Write it into `scripts/samplemaker/` (`story.py` for good ones, `bad.py` for bad ones, `pictures.py` for pictures,
`quarrels.py` for quarrels, which are taken from the tests), run `scripts/make-samples`, read the difference, and commit
both. A change that alters old samples alters the protocol.

## What is here
"""


def readme(folder: Folder) -> bytes:
    """Text, and a table for each folder."""
    lines = [TEXT.replace("{start}", str(START)).rstrip()]
    here = ""
    for entry in sorted(folder.entries, key=lambda entry: (entry["file"].split("/")[0], 0)):
        chapter = entry["file"].split("/")[0]
        if chapter != here:
            here = chapter
            lines += ["", f"### {chapter}", "", *_heads(chapter)]
        lines.append(_row(entry))
    return ("\n".join(lines) + "\n").encode()


def _heads(chapter: str) -> list[str]:
    return ["| file | fault | code |", "|---|---|---|"] if chapter == "bad" else ["| file | what |", "|---|---|"]


def _row(entry: Json) -> str:
    file = entry["file"].split("/", 1)[1]
    if "error" in entry["expect"]:
        return f"| {file} | {entry['what']} | {entry['expect']['error']} |"
    return f"| {file} | {entry['what']} |"
