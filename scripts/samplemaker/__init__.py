"""What scripts/make-samples is made of: a cast with fixed seeds, a story on a fixed clock, and spoilt copies of it.

Letters are put together from papers here, and not by the wallet, so that a wallet that grows cleverer changes no
sample; receipts and notices come from the bank's counter. The quarrels alone are the tests' own.
"""

from samplemaker.bad import Spoiler
from samplemaker.pictures import put_pictures
from samplemaker.quarrels import put_quarrels
from samplemaker.readme import readme
from samplemaker.story import Story


def make() -> dict[str, bytes]:
    """Every file of samples/ by its path, index and README included."""
    folder = Story().tell()
    Spoiler(folder).spoil()
    put_quarrels(folder)
    put_pictures(folder)
    return {**folder.files, "index.json": folder.index(), "README.md": readme(folder)}
