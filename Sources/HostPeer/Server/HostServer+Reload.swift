import LinuxSystem
import ShareModel

extension HostServer {
    /// Reads the configuration again. One with a mistake is told and left alone: what was in force stays in force.
    func reload(_ why: String) {
        surroundings.log.info("reading \(configurationPath) again: \(why)")
        do throws(ConfigurationMistakes) {
            let new = try ConfigurationFile.load(configurationPath, credentialOwner: surroundings.tuning.credentialOwner)
            if new != configuration { takeOver(new) }
            configurationError = nil
        } catch {
            for mistake in error.mistakes { surroundings.log.error(mistake.line(in: configurationPath)) }
            surroundings.log.error("\(configurationPath) has \(error.mistakes.count) mistakes; what was in force stays in force")
            configurationError = error.summary(of: configurationPath)
            return
        }
        listenForMetrics()
    }

    private func listenForMetrics() {
        guard configuration.metrics != metrics?.address else { return }
        metrics?.stop()
        metrics = nil
        guard let address = configuration.metrics else { return }
        do {
            metrics = try MetricsServer(at: address, for: self)
        } catch {
            configurationError = "cannot listen on \(address) for metrics: \(error.text) (\(error.name))"
            surroundings.log.error(configurationError ?? "")
        }
    }
}
