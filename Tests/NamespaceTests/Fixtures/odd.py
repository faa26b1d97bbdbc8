"""A mounted view held against a model of its rules: odd.py SOURCE VIEW SEED. Random odd names are listed, opened, moved and removed; says
what differs, with the seed, and exits with 1. The view is one with `form: nfc`."""

import pathlib
import random
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from Lab import through_view, view_plan  # noqa: E402

PIECES = [piece.encode() for piece in (
    "é", "e\u0301", "e", "\u212a", "K", "k", ";", "\u037e", "~", "~glk2ni", "\uefe9", "\uefc3", "\uefa9", "\u0301", "\u0327", "\u1112",
    "\u1161", "\u11ab", "하", "한", "\u2126", ".", "\u0958", "\ufb1d", "豈", "\n", "\u0344", "\U0001d160", "~é", "%E9")] + [
        b"\xe9", b"\xc3", b"\xa9", b"\xef", b"\xbe", b"\xed\xa0\x80", b"\xc4\xe3"]
TYPED = ["moved {}", *(sign + "{}" for sign in ("u\u0308", "\u212a", "\uefe9", "한", "\u1112\u1161\u11ab", "~abcdef"))]


def names(rng: random.Random) -> list[bytes]:
    found: set[bytes] = set()
    for _ in range(rng.randint(5, 120)):
        name = b"".join(rng.choice(PIECES) for _ in range(rng.randint(1, 4)))
        if rng.random() < 0.1:
            name = (rng.choice(PIECES) * 255)[:rng.randint(235, 255)]
        if rng.random() < 0.3:
            name += rng.choice([b".txt", b".c", b".toolongextension"])
        found.add(name[:255])
    return sorted(found - {b".", b".."})


def main(source: str, view: str, seed: int) -> None:
    for round_seed in range(seed, seed + 6):
        # One of its own each time: what others change on the source a view sees after a second.
        folder = pathlib.Path(source) / f"odd {round_seed}"
        tree = view_plan.Tree(folder, names(random.Random(round_seed)), has_links=True)
        plan = view_plan.Plan(tree, TYPED, round_seed)
        plan.use_all()
        exercise = through_view.Exercise({"place": f"{view}/{folder.name}", "phases": plan.phases})
        exercise.run()
        if exercise.problems:
            sys.exit(f"seed {round_seed}: " + "\n".join(exercise.problems[:5]))
        try:
            tree.check()
        except AssertionError as error:
            sys.exit(f"seed {round_seed}: the source is not what was asked for: {error}")
        shutil.rmtree(folder)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else random.SystemRandom().randrange(1 << 30))
