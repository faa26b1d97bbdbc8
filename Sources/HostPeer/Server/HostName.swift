import Glibc

/// What this machine calls itself: how the host is named where the configuration names none.
func machineHostName() -> String {
    var name = [CChar](repeating: 0, count: 256)
    let answer = unsafe name.withUnsafeMutableBufferPointer { unsafe gethostname($0.baseAddress.unsafelyUnwrapped, $0.count - 1) }
    let text = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return answer == 0 && !text.isEmpty ? text : "localhost"
}
