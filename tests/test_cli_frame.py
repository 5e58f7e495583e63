"""The frame of all commands: start-up, errors in three lines, exit status, JSON, questions, passphrases."""

import json
import os
import pty
import re
import subprocess
import sys
import tomllib
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import click
import pytest
from click.testing import CliRunner

from ledgerpost.cli import ask, keys, status
from ledgerpost.cli.main import TABLE, VERSION, cli
from ledgerpost.cli.options import moment
from ledgerpost.cli.progress import Progress
from ledgerpost.cli.talk import Talk, bold
from ledgerpost.desk.home import COSTS, WALLETS, Cost, Home, affordable
from ledgerpost.errors import Cheating, LedgerpostError, NotFound, WrongPassphrase
from shell import CHEAP, Kita, Person, Shell
from shell import kita as kita

HEAVY = ("nacl", "cbor2", "PIL", "qrcode", "pyzbar", "lmdb", "filelock", "platformdirs", "mnemonic")


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.delenv("LEDGERPOST_WALLET", raising=False)
    monkeypatch.setattr(keys, "affordable", lambda make: (make(CHEAP), True))
    return Shell(tmp_path / "home", monkeypatch)


# --- start-up


@pytest.mark.parametrize("args", [["--help"], ["--version"], ["stauts"]])
def test_help_and_version_import_nothing_heavy(args: list[str]) -> None:
    program = f"""
import sys
from ledgerpost.cli.main import cli
try:
    cli.main({args!r})
except SystemExit:
    print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr.endswith("[]\n")


def test_completing_a_name_imports_no_group() -> None:
    code = "import sys; from ledgerpost.cli.main import cli; cli.main([])"
    env = os.environ | {"_LEDGERPOST_COMPLETE": "bash_complete", "COMP_WORDS": "ledgerpost st", "COMP_CWORD": "1"}
    command = [sys.executable, "-X", "importtime", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    assert re.findall(r"plain,(\w+)", done.stdout) == ["status", "stop", "statement"]
    assert not [name for name in HEAVY if re.search(rf"\| +{name}$", done.stderr, re.M)]


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())
    assert project["project"]["version"] == VERSION


@pytest.mark.parametrize("name", TABLE)
def test_the_table_says_what_the_command_says(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert command.name == name
    assert (command.help or "").split("\n")[0].strip() == TABLE[name][1]


@pytest.mark.parametrize("name", TABLE)
def test_every_command_takes_the_common_options(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    commands = list(command.commands.values()) if isinstance(command, click.Group) else [command]
    for each in commands:
        assert {"json", "no_input", "debug", "moment"} <= {param.name for param in each.params}, each.name
        assert each.get_short_help_str(), each.name
        assert "\\" not in (each.help or ""), each.name


def test_a_process_prints_help_and_ends_with_0() -> None:
    done = subprocess.run([sys.executable, "-m", "ledgerpost.cli.main"], capture_output=True, text=True, check=False)
    assert done.returncode == 0  # a module, not the entry point: it only defines
    script = Path(sys.executable).parent / "ledgerpost"
    if script.exists():
        done = subprocess.run([script, "--help"], capture_output=True, text=True, check=True)
        assert "open" in done.stdout


# --- errors


def test_errors_are_three_lines(shell: Shell) -> None:
    result = shell.run("status", status=4)
    assert result.stderr.splitlines()[0] == "ledgerpost: there is no wallet here yet"
    assert result.stderr.splitlines()[1] == f"  file: {shell.home}"
    assert result.stderr.splitlines()[2].startswith("  do:   get a bank's card")
    assert len(result.stderr.splitlines()) == 3
    assert result.stdout == ""


def test_errors_in_json(shell: Shell) -> None:
    document = shell.json("status", status=4)
    assert document["command"] == "status"
    assert document["items"] == []
    assert document["error"]["code"] == "not-found"
    assert set(document["error"]) == {"code", "what", "where", "do"}


@pytest.mark.parametrize(
    ("args", "what", "do"),
    [
        (["stauts"], "there is no command 'stauts'", "did you mean: ledgerpost status"),
        (["xyzzy"], "there is no command 'xyzzy'", "see: ledgerpost --help"),
        (["status", "--frobnicate"], "No such option", "see: ledgerpost status --help"),
        (["spend"], "PAYEE, AMOUNT and ASSET are needed", "see: ledgerpost spend --help"),
        (["completion", "powershell"], "Invalid value", "see: ledgerpost completion --help"),
    ],
)
def test_wrong_use_is_2(shell: Shell, kita: Kita, args: list[str], what: str, do: str) -> None:
    if args == ["spend"]:
        shell = kita.someone("amina")
    result = shell.run(*args, status=2)
    assert what in result.stderr
    assert do in result.stderr
    assert json.loads(shell.run(*args, "--json", status=2).stdout)["error"]["code"] in ("usage", "no-command")


def test_no_command_shows_the_help() -> None:
    result = CliRunner().invoke(cli, [])
    assert result.exit_code == 2
    assert "Commands:" in result.stderr


def test_a_bug_is_70_and_asks_for_a_report(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "Home", None)
    result = shell.run("status", status=70)
    assert result.stderr.startswith("ledgerpost: unexpected: AttributeError")
    assert "status.py:" in result.stderr
    assert "--debug" in result.stderr
    assert "Traceback" not in result.stderr
    assert "Traceback" in shell.run("status", "--debug", status=70).stderr
    assert shell.json("status", status=70)["error"]["code"] == "bug"


def test_interrupted_is_130(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    class Home:
        @classmethod
        def find(cls) -> None:
            raise KeyboardInterrupt

    monkeypatch.setattr(status, "Home", Home)
    assert "interrupted" in shell.run("status", status=130).stderr
    assert shell.json("status", status=130)["error"]["code"] == "interrupted"


def test_what_the_system_says_is_put_in_words(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    with patch.object(Home, "find", side_effect=OSError(28, "No space left", "/media/KITA")):
        result = shell.run("status", status=7)
    assert "no space is left" in result.stderr
    assert "file: /media/KITA" in result.stderr


def test_a_closed_pipe_ends_quietly(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    program = "from ledgerpost.cli.main import main; import sys; sys.argv[1:] = ['--help']; main()"
    done = subprocess.run(
        [sys.executable, "-c", program], stdout=writer, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, "")


def test_trouble_is_1_and_cheating_8(capsys: pytest.CaptureFixture[str]) -> None:
    talk = Talk()
    talk.trouble(NotFound("one"))
    assert talk.status == 1
    talk.trouble(Cheating("two"))
    talk.trouble(NotFound("three"))
    assert talk.status == 8
    assert isinstance(talk.error, Cheating)
    assert capsys.readouterr().err.count("ledgerpost:") == 3


# --- output


def test_json_numbers_are_strings() -> None:
    talk = Talk()
    talk.item(units=2**63 - 1, flag=True, none=None, rows=[{"n": 1}], path=Path("x"))
    assert talk.items == [{"units": str(2**63 - 1), "flag": True, "none": None, "rows": [{"n": "1"}], "path": "x"}]


def test_prose_leaves_stdout_to_json(kita: Kita) -> None:
    result = kita.shell("amina").run(
        "open", kita.card, "--name", "Amina", "--yes", "--no-passphrase", "--json"
    )  # the document is all of stdout
    assert json.loads(result.stdout)["items"][0]["result"] == "queued"
    assert "Village Bank of Kita" in result.stderr


@pytest.mark.parametrize(
    ("env", "is_bold"),
    [({"TERM": "xterm"}, True), ({"TERM": "dumb"}, False), ({"TERM": "xterm", "NO_COLOR": "1"}, False)],
)
def test_bold_only_where_welcome(env: dict[str, str], is_bold: bool) -> None:
    class Tty(StringIO):
        def isatty(self) -> bool:
            return True

    with patch.dict(os.environ, env, clear=True):
        assert (bold("x", Tty()) != "x") == is_bold
        assert bold("x", StringIO()) == "x"


def test_progress_tells_how_long(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(412, "envelopes")
    progress(1)
    assert capsys.readouterr().err == ""  # nothing in the first second
    assert progress.line(206, 2.0) == "206/412 envelopes, 2 s left"
    assert Progress(0, "envelopes").line(3, 2.0) == "3 envelopes"


@pytest.mark.parametrize("text", ["2027-01-15T08:00:00Z", "2027-01-15T08:00", "1800000000"])
def test_now_is_read(text: str) -> None:
    assert moment(text) == 1_800_000_000


@pytest.mark.parametrize("text", ["soon", "2027-02-30", "-5", "2027-01-15 08:00"])
def test_now_is_not_guessed(shell: Shell, text: str) -> None:
    assert CliRunner().invoke(cli, ["status", f"--now={text}"]).exit_code == 2


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_completion_scripts(shell: Shell, name: str) -> None:
    assert "_LEDGERPOST_COMPLETE" in shell.run("completion", name).stdout


# --- questions


def test_nobody_to_ask_names_the_flag(kita: Kita) -> None:
    amina = kita.shell("amina")
    assert "--yes" in amina.run("open", kita.card, "--name", "Amina", status=2).stderr
    assert "--name" in amina.run("open", kita.card, "--yes", status=2).stderr
    amina.run("open", kita.card, "--no-input", status=2, person=["yes"])
    assert not amina.home.exists()


@pytest.mark.parametrize("answers", [["no"], ["y", "ok", "sure"]])
def test_only_a_typed_yes_is_yes(kita: Kita, answers: list[str]) -> None:
    result = kita.shell("amina").run("open", kita.card, status=3, person=answers)
    assert "not confirmed: nothing was done" in result.stderr


def test_a_person_opens_an_account(kita: Kita) -> None:
    person = Person(["maybe", "YES", "Amina Diallo", "a long secret", "a long secret", "later"])
    amina = kita.shell("amina")
    result = amina.run("open", kita.card, person=person)
    assert person.answers == []
    assert "lp1 " in result.stdout
    assert "Not on paper yet" in result.stderr
    assert Home(amina.home).seat(WALLETS, None).has_passphrase


def test_the_paper_key_is_asked_back(kita: Kita) -> None:
    amina = kita.someone("amina")
    person = Person(["wrong"])
    assert "that is not word 7" in amina.run("wallet", "paper", person=person, status=2).stderr
    words = re.findall(r"^ *\d+\. (\w+) +(\d{4})$", person.told[0], re.M)
    assert len(words) == 24
    assert "paper" in amina.run("status").stdout
    amina.run("wallet", "paper", person=[words[6][0], words[18][1]])
    assert "paper" not in amina.run("status").stdout


def test_a_real_terminal(tmp_path: Path) -> None:
    """Through a pseudo-terminal: prompts go there while stdout is a file, and the words stay on it."""
    out = tmp_path / "out"
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["LEDGERPOST_HOME"] = str(tmp_path / "home")
        os.dup2(os.open(out, os.O_WRONLY | os.O_CREAT), 1)
        args = ["wallet", "new", "--name", "Bo", "--no-passphrase"]
        os.execv(sys.executable, [sys.executable, "-c", f"from ledgerpost.cli.main import cli; cli.main({args})"])
    seen = _until(terminal, b"[yes/later] ")
    os.write(terminal, b"yes\n")
    seen = _until(terminal, b"word 7: ")
    words = re.findall(rb"^ *\d+\. (\w+)", seen, re.M)
    os.write(terminal, words[6] + b"\n")
    _until(terminal, b"word 19: ")
    os.write(terminal, words[18] + b"\n")
    _until(terminal, b"Good.")
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    os.close(terminal)
    assert "Wallet 'bo'" in out.read_text()
    assert words[6].decode() not in out.read_text()


def _until(terminal: int, mark: bytes) -> bytes:
    seen = b""
    while mark not in seen:
        seen += os.read(terminal, 1024)
    return seen


# --- passphrases


def sealed(kita: Kita, passphrase: str = "open sesame") -> Shell:
    amina = kita.shell("amina")
    file = kita.folder / "passphrase"
    file.write_text(f"{passphrase}\n")
    amina.run("open", kita.card, "--name", "Amina", "--yes", "--passphrase-file", file)
    return amina


def test_a_passphrase_from_a_file_a_descriptor_and_a_command(kita: Kita) -> None:
    amina = sealed(kita)
    file = kita.folder / "passphrase"
    amina.run("carry", kita.stick, "--passphrase-file", file)
    amina.run("carry", kita.stick, "--passphrase-command", f"cat '{file}'")
    with file.open("rb") as opened:
        amina.run("carry", kita.stick, "--passphrase-fd", str(os.dup(opened.fileno())))


def test_a_passphrase_is_asked_only_where_it_is_needed(kita: Kita) -> None:
    amina = sealed(kita)
    for args in (["status"], ["statement"], ["card"], ["contact", "list"], ["show", str(kita.card)], ["chequebook"]):
        amina.run(*args)
    amina.run("card", "-o", kita.folder / "amina.lpe")
    result = amina.run("carry", kita.stick, status=5)
    assert "--passphrase-file" in result.stderr
    person = Person(["wrong", "open sesame"])
    amina.run("carry", kita.stick, person=person)
    assert len(person.asked) == 2


def test_a_wrong_passphrase_is_5(kita: Kita) -> None:
    amina = sealed(kita)
    amina.run("carry", kita.stick, "--passphrase-command", "echo wrong", status=5)
    amina.run("carry", kita.stick, person=["a", "b", "c"], status=5)
    assert amina.json("carry", kita.stick, status=5)["error"]["code"] == "passphrase"


def test_a_passphrase_is_the_same_from_any_keyboard(kita: Kita) -> None:
    amina = sealed(kita, "café")  # one character for é
    amina.run("carry", kita.stick, person=["cafe\u0301"])  # e and an accent


@pytest.mark.parametrize(
    ("options", "status"),
    [
        (["--passphrase-command", "echo a", "--passphrase-fd", "0"], 2),
        (["--passphrase-command", "false"], 5),
        (["--passphrase-command", "no-such-program"], 5),
        (["--passphrase-command", ""], 5),
        (["--passphrase-command", r"printf \\377"], 5),
        (["--passphrase-file", "no/such/file"], 4),
        (["--passphrase-fd", "99"], 7),
    ],
)
def test_bad_ways_to_give_a_passphrase(kita: Kita, options: list[str], status: int) -> None:
    sealed(kita).run("carry", kita.stick, *options, status=status)


def test_a_new_passphrase(kita: Kita) -> None:
    amina = sealed(kita)
    old, new = kita.folder / "passphrase", kita.folder / "new"
    new.write_text("another one")
    amina.run("wallet", "passphrase", "--passphrase-file", old, "--new-passphrase-file", new)
    amina.run("carry", kita.stick, "--passphrase-file", old, status=5)
    amina.run("carry", kita.stick, "--passphrase-file", new)
    amina.run("wallet", "passphrase", person=["another one", "one", "two"], status=5)
    amina.run("wallet", "passphrase", person=["another one", ""], status=5)
    amina.run("wallet", "passphrase", "--no-passphrase", person=["another one"])
    amina.run("carry", kita.stick)


def test_short_of_memory_the_seal_is_weaker_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    tried: list[Cost] = []

    def make(cost: Cost) -> str:
        tried.append(cost)
        if cost.mem > 1 << 24:
            raise LedgerpostError("too little memory")
        return "made"

    assert affordable(make) == ("made", False)
    assert tried == list(COSTS)
    keys.warn_weaker(Talk(), usual=False)
    assert "weaker" in capsys.readouterr().err

    def wrong(cost: Cost) -> str:
        raise WrongPassphrase("empty")

    with pytest.raises(WrongPassphrase):
        affordable(wrong)


def test_normal_form() -> None:
    assert ask.normal("e\u0301".encode()) == "é".encode()
    assert ask.first_line(b"one\r\ntwo") == b"one"
    with pytest.raises(WrongPassphrase):
        ask.normal(b"x" * 5000)
