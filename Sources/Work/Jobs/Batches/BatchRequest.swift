public import Foundation
public import JSON
import Records

/// What a batch of pictures was asked for, as its job keeps it (`docs/contract/jobs.md` §3).
public struct BatchRequest: Hashable, Sendable {
    /// Where the pictures lie whose names are listed or given; `nil` where each is a URL.
    public var container: String?
    /// Where a list of pictures is found; `nil`: all of the container.
    public var list: String?
    /// Whether the list's locators are URLs.
    public var usesURLs: Bool
    /// Beginning of the locators that are wanted.
    public var prefix: String
    /// As they were sent; what they are worth is looked at when the pictures are known.
    public var firstN, sampleN: JSONValue
    /// `nil`: the default.
    public var modelVersion: String?
    public var name: String
    /// By which its caller is known.
    public var caller: String
    /// All that was sent beside, kept as it came.
    public var others: JSONValue
    /// A batch before it: what was found in a picture there is not looked for again.
    public var previous: UUID?

    public init(
        container: String?, list: String?, usesURLs: Bool, prefix: String = "", firstN: JSONValue = .null,
        sampleN: JSONValue = .null, modelVersion: String? = nil, name: String = "", caller: String,
        others: JSONValue = [:]
    ) {
        (self.container, self.list, self.usesURLs, self.prefix) = (container, list, usesURLs, prefix)
        (self.firstN, self.sampleN, self.modelVersion, self.name) = (firstN, sampleN, modelVersion, name)
        (self.caller, self.others) = (caller, others)
    }

    public init(_ parameters: JSONValue) {
        self.init(
            container: parameters["container_url"]?.string, list: parameters["list_url"]?.string,
            usesURLs: parameters["use_url"] == true, prefix: parameters["prefix"]?.string ?? "",
            firstN: parameters["first_n"] ?? .null, sampleN: parameters["sample_n"] ?? .null,
            modelVersion: parameters["model_version"]?.string, name: parameters["request_name"]?.string ?? "",
            caller: parameters["caller"]?.string ?? "", others: parameters["others"] ?? [:])
        previous = parameters["previous"]?.string.flatMap(UUID.init(bare:))
    }
    public var parameters: JSONValue {
        func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
        return [
            "container_url": text(container), "list_url": text(list), "use_url": .bool(usesURLs),
            "prefix": .string(prefix), "first_n": firstN, "sample_n": sampleN, "model_version": text(modelVersion),
            "request_name": .string(name), "caller": .string(caller), "others": others,
            "previous": text(previous?.bare),
        ]
    }

    /// Whether an address of a container is one whose query says what may be done with it, as Azure's shared access signatures do.
    public static func isSigned(container address: String) -> Bool {
        !address.hasPrefix("file://") && !address.hasPrefix("s3+")
    }
}
