"""Our messages in the hands of a stranger: python-cwt, another implementation of COSE, reads and verifies the samples.

cwt wants an older cbor2 than ours, so it lives in an environment of its own, ``.cache/cwt``, made at the first run
and used again. It is given nothing but the samples: keys, index, files. Besides the signature, what cwt's cbor2
decodes is compared with the index: payload, kid (RFC 9679, computed anew there), typ (RFC 9596) and identity.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "samples"
CACHE = ROOT / ".cache"
HOME = CACHE / "cwt"
WANTED = "cwt>=3.3"
STAMP = f"{WANTED} {sys.version}\n"

NO_NETWORK = ("connection", "name resolution", "timed out", "timeout", "unreachable", "proxy")
"""What pip says where the package index can't be reached; whatever else it says is a failure."""

READER = """
import hashlib, json, pathlib, sys
import cbor2
from cwt import COSE, COSEKey

samples = pathlib.Path(sys.argv[1])
index = json.loads((samples / "index.json").read_bytes())


def key(name):
    public = bytes.fromhex(json.loads((samples / "keys" / (name + ".json")).read_bytes())["public"])
    kid = hashlib.sha256(cbor2.dumps({1: 1, -1: 6, -2: public}, canonical=True)).digest()[:20]
    return COSEKey.new({1: 1, 2: kid, 3: -8, -1: 6, -2: public})


def plain(value):
    if isinstance(value, bytes):
        return "h'" + value.hex() + "'"
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value if isinstance(value, (int, str, type(None))) else repr(value)


def look(raw, name):
    try:
        protected, unprotected, payload = COSE.new().decode_with_headers(raw, key(name))
        fields = cbor2.loads(payload)
    except Exception as error:
        return {"error": type(error).__name__}
    parts = cbor2.loads(raw).value
    signed = cbor2.dumps(["Signature1", parts[0], b"", parts[2]])
    return {
        "alg": protected.get(1),
        "kid": plain(protected.get(4)),
        "type": protected.get(16),
        "more": len(protected) - 3 + len(unprotected),
        "fields": plain(fields),
        "identity": hashlib.sha256(signed).hexdigest(),
    }


names = [path.stem for path in (samples / "keys").glob("*.json")]
found = {}
for entry in index["samples"]:
    if entry["form"] != "message" or not entry["file"].endswith(".cose"):
        continue
    raw, signer = (samples / entry["file"]).read_bytes(), entry["signer"]
    said = {"read": look(raw, signer)}
    if "error" not in entry["expect"]:
        said["tampered"] = [
            look(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :], signer)
            for at in (len(raw) - 1, len(raw) - 64, len(raw) - 67)
        ]
        said["others"] = [look(raw, name) for name in names if name != signer]
    found[entry["file"]] = said
json.dump(found, sys.stdout)
"""
"""Runs there, not here: it prints what cwt makes of every message, of spoilt copies, and with others' keys.

Spoilt are the signature's last and first byte, and the payload's last (67 from the end: the signature's head is two).
"""

Found = dict[str, Any]


def run(*command: str | Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, timeout=180)


@pytest.fixture(scope="module")
def python() -> Path:
    """The interpreter of cwt's own environment; made if need be, by one process at a time."""
    there = HOME / "bin" / "python"
    CACHE.mkdir(exist_ok=True)
    with FileLock(CACHE / "cwt.lock"):
        stamp = HOME / "stamp"
        if not stamp.is_file() or stamp.read_text() != STAMP:
            stamp.unlink(missing_ok=True)
            made = run(sys.executable, "-m", "venv", "--clear", "--without-pip", HOME)
            assert made.returncode == 0, made.stderr
            pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(there))
            got = run(*pip, "install", "--quiet", "--retries", "1", "--timeout", "15", WANTED)
            if got.returncode and any(word in got.stderr.lower() for word in NO_NETWORK):
                pytest.skip(f"{WANTED} is not in {HOME} yet and the package index can't be reached: run with a network")
            assert got.returncode == 0, got.stderr
            stamp.write_text(STAMP)
    return there


@pytest.fixture(scope="module")
def found(python: Path) -> Found:
    """What cwt makes of every message among the samples."""
    read = run(python, "-I", "-c", READER, SAMPLES)
    assert read.returncode == 0, read.stderr
    said: Found = json.loads(read.stdout)
    return said


@pytest.fixture(scope="module")
def entries() -> list[dict[str, Any]]:
    index = json.loads((SAMPLES / "index.json").read_bytes())
    return [entry for entry in index["samples"] if entry["form"] == "message"]


def test_every_good_message_verifies_and_reads_alike(found: Found, entries: list[dict[str, Any]]) -> None:
    good = [entry for entry in entries if "error" not in entry["expect"]]
    assert len(good) > 50
    for entry in good:
        expect = entry["expect"]
        assert found[entry["file"]]["read"] == {
            "alg": -8,
            "kid": f"h'{expect['signer']}'",
            "type": expect["type"],
            "more": 0,
            "fields": list(expect["fields"].values()),
            "identity": expect["identity"],
        }, entry["file"]


def test_a_tampered_one_fails(found: Found, entries: list[dict[str, Any]]) -> None:
    for entry in entries:
        for said in found[entry["file"]].get("tampered", []):
            assert said == {"error": "VerifyError"}, entry["file"]


def test_nobody_elses_key_verifies(found: Found, entries: list[dict[str, Any]]) -> None:
    for entry in entries:
        for said in found[entry["file"]].get("others", []):
            assert set(said) == {"error"}, entry["file"]


def test_bad_signatures_fail_there_too(found: Found, entries: list[dict[str, Any]]) -> None:
    """Where the fault is the signature, and not our stricter rules of form, cwt must see it as we do."""
    bad = [entry["file"] for entry in entries if entry["expect"].get("error") == "bad-signature"]
    assert len(bad) >= 5
    for file in bad:
        assert found[file]["read"]["error"] in ("VerifyError", "ValueError"), file
