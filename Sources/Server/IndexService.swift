package import FumikuraProtocol

/// What the server serves. Every call blocks its thread until it is done, comes on one of the server's own threads,
/// several at once, and throws `ServiceError` for what the caller should be told; any other error becomes an internal
/// one without its words.
///
/// Parameters have been checked against their shapes. That the caller sees only what they may read is the service's
/// duty in every method; that methods for administrators are called by nobody else is the server's.
package protocol IndexService: Sendable {
  func search(_ parameters: SearchParameters, caller: Caller) throws -> SearchReply
  func similar(_ parameters: SimilarParameters, caller: Caller) throws -> SearchReply
  func sync(_ parameters: SyncParameters, caller: Caller) throws -> SyncReply
  func shareList(_ parameters: ShareListParameters, caller: Caller) throws -> ShareListReply
  func indexStatus(_ parameters: IndexStatusParameters, caller: Caller) throws -> IndexStatusReply
  func indexFiles(_ parameters: IndexFilesParameters, caller: Caller) throws -> IndexFilesReply
  func indexWhy(_ parameters: IndexWhyParameters, caller: Caller) throws -> IndexWhyReply
  func indexFailures(_ parameters: IndexFailuresParameters, caller: Caller) throws -> IndexFailuresReply
  func projectorList(_ parameters: ProjectorListParameters, caller: Caller) throws -> ProjectorListReply
  /// Comes on threads that no other call can keep busy, and must not wait for one itself.
  func health(_ parameters: HealthParameters, caller: Caller) throws -> HealthReply
  func configReload(_ parameters: ConfigReloadParameters, caller: Caller) throws -> ConfigReloadReply
}
