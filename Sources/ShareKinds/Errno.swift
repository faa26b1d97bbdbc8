/// The numbers of errors that mounts end with, as Linux has them on amd64 and arm64 (asm-generic/errno.h). This room is
/// pure, so it asks no C library.
public struct Errno: RawRepresentable, Hashable, Sendable {
    /// The positive number.
    public let rawValue: Int32
    /// From a positive number.
    public init(rawValue: Int32) { self.rawValue = rawValue }

    static let eperm = Errno(rawValue: 1)
    static let enoent = Errno(rawValue: 2)
    static let esrch = Errno(rawValue: 3)
    static let eio = Errno(rawValue: 5)
    static let enxio = Errno(rawValue: 6)
    static let e2big = Errno(rawValue: 7)
    static let enomem = Errno(rawValue: 12)
    static let eacces = Errno(rawValue: 13)
    static let enotblk = Errno(rawValue: 15)
    static let ebusy = Errno(rawValue: 16)
    static let enodev = Errno(rawValue: 19)
    static let enotdir = Errno(rawValue: 20)
    static let einval = Errno(rawValue: 22)
    static let enfile = Errno(rawValue: 23)
    static let emfile = Errno(rawValue: 24)
    static let efbig = Errno(rawValue: 27)
    static let enospc = Errno(rawValue: 28)
    static let erofs = Errno(rawValue: 30)
    static let eloop = Errno(rawValue: 40)
    static let enodata = Errno(rawValue: 61)
    static let eproto = Errno(rawValue: 71)
    static let ebadmsg = Errno(rawValue: 74)
    static let eoverflow = Errno(rawValue: 75)
    static let elibacc = Errno(rawValue: 79)
    static let eilseq = Errno(rawValue: 84)
    static let eprotonosupport = Errno(rawValue: 93)
    static let eopnotsupp = Errno(rawValue: 95)
    static let enetdown = Errno(rawValue: 100)
    static let enetunreach = Errno(rawValue: 101)
    static let econnaborted = Errno(rawValue: 103)
    static let econnreset = Errno(rawValue: 104)
    static let enotconn = Errno(rawValue: 107)
    static let etimedout = Errno(rawValue: 110)
    static let econnrefused = Errno(rawValue: 111)
    static let ehostdown = Errno(rawValue: 112)
    static let ehostunreach = Errno(rawValue: 113)
    static let estale = Errno(rawValue: 116)
    /// EUCLEAN: a structure of the file system needs cleaning; what damaged images end with.
    static let eucleaned = Errno(rawValue: 117)
    static let edquot = Errno(rawValue: 122)
    static let enomedium = Errno(rawValue: 123)
    /// The kernel's own ENOTSUPP, which no C library has a word for.
    static let enotsupp = Errno(rawValue: 524)
    static let enokey = Errno(rawValue: 126)
    static let ekeyexpired = Errno(rawValue: 127)
    static let ekeyrevoked = Errno(rawValue: 128)
    static let ekeyrejected = Errno(rawValue: 129)
}
