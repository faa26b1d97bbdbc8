/// What this build calls itself.
public enum Version {
    /// The program's version: also the packages' and the man pages'.
    public static let program = "0.1.0"
    /// The channel protocol, major and minor.
    public static let channelProtocol = "1.0"
}
