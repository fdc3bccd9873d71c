import JSON

/// What `POST /process` answers, of a failure too.
struct TaggingAnswer: Sendable {
    /// Why a document has no tags. Clients match on the texts; the blank at the end belongs to the second.
    enum Reason: String, Sendable {
        case badType = "File type not valid"
        case unsuitable = "No Image/Video suitable for tagging analysis "
    }
    var code = 200
    var message = "Success"
    /// `nil`: of a failure.
    var data: [JSONValue]?
    var error = ""
    var untreated: [(id: String, reason: Reason)] = []
    var memory: MachineMemory?

    var wire: JSONValue {
        [
            "status": ["code": .integer(Int64(code)), "message": .string(message)],
            "data": data.map { .array($0) } ?? .null, "error": .string(error),
            "number_documents_treated": .integer(Int64(data?.count ?? 0)),
            "number_documents_non_treated": .integer(Int64(untreated.count)),
            "list_id_not_treated": .array(untreated.map { [$0.id: .string($0.reason.rawValue)] }),
            "memory_used": .string(memory?.usedPerCent ?? ""), "ram_used": .string(memory?.usedGigabytes ?? ""),
        ]
    }
}
