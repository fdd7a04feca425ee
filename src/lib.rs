//! A records office: Markdown records checked against Markdown policies, and shown to whom may read them.
//!
//! `source` reads a folder into texts; `document` parses them; `policy` compiles the rulebooks, `archive` types and links the
//! records, and `structure` tells which of them hold what their types say; `approval` verifies who approved what; `facts` answers what an expression asks of an archive on a day; `check`
//! tells what is wrong and what is due. From `access` on, everything is made from a `View`: the archive as one reader may see it.
//! `ARCHITECTURE.md` is the map; a test holds the modules to the order in which they stand here.

pub mod leak;

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

pub mod publish;

pub mod edit;

pub mod store;

pub mod server;

pub mod cli;
