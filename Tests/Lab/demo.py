"""The demo: a Debian guest whose cloud-init attaches three shares of this machine, and both ends' word on how they are."""

import contextlib
import signal
import sys

from . import image, programs
from .progress import Progress
from .world import AGENT_LOG, GREETINGS, World


def run(once: bool, suite: str) -> int:
    progress = Progress()
    with contextlib.ExitStack() as stack:
        with progress.step(f"guest image of Debian {suite} with the agent's package"):
            booted = image.with_packages(suite, [programs.package("shareagent")], lambda text: progress.say(f"     {text}"))
        world = World(booted)
        stack.callback(world.close)
        with progress.step("file servers: virtiofsd, nfs-ganesha, Samba"):
            world.start_servers()
        with progress.step("sharehost serve"):
            world.start_host()
        with progress.step("the guest boots (emulated, without KVM: about a minute)"):
            world.boot()
        with progress.step("its cloud-init runs 'shareagent attach --wait 60s'"):
            world.guest.await_cloud_init()
        failed = show(world)
        print(f"""
A shell in the guest:   {world.guest.shell_command()}
The host's view:        {world.host.program} status --control-socket {world.host.control}
Its configuration:      {world.host.path} (edit it: the guest follows at once)""", flush=True)
        if not once and sys.stdin.isatty():
            print("To stop: Enter, or Ctrl-C. Nothing stays but the cached guest image.", flush=True)
            with contextlib.suppress(SystemExit):
                sys.stdin.readline()
        with progress.step("stopping"):
            stack.close()
    return 1 if failed else 0


def show(world: World) -> bool:
    """Prints what the two ends say; true when something is not as it should be."""
    failed = False

    def section(title: str, ended) -> None:
        nonlocal failed
        failed = failed or ended.returncode != 0
        print(f"\n$ {title}\n{ended.stdout}{ended.stderr}", end="", flush=True)

    if world.guest.ssh(f"cat {AGENT_LOG}.exit", check=False).stdout.strip() != "0":
        section("shareagent attach --wait 60s             # in the guest, by cloud-init",
                world.guest.ssh(f"cat {AGENT_LOG}.out; exit $(cat {AGENT_LOG}.exit)", check=False))
    section("shareagent status                        # in the guest", world.guest.ssh("shareagent status", check=False))
    for name in GREETINGS:
        section(f"cat /mnt/{name}/hello.txt", world.guest.ssh(f"cat /mnt/{name}/hello.txt", check=False))
    section("sharehost status                         # on the host", world.host.run("status", check=False))
    return failed


def end_on_signals() -> None:
    """SIGTERM ends the demo as Ctrl-C does: through every `finally`."""

    def end(number: int, _frame: object) -> None:
        # A second signal must not interrupt the cleaning up.
        for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(ignored, signal.SIG_IGN)
        raise SystemExit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
