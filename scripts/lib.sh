# Shared by the scripts beside it; to be sourced. Needs bash.
# shellcheck shell=bash

set -euo pipefail

# The repository's root, whatever directory the script is called from.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# say WORDS…: a headline of what happens next, on standard error so that results stay clean.
say() { printf '\n== %s\n' "$*" >&2; }

# die WORDS…: ends the script with an error that says what was got and what was expected.
die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# need PROGRAM WORDS…: ends the script where a program is missing.
need() {
  command -v "$1" >/dev/null || die "$1 is not installed: ${*:2}"
}

# now_ms: the clock in milliseconds.
now_ms() { date +%s%3N; }

# release_directory: where `swift build -c release` puts the programs; FUMIKURA_BIN names another folder with them.
release_directory() { printf '%s\n' "${FUMIKURA_BIN:-$root/.build/release}"; }
