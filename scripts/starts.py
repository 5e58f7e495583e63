#!/usr/bin/env python3
"""Measure what it takes to start the command, beside starting Python and doing nothing.

    scripts/starts.py [ROUNDS]    processor time of each start, and its ratio to the bare one

Processor time, user and system, of whole processes as the kernel counts it for each (wait4): others' work is not
counted. Every round runs each of them once and starts with another. Measures the ledgerpost of the Python it is run by:
both sides pay for what that environment loads at every start. As a user has it, with no tools beside:

    python3 -m venv FOLDER && FOLDER/bin/pip install . && FOLDER/bin/python scripts/starts.py
"""

import os
import sys
from pathlib import Path
from statistics import median, quantiles
from typing import Final

MOST: Final = 4.0
"""Times the bare start that each may take (docs/adr/0021)."""

BARE: Final = "python -c pass"


def costs(rounds: int) -> dict[str, list[float]]:
    """Milliseconds of processor time, round by round."""
    program = str(Path(sys.executable).with_name("ledgerpost"))
    commands = {
        BARE: [sys.executable, "-c", "pass"],
        "ledgerpost --version": [program, "--version"],
        "ledgerpost --help": [program, "--help"],
        "ledgerpost": [program],
    }
    for command in commands.values():
        _cost(command)  # whatever is compiled or read from the disk for the first time
    took: dict[str, list[float]] = {name: [] for name in commands}
    names = list(commands)
    for _ in range(rounds):
        names.append(names.pop(0))
        for name in names:
            took[name].append(_cost(commands[name]))
    return took


def _cost(command: list[str]) -> float:
    silent = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_WRONLY, 0) for stream in (1, 2)]
    process = os.posix_spawn(command[0], command, os.environ, file_actions=silent)
    _, status, used = os.wait4(process, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 2):  # 2: help that nobody asked for
        raise ChildProcessError(f"{' '.join(command)} ended with wait status {status}")
    return (used.ru_utime + used.ru_stime) * 1000


def ratios(took: dict[str, list[float]]) -> dict[str, list[float]]:
    """Each to the bare start, round by round."""
    return {what: [one / bare for one, bare in zip(each, took[BARE], strict=True)] for what, each in took.items()}


def main() -> None:
    """The table."""
    took = costs(int(sys.argv[1]) if len(sys.argv) > 1 else 31)
    for what, each in ratios(took).items():
        low, middle, high = quantiles(each, n=4)
        spread = f"±{(high - low) / 2 / middle:.0%}"
        goal = "" if what == BARE else f"at most {MOST:g}  {'met' if middle <= MOST else 'MISSED'}"
        print(f"{what:<22} {median(took[what]):6.1f} ms {middle:6.2f} {spread:<5} {goal}".rstrip())


if __name__ == "__main__":
    main()
