/// What the encoder did since the daemon's start.
package struct EncoderStatus: WireObject, Hashable {
  package var passagesEncoded: Int
  package var passagesReused: Int

  package init(passagesEncoded: Int, passagesReused: Int) {
    self.passagesEncoded = passagesEncoded
    self.passagesReused = passagesReused
  }

  package static let form = Form<EncoderStatus>.reply(
    "What the encoder did since the daemon's start.",
    Self.init,
    Field("passages_encoded", \EncoderStatus.passagesEncoded, "Passages that were encoded."),
    Field("passages_reused", \EncoderStatus.passagesReused, "Passages that were already known by their text."))
}
