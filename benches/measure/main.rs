//! One command that measures:
//! `cargo bench --bench measure -- [--size N]… [--seed N] [--slips SHARE] [--long SHARE] [NAME]…`.
//! It makes archives in a temporary folder, runs the program on them as a process of its own, and
//! prints a table of wall time, CPU and memory; peers are measured by the same run where they are
//! installed. `--slips 0.02` plants a finding in so many of the records that are grown,
//! `--long 0.1` has so many of those with approvals approved again and again, and `--seed` says
//! which. A benchmark is no test: nothing here passes or fails.

mod archives;
mod child;
#[path = "../../tests/support/families.rs"]
mod families;
mod peers;
mod served;

use child::Cost;
use families::Growth;
use std::path::{Path, PathBuf};

/// The program as it is released, by `cargo build --release`: what is built for benches and tests
/// counts its steps beside.
pub fn chancery() -> String {
    let built = || {
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target"), PathBuf::from);
        target.join("release/chancery").display().to_string()
    };
    let program = std::env::var("CHANCERY").unwrap_or_else(|_| built());
    assert!(Path::new(&program).is_file(), "{program} is not there: cargo build --release, or name another with CHANCERY");
    program
}

/// One line of the table.
pub struct Line {
    pub what: String,
    pub records: usize,
    pub figures: String,
}

impl Line {
    fn of(what: impl Into<String>, records: usize, cost: &Cost) -> Line {
        Line { what: what.into(), records, figures: cost.to_string() }
    }
}

/// Of the records that are grown so many have a slip, where nothing else is asked for.
const SLIPS: f64 = 0.02;

struct Bench {
    name: &'static str,
    about: &'static str,
    run: fn(&Path, Growth) -> Vec<Line>,
}

const BENCHES: [Bench; 5] = [
    Bench { name: "check", about: "the shipped archive grown, every approval signed", run: check },
    Bench { name: "build", about: "plain records of 2.4 KB, checked, rendered and written; and peers on the same texts", run: build },
    Bench { name: "whole", about: "the shipped archive grown, built as whoever reads most of it", run: whole },
    Bench { name: "dangling", about: "documents of 10 KB with eleven links each that lead nowhere", run: dangling },
    Bench { name: "serve", about: "the start, a page, the first page after a change, memory, requests a second", run: served::run },
];

fn main() {
    let (mut sizes, mut names) = (Vec::new(), Vec::new());
    let mut growth = Growth { slips: SLIPS, ..Growth::to(0) };
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--size" => sizes.push(number(&argument, arguments.next())),
            "--seed" => growth.seed = number(&argument, arguments.next()),
            "--slips" => growth.slips = number(&argument, arguments.next()),
            "--long" => growth.long = number(&argument, arguments.next()),
            "--list" => return BENCHES.iter().for_each(|bench| println!("{}: {}", bench.name, bench.about)),
            _ => names.push(argument),
        }
    }
    if sizes.is_empty() {
        sizes = vec![1_000, 10_000];
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    println!("| what | records | wall, s | CPU, s | CPU a record, ms | peak, MB |\n|---|---|---|---|---|---|");
    for bench in BENCHES.iter().filter(|bench| names.is_empty() || names.iter().any(|name| name == bench.name)) {
        for &size in &sizes {
            for line in (bench.run)(folder.path(), Growth { size, ..growth }) {
                println!("| {} | {} | {} |", line.what, line.records, line.figures);
            }
        }
    }
}

fn number<T: std::str::FromStr>(argument: &str, given: Option<String>) -> T {
    given.and_then(|given| given.parse().ok()).unwrap_or_else(|| panic!("{argument} takes a number"))
}

/// A folder for an archive, made when it is asked for first.
fn archive(folder: &Path, name: &str, size: usize, make: impl FnOnce(&Path)) -> PathBuf {
    let root = folder.join(format!("{name}-{size}"));
    if !root.exists() {
        make(&root);
    }
    root
}

pub fn grown(folder: &Path, growth: Growth) -> PathBuf {
    archive(folder, "grown", growth.size, |root| archives::grown(root, growth))
}

fn check(folder: &Path, growth: Growth) -> Vec<Line> {
    let cost = child::cost(&chancery(), &["check", "--format", "json"], &grown(folder, growth));
    vec![Line::of("check", growth.size, &cost)]
}

fn build(folder: &Path, Growth { size, .. }: Growth) -> Vec<Line> {
    let root = archive(folder, "plain", size, |root| archives::plain(root, size));
    let own = child::cost(&chancery(), &["build"], &root);
    let mut lines = vec![Line::of(format!("build, {} files", child::files(&root.join("site"))), size, &own)];
    lines.extend(peers::generators(folder, size).into_iter().map(|(name, cost, files)| Line {
        what: format!("{name} on the same texts, {files} files"),
        records: size,
        figures: format!("{cost} (ours takes {:.2} of its CPU)", own.cpu / cost.cpu),
    }));
    lines
}

/// The general manager reads most of the shipped archive.
fn whole(folder: &Path, growth: Growth) -> Vec<Line> {
    let cost = child::cost(&chancery(), &["build", "--as", archives::MOST, "--restricted"], &grown(folder, growth));
    vec![Line::of("build --as the general manager", growth.size, &cost)]
}

fn dangling(folder: &Path, Growth { size, .. }: Growth) -> Vec<Line> {
    let root = archive(folder, "docs", size, |root| archives::dangling(root, size));
    vec![Line::of("check, eleven dangling links a record", size, &child::cost(&chancery(), &["check", "--format", "json"], &root))]
}
