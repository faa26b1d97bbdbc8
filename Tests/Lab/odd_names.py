"""File names that programs stumble over, as bytes, and how a view that composes them (`form: nfc`) must show them.

What is shown is computed here anew, by Python's own Unicode and hashes, so that the view is held against something else than itself.
"""

import base64
import functools
import hashlib
import random
import re
import unicodedata
from collections.abc import Iterable

LONGEST = 255

# What every tool that was looked at loses one of: composed, decomposed, Latin-1 and GBK.
FOUR = {b"caf\xc3\xa9.txt": "composed", b"cafe\xcc\x81.txt": "decomposed", b"caf\xe9.txt": "latin", b"\xc4\xe3\xba\xc3.doc": "gbk"}

WORDS = ["café.txt", "Ångström", "über", "naïve.md", "한글.hwp", "각", "ﬁligree", "がぎぐ", "Ǖ", "ệ", "ṩ", "ёлка", "ϓ", "ά.c"]
SINGLETONS = ["\u212a", "\u2126", "Ω", "\u212b", "\u037e", "\u1fef", "\u0340", "\u0341", "\u0387", "\u2000", "\u2001", "\u2329", "\uf900",
              "豈",
              "\U0002f800", "丽", "\ufb1d", "\u0958", "\u1f71", "\u0374"]
JAMO = ["\u1112\u1161\u11ab", "\u1112\u1161", "하\u11ab", "\u115f\u1161\u11a8", "\u1100\u1161\u11a7", "각\u11a8", "\uac00\u0301",
"\ua960\u1161"]
MARKS = ["\u0301", "a\u0301\u0327", "a\u0327\u0301", "s\u0323\u0307", "s\u0307\u0323", "\u0344", "q\u0307\u0323\u0301", "\u0f73",
"\u034f\u0301"]
TWINS = ["README", "readme", "ReadMe", "É", "é", "Straße", "STRASSE", "strasse", "ſ", "İ", "I\u0307", "i", "ı", "σ", "ς", "Σ", "k", "K"]
CHARSETS = {
    "gb18030": ["你好.doc", "目录", "说明书.txt", "\u20ac", "𠀀"], "big5": ["測試", "許功蓋", "餐"], "shift_jis": ["日本語", "表示", "ｱｲｳ", "ソース"],
    "euc_jp": ["テスト.txt", "日本語"], "cp949": ["한국어", "똠방각하"], "cp1251": ["привет", "отчёт.doc"], "koi8_r": ["привет"],
    "cp1252": ["Größe", "caf\u00e9.txt", "\u201cx\u201d", "\u20ac5"], "cp850": ["Größe"], "mac_roman": ["Größe", "π"],
    "iso-8859-2": ["Łódź"],
}
RESERVED = [f"a{mark}b" for mark in "\"*:<>?\\|"] + ["con", "NUL.txt", "COM1", "aux.c", "lpt9", "a:b:c", "C:", "file.txt:stream:$DATA"]
ENDS = ["dot.", "dots..", "space ", "spaces  ", "...", ". ", " ", " lead", ".hidden", "..x", "dot.é.", "é "]
SHELL = ["-rf", "--", "$(x)", "'", '"', "a b", "*", "~", "~root", "#x#", "a;b", "`x`", "&", "!x", "%s%n", "%E9", "%25", "%2F", "a%C3%A9"]
SEEN_OR_NOT = ["\x85", "\xa0", "\u200b", "x\u200bx", "\u202eabc", "\ufeffbom", "\u00ad", "\U000e0001", "\u2028", "\ufffd", "\uffff",
               "\ufffe", "\U0001ffff",
               "\U0010ffff", "👨\u200d👩\u200d👧", "☺\ufe0f", "\u0378"]
PRIVATE = ["\uf001", "\uf022", "\uf03a", "\uf028", "x\uf028", "x\uf029", "x\uf02e", "\uf8ff", "\ue000", "\uef7f", "\uef80", "\uefff",
           "\uf000", "caf\uefe9.txt", "\uefe9.txt",
           "\uefee\uefbe\uefa9"]
BROKEN = [
    b"\xed\xa0\x80", b"x\xed\xbf\xbfy", b"\xed\xa0\xbd\xed\xb8\x80", b"\xc0\xaf", b"\xc0\xae\xc0\xae", b"\xe0\x80\xaf",
    b"\xf0\x80\x80\xaf", b"\xf4\x90\x80\x80",
    b"\xf8\x88\x80\x80\x80", b"\xfe", b"\xff", b"\xe4\xbd", b"\xe4\xbd\xa0\xe4", b"\x80", b"\xe9\xcc\x81", b"e\xcc", b"\xef\xbe",
    b"\xef\xbe\x80\x80",
]
LONG = [
    b"x" * 255, "é".encode() * 127 + b"x", "e\u0301".encode() * 85, b"\xe9" * 100, b"\xe9" * 255, b"\xe9" * 250 + b".text",
    b"\xe9" * 250 + b".txte",
    "\u0958".encode() * 85, "\ufb1d".encode() * 85, "\U0001d160".encode() * 63, b"x" * 250 + b"\xe9", b"x" * 251 + b"\xe9",
    b"x" * 252 + b"\xe9", b"x" * 253 + b"\xe9",
    b"x" * 254 + b"\xe9", "한".encode() * 85, b"x" * 251 + "\u212a".encode(), b"." + b"\xe9" * 254,
]


def odd_names() -> list[bytes]:
    """Several hundred of them, always the same ones, none twice."""
    made: dict[bytes, None] = dict.fromkeys(FOUR)

    def add(*names: str | bytes) -> None:
        made.update(dict.fromkeys(name.encode() if isinstance(name, str) else name for name in names))

    for word in WORDS:
        add(*(unicodedata.normalize(form, word) for form in ("NFC", "NFD", "NFKC", "NFKD")))
    add(*SINGLETONS, *JAMO, *MARKS, *TWINS, *RESERVED, *ENDS, *SHELL, *SEEN_OR_NOT, *PRIVATE, *BROKEN, *LONG)
    add(*(f"{sign}.txt" for sign in SINGLETONS), *(f"{sign}\u0301" for sign in SINGLETONS))
    for charset, words in CHARSETS.items():
        add(*(word.encode(charset) for word in words if word))
    add(*(b"c%cc" % code for code in (*range(1, 0x20), 0x7F)), "\n", "\n\n", "a\nb\n", "\x1b[31mred", "é\n")
    # What a view calls those that may not have their own name: taken, so that it needs more letters of the hash.
    add(*SuffixedName.all(b"cafe\xcc\x81.txt", "café.txt")[:2], SuffixedName.all(b"\xe9" * 255, "\uefe9" * 255)[0], "K~abcdef", "é~", "~é")
    rng = random.Random(4)
    pieces = [*SINGLETONS[:6], "é", "e\u0301", "~", "\uefe9", "%E9", "\u1112\u1161\u11ab", ".", " ", "A", "a", "\uf022", ":", "\x01", "\n"]
    signs = [piece.encode() for piece in pieces] + [b"\xe9", b"\xc4\xe3", b"\xff", b"\xef\xbf"]
    for _ in range(150):
        add(b"".join(rng.choice(signs) for _ in range(rng.randint(2, 6))))
    names = [name for name in made if name not in (b".", b"..")]
    assert all(0 < len(name) <= LONGEST and b"/" not in name and b"\0" not in name for name in names)
    return names


class SuffixedName:
    """`stem~hash.ext`, the hash being of the bytes on the source."""

    @staticmethod
    def all(source: bytes, candidate: str) -> list[bytes]:
        text = candidate.encode()
        letters = base64.b32encode(hashlib.blake2s(source).digest()).lower().rstrip(b"=")
        dot = text.rfind(b".")
        end = dot if dot > 0 and len(text) - dot <= 12 else len(text)
        tails = [b"~" + letters[:count] + text[end:] for count in (6, 10, 16, 26, 52)]
        return [text[:end][:LONGEST - len(tail)].decode(errors="ignore").encode() + tail for tail in tails]


_PIECE = re.compile(  # one character of UTF-8 as RFC 3629 has it, else one byte
    rb"[\x01-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]"
    rb"|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|.", re.DOTALL)


def _is_escape(sign: str) -> bool:
    return "\uef80" <= sign <= "\uefff"


def composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


@functools.cache
def shown_alone(source: bytes) -> str:
    """How a name is shown that is alone in its directory: bytes that are no UTF-8, and signs that look like escapes, are escaped."""
    out = ""
    for piece in _PIECE.findall(source):
        sign = piece.decode(errors="replace")
        out += sign if piece == sign.encode() and not _is_escape(sign) else "".join(chr(0xEF00 + byte) for byte in piece)
    return composed(out)


def stored(typed: str) -> bytes | None:
    """What a typed name is on the source; None where it would not be shown as typed."""
    source = b"".join(bytes([ord(sign) & 0xFF]) if _is_escape(sign) else sign.encode() for sign in composed(typed))
    return source if shown_alone(source) == composed(typed) and len(composed(typed).encode()) <= LONGEST else None


def shown(sources: Iterable[bytes]) -> dict[str, bytes]:
    """All names of a directory as they must be shown, each with the one on the source."""
    alike: dict[str, list[bytes]] = {}
    for source in sources:
        alike.setdefault(shown_alone(source), []).append(source)
    names: dict[str, bytes] = {}
    losers: list[bytes] = []
    for name, group in alike.items():
        if len(name.encode()) > LONGEST:
            losers += group
            continue
        first = min(group, key=lambda source: (source != name.encode(), source))
        names[name] = first
        losers += [source for source in group if source != first]
    for source in sorted(losers):
        free = next(name for name in SuffixedName.all(source, shown_alone(source)) if name.decode() not in names)
        names[free.decode()] = source
    return names


def smb_can_carry(name: bytes, others: dict[str, str]) -> bool:
    """Whether a Samba server shows this name as it is: UTF-8, nothing that Windows has no name for,
    and no other that differs in case only."""
    try:
        text = name.decode()
    except UnicodeDecodeError:
        return False
    if text[-1] in ". " or any(sign < " " or sign in '"*:<>?\\|\x7f' or "\uf000" <= sign <= "\uf0ff" for sign in text):
        return False
    if re.fullmatch(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", text, re.IGNORECASE):
        return False
    # One with escapes that is cut may end amidst what they mean.
    if len(shown_alone(name).encode()) > LONGEST and any(map(_is_escape, text)):
        return False
    return others.setdefault(composed(text).upper(), composed(text)) == composed(text)
