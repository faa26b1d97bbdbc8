"""How often each character occurs in a language, counted in the translations that Debian packages bring along.

Only counts are kept. The catalogues of iso-codes are left out: the tests ask the guesser for their names.
"""

import collections
import gettext
import math
import pathlib

from . import source

TEXTS = pathlib.Path("/usr/share/locale")
HELD_OUT = ("iso_", "shared-mime-info", "xdg-user-dirs")
# Language as NameTables knows it, its locales, how many characters are kept.
LANGUAGES = [
    ("hans", ["zh_CN"], 1400), ("hant", ["zh_TW", "zh_HK"], 1400), ("japanese", ["ja"], 1200), ("korean", ["ko"], 900),
    ("russian", ["ru"], 70), ("ukrainian", ["uk"], 70), ("bulgarian", ["bg"], 70),
    ("french", ["fr"], 60), ("german", ["de"], 40), ("spanish", ["es", "ca", "gl"], 50), ("portuguese", ["pt_BR", "pt"], 50),
    ("italian", ["it"], 40), ("nordic", ["sv", "da", "nb", "fi", "nn", "is"], 40),
    ("polish", ["pl"], 40), ("czech", ["cs", "sk"], 60), ("hungarian", ["hu"], 40), ("southslavic", ["hr", "sl", "bs"], 40),
    ("romanian", ["ro"], 40), ("greek", ["el"], 80), ("turkish", ["tr"], 40), ("hebrew", ["he"], 50), ("arabic", ["ar"], 60),
    ("baltic", ["lt", "lv", "et"], 60), ("vietnamese", ["vi"], 120), ("thai", ["th"], 90),
]
# Of these the ASCII letters before and behind each letter are counted, too: č is not è, though one byte may mean either.
LATIN = {"french", "german", "spanish", "portuguese", "italian", "nordic", "polish", "czech", "hungarian", "southslavic", "romanian",
         "turkish", "baltic"}
UNIT = 16  # of a nat
SMOOTHING = 0.5


def place(letter: str) -> int:
    """0 to 25 for an ASCII letter, 26 for everything else."""
    number = ord(letter.lower()) - ord("a") if len(letter.lower()) == 1 else 26
    return number if 0 <= number < 26 else 26


def neighbours(pairs: collections.Counter, letter: str) -> list[int]:
    """What each of 27 neighbours before and 27 behind costs beyond one in 27."""
    row = []
    for side in (0, 1):
        counts = [pairs[letter, side, number] + 1 for number in range(27)]
        row += [max(-127, min(127, round(-UNIT * math.log(number * 27 / sum(counts))))) for number in counts]
    return row


def count(locales: list[str]) -> tuple[collections.Counter, collections.Counter]:
    """Characters above ASCII and what stands beside them, each message once."""
    seen, pairs = collections.Counter(), collections.Counter()
    for locale in locales:
        messages = set()
        for path in sorted((TEXTS / locale / "LC_MESSAGES").glob("*.mo")):
            if path.name.startswith(HELD_OUT):
                continue
            with path.open("rb") as file:
                try:
                    catalogue = gettext.GNUTranslations(file)._catalog
                except (OSError, UnicodeDecodeError):
                    continue
            messages.update(text for key, text in catalogue.items() if key)
        for text in messages:
            # Names are written with and without capitals; so are both counted once more in the other case.
            for variant in (text, text.upper() if len(text) < 30 else text.title()):
                seen.update(c for c in variant if 0xA0 < ord(c) < 0x10000 and not 0xE000 <= ord(c) < 0xF900)
                for before, letter, behind in zip(" " + variant, variant, variant[1:] + " "):
                    if ord(letter) > 0xA0:
                        pairs[letter, 0, place(before)] += 1
                        pairs[letter, 1, place(behind)] += 1
    return seen, pairs


def generate() -> None:
    """Writes letters.c."""
    parts, entries, total = [], [], 0
    for name, locales, kept in LANGUAGES:
        seen, pairs = count(locales)
        amount = sum(seen.values())
        common = sorted(seen.most_common(kept))
        costs = [min(255, round(-UNIT * math.log((number + SMOOTHING) / (amount + 1)))) for _, number in common]
        parts += [source.array("uint16_t", f"letters_{name}", [ord(c) for c, _ in common]).replace("const", "static const"),
                  source.array("uint8_t", f"costs_{name}", costs).replace("const", "static const")]
        rows = [number for c, _ in common for number in neighbours(pairs, c)] if name in LATIN else []
        if rows:
            parts.append(source.array("int8_t", f"neighbours_{name}", rows).replace("const", "static const"))
        entries.append(f"{{letters_{name}, costs_{name}, {f'neighbours_{name}' if rows else '0'}, {len(common)}}}")
        total += 3 * len(common) + len(rows)
        print(f"letters {name}: {amount} characters counted, {len(common)} kept")
    parts.append(f"const struct shareagent_language shareagent_languages[{len(entries)}] = {{\n" + ",\n".join(entries) + "\n};\n")
    source.write("letters.c", "the translations of Debian 12's coreutils, glib, gtk, packagekit and others, as counts", parts)
    print(f"letters: {total} bytes")
