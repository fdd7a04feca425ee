//! A records office: Markdown records checked against Markdown policies, and published to those who
//! may read them.
//!
//! [`source`] reads a folder into texts; [`document`] parses them; [`policy`] compiles the
//! rulebooks, [`archive`] types and links the records, and [`structure`] tells which of them hold
//! what their types say; [`approval`] verifies who approved what; [`facts`] answers what an
//! expression asks of an archive on a day; [`check`] tells what is wrong and what is due. From
//! [`access`] on, everything is made from a [`View`](access::View): the archive as one reader may
//! see it. `ARCHITECTURE.md` is the map, with a glossary; a test holds the modules to the order in
//! which they stand here.
//!
//! An archive in memory: a file that its owner alone reads. For anybody else it does not exist.
//!
//! ````
//! use chancery::{access::{Office, Reader}, archive::Settings, render::{self, Theme}, source::Sources};
//!
//! let policy = r#"---
//! policy: files
//! title: Files
//! status: in-force
//! effective: 2024-01-01
//! owner: sales
//! ---
//! ### 1 Who works here
//!
//! ```yaml type
//! id: person
//! label: Person
//! as: person
//! title: name
//! must:
//!   name: text
//!   reporting: [{from: date, department: department, superior?: person}]
//!   joined: date
//! may: {left: date}
//! ```
//!
//! ```yaml posts
//! departments: {sales: {label: Sales}}
//! ```
//!
//! ### 2 Who reads what
//!
//! ```yaml type
//! id: file
//! label: File
//! title: name
//! must: {name: text, owner: person}
//! ```
//!
//! ```yaml access
//! for: file
//! readers: [owner]
//! ```
//! "#;
//! let person = |id: &str| {
//!     let reporting = "[{from: 2024-01-01, department: sales}]";
//!     let front = format!("type: person\nid: {id}\nname: {id}\nreporting: {reporting}\njoined: 2024-01-01\n");
//!     (format!("records/{id}.md"), format!("---\n{front}---\n"))
//! };
//! let file = "---\ntype: file\nid: F-1\nname: Pumps\nowner: ma\n---\nThey pay at once.\n";
//! let files = [("policies/files.md".into(), policy.into()), person("ma"), person("gao"), ("records/F-1.md".into(), file.into())];
//!
//! let today = "2026-06-01".parse()?;
//! let office = Office::open(Sources::from_memory(files), Settings::default(), today);
//! assert!(office.whole_report().findings.is_empty());
//!
//! let shown = |who: &str, address| render::page(address, &office.view(Reader::Person(who.into())), &Theme::built_in(), None);
//!
//! let page = shown("ma", "/records/F-1/")?.expect("ma owns it");
//! assert!(String::from_utf8(page.body)?.contains("They pay at once."));
//! assert_eq!(shown("gao", "/records/F-1/")?, None);
//! assert_eq!(shown("gao", "/records/never-written/")?, None);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ````

#![forbid(unsafe_code)]
// The tests are free of these.
#![cfg_attr(
    not(test),
    warn(
        clippy::disallowed_methods,
        clippy::fn_params_excessive_bools,
        clippy::iter_over_hash_type,
        clippy::print_stderr,
        clippy::print_stdout,
        clippy::too_many_lines,
        clippy::unwrap_used
    )
)]

pub mod leak;

#[expect(clippy::disallowed_methods, reason = "reads the archive's disk, and nobody else does")]
pub mod source;

pub mod diagnostic;

pub mod document;

pub mod policy;

pub mod archive;

pub mod structure;

pub mod approval;

pub mod facts;

pub mod check;

pub mod access;

pub mod search;

pub mod render;

#[expect(clippy::disallowed_methods, reason = "writes the site")]
pub mod publish;

#[expect(clippy::disallowed_methods, reason = "writes the archive")]
pub mod edit;

#[expect(clippy::disallowed_methods, reason = "keeps the server's state")]
pub mod store;

pub mod server;

#[expect(clippy::disallowed_methods, reason = "runs for whoever can read the folder")]
pub mod cli;
