# The parts of ci/test: for each a line about it, a time limit, and what it runs. Sourced, not run.
# shellcheck shell=bash

# shellcheck disable=SC2034 # ci/test reads it
parts=(setup needs locked small unsafe fmt clippy wasm doc test check book stock hosts player knobs edit poetry browser clean)

about() {
  case $1 in
    setup) echo "install what the tests need, or say what is missing" ;;
    needs) echo "what some packages want is installed; if not, they are named" ;;
    locked) echo "every Cargo.lock is up to date" ;;
    small) echo "the first listing needs mio and little else" ;;
    unsafe) echo "no unsafe code, in no package but the binding to Qt" ;;
    fmt) echo "rustfmt, in every workspace" ;;
    clippy) echo "clippy without a warning, every target" ;;
    wasm) echo "what pages run prints and leaves what is recorded, and is small" ;;
    doc) echo "the documentation builds without a warning" ;;
    test) echo "unit, integration and documentation tests" ;;
    check) echo "every block, link and term; listings print and draw what the book shows; exercises" ;;
    book) echo "the book builds" ;;
    stock) echo "stock mdbook gives the same pages, byte for byte" ;;
    hosts) echo "no file of the site loads anything from another host" ;;
    player) echo "the player tells every recorded run as it was" ;;
    knobs) echo "a page runs listings in another world, from disk and from a server" ;;
    edit) echo "a page that is served edits and runs a listing and an exercise" ;;
    poetry) echo "the poetry site, on its database, in a real browser" ;;
    browser) echo "every page in a real browser" ;;
    clean) echo "the tests changed no file of the repository" ;;
  esac
}

# In seconds, for a cold build on a slow machine with two cores. A part that takes longer hangs.
limit_of() {
  case $1 in
    test | check) echo 2700 ;;
    setup | clippy | wasm | doc | book | edit | poetry | browser) echo 1800 ;;
    *) echo 300 ;;
  esac
}

# How many lines of a failed part's log to show.
tail_of() {
  case $1 in
    browser | check) echo 200 ;;
    *) echo 80 ;;
  esac
}

# Time in tenths of a second. macOS has bash 3.2, which knows whole seconds only.
now() {
  if [ -n "${EPOCHREALTIME:-}" ]; then
    local micros=${EPOCHREALTIME/[.,]/}
    echo $((micros / 100000))
  else
    echo $(($(date +%s) * 10))
  fi
}
since() { # when it started -> seconds, like 12.3
  local tenths=$(($(now) - $1))
  echo "$((tenths / 10)).$((tenths % 10))"
}

export CI=true CARGO_TERM_PROGRESS_WHEN=never CARGO_TERM_COLOR=never NO_COLOR=1
# What is compiled here is compiled once and never debugged. Lines stay: two listings print a backtrace.
export CARGO_INCREMENTAL=0 CARGO_PROFILE_DEV_DEBUG=line-tables-only
export PATH="$PWD/target/tools/bin:$PATH"

# Every manifest of a workspace in the repository, the main one first.
workspaces() {
  local manifest
  for manifest in Cargo.toml exercises/Cargo.toml; do
    [ ! -f "$manifest" ] || echo "$manifest"
  done
}

# What git sees of the working tree, to compare before and after.
tree_state() { git status --porcelain 2>/dev/null || true; git diff 2>/dev/null || true; }
tree_before=$(tree_state)

part_setup() { ci/setup; }

part_locked() {
  local manifest
  for manifest in $(workspaces); do
    echo "$manifest"
    cargo metadata --locked --format-version 1 --manifest-path "$manifest" >/dev/null
  done
  # The stock mdbook that we compare with has to be the one whose library we use.
  local ours installed
  ours=$(sed -n '/^name = "mdbook-driver"$/{n;s/version = "\(.*\)"/\1/p;}' Cargo.lock)
  installed=$(sed -n 's/^mdbook_version=\([0-9.]*\).*/\1/p' ci/setup)
  echo "mdbook-driver $ours, mdbook in ci/setup $installed"
  [ "$ours" = "$installed" ]
}

# A reader's first `cargo run` compiles this and nothing else. Widen the list only with a reason. (slab, scopeguard and humantime
# need nothing else themselves, and stand for three parts that were written here by hand.)
may_need="reactor trace mio socket2 libc log slab scopeguard humantime signal-hook signal-hook-mio signal-hook-registry errno"

part_small() {
  local needed name wrong=0
  # With dev-dependencies: Cargo builds them for every example.
  needed=$(cargo tree --locked -p reactor -e normal,build,dev --prefix none --format '{p}' | cut -d ' ' -f 1 | sort -u)
  echo "cargo run -p reactor --example simplest compiles $(echo "$needed" | wc -l | tr -d ' ') packages: $(echo "$needed" | tr '\n' ' ')"
  for name in $needed; do
    case " $may_need " in
      *" $name "*) ;;
      *) echo "$name is not on the list of ci/parts.sh; does the first listing need it?"; wrong=1 ;;
    esac
  done
  [ "$wrong" = 0 ]
}

# A binding to C++ cannot be without it; its crate is the only one, and its lab and its exercises are not in it.
may_be_unsafe=listings/qt

part_unsafe() {
  local manifest wrong=0
  # The lint forbids it; here it only needs to be on, everywhere. (An exercise is handed out alone, so it inherits no lint.)
  # shellcheck disable=SC2044 # no path of ours has a space
  for manifest in $(find Cargo.toml tool listings ci -name Cargo.toml -not -path '*/target/*' -not -path '*/node_modules/*'); do
    [ "$manifest" != "$may_be_unsafe/Cargo.toml" ] || continue
    if grep -q '^\[package\]' "$manifest" && ! sed -n '/^\[lints\]/,/^\[[^l]/p' "$manifest" | grep -q '^workspace = true' \
      && ! grep -q '^unsafe_code = "forbid"' "$manifest"; then
      echo "$manifest: add [lints] workspace = true, so that unsafe code is forbidden"
      wrong=1
    fi
    if grep -q '^\[workspace\]' "$manifest" && ! grep -q '^unsafe_code = "forbid"' "$manifest"; then
      echo "$manifest: a workspace without unsafe_code = \"forbid\" in [workspace.lints.rust]"
      wrong=1
    fi
  done
  # The exercises and the blocks of the text are compiled without our lints. What stands behind a quotation mark is text.
  if grep -rnE '^[^>/"]*\bunsafe[[:space:]]+(\{|fn |impl |trait |extern )' --include='*.rs' --include='*.md' \
    --exclude-dir=target --exclude-dir=node_modules src tool listings exercises ci | grep -v "^$may_be_unsafe/src/"; then
    echo "unsafe code in the lines above"
    wrong=1
  fi
  [ "$wrong" = 0 ]
}

part_fmt() {
  local manifest code=0
  for manifest in $(workspaces); do
    cargo fmt --all --check --manifest-path "$manifest" || code=$?
  done
  rustfmt --check --edition 2024 ci/skeptic/build.rs ci/skeptic/tests/skeptic.rs || code=$?
  return $code
}

part_clippy() { left_out; cargo clippy "${all[@]}" --all-targets --locked -- -D warnings; }

part_doc() { left_out; RUSTDOCFLAGS="-D warnings" cargo doc "${all[@]}" --no-deps --locked; }

# What a part compiles. The labs apart: a twin has the name of its listing, and Cargo would build both into the same file.
# `features`, a package without code, is in every selection: it wants all that another one wants, so that every crate has the same
# features in each part and is compiled once. What needs something that is not installed is in none of them.
all=(--workspace)
companions=(--workspace --exclude '*-lab')
labs=(-p '*-lab' -p features)
missing=$(ci/needs)
if [ -n "$missing" ]; then
  labs=(-p features)
  for lab in listings/*/lab; do
    lab=$(basename "$(dirname "$lab")")-lab
    cut -f 1 <<<"$missing" | grep -qx "$lab" || labs+=(-p "$lab")
  done
  while read -r package; do
    all+=(--exclude "$package")
    case $package in *-lab) ;; *) companions+=(--exclude "$package") ;; esac
  done < <(cut -f 1 <<<"$missing" | sort -u)
fi

# Says which packages are not looked at, and why.
left_out() {
  local package need how
  [ -n "$missing" ] || return 0
  while IFS=$'\t' read -r package need how; do
    echo "NOT LOOKED AT: $package: $need is not installed. $how"
  done <<<"$missing"
}

part_needs() {
  ci/needs --all
  left_out
  # shellcheck disable=SC2154 # ci/test sets it
  [ -z "$missing" ] || [ "$complete" = no ]
}

# The simulated listings as programs for pages. The part `book` takes what is compiled here.
part_wasm() {
  RUSTFLAGS="-D warnings" ci/wasm-target check --locked --lib -p reactor -p deferreds -p coroutines -p transports -p protocols -p applications -p web
  cargo build "${companions[@]}" --bin book --locked --quiet
  "$tool" knobs --check
}

# The longest test programs: begun last, one of them would run alone at the end.
longest=(deferreds-lab.deferred_model documentation.companions book.run deferreds.stack book.exercises book.hostile databases.postgres
  book.record book.new deferreds.locks reactor-lab.differential)

# Cargo would run one test program after another, and many of them wait. So it builds them, and says how it would run each.
keep_tests() { # folder selection…
  local folder=$1
  shift
  cargo test "$@" --locked --no-run 2>&1 | tee -a "$folder.built" || return
  cargo test "$@" --locked --no-fail-fast --lib --bins --tests \
    --config "target.'cfg(all())'.runner=['$PWD/ci/side-by-side', 'keep', '$folder']"
}

# The tests of the documentation are compiled and run by Cargo, beside the programs.
keep_documentation() { # folder name selection…
  local script=$1/documentation.$2
  shift 2
  { echo '#!/usr/bin/env bash'; printf 'cd %q && cargo test --doc --locked --no-fail-fast' "$PWD"; printf ' %q' "$@"; echo ' -- "$@"'; } >"$script"
  chmod +x "$script"
}

part_test() {
  local code=0 folder=$PWD/target/ci/programs built kept
  left_out
  rm -rf "$folder" "$folder.built"
  mkdir -p "$folder"
  keep_tests "$folder" "${companions[@]}" || code=$?
  keep_tests "$folder" "${labs[@]}" || code=$?
  # The package `features` is in both selections, and has no test.
  built=$(grep -c '^ *Executable ' "$folder.built")
  kept=$(find "$folder" -type f | wc -l | tr -d ' ')
  echo "$built test programs are built, $kept are run"
  [ "$built" = "$kept" ] || code=1
  keep_documentation "$folder" companions "${companions[@]}"
  keep_documentation "$folder" labs "${labs[@]}"
  ci/side-by-side run "$folder" "${longest[@]}" || code=$?
  return $code
}

# The tool as the tests have built it. `cargo book` would build it a second time, with the features that it needs alone.
tool=${CARGO_TARGET_DIR:-target}/debug/book
book() {
  cargo build "${companions[@]}" --bins --examples --locked --quiet
  "$tool" "$@"
}

# Every listing is run here (`cargo book record --check` does only that).
part_check() { book check; }

part_book() { book build --dest target/site; }

# A part that looks at the site, run alone, must not look at an old one.
fresh_site() {
  # shellcheck disable=SC2154 # ci/test sets it
  case " ${chosen[*]} " in
    *" book "*) ;;
    *) part_book ;;
  esac
}

part_stock() {
  fresh_site
  rm -rf target/ci/stock
  # The same command as in book.toml, without asking Cargo to build it first.
  MDBOOK_PREPROCESSOR__UNTWISTED__COMMAND="$(cd "$(dirname "$tool")" && pwd)/book preprocess" \
    mdbook build --dest-dir "$PWD/target/ci/stock"
  # What only our build adds is named in one list. In a page one line differs, its description, and one stands elsewhere, the link to the text. All else is the same.
  local same=(diff -r -X ci/only-ours -I '^ *<meta name="description"' -I '^ *<a class="skip" href="#mdbook-content">Skip to the text</a>$')
  if ! "${same[@]}" target/site target/ci/stock >target/ci/stock.diff; then
    "${same[@]}" -q target/site target/ci/stock | head -n 50 || true
    cut -c 1-300 target/ci/stock.diff | head -n 40
    return 1
  fi
  echo "the same $(find target/ci/stock -name '*.html' | wc -l | tr -d ' ') pages"
}

part_hosts() {
  fresh_site
  node ci/browser/hosts.mjs target/site
}

part_player() {
  fresh_site
  node ci/browser/runs.mjs target/site
}

part_knobs() {
  fresh_site
  node ci/wasm/browser.mjs target/site
}

# It serves the book itself, and has the book's crates compiled as they are: nothing of it is in the site.
part_edit() {
  cargo build "${companions[@]}" --bins --examples --locked --quiet
  node ci/wasm/edit.mjs "$tool"
}

part_poetry() {
  case " $(ci/needs | cut -f 1 | tr '\n' ' ') " in
    *" web-lab "*) left_out; return ;;
  esac
  # All labs, as `part_test` has built them.
  cargo build "${labs[@]}" --examples --locked --quiet
  node ci/browser/poetry.mjs "${CARGO_TARGET_DIR:-target}/debug/examples/shelf_site"
}

part_browser() {
  fresh_site
  node ci/browser/marks.mjs --check
  node ci/browser/test.mjs target/site
}

part_clean() {
  local after
  after=$(tree_state)
  [ "$after" = "$tree_before" ] || { git status --short; git --no-pager diff --stat; return 1; }
}
