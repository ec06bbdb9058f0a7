# The parts of ci/test: for each a line about it, a time limit, and what it runs. Sourced, not run.
# shellcheck shell=bash

parts=(setup locked fmt clippy test book)

about() {
  case $1 in
    setup) echo "install what the tests need, or say what is missing" ;;
    locked) echo "every Cargo.lock is up to date" ;;
    fmt) echo "rustfmt, in every workspace" ;;
    clippy) echo "clippy without a warning, every target" ;;
    test) echo "unit, integration and documentation tests" ;;
    book) echo "the book builds" ;;
  esac
}

# In seconds, for a cold build on a slow machine with two cores. A part that takes longer hangs.
limit_of() {
  case $1 in
    setup | clippy | test | book) echo 1800 ;;
    *) echo 300 ;;
  esac
}

# How many lines of a failed part's log to show.
tail_of() { echo 80; }

# Times in tenths of a second, on macOS too (its `date` knows no %N, its bash is 3.2).
now() { perl -MTime::HiRes=time -e 'printf "%.1f", time'; }
since() { perl -MTime::HiRes=time -e 'printf "%.1f", time - $ARGV[0]' "$1"; }

export CI=true CARGO_TERM_PROGRESS_WHEN=never CARGO_TERM_COLOR=never NO_COLOR=1
export PATH="$PWD/target/tools/bin:$PATH"

# Every manifest of a workspace in the repository, the main one first.
workspaces() {
  local manifest
  for manifest in Cargo.toml ci/Cargo.toml exercises/Cargo.toml; do
    [ ! -f "$manifest" ] || echo "$manifest"
  done
}

part_setup() { ci/setup; }

part_locked() {
  local manifest
  for manifest in $(workspaces); do
    echo "$manifest"
    cargo metadata --locked --format-version 1 --manifest-path "$manifest" >/dev/null
  done
}

part_fmt() {
  local manifest code=0
  for manifest in $(workspaces); do
    cargo fmt --all --check --manifest-path "$manifest" || code=$?
  done
  return $code
}

part_clippy() { cargo clippy --workspace --all-targets --locked -- -D warnings; }

part_test() { cargo test --workspace --locked --no-fail-fast; }

part_book() { cargo book build; }
