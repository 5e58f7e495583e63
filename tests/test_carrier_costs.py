"""Refusing whatever a stick may hold costs at most 50 ms and 32 MiB, and nothing but that thing is moved."""

from pathlib import Path

import pytest

from things import MOST_BYTES, MOST_SECONDS, THINGS, cost_of

TIMES = 3
"""Times measured; the best counts, since others work on this machine too."""


@pytest.mark.parametrize("thing", THINGS)
def test_refusing_is_cheap_and_told(tmp_path: Path, thing: str) -> None:
    try:
        costs = [cost_of(thing, tmp_path / str(n)) for n in range(TIMES)]
    except PermissionError:
        pytest.skip("only root makes devices")
    except OSError as error:
        pytest.skip(f"this file system takes no such name: {error}")
    assert min(cost.seconds for cost in costs) <= MOST_SECONDS
    assert min(cost.memory for cost in costs) <= MOST_BYTES
    assert all(cost.said for cost in costs)
    mailbox = tmp_path / "0" / "place" / "ledgerpost" / "anna"
    assert [path.name for path in mailbox.iterdir()] == ["set-aside"]
    assert [path.name for path in (tmp_path / "0" / "place").iterdir()] == ["ledgerpost"]
    aside = mailbox / "set-aside"
    assert len(list(aside.glob("*.txt"))) * 2 == len(list(aside.iterdir()))
