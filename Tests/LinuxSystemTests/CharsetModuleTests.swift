import LinuxSystem
import Testing

@Suite("charsets of the kernel, told by the files of its modules")
struct CharsetModuleTests {
    @Test(
        "built in, loadable, by another name, and neither",
        arguments: [
            ("utf8", true), ("koi8-r", true), ("koi8_r", true), ("cp936", true), ("gb2312", true), ("cp437", true), ("koi8-u", false),
            ("cp9", false), ("", false),
        ])
    func found(charset: String, isThere: Bool) throws {
        let folder = try TemporaryDirectory()
        try folder.write("modules.builtin", "kernel/fs/nls/nls_cp437.ko\nkernel/fs/ext4/ext4.ko\n")
        try folder.write(
            "modules.dep",
            "kernel/fs/nls/nls_utf8.ko.xz:\nkernel/fs/nls/nls_koi8-r.ko:\nkernel/fs/nls/nls_cp936.ko: kernel/x/nls_koi8-u.ko\n")
        try folder.write("modules.alias", "alias nls_gb2312 nls_cp936\nalias fs-cifs cifs\n")
        #expect(CharsetModule.isThere(charset, modules: folder.path) == isThere)
    }

    @Test("where no file says which modules there are, nobody knows")
    func unknown() throws {
        #expect(CharsetModule.isThere("no-such-charset", modules: "/nowhere") == nil)
    }
}
