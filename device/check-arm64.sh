#!/usr/bin/env bash
# Checks what a board needs and a PC cannot show: that every locked package has a wheel for aarch64, that their C
# libraries are not newer than the board's, and that the engines run on a Raspberry Pi's processor, in emulation.
# Outside the fast tests: it fetches about 300 MB a Python.
set -euo pipefail
shopt -s inherit_errexit

usage() {
  cat <<'END'
usage: device/check-arm64.sh wheels [VERSION...]     Pythons; default: 3.11 3.12 3.13 3.14
       device/check-arm64.sh run [SUITE]             bookworm or trixie; default: trixie; needs root, qemu-user-static,
                                                     debootstrap, and models in $VOICEOS_TEST_MODELS

Works in $ARM64_FOLDER (default: /tmp/voiceos-arm64), which it leaves for the next run.
END
}

source=$(cd -P "$(dirname "$0")/.." && pwd)
place=${ARM64_FOLDER:-/tmp/voiceos-arm64}
newest_glibc=36 # bookworm's

platforms=(--platform manylinux2014_aarch64)
for minor in $(seq 5 $newest_glibc); do platforms+=(--platform "manylinux_2_${minor}_aarch64"); done

fetch() { # PYTHON FOLDER
  "$source/.venv/bin/python" "$source/device/locked_for.py" "$source/requirements.lock" "$1" aarch64 >"$2/.lock"
  "$source/.venv/bin/python" -m pip download -qq --disable-pip-version-check --no-deps --only-binary :all: \
    --require-hashes --implementation cp --python-version "$1" "${platforms[@]}" --dest "$2" \
    -r "$2/.lock"
}

# How many wheels, how many of them for the processor, and the newest C library that one of those asks for.
describe() { # FOLDER
  local all native newest
  all=$(find "$1" -name '*.whl' | wc -l)
  native=$(find "$1" -name '*aarch64.whl' | wc -l)
  # A wheel that names several platforms asks for the oldest of them.
  newest=$(find "$1" -name '*aarch64.whl' -printf '%f\n' | sed 's/manylinux2014/manylinux_2_17/g' | while read -r name; do
    grep -o 'manylinux_2_[0-9]*' <<<"$name" | sed 's/.*_//' | sort -n | head -n 1
  done | sort -n | tail -n 1)
  echo "$all wheels, $native of them for aarch64; the newest C library asked for: glibc 2.$newest"
}

wheels() {
  local version
  for version; do
    mkdir -p "$place/wheels-$version"
    fetch "$version" "$place/wheels-$version"
    echo "Python $version: $(describe "$place/wheels-$version")"
  done
}

make_root() { # SUITE
  local deb
  root=$place/$1
  [ -d "$root/packages/var/cache/apt/archives" ] || debootstrap --arch=arm64 --variant=minbase --foreign \
    --include=python3,libportaudio2,libgomp1,libstdc++6 "$1" "$root/packages" >/dev/null
  [ -e "$root/system/usr/bin/python3" ] || for deb in "$root"/packages/var/cache/apt/archives/*.deb; do
    dpkg-deb -x "$deb" "$root/system" # unpacked here: configuring it in emulation would take half an hour
  done
  root=$root/system
  for deb in bin sbin lib; do [ -e "$root/$deb" ] || ln -s "usr/$deb" "$root/$deb"; done
  mkdir -p "$root"/{proc,dev,tmp,opt/site,opt/voiceos,opt/models,sys/devices/system/cpu}
  # onnxruntime and CTranslate2 read these; the PC's own would make them think that it is one.
  echo 0-3 | tee "$root"/sys/devices/system/cpu/{possible,present,online} >/dev/null
  echo 255 >"$root/sys/devices/system/cpu/kernel_max"
  describe_processor "fp asimd evtstrm crc32 cpuid" 0xd08 >"$root/cortex-a72"
  describe_processor "fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp" \
    0xd0b >"$root/cortex-a76"
}

describe_processor() { # FEATURES PART
  local core
  for core in 0 1 2 3; do
    printf 'processor\t: %s\nFeatures\t: %s\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU part\t: %s\n\n' $core "$1" "$2"
  done
}

emulate() { # PROCESSOR COMMAND...
  local processor=$1
  shift
  # shellcheck disable=SC2016
  unshare -m --propagation private bash -c '
    set -e
    root=$1 processor=$2 source=$3 models=$4
    shift 4
    mount --bind /dev "$root/dev"
    mount -t proc proc "$root/proc"
    mount --bind "$root/$processor" "$root/proc/cpuinfo"
    mount --bind "$source" "$root/opt/voiceos"
    mount --bind "$models" "$root/opt/models"
    exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp LANG=C.UTF-8 QEMU_CPU="$processor" PYTHONPATH=/opt/voiceos:/opt/site \
      ORT_DISABLE_TELEMETRY=1 PYTHONDONTWRITEBYTECODE=1 chroot "$root" "$@"' emulate "$root" "$processor" "$source" "$models" "$@"
}

run() {
  local models=${VOICEOS_TEST_MODELS:?is where the models are} version processor
  mountpoint -q /proc/sys/fs/binfmt_misc || mount -t binfmt_misc none /proc/sys/fs/binfmt_misc
  # Programs in ELF for 64 bits, little-endian, machine 183; F: the emulator is opened now, outside the board's root.
  [ -e /proc/sys/fs/binfmt_misc/qemu-aarch64 ] || printf '%s' \
    ':qemu-aarch64:M::\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:/usr/bin/qemu-aarch64-static:OCF' \
    >/proc/sys/fs/binfmt_misc/register
  make_root "$1"
  version=$(readlink "$root/usr/bin/python3")
  version=${version#python}
  if [ ! -e "$root/opt/site/.done-$version" ]; then
    wheels "$version"
    "$source/.venv/bin/python" -m pip install -qq --disable-pip-version-check --no-deps --no-compile --no-index \
      --only-binary :all: --implementation cp --python-version "$version"      "${platforms[@]}" --target "$root/opt/site" "$place/wheels-$version"/*.whl
    touch "$root/opt/site/.done-$version"
  fi
  for processor in cortex-a72 cortex-a76; do
    echo "$1, Python $version, $processor:"
    emulate "$processor" /usr/bin/python3 /opt/voiceos/device/check_engines.py /opt/models
  done
}

case ${1:-} in
wheels)
  shift
  [ $# -gt 0 ] || set -- 3.11 3.12 3.13 3.14
  wheels "$@"
  ;;
run) run "${2:-trixie}" ;;
*)
  usage >&2
  exit 64
  ;;
esac
