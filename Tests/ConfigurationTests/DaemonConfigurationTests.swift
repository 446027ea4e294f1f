import Configuration
import Foundation
import SystemPackage
import Testing

@Suite struct DaemonConfigurationTests {
  private func read(_ text: String) throws -> DaemonConfiguration {
    try DaemonConfiguration(text: text, file: "/etc/f.toml")
  }

  /// The lines of the refusal; empty where the text is taken.
  private func refusal(_ text: String) -> [String] {
    do {
      _ = try read(text)
      return []
    } catch let error as ConfigurationError {
      return error.problems.map(\.description)
    } catch {
      return ["another error: \(error)"]
    }
  }

  @Test("An empty file is the defaults")
  func empty() throws {
    #expect(try read("") == DaemonConfiguration())
    let standard = DaemonConfiguration()
    #expect(standard.daemon.modelFile == "/var/lib/fumikura/models/all-MiniLM-L6-v2.fmodel")
    #expect(standard.watch.settle == .milliseconds(300))
    #expect(standard.extract.memoryLimit == 536_870_912)
  }

  @Test("Every key is read into its property")
  func everyKey() throws {
    let configuration = try read(
      """
      [daemon]
      state_directory = "/s//state/./x/"
      socket = "/s/sock"
      socket_group = "office"
      model = "/m/other.fmodel"
      admin_group = "wheel"
      models_directory = "/m"
      log_level = "debug"
      [[share]]
      name = "書類"
      path = "/srv/書類/"
      ignore = ["*.bak", "/tmp/"]
      [[share]]
      name = "b"
      path = "/srv/b"
      [watch]
      settle_ms = 50
      max_delay_ms = 1000
      reconcile_hours = 12
      watch_budget = 77
      [extract]
      workers = 2
      deadline_s = 5
      memory_mb = 128
      max_file_mb = 3
      ocr = false
      [projector]
      dimensions = 64
      bits = 8
      train = false
      classes = "folders"
      labels = "/etc/fumikura/./labels.tsv"
      minimum_passages = 200
      retrain_growth = 2
      train_minutes = 3
      train_memory_mb = 400
      [limits]
      connections = 1
      connections_per_user = 2
      requests_in_flight = 3
      requests_per_user = 4
      requests_per_connection = 5
      waiting = 6
      waiting_per_user = 7
      buffered_mb = 28
      unsent_mb = 9
      reading_s = 10
      half_line_s = 11
      """)
    var expected = DaemonConfiguration()
    expected.daemon.stateDirectory = "/s/state/x"
    expected.daemon.socket = "/s/sock"
    expected.daemon.socketGroup = "office"
    expected.daemon.model = .file("/m/other.fmodel")
    expected.daemon.adminGroup = "wheel"
    expected.daemon.configuredModelsDirectory = "/m"
    expected.daemon.logLevel = .debug
    expected.shares = [
      .init(name: "書類", path: "/srv/書類", ignore: ["*.bak", "/tmp/"]), .init(name: "b", path: "/srv/b"),
    ]
    expected.watch.settle = .milliseconds(50)
    expected.watch.maximumDelay = .seconds(1)
    expected.watch.reconcile = .seconds(43200)
    expected.watch.budget = 77
    expected.extract.workers = 2
    expected.extract.deadline = .seconds(5)
    expected.extract.memoryLimit = 128 << 20
    expected.extract.largestFile = 3 << 20
    expected.projector.dimensions = 64
    expected.projector.bits = 8
    expected.projector.train = false
    expected.projector.classes = .folders
    expected.projector.labels = "/etc/fumikura/labels.tsv"
    expected.projector.minimumPassages = 200
    expected.projector.retrainGrowth = 2
    expected.projector.trainingTime = .seconds(180)
    expected.projector.trainingMemory = 400 << 20
    expected.limits.connections = 1
    expected.limits.connectionsPerUser = 2
    expected.limits.requestsInFlight = 3
    expected.limits.requestsPerUser = 4
    expected.limits.requestsPerConnection = 5
    expected.limits.waiting = 6
    expected.limits.waitingPerUser = 7
    expected.limits.buffered = 28 << 20
    expected.limits.unsent = 9 << 20
    expected.limits.readingDeadline = .seconds(10)
    expected.limits.halfLine = .seconds(11)
    #expect(configuration == expected)
    #expect(configuration.daemon.modelFile == "/m/other.fmodel")
  }

  @Test(
    "What is wrong is told with file, line, key, got and expected",
    arguments: [
      ("[watch]\n\nsettle = 1", "/etc/f.toml:3: watch.settle is not a key of Fumikura; did you mean watch.settle_ms?"),
      (
        "[watch]\nsetle_ms = 1", "/etc/f.toml:2: watch.setle_ms is not a key of Fumikura; did you mean watch.settle_ms?"
      ),
      ("watch.xyzzy = 1", "/etc/f.toml:1: watch.xyzzy is not a key of Fumikura"),
      (
        "[extract]\nsettle_ms = 1",
        "/etc/f.toml:2: extract.settle_ms is not a key of Fumikura; did you mean watch.settle_ms?"
      ),
      ("settle_ms = 1", "/etc/f.toml:1: settle_ms is not a key of Fumikura; did you mean watch.settle_ms?"),
      ("# x\n[wacth]\nsettle_ms = 1", "/etc/f.toml:2: wacth is not a key of Fumikura; did you mean watch?"),
      (
        "[daemon.socket]\nx = 1",
        "/etc/f.toml:1: daemon.socket is a table: expected an absolute path of at most 107 bytes without \"..\""
      ),
      (
        "[[share]]\nname = 'a'\npath = '/a'\n[[share]]\nname = 'b'\npath = '/b'\npaht = '/c'",
        "/etc/f.toml:7: share[2].paht is not a key of Fumikura; did you mean share.path?"
      ),
      (
        "[watch]\nsettle_ms = \"300\"",
        "/etc/f.toml:2: watch.settle_ms is \"300\": expected a whole number from 0 to 60000"
      ),
      (
        "[watch]\nsettle_ms = 300.0", "/etc/f.toml:2: watch.settle_ms is 300.0: expected a whole number from 0 to 60000"
      ),
      (
        "[watch]\nsettle_ms = 60001", "/etc/f.toml:2: watch.settle_ms is 60001: expected a whole number from 0 to 60000"
      ),
      (
        "[watch]\nreconcile_hours = nan",
        "/etc/f.toml:2: watch.reconcile_hours is nan: expected a number from 0.01 to 720"
      ),
      (
        "[watch]\nsettle_ms = 6000",
        "/etc/f.toml:2: watch.settle_ms is 6000, longer than watch.max_delay_ms, which is 5000"
      ),
      (
        "[watch]\nmax_delay_ms = 200",
        "/etc/f.toml:2: watch.max_delay_ms is 200, shorter than watch.settle_ms, which is 300"
      ),
      (
        "[projector]\ndimensions = 100",
        "/etc/f.toml:2: projector.dimensions is 100: expected a multiple of 8 from 16 to 384"
      ),
      (
        "[projector]\ntrain_minutes = 0",
        "/etc/f.toml:2: projector.train_minutes is 0: expected a whole number from 1 to 1440"
      ),
      (
        "[projector]\ntrain_memory_mb = 100",
        "/etc/f.toml:2: projector.train_memory_mb is 100: expected a whole number from 300 to 65536"
      ),
      (
        "[projector]\nclasses = \"topics\"",
        "/etc/f.toml:2: projector.classes is \"topics\": expected one of auto, labels, folders, pseudo, none"
      ),
      ("[projector]\nbits = 3", "/etc/f.toml:2: projector.bits is 3: expected one of 1, 2, 4, 8"),
      (
        "[extract]\nocr = true",
        "/etc/f.toml:2: extract.ocr is true, but this version reads no text from pictures: expected false"
      ),
      ("[extract]\nocr = 1", "/etc/f.toml:2: extract.ocr is 1: expected true or false"),
      (
        "[daemon]\nlog_level = 'loud'",
        "/etc/f.toml:2: daemon.log_level is \"loud\": expected one of trace, debug, info, notice, warning, error, critical"
      ),
      (
        "[daemon]\nstate_directory = 'var/lib'",
        "/etc/f.toml:2: daemon.state_directory is \"var/lib\": expected an absolute path without \"..\""
      ),
      (
        "[daemon]\nstate_directory = '/a/../b'",
        "/etc/f.toml:2: daemon.state_directory is \"/a/../b\": expected an absolute path without \"..\""
      ),
      (
        "[daemon]\nmodel = 'models/x.fmodel'",
        "/etc/f.toml:2: daemon.model is \"models/x.fmodel\": expected a model's name, or the absolute path of an .fmodel file"
      ),
      (
        "[[share]]\nname = 'a'\npath = '/a'\nmodel = '../x'",
        "/etc/f.toml:4: share[1].model is \"../x\": expected a model's name, or the absolute path of an .fmodel file"
      ),
      (
        "[[share]]\nname = 'a'\npath = '/a'\nmodel = 3",
        "/etc/f.toml:4: share[1].model is 3: expected a model's name, or the absolute path of an .fmodel file"
      ),
      ("[share]\nname = 'a'", "/etc/f.toml:1: share is a table: expected an array of tables: [[share]]"),
      ("daemon = 3", "/etc/f.toml:1: daemon is 3: expected a table: [daemon]"),
      ("[[share]]\nname = 'a'", "/etc/f.toml:1: share[1].path is missing: expected an absolute path without \"..\""),
      (
        "[[share]]\npath = '/a'\nname = 'a/b'",
        "/etc/f.toml:3: share[1].name is \"a/b\": expected a name of 1 to 64 bytes without slash"
      ),
      (
        "[[share]]\npath = '/a'\nname = 'a'\nignore = ['x', 3]",
        "/etc/f.toml:4: share[1].ignore is an array: expected an array of non-empty patterns"
      ),
      (
        "[[share]]\nname = 'a'\npath = '/a'\n[[share]]\npath = '/b'\nname = 'a'",
        "/etc/f.toml:6: share[2].name is \"a\", as another share's"
      ),
      (
        "[[share]]\nname = 'a'\npath = '/a'\n[[share]]\nname = 'b'\npath = '/a/b'",
        "/etc/f.toml:6: share[2].path is /a/b, inside the share \"a\" (/a)"
      ),
      (
        "[[share]]\nname = 'a'\npath = '/a/b'\n[[share]]\nname = 'b'\npath = '/a'",
        "/etc/f.toml:6: share[2].path is /a, around the share \"a\" (/a/b)"
      ),
      (
        "[[share]]\nname = 'a'\npath = '/a'\n[[share]]\nname = 'b'\npath = '/a/'",
        "/etc/f.toml:6: share[2].path is /a, the same folder as the share \"a\" (/a)"
      ),
      (
        "[daemon]\nstate_directory = '/a/b'\n[[share]]\nname = 'a'\npath = '/a'",
        "/etc/f.toml:2: daemon.state_directory is /a/b, inside the share \"a\" (/a): it holds everybody's text"
      ),
      (
        "[[share]]\nname = 'a'\npath = '/var/lib/fumikura/x'",
        "/etc/f.toml:3: share[1].path is /var/lib/fumikura/x, inside daemon.state_directory (/var/lib/fumikura), which holds the index"
      ),
      ("[daemon]\nsocket = \"/a\\u0000b\"", "/etc/f.toml:2: not TOML: an escaped NUL character in a string"),
      ("[daemon]\n\0", "/etc/f.toml:2: not TOML: a NUL byte"),
    ])
  func refusals(text: String, message: String) {
    #expect(refusal(text) == [message])
  }

  @Test("A syntax error has its line")
  func syntax() {
    let lines = refusal("[daemon]\nsocket = \n")
    #expect(lines.count == 1)
    #expect(lines.first?.hasPrefix("/etc/f.toml:2: not TOML: ") == true, "\(lines)")
    #expect(refusal("[daemon]\nsocket = '/a'\nsocket = '/b'").first?.hasPrefix("/etc/f.toml:3: not TOML: ") == true)
  }

  @Test("All problems are told at once, in the order of their lines")
  func manyProblems() {
    let lines = refusal("[watch]\nsettle_ms = -1\n[daemon]\nsockt = '/x'\nmodel = ''\n")
    #expect(lines.map { $0.prefix(14) } == ["/etc/f.toml:2:", "/etc/f.toml:4:", "/etc/f.toml:5:"])
  }

  @Test("A socket path of 107 bytes is taken and one of 108 refused")
  func socketLength() throws {
    let longest = "/" + String(repeating: "s", count: 106)
    #expect(try read("[daemon]\nsocket = '\(longest)'").daemon.socket.string == longest)
    #expect(
      refusal("[daemon]\nsocket = '\(longest)s'").first?.contains("expected an absolute path of at most 107 bytes")
        == true)
  }

  @Test("Neighbours whose names begin alike are not inside one another")
  func neighbours() throws {
    #expect(try read("[[share]]\nname='a'\npath='/srv/a'\n[[share]]\nname='ab'\npath='/srv/ab'").shares.count == 2)
  }

  @Test("A file that is not there, or not text, is refused with its name")
  func files() throws {
    try withTemporaryDirectory { directory in
      let missing = directory.appending("none.toml")
      #expect(throws: ConfigurationError.self) { try DaemonConfiguration(contentsOf: missing) }
      let latin = directory.appending("latin.toml")
      try Data([0x61, 0xE9, 0x0A]).write(to: URL(filePath: latin.string))
      let error = #expect(throws: ConfigurationError.self) { try DaemonConfiguration(contentsOf: latin) }
      #expect(error?.description == "\(latin): cannot be read: not UTF-8 text")
      let good = directory.appending("good.toml")
      try Data("[watch]\nsettle_ms = 7\n".utf8).write(to: URL(filePath: good.string))
      #expect(try DaemonConfiguration(contentsOf: good).watch.settle == .milliseconds(7))
    }
  }

  @Test("A symbolic link does not hide that the state directory is inside a share")
  func hiddenNesting() throws {
    try withTemporaryDirectory { directory in
      let files = FileManager.default
      func make(_ name: String) throws {
        try files.createDirectory(atPath: directory.appending(name).string, withIntermediateDirectories: true)
      }
      try make("real/inner")
      try make("other")
      let link = directory.appending("link")
      try files.createSymbolicLink(atPath: link.string, withDestinationPath: directory.appending("real").string)
      func problems(state: String, shares: [String]) -> [String] {
        var configuration = DaemonConfiguration()
        configuration.daemon.stateDirectory = directory.appending(state)
        configuration.shares = shares.map { .init(name: $0, path: directory.appending($0)) }
        do throws(ConfigurationError) {
          try configuration.validatePlaces(file: "/etc/f.toml")
          return []
        } catch {
          return error.problems.compactMap(\.key)
        }
      }
      #expect(problems(state: "link/state-to-be", shares: ["real"]) == ["daemon.state_directory"])
      #expect(problems(state: "real", shares: ["link"]) == ["daemon.state_directory"])
      #expect(problems(state: "real", shares: ["link/inner"]) == ["share[1].path"])
      #expect(problems(state: "other", shares: ["real", "link"]) == ["share[2].path"])
      #expect(problems(state: "other", shares: ["link/inner", "real"]) == ["share[1].path"])
      #expect(problems(state: "other", shares: ["real"]) == [])
      #expect(problems(state: "not/there/yet", shares: ["real", "gone"]) == [])
    }
  }

  private func withTemporaryDirectory(_ body: (FilePath) throws -> Void) throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "fumikura-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: url) }  // best effort: it is a temporary directory
    try body(FilePath(url.path))
  }
}
