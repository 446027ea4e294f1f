import Glibc

/// A user of the machine whom this program, run by root, may stand in for.
struct OtherUser {
  let name: String
  private let userID: uid_t
  private let groupID: gid_t

  /// Looks the user up. Throws where there is none, or where this program is not run by root.
  init(named name: String) throws {
    guard geteuid() == 0 else { throw LabError.unusable("--user \(name): only root can ask as another user") }
    guard let entry = getpwnam(name) else { throw LabError.unusable("--user \(name): there is no such user here") }
    self.name = name
    userID = entry.pointee.pw_uid
    groupID = entry.pointee.pw_gid
  }

  /// Runs `body` with the user's ids and groups as the effective ones of the whole process: a connection that is made
  /// meanwhile is the user's.
  func acting<Value>(_ body: () throws -> Value) throws -> Value {
    var groups = [gid_t](repeating: 0, count: Int(max(0, getgroups(0, nil))))
    let count = getgroups(CInt(groups.count), &groups)
    let ownGroup = getegid()
    defer {
      // Root again, the last first: with the ids of another user nothing further could be trusted.
      let isBack = seteuid(0) == 0 && setegid(ownGroup) == 0 && setgroups(Int(max(0, count)), groups) == 0
      precondition(isBack, "root's ids could not be taken up again")
    }
    guard count >= 0, initgroups(name, groupID) == 0, setegid(groupID) == 0, seteuid(userID) == 0 else {
      throw LabError.unusable("--user \(name): the ids could not be taken on: \(String(cString: strerror(errno)))")
    }
    return try body()
  }
}
