import ArgumentParser
import LinuxSystem
import ShareModel
import ShareWire

/// `sharehost status`: what the running sharehost knows of its VMs and their shares.
struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Shows the VMs, whether they answer, and how their shares are.")

    /// How long sharehost may take to answer.
    static let patience = Duration.seconds(10)

    @Argument(help: ArgumentHelp("Show this VM only.", valueName: "vm"))
    var vm: String?

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var socket: ControlSocketOption

    func run() throws {
        let status: Value
        do throws(ControlClient.Failure) {
            var client = try ControlClient(path: socket.path)
            status = try Self.status(of: vm, &client)
        } catch {
            throw error.told()
        }
        if json {
            write(StrictJSON.prettyText(of: status) + "\n", to: 1)
        } else {
            write(StatusTable.render(status, now: Timestamp(milliseconds: WallTime.now().milliseconds)), to: 1)
        }
    }

    /// Of all VMs, one is asked for at a time: all together may be more than one frame can hold.
    static func status(of vm: String?, _ client: inout ControlClient) throws(ControlClient.Failure) -> Value {
        if let vm { return try client.ask(.hostStatus, .object(["vm": .string(vm)]), timeout: patience) }
        let overview = try client.ask(.hostStatus, .object(["shares": false]), timeout: patience)
        guard case .object(let members) = overview, let vms = overview["vms"]?.elements else { return overview }
        var whole: [Value] = []
        for vm in vms {
            guard let name = vm["vm"]?.text else { continue }
            do throws(ControlClient.Failure) {
                let one = try client.ask(.hostStatus, .object(["vm": .string(name)]), timeout: patience)
                whole += one["vms"]?.elements ?? []
            } catch {
                // It may have gone between the two questions.
                guard case .refused = error else { throw error }
                whole.append(vm)
            }
        }
        return .object(members.map { $0.key == "vms" ? Value.Member("vms", .array(whole)) : $0 })
    }
}
