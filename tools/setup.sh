#!/bin/sh
# Sees to what npm cannot install: `setup.sh node redis chromium k6`, any of these words.
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

# What load/k6/program.ts looks for: k6 of this major version on PATH, or the one that is built here.
k6_of_major_2() {
  case $("$1" version 2>/dev/null) in 'k6 v2.'*) return 0 ;; *) return 1 ;; esac
}

go_is_new_enough() {
  has go && [ "$(GOTOOLCHAIN=local go env GOVERSION | sed 's/^go1\.//; s/[^0-9].*//')" -ge 25 ] 2>/dev/null
}

# The modules are pinned by go.sum. Built again when that is newer than the program.
setup_k6() {
  root=$(cd "$(dirname "$0")/.." && pwd)
  built=$root/.feedbench/k6/k6
  if has k6 && k6_of_major_2 k6; then return 0; fi
  if [ "$built" -nt "$root/load/k6/go.sum" ] && k6_of_major_2 "$built"; then return 0; fi
  if go_is_new_enough; then
    echo 'building k6: two minutes or so'
    log=$(mktemp)
    if (cd "$root/load/k6" && CGO_ENABLED=0 GOFLAGS=-mod=readonly nice go build -trimpath -buildvcs=false -o "$built" go.k6.io/k6/v2) >"$log" 2>&1; then
      rm -f "$log"
      # Go leaves a program that would come out the same as it was.
      touch "$built"
      return 0
    fi
    tail -n 3 "$log" >&2
    rm -f "$log"
  fi
  echo 'no k6 of version 2: that generator cannot be used, and its tests are skipped (install k6 2 on PATH, or Go 1.25 or newer and run make k6)' >&2
}

for word in "$@"; do
  case $word in
    node | redis | chromium | k6) "setup_$word" ;;
    *)
      echo "setup.sh knows node, redis, chromium and k6, not '$word'" >&2
      exit 2
      ;;
  esac
done
