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
UNIT = 16  # of a nat
SMOOTHING = 0.5


def count(locales: list[str]) -> collections.Counter:
    """Characters above ASCII, each message once."""
    seen = collections.Counter()
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
    return seen


def generate() -> None:
    """Writes letters.c."""
    parts, entries, total = [], [], 0
    for name, locales, kept in LANGUAGES:
        seen = count(locales)
        amount = sum(seen.values())
        common = sorted(seen.most_common(kept))
        costs = [min(255, round(-UNIT * math.log((number + SMOOTHING) / (amount + 1)))) for _, number in common]
        parts += [source.array("uint16_t", f"letters_{name}", [ord(c) for c, _ in common]).replace("const", "static const"),
                  source.array("uint8_t", f"costs_{name}", costs).replace("const", "static const")]
        entries.append(f"{{letters_{name}, costs_{name}, {len(common)}}}")
        total += 3 * len(common)
        print(f"letters {name}: {amount} characters counted, {len(common)} kept")
    parts.append(f"const struct shareagent_language shareagent_languages[{len(entries)}] = {{\n" + ",\n".join(entries) + "\n};\n")
    source.write("letters.c", "the translations of Debian 12's coreutils, glib, gtk, packagekit and others, as counts", parts)
    print(f"letters: {total} bytes")
