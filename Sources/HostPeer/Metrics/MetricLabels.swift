/// The labels of a series as they stand between its braces: escaped once for all the series that bear them.
struct MetricLabels: ExpressibleByDictionaryLiteral {
    private(set) var text = ""

    init(dictionaryLiteral labels: (String, String)...) {
        for (name, value) in labels { append(name, value) }
    }

    /// These labels and one more.
    func with(_ name: String, _ value: String) -> MetricLabels {
        var labels = self
        labels.append(name, value)
        return labels
    }

    private mutating func append(_ name: String, _ value: String) {
        if !text.isEmpty { text += "," }
        text += name
        text += "=\""
        text += MetricsText.escaped(value)
        text += "\""
    }
}
