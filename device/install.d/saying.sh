# shellcheck shell=bash disable=SC2154
# How install.sh does and tells things. What it needs is set in install.sh.

fail() {
  told=1
  echo "install.sh: $*" >&2
  exit 1
}

# Every change to the machine goes through here.
run() {
  if [ "$dry_run" ]; then
    printf '+'
    printf ' %q' "$@"
    printf '\n'
  else
    "$@"
  fi
}

# What takes long writes here; its end is shown if it fails.
logged() {
  if [ "$dry_run" ]; then
    run "$@"
  else
    "$@" >"$app/install.log" 2>&1
  fi
}

last_words() { grep -v '^[[:space:]]*$' "$app/install.log" 2>/dev/null | tail -n 1; }

doing='' told='' switched=''
step() {
  doing=$1
  shift
  "$@"
  doing=''
}

# However it ends, what ran before runs again.
ended() {
  local code=$?
  trap - EXIT
  trap '' INT TERM HUP
  if [ "$switched" ]; then
    go_back || true
  fi
  if [ $code != 0 ] && [ -z "$told" ]; then
    echo "install.sh: Stopped at: ${doing:-the start}. $(what_stays) Run it again to go on." >&2
  fi
  exit $code
}

what_stays() {
  if [ -e "$current" ]; then
    echo "The version that was installed stays in use."
  else
    echo "Nothing is in use yet."
  fi
}

one_at_a_time() {
  [ "$dry_run" ] && return
  local lock=$root/run/lock/voiceos-install.lock
  [ -z "$user_service" ] || lock=${XDG_RUNTIME_DIR:-/tmp}/voiceos-install-$(id -u).lock
  [ "$user_service" ] || [ "$(id -u)" = 0 ] || return 0 # check_machine says so; others may write there, too
  exec 8>"$lock"
  flock -n 8 || fail "Another install.sh is at work. Wait for it to end. Nothing was done."
}
