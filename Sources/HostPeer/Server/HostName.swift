import Glibc

/// What this machine calls itself: how the host is named where the configuration names none.
func machineHostName() -> String {
    var name = [UInt8](repeating: 0, count: 256)
    let answer = unsafe name.withUnsafeMutableBytes { unsafe gethostname($0.bindMemory(to: CChar.self).baseAddress, $0.count - 1) }
    let text = String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
    return answer == 0 && !text.isEmpty ? text : "localhost"
}
