# shellcheck shell=bash disable=SC2154
# Whether this machine can be the assistant, and the system packages it needs.

least_memory_mb=1700      # a board that is sold as 2 GB
advised_memory_mb=3400    # 4 GB
environment_mb=1500       # 900 when done; more while packages are fetched and unpacked
update_mb=400             # what a version with mostly the same packages takes
models_mb=1900            # with the largest that `models pull --default` may choose on a board
systems="Raspberry Pi OS (64-bit), Debian 12 or newer, or Ubuntu 24.04 or newer"

field() { sed -n "s/^$1=\"\{0,1\}\([^\"]*\)\"\{0,1\}\$/\1/p" "$root/etc/os-release" 2>/dev/null; }

free_mb() { # of the file system that a folder is or will be on
  local folder=$1
  while [ ! -d "$folder" ]; do folder=$(dirname "$folder"); done
  df -Pm "$folder" | awk 'NR == 2 { print $4 }'
}

check_machine() {
  if [ "$user_service" ]; then
    [ "$dry_run" ] || [ "$(id -u)" != 0 ] || fail "--user is for your own session. Run it without sudo."
  else
    [ "$dry_run" ] || [ "$(id -u)" = 0 ] ||
      fail "A system service needs root. Run 'sudo device/install.sh', or 'device/install.sh --user' for your own session."
  fi
  local name machine
  name=$(field PRETTY_NAME) machine=$(uname -m)
  command -v apt-get >/dev/null || fail "This is ${name:-an unknown system} without apt-get, but voiceos needs $systems. Nothing was changed."
  case $machine in
  aarch64 | x86_64) ;;
  *) fail "The processor of this machine runs as $machine, but voiceos needs a 64-bit system: $systems. Nothing was changed." ;;
  esac
  # A Raspberry Pi can run 32-bit programs on a 64-bit kernel.
  case $(dpkg --print-architecture 2>/dev/null) in
  arm64 | amd64) ;;
  *) fail "${name:-This system} is a 32-bit system, but voiceos needs a 64-bit one: $systems. Nothing was changed." ;;
  esac
  [ "$dry_run" ] || check_systemd
  "$source/device/prepare.sh" python >/dev/null || { told=1 && exit 1; }
  check_memory
  [ "$dry_run" ] || check_room
}

check_systemd() {
  if [ "$user_service" ]; then
    "${systemctl[@]}" show-environment >/dev/null 2>&1 ||
      fail "Your session has no systemd. Log in on the machine itself or over ssh, and try again."
  else
    [ -d "$root/run/systemd/system" ] ||
      fail "This machine does not use systemd, which runs the service. 'make talk' works without it."
  fi
}

check_memory() {
  local mb
  mb=$(awk '/^MemTotal:/ { print int($2 / 1024) }' "$root/proc/meminfo")
  [ "${mb:-0}" -ge $least_memory_mb ] ||
    fail "This machine has $mb MB of memory, but voiceos needs 2 GB, better 4 GB. Nothing was changed."
  [ "$mb" -ge $advised_memory_mb ] ||
    echo "This machine has $mb MB of memory. voiceos works better with 4 GB."
}

check_room() {
  local needed free where
  needed=$environment_mb where=$app
  [ ! -e "$current" ] || needed=$update_mb
  [ ! -e "$(version_folder)/.complete" ] || needed=50
  free=$(free_mb "$app")
  [ -d "$data/models" ] || [ "$(df -P "$(existing "$app")" | tail -1)" != "$(df -P "$(existing "$data")" | tail -1)" ] ||
    needed=$((needed + models_mb))
  [ "$free" -ge $needed ] ||
    fail "There is too little room: $free MB are free at $where, and $needed MB are needed. Nothing was changed."
}

existing() {
  local folder=$1
  while [ ! -d "$folder" ]; do folder=$(dirname "$folder"); done
  echo "$folder"
}

# A bundle that was copied only in part is not used at all.
check_bundle() {
  [ "$offline" ] && [ -z "$dry_run" ] || return 0
  [ -f "$offline/SHA256SUMS" ] || fail "$offline was not made by device/bundle.sh. Nothing was changed."
  echo "Checking $offline. This takes a minute."
  (cd "$offline" && sha256sum --quiet --strict -c SHA256SUMS) >/dev/null 2>&1 ||
    fail "Files in $offline are missing or damaged. Copy the folder again. Nothing was changed."
  local arch
  arch=$(cat "$offline/architecture")
  [ "$arch" = "$(uname -m)" ] || fail "$offline is for $arch, but this machine is $(uname -m). Nothing was changed."
}

# apt, told to use the bundle's packages only.
apt=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends -o DPkg::Lock::Timeout=300)
use_bundle_packages() {
  local folder=$app/apt
  [ -d "$offline/debs" ] || return 0
  mkdir -p "$folder/lists/partial"
  ln -sfn "$offline/debs" "$folder/debs" # a source's path must not have spaces
  echo "deb [trusted=yes] file:$folder/debs ./" >"$folder/sources.list"
  apt+=(-o "Dir::Etc::SourceList=$folder/sources.list" -o Dir::Etc::SourceParts=- -o "Dir::State::Lists=$folder/lists")
  apt+=(-o APT::Sandbox::User=root)
}

install_packages() {
  local missing
  mapfile -t missing < <("$source/device/prepare.sh" missing)
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$dry_run" ]; then
    run apt-get install "${missing[@]}"
    return
  fi
  mkdir -p "$app"
  if [ "$user_service" ]; then
    "$source/device/prepare.sh" packages
    return
  fi
  [ -z "$offline" ] || use_bundle_packages
  echo "Installing ${missing[*]}."
  logged "${apt[@]}" update || true # an old list may do
  # Which packages come with them, so that --uninstall can take them away again.
  "${apt[@]}" --simulate install "${missing[@]}" 2>"$app/install.log" | awk '$1 == "Inst" { print $2 }' >>"$app/packages" ||
    no_packages "${missing[@]}"
  logged "${apt[@]}" install "${missing[@]}" || no_packages "${missing[@]}"
  rm -rf "$app/apt"
}

no_packages() {
  local why
  why=$(grep -m 1 -E '^(E|W|Err)' "$app/install.log" || last_words)
  fail "The system packages $* could not be installed ($why). $(what_stays) Look at the network, and run it again."
}

remove_packages() {
  local brought=()
  [ -s "$app/packages" ] && [ -z "$user_service" ] || return 0
  mapfile -t brought < <(sort -u "$app/packages")
  # dpkg keeps those that something else needs by now.
  run dpkg --purge "${brought[@]}" >/dev/null 2>&1 || true
}
