"""Charsets, by asking this machine's glibc for every code: only what comes back as the same bytes is taken."""

import ctypes

from . import source

VERSION = b"2.36"
SINGLE = [
    ("cp1250", "CP1250"), ("cp1251", "CP1251"), ("cp1252", "CP1252"), ("cp1253", "CP1253"), ("cp1254", "CP1254"),
    ("cp1255", "CP1255"), ("cp1256", "CP1256"), ("cp1257", "CP1257"), ("cp1258", "CP1258"), ("cp437", "CP437"),
    ("cp850", "CP850"), ("cp852", "CP852"), ("cp866", "CP866"), ("cp874", "CP874"), ("koi8-r", "KOI8-R"), ("koi8-u", "KOI8-U"),
    ("mac-roman", "MACINTOSH"),
] + [(f"iso-8859-{n}", f"ISO-8859-{n}") for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16)]
# Name, glibc's name, first and last lead byte, first and last trail byte.
DOUBLE = [
    ("gb18030", "GB18030", 0x81, 0xFE, 0x40, 0xFE), ("cp936", "CP936", 0x81, 0xFE, 0x40, 0xFE),
    ("big5-hkscs", "BIG5-HKSCS", 0x87, 0xFE, 0x40, 0xFE), ("cp950", "BIG5", 0xA1, 0xF9, 0x40, 0xFE),
    ("cp932", "CP932", 0x81, 0xFC, 0x40, 0xFC), ("cp949", "UHC", 0x81, 0xFE, 0x41, 0xFE), ("euc-kr", "EUC-KR", 0xA1, 0xFE, 0xA1, 0xFE),
    ("euc-jp", "EUC-JP", 0xA1, 0xFE, 0xA1, 0xFE), ("euc-jp/212", "EUC-JP", 0xA1, 0xFE, 0xA1, 0xFE),
]
# Which table holds most of another's characters, so that only the differences are stored.
BASES = {"cp936": "gb18030", "euc-kr": "cp949", "cp950": "big5-hkscs"}

libc = ctypes.CDLL(None)
libc.iconv_open.restype = ctypes.c_void_p
libc.iconv.argtypes = [ctypes.c_void_p] + [ctypes.c_void_p] * 4
libc.iconv.restype = ctypes.c_size_t
libc.gnu_get_libc_version.restype = ctypes.c_char_p


class Converter:
    """One direction of iconv."""

    def __init__(self, target: str, origin: str):
        self.handle = libc.iconv_open(target.encode(), origin.encode())
        if self.handle in (None, ctypes.c_size_t(-1).value):
            raise SystemExit(f"glibc has no conversion from {origin} to {target}")

    def convert(self, data: bytes) -> bytes | None:
        """All of data, or nothing."""
        room = ctypes.create_string_buffer(64)
        text = ctypes.create_string_buffer(data, len(data) + 1)
        inward, outward = ctypes.c_void_p(ctypes.addressof(text)), ctypes.c_void_p(ctypes.addressof(room))
        left, free = ctypes.c_size_t(len(data)), ctypes.c_size_t(64)
        libc.iconv(self.handle, None, None, None, None)
        answer = libc.iconv(self.handle, ctypes.byref(inward), ctypes.byref(left), ctypes.byref(outward), ctypes.byref(free))
        # What was held back for a following combining character.
        flushed = libc.iconv(self.handle, None, None, ctypes.byref(outward), ctypes.byref(free))
        bad = ctypes.c_size_t(-1).value
        if answer == bad or flushed == bad or left.value:
            return None
        return room.raw[:64 - free.value]


class Charset:
    """Both directions of a charset."""

    def __init__(self, name: str):
        self.decoder, self.encoder = Converter("UTF-32LE", name), Converter(name, "UTF-32LE")

    def scalar(self, data: bytes) -> int:
        """The one character that stands for these bytes and is encoded as them, or 0."""
        text = self.decoder.convert(data)
        if not text or len(text) != 4 or self.encoder.convert(text) != data:
            return 0
        return int.from_bytes(text, "little")


class Astral:
    """Characters above U+FFFF, named in the cells by surrogates, which stand for nothing else."""

    def __init__(self):
        self.scalars, self.numbers = [], {}

    def cell(self, scalar: int) -> int:
        if scalar < 0x10000:
            return scalar
        if scalar not in self.numbers:
            self.numbers[scalar] = len(self.scalars)
            self.scalars.append(scalar)
        assert len(self.scalars) <= 0x800
        return 0xD800 + self.numbers[scalar]


def gb18030_ranges(charset: Charset) -> list[int]:
    """Runs of four-byte codes: linear code, character, length."""
    runs = []
    for scalar in [*range(0x80, 0xD800), *range(0xE000, 0x10000)]:
        data = charset.encoder.convert(scalar.to_bytes(4, "little"))
        if data is None or len(data) != 4 or charset.scalar(data) != scalar:
            continue
        linear = ((data[0] - 0x81) * 10 + data[1] - 0x30) * 1260 + (data[2] - 0x81) * 10 + data[3] - 0x30
        if runs and runs[-1][0] + runs[-1][2] == linear and runs[-1][1] + runs[-1][2] == scalar:
            runs[-1][2] += 1
        else:
            runs.append([linear, scalar, 1])
    return [number for run in sorted(runs) for number in run]


def generate() -> None:
    """Writes charsets.c and the list in charsets.h."""
    if libc.gnu_get_libc_version() != VERSION:
        raise SystemExit(f"glibc is not {VERSION.decode()}, whose tables the names policy pins")
    astral, parts, total, by_name = Astral(), [], 0, {}
    singles = []
    for _, name in SINGLE:
        charset = Charset(name)
        assert all(charset.scalar(bytes([byte])) == byte for byte in range(1, 0x80)), name
        singles += [charset.scalar(bytes([byte])) for byte in range(0x80, 0x100)]
    parts.append(source.array("uint16_t", "shareagent_single_cells", singles))
    total += 2 * len(singles)
    tables = []
    for name, origin, first, last, low, high in DOUBLE:
        charset = Charset(origin)
        prefix = b"\x8f" if name.endswith("/212") else b""
        # What stands alone above ASCII.
        lone = [0 if prefix else charset.scalar(bytes([byte])) for byte in range(0x80, 0x100)]
        cells = {(a, b): astral.cell(charset.scalar(prefix + bytes([a, b])))
                 for a in range(first, last + 1) for b in range(low, high + 1)}
        by_name[name] = cells
        word = name.replace("-", "_").replace("/", "_")
        base = by_name.get(BASES.get(name, ""), {})
        base_number = [entry[0] for entry in DOUBLE].index(BASES[name]) if base else -1
        if base:
            patches = [(a << 8 | b, cell) for (a, b), cell in sorted(cells.items()) if base.get((a, b), 0) != cell]
            stored = [number for patch in patches for number in patch]
            rows = [0xFF] * 256
        else:
            filled = [a for a in range(first, last + 1) if any(cells[a, b] for b in range(low, high + 1))]
            rows = [filled.index(a) if a in filled else 0xFF for a in range(256)]
            stored = [cells[a, b] for a in filled for b in range(low, high + 1)]
        parts += [source.array("uint16_t", f"cells_{word}", stored).replace("const", "static const"),
                  source.array("uint16_t", f"lone_{word}", lone).replace("const", "static const"),
                  source.array("uint8_t", f"rows_{word}", rows).replace("const", "static const")]
        total += 2 * (len(stored) + 128) + 256
        tables.append(f"{{cells_{word}, lone_{word}, rows_{word}, {len(stored) // 2 if base else 0}, {base_number}, "
                      f"{first}, {last}, {low}, {high}}}")
        print(f"charset {name}: {sum(1 for cell in cells.values() if cell)} characters, {2 * len(stored)} bytes")
    ranges = gb18030_ranges(Charset("GB18030"))
    parts.append(f"const struct shareagent_double_table shareagent_double_tables[{len(tables)}] = {{\n" + ",\n".join(tables) + "\n};\n")
    parts += [source.array("uint32_t", "shareagent_astral_scalars", astral.scalars),
              source.array("uint32_t", "shareagent_gb18030_ranges", ranges),
              f"const uint32_t shareagent_gb18030_range_count = {len(ranges) // 3};\n"]
    total += 4 * len(astral.scalars) + 4 * len(ranges)
    source.write("charsets.c", f"the iconv of glibc {VERSION.decode()}, each code asked both ways", parts)
    print(f"charsets: {total} bytes")
