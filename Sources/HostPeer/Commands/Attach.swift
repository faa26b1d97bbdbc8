import ArgumentParser
import ShareModel
import ShareWire

/// `sharehost attach`: asks a VM's agent to attach a share now.
struct Attach: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Asks a VM to attach a share.")

    /// sharehost itself waits for the guest for a minute, and says so when it does not answer.
    static let patience = Duration.seconds(75)

    @Argument(help: ArgumentHelp("The VM's name.", valueName: "vm"))
    var vm: String

    @Argument(help: ArgumentHelp("The share's name.", valueName: "share"))
    var share: String

    @Flag(help: "Print the share's status as JSON.")
    var json = false

    @OptionGroup var socket: ControlSocketOption

    func run() throws {
        try order(.attach, .object(["vm": .string(vm), "share": .string(share)]), at: socket.path, json: json) { $0.state == .attached }
    }
}

/// Sends an order about one share, prints what became of it, and exits with 1 when that is not what was wanted.
func order(_ method: HostControlMethod, _ params: Value, at path: String, json: Bool, isDone: (ShareStatus) -> Bool) throws {
    let answer: Value
    do throws(ControlClient.Failure) {
        var client = try ControlClient(path: path)
        answer = try client.ask(method, params, timeout: Attach.patience)
    } catch {
        throw error.told()
    }
    let state = answer["state"]?.text ?? "unknown"
    if json {
        write(StrictJSON.prettyText(of: answer) + "\n", to: 1)
    } else {
        write("\(params["vm"]?.text ?? ""): share '\(answer["name"]?.text ?? "")' is \(state)\n".printableLines, to: 1)
    }
    if let status = try? ShareStatus(answer, at: ""), isDone(status) { return }
    if let cause = try? answer["cause"].map({ try Cause($0, at: "cause") }) {
        complain([cause.message] + cause.evidence + cause.remedy.map { "remedy: " + $0 })
        if cause.code.isRefusal { throw ExitStatus.refusedByPolicy }
    }
    throw ExitStatus.nothingDone
}

extension String {
    /// Printable but for the line's end.
    fileprivate var printableLines: String {
        hasSuffix("\n") ? String(dropLast()).printable + "\n" : printable
    }
}
