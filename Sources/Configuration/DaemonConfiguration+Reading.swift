package import SystemPackage

extension DaemonConfiguration {
  /// Files of more bytes are refused unread: a configuration is a page.
  private static var largestFile: Int { 1 << 20 }

  /// Reads a configuration file.
  package init(contentsOf file: FilePath) throws(ConfigurationError) {
    func unreadable(_ reason: String) -> ConfigurationError {
      ConfigurationError(problems: [
        ConfigurationProblem(file: file, line: nil, key: nil, kind: .unreadable(reason: reason))
      ])
    }
    var bytes: [UInt8] = []
    do {
      let descriptor = try FileDescriptor.open(file, .readOnly)
      try descriptor.closeAfter {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while bytes.count <= Self.largestFile {
          let count = try buffer.withUnsafeMutableBytes { try descriptor.read(into: $0) }
          if count == 0 { break }
          bytes.append(contentsOf: buffer.prefix(count))
        }
      }
    } catch {
      throw unreadable("\(error)")
    }
    guard bytes.count <= Self.largestFile else {
      throw unreadable("more than \(Self.largestFile) bytes: not a configuration")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw unreadable("not UTF-8 text") }
    try self.init(text: text, file: file)
  }

  /// Reads the text of a configuration; `file` is what problems name.
  package init(text: String, file: FilePath) throws(ConfigurationError) {
    let reader = try ConfigurationReader(text: text, file: file)
    self.init(reading: reader)
    guard reader.problems.isEmpty else { throw ConfigurationError(problems: reader.problems) }
  }

  /// Every key there is, in the order of the annotated file.
  package static var knownKeys: [KnownKey] {
    do throws(ConfigurationError) {
      let reader = try ConfigurationReader(text: "", file: "")
      _ = DaemonConfiguration(reading: reader)
      return reader.known
    } catch {
      preconditionFailure("an empty document is TOML: \(error)")
    }
  }

  private init(reading reader: ConfigurationReader) {
    self.init()
    let daemonTable = reader.table("daemon")
    daemon.read(daemonTable)
    let shareTables = reader.tables("share")
    shares = shareTables.compactMap(Share.init(reading:))
    watch.read(reader.table("watch"))
    extract.read(reader.table("extract"))
    projector.read(reader.table("projector"))
    limits.read(reader.table("limits"))
    let complete = shareTables.filter(\.isPresent)
    if complete.count == shares.count { refuseConflicts(daemon: daemonTable, shares: complete) }
    reader.finish()
  }
}

extension DaemonConfiguration.Daemon {
  fileprivate mutating func read(_ table: TableReader) {
    let standard = Self()
    stateDirectory = table.path("state_directory", default: standard.stateDirectory) ?? standard.stateDirectory
    socket = table.path("socket", longest: 107, default: standard.socket) ?? standard.socket
    socketGroup = table.text("socket_group", "a group's name") { isGroupName($0) }
    let reference = table.text("model", expectedModel, default: "all-MiniLM-L6-v2") { modelReference($0) != nil }
    model = modelReference(reference) ?? standard.model
    adminGroup = table.text("admin_group", "a group's name", default: standard.adminGroup) { isGroupName($0) }
    configuredModelsDirectory = table.path("models_directory")
    logLevel = table.choice("log_level", default: standard.logLevel)
    table.refuseUnknownKeys()
  }
}

extension DaemonConfiguration.Share {
  /// Nil where name or path is missing or refused; the table then has its problem noted.
  fileprivate init?(reading table: TableReader) {
    let name = table.text("name", "a name of 1 to 64 bytes without slash") { name in
      1...64 ~= name.utf8.count && !name.contains("/")
        && !name.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
    let path = table.path("path")
    let ignore = table.texts("ignore", "an array of non-empty patterns") { !$0.isEmpty && !$0.contains("\n") }
    let model = table.text("model", expectedModel) { modelReference($0) != nil }.flatMap(modelReference)
    table.require("name", "a name of 1 to 64 bytes without slash")
    table.require("path", "an absolute path without \"..\"")
    table.refuseUnknownKeys()
    guard let name, let path else { return nil }
    self.init(name: name, path: path, ignore: ignore, model: model)
  }
}

extension DaemonConfiguration.Watch {
  fileprivate mutating func read(_ table: TableReader) {
    let settle = table.integer("settle_ms", 0...60_000, default: 300)
    let delay = table.integer("max_delay_ms", 100...3_600_000, default: 5000)
    if delay < settle && table.contains("settle_ms") {
      table.refuse("settle_ms", "is \(settle), longer than watch.max_delay_ms, which is \(delay)")
    } else if delay < settle {
      table.refuse("max_delay_ms", "is \(delay), shorter than watch.settle_ms, which is \(settle)")
    }
    self.settle = .milliseconds(settle)
    maximumDelay = .milliseconds(delay)
    reconcile = .seconds(table.number("reconcile_hours", 0.01...720, default: 6) * 3600)
    let budget = table.integer("watch_budget", 0...100_000_000, default: 0)
    self.budget = budget == 0 ? nil : budget
    table.refuseUnknownKeys()
  }
}

extension DaemonConfiguration.Extract {
  fileprivate mutating func read(_ table: TableReader) {
    workers = table.integer("workers", 1...64, default: workers)
    deadline = .seconds(table.integer("deadline_s", 1...3600, default: 60))
    memoryLimit = table.integer("memory_mb", 64...65536, default: memoryLimit >> 20) << 20
    largestFile = table.integer("max_file_mb", 1...65536, default: largestFile >> 20) << 20
    ocr = table.boolean("ocr", default: ocr)
    if ocr { table.refuse("ocr", "is true, but this version reads no text from pictures: expected false") }
    table.refuseUnknownKeys()
  }
}

extension DaemonConfiguration.Projector {
  fileprivate mutating func read(_ table: TableReader) {
    dimensions = table.integer("dimensions", 16...384, multipleOf: 8, default: dimensions)
    bits = table.integer("bits", oneOf: [1, 2, 4, 8], default: bits)
    rescore = table.boolean("rescore", default: rescore)
    rescoreMemory = table.integer("rescore_memory_mb", 0...65536, default: rescoreMemory >> 20) << 20
    train = table.boolean("train", default: train)
    classes = table.choice("classes", default: classes)
    labels = table.path("labels")
    minimumPassages = table.integer("minimum_passages", 50...1_000_000, default: minimumPassages)
    retrainGrowth = table.number("retrain_growth", 1.1...1000, default: retrainGrowth)
    trainingTime = .seconds(table.integer("train_minutes", 1...1440, default: 15) * 60)
    trainingMemory = table.integer("train_memory_mb", 300...65536, default: trainingMemory >> 20) << 20
    profileKept = table.number("profile_kept", 0.5...1.5, default: profileKept)
    profileBytes = table.integer("profile_bytes", 4...4096, default: profileBytes)
    table.refuseUnknownKeys()
  }
}

extension DaemonConfiguration.Limits {
  fileprivate mutating func read(_ table: TableReader) {
    connections = table.integer("connections", 1...65536, default: connections)
    connectionsPerUser = table.integer("connections_per_user", 1...65536, default: connectionsPerUser)
    requestsInFlight = table.integer("requests_in_flight", 1...65536, default: requestsInFlight)
    requestsPerUser = table.integer("requests_per_user", 1...65536, default: requestsPerUser)
    requestsPerConnection = table.integer("requests_per_connection", 1...1024, default: requestsPerConnection)
    waiting = table.integer("waiting", 1...256, default: waiting)
    waitingPerUser = table.integer("waiting_per_user", 1...256, default: waitingPerUser)
    buffered = table.integer("buffered_mb", 20...4096, default: buffered >> 20) << 20
    unsent = table.integer("unsent_mb", 1...1024, default: unsent >> 20) << 20
    readingDeadline = .seconds(table.integer("reading_s", 1...3600, default: 30))
    halfLine = .seconds(table.integer("half_line_s", 1...3600, default: 30))
    table.refuseUnknownKeys()
  }
}

/// As `useradd` takes names, a little wider: no blanks, colons or slashes.
private func isGroupName(_ text: String) -> Bool {
  1...64 ~= text.utf8.count && !text.unicodeScalars.contains { $0.properties.isWhitespace || $0 == ":" || $0 == "/" }
}

private let expectedModel = "a model's name, or the absolute path of an .fmodel file"

private func modelReference(_ text: String) -> DaemonConfiguration.ModelReference? {
  guard text.contains("/") else {
    return text.isEmpty || text.hasPrefix(".") ? nil : .named(text)
  }
  return TableReader.absolutePath(text).map { .file($0) }
}
