# What whoever works on the code runs; CONTRIBUTING.md says when. `just` alone lists it.

[private]
default:
    @just --list

# Every test, or those that are named: `just test --test rules policy::`
test *ARGS:
    cargo test {{ ARGS }}

# The tests for every save, under a minute once they are built
fast:
    cargo fast

# The form of the code, and the lints
lint:
    cargo fmt --check
    cargo clippy --all-targets -- -D warnings

# Write the kept texts anew, to be read with `git diff`; `just bless manual`: those of one test
bless *TESTS="manual writing slips sarif":
    CHANCERY_BLESS=1 cargo test --lib --test rules --test archive -- {{ TESTS }}

# Write anew what is found in the cases of tests/violations, or in one: `just bless-cases credit.limit`
bless-cases CASE="":
    CHANCERY_BLESS=1 cargo test --test violations -- "case {{ CASE }}"

# A table of time and memory: `just measure --size 1000 check`
measure *ARGS:
    cargo build --release
    cargo bench --bench measure -- {{ ARGS }}

# The intranet of the sample archive, on a copy
demo:
    cargo run --release -- serve --demo
