public import Foundation
import NIOCore

/// The documents that the API serves about itself.
public struct Documents: Sendable {
    /// OpenAPI, as YAML. All answers share the bytes.
    let specification: ByteBuffer
    /// The same for people: one page that needs nothing from elsewhere.
    let page: ByteBuffer
    /// How to write a client.
    let manual: ByteBuffer

    /// - Parameters:
    ///   - folder: holds `openapi.yaml` and `development.html`.
    ///   - viewer: holds Swagger UI (`swagger-ui-bundle.js`, `swagger-ui.css`); without it the page shows the document as text.
    public init(folder: URL, viewer: URL?) throws {
        let text = try Data(contentsOf: folder.appending(path: "openapi.yaml"))
        specification = ByteBuffer(bytes: text)
        manual = ByteBuffer(bytes: try Data(contentsOf: folder.appending(path: "development.html")))
        let script = viewer.flatMap {
            try? String(contentsOf: $0.appending(path: "swagger-ui-bundle.js"), encoding: .utf8)
        }
        let style = viewer.flatMap { try? String(contentsOf: $0.appending(path: "swagger-ui.css"), encoding: .utf8) }
        page =
            if let script, let style {
                ByteBuffer(string: Self.viewerPage(script: script, style: style))
            } else {
                ByteBuffer(string: Self.plainPage(String(decoding: text, as: UTF8.self)))
            }
    }

    /// Everything in one answer, so that the viewer adds no resource to the API. It asks this very address for the document.
    private static func viewerPage(script: String, style: String) -> String {
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

        """
    }
    private static func plainPage(_ text: String) -> String {
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
        <pre>\(text.escapedForHTML)</pre>
        </body>
        </html>

        """
    }
}
