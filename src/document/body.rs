//! The body of a document: its headings, links, fences, tables and prose, each with its place.

use crate::source::Span;

#[derive(Clone, Debug)]
pub struct Body {
    /// The text after the front matter.
    pub span: Span,
    pub headings: Vec<Heading>,
    pub links: Vec<Link>,
    pub fences: Vec<Fence>,
    pub tables: Vec<Span>,
    /// Text outside code and tables, a run of characters that stand together in the source each.
    pub prose: Vec<Prose>,
}

#[derive(Clone, Debug)]
pub struct Heading {
    pub level: u8,
    pub text: String,
    /// Unique in the document: the words before the first ideographic space, or before the first white space; else with `-2`, `-3` behind.
    pub anchor: String,
    pub span: Span,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LinkKind {
    /// `[[ID]]`, `[[ID|words]]`
    Wiki,
    /// A path or a fragment of this archive.
    Relative,
    /// http, https, mailto, tel.
    Web,
    /// A scheme or form that is never rendered as a link.
    Refused,
}

#[derive(Clone, Debug)]
pub struct Link {
    pub kind: LinkKind,
    /// As written, percent-decoded, without the fragment.
    pub target: String,
    pub fragment: Option<String>,
    pub image: bool,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Fence {
    pub info: String,
    /// The whole block with its fences.
    pub span: Span,
    /// What stands between the fences.
    pub content: Span,
    /// The nearest heading above it, an index into [`Body::headings`].
    pub heading: Option<usize>,
}

#[derive(Clone, Debug)]
pub struct Prose {
    pub text: String,
    pub span: Span,
    /// The level-2 heading under which it stands, an index into [`Body::headings`].
    pub section: Option<usize>,
}

/// A level-2 heading and what stands under it.
#[derive(Clone, Debug)]
pub struct Section {
    pub heading: usize,
    pub span: Span,
    /// Neither prose nor table nor list nor image stands in it.
    pub empty: bool,
}

impl Body {
    pub fn sections(&self) -> Vec<Section> {
        todo!()
    }
}
