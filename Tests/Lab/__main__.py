"""`python3 -m Lab VERB`: the lab's own verbs, which the Makefile calls."""

import argparse
import os
import sys

from . import demo, image, local_demo, processes, programs, recipe


def say(text: str) -> None:
    print(f"lab: {text}", file=sys.stderr, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="Lab", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    images = verbs.add_parser("image", help="build the guest image, if it is not there")
    images.add_argument("suites", nargs="*", default=["bookworm"], help=" or ".join(recipe.SUITES))
    images.add_argument("--flavor", default="plain", choices=recipe.FLAVORS)
    shown = verbs.add_parser("demo", help="boot a guest that attaches this machine's shares, and show it")
    shown.add_argument("--local", action="store_true", help="no VM: agent and host peer on this machine, in a private mount namespace")
    shown.add_argument("--once", action="store_true", help="end after showing, also on a terminal")
    shown.add_argument("--suite", default="bookworm", choices=recipe.SUITES)
    arguments = parser.parse_args()
    if os.geteuid() != 0:
        print("lab: needs root: for network namespaces, tap devices and mounts.\ndo:  run it again with sudo.", file=sys.stderr)
        return 3
    if arguments.verb == "image":
        for suite in arguments.suites:
            say(f"{suite}: {image.base(suite, say, arguments.flavor).disk}")
        return 0
    demo.end_on_signals()
    try:
        return local_demo.run() if arguments.local else demo.run(arguments.once, arguments.suite)
    except (image.ImageFailure, programs.NotBuilt, processes.Ended, TimeoutError) as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
