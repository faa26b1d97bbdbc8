import ArgumentParser
import ShareModel

/// `sharehost detach`: asks a VM's agent to detach a share.
struct Detach: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Asks a VM to detach a share.")

    @Argument(help: ArgumentHelp("The VM's name.", valueName: "vm"))
    var vm: String

    @Argument(help: ArgumentHelp("The share's name.", valueName: "share"))
    var share: String

    @Flag(help: "Detach at once, also from programs that still use it.")
    var lazy = false

    @Flag(help: "Print the share's status as JSON.")
    var json = false

    @OptionGroup var socket: ControlSocketOption

    func run() throws {
        let mode: Value = lazy ? "lazy" : "normal"
        let params = Value.object(["vm": .string(vm), "share": .string(share), "mode": mode])
        try order(.detach, params, at: socket.path, json: json) { $0.isAway }
    }
}
