"""A hundred shares of one catalog: how long attaching them takes beside a shell loop of mount(8), and what the daemon weighs then."""

from Lab import lab
from Lab.network import GUEST, HOST
from Lab.world import World

from . import attaching, footprint, speed

NFS, SMB, TMPFS = 34, 33, 33
MOST_KIB = 12 << 10


def exports() -> list[str]:
    return [f"hundred-n{number:02}" for number in range(1, NFS + 1)]


def smb_shares() -> list[str]:
    return [f"hundred-s{number:02}" for number in range(1, SMB + 1)]


def scratches() -> list[str]:
    return [f"hundred-t{number:02}" for number in range(1, TMPFS + 1)]


def names() -> list[str]:
    """Mixed, as a catalog is."""
    lists = [exports(), smb_shares(), scratches()]
    return [row[number] for number in range(max(map(len, lists))) for row in lists if number < len(row)]


def offer(world: World) -> None:
    entries = {name: {"type": "nfs", "server": HOST, "export": f"/{name}", "version": "4.2"} for name in exports()}
    entries |= {name: {"type": "smb", "server": HOST, "share": name} for name in smb_shares()}
    entries |= {name: {"type": "tmpfs", "sizeBytes": 1 << 20} for name in scratches()}
    for name in names():
        share = {"name": name, "source": entries[name], "attach": "manual"}
        world.host.shares.append(share | ({"credential": "team-user"} if name in smb_shares() else {}))


def by_hand() -> str:
    """What an administrator's script would do; with the protection that the agent gives."""
    safe = "nosuid,nodev,noatime"
    commands = {name: f"mount -i -t nfs4 -o vers=4.2,addr={HOST},clientaddr={GUEST},{safe} {HOST}:/{name}" for name in exports()}
    commands |= {name: f"mount -i -t cifs -o ip={HOST},username={lab.USER},password={speed.PASSWORD},{safe} //{HOST}/{name}"
                 for name in smb_shares()}
    commands |= {name: f"mount -t tmpfs -o size=1m,{safe} tmpfs" for name in scratches()}
    return " && ".join(f"mkdir -p /mnt/by-hand/{name} && {commands[name]} /mnt/by-hand/{name}" for name in names())


def measure(world: World, unit: str, rounds: int = 2) -> dict:
    """Rounds interleaved; the memory is read while all of them are attached."""
    rows: dict[str, list[float]] = {"mount": [], "shareagent": []}
    memory = []
    for _ in range(rounds):
        rows["mount"].append(attaching.seconds(world, by_hand()))
        attaching.seconds(world, " && ".join(f"umount /mnt/by-hand/{name}" for name in names()))
        rows["shareagent"].append(attaching.seconds(world, f"shareagent attach {' '.join(names())} --wait 9m"))
        attached = sum(share["state"] == "attached" for share in world.status()["shares"])
        memory.append(footprint.memory(world, unit))
        attaching.seconds(world, f"shareagent detach {' '.join(names())} --wait 9m")
    most = max(row["VmRSS"] for row in memory)
    return {"shares": len(names()), "attached": attached, "seconds": rows, "memoryKiB": memory,
            "ratio": round(min(rows["shareagent"]) / min(rows["mount"]), 2),
            "goals": [{"goal": f"VmRSS of the daemon at most {MOST_KIB} KiB with {len(names())} shares", "seen": most,
                       "verdict": "PASS" if most <= MOST_KIB else "FAIL"}]}
