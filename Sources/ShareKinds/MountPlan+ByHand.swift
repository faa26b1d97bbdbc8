import ShareModel

extension MountPlan {
    /// Shell commands that do what an attempt does, in order, and what they need. No secret stands in them.
    ///
    /// `mount -i` keeps mount(8) from starting a helper, as the agent does: then they work the same whether the helper is installed or
    /// not. Only a password needs one, for it must not stand on a command line.
    func byHand(_ attempt: Attempt, address: String?, share: Share, place: Target?) -> (commands: [String], needs: [String]) {
        guard isOfKernel else { return helperByHand(attempt) }
        var commands = ["mkdir -p \(target.text.quotedForShell)"]
        var needs: [String] = []
        var words = flagOptions.map(\.name)
        if !flags.contains(.readOnly) { words.insert("rw", at: 0) }
        var source = String(printing: self.source)
        if case .image(let image) = share.source { source = imageSource(image, place, &words, &needs) }
        let needsHelper = credential != .none
        if credential == .key {
            words.append("secretfile=/root/\(self.share).key")
            needs += ["mount.ceph: apt install ceph-common", "/root/\(self.share).key with the user's key, for root alone (chmod 600)"]
        } else if credential == .password {
            words.append("credentials=/root/\(self.share).credentials")
            needs.append("mount.cifs: apt install cifs-utils")
            needs.append(
                "/root/\(self.share).credentials, for root alone (chmod 600), with the lines username=… and password=…, and domain=… where there is one"
            )
        }
        let place6 = (address ?? self.address?.server).flatMap { Address(String($0.prefix { $0 != "%" })) }
        words += attempt.options.map { option in
            if option.name == "context" { return "context=\"\(option.value ?? "")\"" }
            return option.value(toward: place6).map { "\(option.name)=\($0)" } ?? option.spelling
        }
        var list = words.joined(separator: ",").quotedForShell
        if addressedSource?.takesAll == true {
            if !needsHelper, addresses.contains(where: { Address($0.server) == nil }) {
                needs.append("addresses where the servers' names stand: the kernel resolves none")
            }
        } else if let need = self.address {
            let server = address ?? (Address(need.server) == nil ? nil : need.server)
            if server == nil {
                commands.append("ADDRESS=$(getent ahosts \(need.server.quotedForShell) | awk '{print $1; exit}')")
            }
            if let option = need.option {
                list += server.map { ",\(option)=\($0.quotedForShell)" } ?? ",\(option)=\"$ADDRESS\""
            } else if server == nil || server != need.server {
                source = server ?? "$ADDRESS"
            }
        }
        let what = source == "$ADDRESS" ? "\"$ADDRESS\"" : source.quotedForShell
        commands.append(
            "mount \(needsHelper ? "" : "-i ")-t \(fstype) -o \(list) \(what) \(target.text.quotedForShell)")
        if let readAhead, let value = readAhead.value {
            // After udev's rules, one of which (nfs-common's) would set it back.
            commands.append(
                "udevadm settle; echo \(value) >/sys/class/bdi/$(mountpoint -d \(target.text.quotedForShell))/read_ahead_kb")
        }
        return (commands, needs)
    }

    /// A file system that has a helper instead of a kernel client: the helper gets the same words.
    private func helperByHand(_ attempt: Attempt) -> (commands: [String], needs: [String]) {
        var words = flagOptions.map(\.name) + attempt.options.map(\.spelling)
        if !flags.contains(.readOnly) { words.insert("rw", at: 0) }
        let target = self.target.text.quotedForShell
        return (
            [
                "mkdir -p \(target)",
                "mount -t \(type.rawValue) -o \(words.joined(separator: ",").quotedForShell) \(String(printing: source).quotedForShell) \(target)",
            ], [helper.map { "\($0.path): apt install \($0.package)" } ?? "the helper mount.\(fstype)"]
        )
    }

    private func imageSource(
        _ image: ImageSource, _ place: Target?, _ words: inout [String], _ needs: inout [String]
    ) -> String {
        switch image.location {
        case .serial(let serial): return "/dev/disk/by-id/virtio-\(serial)"
        case .label(let label): return "LABEL=\(label)"
        case .uuid(let uuid): return "UUID=\(uuid)"
        case .file(let share, let path):
            words.append("loop")
            if place == nil { needs.append("share '\(share)' attached; put its target where TARGET stands") }
            return "\(place?.text ?? "TARGET")/\(path)"
        }
    }
}
