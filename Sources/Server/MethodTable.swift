import FumikuraProtocol

/// From a method's name and raw parameters to a call that can be run.
struct MethodTable: Sendable {
  private struct Entry: Sendable {
    let isForAdministrators: Bool
    let prepare: @Sendable (JSON.Object) throws(WireMismatch) -> PreparedCall
  }

  private var entries: [String: Entry] = [:]

  /// Every method of the protocol.
  static let all: MethodTable = {
    var table = MethodTable()
    table.add(.search, lane: { $0.waitForSyncMilliseconds ?? 0 > 0 ? .waiting : .query }) { $0.search }
    table.add(.similar) { $0.similar }
    table.add(.sync, lane: { _ in .waiting }, wantsProgress: \SyncParameters.wantsProgress) { $0.sync }
    table.add(.shareList) { $0.shareList }
    table.add(.indexStatus) { $0.indexStatus }
    table.add(.indexFiles) { $0.indexFiles }
    table.add(.indexWhy) { $0.indexWhy }
    table.add(.indexFailures) { $0.indexFailures }
    table.add(.projectorList) { $0.projectorList }
    table.add(.health, lane: { _ in .quick }) { $0.health }
    table.add(.configReload) { $0.configReload }
    table.addDiscover()
    return table
  }()

  var names: [String] { entries.keys.sorted() }

  /// The call that a request asks for, or why there is none.
  func prepare(_ method: String, _ parameters: JSON.Object, isAdministrator: Bool) throws(ServiceError) -> PreparedCall
  {
    guard let entry = entries[method] else { throw .unknownMethod(method, known: names) }
    guard isAdministrator || !entry.isForAdministrators else {
      throw .forbidden("\(method) is for administrators", hint: "call it as root or as a member of the admin group")
    }
    do throws(WireMismatch) {
      return try entry.prepare(parameters)
    } catch {
      throw .invalidParameters(error)
    }
  }

  private mutating func add<Parameters: WireObject, Reply: WireObject>(
    _ procedure: Procedure<Parameters, Reply>, lane: @escaping @Sendable (Parameters) -> Lane = { _ in .query },
    wantsProgress: (any KeyPath<Parameters, Bool> & Sendable)? = nil,
    _ body: @escaping @Sendable (any IndexService) -> (Parameters, Caller) throws -> Reply
  ) {
    entries[procedure.name] = Entry(isForAdministrators: procedure.isForAdministrators) {
      json throws(WireMismatch) -> PreparedCall in
      let parameters = try Parameters.decodeStrictly(json)
      let asks = wantsProgress.map { parameters[keyPath: $0] } ?? false
      return PreparedCall(method: procedure.name, lane: lane(parameters), wantsProgress: asks) { service, caller in
        try body(service)(parameters, caller).json.encoded
      }
    }
  }

  private mutating func addDiscover() {
    let document = API.document.json.encoded
    entries[Procedure.discover.name] = Entry(isForAdministrators: false) { json throws(WireMismatch) -> PreparedCall in
      _ = try DiscoverParameters.decodeStrictly(json)
      return PreparedCall(method: Procedure.discover.name, lane: .ready, wantsProgress: false) { _, _ in document }
    }
  }
}
