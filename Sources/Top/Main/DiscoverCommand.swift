import ArgumentParser
import Discovery
import Setup
import Tools

struct DiscoverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "discover", abstract: "Finds the cameras of the network, and what they send.",
        discussion: """
            Asks by WS-Discovery and ONVIF Profile S, without a daemon. Nothing is asked unless the setting discovery.enabled is 1 \
            (SIGHTLINE_DISCOVERY_ENABLED=1). A password is sent as a digest to each device that wants one: name the device that it is \
            meant for by --address.
            """)

    @Option(
        name: .customLong("interface"), parsing: .singleValue,
        help: ArgumentHelp(
            "Ask on this network interface, by its name or address. Default: all that multicast.",
            valueName: "INTERFACE"))
    var interfaces: [String] = []
    @Option(
        name: .customLong("address"), parsing: .singleValue,
        help: ArgumentHelp("Ask this device alone, by its name or IPv4 address.", valueName: "ADDRESS[:PORT]"))
    var addresses: [String] = []
    @Option(help: "Wait so long for answers.")
    var seconds = 3.0
    @Option(help: "The login of an account of the cameras that --address names.")
    var login: String?
    @Flag(help: "Read the password from the first line of standard input.")
    var passwordStdin = false
    @OptionGroup var options: SettingsOptions

    mutating func validate() throws {
        guard CameraSearch.waits.contains(seconds) else {
            throw ValidationError("--seconds is \(seconds), but must be 0.1 to 10.")
        }
        guard !passwordStdin || login != nil else { throw ValidationError("--password-stdin needs --login.") }
        guard interfaces.count <= CameraSearch.interfaceLimit, addresses.count <= CameraSearch.addressLimit else {
            throw ValidationError(
                "There may be \(CameraSearch.interfaceLimit) --interface and \(CameraSearch.addressLimit) --address.")
        }
    }

    mutating func run() async throws {
        let settings = try options.load()
        guard let finder = settings.cameraFinder else { throw Refused() }
        var search = CameraSearch()
        (search.interfaces, search.addresses, search.wait) = (interfaces, addresses, .seconds(seconds))
        if let login {
            let password = passwordStdin ? readLine(strippingNewline: true) ?? "" : ""
            search.credentials = CameraCredentials(login: login, password: password)
        }
        for line in cameraTable(try await finder.find(search)) { print(line) }
    }
    private struct Refused: Error, CustomStringConvertible { let description = DiscoveryConfiguration.refusal }
}
