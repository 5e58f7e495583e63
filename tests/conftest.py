"""What every test shares: the profiles of Hypothesis, and the option ``--shared``.

Profile "dev" (the default) looks for new examples at each run. Profile "ci", which ``scripts/test`` sets, takes
the same examples each time, so that a red check is the change's fault. Neither has a deadline worth failing by:
machines are busy. Choose with ``HYPOTHESIS_PROFILE`` or ``--hypothesis-profile``.
"""

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent

settings.register_profile("ci", derandomize=True, deadline=None, database=None, print_blob=True)
settings.register_profile("dev", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--shared",
        type=Path,
        default=ROOT.parent / "shared",
        metavar="FOLDER",
        help="material kept outside the repository, such as published vectors; write it with = (default: ../shared)",
    )


@pytest.fixture(scope="session")
def shared(pytestconfig: pytest.Config) -> Path:
    """The folder of material kept outside the repository; a test that needs it is skipped where it is absent."""
    folder: Path = pytestconfig.getoption("--shared")
    if not folder.is_dir():
        pytest.skip(f"no folder {folder}: name one with --shared=FOLDER")
    return folder
