import ShareModel

extension SharesPage {
    static let chapters: [Chapter] = [
        Chapter(
            type: .virtiofs, title: "a directory of the host", intro: "The fastest way to a directory of the host; no network between.",
            source: [.init("tag", "files"), .init("dax", "inode")],
            fields: [
                ("tag", "**required**; the device's tag"),
                ("dax", "`always`, `inode` or `never`: whether files are mapped out of the host's page cache"),
            ],
            leftAlone: [
                ("read_ahead_kb above 4096", "measured: with 15 MiB reading takes 1.3 times as long as with the kernel's 128 KiB")
            ]),
        Chapter(
            type: .ninep, title: "9P2000.L, of QEMU or over TCP", intro: "Where the host has no virtiofsd. One device carries one mount.",
            source: [.init("tag", "nine"), .init("cache", "mmap"), .init("msize", 512_000)],
            fields: [
                ("tag", "the device's tag; exactly one of `tag` and `server`"), ("server", "name or address of a server"),
                ("port", "of the server; 564"),
                ("cache", "`none`, `mmap`, `loose` or `fscache`: what the guest may keep"),
                ("msize", "bytes of a message, 4096 to 1048576"),
            ],
            leftAlone: [
                ("cache=loose", "measured: bulk reading takes 2.8 times as long, writing 18 times; and what the host changes is not seen"),
                ("msize above 512000", "a virtio queue carries no more: the kernel lowers it"),
            ]),
        Chapter(
            type: .nfs, title: "NFS 3, 4.0, 4.1, 4.2",
            intro: "By the kernel's client alone, without mount.nfs: the agent resolves the name and walks the versions.",
            source: [
                .init("server", "10.77.0.1"), .init("export", "/projects"), .init("version", "4.2"), .init("security", "sys"),
                .init("transport", "tcp"), .init("port", 2049), .init("connections", 1),
            ],
            fields: [
                (
                    "server",
                    "**required**; name or address, of version 6 without brackets; a link-local one with the guest's card: `fe80::1%eth0`"
                ),
                ("export", "**required**; as the server names it"),
                ("version", "`auto` (4.2, 4.1, 4.0, 3: the first that the server has), or one of them"),
                ("security", "`sys`, `krb5`, `krb5i` or `krb5p`"),
                (
                    "transport",
                    "`tcp`; `tls` and `mtls` (with a certificate of the guest's) need Linux 6.5 and tlshd (ktls-utils) in the guest, with the authority in its truststore. All shares of one server should say the same: by version 4 a guest has one connection to it, and one that is open already is not taken for a share that wishes encryption"
                ),
                ("port", "2049"), ("connections", "1 to 16 TCP connections; the first mount from a server decides for all"),
            ],
            leftAlone: [
                (
                    "noresvport",
                    "a Linux server without `insecure` in its export answers it with EPERM; to be set where a server is known to take it"
                ),
                ("lookupcache=none", "measured: stat takes 1.8 times as long; `pos` is enough to see new files"),
                ("noac", "makes every write wait for the server too; `actimeo` is what is meant"),
                ("nocto, noatime", "measured: no difference"),
                ("nosharecache", "two caches of one file contradict each other"),
            ]),
        Chapter(
            type: .smb, title: "SMB 2.1 to 3.1.1",
            intro: "By the kernel's client alone: mount.cifs would show the password on its command line.",
            source: [
                .init("server", "nas"), .init("share", "team"), .init("path", "a/b"), .init("version", "3.1.1"),
                .init("encryption", "required"), .init("port", 445), .init("domain", "LAB"), .init("channels", 2),
            ],
            fields: [
                ("server", "**required**; name or address, as for NFS"), ("share", "**required**; as the server names it"),
                ("path", "a directory in the share"),
                (
                    "version",
                    "`auto` (the newest that both have, 2.1 at the lowest; 3.0 where encryption is required), or one of 2.1, 3.0, 3.0.2, 3.1.1; 1 and 2.0 are not spoken"
                ),
                ("encryption", "`required`, `ifOffered` (what the server wants) or `off`"), ("port", "445"), ("domain", "of the user"),
                ("channels", "1 to 16 TCP connections, where the server has as many interfaces, or one that says it has several queues"),
            ],
            leftAlone: [
                (
                    "rsize, wsize",
                    "the kernel asks for 4 MiB, and the server lowers it: setting them could only lower them; measured: 1 MiB takes 1.4 of the time"
                ),
                ("cache=loose", "measured: no certain gain; can show old data"),
                ("multichannel", "measured: nothing over one network card; `channels` asks for it"),
                ("noserverino", "breaks hard links and backups"),
            ]),
        Chapter(
            type: .cephfs, title: "a Ceph file system", intro: "By the kernel's client, with the key in the kernel's keyring.",
            source: [
                .init("monitors", .array(["10.77.0.1:6789"])), .init("path", "/a"), .init("user", "guest"), .init("filesystem", "cephfs"),
                .init("fsid", "f6b5b1d0-8e3c-4a55-9c5a-0d3b0f5f4d11"),
            ],
            fields: [
                ("monitors", "**required**; addresses, with ports where they are not the usual ones"), ("path", "a directory in it; `/`"),
                ("user", "whose key it is, without `client.`"), ("filesystem", "which one, where there are several"),
                ("fsid", "the cluster's id"),
            ]),
        Chapter(
            type: .glusterfs, title: "a Gluster volume",
            intro: "By its own mount helper (package glusterfs-client), for the kernel has no client.",
            source: [.init("servers", .array(["10.77.0.1"])), .init("volume", "data"), .init("path", "/a")],
            fields: [
                ("servers", "**required**; the first, then those to ask when it is not there"), ("volume", "**required**"),
                ("path", "a directory in it"),
            ]),
        Chapter(
            type: .tmpfs, title: "memory of the guest", intro: "Needs no host and no server.",
            source: [.init("sizeBytes", 1_048_576), .init("mode", "0700")],
            fields: [("sizeBytes", "the most it holds"), ("mode", "of its root; `ownership` says whose it is")]),
        Chapter(
            type: .image, title: "a file system on a disk or in a file",
            intro: "Found by libblkid, from a list of file systems whose readers this project trusts with what a host hands out.",
            source: [.init("serial", "data1"), .init("filesystem", "ext4")],
            fields: [
                ("share, path", "a file in another attached share; exactly one of `path`, `serial`, `label` and `uuid`"),
                ("serial", "a virtio disk's serial number"),
                ("label", "the file system's label"), ("uuid", "the file system's UUID"),
                ("filesystem", "`auto` (as libblkid finds it), or the one it has to be"),
            ]),
    ]
}
