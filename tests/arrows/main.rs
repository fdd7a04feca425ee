//! The house can be read from its doors only while the arrows run one way. Walks `src/` and fails
//! on one that runs back.

mod scan;

use scan::{Path, Token, crate_paths, paths_of, test_code, tokens};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    path::Path as FilePath,
};

/// Whoever reads a record behind this module reads it through a `View`.
const DOOR: &str = "access";
/// Reads the clock, and may see everything: it runs for whoever can read the folder.
const EDGE: &str = "cli";
/// What of an office is not asked through a view, and what it is. Its other parts are private to
/// `access`.
const WHOLE: [(&str, &str); 3] = [("archive", "the archive"), ("whole_report", "the report"), ("whole_approvals", "the approvals")];
/// Deliberate leaks: the places that consult them, and nobody else.
const LEAKS: &[&str] = &["leak"];
const LEAKING: [&str; 4] = ["leak", "access", "search", "server"];
const CLOCK: [&[&str]; 5] = [&["SystemTime"], &["Instant"], &["Utc", "now"], &["Local", "now"], &["UNIX_EPOCH"]];

/// The one file that writes to a terminal. That no macro writes past it, and who touches the disk,
/// is for the lints in `src/lib.rs`.
const WRITER: &str = "cli/print.rs";
const STREAMS: [&str; 2] = ["stdout", "stderr"];

/// Sources by their path below `src/`.
type Tree = BTreeMap<String, String>;

#[test]
fn no_arrow_runs_back() {
    let tree = read(&FilePath::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    assert!(order(&tree).len() >= 16, "the modules of lib.rs: {:?}", order(&tree));
    let wrong = violations(&tree);
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn no_files_name_each_other_in_a_circle() {
    let tree = read(&FilePath::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    assert_eq!(circles(&tree), Vec::<String>::new());
    let names = |path: &str, source: &str| (path.to_owned(), source.to_owned());
    let small = Tree::from([
        names("archive/mod.rs", "mod link; mod shape; mod title; use link::Link;"),
        names("archive/link.rs", "use super::{Archive, shape::{self, Shape}};"),
        names("archive/shape.rs", "fn f() -> super::title::Title {}"),
        names("archive/title/mod.rs", "mod words; use super::super::archive::link::Link;"),
        names("archive/title/words.rs", "#[cfg(test)] mod tests { use super::super::Title; }"),
    ]);
    let told = [
        "archive/link.rs names archive/shape.rs",
        "archive/shape.rs names archive/title/mod.rs",
        "archive/title/mod.rs names archive/link.rs",
    ];
    assert_eq!(circles(&small), told);
}

/// A type that other files see is the only one of its name: whoever reads it need not ask which.
#[test]
fn a_type_has_its_name_for_itself() {
    let tree = read(&FilePath::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let mut seen: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (path, source) in &tree {
        let tokens = tokens(source);
        let tests = test_code(&tokens);
        let is_test = |at: usize| path.contains("tests") || tests.iter().any(|range| range.contains(&at));
        let is_shared = |at: usize| at > 0 && matches!(&*tokens[at - 1].text, "pub" | ")");
        let kinds = ["struct", "enum", "trait", "type"];
        let named = tokens.windows(2).enumerate().filter(|(at, pair)| kinds.contains(&&*pair[0].text) && is_shared(*at) && !is_test(*at));
        named.for_each(|(_, pair)| seen.entry(pair[1].text.clone()).or_default().push(path));
    }
    assert!(seen.len() > 300, "{}", seen.len());
    seen.retain(|_, paths| paths.len() > 1);
    assert!(seen.is_empty(), "{seen:#?}");
}

/// Each arrow from file to file, by the path of a module, that is part of a circle or leads into
/// one. What a file takes from the face of the folder in which it stands is no arrow.
fn circles(tree: &Tree) -> Vec<String> {
    let mut arrows: BTreeMap<&str, Vec<&str>> = tree.iter().map(|(path, source)| (&**path, named(tree, path, source))).collect();
    loop {
        let ends: Vec<&str> = arrows.iter().filter(|(_, to)| to.is_empty()).map(|(from, _)| *from).collect();
        if ends.is_empty() {
            break;
        }
        arrows.retain(|from, _| !ends.contains(from));
        arrows.values_mut().for_each(|to| to.retain(|to| !ends.contains(to)));
    }
    arrows.iter().flat_map(|(from, to)| to.iter().map(move |to| format!("{from} names {to}"))).collect()
}

/// The other files that a file names, besides the faces above it.
fn named<'t>(tree: &'t Tree, path: &str, source: &str) -> Vec<&'t str> {
    let own: Vec<&str> = path.trim_end_matches(".rs").split('/').filter(|name| *name != "mod").collect();
    let tokens = tokens(source);
    let whole = 0..tokens.len();
    let tests = if own.contains(&"tests") { vec![whole] } else { test_code(&tokens) };
    let paths = paths_of(&tokens, &["crate", "super"]).into_iter().filter(|path| !tests.iter().any(|range| range.contains(&path.at)));
    let file_of = |path: &Path| {
        let above = path.segments.iter().take_while(|segment| *segment == "super").count();
        let base = if path.segments[0] == "crate" { &[][..] } else { &own[..own.len().checked_sub(above)?] };
        let rest = path.segments.iter().skip(above.max(1)).map(String::as_str);
        let whole: Vec<&str> = base.iter().copied().chain(rest).collect();
        let file = |module: &[&str]| ["", "/mod"].iter().find_map(|face| tree.get_key_value(&format!("{}{face}.rs", module.join("/"))));
        let length = (1..=whole.len()).rev().find(|&length| file(&whole[..length]).is_some())?;
        let found = file(&whole[..length])?.0.as_str();
        (!own.starts_with(&whole[..length])).then_some(found)
    };
    let files: BTreeSet<&str> = paths.filter_map(|path| file_of(&path)).collect();
    files.into_iter().collect()
}

fn read(folder: &FilePath) -> Tree {
    let files = walkdir::WalkDir::new(folder).into_iter().map(|entry| entry.unwrap().into_path());
    let rust = files.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    let name = |path: &FilePath| path.strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/");
    rust.map(|path| (name(&path), std::fs::read_to_string(&path).unwrap())).collect()
}

/// The modules of the crate, in the order in which `lib.rs` lists them.
fn order(tree: &Tree) -> Vec<String> {
    let tokens = tokens(tree.get("lib.rs").map_or("", String::as_str));
    let is_listed = |three: &[Token]| three[0].text == "pub" && three[1].text == "mod";
    tokens.windows(3).filter(|three| is_listed(three)).map(|three| three[2].text.clone()).collect()
}

/// Everything in a tree that runs against the order, as `file:line: what`.
fn violations(tree: &Tree) -> Vec<String> {
    let order = order(tree);
    let files = tree.iter().filter(|(path, _)| !matches!(path.as_str(), "lib.rs" | "main.rs"));
    files.flat_map(|(path, source)| File::read(path, source, &order).violations()).collect()
}

struct File<'a> {
    path: &'a str,
    module: &'a str,
    order: &'a [String],
    tokens: Vec<Token>,
    /// Modules between it and the root, itself included.
    depth: usize,
    /// Compiled for tests alone.
    tests: Vec<Range<usize>>,
}

impl<'a> File<'a> {
    fn read(path: &'a str, source: &str, order: &'a [String]) -> File<'a> {
        let names: Vec<&str> = path.trim_end_matches(".rs").split('/').filter(|name| *name != "mod").collect();
        let tokens = tokens(source);
        let is_test = names.contains(&"tests");
        let whole = 0..tokens.len();
        let tests = if is_test { vec![whole] } else { test_code(&tokens) };
        File { path, module: names[0], order, tokens, depth: names.len(), tests }
    }

    fn violations(&self) -> Vec<String> {
        let mut found: Vec<(usize, String)> = self.backward();
        if self.is_behind_the_door() {
            found.extend(self.whole_archive());
        }
        if self.module != EDGE {
            found.extend(self.clock());
        }
        if self.path != WRITER {
            found.extend(self.writes_past_the_writer());
        }
        if !LEAKING.contains(&self.module) {
            let leaks = crate_paths(&self.tokens, self.depth).into_iter().filter(|path| leads_through(&path.segments, LEAKS));
            found.extend(leaks.map(|path| (path.line, "consults a deliberate leak".to_owned())));
        }
        found.sort();
        found.dedup();
        found.into_iter().map(|(line, what)| format!("{}:{line}: {} {what}", self.path, self.module)).collect()
    }

    /// Functions that write where [`WRITER`] would have made visible what is written.
    fn writes_past_the_writer(&self) -> Vec<(usize, String)> {
        let writes = |pair: &[Token]| matches!(pair[1].text.as_str(), "(" | ")" | ",") && STREAMS.contains(&pair[0].text.as_str());
        let places = self.tokens.windows(2).enumerate().filter(|(at, pair)| writes(pair) && !self.is_test(*at));
        places.map(|(_, pair)| (pair[0].line, "writes to the terminal itself".to_owned())).collect()
    }

    fn place(&self, module: &str) -> Option<usize> {
        self.order.iter().position(|known| known == module)
    }

    /// Paths to what does not stand before this module. Tests are held to it too.
    fn backward(&self) -> Vec<(usize, String)> {
        let Some(own) = self.place(self.module) else { return vec![(1, "is not listed in lib.rs".to_owned())] };
        let paths = crate_paths(&self.tokens, self.depth);
        let wrong = paths.into_iter().filter_map(|Path { segments, line, .. }| match self.place(&segments[0]) {
            Some(place) if place <= own => None,
            Some(_) => Some((line, format!("names {}, which comes after it", segments[0]))),
            None => Some((line, format!("names {} of the root, which is no module", segments[0]))),
        });
        wrong.collect()
    }

    fn is_behind_the_door(&self) -> bool {
        self.module != EDGE && self.place(DOOR).is_some_and(|door| self.place(self.module).is_some_and(|own| door < own))
    }

    /// The archive itself, where there should be a view of it: by its type, by its module as a
    /// whole, or out of an office.
    fn whole_archive(&self) -> Vec<(usize, String)> {
        let types = |path: &Path| {
            matches!(
                path.segments.iter().map(String::as_str).collect::<Vec<_>>()[..],
                ["archive"] | ["archive", "Archive" | "self" | "*", ..]
            )
        };
        let named = crate_paths(&self.tokens, self.depth).into_iter().filter(|path| types(path) && !self.is_test(path.at));
        let named = named.map(|path| (path.line, "names the archive, not a view of it".to_owned()));
        let taken = (1..self.tokens.len()).filter(|&at| !self.is_test(at)).filter_map(|at| Some((self.tokens[at].line, self.part(at)?)));
        named.chain(taken.map(|(line, part)| (line, format!("takes {part} out of an office")))).collect()
    }

    /// The part of an office that is taken out here: the archive by its field, the others by the
    /// functions that lend them.
    fn part(&self, at: usize) -> Option<&'static str> {
        let text = |at: usize| self.tokens.get(at).map_or("", |token| token.text.as_str());
        let is_taken = |name: &str| text(at) == name && (name != "archive" || text(at - 1) == "." && text(at + 1) != "(");
        WHOLE.into_iter().find(|(name, _)| is_taken(name)).map(|(_, part)| part)
    }

    /// Paths, other than those of tests, that begin with or lead through a clock.
    fn clock(&self) -> Vec<(usize, String)> {
        let starts: Vec<&str> = CLOCK.iter().map(|path| path[0]).chain(["std", "chrono"]).collect();
        let wrong = |path: &Path| CLOCK.iter().any(|clock| leads_through(&path.segments, clock));
        let paths = paths_of(&self.tokens, &starts).into_iter().filter(|path| wrong(path) && !self.is_test(path.at));
        paths.map(|path| (path.line, format!("reads the clock: {}", path.segments.join("::")))).collect()
    }

    fn is_test(&self, at: usize) -> bool {
        self.tests.iter().any(|range| range.contains(&at))
    }
}

/// Whether the forbidden names stand in a path one behind the other; behind the first a glob may
/// hold them.
fn leads_through(segments: &[String], forbidden: &[&str]) -> bool {
    let is = |place: usize, segment: &str| segment == forbidden[place] || (place > 0 && segment == "*");
    segments.windows(forbidden.len()).any(|window| window.iter().enumerate().all(|(place, segment)| is(place, segment)))
}

/// Checks a tree of one file under `module`, in a crate of these modules.
fn check(path: &str, source: &str, expected: &[&str]) {
    let lib =
        "//! pub mod gone;\npub mod source;\n\npub mod archive;\npub mod access;\npub mod render;\npub mod store;\npub mod cli;\nfn f() {}";
    let tree = Tree::from([("lib.rs".to_owned(), lib.to_owned()), (path.to_owned(), source.to_owned())]);
    assert_eq!(violations(&tree), expected, "{path}\n{source}");
}

#[test]
fn the_order_is_that_of_the_list() {
    check("source.rs", "", &[]);
    check("gone.rs", "", &["gone.rs:1: gone is not listed in lib.rs"]);
    check("archive/mod.rs", "use crate::{source::Span, archive::link};", &[]);
    check("archive.rs", "use crate::access::View;", &["archive.rs:1: archive names access, which comes after it"]);
    check(
        "archive/link.rs",
        "use crate::{\n  source,\n  render::{\n  page}};",
        &["archive/link.rs:4: archive names render, which comes after it"],
    );
    check("archive/link.rs", "fn f() -> Vec<crate::render::Page> {}", &["archive/link.rs:1: archive names render, which comes after it"]);
    check("archive/link.rs", "\nuse super::super::cli;", &["archive/link.rs:2: archive names cli, which comes after it"]);
    check("archive/link.rs", "use super::cli;", &[]);
    check("archive/mod.rs", "use super::cli;", &["archive/mod.rs:1: archive names cli, which comes after it"]);
    check(
        "archive.rs",
        "#[cfg(test)] mod tests { use crate::render::Page; }",
        &["archive.rs:1: archive names render, which comes after it"],
    );
    check("source.rs", "// use crate::cli;\nconst A: &str = \"crate::cli\"; /* crate::cli */", &[]);
    check("source.rs", "use crate::*;", &["source.rs:1: source names * of the root, which is no module"]);
}

#[test]
fn behind_the_door_there_are_views_only() {
    let named = |line: usize| format!("render/page.rs:{line}: render names the archive, not a view of it");
    check("render/page.rs", "use crate::archive::Archive;", &[&named(1)]);
    check("render/page.rs", "use crate::{access::View,\n archive::{Record, Archive}};", &[&named(2)]);
    check("render/page.rs", "use crate::archive;", &[&named(1)]);
    check("render/page.rs", "use crate::archive::{self as a};", &[&named(1)]);
    check("render/page.rs", "fn f(a: &crate::archive::Archive) {}", &[&named(1)]);
    check("render/page.rs", "fn f(o: &Office) { o.archive.records }", &["render/page.rs:1: render takes the archive out of an office"]);
    check("render/page.rs", "fn f(o: &Office) { o.whole_report() }", &["render/page.rs:1: render takes the report out of an office"]);
    check(
        "store.rs",
        "fn f(o: Option<&Office>) { o.map(\nOffice::whole_approvals) }",
        &["store.rs:2: store takes the approvals out of an office"],
    );
    check("access/known.rs", "fn f(o: &Office) { o.report; o.whole_report() }", &[]);
    check("cli/who.rs", "fn f(o: &Office) { o.whole_report(); o.whole_approvals() }", &[]);
    check("render/page.rs", "use crate::archive::Record; enum E { Archive } fn f(v: View) { v.archive() }", &[]);
    check("render/page.rs", "#[cfg(test)] mod tests { use crate::archive::Archive; }", &[]);
    check("access/gate.rs", "use crate::archive::Archive;", &[]);
    check("cli/who.rs", "use crate::archive::Archive; fn f(o: &Office) { o.archive.records }", &[]);
}

#[test]
fn one_file_writes_to_the_terminal() {
    let told = |path: &str| format!("{path}:1: cli writes to the terminal itself");
    check("cli/who.rs", "fn f() { let out = std::io::stdout().lock(); }", &[&told("cli/who.rs")]);
    check("cli/who.rs", "fn f() { fmt().with_writer(std::io::stderr) }", &[&told("cli/who.rs")]);
    check("cli/who.rs", "pub fn print() { workplace.print(a); print::words(); error.use_stderr() }", &[]);
    check("cli/print.rs", "fn f() { std::io::stdout().lock(); }", &[]);
    check("render/page.rs", "fn f() { std::io::stderr(); }", &["render/page.rs:1: render writes to the terminal itself"]);
}

#[test]
fn leaks_are_consulted_where_they_are_known() {
    let tree = |path: &str| {
        let lib = "pub mod leak; pub mod search; pub mod render;".to_owned();
        Tree::from([("lib.rs".to_owned(), lib), (path.to_owned(), "use crate::leak::leaks;".to_owned())])
    };
    assert_eq!(violations(&tree("search/index.rs")), Vec::<String>::new());
    assert_eq!(violations(&tree("render/page.rs")), ["render/page.rs:1: render consults a deliberate leak"]);
}

#[test]
fn the_clock_is_at_the_edge() {
    check("render.rs", "#[cfg(test)]\nmod tests { fn f() { Instant::now(); } }", &[]);
    check("render/tests.rs", "use std::time::SystemTime;", &[]);
    check(
        "render.rs",
        "use std::{io,\n time::{Instant, SystemTime}};",
        &["render.rs:2: render reads the clock: std::time::Instant", "render.rs:2: render reads the clock: std::time::SystemTime"],
    );
    check("store.rs", "fn f() { chrono::Utc::now() }", &["store.rs:1: store reads the clock: chrono::Utc::now"]);
    check("store.rs", "fn f() { Utc::now() }", &["store.rs:1: store reads the clock: Utc::now"]);
    check("store.rs", "use std::time::{Duration, Instant};", &["store.rs:1: store reads the clock: std::time::Instant"]);
    check("store.rs", "use std::time::Duration; use chrono::Utc;", &[]);
    check("cli.rs", "use std::time::SystemTime; fn f() { Local::now() }", &[]);
}
