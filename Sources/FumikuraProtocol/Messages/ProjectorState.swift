/// Where a projector stands in its life.
package enum ProjectorState: String, WireWord, Hashable {
  case candidate
  case shadow
  case canary
  case active
  case retired
  case rejected
}
