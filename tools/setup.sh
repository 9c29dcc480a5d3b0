#!/bin/sh
# Sees to what npm cannot install: `setup.sh node redis chromium`, any of these words.
# Without Node nothing runs, so that is an error; what else is missing only narrows what runs, and is said in one line.
set -eu

has() {
  for program in "$@"; do
    if command -v "$program" >/dev/null 2>&1; then return 0; fi
  done
  return 1
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
  has apt-get && as_root true 2>/dev/null
}

apt() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 "$@" >/dev/null 2>&1 </dev/null
}

# A service that starts by itself would share the machine with what is being measured.
# The body is a subshell, so that its EXIT trap lifts the ban however the installation ends.
without_services() (
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    trap 'as_root rm -f "$policy"' EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
  fi
  "$@"
)

# first_available <package> …: distributions name the same program differently.
first_available() {
  apt update || true
  for package in "$@"; do
    if apt install --no-install-recommends "$package"; then return 0; fi
  done
  return 1
}

setup_node() {
  if has node && has npm && node -e 'process.exit(Number.parseInt(process.versions.node) < 20 ? 1 : 0)'; then return 0; fi
  echo 'feedbench needs Node 20 or newer with npm: install it from https://nodejs.org, then try again' >&2
  return 1
}

setup_redis() {
  if has redis-server; then return 0; fi
  if may_install && echo 'installing redis-server' && without_services first_available redis-server; then
    # The package also arranges a start at boot.
    if has systemctl; then as_root systemctl --quiet disable redis-server >/dev/null 2>&1 || true; fi
  fi
  if has redis-server; then return 0; fi
  echo 'no redis-server: variants over Redis are skipped (apt-get install redis-server, or brew install redis)' >&2
}

setup_chromium() {
  if has chromium chromium-browser google-chrome; then return 0; fi
  if may_install && echo 'installing chromium'; then without_services first_available chromium chromium-browser || true; fi
  if has chromium chromium-browser google-chrome; then return 0; fi
  echo 'no Chromium: tests of the report in a browser are skipped (apt-get install chromium, or install Chrome)' >&2
}

for word in "$@"; do
  case $word in
    node | redis | chromium) "setup_$word" ;;
    *)
      echo "setup.sh knows node, redis and chromium, not '$word'" >&2
      exit 2
      ;;
  esac
done
