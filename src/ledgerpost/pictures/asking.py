"""What the reading child is asked, and what a picture may be: all that ``reading`` and ``child`` have to agree on.

```
1  b"P" a file, b"G" gray pixels        4  width (pixels only, else 0)
1  1 to be thorough, else 0             4  height, likewise
                                        4  length of what follows
```
Light, so that a command that is given plain files loads no library of pictures. Refuses to know how any is read.
"""

import struct
from typing import Final

FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP")
MAX_PIXELS: Final = 40_000_000
"""Of one picture, or of one frame of an animation."""

REQUEST: Final = struct.Struct(">cBIII")
