"""Start-up: what is answered without the parser says what the parser would say, and what is imported for what."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

from ledgerpost.cli.main import cli
from ledgerpost.cli.start import COMPLETION, at_once, overview
from ledgerpost.cli.table import TABLE, VERSION
from shell import Kita
from shell import kita as kita

START, CLICK = (f"from ledgerpost.cli.{module} import main; main()" for module in ("start", "main"))
AT_ONCE: list[list[str]] = [["--version"], ["--help"], []]

OURS = {"ledgerpost", "ledgerpost.cli", "ledgerpost.cli.start", "ledgerpost.cli.table"}
"""All of ledgerpost that help and version may import."""

SLOW = ("click", "dataclasses", "datetime", "inspect", "json", "locale", "pathlib", "subprocess", "tempfile")
"""Not for help and version; nor is anything of HEAVY."""

HEAVY = (
    "nacl",
    "cbor2",
    "PIL",
    "qrcode",
    "pyzbar",
    "lmdb",
    "filelock",
    "platformdirs",
    "mnemonic",
    "num2words",
    "psutil",
)
"""Not for what is said before a command begins: help, completion, wrong use."""


def imported(program: str, *args: str, **variables: str) -> tuple[set[str], str]:
    """The modules that a program imports beyond what Python starts with, and what it says on stdout."""
    code = f"""
import sys
sys.argv[0] = "ledgerpost"
before = set(sys.modules)
try:
    {program}
finally:
    print("IMPORTED", *(set(sys.modules) - before), file=sys.stderr)
"""
    env = os.environ | variables
    done = subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, env=env, check=False)
    return set(done.stderr.rpartition("IMPORTED")[2].split()), done.stdout


def run(program: str, *args: str, **variables: str) -> tuple[int, bytes, bytes]:
    env = os.environ | variables
    done = subprocess.run([sys.executable, "-c", program, *args], capture_output=True, env=env, check=False)
    return done.returncode, done.stdout, done.stderr


# --- what is said


@pytest.mark.parametrize("columns", range(1, 101))
def test_help_is_what_click_would_print(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    assert overview(columns) == cli.get_help(click.Context(cli, info_name="ledgerpost"))


@pytest.mark.parametrize("args", AT_ONCE)
@pytest.mark.parametrize("columns", ["40", "66", "80", "200", "0", "many"])
def test_a_process_says_the_same_with_and_without_click(args: list[str], columns: str) -> None:
    assert run(START, *args, COLUMNS=columns) == run(CLICK, *args, COLUMNS=columns)


@pytest.mark.parametrize(
    "args", [["--help", "status"], ["--json", "--help"], ["--version", "--help"], ["--json"], ["-h"], ["help"], [""]]
)
def test_all_else_is_for_the_parser(args: list[str]) -> None:
    assert at_once(args) is None
    assert run(START, *args) == run(CLICK, *args)


def test_a_shell_that_asks_for_completions_gets_them() -> None:
    asking = {COMPLETION: "bash_complete", "COMP_WORDS": "ledgerpost st", "COMP_CWORD": "1"}
    for args in AT_ONCE:
        modules, said = imported(START, *args, **asking)
        assert said.split() == ["plain,status", "plain,stop", "plain,statement"]
        assert not modules & set(HEAVY)
        assert not [name for name in modules if name.startswith("ledgerpost.cli.stat")]


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())
    assert project["project"]["version"] == VERSION
    assert project["project"]["scripts"] == {"ledgerpost": "ledgerpost.cli.start:main"}
    assert at_once(["--version"]) == f"ledgerpost {VERSION}"


@pytest.mark.parametrize("name", TABLE)
def test_the_table_says_what_the_command_says(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert command.name == name
    assert (command.help or "").split("\n")[0].strip() == TABLE[name][1]


def test_the_installed_program_prints_help_and_ends_with_0() -> None:
    script = Path(sys.executable).parent / "ledgerpost"
    if script.exists():
        done = subprocess.run([script, "--help"], capture_output=True, text=True, check=True)
        assert "open" in done.stdout


# --- what is imported


@pytest.mark.parametrize("args", AT_ONCE)
def test_help_and_version_import_no_parser(args: list[str]) -> None:
    modules, _ = imported(START, *args)
    assert {name for name in modules if name.startswith("ledgerpost")} == OURS
    assert not modules & {*SLOW, *HEAVY}


@pytest.mark.parametrize(
    "args", [["stauts"], ["--frobnicate"], ["--json", "--help"], ["completion", "--help"], ["completion", "fish"]]
)
def test_wrong_use_and_completion_import_nothing_heavy(args: list[str]) -> None:
    modules, _ = imported(START, *args)
    assert "ledgerpost.cli.main" in modules
    assert not modules & set(HEAVY)


NOT_YET = {*HEAVY, "json", "subprocess"} - {"cbor2", "nacl", "platformdirs"}
OURS_NOT_YET = {
    "ledgerpost." + name for name in ("desk.carry", "desk.office", "judge.court", "pictures", "prints.tongue")
}
"""Not for a command that finds no wallet, or only says what it takes."""


@pytest.mark.parametrize(
    "args",
    [["status"], ["statement"], ["status", "--frobnicate"], ["draw", "--help"], ["take", "--help"], ["show", "--help"]],
)
def test_no_command_imports_what_it_may_not_need(args: list[str], tmp_path: Path) -> None:
    modules, _ = imported(START, *args, LEDGERPOST_HOME=str(tmp_path))
    assert "ledgerpost.desk.home" in modules
    assert not modules & {*NOT_YET, *OURS_NOT_YET}


def test_looking_at_a_file_imports_the_bank_only_where_one_is_kept(kita: Kita) -> None:
    for who in ("amina", "bank"):
        modules, said = imported(START, "show", str(kita.card), LEDGERPOST_HOME=str(kita.folder / who))
        assert "Village Bank of Kita" in said
        assert ("ledgerpost.desk.office" in modules) == (who == "bank")
        assert not modules & {"qrcode", "num2words", "mnemonic"}


# --- where the words go


@pytest.mark.parametrize("args", [*AT_ONCE, ["stauts"], ["completion", "bash"], ["contact", "--help"]])
@pytest.mark.parametrize("closed", [(1,), (2,), (1, 2)])
def test_a_closed_stream_changes_no_exit_status(args: list[str], closed: tuple[int, ...]) -> None:
    redirections = " ".join(f"{descriptor}>&-" for descriptor in closed)
    command = ["sh", "-c", f'exec "$0" "$@" {redirections}', sys.executable, "-c", START, *args]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    whole = subprocess.run([sys.executable, "-c", START, *args], capture_output=True, text=True, check=False)
    assert done.returncode == whole.returncode
    assert done.stdout == ("" if 1 in closed else whole.stdout)
    assert done.stderr == ("" if 2 in closed else whole.stderr)


@pytest.mark.parametrize("program", [START, CLICK])
@pytest.mark.parametrize("args", [*AT_ONCE, ["contact", "--help"]])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_closed_pipe_ends_quietly(program: str, args: list[str], unbuffered: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    streams = {"stdout": writer, "stderr": subprocess.PIPE} if args else {"stderr": writer, "stdout": subprocess.PIPE}
    env = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    done = subprocess.run([sys.executable, "-c", program, *args], **streams, env=env, check=False)  # type: ignore[call-overload]
    os.close(writer)
    assert (done.returncode, done.stdout or b"", done.stderr or b"") == (1, b"", b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device here that is always full")
@pytest.mark.parametrize("args", [["--version"], ["--help"], ["completion", "bash"], ["contact", "--help"]])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_is_no_bug(args: list[str], unbuffered: str) -> None:
    env = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-c", START, *args]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, env=env, check=False)
    assert done.returncode == 7
    assert "ledgerpost: no space is left\n  file: what is printed\n" in done.stderr
