"""What a guest image is made of. A change here makes new images; nothing else does."""

import pathlib

from . import cache

SUITES = ("bookworm", "trixie")

PACKAGES = (
    "linux-image-amd64", "initramfs-tools", "zstd", "kmod",
    "systemd", "systemd-sysv", "udev", "dbus", "procps",
    "iproute2", "openssh-server", "cloud-init",
    # What the agent's package depends on; there, so that installing the package needs no network.
    "libmount1", "libblkid1", "libkeyutils1", "libyaml-0-2",
    # Only measured beside the agent (make bench); without its port it does not start.
    "qemu-guest-agent",
)

# What scenarios of single sources need beside the plain guest: the helper of the one type that has no kernel client, the kernel's own
# servers (the guest is then its own file server), and the udev rule that puts the read-ahead of NFS back.
FLAVORS = {
    "plain": (),
    "servers": ("nfs-common", "nfs-kernel-server", "ksmbd-tools", "glusterfs-client", "cifs-utils"),
}
ONLY_IN_TRIXIE = {"servers": ("ktls-utils",)}


def packages(suite: str, flavor: str) -> tuple[str, ...]:
    return PACKAGES + FLAVORS[flavor] + (ONLY_IN_TRIXIE.get(flavor, ()) if suite == "trixie" else ())


# Drivers of real hardware make three quarters of the kernel package and no virtual machine needs them.
LEFT_OUT = (
    "/usr/share/doc/*", "/usr/share/man/*", "/usr/share/info/*", "/usr/share/locale/*", "/usr/share/i18n/locales/*",
    "/usr/lib/udev/hwdb.d/*",
    *(f"*/lib/modules/*/kernel/{folder}/*" for folder in (
        "arch/x86/kvm", "sound", "net/bluetooth", "net/mac80211", "net/wireless", "net/openvswitch", "net/can",
        *(f"drivers/{driver}" for driver in (
            "accel", "ata", "atm", "bluetooth", "comedi", "cpufreq", "edac", "firewire", "gpu", "hid", "hwmon", "i2c", "iio",
            "infiniband", "input", "isdn", "leds", "media", "memstick", "mfd", "mmc", "mtd", "net/can", "net/ethernet", "net/fddi",
            "net/usb", "net/wireless", "net/wwan", "nvme", "parport", "pcmcia", "platform", "power", "regulator", "scsi",
            "soundwire", "spi", "ssb", "staging", "target", "thunderbolt", "tty", "usb", "video", "w1", "watchdog",
        )),
    )),
)
# dpkg lets the last matching rule win.
KEPT_ALL_THE_SAME = ("*/lib/modules/*/kernel/drivers/scsi/scsi_*", "*/lib/modules/*/kernel/drivers/scsi/virtio_scsi*",
                     "*/lib/modules/*/kernel/drivers/scsi/sd_mod*")

MASKED_UNITS = (
    "apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer", "e2scrub_reap.service", "fstrim.timer",
    "systemd-timesyncd.service", "getty@tty1.service", "systemd-pstore.service", "cloud-init-hotplugd.socket",
    "systemd-update-utmp.service", "systemd-update-utmp-runlevel.service", "systemd-boot-update.service", "systemd-hwdb-update.service",
    "systemd-binfmt.service", "proc-sys-fs-binfmt_misc.automount", "sys-kernel-debug.mount", "sys-kernel-tracing.mount",
    "dev-hugepages.mount", "dev-mqueue.mount", "modprobe@drm.service", "modprobe@loop.service", "modprobe@dm_mod.service",
    "modprobe@efi_pstore.service", "serial-getty@ttyS0.service", "systemd-journal-flush.service",
)
ENABLED_UNITS = ("systemd-networkd.service", "ssh.service")
# There for the scenario that starts them, and in no other one's way.
NOT_STARTED_UNITS = (
    "rpcbind.service", "rpcbind.socket", "nfs-server.service", "nfs-client.target", "nfs-blkmap.service", "rpc-statd.service",
    "ksmbd.service", "tlshd.service", "glusterd.service", "glustereventsd.service",
)

FILES = pathlib.Path(__file__).parent / "image"
DISK_SIZE = "2000M"


def key(suite: str, flavor: str) -> str:
    """The name of the image these inputs give."""
    parts = [suite, *packages(suite, flavor), "-", *LEFT_OUT, *KEPT_ALL_THE_SAME, "-", *MASKED_UNITS, *ENABLED_UNITS, "-",
             *NOT_STARTED_UNITS, DISK_SIZE]
    files = sorted(path for path in FILES.rglob("*") if path.is_file())
    contents = [part for path in files for part in (str(path.relative_to(FILES)).encode(), path.read_bytes())]
    builder = (pathlib.Path(__file__).parent / "image.py").read_bytes()
    return cache.digest(*(part.encode() for part in parts), *contents, builder)
