"""The SMB password is nowhere but in the kernel and in root's file on the host."""

from Lab.lab import PASSWORD

# A piece that survives every way of quoting and escaping; and the whole of it.
CANARIES = (PASSWORD, PASSWORD.split(",", 1)[0] + ",", PASSWORD.rsplit(" ", 1)[1])

PLACES = {
    "command lines": "cat /proc/[0-9]*/cmdline | tr '\\0' ' '",
    "environments": "cat /proc/[0-9]*/environ | tr '\\0' ' '",
    "the mount table": "cat /proc/self/mountinfo /proc/mounts; cat /run/mount/utab 2>/dev/null",
    "the journal": "journalctl --no-pager -o export",
    "the kernel's log": "dmesg",
    "files of the agent": "grep -r '' /var/lib/shareagent /run/shareagent /etc/shareagent 2>/dev/null",
    "status": "shareagent status --json; shareagent list --json",
    "cloud-init's logs": "cat /var/log/cloud-init*.log",
}


def test_the_password_is_in_no_place_that_others_read(world):
    # Attached anew while the places are read over and over: what shows up only for a moment shows up too.
    watch = "; ".join(f"( {command} ) >>/root/seen 2>/dev/null" for command in (PLACES["command lines"], PLACES["environments"]))
    world.guest.ssh("rm -f /root/seen")
    world.guest.ssh(f"shareagent detach team; ( while [ ! -e /root/enough ]; do {watch}; done ) & "
                    "shareagent attach team --wait 60s; touch /root/enough; wait; rm /root/enough", timeout=120)
    world.await_share("team", state="attached", health="ok")
    for place, command in {**PLACES, "what was seen while attaching": "cat /root/seen"}.items():
        found = world.guest.ssh(command, check=False, timeout=120).stdout
        assert found, f"nothing was read from {place}"
        for canary in CANARIES:
            assert canary not in found, f"the password is in {place}"
    world.guest.ssh("rm -f /root/seen")
    for canary in CANARIES:
        assert canary not in world.host.log.read_text(errors="replace")
        assert canary not in world.host.run("status", "--json").stdout
