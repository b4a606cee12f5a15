# shellcheck shell=bash
# Sourced by the scripts beside it: finds the checkout, .NET and PostgreSQL, and builds. Says everything on stderr, so
# that a command's output stays its own.

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE=true

readonly oldest_postgres=15

say() {
  printf '%s\n' "$*" >&2
}

die() {
  say "$@"
  exit 1
}

# Whoever sources this has set $here to the folder of the scripts, symbolic links resolved.
checkout=$(cd -P -- "${here:?}/.." && pwd)
readonly checkout
readonly artifacts=$checkout/.artifacts
readonly output=$artifacts/bin/CrmLedger.Cli/release
readonly binary=$output/CrmLedger.Cli
readonly stamp=$artifacts/crmledger.built
readonly pages=$checkout/src/CrmLedger.Web

find_dotnet() {
  local candidate
  for candidate in "$(command -v dotnet || true)" "${DOTNET_ROOT:-/nowhere}/dotnet" /usr/share/dotnet/dotnet \
    /usr/lib/dotnet/dotnet /usr/local/share/dotnet/dotnet "${HOME:-/nowhere}/.dotnet/dotnet"; do
    if [[ -n $candidate && -x $candidate ]]; then
      printf '%s\n' "$candidate"
      return
    fi
  done
  die "The .NET SDK was not found. Install version 10 (https://dotnet.microsoft.com/download) and start again."
}

# The program that we build looks for the runtime in the usual places only, unless it is told.
prepare_dotnet() {
  dotnet=$(find_dotnet)
  local folder
  folder=$(dirname -- "$(readlink -f -- "$dotnet" 2>/dev/null || printf '%s' "$dotnet")")
  if [[ -d $folder/shared ]]; then
    export DOTNET_ROOT=${DOTNET_ROOT:-$folder}
  fi
}

# .NET and NuGet keep files in the home folder; users without one that they may write (nobody, a container's) get
# another.
prepare_home_for_build() {
  build_home=${HOME:-}
  if [[ -n $build_home && -d $build_home && -w $build_home ]]; then
    return
  fi
  build_home=${TMPDIR:-/tmp}/crmledger-build-$(id -u)
  mkdir -m 0700 -- "$build_home" 2>/dev/null || true
  if [[ ! -d $build_home || -L $build_home || ! -O $build_home ]]; then
    die "The home folder '${HOME:-}' cannot be written, and $build_home, which would stand in for it, is not ours." \
      "Set HOME to a folder that user $(id -un) may write."
  fi
  export DOTNET_CLI_HOME=$build_home NUGET_PACKAGES=${NUGET_PACKAGES:-$build_home/packages}
}

# Leaves no build servers behind.
run_dotnet() {
  (cd -- "$checkout" && HOME=$build_home MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false "$dotnet" "$@")
}

# Runs a step, and shows its output only when it fails.
quietly() {
  local log=$artifacts/$1.log
  shift
  if "$@" >"$log" 2>&1; then
    return
  fi
  cat -- "$log" >&2
  return 1
}

prepare_build() {
  prepare_dotnet
  prepare_home_for_build
  if ! mkdir -p -- "$artifacts" 2>/dev/null || [[ ! -w $artifacts ]]; then
    die "The checkout $checkout has to be built and cannot be written by user $(id -un)." \
      "Build it as its owner (ops/crmledger --version), or work in a copy of your own."
  fi
  run_dotnet --version >/dev/null 2>"$artifacts/sdk.log" || {
    cat -- "$artifacts/sdk.log" >&2
    die "The .NET SDK that $checkout/global.json asks for is not installed: https://dotnet.microsoft.com/download"
  }
}

# A folder is newer when a file in it came or went.
is_stale() {
  [[ -x $binary && -f $output/CrmLedger.Cli.dll ]] || return 0
  local built=$output/CrmLedger.Cli.dll
  if [[ $stamp -nt $built ]]; then
    built=$stamp
  fi
  [[ -n $(find "$checkout/src" "$checkout/global.json" -path "$pages" -prune -o \
    \( -type d -o -name '*.cs' -o -name '*.csproj' -o -name '*.sql' -o -name '*.props' -o -name '*.targets' \) \
    -newer "$built" -print -quit) ]]
}

# The compiler writes over files in place, under the feet of a server that runs from them and has them mapped. With a
# copy in each one's place, that server keeps what it started with.
spare_running_server() {
  local file
  [[ -d $output ]] || return 0
  while IFS= read -r -d '' file; do
    cp -p -- "$file" "$file.spare"
    mv -f -- "$file.spare" "$file"
  done < <(find "$output" -type f ! -name '*.spare' -print0)
}

# Marks what is built as being of the moment when the build began: an edit in between counts as newer.
build_release() {
  touch -- "$stamp.new"
  spare_running_server
  quietly build run_dotnet build "$@" -c Release --nologo -v quiet -clp:NoSummary ||
    die "The build failed; its messages are above."
  mv -f -- "$stamp.new" "$stamp"
}

build_crmledger() {
  is_stale || return 0 # another call built it while this one waited
  say "Building crmledger ..."
  build_release src/CrmLedger.Cli
}

build_when_stale() {
  if ! is_stale; then
    prepare_dotnet
    return
  fi
  if [[ -x $binary && ! -w $artifacts ]]; then
    say "Note: $checkout has changed since it was built, and user $(id -un) may not build it; using what is there."
    prepare_dotnet
    return
  fi
  prepare_build
  if command -v flock >/dev/null; then
    # The lock's file descriptor ends with the subshell; the compiler does not get it.
    (
      flock 9
      build_crmledger 9>&-
    ) 9>"$artifacts/build.lock"
  else
    build_crmledger
  fi
}

# Where the server itself looks, too.
find_postgres() {
  local folder major
  local -a folders=(/usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/local/pgsql/bin
    /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin)
  if [[ -n ${CRMLEDGER_PG_BIN:-} ]]; then
    folders=("$CRMLEDGER_PG_BIN")
  elif command -v postgres >/dev/null; then
    folders+=("$(dirname -- "$(command -v postgres)")")
  fi
  for folder in "${folders[@]}"; do
    [[ -x $folder/postgres && -x $folder/initdb ]] || continue
    major=$("$folder/postgres" -V | sed -E 's/^[^0-9]*([0-9]+).*/\1/')
    if ((major >= oldest_postgres)); then
      return 0
    fi
  done
  return 1
}

# Only the programs are wanted: Debian's own cluster, which it would make and start, is held back meanwhile.
install_postgres() {
  local -a as_root=("$@")
  local package conf=/etc/postgresql-common/createcluster.conf
  local -a get=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -y -q --no-install-recommends)
  "${get[@]}" update || say "Note: apt-get update failed; trying with the package lists that are there."
  package=$(apt-cache pkgnames postgresql- | grep -E '^postgresql-[0-9]+$' | sort -V | tail -n 1 || true)
  if [[ -z $package ]] || ((${package#postgresql-} < oldest_postgres)); then
    say "This system's packages hold no PostgreSQL $oldest_postgres or later (the newest: ${package:-none}). Add" \
      "PostgreSQL's own: apt-get install postgresql-common && /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh"
    return 1
  fi
  "${get[@]}" install postgresql-common || return 1
  # In a subshell of its own, so that the file is put back also when somebody presses Ctrl-C meanwhile. A backup that is
  # there already is of a call that could not do so (it was killed): it is the true one, and not to be written over.
  (
    trap '"${as_root[@]}" mv -f "$conf.crmledger" "$conf"' EXIT
    trap 'exit 130' INT TERM HUP
    [[ -e $conf.crmledger ]] || "${as_root[@]}" cp -p "$conf" "$conf.crmledger" || exit 1
    printf 'create_main_cluster = false\n' | "${as_root[@]}" tee -a "$conf" >/dev/null
    "${get[@]}" install "$package"
  )
}

# strace makes a disk slow for a test, which is skipped where it cannot be had.
want_strace() {
  command -v strace >/dev/null && return
  local -a as_root=()
  ((EUID == 0)) || as_root=(sudo -n)
  command -v apt-get >/dev/null &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -y -q --no-install-recommends install strace \
      >/dev/null 2>&1 || say "Note: strace could not be installed; the test of a slow disk will be skipped."
}

require_postgres() {
  if [[ -n ${ConnectionStrings__Ledger:-} ]] || find_postgres; then
    return
  fi
  if [[ -n ${CRMLEDGER_PG_BIN:-} ]]; then
    die "CRMLEDGER_PG_BIN is $CRMLEDGER_PG_BIN, which holds no PostgreSQL $oldest_postgres or later."
  fi
  local remedy="Install PostgreSQL $oldest_postgres or later, or set ConnectionStrings__Ledger to one that runs."
  command -v apt-get >/dev/null || die "PostgreSQL was not found. $remedy"
  local -a as_root=()
  if ((EUID != 0)); then
    as_root=(sudo -n)
    if ! sudo -n true 2>/dev/null; then
      die "PostgreSQL was not found, and user $(id -un) may not install it. $remedy As root: apt-get install postgresql"
    fi
  fi
  say "Installing PostgreSQL ..."
  local log
  log=$(mktemp)
  if ! install_postgres "${as_root[@]}" >"$log" 2>&1; then
    tail -n 20 -- "$log" >&2
    rm -f -- "$log"
    die "PostgreSQL could not be installed. $remedy"
  fi
  rm -f -- "$log"
  find_postgres || die "PostgreSQL was installed and is still not to be found. $remedy"
}

# npm brings the Node.js that builds the pages (and runs the second verifier), whatever version this machine has.
with_node() {
  (cd -- "$pages" && npx -y -p node@22 -c "$*")
}

install_package() {
  local -a as_root=()
  ((EUID == 0)) || as_root=(sudo -n)
  local -a get=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -y -q --no-install-recommends)
  command -v apt-get >/dev/null || return 1
  say "Installing $1 ..."
  # Package lists that are there already will often do.
  quietly "install-$1" "${get[@]}" install "$1" 2>/dev/null ||
    { "${get[@]}" update >/dev/null 2>&1; quietly "install-$1" "${get[@]}" install "$1"; }
}

require_npm() {
  command -v npx >/dev/null || install_package npm
}

# The tests of the pages drive a real browser.
require_chromium() {
  local program
  [[ -z ${CRMLEDGER_CHROMIUM:-} ]] || return 0
  for program in chromium-headless-shell chromium chromium-browser; do
    [[ ! -x /usr/bin/$program ]] || return 0
  done
  install_package chromium-headless-shell || install_package chromium ||
    die "The pages' tests need Chromium, which could not be installed. As root: apt-get install chromium"
}

pages_are_stale() {
  local built=$output/wwwroot/index.html # as it was copied there, after whatever it was made of
  [[ -f $built ]] || return 0
  [[ -n $(find "$pages" "$output/CrmLedger.Server.dll" \( -name node_modules -o -name dist -o -name schema.d.ts \) -prune -o \
    -newer "$built" ! -path "$pages" ! -path "$pages/src/api" -print -quit) ]]
}

# The client's types are those of the API that this very build describes.
make_pages() {
  local lock=$pages/node_modules/.package-lock.json
  if [[ ! -f $lock || $pages/package-lock.json -nt $lock ]]; then
    (cd -- "$pages" && npm ci --no-audit --no-fund --loglevel=error) || return 1
  fi
  "$binary" openapi >"$artifacts/openapi.json" &&
    CRMLEDGER_OPENAPI=$artifacts/openapi.json with_node "npm run client && npm run check && npm run build" || return 1
  rm -rf -- "$output/wwwroot.new" && cp -R -- "$pages/dist" "$output/wwwroot.new" &&
    rm -rf -- "$output/wwwroot" && mv -- "$output/wwwroot.new" "$output/wwwroot"
}

build_pages() {
  pages_are_stale || return 0
  say "Building the pages ..."
  if ! require_npm; then
    say "npm was not found and could not be installed; as root: apt-get install npm"
    return 1
  fi
  quietly pages make_pages
}
