/// Whether all is well.
package enum HealthStatus: String, WireWord, Hashable {
  case ok
  /// It answers, and something needs attention: see the warnings.
  case degraded
}
