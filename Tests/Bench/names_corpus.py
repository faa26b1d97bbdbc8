"""Names to look at, made from a seed and nothing else: nine of ten ASCII, the others words of eight scripts, half of them decomposed."""

import random
import unicodedata

SEED = 20261128
OTHERS_IN_TEN = 1

STEMS = ("report", "IMG", "invoice", "draft", "notes", "backup", "main", "photo", "scan", "meeting", "data", "final", "copy of", "index",
         "letter", "libshare", "config", "summary", "holiday", "track")
ENDINGS = (".txt", ".jpg", ".pdf", ".c", ".docx", ".html", ".o", ".mp3", "", ".tar.gz")
# Letters of a script as they stand in Unicode; names are drawn from them, since nobody reads these.
LATIN = ("abcdefghilmnoprstuv", "éèêëàâäöüßçñåøíóúñãőžščřęąłż")
VIETNAMESE = ("abcdeghiklmnopqrstuvxy", "ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữự")
CYRILLIC = ("абвгдежзиклмнопрстуфхцчшы", "йёїў")
GREEK = ("αβγδεζηθικλμνξοπρστυφχψω", "άέήίόύώϊ")
KANA = ("あいうえおかきくけこさしすせそたちつてとなにのはひふへほまみむもやゆらりるろん", "がぎぐげござじずぜぞだでどばびぶべぼぱぴぷぺぽ")


def alphabetic(draw: random.Random, letters: tuple[str, str]) -> str:
    plain, marked = letters
    letters = [draw.choice(marked if draw.random() < 0.2 else plain) for _ in range(draw.randint(4, 14))]
    return "".join(letters) + draw.choice(marked)


def block(draw: random.Random, first: int, last: int, longest: int) -> str:
    return "".join(chr(draw.randint(first, last)) for _ in range(draw.randint(2, longest)))


SCRIPTS = (
    lambda draw: alphabetic(draw, LATIN), lambda draw: alphabetic(draw, LATIN), lambda draw: alphabetic(draw, LATIN),
    lambda draw: alphabetic(draw, VIETNAMESE), lambda draw: alphabetic(draw, CYRILLIC), lambda draw: alphabetic(draw, GREEK),
    lambda draw: alphabetic(draw, KANA), lambda draw: block(draw, 0xAC00, 0xD7A3, 8), lambda draw: block(draw, 0xAC00, 0xD7A3, 8),
    lambda draw: block(draw, 0x4E00, 0x9FA5, 8), lambda draw: block(draw, 0x4E00, 0x9FA5, 8),
)


def made(count: int, seed: int) -> list[str]:
    """Names of which each is another one."""
    draw = random.Random(seed)
    names = []
    for number in range(count):
        ending = draw.choice(ENDINGS)
        if draw.random() * 10 < OTHERS_IN_TEN:
            word = draw.choice(SCRIPTS)(draw)
            names.append(unicodedata.normalize(draw.choice(("NFC", "NFD")), word) + f" {number}{ending}")
        else:
            names.append(f"{draw.choice(STEMS)}_{draw.randint(1990, 2026)}-{number:06}{ending}")
    return names


def digest(names: list[str]) -> str:
    """Of all names in NFC as Python's unicodedata has it: FNV-1a, each name with a NUL behind it. The programs print the same."""
    mark = 0xCBF29CE484222325
    for byte in b"".join(unicodedata.normalize("NFC", name).encode() + b"\0" for name in names):
        mark = (mark ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{mark:x}"
