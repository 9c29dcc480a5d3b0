#!/bin/sh
# Sees to what npm cannot install: `setup.sh node redis nginx haproxy chromium k6`, any of these words.
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

# Why nothing is installed from here, or nothing where it may be.
why_not() {
  if ! has apt-get; then
    echo 'there is no apt-get here'
  elif ! may_install; then
    echo 'that takes root, or sudo without a password'
  fi
}

apt() {
  as_root env LC_ALL=C DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 "$@" </dev/null
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

# install_first <package> …: distributions name the same program differently. Says why where none could be installed.
install_first() {
  log=$(mktemp)
  apt update >"$log" 2>&1 || true
  for package in "$@"; do
    if apt install --no-install-recommends "$package" >>"$log" 2>&1; then
      rm -f "$log"
      return 0
    fi
  done
  grep '^E: ' "$log" | tail -n 1 >&2 || true
  rm -f "$log"
  return 1
}

# missing <what> <what follows> <how to get it>
missing() {
  reason=$(why_not)
  echo "no $1${reason:+, and it was not installed: $reason}. $2. To get it: $3" >&2
}

setup_node() {
  if has node && has npm && node -e 'process.exit(Number.parseInt(process.versions.node) < 20 ? 1 : 0)'; then return 0; fi
  echo 'feedbench needs Node 20 or newer with npm: install it from https://nodejs.org, then try again' >&2
  return 1
}

setup_redis() {
  if has redis-server; then return 0; fi
  if may_install; then
    echo 'installing redis-server with apt-get (a minute at most; it is not started)'
    if without_services install_first redis-server && has systemctl; then
      # The package also arranges a start at boot.
      as_root systemctl --quiet disable redis-server >/dev/null 2>&1 || true
    fi
  fi
  if has redis-server; then return 0; fi
  missing redis-server 'Variants over Redis are left out' \
    'apt-get install redis-server, brew install redis, or set REDIS_URL to one that runs'
}

# setup_balancer <program> <package> …: from Debian's packages, without a service: one that was there before is left alone.
setup_balancer() {
  program=$1
  shift
  # Where it lies is not on the PATH of everybody.
  PATH=$PATH:/usr/sbin:/sbin
  if has "$program"; then return 0; fi
  if may_install; then
    echo "installing $program with apt-get (it is not started)"
    if without_services install_first "$@" && has systemctl; then
      # The package also arranges a start at boot.
      as_root systemctl --quiet disable "$program" >/dev/null 2>&1 || true
    fi
  fi
  if has "$program"; then return 0; fi
  missing "$program" "Variants behind it cannot be measured, and its tests are skipped" "apt-get install $1, or brew install $program"
}

setup_nginx() {
  setup_balancer nginx nginx-light nginx-core nginx
}

setup_haproxy() {
  setup_balancer haproxy haproxy
}

setup_chromium() {
  if [ -n "${CHROMIUM:-}" ]; then return 0; fi
  if has chromium chromium-browser google-chrome; then return 0; fi
  if may_install; then
    echo 'installing Chromium with apt-get (some minutes)'
    without_services install_first chromium chromium-browser || true
  fi
  if has chromium chromium-browser google-chrome; then return 0; fi
  missing Chromium 'The generator browser cannot be used, and tests in a browser are skipped' \
    'apt-get install chromium, install Chrome, or name one with CHROMIUM=path'
}

# What load/k6/program.ts looks for: k6 of this major version on PATH, or the one that is built here.
k6_of_major_2() {
  case $(LC_ALL=C "$1" version 2>/dev/null) in 'k6 v2.'*) return 0 ;; *) return 1 ;; esac
}

go_is_new_enough() {
  has go && [ "$(LC_ALL=C GOTOOLCHAIN=local go env GOVERSION | sed 's/^go1\.//; s/[^0-9].*//')" -ge 25 ] 2>/dev/null
}

# The modules are pinned by go.sum. Built again when that is newer than the program.
setup_k6() {
  root=$(cd "$(dirname "$0")/.." && pwd)
  built=$root/.feedbench/k6/k6
  if [ -n "${K6:-}" ]; then return 0; fi
  if has k6 && k6_of_major_2 k6; then return 0; fi
  if [ "$built" -nt "$root/load/k6/go.sum" ] && k6_of_major_2 "$built"; then return 0; fi
  if go_is_new_enough && build_k6; then return 0; fi
  echo "no k6 of version 2: that generator cannot be used, and its tests are skipped. To get it: put k6 2 on PATH, name it with K6=path, or install Go 1.25 or newer and run make k6" >&2
}

build_k6() {
  echo 'building k6 (two minutes or so; the first time its modules are fetched)'
  log=$(mktemp)
  if (cd "$root/load/k6" && CGO_ENABLED=0 GOFLAGS=-mod=readonly nice go build -trimpath -buildvcs=false -o "$built" go.k6.io/k6/v2) >"$log" 2>&1; then
    rm -f "$log"
    # Go leaves a program that would come out the same as it was.
    touch "$built"
    return 0
  fi
  tail -n 3 "$log" >&2
  rm -f "$log"
  return 1
}

for word in "$@"; do
  case $word in
    node | redis | nginx | haproxy | chromium | k6) "setup_$word" ;;
    *)
      echo "setup.sh knows node, redis, nginx, haproxy, chromium and k6, not '$word'" >&2
      exit 2
      ;;
  esac
done
