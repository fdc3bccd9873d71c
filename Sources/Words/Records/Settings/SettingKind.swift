/// Which values a setting may have.
public enum SettingKind: Hashable, Sendable {
    case integer(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    case seconds(ClosedRange<Double>)
    case flag
    case choice([String])
    case text
    /// Of a file or folder; relative ones start at the working directory.
    case path
    /// A JSON array in the settings file; elsewhere one text with separators.
    case list(separator: Character)
    /// Never shown, and never taken from the settings file.
    case secret

    /// The end of the sentence that refuses another value.
    var wanted: String {
        switch self {
        case .integer(let range): "a whole number in \(range.lowerBound)...\(range.upperBound)"
        case .number(let range), .seconds(let range): "a number in \(range.lowerBound)...\(range.upperBound)"
        case .flag: "0 or 1"
        case .choice(let names): "one of " + names.joined(separator: ", ")
        case .text, .secret: "a text"
        case .path: "a path"
        case .list(let separator): "a list with '\(separator)' between its items"
        }
    }
}
