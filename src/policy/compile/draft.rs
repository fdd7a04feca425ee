//! A policy document as far as it says who it is: front matter, articles, and its blocks as YAML
//! trees, not yet read.

use super::{
    desk::{code, write},
    front,
    names::Reported,
    raw::{Broken, RawBlock},
};
use crate::{
    diagnostic::{Citation, Finding, Severity, Words, nearest},
    document::{self, Document, Fence, yaml},
    policy::{Article, Keyword, Policy, StandIn, Status, article},
    source::{ArchivePath, Room, SourceFile, Sources, Span},
};
use std::{collections::BTreeSet, sync::Arc};

/// A policy document whose blocks are still to be read.
#[derive(Clone, Debug)]
pub(super) struct UnreadPolicy {
    /// Without blocks and settings.
    pub policy: Policy,
    pub raws: Vec<RawBlock>,
    /// Blocks that are no YAML, or whose kind is written wrongly.
    pub broken: Vec<Broken>,
    /// Whether it is read in the place of another version.
    pub stands_in: bool,
    /// Whether its front matter says what it must.
    pub sound: bool,
}

/// What a policy document says by itself, whatever the others say.
#[derive(Debug)]
pub(super) struct ReadDocument {
    /// `None` where it does not even say which policy it is.
    pub policy: Option<UnreadPolicy>,
    pub findings: Vec<Finding>,
    /// Names whose declaration has a mistake that is among the findings.
    pub told: BTreeSet<Arc<str>>,
}

impl ReadDocument {
    /// Every policy document, in the order of their paths.
    pub fn all(sources: &Sources) -> Vec<Arc<ReadDocument>> {
        sources.made_of_each(Room::Policy, |file| {
            let (told, mut findings) = (Reported::default(), Vec::new());
            let policy = UnreadPolicy::read(file, sources, &told, &mut findings);
            ReadDocument { policy, findings, told: told.into_names() }
        })
    }
}

impl UnreadPolicy {
    /// Versions of a policy stand together, the later ones later.
    pub fn order(&self) -> (&str, chrono::NaiveDate, &ArchivePath) {
        (&self.policy.id, self.policy.effective, &self.policy.document.path)
    }

    /// Its blocks as written, each with the id of the policy.
    pub fn blocks(&self) -> impl Iterator<Item = (&str, &RawBlock)> {
        self.raws.iter().map(|raw| (&*self.policy.id, raw))
    }

    /// The same, as if it had taken effect on another version's day.
    pub fn standing_in(mut self, stand_in: &StandIn) -> UnreadPolicy {
        if self.policy.document.path == stand_in.path {
            self.stands_in = true;
            self.policy.effective = stand_in.effective;
            self.policy.read_on = stand_in.effective;
            if self.policy.status == Status::Draft {
                self.policy.status = Status::InForce;
            }
        }
        self
    }

    fn read(file: &SourceFile, sources: &Sources, told: &Reported, findings: &mut Vec<Finding>) -> Option<UnreadPolicy> {
        let document = Arc::new(document::parse(file));
        findings.extend(document.findings.iter().cloned());
        let front = front::read(&document, sources, findings);
        if !front.sound {
            tell_all(&document, sources, told);
        }
        let mut draft = UnreadPolicy { policy: front.policy?, raws: Vec::new(), broken: Vec::new(), stands_in: false, sound: front.sound };
        findings.extend(article::unspaced_headings(&document, &file.text));
        draft.policy.articles = article::articles(&document, &draft.policy.id, &draft.policy.title, sources, findings);
        for fence in &document.body.fences {
            draft.read_fence(fence, &document, sources, told, findings);
        }
        Some(draft)
    }

    fn read_fence(&mut self, fence: &Fence, document: &Document, sources: &Sources, told: &Reported, findings: &mut Vec<Finding>) {
        let head = info_span(fence, sources);
        let above = article_above(fence, &self.policy.articles).map(|article| article.citation.clone());
        let line = sources.position(fence.span.file, fence.span.start).line;
        let content = sources.slice(fence.content);
        let broken = |kind: Keyword, citation: Citation| {
            let id = content.lines().find_map(|line| line.strip_prefix("id:")).map(|id| id.trim().into());
            Broken { kind, id, citation, span: fence.span, head, line }
        };
        let kind = match kind_of(&fence.info) {
            Ok(Some(kind)) => kind,
            Ok(None) => return,
            Err(wrong) => {
                if let Some((kind, citation)) = wrong.meant.zip(above) {
                    self.broken.push(broken(kind, citation));
                    tell(kind, content, told);
                }
                return findings.push(wrong.at(head));
            }
        };
        let Some(citation) = above else { return findings.push(no_article(head)) };
        let read = yaml::read(&sources.file(document.file).text, fence.content);
        // Of a block that runs into the next no more is told.
        let slips: Vec<Finding> = match unclosed(fence, sources) {
            Some(finding) => vec![finding],
            None => read.findings.into_iter().map(as_policy_finding).collect(),
        };
        let failed = !read.readable || slips.iter().any(|f| f.severity == Severity::Error);
        findings.extend(slips);
        if failed || !read.node.is_map() {
            if !failed {
                let span = if read.node.is_blank() { head } else { read.node.span };
                findings.push(not_a_mapping(span));
            }
            self.broken.push(broken(kind, citation));
            return tell(kind, content, told);
        }
        self.raws.push(RawBlock { kind, node: read.node, citation, span: fence.span, head, line });
    }
}

/// Notes what a document whose front matter has a mistake would have declared, itself included: it
/// may bind nobody now.
fn tell_all(document: &Document, sources: &Sources, told: &Reported) {
    let name = document.path.0.rsplit('/').next().unwrap_or_default();
    told.insert(name.strip_suffix(".md").unwrap_or(name));
    for fence in &document.body.fences {
        if let Ok(Some(kind)) = kind_of(&fence.info) {
            tell(kind, sources.slice(fence.content), told);
        }
    }
}

/// Notes what a block that is no YAML would have declared, as far as its lines show.
fn tell(kind: Keyword, content: &str, told: &Reported) {
    for line in content.lines() {
        let Some((key, value)) = line.split_once(':') else { continue };
        match kind {
            Keyword::Type if key == "id" => told.insert(value.trim()),
            Keyword::Posts | Keyword::Settings => told.insert(key.trim()),
            _ => {}
        }
    }
}

/// What is wrong with an info string.
struct BadInfo {
    message: Words,
    meant: Option<Keyword>,
}

impl BadInfo {
    fn at(self, span: Span) -> Finding {
        let finding = Finding::error(code::BLOCK, span, self.message);
        match self.meant {
            Some(meant) => finding.with_fix(write(&format!("yaml {}", meant.name()))),
            None => finding,
        }
    }
}

/// The kind of block that an info string names; none where the fence is just an illustration.
fn kind_of(info: &str) -> Result<Option<Keyword>, BadInfo> {
    let words: Vec<&str> = info.split_whitespace().collect();
    match words[..] {
        ["yaml", name] => match Keyword::named(name) {
            Some(kind) => Ok(Some(kind)),
            None => Err(unknown_kind(name)),
        },
        ["yaml", name, ..] if Keyword::named(name).is_some() => Err(BadInfo {
            message: Words::new("块的种类后面多了文字", "nothing may follow the kind of a block"),
            meant: Keyword::named(name),
        }),
        [name] if Keyword::named(name).is_some() => Err(BadInfo {
            message: Words::new(format!("“{name}”块要写成“yaml {name}”"), format!("a {name} block is written “yaml {name}”")),
            meant: Keyword::named(name),
        }),
        [language, name, ..] if matches!(&*language.to_lowercase(), "yaml" | "yml") && Keyword::named(&name.to_lowercase()).is_some() => {
            Err(BadInfo {
                message: Words::new(format!("“{info}”不是块的种类"), format!("“{info}” names no kind of block")),
                meant: Keyword::named(&name.to_lowercase()),
            })
        }
        ["yaml", name, ..] => Err(unknown_kind(name)),
        _ => Ok(None),
    }
}

fn unknown_kind(name: &str) -> BadInfo {
    let names = Keyword::ALL.map(Keyword::name);
    BadInfo {
        message: Words::new(
            format!("没有“{name}”这种块；可用的有 {}", names.join("、")),
            format!("there is no kind of block “{name}”; the kinds are {}", names.join(", ")),
        ),
        meant: nearest(name, names).and_then(Keyword::named),
    }
}

/// Where the info string stands, or the first line of the fence.
fn info_span(fence: &Fence, sources: &Sources) -> Span {
    let line = sources.slice(fence.span).lines().next().unwrap_or("");
    let (from, length) = line.find(fence.info.trim()).map_or((0, line.len()), |at| (at, fence.info.trim().len()));
    let start = fence.span.start + from as u32;
    Span { file: fence.span.file, start, end: start + length as u32 }
}

/// The nearest article above a block.
fn article_above<'a>(fence: &Fence, articles: &'a [Article]) -> Option<&'a Article> {
    articles.iter().rev().find(|article| article.span.start < fence.span.start)
}

fn no_article(head: Span) -> Finding {
    let message = Words::new("这个块不在任何条款之下，无法引用", "this block stands under no article, so nothing can cite it");
    Finding::error(code::BLOCK, head, message)
        .with_fix(Words::new("把它移到所属条款的标题（## 至 ####）之下", "move it below the heading (## to ####) of its article"))
}

fn not_a_mapping(span: Span) -> Finding {
    Finding::error(code::BLOCK, span, Words::new("块的内容应为“键: 值”的形式", "a block holds one mapping (key: value)"))
}

fn unclosed(fence: &Fence, sources: &Sources) -> Option<Finding> {
    let lines = sources.slice(fence.span).trim_end();
    let last = lines.lines().skip(1).last().unwrap_or("").trim_start_matches([' ', '>', '\t']);
    let closed = last.starts_with("```") || last.starts_with("~~~");
    let swallowed = sources.slice(fence.content).lines().position(|line| kind_of_line(line).is_some());
    let line = |within: usize| sources.position(fence.span.file, fence.content.start).line as usize + within;
    let message = match (closed, swallowed) {
        (_, Some(within)) => Words::new(
            format!("这个块没有结束，第 {} 行的下一个块成了它的一部分", line(within)),
            format!("this block is never closed: the next one, on line {}, has become part of it", line(within)),
        ),
        (false, None) => Words::new("这个块没有结束", "this block is never closed"),
        (true, None) => return None,
    };
    let fix = Words::new("在块的末尾另起一行写 ```", "write ``` on a line of its own at its end");
    Some(Finding::error(code::BLOCK, info_span(fence, sources), message).with_fix(fix))
}

/// The kind of block that a line of text would open.
fn kind_of_line(line: &str) -> Option<Keyword> {
    kind_of(line.trim_start().strip_prefix("```")?).ok().flatten()
}

/// What the YAML tree finds wrong in a block switches that block off.
fn as_policy_finding(finding: Finding) -> Finding {
    Finding { code: code::BLOCK.into(), ..finding }
}
