"""scripts/many-envelopes in the small: it runs, measures what it says it measures, and fails where something is off."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parent.parent / "scripts" / "many-envelopes"


@pytest.mark.slow
def test_a_small_run_ends_the_same_with_and_without_kills() -> None:
    words = [sys.executable, str(SCRIPT), "--parties", "6", "--envelopes", "120", "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=os.environ, timeout=300)
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert (rows["parties"], rows["envelopes"]) == (6, 120)
    assert rows["the same records and balances after kills"] is True
    assert rows["killed runs before one came through"] >= 1
    said = rows["all: what it said"]
    assert said[0].endswith("120 envelopes from 6 parties")
    assert said[2] == "  orders: 48 done"
