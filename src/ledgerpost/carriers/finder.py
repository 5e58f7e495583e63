"""What stands on a stick for whoever finds it. Refuses to know what else is there."""

from typing import Final

README: Final = "README.txt"
_README_TEXT = """\
This is mail.

This folder carries letters of the program "ledgerpost", with which people bank
by post. Each letter is one file (its name ends in .lpe), in a folder named for
the one it is for. The letters are signed, and as a rule sealed: only the one
they are for can read them, and nobody can change them unnoticed. They are
plain data, no programs, and do no harm to a computer.

If you found this stick: please give it back to its owner, or hand it in
wherever lost things are handed in. Nobody can spend what is in a sealed
letter, but somebody waits for it.

If it is yours: put it in and run "ledgerpost carry". Files that could not be
read stand under "set-aside", each with its reason in a text file beside it.
"""
README_BYTES: Final = _README_TEXT.replace("\n", "\r\n").encode("ascii")
