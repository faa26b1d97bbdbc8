#!/usr/bin/python3
"""Prints things.txt: what things of daily life are called in the languages of HeldOutGuessTests, out of Unicode's CLDR.

    python3 things.py /usr/share/unicode/cldr/common/annotations > things.txt      (Debian's unicode-cldr-core, version 41)

The guesser's letters are counted in the translations of programs, and its rules were chosen on iso-codes. None of that is in here. Of the
pictographs every second one is; the others (`--tuning`) are left for whoever wants to tune and not see what judges.
"""

import pathlib
import sys
import xml.etree.ElementTree

LANGUAGES = "zh zh_Hant ja ko ru uk fr de es pt sv pl cs hu el tr he ar lt th".split()
# Emoji: things, animals, food, people, places. Arrows, brackets and the like are no names that anybody gives a file.
PICTOGRAPHS = range(0x1F300, 0x1FB00)
MOST = 150
TUNING, JUDGING = 1, 0

NOTICE = """\
# Printed by things.py out of Unicode CLDR 41, common/annotations. Copyright 1991-2022 Unicode, Inc. All rights reserved.
# Permission is hereby granted, free of charge, to any person obtaining a copy of the Unicode data files and any associated
# documentation (the "Data Files") or Unicode software and any associated documentation (the "Software") to deal in the Data Files or
# Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, and/or sell
# copies of the Data Files or Software, and to permit persons to whom the Data Files or Software are furnished to do so, provided that
# either (a) this copyright and permission notice appear with all copies of the Data Files or Software, or (b) this copyright and
# permission notice appear in associated Documentation.
# THE DATA FILES AND SOFTWARE ARE PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
# WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT OF THIRD PARTY RIGHTS. IN NO EVENT SHALL THE
# COPYRIGHT HOLDER OR HOLDERS INCLUDED IN THIS NOTICE BE LIABLE FOR ANY CLAIM, OR ANY SPECIAL INDIRECT OR CONSEQUENTIAL DAMAGES, OR ANY
# DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION,
# ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THE DATA FILES OR SOFTWARE.
# Except as contained in this notice, the name of a copyright holder shall not be used in advertising or otherwise to promote the sale,
# use or other dealings in these Data Files or Software without prior written authorization of the copyright holder."""


def called(folder: pathlib.Path, language: str) -> dict[str, str]:
    tree = xml.etree.ElementTree.parse(folder / f"{language}.xml")
    return {entry.get("cp"): entry.text for entry in tree.iter("annotation") if entry.get("type") == "tts"}


def main(folder: pathlib.Path, part: int) -> None:
    print(NOTICE)
    names = {language: called(folder, language) for language in LANGUAGES}
    things = sorted(thing for thing in set.intersection(*map(set, names.values())) if len(thing) == 1 and ord(thing) in PICTOGRAPHS)
    for language in LANGUAGES:
        # With the apostrophe of keyboards.
        found = {names[language][thing].replace("\u2019", "'") for thing in things[part::2]}
        found = sorted(text for text in found if not text.isascii() and "/" not in text)
        print(f"== {language}")
        # Evenly out of all of them.
        for number in range(min(MOST, len(found))):
            print(found[number * len(found) // min(MOST, len(found))])


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), TUNING if "--tuning" in sys.argv else JUDGING)
