import Foundation
import ProcessSupport
import Testing

/// Speaks TLS to whoever comes, by Python, and carries what is in it to a port of the loopback interface and back. It has signed its
/// certificate itself, as cameras do.
final class TLSFront: Sendable {
    private static let program = """
        import asyncio, os, ssl, sys
        async def carry(reader, writer):
            try:
                while data := await reader.read(65536):
                    writer.write(data)
                    await writer.drain()
            finally:
                writer.close()
        async def take(reader, writer):
            try:
                there = await asyncio.open_connection("127.0.0.1", int(sys.argv[1]))
            except OSError:
                return writer.close()
            await asyncio.gather(carry(reader, there[1]), carry(there[0], writer), return_exceptions=True)
        async def main():
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain("cert.pem", "key.pem")
            server = await asyncio.start_server(take, "127.0.0.1", 0, ssl=context)
            with open("port.new", "w") as file:
                file.write(str(server.sockets[0].getsockname()[1]))
            os.rename("port.new", "port")
            await server.serve_forever()
        asyncio.run(main())
        """
    let port: Int
    private let process: ChildProcess

    /// - Parameter folder: where its certificate goes.
    init(to port: Int, in folder: TemporaryFolder) async throws {
        let request = "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=camera"
        let outcome = try await ChildProcess.run(request.split(separator: " ").map(String.init), in: folder.url)
        try #require(outcome.status == 0, "\(outcome.errors)")
        let nowhere = FileHandle(forWritingAtPath: "/dev/null"), file = folder.url.appending(path: "port")
        process = try ChildProcess(["python3", "-c", Self.program, "\(port)"], in: folder.url, errors: nowhere)
        while process.isRunning, !FileManager.default.fileExists(atPath: file.path) {
            try await Task.sleep(for: .milliseconds(20))
        }
        self.port = try #require(Int(String(contentsOf: file, encoding: .utf8)))
    }
    func stop() { process.send(signal: SIGKILL) }
}
