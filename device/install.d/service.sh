# shellcheck shell=bash disable=SC2154
# The service: its user, settings and units, whether it is healthy, its first words, and its removal.

is_active() { "${systemctl[@]}" is-active --quiet voiceos.service 2>/dev/null; }
is_failed() { "${systemctl[@]}" is-failed --quiet voiceos.service 2>/dev/null; }
main_process() { "${systemctl[@]}" show -p MainPID --value voiceos.service 2>/dev/null; }

make_account() {
  if [ "$user_service" ]; then
    run mkdir -p "$data"
    return
  fi
  getent passwd voiceos-llm >/dev/null || run systemd-sysusers "$source/systemd/sysusers.conf"
  run install -d -m 0700 -o voiceos -g voiceos "$data"
  let_in
}

# Lets the user who installs it use it.
let_in() {
  local who=${SUDO_USER:-$(id -un)}
  if [ "$who" = root ] || id -nG "$who" | grep -qw voiceos; then return 0; fi
  run usermod -aG voiceos "$who"
  echo "$who can use 'voiceos' commands after logging in again (group voiceos)."
}

write_settings() {
  [ ! -e "$settings/config.toml" ] || return 0
  if [ "$user_service" ]; then
    run install -D -m 0600 "$source/device/config.toml" "$settings/config.toml"
  else
    run install -D -m 0640 -g voiceos "$source/device/config.toml" "$settings/config.toml"
    # A sound server, which --user is for, chooses by itself.
    run "$new/.venv/bin/voiceos" --config "$settings/config.toml" devices --choose
  fi
}

# Units are links through `current`, so that they change with the version, at once.
link_units() {
  local unit name of=$current/systemd
  [ -d "$of" ] || of=$source/systemd # a dry run
  relinked='' fresh_timers=()
  run mkdir -p "$units" "$(dirname "$link")"
  link_to "$current/.venv/bin/voiceos" "$link"
  if [ "$user_service" ]; then
    run install -m 0644 "$of/voiceos-user.service" "$units/voiceos.service"
    enable_unit voiceos.service "$of/voiceos-user.service"
  else
    for unit in "$of"/*.{service,socket,timer,path,target,slice}; do
      name=${unit##*/}
      case $name in '*'* | voiceos-user.*) continue ;; esac
      [ -e "$units/$name" ] || enable_unit "$name" "$unit"
      link_to "$current/systemd/$name" "$units/$name"
    done
    remove_units dangling
    spare_card
    if [ -e "$settings/llm-api-key" ]; then
      run chmod 0600 "$settings/llm-api-key"
      drop_in api-key.conf
    fi
    if has_setting '(light_pin|lights|button_pin)' gpio; then drop_in panel.conf; fi
    if has_setting lights spi; then drop_in lights.conf; fi
  fi
  run "${systemctl[@]}" daemon-reload
  [ ${#fresh_timers[@]} = 0 ] || run "${systemctl[@]}" start "${fresh_timers[@]}"
}

drop_in() {
  run mkdir -p "$units/voiceos.service.d"
  link_to "$current/systemd/$1" "$units/voiceos.service.d/$1"
}

# Whether a number is set, and the system has the group that its pins belong to.
has_setting() { grep -qsE "^$1 *= *[1-9]" "$settings/config.toml" && getent group "$2" >/dev/null; }

# A log on a memory card wears it. What the owner has put in this place stays.
spare_card() {
  case $(df -P "$(existing "$root/var/log")" | awk 'NR == 2 { print $1 }') in /dev/mmcblk*) ;; *) return 0 ;; esac
  [ ! -e "$journal" ] && [ ! -L "$journal" ] || return 0
  run mkdir -p "$(dirname "$journal")"
  run ln -s "$current/systemd/journald.conf" "$journal"
  run "${systemctl[@]}" restart systemd-journald.service
}

keep_log_as_before() {
  [ -z "$user_service" ] && [ "$(readlink "$journal" 2>/dev/null)" = "$current/systemd/journald.conf" ] || return 0
  run rm -f "$journal"
  run rmdir --ignore-fail-on-non-empty "$(dirname "$journal")"
  run "${systemctl[@]}" restart systemd-journald.service
}

# All of them, or those that this version does not have.
remove_units() {
  local path name wanted
  for path in "$units"/voiceos*.{service,socket,timer,path,target,slice}; do
    [ -L "$path" ] || [ -e "$path" ] || continue
    [ "$1" != dangling ] || [ ! -e "$path" ] || continue
    [ "$1" != dangling ] || [ -z "$dry_run" ] || continue
    name=${path##*/}
    run "${systemctl[@]}" stop "$name" 2>/dev/null || true
    for wanted in "$units"/*.wants/"$name"; do
      [ -L "$wanted" ] || continue
      run rm -f "$wanted"
      run rmdir --ignore-fail-on-non-empty "${wanted%/*}"
    done
    run rm -rf "$path" "$path.d"
  done
}

link_to() {
  [ "$(readlink "$2" 2>/dev/null)" != "$1" ] || return 0
  run ln -sfn "$1" "$2"
  relinked=1
}

# What `systemctl enable` does, which would name the version and not `current`.
enable_unit() {
  local target
  ! grep -qs '^OffByDefault=yes' "$2" || return 0
  for target in $(sed -n 's/^WantedBy=//p' "$2" 2>/dev/null); do
    run mkdir -p "$units/$target.wants"
    run ln -sfn "../$1" "$units/$target.wants/$1"
  done
  case $1 in *.timer) fresh_timers+=("$1") ;; esac
}

# How long it may take to be healthy: a minute, or twice what it took the last time on a board that is slower than that.
# A first start reads every model from a cold card, and there is nothing to go back to.
patience() {
  local took
  took=$(cat "$app/ready_seconds" 2>/dev/null) || took=150
  echo $((took > 30 ? 2 * took : 60))
}

# Whether it has loaded everything and answers in time, and stays the same process for some seconds.
is_healthy() {
  local process began=$SECONDS patience
  patience=$(patience)
  while [ $((SECONDS - began)) -lt "$patience" ]; do
    if is_failed; then return 1; fi
    process=$(main_process)
    if is_active && "$link" "${command[@]:1}" status >/dev/null 2>&1; then
      echo $((SECONDS - began)) >"$app/ready_seconds"
      sleep 5
      if is_active && [ "$process" = "$(main_process)" ]; then return 0; fi
    fi
    sleep 1
  done
  return 1
}

greet() {
  local word
  if ! "$link" "${command[@]:1}" say "Hello. I am ready." 2>"$app/install.log"; then
    echo "It could not speak: $(last_words)"
    echo "'${command[*]} devices' lists microphones and speakers."
  fi
  [ -z "$user_service" ] || echo "It runs while you are logged in. 'loginctl enable-linger' lets it run from boot."
  echo "Its log: journalctl ${user_service:+--user }-u voiceos -f    Its settings: $settings/config.toml"
  offer_memory_limits
  word=$("$link" "${command[@]:1}" config get wake.words | sed -n 's/^\["\([^"]*\)".*/\1/p')
  word=${word##*/} word=${word%.*}
  echo "Done. Say: \"${word//_/ }, what can you do?\""
}

# A Raspberry Pi's firmware switches off what MemoryMax= needs.
offer_memory_limits() {
  local line=$root/boot/firmware/cmdline.txt
  [ -f "$line" ] && ! grep -qw memory "$root/sys/fs/cgroup/cgroup.controllers" 2>/dev/null || return 0
  ! grep -q cgroup_enable=memory "$line" || return 0
  echo "This board does not limit the memory of services, so one that grows can take the system with it. To allow limits:"
  echo "sudo sed -i 's/\$/ cgroup_enable=memory/' $line && sudo reboot"
}

# Where this version came from, for `voiceos update`.
write_source() {
  local git=(git -c "safe.directory=$source" -C "$source") address
  [ "$(dirname "$source")" != "$versions" ] || return 0
  address=$("${git[@]}" remote get-url origin 2>/dev/null) || address=$source
  echo "${offline:-$address}" >"$app/source"
  "${git[@]}" rev-parse HEAD >"$app/commit" 2>/dev/null || rm -f "$app/commit"
}

uninstall_all() {
  local user
  [ "$user_service" ] || [ "$dry_run" ] || [ "$(id -u)" = 0 ] || fail "A system service needs root. Run 'sudo device/install.sh --uninstall'."
  if [ "$purge" ] && [ -z "$yes$dry_run" ]; then
    printf '%s' "This permanently erases $data, with everything the assistant remembers, and $settings. Type 'erase' to continue: "
    read -r answer || answer=''
    [ "$answer" = erase ] || fail "Nothing was removed. Use --yes to skip this question."
  fi
  remove_units all
  keep_log_as_before
  run "${systemctl[@]}" daemon-reload
  if [ "$purge" ]; then
    run rm -rf "$settings" "$data"
    for user in voiceos voiceos-llm; do
      if [ -z "$user_service" ] && getent passwd $user >/dev/null; then run userdel $user; fi
    done
  else
    echo "Kept $settings (settings) and $data (models, history). --uninstall --purge removes them too."
  fi
  remove_packages # last, because one of them may be what removes users
  run rm -rf "$link" "$app" "$data/.trying"
  [ "$user_service" ] || run rm -f "$root"/var/lib/systemd/timers/stamp-voiceos-*.timer
}
