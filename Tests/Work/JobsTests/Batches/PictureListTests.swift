import JSON
import Testing

@testable import Jobs

struct PictureListTests {
    private func chosen(
        _ locators: [String], limit: Int = 100, _ change: (inout BatchRequest) -> Void = { _ in }
    ) throws -> [String] {
        var request = BatchRequest(container: "c", list: nil, usesURLs: false, caller: "me")
        change(&request)
        var list = PictureList(request, limit: limit)
        for locator in locators { list.add(ListedPicture(locator: locator, meta: nil)) }
        return try list.chosen().map(\.locator)
    }

    @Test func picturesAreKnownByTheirEndings() throws {
        let names = ["a.jpg", "b.JPEG", "c.PnG", "d.txt", "jpg", "e.jpg?x", "f#1.jpg", "g.jpg#x"]
        #expect(try chosen(names) == ["a.jpg", "b.JPEG", "c.PnG", "f#1.jpg"])
        let urls = ["http://h/a.jpg?sig=x#y", "http://h/a?name=b.jpg", "http://h/b.png#c.txt"]
        #expect(try chosen(urls) { $0.usesURLs = true } == [urls[0], urls[2]])
    }
    @Test func filtersComeInTheirOrder() throws {
        let names = (0..<20).map { "\($0 < 10 ? "a" : "A")/\($0).jpg" }
        #expect(try chosen(names) { $0.prefix = "A/" } == Array(names[10...]))
        #expect(try chosen(names) { ($0.prefix, $0.firstN) = ("A/", 3) } == Array(names[10..<13]))
        #expect(try chosen(names) { $0.firstN = 99 } == names)
        for nothing: JSONValue in [0, nil, "", "0", false] {
            #expect(try chosen(names) { ($0.firstN, $0.sampleN) = (nothing, nothing) } == names)
        }
        let some = try chosen(names) { ($0.firstN, $0.sampleN) = ("10", 4) }
        #expect(some.count == 4 && Set(some).count == 4 && some == names.filter(some.contains))
        #expect(Set(some).isSubset(of: names[..<10]))
    }
    @Test func whatCannotBeChosenIsSaid() {
        let names = ["a.jpg", "b.jpg", "c.jpg"]
        #expect(throws: JobFailure("Error occurred while preparing the Batch job: parameter first_n is 0.")) {
            try chosen(names) { $0.firstN = -1 }
        }
        #expect(
            throws: JobFailure(
                "Error occurred while preparing the Batch job: parameter sample_n specifies more images than available (after filtering by other provided params)."
            )
        ) { try chosen(names) { $0.sampleN = 4 } }
        #expect(throws: JobFailure.self) { try chosen(names) { $0.firstN = "many" } }
        #expect(
            throws: JobFailure(
                "The number of images (3) requested for processing exceeds the maximum accepted 2 in one call")
        ) { try chosen(names, limit: 2) }
        #expect(throws: Never.self) { try chosen(names, limit: 3) }
        #expect(throws: Never.self) { try chosen(names, limit: 2) { $0.firstN = 2 } }
    }
    @Test func theSamePictureIsLookedAtOnceUnlessSomethingElseIsWrittenBesideIt() throws {
        var list = PictureList(BatchRequest(container: "c", list: nil, usesURLs: false, caller: "me"), limit: 9)
        for meta in [nil, nil, "1", "2", "1"] { list.add(ListedPicture(locator: "a.jpg", meta: meta)) }
        #expect(try list.chosen().map(\.meta) == [nil, "1", "2"] && list.count == 5)
    }

    @Test func aContainerThatHasNoEndIsGivenUp() throws {
        var list = PictureList(BatchRequest(container: "c", list: nil, usesURLs: false, caller: "me"), limit: 2)
        for number in 0..<20 { list.add(ListedPicture(locator: "\(number).txt", meta: nil)) }
        #expect(throws: Never.self) { try list.check() }
        list.add(ListedPicture(locator: "a.jpg", meta: nil))
        #expect(throws: JobFailure.preparing("the container has more than 20 names")) { try list.check() }
        // Those that are not kept are counted, those that are kept are known.
        for name in ["a.jpg", "b.jpg", "c.jpg", "c.jpg"] { list.add(ListedPicture(locator: name, meta: nil)) }
        #expect(throws: JobFailure.self) { try list.chosen() }
        #expect(list.pictures.map(\.locator) == ["a.jpg", "b.jpg"])
    }

    @Test func anArrayIsReadItemByItem() throws {
        func items(_ text: String, limit: Int = 3, atMost count: Int = .max) -> [JSONValue]? {
            var items: [JSONValue] = []
            let isGood = JSONScan(text.utf8).readItems(valueLimit: limit) {
                items.append($0)
                return items.count < count
            }
            return isGood ? items : nil
        }
        #expect(items(#" [1, [2,3], {"a":[]}, "],[\"\\" ] "#, limit: 4) == [1, [2, 3], ["a": []], "],[\"\\"])
        #expect(items(" [ ] ") == [] && items("[]") == [])
        // What is behind those that are wanted is not looked at.
        #expect(items("[1,2,oh]", atMost: 2) == [1, 2])
        for text in ["", "{}", "1", "[", "]", "[1", "[1,]", "[1]2", "[,1]", "[1]]", "[[1]", "[1}", #"["]"#, "[1],[2]"] {
            #expect(items(text) == nil, "\(text)")
        }
        #expect(items("[[1,2,3]]") == nil && items("[[1,2,3]]", limit: 4)?.count == 1)
        #expect(JSONScan(#"[1,{"a,[":[2,3]},[]]"#.utf8).mostValues == 8)
    }

    private func read(_ text: String) throws -> [ListedPicture] {
        var pictures: [ListedPicture] = []
        try PictureList.read(Array(text.utf8)) { pictures.append($0) }
        return pictures
    }
    @Test func listsAreOfStringsOrOfPairs() throws {
        #expect(try read("[]").isEmpty)
        #expect(try read(#"["ä b#.jpg"]"#) == [ListedPicture(locator: "ä b#.jpg", meta: nil)])
        #expect(
            try read(#"[["a", "{\"id\": 7}"], ["b", {"x": 1}]]"#).map(\.meta) == [#"{"id": 7}"#, #"{"x":1}"#])
    }
    @Test(
        arguments: [
            (#"["a", ["b", "c"]]"#, "Not all items in image_paths are of type string."),
            (
                #"[["a", "b"], ["c"]]"#,
                "Items in image_paths are lists, but not all lists are of length 2 [image locator, metadata]."
            ),
            (#"["a", 1]"#, "Not all items in image_paths are of type string."),
            (#"[1, 2]"#, "image_paths contain items that are not strings nor lists."),
        ]
    ) func mixedListsAreRefusedInTheWordsOfTheContract(text: String, why: String) {
        #expect(
            throws: JobFailure(
                "Error occurred while preparing the Batch job: image paths provided in the json are not valid: \(why)")
        ) { try read(text) }
    }
    @Test(arguments: [#"{"a": 1}"#, "[", ""]) func whatIsNoListIsRefused(text: String) {
        #expect(throws: JobFailure.preparing("the list of images is no JSON array")) { try read(text) }
    }
}
