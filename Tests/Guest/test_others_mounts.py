"""What other programs have mounted is never touched, however much it looks like a share."""

from Lab import network
from Lab.processes import wait_until

SOURCE = f"{network.HOST}:/projects"


def await_forgotten(world, name: str) -> None:
    """The share is gone; what stands at its target is somebody else's."""
    wait_until(lambda: world.share(name) is None, 30, f"share '{name}' is still there", every=0.3)


def test_a_mount_of_the_same_source_by_another_program_is_neither_taken_over_nor_taken_away(world):
    guest = world.guest
    guest.ssh(f"mkdir -p /mnt/theirs && mount -i -t nfs4 -o vers=4.2,nosuid,nodev,addr={network.HOST} {SOURCE} /mnt/theirs")
    theirs = world.mount_ids()["/mnt/theirs"]
    try:
        world.change(lambda host: host.shares.append({"name": "theirs", "source": {
            "type": "nfs", "server": network.HOST, "export": "/projects", "version": "4.2"}}))
        share = world.await_share("theirs", state="failed", cause="foreign-mount")
        assert any("umount /mnt/theirs" in line for line in share["cause"]["remedy"])
        world.change(lambda host: host.shares.pop())
        await_forgotten(world, "theirs")
        assert world.mount_ids()["/mnt/theirs"] == theirs
        world.change(lambda host: host.shares.append({"name": "theirs", "source": {
            "type": "nfs", "server": network.HOST, "export": "/projects", "version": "4.2"}}))
        world.await_share("theirs", state="failed", cause="foreign-mount")
    finally:
        guest.ssh("umount /mnt/theirs")
    # Whoever waited for the place need not be asked.
    world.await_share("theirs", state="attached", health="ok")


def test_a_mount_that_gets_the_id_of_an_unmounted_share_is_left_alone(world):
    """The kernel hands out the lowest free id, so the next mount usually gets it."""
    guest = world.guest
    world.change(lambda host: host.shares.append({"name": "scratch", "source": {"type": "tmpfs", "sizeBytes": 1 << 20}}))
    world.await_share("scratch", state="attached", health="ok")
    ids = guest.ssh("umount /mnt/scratch && mount -t tmpfs -o size=1m tmpfs /mnt/scratch"
                    " && echo mine >/mnt/scratch/file && findmnt -no ID /mnt/scratch").stdout
    try:
        world.await_share("scratch", state="attached", health="foreign")
        world.change(lambda host: host.shares.pop())
        await_forgotten(world, "scratch")
        assert guest.ssh("cat /mnt/scratch/file; findmnt -no ID /mnt/scratch").stdout == "mine\n" + ids
    finally:
        guest.ssh("umount /mnt/scratch")


def test_what_somebody_detached_stays_so_when_the_agent_is_started_anew(world):
    world.guest.ssh("shareagent detach files")
    world.guest.ssh("systemctl restart shareagent")
    world.await_share("projects", state="attached", health="ok")
    assert world.share("files")["state"] == "detached"
    assert "/mnt/files" not in world.mount_ids()
    world.guest.ssh("shareagent attach files --wait 30s")
    world.await_well()
