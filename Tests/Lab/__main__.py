"""`python3 -m Lab VERB`: the lab's own verbs, which the Makefile calls."""

import argparse
import sys

from . import image, recipe


def say(text: str) -> None:
    print(f"lab: {text}", file=sys.stderr, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="Lab", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    images = verbs.add_parser("image", help="build the guest image, if it is not there")
    images.add_argument("suites", nargs="*", default=["bookworm"], help=" or ".join(recipe.SUITES))
    arguments = parser.parse_args()
    if arguments.verb == "image":
        for suite in arguments.suites:
            say(f"{suite}: {image.base(suite, say).disk}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
