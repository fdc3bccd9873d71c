import ArgumentParser
import Setup
import Tools

struct BenchPictures: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures how fast the pictures of a folder are decoded and looked at for people, one by one.")

    @Argument(help: ArgumentHelp("A folder with pictures and nothing else.", valueName: "FOLDER"))
    var folder: String
    @OptionGroup var options: SettingsOptions

    mutating func run() async throws {
        print(try await PictureBenchmark(settings: options.load(), folder: folder).run().text)
    }
}
