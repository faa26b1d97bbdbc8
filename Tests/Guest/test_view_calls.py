"""Any order of calls, and any data, through a view of a real share: the namespace tests' own script, in the guest. On Linux 6.1 nothing
passes the view by, so its reads and writes past the source's pages are what is tried."""

import pytest

from Lab.view_calls import told, viewed

pytestmark = pytest.mark.full


# NFS keeps a name of its own for what is removed while it is open, so there the oracle's plain directory is none.
@pytest.mark.parametrize(("share", "check"), [("files", "data"), ("files", "oracle"), ("projects", "data")])
def test_calls_through_a_view_do_what_they_do_in_a_plain_directory(world, share, check):
    said = told(world, share, check)
    assert said.endswith("passed\n"), said


# NFS would wait for the server's disk at each piece that is written.
@pytest.mark.parametrize(("share", "mode", "long_is", "short_is"), [
    ("files", "rb", True, False), ("files", "r+b", True, True), ("projects", "rb", True, False), ("projects", "r+b", False, False)])
def test_what_is_long_is_read_past_the_sources_pages(world, share, mode, long_is, short_is):
    with viewed(world, share):
        world.guest.ssh("head -c 8M /dev/zero >/mnt/calls/long; head -c 16K /dev/zero >/mnt/calls/short")
        script = f"""
import glob, os
def flags(name):
    with open("/mnt/calls/" + name, "{mode}") as file:
        file.read(1)
        view = int(open("/run/calls.pid").read())
        ways = [place for place in glob.glob(f"/proc/{{view}}/fd/*") if os.path.realpath(place).endswith("/" + name)]
        return {{int(line.split()[1], 8) & os.O_DIRECT != 0 for place in ways for line in open(place.replace("/fd/", "/fdinfo/"))
                 if line.startswith("flags:") and not int(line.split()[1], 8) & os.O_PATH}}
print(flags("long"), flags("short"))
"""
        world.guest.ssh("systemctl show --value -p MainPID calls >/run/calls.pid")
        assert world.guest.ssh("python3 -", stdin=script).stdout.split() == [f"{{{long_is}}}", f"{{{short_is}}}"]
