#!/usr/bin/env bash
# Makes this machine the assistant, or brings it up to date: builds the new version beside the old, then switches to it.
set -euo pipefail
shopt -s inherit_errexit

usage() {
  cat <<'END'
usage: device/install.sh [--user] [--offline DIR] [--dry-run]
       device/install.sh --which | --finish
       device/install.sh --uninstall [--purge [--yes]] [--user] [--dry-run]

  (nothing)      a system service with its own user: /opt/voiceos, /etc/voiceos, /var/lib/voiceos; needs root
  --user         a service in your own session, where PipeWire or PulseAudio has the sound; needs no root
  --offline DIR  take packages and models from a folder that device/bundle.sh made; nothing is fetched
  --uninstall    stop it and remove it; settings, models and history stay
  --purge        with --uninstall: also remove settings, models, history and the user; asks first
  --yes          do not ask for confirmation
  --finish       only finish the trial of a new version that a power cut interrupted
  --which        print the name of the version that this would install
  --dry-run      only print what would be done

Running it again brings it up to date; settings, models and history stay. A new version that is not healthy within a
minute (on a slow board, within twice the time that the last start took) gives way to the one before.
END
}

user_service='' uninstall='' purge='' yes='' dry_run='' which='' finish='' offline='' root=${DESTDIR:-}
while [ $# -gt 0 ]; do
  case $1 in
  --user) user_service=1 ;;
  --uninstall) uninstall=1 ;;
  --purge) purge=1 ;;
  --yes) yes=1 ;;
  --dry-run) dry_run=1 ;;
  --finish) finish=1 ;;
  --which) which=1 ;;
  --offline)
    offline=${2:-}
    shift
    ;;&
  --offline=*) offline=${1#*=} ;;&
  --offline | --offline=*)
    offline=$(cd -P "$offline" 2>/dev/null && pwd) || {
      echo "install.sh: --offline needs a folder that device/bundle.sh made. Nothing was done." >&2
      exit 64
    }
    ;;
  -h | --help)
    usage
    exit
    ;;
  *)
    usage >&2
    exit 64
    ;;
  esac
  shift
done

source=$(cd -P "$(dirname "$0")/.." && pwd)
if [ "$user_service" ]; then
  data=${XDG_DATA_HOME:-$HOME/.local/share}/voiceos
  app=$HOME/.local/share/voiceos/app # where voiceos-user.service looks for it
  settings=${XDG_CONFIG_HOME:-$HOME/.config}/voiceos
  units=${XDG_CONFIG_HOME:-$HOME/.config}/systemd/user
  link=$HOME/.local/bin/voiceos
  systemctl=(systemctl --user)
  as_owner=()
  command=(voiceos --user)
else
  data=$root/var/lib/voiceos
  app=$root/opt/voiceos
  settings=$root/etc/voiceos
  units=$root/etc/systemd/system
  journal=$root/etc/systemd/journald.conf.d/voiceos.conf
  link=$root/usr/local/bin/voiceos
  systemctl=(systemctl)
  as_owner=(runuser -u voiceos -- env "HOME=$data" "STATE_DIRECTORY=$data" "VOICEOS_CONFIG=$settings/config.toml")
  command=(voiceos --system)
fi
versions=$app/versions
current=$app/current

# shellcheck source=device/install.d/saying.sh
. "$source/device/install.d/saying.sh"
# shellcheck source=device/install.d/machine.sh
. "$source/device/install.d/machine.sh"
# shellcheck source=device/install.d/version.sh
. "$source/device/install.d/version.sh"
# shellcheck source=device/install.d/service.sh
. "$source/device/install.d/service.sh"

install_all() {
  step "Checking this machine" check_machine
  step "Checking the folder $offline" check_bundle
  step "Going back from an update that was cut off" finish_trial
  step "Installing system packages" install_packages
  step "Making the service's user" make_account
  step "Building the new version" build_version
  step "Writing the settings" write_settings
  step "Fetching models" fetch_models
  step "Trying the new version" try_version
  step "Switching to the new version" switch_version
  step "Removing what is no longer needed" tidy
  [ "$dry_run" ] || greet
}

# One function, read whole, because removing the version that runs it removes this file.
main() {
  [ -z "$purge" ] || [ "$uninstall" ] || fail "--purge needs --uninstall. Nothing was done."
  if [ "$which" ]; then
    which=$(version_folder)
    echo "${which##*/}"
    return
  fi
  trap ended EXIT
  trap 'exit 130' INT TERM HUP
  one_at_a_time
  if [ "$finish" ]; then
    step "Finishing the trial" finish_trial
    return
  fi
  if [ "$uninstall" ]; then uninstall_all; else install_all; fi
  [ -z "$dry_run" ] || echo "This was a dry run. Nothing was changed."
}
main
exit
