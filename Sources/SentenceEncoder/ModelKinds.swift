/// A choice that a model's description names, such as its activation: refused by name where it is not one of ours.
package protocol NamedChoice: RawRepresentable<String>, CaseIterable, Codable, Sendable {}

extension NamedChoice {
  /// For errors: every name, in the order in which they are declared.
  static var supported: String { allCases.map(\.rawValue).joined(separator: ", ") }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let name = try container.decode(String.self)
    guard let choice = Self(rawValue: name) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(name), supported: \(Self.supported)")
    }
    self = choice
  }
}

/// The families of models. The two of transformers compute the same; they differ in their positions and, mostly, their
/// tokenizer.
package enum ModelFamily: String, NamedChoice {
  case bert
  /// Positions are numbered from `pad_token_id` + 1 in its files. A model file leaves the rows before that out.
  case xlmRoberta = "xlm-roberta"
  /// No transformer: a vector for each piece of the vocabulary, summed (see `TokenTable`). Made by distillation.
  case `static`

  var isTransformer: Bool { self != .static }
}

/// The activation between the two feed-forward products of a layer.
package enum FeedForwardActivation: String, NamedChoice {
  /// x (1 + erf(x / √2)) / 2.
  case gelu
  /// x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2.
  case geluTanh = "gelu_tanh"
  case relu
}

/// How the last hidden states of a text's tokens, the opening and the closing one among them, become one vector.
package enum Pooling: String, NamedChoice {
  case mean
  /// The opening token's.
  case cls
  /// The largest number of each component.
  case max
  /// The sum over √tokens.
  case meanSquareRootLength = "mean_sqrt_len_tokens"
}

/// What a dense layer after pooling applies to each of its outputs.
package enum DenseActivation: String, NamedChoice {
  case identity
  case tanh
  case relu
  case gelu
  case sigmoid
}
