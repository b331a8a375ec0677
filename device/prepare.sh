#!/usr/bin/env bash
# Sets up everything that this checkout needs, once: prepare.sh talk | test
#   talk  what a conversation needs: the locked environment, PortAudio, the default models
#   test  what the tests need: the locked environment with tools, PulseAudio (they fetch their models themselves)
# Parts of it, for install.sh: python (prints which), missing (prints system packages), packages, environment.
# It can be interrupted and run again. If everything is there, it does nothing. PYTHON chooses the interpreter. LIKE is
# an environment whose packages may be shared, by hard links.
set -euo pipefail
export PIP_ROOT_USER_ACTION=ignore

mode=${1:-talk}
case $mode in
talk | python | missing | packages | environment) lock=requirements.lock ;;
test) lock=requirements-dev.lock ;;
*)
  echo "usage: device/prepare.sh talk | test | python | missing | packages | environment" >&2
  exit 64
  ;;
esac
cd -P "$(dirname "$0")/.."
venv=$PWD/.venv

say() { printf 'voiceos: %s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 1
}

find_python() {
  local candidate
  for candidate in ${PYTHON:+"$PYTHON"} python3 python3.14 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  fail "voiceos needs Python 3.11 or newer, but ${PYTHON:-python3} is $("${PYTHON:-python3}" --version 2>&1 || true)." \
    "Install it (Debian 12, Ubuntu 24.04 and Raspberry Pi OS of 2023 or later have it) or set PYTHON=/path/to/python3."
}

# The system packages that are missing, of those that this mode needs.
missing_packages() {
  "$python" -c 'import ensurepip, venv' 2>/dev/null || venv_package
  has_library portaudio || echo libportaudio2
  has_library gomp || echo libgomp1 # llama.cpp's threads
  [ "$mode" = test ] || return 0
  command -v pactl >/dev/null || echo pulseaudio-utils
  command -v strace >/dev/null || echo strace # tests/test_nothing_leaves.py
  compgen -G '/usr/lib/*/alsa-lib/libasound_module_pcm_pulse.so' >/dev/null || echo libasound2-plugins
  # On a desktop, the package pulseaudio would replace PipeWire, so the card tests are skipped there.
  command -v pulseaudio >/dev/null || dpkg -s pipewire-pulse >/dev/null 2>&1 || echo pulseaudio
}

has_library() { "$python" -c 'import ctypes.util, sys; sys.exit(not ctypes.util.find_library(sys.argv[1]))' "$1"; }

venv_package() {
  if [ "$("$python" -c 'import sys; print(sys.executable)')" = /usr/bin/python3 ]; then
    echo python3-venv
  else
    "$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'
  fi
}

# Installs packages with apt if this user may; otherwise fails silently.
apt_install() {
  local sudo=()
  command -v apt-get >/dev/null || return 1
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || return 1
    sudo -n true 2>/dev/null || [ -t 0 ] || return 1
    sudo=(sudo)
  fi
  say "installing $* with ${sudo:+sudo }apt-get"
  local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends -o DPkg::Lock::Timeout=300)
  "${sudo[@]}" "${install[@]}" "$@" >/dev/null 2>&1 && return
  "${sudo[@]}" apt-get update -qq >/dev/null 2>&1 || true
  "${sudo[@]}" "${install[@]}" "$@" >/dev/null
}

install_packages() {
  local missing
  mapfile -t missing < <(missing_packages)
  [ ${#missing[@]} -gt 0 ] || return 0
  apt_install "${missing[@]}" && return
  case " ${missing[*]} " in
  *-venv*) fail "Python cannot create environments here. Run 'sudo apt-get install ${missing[*]}', then try again." ;;
  esac
  say "continuing without some packages; to get them, run 'sudo apt-get install ${missing[*]}'"
}

check_machine() {
  "$python" -c 'import struct, sys; sys.exit(struct.calcsize("P") != 8)' ||
    fail "voiceos needs a 64-bit system, because the speech engines do (on a Raspberry Pi: Raspberry Pi OS 64-bit)."
  local free_mb
  free_mb=$(df -Pm . | awk 'NR == 2 { print $4 }')
  [ -x "$venv/bin/python" ] || [ "${free_mb:-9999}" -ge 4000 ] ||
    say "only $free_mb MB free here; the environment and the models take about 4000 MB"
}

# What the environment was made from: when this changes, so must the environment.
fingerprint() {
  echo "$PWD"
  "$venv/bin/python" -VV
  cat "$lock" pyproject.toml
}

# Whether there is a complete environment made in this folder: it does not survive being moved.
works_here() {
  "$venv/bin/python" -m pip --version >/dev/null 2>&1 && grep -qs -- " $venv\$" "$venv/pyvenv.cfg"
}

# Packages of the same versions are not fetched and written again.
share_packages() {
  local site
  site=lib/$("$python" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')/site-packages
  [ "${LIKE:-}" ] && [ -d "$LIKE/$site/pip" ] || return 0
  "$python" -m venv --clear --without-pip "$venv"
  cp -al "$LIKE/$site/." "$venv/$site/"
}

# What another lock had brought is not part of this environment.
remove_others() {
  "${pip[@]}" freeze --all --exclude voiceos 2>/dev/null | tr 'A-Z_.' 'a-z--' | sed 's/==.*//' | sort >"$venv/installed"
  sed -n 's/^\([A-Za-z0-9._-]*\)==.*/\1/p' "$lock" | tr 'A-Z_.' 'a-z--' | sort | comm -23 "$venv/installed" - |
    xargs -r "${pip[@]}" uninstall --quiet --yes
}

locked_pip() { awk '/^pip==/ { on = 1 } on { print } on && !/\\$/ { exit }' "$lock"; }

# Shows the latest of many lines on one line of a terminal; elsewhere nothing.
live_line() {
  local line columns
  if [ ! -t 2 ]; then
    cat >/dev/null
    return
  fi
  columns=$(stty size <&2 | cut -d ' ' -f 2)
  while IFS= read -r line; do
    printf '\r\033[K%s' "${line:0:$((columns > 20 ? columns - 1 : 79))}" >&2
  done
  printf '\r\033[K' >&2
}

install_environment() {
  local stamp=$venv/.prepared-$lock log=$venv/install.log
  if works_here; then
    [ "$(cat "$stamp" 2>/dev/null)" != "$(fingerprint | cksum)" ] || return 0
  else
    say "creating the environment in .venv with $("$python" --version)"
    "$python" -m venv --clear "$venv"
    share_packages
  fi
  say "installing the locked packages; the first time takes a few minutes"
  local pip=("$venv/bin/python" -m pip --disable-pip-version-check)
  # First pip itself, as locked: the one that Python brings may be years old. Last the project.
  if ! {
    "${pip[@]}" install --quiet --require-hashes -r <(locked_pip) &&
      "${pip[@]}" install --progress-bar off --no-deps --only-binary :all: --require-hashes -r "$lock" &&
    remove_others &&
      "${pip[@]}" install --quiet --no-deps --no-build-isolation -e .
  } 2>&1 | tee "$log" | live_line; then
    tail -n 20 "$log" >&2
    fail "The packages could not be installed. See pip's message above, and run this again to resume."
  fi
  fingerprint | cksum >"$stamp"
}

python=$(find_python)
case $mode in
python) echo "$python" ;;
missing)
  missing_packages
  command -v amixer >/dev/null || echo alsa-utils # levels of sound cards
  command -v useradd >/dev/null || echo passwd # a minimal Debian 13 has none
  ;;
packages) install_packages ;;
environment) install_environment ;;
talk | test)
  check_machine
  install_packages
  install_environment
  [ "$mode" != talk ] || "$venv/bin/voiceos" models pull --default
  ;;
esac
