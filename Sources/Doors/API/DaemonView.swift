public import Foundation
public import JSON
public import Pipeline

/// What the API tells of the daemon around it: asked for when somebody wants to know.
public struct DaemonView: Sendable {
    /// A part that the daemon needs to do its work.
    public struct Part: Sendable {
        /// As the health check names it.
        public let name: String
        /// Throws when the part does not do its work; the error's description is shown to anybody who asks.
        public let check: @Sendable () async throws -> Void
        public init(name: String, check: @escaping @Sendable () async throws -> Void) {
            (self.name, self.check) = (name, check)
        }
    }
    /// Counts of the streams that are being processed now.
    public var streams: @Sendable () async -> [UUID: StreamStatistics] = { [:] }
    /// Memory that the process holds, in bytes; `nil` where the system does not say.
    public var residentBytes: @Sendable () -> Int? = { nil }
    /// Besides the database.
    public var parts: [Part] = []
    /// Settings in force: section, key, value.
    public var configuration: [String: [String: JSONValue]] = [:]
    public var documents: Documents

    public init(documents: Documents) { self.documents = documents }
}

/// The documents that the API serves about itself.
public struct Documents: Sendable {
    /// OpenAPI, as YAML.
    let specification: Data
    /// The same for people: one page that needs nothing from elsewhere.
    let page: Data
    /// How to write a client.
    let manual: Data

    /// - Parameters:
    ///   - folder: holds `openapi.yaml` and `development.html`.
    ///   - viewer: holds Swagger UI (`swagger-ui-bundle.js`, `swagger-ui.css`); without it the page shows the document as text.
    public init(folder: URL, viewer: URL?) throws {
        specification = try Data(contentsOf: folder.appending(path: "openapi.yaml"))
        manual = try Data(contentsOf: folder.appending(path: "development.html"))
        let script = viewer.flatMap {
            try? String(contentsOf: $0.appending(path: "swagger-ui-bundle.js"), encoding: .utf8)
        }
        let style = viewer.flatMap { try? String(contentsOf: $0.appending(path: "swagger-ui.css"), encoding: .utf8) }
        page =
            if let script, let style {
                Self.viewerPage(script: script, style: style)
            } else {
                Self.plainPage(String(decoding: specification, as: UTF8.self))
            }
    }

    /// Everything in one answer, so that the viewer adds no resource to the API. It asks this very address for the document.
    private static func viewerPage(script: String, style: String) -> Data {
        Data(
            """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Sightline API</title>
            <style>\(style.replacing("</style", with: "<\\/style"))</style>
            </head>
            <body>
            <noscript>This page needs JavaScript. The document itself: <code>curl -H 'Accept: application/x-yaml'</code></noscript>
            <div id="viewer"></div>
            <script>\(script.replacing("</script", with: "<\\/script"))</script>
            <script>
            SwaggerUIBundle({
                url: location.pathname, dom_id: "#viewer", deepLinking: true, validatorUrl: null,
                requestInterceptor: request => {
                    if (request.loadSpec) request.headers.Accept = "application/x-yaml";
                    return request;
                }
            });
            </script>
            </body>
            </html>

            """.utf8)
    }
    private static func plainPage(_ text: String) -> Data {
        let escaped = text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
        return Data(
            """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <title>Sightline API</title>
            <style>body { font: 16px/1.5 sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
            pre { font-size: 13px; overflow-x: auto }</style>
            </head>
            <body>
            <h1>Sightline API</h1>
            <p>This is the OpenAPI document as it is. <code>scripts/setup</code> fetches a viewer that shows it in a form
            that is easier to read, and lets you try each operation.</p>
            <pre>\(escaped)</pre>
            </body>
            </html>

            """.utf8)
    }
}
