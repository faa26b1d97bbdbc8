"""C source text: arrays whose lines fit, in files that say where they come from."""

import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent / "Sources" / "CNameTables"
PER_LINE = 130


def array(kind: str, name: str, values: list[int]) -> str:
    """One constant array, a comment-free block of decimal numbers."""
    lines, line = [], ""
    for value in values:
        word = f"{value},"
        if len(line) + len(word) > PER_LINE:
            lines.append(line)
            line = ""
        line += word
    if line:
        lines.append(line)
    return f"const {kind} {name}[{len(values)}] = {{\n" + "\n".join(lines) + "\n};\n"


def write(file: str, origin: str, parts: list[str]) -> None:
    """One generated file."""
    head = f"// Made by `make tables`; do not edit. From {origin}.\n#include \"CNameTables.h\"\n\n"
    (ROOT / file).write_text(head + "\n".join(parts), encoding="ascii")
