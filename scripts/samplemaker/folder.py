"""The folder of samples: files, and an index that says of each what it is and what must come of it."""

import json
from dataclasses import dataclass, field, fields
from typing import Any

from ledgerpost import cbor
from ledgerpost.papers.bankcard import BankCard
from ledgerpost.papers.beside import identity_of_part
from ledgerpost.papers.card import Card
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.cheque import Cheque
from ledgerpost.papers.contract import Contract
from ledgerpost.papers.instrument import Chain, Instrument, read_instrument
from ledgerpost.papers.kinds import Paper
from ledgerpost.papers.letter import Letter
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.orders import KINDS
from ledgerpost.papers.receipt import Receipt
from ledgerpost.papers.release import Release
from ledgerpost.papers.sequence import Sequence
from ledgerpost.papers.terms import Terms
from ledgerpost.sealed import VERSION, Signer, fingerprint, open_message
from ledgerpost.spelling import spell_fingerprint
from ledgerpost.statement import KIND, Statement, digest_of, read_statement

Json = dict[str, Any]

MESSAGES: tuple[type[Paper], ...] = (
    BankCard,
    Card,
    Certificate,
    Cheque,
    Contract,
    Letter,
    Notice,
    Receipt,
    Release,
    Sequence,
    Terms,
)
PAPERS: dict[str, type[Paper]] = {paper.TYPE: paper for paper in MESSAGES} | dict(KINDS)


def plain(value: object) -> object:
    """A decoded CBOR value as JSON: byte strings as ``h'…'``, the rest as it is (RFC 8949 section 8)."""
    if isinstance(value, bytes):
        return f"h'{value.hex()}'"
    if isinstance(value, tuple):
        return [plain(each) for each in value]
    return value


def named(kind: type[Any], body: tuple[object, ...]) -> Json:
    """The fields of a body by their names, in their order."""
    names = kind.names() if issubclass(kind, Paper) else [each.name for each in fields(kind)]
    return {name: plain(value) for name, value in zip(names, body, strict=True)}


@dataclass
class Folder:
    """Every file by its path, and every entry of the index, in the order they were put in."""

    files: dict[str, bytes] = field(default_factory=dict)
    entries: list[Json] = field(default_factory=list)
    steps: list[Json] = field(default_factory=list)
    signers: dict[bytes, str] = field(default_factory=dict)
    kept: dict[bytes, str] = field(default_factory=dict)
    seeds: dict[str, str] = field(default_factory=dict)

    def put(self, file: str, raw: bytes, form: str, what: str, rules: str, **more: object) -> None:
        assert file not in self.files, file
        self.files[file] = raw
        self.entries.append({"file": file, "form": form, "what": what, "rules": rules.split(), **more})

    def key(self, name: str, signer: Signer) -> None:
        """A test key, as a small JSON file."""
        self.signers[signer.fingerprint] = name
        self.seeds[name] = signer.seed.hex()
        said = {
            "note": "TEST KEY: its secret is public. Never use it for anything of value.",
            "name": name,
            "seed": signer.seed.hex(),
            "public": signer.key.hex(),
            "fingerprint": signer.fingerprint.hex(),
            "bech32m": spell_fingerprint(signer.fingerprint),
        }
        self.put(
            f"keys/{name}.json",
            written(said),
            "key",
            f"the test key of {name}: seed, public key, fingerprint, and this spelt in Bech32m",
            "S1 S5",
            expect={name: said[name] for name in ("public", "fingerprint", "bech32m")},
        )

    def message(self, file: str, raw: bytes, signer: Signer, what: str, rules: str, **more: object) -> None:
        """A good message."""
        sealed = open_message(raw, signer.key)
        if sealed.identity in self.kept:
            return
        self.kept[sealed.identity] = file
        expect = {
            "type": VERSION + sealed.type,
            "signer": signer.fingerprint.hex(),
            "identity": sealed.identity.hex(),
            "fields": named(PAPERS[sealed.type], sealed.body),
        }
        self.put(file, raw, "message", what, rules, **self._made(signer), expect=expect, **more)

    def statement(self, file: str, raw: bytes, what: str) -> None:
        """A statement, under its digest."""
        if digest_of(raw) in self.kept:
            return
        self.kept[digest_of(raw)] = file
        statement = read_statement(raw)
        body = tuple(getattr(statement, each.name) for each in fields(Statement))
        expect = {"kind": KIND, "identity": digest_of(raw).hex(), "fields": named(Statement, body)}
        self.put(file, raw, "statement", what, "L2 L3", expect=expect)

    def instrument(self, file: str, chain: Chain, what: str, rules: str) -> None:
        """A cheque or certificate with its chain, as it travels or as it was presented."""
        raw = chain.instrument.encode()
        if identity_of_part(raw) in self.kept:
            return
        self.kept[identity_of_part(raw)] = file
        kind = chain.paper.TYPE
        drawer = self.signers[chain.drawer]
        expect = {
            "kind": kind,
            "identity": identity_of_part(raw).hex(),
            "fields": named(Instrument, cbor.decode(raw)),
            "paper": named(type(chain.paper), chain.paper.body()),
            "bodies": [body.hex() for body in chain.bodies],
            "holders": [None if key is None else self.signers[fingerprint(key)] for key in chain.holders],
        }
        self.put(file, raw, "instrument", what, rules, drawer=drawer, expect=expect)

    def proof(self, file: str, raw: bytes, what: str) -> None:
        """Two chains that part: who signed twice."""
        if digest_of(raw) in self.kept:
            return
        self.kept[digest_of(raw)] = file
        chains = [self.kept[identity_of_part(each)] for each in cbor.decode(raw)]
        assert all(read_instrument(self.files[each]) for each in chains)
        self.put(file, raw, "proof", what, "B5", expect={"instruments": chains})

    def bad(self, file: str, raw: bytes, form: str, code: str, what: str, rules: str, **more: object) -> None:
        """A bad file, and the code of the error that must come of it."""
        self.put(f"bad/{file}", raw, form, what, rules, **more, expect={"error": code})

    def _made(self, signer: Signer) -> Json:
        name = self.signers[signer.fingerprint]
        return {"signer": name, "seeds": {name: self.seeds[name]}}

    def index(self) -> bytes:
        """The index itself."""
        head = {
            "schema": "ledgerpost-samples/1",
            "note": "Made by scripts/make-samples; see README.md. All keys are TEST KEYS.",
            "samples": self.entries,
            "steps": self.steps,
        }
        return written(head)


def identity(raw: bytes) -> bytes:
    """Of a message, a statement or an instrument."""
    return identity_of_part(raw)


def written(value: Json) -> bytes:
    """JSON for people and diffs; lists of plain values stay on one line."""
    return (_json(value, "") + "\n").encode()


def _json(value: object, indent: str) -> str:
    flat = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or len(flat) + len(indent) <= 118:
        return flat
    inner = indent + " "
    if isinstance(value, dict):
        rows = [f"{inner}{json.dumps(key)}: {_json(each, inner)}" for key, each in value.items()]
        return "{\n" + ",\n".join(rows) + f"\n{indent}}}"
    return "[\n" + ",\n".join(inner + _json(each, inner) for each in value) + f"\n{indent}]"
