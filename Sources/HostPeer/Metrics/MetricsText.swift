import ShareModel

/// Writes Prometheus' text format: families with HELP and TYPE, samples with escaped labels. Numbers are written from whole
/// ones, so that nothing is rounded and no locale matters.
struct MetricsText {
    /// The kinds of families used here.
    enum Kind: String {
        case counter, gauge, histogram
    }

    private(set) var text = ""
    private var name = ""

    /// One family; left out altogether when `samples` writes none.
    mutating func family(_ name: String, _ kind: Kind, _ help: String, _ samples: (inout MetricsText) -> Void) {
        var inner = MetricsText()
        inner.name = name
        samples(&inner)
        guard !inner.text.isEmpty else { return }
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
        text += inner.text
    }

    /// A whole number.
    mutating func sample(_ labels: MetricLabels, _ number: Int64) {
        line(name, labels, String(number))
    }

    /// A number of thousandths: milliseconds as seconds.
    mutating func sample(_ labels: MetricLabels, thousandths: Int64) {
        line(name, labels, Self.decimal(thousandths, places: 3))
    }

    /// A histogram of microseconds, as seconds.
    mutating func histogram(_ labels: MetricLabels, _ histogram: ProbeHistogram) {
        var sum: Int64 = 0
        for (bound, count) in zip(ProbeHistogram.bounds, histogram.counts) {
            sum += count
            line(name + "_bucket", labels.with("le", Self.decimal(bound, places: 6)), String(sum))
        }
        line(name + "_bucket", labels.with("le", "+Inf"), String(histogram.count))
        line(name + "_sum", labels, Self.decimal(histogram.sum, places: 6))
        line(name + "_count", labels, String(histogram.count))
    }

    private mutating func line(_ name: String, _ labels: MetricLabels, _ value: String) {
        text += name
        if !labels.text.isEmpty {
            text += "{"
            text += labels.text
            text += "}"
        }
        text += " "
        text += value
        text += "\n"
    }

    /// A label's value: made printable first, so that what a guest calls itself cannot mislead whoever reads the page.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.printable.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// A number of 10^-places, without needless zeros.
    static func decimal(_ number: Int64, places: Int) -> String {
        let digits = String(number.magnitude)
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.utf8.count)) + digits
        let whole = padded.dropLast(places)
        var fraction = padded.suffix(places)
        while fraction.last == "0" { fraction.removeLast() }
        return (number < 0 ? "-" : "") + whole + (fraction.isEmpty ? "" : "." + fraction)
    }
}
