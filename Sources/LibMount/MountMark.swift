import CLibMount
import Glibc

/// The line in libmount's table (/run/mount/utab) by which a mount is known as this agent's, and as which share's:
/// `x-shareagent.name=NAME`. mount(8), findmnt and a restarted agent read it; nothing but it survives the worker.
public enum MountMark {
    /// The option's name.
    public static let option = "x-shareagent.name"

    /// Writes the mark of a mount that stands.
    /// - Throws: `LibMountError` where the table cannot be written.
    public static func write(share: String, fstype: String, source: [UInt8], target: [UInt8]) throws(LibMountError) {
        guard let entry = unsafe mnt_new_fs() else { throw .library(step: "mnt_new_fs", code: ENOMEM) }
        defer { unsafe mnt_unref_fs(entry) }
        unsafe try withCString("source", source) { text throws(LibMountError) in
            try check("mnt_fs_set_source", unsafe mnt_fs_set_source(entry, text))
        }
        unsafe try withCString("target", target) { text throws(LibMountError) in
            try check("mnt_fs_set_target", unsafe mnt_fs_set_target(entry, text))
        }
        unsafe try withCString("file system type", Array(fstype.utf8)) { text throws(LibMountError) in
            try check("mnt_fs_set_fstype", unsafe mnt_fs_set_fstype(entry, text))
        }
        unsafe try withCString("mark", Array("\(option)=\(share)".utf8)) { text throws(LibMountError) in
            try check("mnt_fs_set_options", unsafe mnt_fs_set_options(entry, text))
        }
        unsafe try update { update throws(LibMountError) in
            try accepted(unsafe mnt_update_set_fs(update, 0, nil, entry))
        }
    }

    /// Takes away whatever libmount's table says about a target; nothing there is fine.
    /// - Throws: `LibMountError` where the table cannot be written.
    public static func remove(target: [UInt8]) throws(LibMountError) {
        unsafe try withCString("target", target) { text throws(LibMountError) in
            unsafe try update { update throws(LibMountError) in
                try accepted(unsafe mnt_update_set_fs(update, 0, text, nil))
            }
        }
    }

    /// The share that a mount is marked as; nil where it is not this agent's, or the mark was lost.
    public static func share(ofMount mountID: UInt64) throws(LibMountError) -> String? {
        guard let table = unsafe mnt_new_table() else { throw .library(step: "mnt_new_table", code: ENOMEM) }
        defer { unsafe mnt_unref_table(table) }
        // Reads mountinfo and lays utab over it; no cache is set, so no path of a share is looked at.
        try check("mnt_table_parse_mtab", unsafe mnt_table_parse_mtab(table, nil))
        guard let iterator = unsafe mnt_new_iter(Int32(MNT_ITER_FORWARD)) else { throw .library(step: "mnt_new_iter", code: ENOMEM) }
        defer { unsafe mnt_free_iter(iterator) }
        var entry: OpaquePointer?
        while unsafe mnt_table_next_fs(table, iterator, &entry) == 0 {
            guard let entry = unsafe entry, unsafe mnt_fs_get_id(entry) == Int32(clamping: mountID) else { continue }
            var value: UnsafeMutablePointer<CChar>?
            var size = 0
            guard unsafe mnt_fs_get_option(entry, option, &value, &size) == 0, let value = unsafe value else { return nil }
            let bytes = unsafe UnsafeRawBufferPointer(start: value, count: size)
            return unsafe String(validating: bytes, as: UTF8.self)
        }
        return nil
    }

    private static func update(_ fill: (OpaquePointer) throws(LibMountError) -> Void) throws(LibMountError) {
        guard let update = unsafe mnt_new_update() else { throw .library(step: "mnt_new_update", code: ENOMEM) }
        defer { unsafe mnt_free_update(update) }
        unsafe try fill(update)
        try check("mnt_update_table", unsafe mnt_update_table(update, nil))
    }

    /// 1 means that there is no table to write to, or nothing to write: for a mark that is a failure.
    private static func accepted(_ answer: Int32) throws(LibMountError) {
        try check("mnt_update_set_fs", answer)
        if answer > 0 { throw .library(step: "mnt_update_set_fs", code: EROFS) }
    }
}
