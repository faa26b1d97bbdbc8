// Until LibYaml is there: JSON, which is YAML too.
import ShareModel
import ShareWire
struct YamlProblem: Error { let line: Int?; let message: String }
struct YamlDocument {
    let value: Value
    static func parse(_ bytes: [UInt8]) throws(YamlProblem) -> YamlDocument {
        do throws(JSONProblem) { return YamlDocument(value: try StrictJSON.parse(bytes)) } catch { throw YamlProblem(line: 1, message: error.sentence) }
    }
    func line(of path: String) -> Int? { 1 }
}
