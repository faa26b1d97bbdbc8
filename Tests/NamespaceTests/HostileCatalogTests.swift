import Foundation
import ShareModel
import ShareWire
import Testing

@Suite("A hostile catalog attaches nothing")
struct HostileCatalogTests {
    /// One line of Fixtures/hostile.jsonl: a share as a host would send it, and the cause it must be refused with.
    struct Row {
        let cause: String
        let share: Value
    }

    /// The fewest shares the fixture must hold; it may only grow.
    static let fewest = 400

    static func rows() throws -> [Row] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/hostile.jsonl")
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map { line in
            let value = try StrictJSON.parse(Array(line.utf8))
            return Row(cause: try #require(value["cause"]?.text), share: try #require(value["share"]))
        }
    }

    /// What the shares' targets lead to: links, files, others' directories, others' mounts.
    static let traps = """
        ln -s /etc /mnt/link; ln -s /proc/self /mnt/self; ln -s /nowhere /mnt/dangling; ln -s .. /mnt/up
        mkdir -p /mnt/deep /mnt/full/a /mnt/hidden /mnt/theirs /mnt/open /mnt/hers /mnt/group
        ln -s / /mnt/deep/link; touch /mnt/file /mnt/other-file /mnt/hidden/.x; mkfifo /mnt/fifo
        mount -t tmpfs -o nosuid,nodev,noatime tmpfs /mnt/theirs
        chmod 777 /mnt/open; chown 1000 /mnt/hers; chgrp 1000 /mnt/group; chmod 775 /mnt/group
        """

    @Test("each share of it is refused with its own cause, no mount is made, and no directory")
    func refused() throws {
        let rows = try Self.rows()
        #expect(rows.count >= Self.fewest)
        let stage = try Stage()
        try stage.run(Self.traps)
        let catalog = Value.object(["shares": .array(rows.map(\.share))])
        try Data(StrictJSON.bytes(of: catalog)).write(to: URL(fileURLWithPath: "\(stage.folder)/hostile.yaml"))
        let before = try stage.run("cat /proc/self/mountinfo; find /mnt -xdev | sort")
        let answer = try stage.attach(catalogFile: "\(stage.folder)/hostile.yaml")
        #expect(try stage.run("cat /proc/self/mountinfo; find /mnt -xdev | sort") == before)

        let statuses = try #require(answer["shares"]?.elements)
        #expect(statuses.count == rows.count)
        for status in statuses { #expect(["refused", "failed"].contains(status["state"]?.text), "\(status)") }
        for row in rows {
            let name = row.share["name"]?.text ?? ""
            // Those whose name is the trap cannot be found by it; the catalog itself says what it makes of them.
            if let status = statuses.first(where: { $0["name"]?.text == name && name.hasPrefix("h") && name.utf8.count == 4 }) {
                #expect(status["cause"]?["code"]?.text == row.cause, "\(row.share): \(status["cause"] ?? .null)")
                #expect(status["cause"]?["remedy"]?.elements?.isEmpty == false, "\(row.share)")
            } else {
                guard case .invalid(let shown, let cause)? = try Catalog(revision: 1, shares: [row.share], at: "shares").entries.first
                else {
                    Issue.record("\(row.share) is taken for a share")
                    continue
                }
                #expect(cause.code.rawValue == row.cause, "\(row.share)")
                #expect(shown.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }, "\(row.share)")
            }
        }
    }
}
