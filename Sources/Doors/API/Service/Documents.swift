public import Foundation

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
        Data(
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

            """.utf8)
    }
}
