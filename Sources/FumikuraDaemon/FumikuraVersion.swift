/// The version of all programs of the package.
package enum FumikuraVersion {
  package static let current = "0.1.0"
}
