import Glibc

/// Names of groups, as the system resolves them.
enum AccountDatabase {
  /// The group's number; nil where there is no such group.
  static func groupID(of name: String) -> UInt32? {
    var group = Glibc.group()
    var result: UnsafeMutablePointer<Glibc.group>?
    var buffer = [CChar](repeating: 0, count: 16_384)
    while true {
      let code = getgrnam_r(name, &group, &buffer, buffer.count, &result)
      if code == ERANGE {
        buffer = [CChar](repeating: 0, count: buffer.count * 4)
        continue
      }
      return code == 0 && result != nil ? group.gr_gid : nil
    }
  }
}
