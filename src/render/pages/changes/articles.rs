//! Which article of a version stands for which of the one before: the one of the same title, or
//! else of the same number.

use crate::{policy::Policy, render::compared};
use std::{collections::BTreeMap, ops::Range};

/// An article's prose, as far as the next; or what stands before the first, which has no key.
#[derive(Clone)]
pub(super) struct Stretch {
    pub key: String,
    title: String,
    heading: String,
    pub range: Range<usize>,
}

/// An article in both versions, or in one.
pub(super) struct ArticlePair {
    pub before: Option<Stretch>,
    pub after: Option<Stretch>,
}

impl ArticlePair {
    pub fn has_heading(&self) -> bool {
        self.sides().any(|side| !side.key.is_empty())
    }

    /// Both of these articles are this one.
    pub fn joins(&self, before: &str, after: &str) -> bool {
        self.before.as_ref().is_some_and(|own| own.key == before) && self.after.as_ref().is_some_and(|own| own.key == after)
    }

    pub fn is_renamed(&self) -> bool {
        matches!((&self.before, &self.after), (Some(before), Some(after)) if before.heading != after.heading)
    }

    /// Its heading as HTML; what it was called before stands struck through in front.
    pub fn heading(&self, effort: &mut usize) -> String {
        let [before, after] = [&self.before, &self.after].map(|side| side.as_ref().map_or("", |side| &*side.heading));
        match (&self.before, &self.after) {
            (Some(_), Some(_)) if self.is_renamed() => {
                let sides = compared::lines(before, after, effort);
                format!("{} → {}", sides.before, sides.after)
            }
            _ => compared::plain(if after.is_empty() { before } else { after }),
        }
    }

    fn sides(&self) -> impl Iterator<Item = &Stretch> {
        self.before.iter().chain(&self.after)
    }
}

/// All articles of both, in the order of the later version; one that is gone stands behind the one
/// that it stood behind.
pub(super) fn pairs(before: &Policy, after: &Policy) -> Vec<ArticlePair> {
    let (own, later) = (stretches(before), stretches(after));
    let partners = partners(&own, &later);
    let mut pairs: Vec<ArticlePair> = later
        .iter()
        .enumerate()
        .map(|(at, after)| ArticlePair { before: partners[at].map(|at| own[at].clone()), after: Some(after.clone()) })
        .collect();
    let mut place = 0;
    for (at, gone) in own.iter().enumerate() {
        match pairs.iter().position(|pair| pair.before.as_ref().is_some_and(|side| side.range == gone.range)) {
            Some(there) => place = there + 1,
            None => {
                pairs.insert(place, ArticlePair { before: Some(own[at].clone()), after: None });
                place += 1;
            }
        }
    }
    pairs
}

/// For every article of the later version the place of its own in the earlier one.
fn partners(own: &[Stretch], later: &[Stretch]) -> Vec<Option<usize>> {
    let (titles, names) = (titles(own), titles(later));
    let by_title =
        |stretch: &Stretch| names.get(&*stretch.title).copied().flatten().and_then(|_| titles.get(&*stretch.title).copied().flatten());
    let mut partners: Vec<Option<usize>> = later.iter().map(by_title).collect();
    for (at, stretch) in later.iter().enumerate() {
        let same = own.iter().position(|own| own.key == stretch.key).filter(|same| !partners.contains(&Some(*same)));
        if partners[at].is_none() {
            partners[at] = same;
        }
    }
    partners
}

/// The articles by their titles; none for a title that stands twice.
fn titles(all: &[Stretch]) -> BTreeMap<&str, Option<usize>> {
    let mut titles = BTreeMap::new();
    for (at, stretch) in all.iter().enumerate().filter(|(_, stretch)| !stretch.title.is_empty()) {
        titles.entry(&*stretch.title).and_modify(|known| *known = None).or_insert(Some(at));
    }
    titles
}

pub(super) fn stretches(policy: &Policy) -> Vec<Stretch> {
    let body = &policy.document.body;
    let end = body.span.end as usize;
    let begins = |at: usize| policy.articles.get(at).map_or(end, |article| article.span.start as usize);
    let front = Stretch { key: String::new(), title: String::new(), heading: String::new(), range: body.span.start as usize..begins(0) };
    let heading = |at: usize| {
        let article = &policy.articles[at];
        body.headings
            .iter()
            .find(|heading| heading.span == article.span)
            .map_or_else(|| article.key.to_string(), |heading| heading.text.to_string())
    };
    let articles = policy.articles.iter().enumerate().map(|(at, article)| Stretch {
        key: article.key.to_string(),
        title: article.title.to_string(),
        heading: heading(at),
        range: article.span.end as usize..begins(at + 1),
    });
    std::iter::once(front).chain(articles).collect()
}
