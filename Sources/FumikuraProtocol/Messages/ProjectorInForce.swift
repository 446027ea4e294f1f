/// The projector a reply was made with.
package struct ProjectorInForce: WireObject, Hashable {
  package var version: Int
  package var kind: String
  package var dimensions: Int
  package var bits: Int

  package init(version: Int, kind: String, dimensions: Int, bits: Int) {
    self.version = version
    self.kind = kind
    self.dimensions = dimensions
    self.bits = bits
  }

  package static let form = Form<ProjectorInForce>.reply(
    "The projector that codes are made with.",
    Self.init,
    Field("version", \ProjectorInForce.version, "Its number, from 1."),
    Field("kind", \ProjectorInForce.kind, "`pca-whitened` or `mcr2`.", .someText),
    Field("dimensions", \ProjectorInForce.dimensions, "Dimensions of a code."),
    Field("bits", \ProjectorInForce.bits, "Bits a dimension."))
}
