//! What one version of a policy says otherwise than another: articles, blocks, settings. Where in
//! its file something stands does not matter, nor how its YAML is laid out. Never judges.

use super::{Article, Block, BlockKind, Failing, Policy, Status};
use crate::{
    document::{Node, NodeValue, yaml},
    source::Sources,
};
use std::{collections::BTreeMap, sync::Arc};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Change {
    Added,
    Removed,
    Changed,
}

impl Change {
    pub fn name(self) -> &'static str {
        match self {
            Change::Added => "added",
            Change::Removed => "removed",
            Change::Changed => "changed",
        }
    }
}

/// What stands only in the one, only in the other, or in both in different words: first by the
/// order of the later version, then what is gone, by the order of the earlier one.
#[derive(Clone, Debug, Default)]
pub struct Difference {
    /// Of one that is changed, its heading or its prose says something else.
    pub articles: Vec<(Change, Article)>,
    /// But for the settings. Of one that is changed, its content, or the article under which it
    /// stands.
    pub blocks: Vec<(Change, Block)>,
    pub settings: Vec<ChangedSetting>,
    /// What stands in the later version with a mistake, so that it binds nobody there: it is not
    /// gone.
    pub failing: Vec<Failing>,
}

/// A setting, with its values as written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChangedSetting {
    pub name: Arc<str>,
    pub before: Option<Arc<str>>,
    pub after: Option<Arc<str>>,
}

impl ChangedSetting {
    pub fn change(&self) -> Change {
        match (&self.before, &self.after) {
            (None, _) => Change::Added,
            (_, None) => Change::Removed,
            _ => Change::Changed,
        }
    }
}

/// A version with the text in which it stands.
#[derive(Clone, Copy)]
pub struct PolicyVersion<'a> {
    pub policy: &'a Policy,
    pub sources: &'a Sources,
}

impl Difference {
    /// From one version (none: the policy is new) to another.
    pub fn between(before: Option<PolicyVersion<'_>>, after: PolicyVersion<'_>) -> Difference {
        let failing = if after.policy.status == Status::Withdrawn { Vec::new() } else { after.policy.failing.clone() };
        let (before, after) = (before.map(Text::of).unwrap_or_default(), Text::of(after));
        let mut difference = Difference {
            articles: changes(&before.articles, &after.articles),
            blocks: changes(&before.blocks, &after.blocks),
            settings: changed_settings(&before, &after),
            failing,
        };
        difference.blocks.retain(|(change, block)| *change != Change::Removed || !difference.failing.iter().any(|own| own.is(block)));
        let fails = |name: &str| difference.failing.iter().any(|own| own.is_setting(name));
        difference.settings.retain(|setting| setting.after.is_some() || !fails(&setting.name));
        difference
    }

    pub fn is_empty(&self) -> bool {
        self.articles.is_empty() && self.blocks.is_empty() && self.settings.is_empty() && self.failing.is_empty()
    }
}

/// What a version says, by the names under which it says it.
#[derive(Default)]
struct Text {
    articles: Vec<Said<Article, Vec<String>>>,
    blocks: Vec<Said<Block, Vec<Meaning>>>,
    settings: BTreeMap<Arc<str>, (super::Value, Arc<str>)>,
}

struct Said<T, M> {
    name: Arc<str>,
    thing: T,
    meaning: M,
}

/// The article under which a block stands, and its content.
#[derive(PartialEq)]
struct Meaning(Arc<str>, Content);

impl Text {
    /// A version that withdraws its policy has articles only.
    fn of(version: PolicyVersion<'_>) -> Text {
        let articles = articles(version);
        if version.policy.status == Status::Withdrawn {
            return Text { articles, ..Text::default() };
        }
        Text { articles, blocks: blocks(version), settings: settings(version) }
    }
}

fn articles(version: PolicyVersion<'_>) -> Vec<Said<Article, Vec<String>>> {
    let all = &version.policy.articles;
    let ends = all.iter().skip(1).map(|next| next.span.start).chain([u32::MAX]);
    let said = |(article, end): (&Article, u32)| Said {
        name: article.key.clone(),
        thing: article.clone(),
        meaning: std::iter::once(article.title.to_string()).chain(words(version, article.span.end, end)).collect(),
    };
    all.iter().zip(ends).map(said).collect()
}

/// The words between two places, without the blocks.
fn words(version: PolicyVersion<'_>, from: u32, to: u32) -> Vec<String> {
    let text = &version.sources.file(version.policy.file).text;
    let to = (to as usize).min(text.len());
    let blocks = version.policy.document.body.fences.iter().filter(|fence| fence.info.starts_with("yaml "));
    let mut pieces = Vec::new();
    let mut at = from as usize;
    for fence in blocks.filter(|fence| (from as usize..to).contains(&(fence.span.start as usize))) {
        pieces.push(text.get(at..fence.span.start as usize).unwrap_or_default());
        at = fence.span.end as usize;
    }
    pieces.push(text.get(at..to).unwrap_or_default());
    pieces.into_iter().flat_map(str::split_whitespace).map(str::to_owned).collect()
}

/// Several blocks may bear one id (`POLICY.posts`): together they are one.
fn blocks(version: PolicyVersion<'_>) -> Vec<Said<Block, Vec<Meaning>>> {
    let mut all: Vec<Said<Block, Vec<Meaning>>> = Vec::new();
    for block in version.policy.blocks.iter().filter(|block| !matches!(block.kind, BlockKind::Settings)) {
        let meaning = Meaning(block.citation.article.clone(), content(&written(version, block)));
        match all.iter_mut().find(|said| said.name == block.id) {
            Some(said) => said.meaning.push(meaning),
            None => all.push(Said { name: block.id.clone(), thing: block.clone(), meaning: vec![meaning] }),
        }
    }
    all
}

fn settings(version: PolicyVersion<'_>) -> BTreeMap<Arc<str>, (super::Value, Arc<str>)> {
    let written = |name: &str| version.policy.figures.get(name).map_or_else(Arc::default, |figure| figure.written.clone());
    version.policy.settings.iter().map(|(name, value)| (name.clone(), (value.clone(), written(name)))).collect()
}

fn written(version: PolicyVersion<'_>, block: &Block) -> Node {
    written_in(&version.sources.file(version.policy.file).text, version.policy, block)
}

/// The YAML of a block, in the text of its policy's document.
pub fn written_in(text: &str, policy: &Policy, block: &Block) -> Node {
    let fence = policy.document.body.fences.iter().find(|fence| fence.span == block.span);
    yaml::read(text, fence.map_or(block.span, |fence| fence.content)).node
}

/// Whether two blocks say the same, wherever they stand.
pub fn same_content(before: &Node, after: &Node) -> bool {
    content(before) == content(after)
}

/// A tree without its places.
#[derive(PartialEq)]
enum Content {
    /// `plain`: without quotes, which is not the same of a setting.
    Scalar(Arc<str>, bool),
    List(Vec<Content>),
    Map(Vec<(Arc<str>, Content)>),
}

fn content(node: &Node) -> Content {
    match &node.value {
        NodeValue::Scalar { text, plain } => Content::Scalar(text.clone(), *plain),
        NodeValue::List(nodes) => Content::List(nodes.iter().map(content).collect()),
        NodeValue::Map(entries) => Content::Map(entries.iter().map(|(key, value)| (key.text.clone(), content(value))).collect()),
    }
}

fn changes<T: Clone, M: PartialEq>(before: &[Said<T, M>], after: &[Said<T, M>]) -> Vec<(Change, T)> {
    let find = |all: &[Said<T, M>], name: &str| all.iter().position(|said| *said.name == *name);
    let later = after.iter().filter_map(|said| match find(before, &said.name) {
        None => Some((Change::Added, said.thing.clone())),
        Some(i) => (before[i].meaning != said.meaning).then(|| (Change::Changed, said.thing.clone())),
    });
    let gone = before.iter().filter(|said| find(after, &said.name).is_none()).map(|said| (Change::Removed, said.thing.clone()));
    later.chain(gone).collect()
}

fn changed_settings(before: &Text, after: &Text) -> Vec<ChangedSetting> {
    let names = before.settings.keys().chain(after.settings.keys().filter(|name| !before.settings.contains_key(*name)));
    let changed =
        names.filter(|name| before.settings.get(*name).map(|(value, _)| value) != after.settings.get(*name).map(|(value, _)| value));
    let text = |all: &Text, name: &str| all.settings.get(name).map(|(_, text)| text.clone());
    changed.map(|name| ChangedSetting { name: name.clone(), before: text(before, name), after: text(after, name) }).collect()
}
