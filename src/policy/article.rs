//! The articles of a policy: every heading is one, and its key is its anchor.

use super::figure::plain_digit;
use crate::{
    diagnostic::{Citation, Finding, Words},
    document::{Document, Heading, ProseRun, Writing},
    source::{Sources, Span},
};
use std::{collections::BTreeMap, sync::Arc};

#[derive(Clone, PartialEq, Debug)]
pub struct Article {
    /// What stands before the first ideographic space of the heading, or before the first white
    /// space.
    pub key: Arc<str>,
    /// The words after the key.
    pub title: Arc<str>,
    pub level: u8,
    /// That somebody can have kept or broken it: it has a text of its own, and is no appendix.
    pub is_citable: bool,
    pub span: Span,
    pub citation: Citation,
}

/// Why an article has no block, by what its policy says in front.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unenforced {
    /// It says what the rulebook is for, whom it binds, who keeps and interprets it.
    Purpose,
    /// It demands what people alone can judge; what breaks it can be recorded.
    Judgement,
    /// Other articles, or the program, see to it.
    Elsewhere,
}

impl Unenforced {
    pub const NAMES: [(&str, Unenforced); 3] =
        [("purpose", Unenforced::Purpose), ("judgement", Unenforced::Judgement), ("elsewhere", Unenforced::Elsewhere)];

    /// As the front matter has it.
    pub fn name(self) -> &'static str {
        Unenforced::NAMES.iter().find(|(_, why)| *why == self).map_or("", |(name, _)| name)
    }
}

/// The headings of the levels 2 to 4; a key that stands twice is a finding, since nobody could tell
/// which of the two is cited.
pub(super) fn articles(
    document: &Document,
    policy: &Arc<str>,
    title: &Arc<str>,
    sources: &Sources,
    findings: &mut Vec<Finding>,
) -> Vec<Article> {
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    let body = &document.body;
    let ends = body.headings.iter().skip(1).map(|next| next.span.start).chain([body.span.end]);
    let headings = body.headings.iter().zip(ends).filter(|(heading, _)| (2..=4).contains(&heading.level));
    headings
        .map(|(heading, end)| {
            let (key, words) = split_heading(&heading.text);
            findings.extend(odd_key(key, heading));
            match seen.get(key) {
                Some(first) => findings.push(stands_twice(key, heading, *first)),
                None => _ = seen.insert(key, heading.span),
            }
            let citation = Citation {
                policy: policy.clone(),
                title: title.clone(),
                article: heading.anchor.clone(),
                path: document.path.clone(),
                line: sources.position(heading.span.file, heading.span.start).line,
            };
            let is_citable = !is_appendix(key) && body.has_content(heading.span.end..end);
            Article { key: heading.anchor.clone(), title: words.into(), level: heading.level, is_citable, span: heading.span, citation }
        })
        .collect()
}

/// By what such headings are called: tables of amounts, forms and the like.
fn is_appendix(key: &str) -> bool {
    let names = ["附表", "附录", "附件", "appendix", "annex"];
    names.iter().any(|name| key.to_lowercase().starts_with(name))
}

/// The key of a heading and the words after it.
fn split_heading(text: &str) -> (&str, &str) {
    let text = text.trim();
    let split = text.split_once('\u{3000}').or_else(|| text.split_once(char::is_whitespace));
    split.map_or((text, ""), |(key, words)| (key.trim(), words.trim()))
}

/// A key that nobody will find under the name by which he cites it.
fn odd_key(key: &str, heading: &Heading) -> Option<Finding> {
    let told =
        |zh: String, en: String, fix: Words| Some(Finding::warning("policy.heading", heading.span, Words::new(zh, en)).with_fix(fix));
    if let Some((number, title)) = key.split_once(['：', ':']).filter(|(number, _)| !number.is_empty()) {
        let fix = Words::new(format!("写成“{number}　{title}”"), format!("write “{number}\u{3000}{title}”"));
        return told(
            format!("条号与题目之间用了冒号，条号成了“{key}”"),
            format!("a colon stands between the key and the title, so that the key is “{key}”"),
            fix,
        );
    }
    let narrow: String = key.chars().map(plain_digit).collect();
    let fix = Words::new(format!("写成“{narrow}”"), format!("write “{narrow}”"));
    (narrow != key).then(|| told(format!("条号“{key}”里有全角数字"), format!("the key “{key}” has full-width digits"), fix)).flatten()
}

/// Lines that begin like a heading, and are none for want of a blank.
pub(super) fn unspaced_headings(document: &Document, text: &str) -> Vec<Finding> {
    let unspaced = |run: &&ProseRun| {
        let marks = run.text.len() - run.text.trim_start_matches('#').len();
        (2..=4).contains(&marks) && !run.text[marks..].starts_with(char::is_whitespace) && run.text.len() > marks
    };
    let told = |run: &ProseRun| {
        let message = Words::new("“#”之后没有空格，这一行不是标题", "no blank stands behind “#”: this line is no heading");
        Finding::warning("policy.heading", run.span, message)
            .with_fix(Words::new("在“#”与条号之间空一格", "put a blank between “#” and the key"))
    };
    Writing::read(text, document.body.span).prose.iter().filter(unspaced).map(told).collect()
}

fn stands_twice(key: &str, heading: &Heading, first: Span) -> Finding {
    let message = Words::new(
        format!("条款“{key}”出现了两次，引用时无法分辨"),
        format!("article “{key}” stands twice; a citation of it could mean either"),
    );
    let mut finding = Finding::warning("policy.duplicate-id", heading.span, message);
    finding.related.push((first, Words::new("第一次在此", "first here")));
    finding
}
