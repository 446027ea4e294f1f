import FumikuraProtocol
import Testing

@Suite("Reading parameters")
struct ParameterTests {
  @Test("What is left out has its default")
  func defaults() throws {
    #expect(try SearchParameters.decodeStrictly(["query": "lunch"]) == SearchParameters(query: "lunch"))
    #expect(try SyncParameters.decodeStrictly([:]) == SyncParameters())
    #expect(try IndexFilesParameters.decodeStrictly(["shares": nil, "cursor": nil]) == IndexFilesParameters())
  }

  @Test("Everything that can be said is read")
  func everything() throws {
    let json: JSON.Object = [
      "query": "lunch", "limit": 3, "offset": 2, "shares": ["a", "文書"], "path_glob": "/srv/**", "types": ["pdf"],
      "modified_after": "2026-01-01T00:00:00Z", "modified_before": "2026-02-01T00:00:00+09:00", "mode": "keyword",
      "group_by": "passage", "min_score": 0, "wait_for_sync_ms": 500,
    ]
    let parameters = try SearchParameters.decodeStrictly(json)
    #expect(parameters.limit == 3 && parameters.offset == 2 && parameters.shares == ["a", "文書"])
    #expect(parameters.mode == .keyword && parameters.grouping == .passage && parameters.minimumScore == 0)
    #expect(parameters.modifiedAfter == Timestamp(rfc3339: "2026-01-01T00:00:00Z"))
    #expect(try SearchParameters.decodeStrictly(try #require(parameters.json.object)) == parameters)
  }

  @Test(
    "What is wrong is named, with what was got and what was expected",
    arguments: [
      ([:], #"missing parameter "query": expected a string of 1 to 10000 characters"#),
      (["query": ""], #"parameter "query": got "", expected a string of 1 to 10000 characters"#),
      (["query": 7], #"parameter "query": got 7, expected a string of 1 to 10000 characters"#),
      (["query": nil], #"parameter "query": got null, expected a string of 1 to 10000 characters"#),
      (["query": "a", "limit": 0], #"parameter "limit": got 0, expected an integer from 1 to 100"#),
      (["query": "a", "limit": 101], #"parameter "limit": got 101, expected an integer from 1 to 100"#),
      (["query": "a", "limit": 1.5], #"parameter "limit": got 1.5, expected an integer from 1 to 100"#),
      (["query": "a", "limit": "5"], #"parameter "limit": got "5", expected an integer from 1 to 100"#),
      (["query": "a", "limit": true], #"parameter "limit": got true, expected an integer from 1 to 100"#),
      (["query": "a", "limti": 5], #"unknown parameter "limti""#),
      (
        ["query": "a", "mode": "fuzzy"],
        #"parameter "mode": got "fuzzy", expected one of "hybrid", "semantic", "keyword""#
      ),
      (
        ["query": "a", "shares": "documents"],
        #"parameter "shares": got "documents", expected an array of 1 to 256 elements"#
      ),
      (
        ["query": "a", "shares": []],
        #"parameter "shares": got an empty array, expected an array of 1 to 256 elements"#
      ),
      (
        ["query": "a", "shares": ["x", 5]], #"parameter "shares[1]": got 5, expected a string of 1 to 255 characters"#
      ),
      (
        ["query": "a", "modified_after": "yesterday"],
        #"parameter "modified_after": got "yesterday", expected an RFC 3339 time such as "2026-03-01T09:30:00Z""#
      ),
      (["query": "a", "min_score": 2], #"parameter "min_score": got 2, expected a number from -1.0 to 1.0"#),
    ] as [(JSON.Object, String)])
  func wrong(parameters: JSON.Object, message: String) {
    #expect { try SearchParameters.decodeStrictly(parameters) } throws: { "\($0)" == message }
  }

  @Test("An unknown name brings the names that may have been meant")
  func hint() throws {
    do {
      _ = try SearchParameters.decodeStrictly(["query": "a", "limti": 5])
      Issue.record("limti was taken")
    } catch {
      #expect(try #require(error.hint).hasPrefix("did you mean limit"))
    }
    #expect(
      ServiceError.unknownMethod("files", known: API.procedures.map(\.name)).hint?.contains("index.files,") == true)
    #expect(ServiceError.unknownMethod("serach", known: API.procedures.map(\.name)).hint?.contains("search,") == true)
  }

  @Test("similar takes exactly one of path, path_b64, passage_id and text")
  func exactlyOne() throws {
    #expect(try SimilarParameters.decodeStrictly(["text": "a"]).text == "a")
    #expect(try SimilarParameters.decodeStrictly(["passage_id": 5, "text": nil]).passageID == 5)
    for wrong: JSON.Object in [
      [:], ["text": nil], ["text": "a", "passage_id": 5], ["path": "/a", "path_b64": "L2E="],
    ] {
      #expect { try SimilarParameters.decodeStrictly(wrong) } throws: { "\($0)".contains("expected exactly one") }
    }
  }

  @Test("A path is absolute, and comes as bytes where it is not UTF-8")
  func paths() throws {
    #expect(try IndexWhyParameters.decodeStrictly(["path": "/srv/a"]).path == WirePath("/srv/a"))
    // "/a" and the byte FF.
    let bytes = try IndexWhyParameters.decodeStrictly(["path_b64": "L2H/"])
    #expect(bytes.path == WirePath(bytes: [0x2F, 0x61, 0xFF]))
    #expect(bytes.json == ["path": nil, "path_b64": "L2H/"])
    for wrong: JSON.Object in [
      ["path": "srv/a"], ["path": ""], ["path": "/a\0b"], ["path_b64": "YQ=="], ["path_b64": "*"],
    ] {
      #expect(throws: WireMismatch.self) { try IndexWhyParameters.decodeStrictly(wrong) }
    }
  }
}
