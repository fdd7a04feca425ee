//! A records office: Markdown records checked against Markdown policies, and shown to whom may read them.
//!
//! `source` reads a folder into texts; `document` parses them; `policy` compiles the rulebooks, `archive` types and links the
//! records, and `structure` tells which of them hold what their types say; `approval` verifies who approved what; `facts` answers what an expression asks of an archive on a day; `check`
//! tells what is wrong and what is due. From `access` on, everything is made from a `View`: the archive as one reader may see it.
//! `ARCHITECTURE.md` is the map; a test holds the modules to the order in which they stand here.

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
