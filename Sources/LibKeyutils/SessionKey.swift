import CLibKeyutils
import Glibc

/// A key in this process's session keyring, for the kernel to find by its description.
public struct SessionKey {
    /// The description it is found by.
    public let description: String
    private let number: key_serial_t

    /// Adds a key (add_key(2)).
    /// - Parameters:
    ///   - type: the kernel's key type, such as `ceph`.
    ///   - payload: what the type wants; the kernel takes a copy.
    /// - Throws: `KeyFailure`; ENODEV where no module that knows the type is loaded, EINVAL for a payload it does not take.
    public init(type: String, description: String, payload: UnsafeRawBufferPointer) throws(KeyFailure) {
        let added = unsafe add_key(type, description, payload.baseAddress, payload.count, KEY_SPEC_SESSION_KEYRING)
        let reason = errno
        if added == -1 { throw KeyFailure(errno: reason) }
        number = added
        self.description = description
    }

    /// Takes it out of the keyring; what the kernel has made of it by then stays the kernel's.
    public func unlink() {
        _ = keyctl_unlink(number, KEY_SPEC_SESSION_KEYRING)
    }
}

/// Why a key could not be added.
public struct KeyFailure: Error, Equatable {
    /// The errno of add_key(2).
    public let errno: Int32
}
