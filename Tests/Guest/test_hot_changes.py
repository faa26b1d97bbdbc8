"""Shares that come, change and go while the guest runs, by editing the host's configuration file."""

SCRATCH = {"name": "scratch", "source": {"type": "tmpfs", "sizeBytes": 1 << 20}}


def test_a_share_added_on_the_host_appears_in_the_guest(world):
    world.change(lambda host: host.shares.append(dict(SCRATCH)))
    share = world.await_share("scratch", state="attached", health="ok")
    assert share["target"] == "/mnt/scratch"
    assert "/mnt/scratch" in world.mount_ids()


def test_a_share_removed_on_the_host_goes_and_the_others_stay(world):
    world.change(lambda host: host.shares.append(dict(SCRATCH)))
    world.await_share("scratch", state="attached")
    others = {target: number for target, number in world.mount_ids().items() if target != "/mnt/scratch"}
    world.change(lambda host: host.shares.pop())
    world.await_gone("scratch")
    assert world.mount_ids() == others


def test_a_changed_target_moves_the_share(world):
    world.change(lambda host: host.shares.append(dict(SCRATCH)))
    world.await_share("scratch", state="attached")
    world.change(lambda host: host.shares[-1].update(target="/mnt/elsewhere"))
    world.await_share("scratch", state="attached", target="/mnt/elsewhere")
    assert "/mnt/scratch" not in world.mount_ids()


def test_detach_and_attach_by_hand(world):
    ended = world.guest.ssh("shareagent detach team", check=False)
    assert ended.returncode == 0, ended.stderr
    assert "/mnt/team" not in world.mount_ids()
    assert world.share("team")["state"] in ("detached", "offered")
    ended = world.guest.ssh("shareagent attach team --wait 30s", check=False)
    assert ended.returncode == 0, ended.stderr
    world.await_share("team", state="attached", health="ok")


def test_a_list_that_drops_most_shares_is_acted_on_only_when_it_is_confirmed(world):
    """Three of three at once: the guest asks a second time before it lets go."""
    before = world.mount_ids()
    world.change(lambda host: host.shares.clear())
    assert world.mount_ids() == before
    world.await_gone("files", timeout=45)
