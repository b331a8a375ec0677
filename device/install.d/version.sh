# shellcheck shell=bash disable=SC2154
# A version is a folder that is built whole and then switched to; nothing of the version in use is touched before.

parts=(voiceos device systemd docs README.md CHANGELOG.md LICENSE pyproject.toml requirements.lock)

packed() {
  tar -C "$source" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --exclude=__pycache__ -cf - "${parts[@]}"
}

# Named after its contents and the Python that it is for, so that nothing is built twice.
version_folder() {
  if [ -z "${new:-}" ]; then
    local number
    number=$(sed -n 's/^version = "\(.*\)"/\1/p' "$source/pyproject.toml")
    new=$versions/$number-$({ packed && "$("$source/device/prepare.sh" python)" -VV; } | sha256sum | cut -c 1-8)
    # voiceos runs its own installer: the folder's name is its contents' already.
    [ "$(dirname "$source")" != "$versions" ] || new=$source
  fi
  echo "$new"
}

build_version() {
  new=$(version_folder)
  [ ! -e "$new/.complete" ] || return 0
  run mkdir -p "$new"
  [ "$source" = "$new" ] || run unpack
  [ "$dry_run" ] || echo "Installing the Python packages. The first time this takes a few minutes."
  local from=(PIP_NO_INPUT=1 "PIP_CACHE_DIR=$app/cache")
  [ -z "$offline" ] || from+=(PIP_NO_INDEX=1 "PIP_FIND_LINKS=file://$offline/wheels" PIP_NO_CACHE_DIR=1)
  run env "${from[@]}" "LIKE=$current/.venv" "$new/device/prepare.sh" environment || {
    told=1
    echo "install.sh: $(what_stays)" >&2
    exit 1
  }
  run sync -f "$new"
  run touch "$new/.complete"
}

unpack() { packed | tar -C "$new" --no-same-owner -xf -; }

fetch_models() {
  local from=()
  [ -z "$offline" ] || from=(--from "$offline/models")
  run "${as_owner[@]}" "$new/.venv/bin/voiceos" models pull --default "${from[@]}" || {
    told=1
    echo "install.sh: $(what_stays)" >&2
    exit 1
  }
}

# Asks the new version something, with a memory of its own, while the old one still serves.
try_version() {
  local place=$data/.trying
  run "${as_owner[@]}" mkdir -p "$place"
  logged "${as_owner[@]}" "$new/.venv/bin/voiceos" --set "store.folder=$place" --set "store.models=$data/models" \
    ask "what time is it" || fail "The new version does not work ($(last_words)). $(what_stays)"
  run rm -rf "$place"
}

in_use() { readlink "$current" 2>/dev/null || true; }

# Renaming is the only way to change a link at once.
point_to() {
  run ln -sfn "$1" "$current.new"
  run mv -T "$current.new" "$current"
}

switch_version() {
  local before
  before=$(in_use)
  if [ "$before" = "versions/${new##*/}" ] && is_active; then
    link_units
    [ "$relinked" ] || return 0
  fi
  [ -z "$before" ] || run write_trial "$before"
  switched=$before
  keep_store
  point_to "versions/${new##*/}"
  link_units
  [ "$dry_run" ] || echo "Starting voiceos. Loading its models can take a minute or two."
  run "${systemctl[@]}" restart --no-block voiceos.service
  [ "$dry_run" ] || is_healthy || unhealthy
  switched=''
  [ -z "$before" ] || [ "$before" = "$(in_use)" ] || run keep_previous "$before"
  run rm -rf "$app/trial" "$app/before"
}

keep_previous() { echo "$1" >"$app/previous"; }

unhealthy() {
  [ "$switched" ] || fail "voiceos is installed but does not start. '${systemctl[*]} status voiceos' and '${command[*]} doctor' show why."
  local why
  why=$("${systemctl[@]}" show -p StatusText --value voiceos.service 2>/dev/null) || why=''
  go_back || fail "The new version is not healthy, and the one before does not start either. See '${systemctl[*]} status voiceos'."
  fail "The new version was not healthy within $(patience) seconds${why:+ ($why)}. The one before is back in use."
}

write_trial() { echo "$1" >"$app/trial"; }

# Back to the version before, and to its memory if it cannot read what the new one made of it.
go_back() {
  local before=$switched
  switched=''
  point_to "$before"
  link_units
  "${systemctl[@]}" restart --no-block voiceos.service
  if ! is_healthy && [ -d "$app/before" ]; then
    "${systemctl[@]}" stop voiceos.service || true
    cp -a "$app/before/." "$data/"
    "${systemctl[@]}" restart --no-block voiceos.service
    is_healthy || return 1
  fi
  rm -rf "$app/trial" "$app/before"
}

# After a power cut between a switch and the proof that it was right: voiceos-trial.service calls this at the next start.
finish_trial() {
  [ -s "$app/trial" ] && [ -z "$dry_run" ] || return 0
  [ -e "$app/$(cat "$app/trial")/.complete" ] || return 0
  "${systemctl[@]}" start --no-block voiceos.service
  if is_healthy; then
    mv "$app/trial" "$app/previous"
    rm -rf "$app/before"
    return
  fi
  switched=$(cat "$app/trial")
  go_back || fail "Neither this version nor the one before starts. See '${systemctl[*]} status voiceos'."
  echo "The new version was not healthy. The one before is back in use."
}

keep_store() {
  [ -e "$data/memory.db" ] && [ -e "$current" ] || return 0
  ! is_active || run "${systemctl[@]}" stop voiceos.service
  run install -d -m 0700 "$app/before"
  run cp -a --reflink=auto "$data"/memory.db* "$app/before/" # only now: a daemon that ends takes files with it
}

# The version before stays, for going back by hand.
tidy() {
  [ -d "$versions" ] && [ -z "$dry_run" ] || return 0
  local folder
  write_source
  rm -rf "$app/cache"
  for folder in "$versions"/*; do
    case $folder in
    "$new" | "$app/$(in_use)" | "$app/$(cat "$app/previous" 2>/dev/null)") ;;
    *) rm -rf "$folder" ;;
    esac
  done
}
