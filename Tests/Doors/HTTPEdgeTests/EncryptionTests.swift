import DoorSupport
import Foundation
import ProcessSupport
import Testing

@testable import HTTPEdge

/// The server with a certificate of its own, as OpenSSL makes one and curl sees it.
struct EncryptionTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "encryption-\(UUID().uuidString)")
    private var certificate: URL { folder.appending(path: "certificate.pem") }
    private var key: URL { folder.appending(path: "key.pem") }

    init() async throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try await make("first.example")
    }
    private func make(_ name: String) async throws {
        let made = try await ChildProcess.run([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "2",
            "-subj", "/CN=\(name)", "-addext", "subjectAltName=DNS:localhost", "-keyout", key.path, "-out",
            certificate.path,
        ])
        #expect(made.status == 0)
    }
    private func curl(_ listener: RunningListener, _ path: String, _ options: String...) async throws -> (Int32, String)
    {
        let command = [
            "curl", "--silent", "--show-error", "--verbose", "--max-time", "60", "--cacert", certificate.path,
        ]
        let outcome = try await ChildProcess.run(
            command + options + ["https://localhost:\(listener.port)\(path)"])
        return (outcome.status, String(decoding: outcome.output, as: UTF8.self) + outcome.errors)
    }
    private func encrypted(_ configuration: inout ListenerConfiguration) {
        (configuration.certificate, configuration.key) = (certificate, key)
    }

    @Test func requestsAndUpgradesGoOverTLS() async throws {
        let door = Door.objects { $0.add("/base", .get { .text($0.context.baseURL) }) }
        try await withListener([door], encrypted) { listener in
            let (status, output) = try await curl(listener, "/base")
            #expect(status == 0 && output.contains("https://localhost:\(listener.port)"), "\(output)")
            #expect(output.contains("TLSv1.3") && output.contains("http/1.1"))
            let old = try await curl(listener, "/base", "--tls-max", "1.1")
            #expect(old.0 == 35, "curl's word for a handshake that failed")
            // A body of some size, both ways.
            let text = "\"" + String(repeating: "a", count: 4000) + "\""
            let echo = try await curl(listener, "/large", "--json", text)
            #expect(echo.1.contains(text))
        }
    }

    @Test func whoeverSpeaksPlainlyOrNotAtAllIsLetGo() async throws {
        try await withListener(
            [.objects()],
            { listener in
                encrypted(&listener)
                listener.headTimeout = .milliseconds(200)
            }
        ) { listener in
            try await RawConnection.open(port: listener.port) { plain in
                try await plain.write("GET /open HTTP/1.1\r\nHost: a\r\n\r\n")
                let answer = String(decoding: try await plain.readToEnd(), as: UTF8.self)
                #expect(!answer.contains("200 OK"))
            }
            try await RawConnection.open(port: listener.port) { silent in
                let answer = try await silent.readToEnd()
                #expect(answer.isEmpty)
            }
            #expect(try await curl(listener, "/open").0 == 0)
        }
    }

    @Test func newConnectionsSeeTheCertificateThatWasReadAnew() async throws {
        var configuration = ListenerConfiguration()
        encrypted(&configuration)
        let identity = try #require(try ServerIdentity(configuration))
        try await withListener([.objects()], identity: identity) { listener in
            #expect(try await curl(listener, "/open").1.contains("CN=first.example"))
            try await make("second.example")
            #expect(try await curl(listener, "/open", "--insecure").1.contains("CN=first.example"))
            try identity.reload()
            #expect(try await curl(listener, "/open").1.contains("CN=second.example"))
            // What cannot be used changes nothing.
            try Data("nonsense".utf8).write(to: certificate)
            #expect(throws: ServerIdentityError.self) { try identity.reload() }
            #expect(try await curl(listener, "/open", "--insecure").1.contains("CN=second.example"))
        }
    }

    @Test func filesThatCannotBeUsedAreToldBeforeAnybodyIsServed() async throws {
        func error(_ change: (inout ListenerConfiguration) -> Void) -> String {
            var configuration = ListenerConfiguration()
            encrypted(&configuration)
            change(&configuration)
            do throws(ServerIdentityError) {
                _ = try ServerIdentity(configuration)
                return ""
            } catch { return error.description }
        }
        #expect(
            error { $0.key = nil } == "Setting 'api.certificate' is given without 'api.key', but wanted: both or none.")
        #expect(
            error { $0.certificate = nil }
                == "Setting 'api.key' is given without 'api.certificate', but wanted: both or none.")
        #expect(
            error { $0.certificate = folder }.hasSuffix("does not hold a certificate in PEM, the server's own first."))
        #expect(error { $0.key = certificate }.hasSuffix("does not hold a private key in PEM, without a passphrase."))
        let other = folder.appending(path: "other.pem")
        try FileManager.default.copyItem(at: key, to: other)
        try await make("third.example")
        #expect(
            error { $0.key = other }
                == "The key in \(other.path) does not belong to the certificate in \(certificate.path).")
    }
}
