public import HTTPTypes

extension HTTPFields {
    /// Whether the client of a request has what this tag stands for (`If-None-Match`, RFC 9110 §13.1.2), so that 304 is the answer.
    /// - Parameter tag: an `ETag`, with the quotation marks and without blanks.
    public func hasCurrent(_ tag: String) -> Bool {
        (self[.ifNoneMatch] ?? "").split(separator: ",").contains { text in
            let one = text.filter { $0 != " " && $0 != "\t" }
            return one == "*" || one == tag || one == "W/\(tag)"
        }
    }
}
