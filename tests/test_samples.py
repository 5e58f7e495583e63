"""The samples: held byte for byte, and read from disk as a stranger would who has the index and the keys.

What a stranger finds is compared with what the index says must come of each file: identity, signer, fields, or the
code of the error.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ledgerpost import cbor, envelope
from ledgerpost.bank.audit import Audit, audit
from ledgerpost.bank.counter import answer
from ledgerpost.bank.founding import found, new_terms
from ledgerpost.bank.keys import BANK, Key, terms_key
from ledgerpost.bank.prepare import Prepared, prepare, touches
from ledgerpost.bank.records import BankRecord, Unheld, read_record
from ledgerpost.cli.main import cli
from ledgerpost.desk.pickup import Pickup
from ledgerpost.errors import BadBytes, BadPicture, NoAccount, Refusal
from ledgerpost.papers import notice as n
from ledgerpost.papers.agreement import retrace
from ledgerpost.papers.bankcard import BankCard, open_bank_card
from ledgerpost.papers.beside import identity_of_part, indexed
from ledgerpost.papers.card import Card, open_card
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.cheque import Cheque
from ledgerpost.papers.contract import Contract, open_contract, read_head
from ledgerpost.papers.instrument import (
    Chain,
    check_chain,
    check_offline,
    is_instrument,
    parting,
    read_instrument,
    read_instruments,
)
from ledgerpost.papers.kinds import Paper
from ledgerpost.papers.letter import Letter
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.orders import KINDS, read_orders
from ledgerpost.papers.proof import ENCLOSES, order_in
from ledgerpost.papers.receipt import Receipt
from ledgerpost.papers.release import Release
from ledgerpost.papers.sequence import Sequence
from ledgerpost.papers.terms import Terms
from ledgerpost.pictures import text
from ledgerpost.sealed import VERSION, Signer, fingerprint, identity_of, open_message, read
from ledgerpost.spelling import spell_fingerprint
from ledgerpost.statement import digest_of, is_statement, read_statement
from ledgerpost.store.memory import MemoryStore
from ledgerpost.terms import Fingerprint
from quarreling import NAMES
from town import seed_of

Entry = dict[str, Any]

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "samples"
INDEX = json.loads((SAMPLES / "index.json").read_bytes())
ENTRIES: list[Entry] = INDEX["samples"]
GOOD = [entry for entry in ENTRIES if "error" not in entry["expect"]]
BAD = [entry for entry in ENTRIES if "error" in entry["expect"]]
OTHERS: tuple[type[Paper], ...] = (
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
PAPERS: dict[str, type[Paper]] = {paper.TYPE: paper for paper in OTHERS} | dict(KINDS)
LIMIT = 2_200_000
"""Bytes. The malformed samples, two thousand files of a few hundred bytes, are 1.3 MB of it: whoever writes another
reader needs them all, and git packs them to a third. It keeps out what comes by mistake, a picture or a log."""

LEFT_OUT: frozenset[str] = frozenset()
"""Orders and notices that have no sample yet. Better than a name here: a letter in scripts/samplemaker."""


def raw(file: str) -> bytes:
    return (SAMPLES / file).read_bytes()


def key(name: str) -> bytes:
    said = json.loads(raw(f"keys/{name}.json"))
    return bytes.fromhex(said["public"])


def seed(name: str) -> bytes:
    return bytes.fromhex(json.loads(raw(f"keys/{name}.json"))["seed"])


def entries(folder: str) -> list[Entry]:
    return [entry for entry in GOOD if entry["file"].startswith(f"{folder}/")]


def by_file(entry: Entry) -> str:
    return str(entry["file"])


def plain(value: object) -> object:
    """A decoded value as the index writes it."""
    if type(value) is bytes:
        return f"h'{value.hex()}'"
    return [plain(each) for each in value] if type(value) is tuple else value


BANK_ID: Fingerprint = fingerprint(key("bank"))
WHO = {spell_fingerprint(Signer.from_seed(seed_of(name)).fingerprint): name for name in (*NAMES, "bank")}
"""The people of the quarrels, who are those of the other tests."""


# --- the folder as a whole ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made() -> dict[str, bytes]:
    """What scripts/make-samples would write now."""
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        from samplemaker import make
    finally:
        sys.path.remove(str(ROOT / "scripts"))
    return make()


def test_every_byte_is_as_the_generator_makes_it(made: dict[str, bytes]) -> None:
    differ = [file for file in made if not (SAMPLES / file).is_file() or raw(file) != made[file]]
    assert not differ, "run scripts/make-samples, read the difference, and ask whether the protocol was meant to change"


def test_nothing_else_stands_there(made: dict[str, bytes]) -> None:
    tops = {file.split("/")[0] for file in made}
    there = {path.relative_to(SAMPLES).as_posix() for path in SAMPLES.rglob("*") if path.is_file()}
    assert {file for file in there if file.split("/")[0] in tops} == set(made)


def test_the_folder_stays_small(made: dict[str, bytes]) -> None:
    assert sum(map(len, made.values())) < LIMIT


def test_the_index_names_every_file_once(made: dict[str, bytes]) -> None:
    files = [file for entry in ENTRIES for file in (entry["file"], *beside(entry))]
    malformed = {file for file in made if file.startswith("malformed/")}  # each says itself what it is
    assert sorted(files) == sorted(set(made) - {"index.json", "README.md"} - malformed)


def test_there_is_one_of_each_kind() -> None:
    types = {entry["expect"]["type"].removeprefix(VERSION) for entry in GOOD if entry["form"] == "message"}
    orders = {entry["expect"]["order"] for entry in GOOD if entry["form"] == "order"}
    assert {paper.TYPE for paper in OTHERS} <= types
    assert set(KINDS) - LEFT_OUT == set(KINDS) & (types | orders)
    notices = {entry["expect"]["fields"]["kind"] for entry in entries("notices")}
    assert notices == set(n.KINDS) - LEFT_OUT


def test_every_seed_named_is_the_key_files() -> None:
    for entry in ENTRIES:
        for name, said in entry.get("seeds", {}).items():
            assert bytes.fromhex(said) == seed(name)


# --- good ones ---------------------------------------------------------------------------------------------------


def see_key(entry: Entry) -> None:
    said = json.loads(raw(entry["file"]))
    signer = Signer.from_seed(bytes.fromhex(said["seed"]))
    expect = entry["expect"]
    assert "TEST KEY" in said["note"]
    assert signer.key.hex() == expect["public"] == said["public"]
    assert signer.fingerprint.hex() == expect["fingerprint"] == said["fingerprint"]
    assert spell_fingerprint(signer.fingerprint) == expect["bech32m"] == said["bech32m"]


def see_message(entry: Entry) -> None:
    expect = entry["expect"]
    sealed = open_message(raw(entry["file"]), key(entry["signer"]))
    assert VERSION + sealed.type == expect["type"]
    assert sealed.identity.hex() == expect["identity"]
    assert sealed.signer.hex() == expect["signer"]
    assert plain(sealed.body) == list(expect["fields"].values())
    paper = PAPERS[sealed.type].of(sealed, BANK_ID)
    assert list(expect["fields"]) == paper.names()
    assert paper.sign(Signer.from_seed(seed(entry["signer"]))) == raw(entry["file"])


def see_order(entry: Entry) -> None:
    name, *body = cbor.decode(raw(entry["file"]))
    assert name == entry["expect"]["order"]
    assert plain(tuple(body)) == list(entry["expect"]["fields"].values())
    assert not KINDS[name].SIGNED
    KINDS[name].read(tuple(body))


def see_statement(entry: Entry) -> None:
    held = raw(entry["file"])
    statement = read_statement(held)
    kind, *body = cbor.decode(held)
    assert kind == entry["expect"]["kind"]
    assert digest_of(held).hex() == entry["expect"]["identity"]
    assert plain(tuple(body)) == list(entry["expect"]["fields"].values())
    assert statement.encode() == held


def chain_of(entry: Entry) -> Chain:
    return check_chain(read_instrument(raw(entry["file"])), key(entry["drawer"]), BANK_ID)  # type: ignore[arg-type]


def see_instrument(entry: Entry) -> None:
    expect, held = entry["expect"], raw(entry["file"])
    chain = chain_of(entry)
    assert chain.instrument.encode() == held
    assert identity_of_part(held).hex() == expect["identity"]
    assert plain(cbor.decode(held)) == list(expect["fields"].values())
    assert (chain.paper.TYPE, plain(chain.paper.body())) == (expect["kind"], list(expect["paper"].values()))
    assert [body.hex() for body in chain.bodies] == expect["bodies"]
    assert list(chain.holders) == [name and key(name) for name in expect["holders"]]
    if chain.instrument.chequebook is not None or isinstance(chain.paper, Certificate):
        assert check_offline(chain.instrument, key("bank")) == chain  # type: ignore[arg-type]


def see_proof(entry: Entry) -> None:
    instruments = read_instruments(raw(entry["file"]))
    assert [each.encode() for each in instruments] == [raw(file) for file in entry["expect"]["instruments"]]
    one, other = (check_chain(each, key("bank"), BANK_ID) for each in instruments)  # type: ignore[arg-type]
    at = parting(one, other)
    assert at
    assert one.signer(at) == other.signer(at)


def see_contract_text(entry: Entry) -> None:
    head = read_head(raw(entry["file"]).decode())
    assert {name: getattr(head, name) for name in ("name", "unit", "decimals", "limit")} == entry["expect"]
    signed, _ = open_contract(raw(entry["file"].replace(".txt", ".cose")))
    assert signed.text.encode() == raw(entry["file"])


def see_envelope(entry: Entry) -> None:
    expect, who = entry["expect"], entry["opened_by"]
    outside = envelope.look(raw(entry["file"]))
    assert (outside.kind, outside.until) == (expect["kind"], expect["until"])
    assert outside.recipient == (bytes.fromhex(expect["recipient"]) if expect["recipient"] else None)
    inside = envelope.unpack(raw(entry["file"]), seed(who) if who else None, fingerprint(key(who)) if who else None)
    assert inside.sender is not None
    assert inside.sender.hex() == expect["sender"]
    assert list(inside.messages) == [raw(file) for file in expect["messages"]]
    again = envelope.pack(
        inside.messages,
        sender=inside.sender,
        recipient=key(who) if who else None,  # type: ignore[arg-type]
        until=outside.until,
        entropy=bytes.fromhex(entry["entropy"]) if "entropy" in entry else None,
    )
    assert again == raw(entry["file"])


def beside(entry: Entry) -> list[str]:
    """The files that lie beside what must come of them."""
    if entry["form"] not in ("quarrel", "pictures"):
        return []
    return [f"{entry['file'].rpartition('/')[0]}/{name}" for name in entry["expect"]["files"]]


def see_quarrel(entry: Entry) -> None:
    """The command says just what is expected, of the folder as it lies there."""
    said = json.loads(raw(entry["file"]))
    folder = SAMPLES / entry["file"].rpartition("/")[0]
    result = CliRunner().invoke(cli, ["judge", str(folder), "--json", "--now", str(said["judged_at"])])
    assert result.exit_code == said["exit"]
    items = json.loads(result.stdout)["items"]
    for kind, expected in (("finding", "findings"), ("undecidable", "undecidable"), ("settled", "settled")):
        assert [row_of(each) for each in items if each["kind"] == kind] == said[expected]


@pytest.mark.parametrize("entry", entries("pictures"), ids=by_file)
def test_of_pictures_come_the_messages_they_hold(entry: Entry, tmp_path: Path) -> None:
    """The command puts down just the message that the pictures hold, and tells what is wrong with the others."""
    said = json.loads(raw(entry["file"]))
    place = tmp_path / "place"
    place.mkdir()
    words = [str(SAMPLES / Path(entry["file"]).parent), "--into", str(place), "--json"]
    result = CliRunner(env={"LEDGERPOST_HOME": str(tmp_path / "home")}).invoke(cli, ["take", *words])
    assert result.exit_code == said["exit"], result.output
    kinds: dict[str, list[Entry]] = {"put down": [], "unfinished": []}
    for each in json.loads(result.stdout)["items"]:
        kinds[each["kind"]].append(each)
    (put,) = kinds["put down"]
    assert Path(put["file"]).read_bytes() == raw(said["message"])
    unfinished = [{"seen": int(each["seen"]), "parts": int(each["parts"])} for each in kinds["unfinished"]]
    assert unfinished == ([said["unfinished"]] if said["unfinished"] else [])
    assert {name for name in entry["expect"]["files"] if f"{name}\n" in result.stderr} == set(said["refused"])


@pytest.mark.parametrize("entry", entries("pictures"), ids=by_file)
def test_each_picture_is_refused_with_its_code_or_not_at_all(entry: Entry) -> None:
    said = json.loads(raw(entry["file"]))
    folder = SAMPLES / Path(entry["file"]).parent
    codes = {}
    with Pickup(None) as pickup:
        for name in entry["expect"]["files"]:
            (brought,) = pickup.bring(str(folder / name))
            if brought.error is not None:
                codes[name] = brought.error.code
    assert codes == said["refused"]


def test_the_text_of_a_code_says_what_its_picture_does() -> None:
    kind, message = text.read(raw("pictures/cheque/cheque.txt").decode())
    assert (kind, message) == (text.Kind.WHOLE, raw("instruments/cheque-22-to-bob.cbor"))


def row_of(item: Entry) -> Entry:
    """A row of the command's, with names in place of fingerprints, and files by their own names."""
    row: Entry = {name: WHO.get(item[name]) for name in ("debtor", "creditor", "party") if name in item}
    if "unit" in item:
        row["amount"] = item["text"] and f"{item['text']} {item['unit']}"
    row |= {name: item[name] for name in ("rule", "words") if name in item}
    if "needs" in item:
        claim = item["claim"] and row_of(item["claim"])
        return row | {"needs": [need_of(each) for each in item["needs"]], "claim": claim}
    return row | {"shown": [each["file"] and Path(each["file"]).name for each in item["shown"]]}


def need_of(need: Entry) -> Entry:
    """A document that would decide; whole numbers are texts in the command's JSON."""
    number = need["number"] and int(need["number"])
    return {"kind": need["kind"], "party": WHO.get(need["party"]), "number": number, "digest": need["digest"]}


SEE: dict[str, Callable[[Entry], None]] = {
    "quarrel": see_quarrel,
    "key": see_key,
    "message": see_message,
    "order": see_order,
    "statement": see_statement,
    "instrument": see_instrument,
    "proof": see_proof,
    "contract-text": see_contract_text,
    "envelope": see_envelope,
}


@pytest.mark.parametrize("entry", [entry for entry in GOOD if entry["form"] != "pictures"], ids=by_file)
def test_of_a_good_one_comes_what_the_index_says(entry: Entry) -> None:
    SEE[entry["form"]](entry)


@pytest.mark.parametrize("entry", entries("letters"), ids=by_file)
def test_orders_of_a_letter(entry: Entry) -> None:
    letter = Letter.of(open_message(raw(entry["file"]), key(entry["signer"])))
    written = read_orders(letter, key(entry["signer"]))  # type: ignore[arg-type]
    for each, said in zip(written, entry["orders"], strict=True):
        if isinstance(each.order, Refusal):
            assert said["refused"] == {"code": int(each.order), "name": each.order.name}
        elif said["signed"]:
            assert (each.order.TYPE, identity_of(read(each.raw)).hex()) == (said["order"], said["identity"])
        else:
            kind, *body = cbor.decode(each.raw)
            assert (kind, plain(tuple(body))) == (said["order"], list(said["fields"].values()))


def _terms() -> dict[bytes, Terms]:
    opened = (open_message(raw(entry["file"]), key("bank")) for entry in entries("terms"))
    return {sealed.identity: Terms.of(sealed) for sealed in opened}


@pytest.mark.parametrize("entry", entries("receipts"), ids=by_file)
def test_a_receipt_follows_from_what_stands_beside_it(entry: Entry) -> None:
    receipt = Receipt.of(open_message(raw(entry["file"]), key("bank")), BANK_ID)
    parts = indexed(raw(file) for file in entry["beside"])
    assert set(parts) == set(receipt.parts())
    retraced = retrace(receipt, parts, key(entry["party"]), _terms().get)  # type: ignore[arg-type]
    assert retraced.agreed is entry["agreed"]
    assert receipt.statement == raw(entry["statement"])
    said = [
        {"letter": each.letter.hex(), "results": [result.code.name for result in each.results]}
        for each in receipt.answers
    ]
    assert said == entry["answers"]


@pytest.mark.parametrize("entry", entries("notices"), ids=by_file)
def test_a_notice_encloses_what_it_says(entry: Entry) -> None:
    held = raw(entry["file"])
    notice = Notice.of(open_message(held, key("bank")), BANK_ID)
    if notice.kind in ENCLOSES:
        order_in(notice)
    assert notice.enclosed == (raw(entry["enclosed"]) if entry["enclosed"] else None)


def test_cards_open_with_the_key_they_carry() -> None:
    for entry in entries("cards"):
        if entry["signer"] == "bank":
            card, terms = open_bank_card(raw(entry["file"]))
            assert (card.key, terms.serial) == (key("bank"), int(entry["file"][-6]))
        else:
            assert open_card(raw(entry["file"])).key == key(entry["signer"])


# --- the steps: another bank with the same key signs the same bytes ----------------------------------------------


def _replayed() -> tuple[list[list[bytes]], Audit]:
    """A bank founded anew answers every letter in order; what it sends each time, and its audit."""
    signer, store = Signer.from_seed(seed("bank")), MemoryStore()
    first, second = (Terms.of(open_message(raw(entry["file"]), signer.key)) for entry in entries("terms"))
    card = BankCard.of(open_message(raw("cards/bank-1.cose"), signer.key))
    with store.hold([BANK]) as held:
        held.commit(found(signer, card.name, first.time))
    answers, changed = [], False
    for step in INDEX["steps"]:
        if not changed and step["bank_time"] >= second.time:
            _put_in_force(store, signer, second)
            changed = True
        letters = tuple(raw(file) for file in step["letters"])
        sender = next(entry["signer"] for entry in ENTRIES if entry["file"] == step["letters"][0])
        blob = envelope.pack(letters, sender=key(sender), recipient=signer.key, until=0)  # type: ignore[arg-type]
        prepared = prepare(blob, signer.seed, signer.fingerprint)
        assert isinstance(prepared, Prepared)
        answers.append(list(_answer(store, prepared, step["bank_time"], signer)))
    with store.snapshot() as snapshot:
        return answers, audit(snapshot, signer.key)


def _answer(store: MemoryStore, prepared: Prepared, now: int, signer: Signer) -> tuple[bytes, ...]:
    keys = set(touches([prepared]))
    while True:
        try:
            with store.hold(keys) as held:
                outcome = answer([prepared], held, now, signer)
                held.commit(outcome.changes)
            return outcome.replies[0].messages
        except Unheld as more:
            keys.add(more.key)


def _put_in_force(store: MemoryStore, signer: Signer, terms: Terms) -> None:
    with store.hold([BANK]) as held:
        bank = held.values[BANK]
        assert bank is not None
        key_: Key = terms_key(read_record(BankRecord, bank, BANK).terms)
        old = held.get(key_)
        assert old is not None
        held.commit(new_terms(signer, bank, old, terms, terms.time))


def test_the_steps_can_be_walked_again() -> None:
    answers, audited = _replayed()
    for step, sent in zip(INDEX["steps"], answers, strict=True):
        assert sent == [raw(file) for file in step["answer"]]
    assert audited.good, audited.findings


# --- bad ones ----------------------------------------------------------------------------------------------------


def open_bad(entry: Entry) -> object:
    """Read a bad file as its form says; the error is the answer."""
    held, form = raw(entry["file"]), entry["form"]
    if form == "message":
        kind = entry["expect_type"].removeprefix(VERSION)
        sealed = open_message(held, key(entry["signer"]), kind)
        return PAPERS[kind].of(sealed, Fingerprint(bytes.fromhex(entry["expect_bank"])))
    if form == "card":
        return open_card(held)
    if form == "contract":
        return open_contract(held)
    if form == "instrument":
        return check_offline(read_instrument(held), key("bank"))  # type: ignore[arg-type]
    if form == "statement":
        return read_statement(held)
    assert form == "post-to-bank"
    result = prepare(held, seed(entry["opened_by"]), fingerprint(key(entry["opened_by"])))
    if isinstance(result, BadBytes):
        raise result
    return result


@pytest.mark.parametrize("entry", BAD, ids=by_file)
def test_a_bad_one_is_refused_with_its_code(entry: Entry) -> None:
    with pytest.raises(BadBytes) as caught:
        open_bad(entry)
    assert caught.value.code == entry["expect"]["error"], caught.value
    assert caught.value.what
    assert caught.value.do


def test_no_bad_one_differs_from_another_only_in_name() -> None:
    held = {(entry["form"], raw(entry["file"])) for entry in BAD}
    assert len(held) == len(BAD)


def test_every_code_of_bad_bytes_has_a_sample() -> None:
    """Every subclass of BadBytes in ``errors`` is met by some bad file.

    Except NoAccount, which is said of good letters, and BadPicture: of that there are pictures.
    """
    codes = {entry["expect"]["error"] for entry in BAD}
    every = set(_codes(BadBytes)) - {BadBytes.code, NoAccount.code, BadPicture.code}
    assert every - codes == set()


def _codes(kind: type[BadBytes]) -> list[str]:
    below = (each for each in kind.__subclasses__() if each.__module__ == BadBytes.__module__)
    return [kind.code, *(code for each in below for code in _codes(each))]


def test_a_good_one_with_any_byte_changed_is_refused() -> None:
    """No byte of a signed message or a sealed envelope is without meaning, the hints on an envelope's outside aside."""
    for file, name in (("orders/spendto.cose", "issuer"), ("cards/alice.cose", "alice")):
        held = raw(file)
        for at in range(len(held)):
            with pytest.raises(BadBytes):
                open_message(held[:at] + bytes([held[at] ^ 0x55]) + held[at + 1 :], key(name))
    held = raw("envelopes/alice-1-to-bank.lpe")
    for at in range(len(held)):
        try:
            inside = envelope.unpack(held[:at] + bytes([held[at] ^ 1]) + held[at + 1 :], seed("bank"), None)
        except BadBytes:
            continue
        assert inside.messages == (raw("letters/alice-1.cose"),), "only what the outside says may change"


def test_statements_and_messages_are_told_apart_by_their_start() -> None:
    for entry in GOOD:
        assert is_statement(raw(entry["file"])) == (entry["form"] == "statement")
        assert is_instrument(raw(entry["file"])) == (entry["form"] == "instrument")
