extension String {
    /// As one word of a POSIX shell, left as it is where nothing in it means anything there. Names in commands that people are told to run
    /// come from the host: a target may be called `/mnt/a;reboot`.
    public var quotedForShell: String {
        let plain = utf8.allSatisfy { $0.isASCIILetterOrDigit || "_-.,:/=@%+".utf8.contains($0) }
        if plain, !isEmpty { return self }
        var quoted = "'"
        for character in unicodeScalars {
            if character == "'" { quoted += "'\\''" } else { quoted.unicodeScalars.append(character) }
        }
        return quoted + "'"
    }
}

extension Target {
    /// As one word of a POSIX shell, for people as `description` is.
    public var quotedForShell: String { description.quotedForShell }
}
