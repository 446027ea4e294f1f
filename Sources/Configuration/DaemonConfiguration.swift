package import SystemPackage

/// What `fumikura.toml` says, with the default of everything it leaves out.
///
/// Each property is one key of the annotated `config/fumikura.toml`, where its meaning, default and range are told to
/// administrators; the property's own line says what a programmer must know besides.
package struct DaemonConfiguration: Sendable, Equatable {
  package var daemon = Daemon()
  package var shares: [Share] = []
  package var watch = Watch()
  package var extract = Extract()
  package var projector = Projector()
  package var limits = Limits()

  package init() {}

  /// `[daemon]`: where things are, and who administers.
  package struct Daemon: Sendable, Equatable {
    package var stateDirectory: FilePath = "/var/lib/fumikura"
    /// At most 107 bytes: `sockaddr_un` holds no more. Not used where systemd passes the socket.
    package var socket: FilePath = "/run/fumikura/fumikura.sock"
    /// The group that may connect: the socket then has mode 0660. Nil: mode 0666, anyone may connect, and finds what
    /// they may read.
    package var socketGroup: String?
    package var model = ModelReference.named("all-MiniLM-L6-v2")
    /// Members see all files and may administer, as root may. A group that does not exist has no members.
    package var adminGroup = "fumikura-admin"
    /// Nil: `models` in the state directory; see `modelsDirectory`.
    package var configuredModelsDirectory: FilePath?
    package var logLevel = LogLevel.info

    /// Where a model's name is looked up.
    package var modelsDirectory: FilePath { configuredModelsDirectory ?? stateDirectory.appending("models") }
    /// The model file to open where a share names none.
    package var modelFile: FilePath { file(of: model) }

    /// Where a model's file is.
    package func file(of model: ModelReference) -> FilePath {
      switch model {
      case .named(let name): modelsDirectory.appending("\(name).fmodel")
      case .file(let path): path
      }
    }
  }

  /// The model file that a share's passages are to be encoded with.
  package func modelFile(of share: Share) -> FilePath { daemon.file(of: share.model ?? daemon.model) }

  /// `model`: a name in the models directory, or the path of an `.fmodel` file.
  package enum ModelReference: Sendable, Equatable {
    case named(String)
    case file(FilePath)
  }

  /// Raw values are swift-log's.
  package enum LogLevel: String, Sendable, CaseIterable { case trace, debug, info, notice, warning, error, critical }

  /// `[[share]]`: one folder to index.
  package struct Share: Sendable, Equatable {
    /// Unique. Neither empty nor longer than 64 bytes, without slash and control characters.
    package var name: String
    /// Absolute and normalised; neither inside another share nor around one.
    package var path: FilePath
    /// Patterns of gitignore's syntax, relative to `path`.
    package var ignore: [String] = []
    /// Nil: the daemon's.
    package var model: ModelReference?

    package init(name: String, path: FilePath, ignore: [String] = [], model: ModelReference? = nil) {
      self.name = name
      self.path = path
      self.ignore = ignore
      self.model = model
    }
  }

  /// `[watch]`: when a changed file is looked at.
  package struct Watch: Sendable, Equatable {
    package var settle = Duration.milliseconds(300)
    /// Never shorter than `settle`.
    package var maximumDelay = Duration.milliseconds(5000)
    package var reconcile = Duration.seconds(6 * 3600)
    /// Inotify watches at most, of all shares together; nil (0 in the file): as many as the kernel gives.
    package var budget: Int?
  }

  /// `[extract]`: the worker processes.
  package struct Extract: Sendable, Equatable {
    package var workers = 1
    package var deadline = Duration.seconds(60)
    /// Bytes.
    package var memoryLimit = 512 << 20
    /// Bytes; a larger file is skipped.
    package var largestFile = 256 << 20
    package var ocr = false
  }

  /// `[projector]`: the compression of vectors.
  package struct Projector: Sendable, Equatable {
    package var dimensions = 128
    package var bits = 2
    /// Whether the best codes are ranked again by wider ones.
    package var rescore = true
    /// What the wider codes of all passages may take in memory, in bytes; beyond that they are read from the database.
    package var rescoreMemory = 64 << 20
    package var train = true
    package var classes = Classes.auto
    /// The file that says which paths have which label; read at each training.
    package var labels: FilePath?
    package var minimumPassages = 1000
    package var retrainGrowth = 4.0
    /// How long a training may encode and learn.
    package var trainingTime = Duration.seconds(15 * 60)
    /// What a training may take in memory, in bytes: it bounds how many passages it learns from.
    package var trainingMemory = 1000 << 20
    /// What `fumi profile` asks of codes; the daemon itself takes no notice of it. Likewise the next.
    package var profileKept = 0.97
    /// Bytes a passage.
    package var profileBytes = 384
  }

  /// What a training may be told belongs together. `auto`: labels, else folders that tell what is near, else passages with
  /// their pseudo-queries; each of the others: that, else less, down to nothing.
  package enum Classes: String, Sendable, CaseIterable {
    case auto, labels, folders, pseudo, none

    package var allowsLabels: Bool { self == .auto || self == .labels }
    package var allowsFolders: Bool { self == .auto || self == .folders }
    /// Whether it counts where passages are kept.
    package var asksForPlaces: Bool { allowsLabels || allowsFolders }
  }

  /// `[limits]`: what clients may ask at once. How long a request, a reply and a batch may be is the protocol's, and fixed.
  package struct Limits: Sendable, Equatable {
    package var connections = 1024
    /// Of one user other than root; likewise the two below.
    package var connectionsPerUser = 256
    package var requestsInFlight = 256
    package var requestsPerUser = 128
    package var requestsPerConnection = 64
    /// Of the requests in flight, those that wait for something (`sync`); each holds a thread.
    package var waiting = 32
    package var waitingPerUser = 8
    /// Bytes in all connections' unfinished lines, and as many in their unsent replies; of one user a quarter.
    package var buffered = 64 << 20
    /// Bytes of replies that wait for one client that does not read; past that it is dropped.
    package var unsent = 4 << 20
    /// A client that reads nothing for so long while replies wait is dropped.
    package var readingDeadline = Duration.seconds(30)
    /// How long a line may stay unfinished.
    package var halfLine = Duration.seconds(30)
  }
}
