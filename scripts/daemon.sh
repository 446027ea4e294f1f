# A private daemon for scripts: to be sourced after lib.sh. Needs what scripts/build and scripts/fetch-model make.
# shellcheck shell=bash

: "${root:?source lib.sh first}"
daemon_place=
daemon_process=

# start_daemon FOLDER: indexes a copy of FOLDER with a daemon of its own, and shows how far it is. Sets FUMIKURA_SOCKET
# and FUMIKURA_SHARE (the copy), and puts the programs on PATH. The daemon ends, and all is removed, when the script does.
start_daemon() {
  PATH="$(release_directory):$PATH"
  export PATH
  need fumikurad "scripts/build makes it"
  # Not deep: a socket's path has at most 107 bytes.
  daemon_place=$(mktemp -d "${TMPDIR:-/tmp}/fumikura.XXXXXX")
  trap stop_daemon EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  export FUMIKURA_SOCKET="$daemon_place/fumikura.sock"
  export FUMIKURA_SHARE="$daemon_place/share"
  cp -R "$1" "$FUMIKURA_SHARE"
  cat > "$daemon_place/fumikura.toml" <<TOML
[daemon]
state_directory = "$daemon_place/state"
socket = "$FUMIKURA_SOCKET"
models_directory = "$root/models"
# Nobody else reaches this place: whoever runs the script administers.
admin_group = "$(id -gn)"

[[share]]
name = "office"
path = "$FUMIKURA_SHARE"
TOML
  fumikurad --config "$daemon_place/fumikura.toml" >/dev/null 2>"$daemon_place/log" &
  daemon_process=$!
  await_answer
  await_index
}

# stop_daemon: ends the daemon and removes its place.
stop_daemon() {
  trap '' INT TERM HUP
  if [ -n "$daemon_process" ]; then
    kill -TERM "$daemon_process" 2>/dev/null || true
    # It drains within 5 s; the harder signal is for one that does not.
    for _ in $(seq 300); do
      daemon_runs || break
      sleep 0.05
    done
    kill -KILL "$daemon_process" 2>/dev/null || true
    wait "$daemon_process" 2>/dev/null || true
    daemon_process=
  fi
  [ -z "$daemon_place" ] || rm -rf "$daemon_place"
  daemon_place=
}

daemon_runs() { kill -0 "$daemon_process" 2>/dev/null; }

daemon_failed() {
  cat "$daemon_place/log" >&2
  die "$1"
}

# await_answer: waits until the daemon answers.
await_answer() {
  local deadline=$((SECONDS + 30))
  until fumi call health >/dev/null 2>&1; do
    daemon_runs || daemon_failed "fumikurad ended at its start; its log is above"
    [ "$SECONDS" -lt "$deadline" ] || daemon_failed "fumikurad did not answer within 30 s; its log is above"
    sleep 0.1
  done
}

# await_index: waits until everything is indexed, with a progress bar (a line now and then without a terminal).
await_index() {
  local total finished syncing last=-1
  total=$(find "$FUMIKURA_SHARE" -type f | wc -l)
  fumi sync >/dev/null 2>"$daemon_place/sync" &
  syncing=$!
  while kill -0 "$syncing" 2>/dev/null; do
    finished=$(fumi status --json 2>/dev/null | files_done || echo 0)
    show_progress "$finished" "$total"
    sleep 0.1
  done
  wait "$syncing" || { cat "$daemon_place/sync" >&2; daemon_failed "fumi sync failed; the daemon's log is above"; }
  show_progress "$total" "$total"
}

# files_done: of an `index.status` on standard input, how many files have been dealt with.
files_done() {
  python3 -c '
import json, sys
shares = json.load(sys.stdin)["shares"]
print(sum(sum(n for state, n in share["files"].items() if state != "waiting") for share in shares if share["files"]))'
}

# show_progress DONE TOTAL. Uses `last` of await_index.
show_progress() {
  [ "$1" -ne "$last" ] || return 0
  local filled=$((40 * $1 / ($2 > 0 ? $2 : 1)))
  [ "$filled" -le 40 ] || filled=40
  if [ -t 2 ]; then
    printf '\rindexing [%s%s] %d of %d files ' \
      "$(printf '%*s' "$filled" '' | tr ' ' '#')" "$(printf '%*s' $((40 - filled)) '' | tr ' ' '.')" "$1" "$2" >&2
    [ "$1" -lt "$2" ] || printf '\n' >&2
  elif [ "$1" -eq "$2" ] || [ $((4 * $1 / $2)) -ne $((4 * last / $2)) ]; then
    printf 'indexing: %d of %d files\n' "$1" "$2" >&2
  fi
  last=$1
}
