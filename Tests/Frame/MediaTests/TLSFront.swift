import Foundation
import ProcessSupport
import Testing

/// Speaks TLS to whoever comes, by Python, and carries what is in it to a port of the loopback interface and back. It has signed its
/// certificate itself, as cameras do.
final class TLSFront: Sendable {
    private static let program = """
        import asyncio, ssl, sys
        async def carry(reader, writer):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
            writer.close()
        async def take(reader, writer):
            there = await asyncio.open_connection("127.0.0.1", int(sys.argv[1]))
            await asyncio.gather(carry(reader, there[1]), carry(there[0], writer), return_exceptions=True)
        async def main():
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain("cert.pem", "key.pem")
            server = await asyncio.start_server(take, "127.0.0.1", 0, ssl=context)
            print(server.sockets[0].getsockname()[1], flush=True)
            await server.serve_forever()
        asyncio.run(main())
        """
    let port: Int
    private let process: ChildProcess

    /// - Parameter folder: where its certificate goes.
    init(to port: Int, in folder: TemporaryFolder) throws {
        let request = "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=camera"
        try ChildProcess.output(of: request.split(separator: " ").map(String.init), in: folder.url)
        let output = Pipe(), nowhere = FileHandle(forWritingAtPath: "/dev/null")
        process = try ChildProcess(
            ["python3", "-c", Self.program, "\(port)"], in: folder.url, output: output.fileHandleForWriting,
            errors: nowhere)
        try output.fileHandleForWriting.close()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        self.port = try #require(Int(line.trimmingCharacters(in: .whitespacesAndNewlines)), "'\(line)' is no port")
    }
    func stop() { process.send(signal: SIGKILL) }
}
