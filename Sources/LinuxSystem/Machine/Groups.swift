import Glibc

/// The number of a group by its name; nil where there is none.
public func groupID(named name: String) -> UInt32? {
    unsafe getgrnam(name).map { unsafe $0.pointee.gr_gid }
}
