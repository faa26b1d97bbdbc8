"""Normalization and case folding, from Debian's unicode-data (the Unicode Character Database)."""

import pathlib

from . import source

UCD = pathlib.Path("/usr/share/unicode")
VERSION = "15.0.0"
BLOCK = 128
# Above it nothing decomposes, folds or combines.
END = 0x30000
HFS_EXCLUDED = [(0x2000, 0x2FFF), (0xF900, 0xFAFF), (0x2F800, 0x2FAFF)]
NO, MAYBE, DECOMPOSES, EXCLUDED, NEWER = 1, 2, 4, 8, 16
COMPOSITION_SLOTS = 2048


def rows(file: str):
    """The fields of each line."""
    for line in (UCD / file).read_text(encoding="utf-8").splitlines():
        line = line.split("#")[0].strip()
        if line:
            yield [field.strip() for field in line.split(";")]


def span(text: str) -> range:
    first, _, last = text.partition("..")
    return range(int(first, 16), int(last or first, 16) + 1)


def read_database():
    """Combining classes, one-step decompositions, what may not be composed, quick check, folding, age."""
    if VERSION not in (UCD / "DerivedNormalizationProps.txt").open(encoding="utf-8").readline():
        raise SystemExit(f"unicode-data is not of version {VERSION}, which the names policy pins")
    combining, step = {}, {}
    for fields in rows("UnicodeData.txt"):
        code = int(fields[0], 16)
        if int(fields[3]):
            combining[code] = int(fields[3])
        if fields[5] and not fields[5].startswith("<"):
            step[code] = [int(part, 16) for part in fields[5].split()]
    excluded, quick = set(), {}
    for fields in rows("DerivedNormalizationProps.txt"):
        if fields[1] == "Full_Composition_Exclusion":
            excluded.update(span(fields[0]))
        elif fields[1] == "NFC_QC":
            for code in span(fields[0]):
                quick[code] = NO if fields[2] == "N" else MAYBE
    folded = {}
    for fields in rows("CaseFolding.txt"):
        if fields[1] in "CF":
            folded[int(fields[0], 16)] = [int(part, 16) for part in fields[2].split()]
    old = set()
    for fields in rows("DerivedAge.txt"):
        if tuple(map(int, fields[1].split("."))) <= (3, 2):
            old.update(span(fields[0]))
    return combining, step, excluded, quick, folded, old


def in_hfs_excluded(code: int) -> bool:
    return any(first <= code <= last for first, last in HFS_EXCLUDED)


def full(code: int, step: dict) -> list[int]:
    """The full canonical decomposition."""
    return [deep for part in step[code] for deep in full(part, step)] if code in step else [code]


class Pool:
    """Sequences of scalars, each stored once."""

    def __init__(self):
        self.scalars, self.places = [], {}

    def place(self, sequence: list[int]) -> int:
        key = tuple(sequence)
        if key not in self.places:
            self.places[key] = len(self.scalars)
            self.scalars += sequence
        return self.places[key]


def compositions(step: dict, excluded: set) -> list[int]:
    """An open hash of pairs: first, second, composite in each slot."""
    slots = [(0, 0, 0)] * COMPOSITION_SLOTS
    for code, parts in sorted(step.items()):
        if len(parts) == 2 and code not in excluded:
            at = (parts[0] * 31 + parts[1]) % COMPOSITION_SLOTS
            while slots[at][2]:
                at = (at + 1) % COMPOSITION_SLOTS
            slots[at] = (parts[0], parts[1], code)
    return [number for slot in slots for number in slot]


def generate() -> None:
    """Writes unicode.c."""
    combining, step, excluded, quick, folded, old = read_database()
    pool, records, numbers, blocks, index = Pool(), [(0,) * 6], {(0,) * 6: 0}, [], []
    block_numbers = {}
    for start in range(0, END, BLOCK):
        block = []
        for code in range(start, start + BLOCK):
            flags = quick.get(code, 0)
            # Hangul syllables are computed, not looked up.
            parts = full(code, step) if code in step else []
            if parts:
                flags |= DECOMPOSES | (0 if code in old else NEWER)
            if in_hfs_excluded(code):
                flags |= EXCLUDED
                assert not (parts and combining.get(code)), "an excluded character that combines would be reordered"
            elif any(in_hfs_excluded(part) for part in parts):
                raise SystemExit(f"U+{code:04X} decomposes into what HFS+ leaves alone")
            fold = folded.get(code, [])
            record = (pool.place(parts) if parts else 0, pool.place(fold) if fold else 0,
                      combining.get(code, 0), flags, len(parts), len(fold))
            if record not in numbers:
                numbers[record] = len(records)
                records.append(record)
            block.append(numbers[record])
        key = tuple(block)
        if key not in block_numbers:
            block_numbers[key] = len(blocks) // BLOCK
            blocks += block
        index.append(block_numbers[key])
    assert len(block_numbers) < 256 and len(pool.scalars) < 65536
    assert not any(code >= END for table in (combining, step, quick, folded) for code in table)
    body = ",\n".join("{%d,%d,%d,%d,%d,%d}" % record for record in records)
    source.write("unicode.c", f"the Unicode Character Database {VERSION}", [
        source.array("uint8_t", "shareagent_unicode_index", index),
        source.array("uint16_t", "shareagent_unicode_blocks", blocks),
        f"const struct shareagent_unicode_record shareagent_unicode_records[{len(records)}] = {{\n{body}\n}};\n",
        source.array("uint32_t", "shareagent_unicode_scalars", pool.scalars),
        source.array("uint32_t", "shareagent_unicode_compositions", compositions(step, excluded)),
    ])
    print(f"unicode: {len(records)} records, {len(block_numbers)} blocks, {len(pool.scalars)} scalars, "
          f"{len(index) + 2 * len(blocks) + 8 * len(records) + 4 * len(pool.scalars) + 12 * COMPOSITION_SLOTS} bytes")
