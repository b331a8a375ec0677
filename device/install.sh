#!/usr/bin/env bash
# Makes this machine the assistant: copies this checkout, sets it up, and starts it with every boot.
set -euo pipefail

usage() {
  cat <<'END'
usage: device/install.sh [--user] [--dry-run]
       device/install.sh --uninstall [--purge [--yes]] [--user] [--dry-run]

  (nothing)    a system service with its own user: /opt/voiceos, /etc/voiceos, /var/lib/voiceos; needs root
  --user       a service in your own session, where PipeWire or PulseAudio has the sound; needs no root
  --uninstall  stop it and remove it; settings, models and history stay
  --purge      with --uninstall: also remove settings, models, history and the user; asks first
  --yes        do not ask for confirmation
  --dry-run    only print what would be done

Running it again updates what is installed; settings, models and history stay.
END
}

user_service='' uninstall='' purge='' yes='' dry_run=''
for argument; do
  case $argument in
  --user) user_service=1 ;;
  --uninstall) uninstall=1 ;;
  --purge) purge=1 ;;
  --yes) yes=1 ;;
  --dry-run) dry_run=1 ;;
  -h | --help)
    usage
    exit
    ;;
  *)
    usage >&2
    exit 64
    ;;
  esac
done

fail() {
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

[ -z "$purge" ] || [ "$uninstall" ] || fail "--purge needs --uninstall. Nothing was done."
source=$(cd -P "$(dirname "$0")/.." && pwd)

if [ "$user_service" ]; then
  data=${XDG_DATA_HOME:-$HOME/.local/share}/voiceos
  app=$HOME/.local/share/voiceos/app # where voiceos-user.service looks for it
  settings=${XDG_CONFIG_HOME:-$HOME/.config}/voiceos
  unit=${XDG_CONFIG_HOME:-$HOME/.config}/systemd/user/voiceos.service
  unit_source=voiceos-user.service
  link=$HOME/.local/bin/voiceos
  systemctl=(systemctl --user)
  as_owner=()
else
  data=/var/lib/voiceos
  app=/opt/voiceos
  settings=/etc/voiceos
  unit=/etc/systemd/system/voiceos.service
  unit_source=voiceos.service
  link=/usr/local/bin/voiceos
  systemctl=(systemctl)
  as_owner=(runuser -u voiceos -- env "HOME=$data" "STATE_DIRECTORY=$data" "VOICEOS_CONFIG=$settings/config.toml")
fi

check() {
  [ "$dry_run" ] && return
  if [ "$user_service" ]; then
    [ "$(id -u)" != 0 ] || fail "--user is for your own session. Run it without sudo."
    systemctl --user show-environment >/dev/null 2>&1 || fail "Your session has no systemd. Log in on the machine itself or over ssh, and try again."
  else
    [ "$(id -u)" = 0 ] || fail "A system service needs root. Run 'sudo device/install.sh', or 'device/install.sh --user' for your own session."
    [ -d /run/systemd/system ] || fail "This machine does not use systemd, which runs the service. 'make talk' works without it."
  fi
}

is_active() { "${systemctl[@]}" is-active --quiet voiceos.service 2>/dev/null; }

copy_checkout() {
  [ "$source" != "$app" ] || return 0
  run mkdir -p "$app"
  # The environment stays: most updates do not change it.
  run find "$app" -mindepth 1 -maxdepth 1 ! -name .venv -exec rm -rf '{}' +
  # What begins with a dot is git's, or a cache.
  run bash -o pipefail -c 'tar -C "$1" --exclude="./.?*" --exclude=__pycache__ -cf - . | tar -C "$2" --no-same-owner -xf -' copy "$source" "$app"
}

make_account() {
  [ -z "$user_service" ] || return 0
  if ! getent passwd voiceos >/dev/null; then
    run useradd --system --user-group --groups audio --home-dir "$data" --no-create-home --shell /usr/sbin/nologin voiceos
  fi
  run install -d -m 0700 -o voiceos -g voiceos "$data"
}

# Lets the user who installs it use it.
let_in() {
  local who=${SUDO_USER:-$(id -un)}
  if [ "$user_service" ] || [ "$who" = root ] || id -nG "$who" | grep -qw voiceos; then return 0; fi
  run usermod -aG voiceos "$who"
  echo "$who can use 'voiceos' commands after logging in again (group voiceos)."
}

write_settings() {
  [ ! -e "$settings/config.toml" ] || return 0
  if [ "$user_service" ]; then
    run install -D -m 0600 "$source/device/config.toml" "$settings/config.toml"
  else
    run install -D -m 0640 -g voiceos "$source/device/config.toml" "$settings/config.toml"
  fi
}

install_unit() {
  run install -D -m 0644 "$source/systemd/$unit_source" "$unit"
  if [ -z "$user_service" ] && [ -e "$settings/llm-api-key" ]; then
    run chmod 0600 "$settings/llm-api-key"
    run install -D -m 0644 "$source/systemd/api-key.conf" "$unit.d/api-key.conf"
  fi
  run "${systemctl[@]}" daemon-reload
  run "${systemctl[@]}" enable --quiet voiceos.service
  # restart, not start, so that an update takes effect. It returns when the daemon has loaded its models.
  [ "$dry_run" ] || echo "Starting voiceos. Loading its models can take a minute or two."
  run "${systemctl[@]}" restart voiceos.service ||
    fail "voiceos is installed but does not start. '${systemctl[*]} status voiceos' and 'voiceos doctor' show why."
}

install_all() {
  ! is_active || run "${systemctl[@]}" stop voiceos.service
  copy_checkout
  run "$app/device/prepare.sh" base
  make_account
  let_in
  write_settings
  run "${as_owner[@]}" "$app/.venv/bin/voiceos" models pull --default
  run mkdir -p "$(dirname "$link")"
  run ln -sfn "$app/.venv/bin/voiceos" "$link"
  install_unit
  [ -z "$dry_run" ] || return 0
  [ -z "$user_service" ] || echo "It runs while you are logged in. 'loginctl enable-linger' lets it run from boot."
  echo "Done. Its log: journalctl ${user_service:+--user }-u voiceos -f    Its settings: $settings/config.toml"
}

uninstall_all() {
  if [ "$purge" ] && [ -z "$yes$dry_run" ]; then
    printf '%s' "This permanently erases $data, with everything the assistant remembers, and $settings. Type 'erase' to continue: "
    read -r answer || answer=''
    [ "$answer" = erase ] || fail "Nothing was removed. Use --yes to skip this question."
  fi
  run "${systemctl[@]}" disable --quiet --now voiceos.service 2>/dev/null || true
  run rm -rf "$unit" "$unit.d"
  run "${systemctl[@]}" daemon-reload
  run rm -f "$link"
  if [ "$source" = "$app" ]; then
    echo "This script runs from $app, so remove that by hand."
  else
    run rm -rf "$app"
  fi
  if [ "$purge" ]; then
    run rm -rf "$settings" "$data"
    if [ -z "$user_service" ] && getent passwd voiceos >/dev/null; then run userdel voiceos; fi
  else
    echo "Kept $settings (settings) and $data (models, history). --uninstall --purge removes them too."
  fi
}

check
if [ "$uninstall" ]; then uninstall_all; else install_all; fi
[ -z "$dry_run" ] || echo "This was a dry run. Nothing was changed."
