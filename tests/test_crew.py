"""The crew beside the desk: what comes of a batch is the same with it, without it, and when it is lost half way."""

import os
import pickle
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import psutil
import pytest

from ledgerpost import envelope
from ledgerpost.bank.prepare import Prepared, prepare
from ledgerpost.carriers.port import Parcel, Unreadable
from ledgerpost.desk import crew as crews
from ledgerpost.desk import pool as pools
from ledgerpost.desk import worker
from ledgerpost.desk.carry import carry_bank
from ledgerpost.desk.crew import AHEAD, CHUNK, WORTH, Crew, hired, hired_for, made_ready
from ledgerpost.desk.pool import Pool, ProcessLost
from ledgerpost.desk.trip import Trip
from ledgerpost.errors import BadBytes
from ledgerpost.terms import Fingerprint
from village import BANK, NAMES, Village, grain_of, open_accounts, seed_of, signer_of, without_randomness

SEEDS = (1, 2, 3)
RECORDED = {
    1: ("7a586fceee7c241759be66ba06f08066", "5f06890a0d33ff095227db2c6387e42d"),
    2: ("e8782dbf65d3ca37468ba807b556b93b", "ea50d1619f0d2c1467d31bd5c053c55d"),
    3: ("2cf59f428987e302c1b748c671a88ce0", "8836ecb0e4e26af1ab32dc872161cc26"),
}
"""Digests of files and of records after ``write`` with that seed: of files as the code before any of it was made faster
left them, of records as they were since each waiting notice has one of its own.
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Village:
    village = Village(tmp_path_factory.mktemp("village"))
    with pytest.MonkeyPatch.context() as monkeypatch:
        without_randomness(monkeypatch)
        open_accounts(village)
    return village


@pytest.fixture(autouse=True)
def ctrl_c() -> Iterator[None]:
    """Heard here and by what is started here, though the tests may run in a shell's background, which is deaf to it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def copies(told: Village, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Village]]:
    """The same mail waits for the bank in every copy."""
    without_randomness(monkeypatch)

    def copy(name: str) -> Village:
        shutil.copytree(told.root, tmp_path / name)
        return Village(tmp_path / name, told.now)

    yield copy


def write(village: Village, seed: int) -> int:
    """Mail for the bank, drawn from a seed: letters alone and together, doubled, bent, foreign; how many envelopes."""
    rng = random.Random(seed)
    grain, mailbox = grain_of(village), village.mailbox(BANK)
    for at in range(12):
        who = rng.choice(NAMES[1:])
        village.pay(who, rng.choice(NAMES), grain, rng.randrange(1, 900))
        village.carry(who)
        for path in sorted(mailbox.glob("[0-9a-f]*.lpe")):
            if rng.random() < 0.7:  # a copy, since the wallet's next carry takes back what it put out
                shutil.copy(path, path.with_name(f"z{at}-{path.name}"))
    for at, path in enumerate(rng.choices(sorted(mailbox.glob("*.lpe")), k=9)):
        (mailbox / f"bad{at}.lpe").write_bytes(bent(path.read_bytes(), rng))
    return len(list(mailbox.glob("*.lpe")))


def bent(raw: bytes, rng: random.Random) -> bytes:
    """One way to be no good."""
    at = rng.randrange(len(raw))
    flipped = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
    noise = rng.randbytes(200)
    foreign = envelope.pack((noise,), sender=signer_of("bo").key, recipient=signer_of(BANK).key, until=0)
    return rng.choice((raw[:at], flipped, raw + b"\0", noise, foreign, b""))


def answered(village: Village, crew: Crew | None) -> Trip:
    with village.office() as office:
        return carry_bank(office, signer_of(BANK), village.carrier(village.stick), village.now, crew=crew)


World = tuple[dict[bytes, bytes], dict[str, bytes]]


def world(village: Village) -> World:
    """The bank's records, and all files on the stick."""
    files = {str(path.relative_to(village.stick)): path.read_bytes() for path in village.stick.rglob("*.*")}
    return village.records(BANK), files


def told_of(trip: Trip) -> list[tuple[str, str, str]]:
    return [(came.file, came.result, str(came.error)) for came in trip.came]


class Threads(ThreadPoolExecutor):
    """Another engine's executor: no process is started. Notes how much is under way, and what it is given."""

    def __init__(self, breaks_at: int = 10**9) -> None:
        super().__init__(2)
        self.breaks_at, self.given, self.taken, self.most = breaks_at, list[bytes](), 0, 0

    def submit(self, call: Callable[..., Any], /, *args: Any, **more: Any) -> Future[Any]:
        self.given.append(args[0])
        if len(self.given) == self.breaks_at:
            lost: Future[Any] = Future()
            lost.set_exception(OSError("the engine lost its worker"))
            return lost
        self.most = max(self.most, len(self.given) - self.taken)
        return super().submit(call, *args, **more)


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Threads]]:
    """Executors whose workers have entered."""
    monkeypatch.setattr(worker, "_bank", [(seed_of(BANK), signer_of(BANK).fingerprint)])
    made: list[Threads] = []

    def make(breaks_at: int = 10**9) -> Threads:
        made.append(Threads(breaks_at))
        return made[-1]

    yield make
    for each in made:
        each.shutdown()


# --- the same, byte for byte


@pytest.mark.parametrize(("seed", "recorded"), RECORDED.items())
def test_answers_are_what_they_were(copies: Callable[[str], Village], seed: int, recorded: tuple[str, str]) -> None:
    """Whatever was made faster since left every record and every file as it was. A new rule may change them."""
    village = copies("as it was")
    write(village, seed)
    answered(village, None)
    records, files = world(village)
    left, kept = sha256(), sha256()
    for path in sorted(village.stick.rglob("*.*")):
        name = str(path.relative_to(village.stick))
        left.update(name.encode() + files[name])
    for key, raw in sorted(records.items()):
        kept.update(key + raw)
    assert (left.hexdigest()[:32], kept.hexdigest()[:32]) == recorded


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_a_crew_changes_no_byte(copies: Callable[[str], Village], monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """Records, answers, what is set aside and what is told: with processes as without."""
    monkeypatch.setattr(crews, "CHUNK", 3)
    monkeypatch.setattr("ledgerpost.desk.carry.BATCH", 5)
    alone, together = copies("alone"), copies("together")
    assert write(alone, seed) == write(together, seed) > 20
    assert world(alone) == world(together)
    one = answered(alone, None)
    with hired(signer_of(BANK), 2) as crew:
        other = answered(together, crew)
    assert crew.trouble == other.crew == ""
    assert world(alone) == world(together)
    assert (told_of(one), one.orders) == (told_of(other), other.orders)
    assert one.count("set-aside") >= 5
    assert alone.audit().good


def test_any_executor_does(copies: Callable[[str], Village], threads: Callable[..., Threads]) -> None:
    alone, together = copies("alone"), copies("together")
    for each in (alone, together):
        write(each, 4)
    one, other = answered(alone, None), answered(together, Crew(threads()))
    assert world(alone) == world(together)
    assert told_of(one) == told_of(other)


def test_size_of_batches_does_not_show(copies: Callable[[str], Village], monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers of a batch leave together; smaller handfuls leave the same ones."""
    alone, together = copies("alone"), copies("together")
    for each in (alone, together):
        write(each, 5)
    answered(alone, None)
    monkeypatch.setattr("ledgerpost.desk.answers.HANDFUL", 1)
    answered(together, None)
    assert world(alone) == world(together)


# --- what it is given


def test_work_under_way_is_bounded_and_holds_no_key(threads: Callable[..., Threads]) -> None:
    """However much mail there is, no more than some batches are in memory."""
    pool, signer = threads(), signer_of(BANK)
    batches: Iterator[list[Parcel | Unreadable]] = (
        [Parcel(f"{at}-{n}", b"junk") for n in range(2 * CHUNK)] for at in range(50)
    )
    for rows in made_ready(batches, signer, Crew(pool)):
        assert len(rows) == 2 * CHUNK
        pool.taken += 2
    assert pool.taken == len(pool.given) == 100
    assert pool.most <= 2 * (AHEAD + 1)
    assert not any(signer.seed in given or signer.secret in given for given in pool.given)


def test_small_mail_and_one_processor_hire_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    signer = signer_of(BANK)
    with hired_for(WORTH - 1, signer) as crew:
        assert crew is None
    monkeypatch.setattr(crews, "cores", lambda: 1)
    with hired_for(WORTH, signer) as crew:
        assert crew is None


# --- when it goes wrong


@pytest.mark.parametrize("with_crew", [False, True])
def test_a_fault_in_preparing_hits_one_envelope_only(
    copies: Callable[[str], Village], threads: Callable[..., Threads], monkeypatch: pytest.MonkeyPatch, with_crew: bool
) -> None:
    """It is named and left where it lies; mended, the next run answers it as if nothing had been."""
    smooth, rough = copies("smooth"), copies("rough")
    for each in (smooth, rough):
        write(each, 6)
    poison = sorted(rough.mailbox(BANK).glob("z*.lpe"))[3]
    raw = poison.read_bytes()
    same = {path.name for path in poison.parent.glob("*.lpe") if path.read_bytes() == raw}
    real = prepare

    def stumbling(blob: bytes, seed: bytes, bank: Fingerprint) -> Prepared | BadBytes:
        if blob == raw:
            raise RecursionError("a fault of this program")
        return real(blob, seed, bank)

    with monkeypatch.context() as broken:
        broken.setattr(worker, "prepare", stumbling)
        trip = answered(rough, Crew(threads()) if with_crew else None)
    left = {came.file: str(came.error) for came in trip.came if came.result == "left"}
    assert {Path(name).name for name in left} == same
    assert all("a fault of this program" in words and name in words for name, words in left.items())
    assert trip.crew == ""
    answered(rough, None)
    answered(smooth, None)
    assert not list(rough.mailbox(BANK).glob("*.lpe"))
    assert world(rough)[0] == world(smooth)[0]


@pytest.mark.parametrize("breaks_at", [1, 2, 3])
def test_an_executor_that_breaks_is_done_without(
    copies: Callable[[str], Village], threads: Callable[..., Threads], monkeypatch: pytest.MonkeyPatch, breaks_at: int
) -> None:
    monkeypatch.setattr(crews, "CHUNK", 7)
    alone, together = copies("alone"), copies("together")
    for each in (alone, together):
        write(each, 7)
    answered(alone, None)
    trip = answered(together, Crew(threads(breaks_at)))
    assert "the engine lost its worker" in trip.crew
    assert world(alone) == world(together)


@pytest.mark.slow
def test_a_killed_worker_loses_nothing(copies: Callable[[str], Village], monkeypatch: pytest.MonkeyPatch) -> None:
    """One process dies by SIGKILL between two batches: the desk says so and goes on alone."""
    monkeypatch.setattr(crews, "CHUNK", 2)
    monkeypatch.setattr("ledgerpost.desk.carry.BATCH", 4)
    alone, together = copies("alone"), copies("together")
    for each in (alone, together):
        write(each, 8)
    answered(alone, None)
    with hired(signer_of(BANK), 2) as crew, together.office() as office:

        def kill_one(met: int) -> None:
            assert crew.executor is not None
            with suppress(ProcessLost):  # it was killed before
                os.kill(crew.executor.submit(os.getpid).result(), signal.SIGKILL)

        carrier = together.carrier(together.stick)
        trip = carry_bank(office, signer_of(BANK), carrier, together.now, kill_one, crew=crew)
    assert trip.crew == "ProcessLost: a process ended with -9"
    assert world(alone) == world(together)


class Interrupting(Executor):
    """Ctrl-C is pressed just when it is busy: where the standard one holds a lock that its own thread waits for."""

    def __init__(self, where: str) -> None:
        self.where, self.finished = where, list[str]()

    def submit(self, call: Callable[..., Any], /, *args: Any, **more: Any) -> Future[Any]:
        self.press("submit")
        return Pressing(self, call(*args, **more))

    def press(self, where: str) -> None:
        if where == self.where:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.01)  # long enough for Python to tell of it, were it let in
        self.finished.append(where)


class Pressing(Future[Any]):
    def __init__(self, executor: Interrupting, done: Any) -> None:
        super().__init__()
        self.executor = executor
        self.set_result(done)

    def result(self, timeout: float | None = None) -> Any:
        self.executor.press("result")
        return super().result(timeout)


@pytest.mark.parametrize("where", ["submit", "result"])
def test_an_interrupt_waits_until_the_executor_has_let_go_of_its_locks(
    copies: Callable[[str], Village], threads: Callable[..., Threads], where: str
) -> None:
    threads()  # its workers have entered
    village, executor = copies("village"), Interrupting(where)
    write(village, 7)
    with pytest.raises(KeyboardInterrupt):
        answered(village, Crew(executor))
    assert executor.finished[-1] == where
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_interrupt_is_heard_while_a_worker_takes_its_time() -> None:
    """Nothing ever comes of it; who waits can be called away all the same."""
    pressed = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    pressed.start()
    with pytest.raises(KeyboardInterrupt):
        Crew(Interrupting("")).result(Future())
    pressed.join()


def test_a_crew_serves_any_thread(threads: Callable[..., Threads]) -> None:
    """Only the main thread hears of Ctrl-C, and only there is it put off."""
    crew = Crew(threads())
    with ThreadPoolExecutor(1) as elsewhere:
        assert elsewhere.submit(lambda: crew.result(crew.submit([]))).result() == []


def test_a_time_out_of_the_workers_own_is_trouble_and_no_reason_to_wait_on() -> None:
    crew, future = Crew(Interrupting("")), Future[bytes]()
    future.set_exception(TimeoutError("no answer from the engine"))
    assert crew.result(future) is None
    assert "no answer from the engine" in crew.trouble


# --- processes


@pytest.fixture
def pool() -> Iterator[Pool]:
    """Two processes."""
    with Pool(2, worker.enter, seed_of(BANK), signer_of(BANK).fingerprint) as made:
        yield made


LARGE = bytes(1 << 20)
"""More than a pipe takes in while nobody reads."""


def test_a_process_does_one_call_after_the_other(pool: Pool) -> None:
    mine = {each.pid for each in pool._processes}
    assert {pool.submit(os.getpid).result(9) for _ in range(20)} <= mine
    calls = [pool.submit(len, LARGE) for _ in range(20)]
    assert [each.result(9) for each in calls] == [len(LARGE)] * 20
    assert pool.submit(bytes.upper, b"a" * len(LARGE)).result(9) == b"A" * len(LARGE)
    assert pool.submit(sorted, [1, 2], reverse=True).result(9) == [2, 1]


def test_a_call_that_raises_ends_its_process_in_words_of_its_own(capfd: pytest.CaptureFixture[str]) -> None:
    """Also with an error by which a process knows that its desk is gone."""
    with Pool(1, worker.enter, seed_of(BANK), signer_of(BANK).fingerprint) as pool:
        assert str(pool.submit(pickle.loads, b"").exception(9)) == "a process ended with 1"
    assert "EOFError" in capfd.readouterr().err


def test_processes_are_gone_when_their_pool_is(pool: Pool) -> None:
    """What was asked for is done first; unless nobody wants it any more."""
    with Pool(2, worker.enter, seed_of(BANK), signer_of(BANK).fingerprint) as other:
        asked = [other.submit(len, LARGE) for _ in range(9)]
    assert [each.result(0) for each in asked] == [len(LARGE)] * 9
    long = pool.submit(time.sleep, 60)
    pool.shutdown(cancel_futures=True)
    assert isinstance(long.exception(0), ProcessLost)
    assert all(each.returncode is not None for made in (pool, other) for each in made._processes)


def test_what_a_library_prints_there_is_no_answer(pool: Pool) -> None:
    assert pool.submit(os.write, 1, b"printed").result(9) == 7
    assert pool.submit(len, LARGE).result(9) == len(LARGE)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_process_that_ends_is_told_at_once_and_the_other_works_on(pool: Pool, how: signal.Signals) -> None:
    """Whatever waits to be written to it."""
    os.kill(pool.submit(os.getpid).result(9), how)
    ends = [pool.submit(len, LARGE) for _ in range(12)]
    assert {str(each.exception(9)) for each in ends} == {f"a process ended with {-how}", "None"}


def test_processes_that_never_began_hold_nobody_up(
    copies: Callable[[str], Village], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They end before they read a thing, with more mail before them than a pipe takes: the desk does it alone.

    ``concurrent.futures.ProcessPoolExecutor`` waited for ever here, in Pythons before 3.11.5.
    """
    alone, together = copies("alone"), copies("together")
    for each in (alone, together):
        write(each, 8)
        for at in range(10):
            (each.mailbox(BANK) / f"noise{at}.lpe").write_bytes(random.Random(at).randbytes(50_000))
    answered(alone, None)
    monkeypatch.setattr(pools, "_BOOT", "import time; time.sleep(0.3)")
    with hired(signer_of(BANK), 2) as crew:
        assert not crew.trouble
        trip = answered(together, crew)
    assert trip.crew == "ProcessLost: a process ended with 0"
    assert world(alone) == world(together)


def test_where_no_process_can_be_started_the_desk_works_alone(
    copies: Callable[[str], Village], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone, together = copies("alone"), copies("together")
    for each in (alone, together):
        write(each, 8)
    answered(alone, None)
    monkeypatch.setattr(sys, "executable", str(alone.root / "no such program"))
    with hired(signer_of(BANK), 2) as crew:
        trip = answered(together, crew)
    assert "no such program" in trip.crew
    assert world(alone) == world(together)


@pytest.mark.slow
def test_processes_run_nothing_that_lies_in_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who stands in a stick's folder starts them there; a module of a name they import is somebody's program."""
    trap = f"open({str(tmp_path / 'sprung')!r}, 'w').close()"
    for name in ("ledgerpost", "multiprocessing", "pickle", "sitecustomize", "nacl", "cbor2"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(trap)
        (tmp_path / f"{name}.py").write_text(trap)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    with hired(signer_of(BANK), 2) as crew:
        done = crew.result(crew.submit([Parcel("one", b"junk")]))
    assert done is not None and isinstance(done[0], BadBytes)
    assert not (tmp_path / "sprung").exists()


@pytest.mark.slow
@pytest.mark.parametrize("at", [0, 1, 4, 1000])
def test_a_process_whose_desk_dies_in_the_middle_of_a_word_ends_without_one(at: int) -> None:
    """``at``: bytes that came before the pipe ended."""
    words = pickle.dumps((worker.enter, (seed_of(BANK), signer_of(BANK).fingerprint), {}))
    words += pickle.dumps((len, (LARGE,), {}))
    done = subprocess.run(pools.command(), input=words[:at], capture_output=True, timeout=30, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


# --- the whole command

DESK = """
import sys
import ledgerpost.desk.crew as crew
crew.WORTH, crew.cores = 1, lambda: 2
from ledgerpost.cli.main import main
main()
"""


def desk(village: Village) -> "subprocess.Popen[str]":
    """``bank desk --once`` in a group of its own, as a terminal starts it, with a crew of two."""
    words = ["bank", "desk", "--once", str(village.stick), "--now", str(village.now), "--no-input"]
    environment = os.environ | {"LEDGERPOST_HOME": str(village.root / BANK)}
    return subprocess.Popen(
        [sys.executable, "-c", DESK, *words],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def flooded(village: Village) -> None:
    """Mail, and the same letters many times over: for some seconds."""
    write(village, 9)
    paths = list(village.mailbox(BANK).glob("z*.lpe"))
    for at in range(1200):
        shutil.copy(paths[at % len(paths)], village.mailbox(BANK) / f"{at:04}.lpe")


@pytest.fixture(scope="module")
def undisturbed_world(told: Village, tmp_path_factory: pytest.TempPathFactory) -> World:
    """What comes of that mail where nobody stops the desk."""
    root = tmp_path_factory.mktemp("whole") / "whole"
    shutil.copytree(told.root, root)
    with pytest.MonkeyPatch.context() as monkeypatch:
        without_randomness(monkeypatch)
        whole = Village(root, told.now)
        flooded(whole)
        answered(whole, None)
    return world(whole)


def crew_of(process: "subprocess.Popen[str]") -> list[psutil.Process]:
    """Its two workers, once they are there."""
    for _ in range(600):
        assert process.poll() is None, process.communicate()[0]
        family: list[psutil.Process] = psutil.Process(process.pid).children(recursive=True)
        workers = [each for each in family if "desk.worker" in " ".join(each.cmdline())]
        if len(workers) == 2:
            return family
        time.sleep(0.05)
    raise AssertionError("no crew was hired")


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("left", [2000, 1200, 600])
def test_stopped_half_way_it_leaves_nobody_behind_and_runs_again(
    copies: Callable[[str], Village], undisturbed_world: World, how: signal.Signals, left: int
) -> None:
    """Ctrl-C goes to the terminal's group, a kill to the desk alone: workers go with it, and the store is free at once.

    ``left``: envelopes that still lie there: all (the crew just starts), some are answered, half of them.
    """
    cut = copies("cut")
    flooded(cut)
    process = desk(cut)
    family = crew_of(process)
    while len(os.listdir(cut.mailbox(BANK))) > left:
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.005)
    if how == signal.SIGINT:
        os.killpg(process.pid, how)
    else:
        process.send_signal(how)
    said = process.communicate(timeout=60)[0]
    assert process.returncode != 0, "it was done before it was stopped"
    assert "Traceback" not in said
    if how == signal.SIGINT:
        assert "interrupted" in said
    _, alive = psutil.wait_procs(family, timeout=20)
    assert not alive
    answered(cut, None)
    assert world(cut) == undisturbed_world
