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


def test_changed_rights_are_remounted_under_programs_that_use_the_share(world):
    """The kernel can do that, so nothing is unmounted: the mount ids stay."""
    before = world.mount_ids()
    holder = "cd /mnt/projects && exec sleep 300"
    world.guest.ssh(f"systemd-run --quiet --collect --unit=holder sh -c '{holder}'")
    try:
        world.change(lambda host: [share.update(access="ro", mount={"exec": False}) for share in host.shares])
        for name in ("files", "projects", "team"):
            world.await_share(name, state="attached", health="ok", access="ro")
            options = world.guest.ssh(f"findmnt -no VFS-OPTIONS /mnt/{name}").stdout
            assert options.startswith("ro,") and "noexec" in options
            assert world.guest.ssh(f"touch /mnt/{name}/new", check=False).returncode != 0
        world.change(lambda host: [share.pop("access") and share.pop("mount") for share in host.shares])
        for name in ("files", "projects", "team"):
            world.await_share(name, state="attached", health="ok", access="rw")
            world.guest.ssh(f"touch /mnt/{name}/new && rm /mnt/{name}/new")
    finally:
        world.guest.ssh("systemctl stop holder", check=False)
    assert world.mount_ids() == before


def test_two_shares_change_places_and_a_third_follows_into_the_tree_of_one(world):
    """One catalog, no failure in between: both leave, then both come, and what lies inside comes last."""
    tmpfs = {"type": "tmpfs", "sizeBytes": 1 << 20}
    world.change(lambda host: host.shares.extend([
        {"name": "left", "source": tmpfs, "target": "/mnt/one"}, {"name": "right", "source": tmpfs, "target": "/mnt/two"},
        {"name": "inside", "source": tmpfs, "target": "/mnt/one/deep/inside"},
    ]))
    world.await_share("inside", state="attached", health="ok")
    since = world.guest.ssh("date +%s").stdout.strip()

    def swap(host):
        for share in host.shares:
            share["target"] = {"left": "/mnt/two", "right": "/mnt/one"}.get(share["name"], share.get("target", f"/mnt/{share['name']}"))

    # The directories made inside a tmpfs are files that a change would lose, so there is one to take away.
    world.guest.ssh("shareagent detach inside && rmdir -p /mnt/one/deep/inside 2>/dev/null || true; rmdir /mnt/one/deep || true")
    world.change(swap)
    world.await_share("left", state="attached", health="ok", target="/mnt/two")
    world.await_share("right", state="attached", health="ok", target="/mnt/one")
    ended = world.guest.ssh("shareagent attach inside --wait 30s", check=False)
    assert ended.returncode == 0, ended.stderr
    assert "/mnt/one/deep/inside" in world.mount_ids()
    journal = world.guest.ssh(f"journalctl -u shareagent -o cat --no-pager --since=@{since}").stdout
    assert "foreign-mount" not in journal, journal
    ended = world.guest.ssh("shareagent detach right", check=False)
    assert ended.returncode == 0, ended.stderr
    assert not [target for target in world.mount_ids() if target.startswith("/mnt/one")]
    assert world.share("inside")["cause"]["code"] == "target-missing"


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
