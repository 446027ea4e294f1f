import PassageStore

/// The store's word for a file's state, where the protocol's own is meant by the shorter name.
typealias StoredFileState = FileState
