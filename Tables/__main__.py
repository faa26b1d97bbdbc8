"""`python3 -m Tables [unicode|charsets|letters]`."""

import sys

from . import charsets, letters, unicode

for word, module in {"unicode": unicode, "charsets": charsets, "letters": letters}.items():
    if word in (sys.argv[1:] or [word]):
        module.generate()
