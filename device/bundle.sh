#!/usr/bin/env bash
# Makes a folder from which device/install.sh --offline installs a board that has no network: this checkout, wheels for
# the board's Python and processor, the system packages of its suite, and models.
set -euo pipefail
shopt -s inherit_errexit

usage() {
  cat <<'END'
usage: device/bundle.sh [--suite bookworm|trixie|noble] [--arch aarch64|x86_64] [--memory GB] [--mirror URL] DIR

  --suite   the board's system: bookworm and trixie are Debian 12 and 13 and Raspberry Pi OS, noble is Ubuntu 24.04;
            default: trixie
  --arch    its processor; default: aarch64
  --memory  how much memory it has, which decides the language model; default: 4
  --mirror  where its system packages are fetched; default: the suite's own archive

Runs on any Debian or Ubuntu machine on which `make install` was run. Running it again goes on where it was cut off.
END
}

suite=trixie arch=aarch64 memory=4 mirror='' to=''
while [ $# -gt 0 ]; do
  case $1 in
  --suite | --arch | --memory | --mirror)
    [ $# -gt 1 ] || { usage >&2 && exit 64; }
    declare "${1#--}=$2"
    shift
    ;;
  -h | --help) usage && exit ;;
  -* | '') usage >&2 && exit 64 ;;
  *) to=$1 ;;
  esac
  shift
done
[ "$to" ] || { usage >&2 && exit 64; }

fail() {
  echo "bundle.sh: $*" >&2
  exit 1
}

case $suite in
bookworm) python=3.11 glibc=36 archive=http://deb.debian.org/debian key=debian-archive-keyring.gpg components=main ;;
trixie) python=3.13 glibc=41 archive=http://deb.debian.org/debian key=debian-archive-keyring.gpg components=main ;;
noble) python=3.12 glibc=39 archive=http://ports.ubuntu.com key=ubuntu-archive-keyring.gpg components="main universe" ;;
*) fail "There is no suite '$suite' here. Use bookworm, trixie or noble." ;;
esac
case $arch in
aarch64) debian_arch=arm64 ;;
x86_64)
  debian_arch=amd64
  [ $suite != noble ] || archive=http://archive.ubuntu.com/ubuntu
  ;;
*) fail "There is no architecture '$arch' here. Use aarch64 or x86_64." ;;
esac

source=$(cd -P "$(dirname "$0")/.." && pwd)
bin=$source/.venv/bin
[ -x "$bin/voiceos" ] || fail "This checkout has no environment yet. Run 'make install' first."
mkdir -p "$to"
to=$(cd -P "$to" && pwd)
rm -f "$to/SHA256SUMS" # what is not whole is no bundle

checkout() {
  rm -rf "$to/voiceos"
  mkdir "$to/voiceos"
  tar -C "$source" --exclude=__pycache__ -cf - voiceos device systemd docs README.md CHANGELOG.md LICENSE \
    pyproject.toml requirements.lock | tar -C "$to/voiceos" --no-same-owner -xf -
}

wheels() {
  local minor platforms=()
  for minor in $(seq 5 $glibc); do platforms+=(--platform "manylinux_2_${minor}_$arch"); done
  "$bin/python" "$source/device/locked_for.py" "$source/requirements.lock" $python "$arch" >"$to/.lock"
  "$bin/python" -m pip download --quiet --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
    --implementation cp --python-version $python "${platforms[@]}" --platform "manylinux2014_$arch" \
    --dest "$to/wheels" -r "$to/.lock"
  rm "$to/.lock"
}

# With no system below them, apt brings everything that they need. The board installs what it lacks.
debs() {
  local apt=$to/.apt list
  rm -rf "$apt" "$to/debs"
  mkdir -p "$apt"/{lists/partial,cache/archives/partial} "$to/debs"
  : >"$apt/status"
  list="deb [signed-by=/usr/share/keyrings/$key] ${mirror:-$archive} $suite $components"
  [ -e "/usr/share/keyrings/$key" ] ||
    fail "The archive's key /usr/share/keyrings/$key is missing here. The package ${key%.gpg} has it (not in Debian 12)."
  echo "$list" >"$apt/sources.list"
  local get=(apt-get -qq -o "Dir::State=$apt" -o "Dir::State::Lists=$apt/lists" -o "Dir::State::status=$apt/status"
    -o "Dir::Cache=$apt/cache" -o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=-
    -o "APT::Architecture=$debian_arch" -o "APT::Architectures=$debian_arch" -o APT::Sandbox::User=root
    -o Debug::NoLocking=1)
  "${get[@]}" update
  "${get[@]}" -y --no-install-recommends --download-only install python3-venv libportaudio2 libgomp1 passwd alsa-utils
  mv "$apt"/cache/archives/*.deb "$to/debs/"
  (cd "$to/debs" && describe ./*.deb >Packages)
  rm -rf "$apt"
}

# The index of a folder of packages, which apt reads.
describe() {
  local deb
  for deb; do
    dpkg-deb -f "$deb"
    echo "Filename: $deb"
    echo "Size: $(stat -c %s "$deb")"
    echo "SHA256: $(sha256sum "$deb" | cut -d ' ' -f 1)"
    echo
  done
}

echo "The checkout."
checkout
echo "Wheels for Python $python on $arch."
wheels
echo "System packages of $suite."
debs
echo "Models for $memory GB of memory."
"$bin/voiceos" --set "store.models=$to/models" models pull --default --memory "$memory"
echo "$arch" >"$to/architecture"
files() { find . -type f ! -name SHA256SUMS ! -name .sums ! -path "./models/.*" -print0 | sort -z; }
(cd "$to" && files | xargs -0 sha256sum >.sums)
mv "$to/.sums" "$to/SHA256SUMS"
echo "Done: $(du -sh "$to" | cut -f 1) in $to. Copy it to the board, and there run:"
echo "sudo FOLDER/voiceos/device/install.sh --offline FOLDER"
