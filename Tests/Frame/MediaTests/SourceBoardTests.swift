import Frames
import Records
import Testing

@testable import Media

/// Numbers that another process may have written.
struct SourceBoardTests {
    @Test(arguments: [(Int64.max, 1 << 48), (Int64.min, 0), (Int64(7), 7)])
    func countsAreBelievedAsFarAsAnybodyCouldMeanThem(written: Int64, read: Int) {
        let board = SourceBoard()
        let state = SourceState(.stream, configuration: MediaConfiguration(), board: board)
        for word in [SourceBoard.Word.framesDecoded, .packetsCorrupt, .formatChanges, .pictureBytes, .packets] {
            board[word] = written
        }
        var statistics = state.statistics
        #expect(statistics.framesDecoded == read && statistics.packetsCorrupt == read)
        #expect(statistics.formatChanges == read && statistics.pictureBytes == read && statistics.packetsRead == read)
        statistics.add(countsOf: statistics)
        #expect(statistics.framesDecoded == 2 * read)
    }
}
