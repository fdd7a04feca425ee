//! A version of a policy beside the one before it: its figures, its articles word by word, and what
//! its blocks demand otherwise.

use super::{PageKind, Shows, policies};
use crate::{
    access::View,
    policy::{
        Block, BlockKind, Change, Difference, Failing, Policy, Status,
        difference::{same_content, written_in},
        figure,
    },
    render::{
        address,
        asked::Asked,
        boxes,
        changed::{self, Versioned},
        compared::{self, ComparedHtml, ComparedPart},
        frame::PageModel,
        in_short,
        link::ShownLink,
        word_diff::EFFORT,
        words::fill,
    },
};
use serde::Serialize;
use std::sync::Arc;

mod articles;

use articles::{ArticlePair, pairs};

pub(super) const KIND: PageKind = PageKind { templates: &["/policies/{policy}/versions/{day}/changes/"], addresses, page };

#[derive(Serialize)]
struct Changes {
    title: String,
    before: ShownLink,
    after: ShownLink,
    /// Of the whole: its title, its status, who interprets it.
    whole: Vec<String>,
    summary: String,
    settings: Vec<Setting>,
    articles: Vec<Changed>,
}

#[derive(Serialize)]
struct Setting {
    name: String,
    before: Option<String>,
    after: Option<String>,
    /// The articles whose prose has it.
    articles: Vec<ShownLink>,
}

/// An article of which something has changed.
#[derive(Serialize)]
struct Changed {
    change: &'static str,
    label: &'static str,
    /// HTML, as `before` and `after` are; those are none where the words are the same.
    heading: String,
    before: Option<String>,
    after: Option<String>,
    blocks: Vec<ChangedBlock>,
}

#[derive(Serialize)]
struct ChangedBlock {
    kind: &'static str,
    /// What it asks.
    short: String,
    sentences: Vec<String>,
}

/// The versions that stand beside one before them, and that one. Of two of one day the first has
/// the address.
fn compared<'v>(view: &'v View<'_>) -> Vec<(&'v Arc<Policy>, &'v Arc<Policy>)> {
    let versions = &view.policies().versions;
    let before = |at: usize| versions[..at].iter().rev().find(|own| own.id == versions[at].id && own.status != Status::Draft);
    let is_first = |at: usize| versions[..at].iter().all(|own| own.id != versions[at].id || own.effective != versions[at].effective);
    (0..versions.len()).filter(|at| is_first(*at)).filter_map(|at| Some((before(at)?, &versions[at]))).collect()
}

fn path(policy: &Policy) -> String {
    format!("{}versions/{}/changes/", address::policy(&policy.id), policy.effective)
}

/// Where a version stands beside the one before it; none for the first.
pub(super) fn href(asked: &Asked<'_>, view: &View<'_>, policy: &Policy) -> Option<String> {
    let is_there = compared(view).iter().any(|(_, own)| own.document.path == policy.document.path);
    is_there.then(|| asked.href(&path(policy)))
}

fn addresses(view: &View<'_>) -> Vec<String> {
    compared(view).into_iter().map(|(_, policy)| path(policy)).collect()
}

fn page(asked: &Asked<'_>, view: &View<'_>, segments: &[&str]) -> Shows {
    let ["policies", segment, "versions", day, "changes"] = segments else { return Ok(None) };
    let address = format!("/policies/{segment}/versions/{day}/changes/");
    let Some((before, after)) = compared(view).into_iter().find(|(_, policy)| path(policy) == address) else { return Ok(None) };
    let title = fill(asked.word("changes_of"), "title", &after.title);
    let beside = Beside { asked, view, before, after, difference: view.difference(before, after) };
    asked.page(&address, PageModel::new("changes.html", &title, beside.told())).map(Some)
}

struct Beside<'a> {
    asked: &'a Asked<'a>,
    view: &'a View<'a>,
    before: &'a Policy,
    after: &'a Policy,
    difference: Difference,
}

impl Beside<'_> {
    fn told(&self) -> Changes {
        let mut effort = EFFORT;
        let pairs = pairs(self.before, self.after);
        let articles: Vec<Changed> = pairs.iter().filter_map(|pair| self.article(pair, &pairs, &mut effort)).collect();
        let whole = self.whole();
        Changes {
            title: self.after.title.to_string(),
            before: self.version(self.before),
            after: self.version(self.after),
            summary: self.summary(&articles, pairs.iter().filter(|pair| pair.has_heading()).count()),
            settings: self.settings(),
            articles,
            whole,
        }
    }

    fn version(&self, policy: &Policy) -> ShownLink {
        ShownLink { text: policy.effective.to_string(), href: Some(self.asked.href(&policies::path(self.view, policy))) }
    }

    fn whole(&self) -> Vec<String> {
        let both = [self.before, self.after];
        let rows = [
            ("title", both.map(|policy| policy.title.to_string())),
            ("c_status", both.map(|policy| policies::status(self.asked, policy.status).1.to_owned())),
            ("owner", both.map(|policy| policy.owner.as_ref().map_or_else(String::new, |id| self.asked.department(id)))),
        ];
        let turned = rows.into_iter().filter(|(_, [before, after])| before != after);
        let turned = turned.map(|(key, sides)| changed::turned(self.asked, self.asked.word(key), &sides));
        let ended = self.is_withdrawn().then(|| self.ended()).flatten();
        turned.chain(ended).collect()
    }

    fn is_withdrawn(&self) -> bool {
        self.after.status == Status::Withdrawn
    }

    /// What the system sees to no longer.
    fn ended(&self) -> Option<String> {
        let gone = self.difference.blocks.len();
        (gone > 0).then(|| fill(self.asked.word("c_ended"), "n", &gone.to_string()))
    }

    fn summary(&self, articles: &[Changed], all: usize) -> String {
        let count = |change: &str| articles.iter().filter(|article| article.change == change && !article.heading.is_empty()).count();
        let counts = [("c_n_changed", count("changed")), ("c_n_added", count("added")), ("c_n_removed", count("removed"))];
        let left = all - counts.iter().map(|(_, n)| n).sum::<usize>();
        let told = counts.into_iter().chain([("c_n_same", left)]).filter(|(_, n)| *n > 0);
        told.map(|(key, n)| fill(self.asked.word(key), "n", &n.to_string())).collect::<Vec<_>>().join(self.asked.word("c_and_so"))
    }

    fn settings(&self) -> Vec<Setting> {
        let written = |value: &Option<Arc<str>>| value.as_ref().map(ToString::to_string);
        let setting = |own: &crate::policy::difference::ChangedSetting| Setting {
            name: self.called(&own.name),
            before: written(&own.before),
            after: written(&own.after),
            articles: self.naming(&own.name),
        };
        // A policy that is withdrawn has no figures to tell of.
        if self.is_withdrawn() { Vec::new() } else { self.difference.settings.iter().map(setting).collect() }
    }

    fn called(&self, setting: &str) -> String {
        let policy = if self.after.figures.contains_key(setting) { self.after } else { self.before };
        policy.called(setting, self.asked.lang).to_owned()
    }

    /// The articles of this version in whose prose a figure stands, or of the earlier one where
    /// that alone has it.
    fn naming(&self, setting: &str) -> Vec<ShownLink> {
        let policy = if self.after.figures.contains_key(setting) { self.after } else { self.before };
        let (text, page) = (self.view.policy_text(policy), policies::path(self.view, policy));
        let names = |own: &articles::Stretch| {
            let prose = text.get(own.range.clone()).unwrap_or_default();
            !own.key.is_empty() && figure::named(prose).iter().any(|(_, name)| *name == setting)
        };
        let link = |own: articles::Stretch| {
            let fragment = address::encoded(&address::fragment(&own.key));
            ShownLink { text: own.key, href: Some(format!("{}#{fragment}", self.asked.href(&page))) }
        };
        articles::stretches(policy).into_iter().filter(names).map(link).collect()
    }

    fn article(&self, pair: &ArticlePair, all: &[ArticlePair], effort: &mut usize) -> Option<Changed> {
        let blocks = self.blocks(pair, all);
        let prose = match (&pair.before, &pair.after) {
            (Some(before), Some(after)) => {
                let [own, later] = [(self.before, before), (self.after, after)].map(|(policy, article)| self.part(policy, article));
                compared::parts(self.asked, self.view, [&own, &later], effort)
            }
            (Some(before), None) => ComparedHtml { before: self.alone(self.before, before), ..ComparedHtml::default() },
            (None, Some(after)) => ComparedHtml { after: self.alone(self.after, after), ..ComparedHtml::default() },
            (None, None) => return None,
        };
        let heading = pair.heading(effort);
        let (change, label) = match (&pair.before, &pair.after) {
            (_, None) => ("removed", "c_removed"),
            (None, _) => ("added", "c_added"),
            _ => ("changed", "c_changed"),
        };
        let is_alike = change == "changed" && prose.are_alike;
        if is_alike && blocks.is_empty() && !pair.is_renamed() {
            return None;
        }
        let is_left_out = is_alike || self.is_withdrawn() && change == "removed";
        let side = |html: String| (!is_left_out && !html.trim().is_empty()).then_some(html);
        let (before, after) = (side(prose.before), side(prose.after));
        Some(Changed { change, label: self.asked.word(label), heading, before, after, blocks })
    }

    fn part<'p>(&self, policy: &'p Policy, article: &articles::Stretch) -> ComparedPart<'p> {
        ComparedPart { policy, range: article.range.clone(), page: self.asked.href(&policies::path(self.view, policy)) }
    }

    fn alone(&self, policy: &Policy, article: &articles::Stretch) -> String {
        compared::part(self.asked, self.view, &self.part(policy, article))
    }

    /// Those of the blocks under an article that have changed; one that is gone stands under the
    /// article of the earlier version.
    fn blocks(&self, pair: &ArticlePair, all: &[ArticlePair]) -> Vec<ChangedBlock> {
        if self.is_withdrawn() {
            return Vec::new();
        }
        let is_here = |(change, block): &&(Change, Block)| {
            let own = if *change == Change::Removed { &pair.before } else { &pair.after };
            own.as_ref().is_some_and(|own| *own.key == *block.citation.article)
        };
        let blocks = self.difference.blocks.iter().filter(is_here).filter_map(|(change, block)| self.block(*change, block, all));
        let is_under = |own: &&Failing| pair.after.as_ref().is_some_and(|after| *after.key == *own.citation.article);
        blocks.chain(self.difference.failing.iter().filter(is_under).map(|own| self.failing(own))).collect()
    }

    fn failing(&self, own: &Failing) -> ChangedBlock {
        let short = fill(self.asked.word("c_block_fails"), "line", own.id.as_deref().unwrap_or_default());
        ChangedBlock { kind: self.asked.word(boxes::label_of(own.kind)), short, sentences: Vec::new() }
    }

    fn block(&self, change: Change, block: &Block, all: &[ArticlePair]) -> Option<ChangedBlock> {
        let own = if change == Change::Removed { self.before } else { self.after };
        let asks = in_short::asks(self.asked, own, block);
        let kind = self.asked.word(boxes::label_of(block.kind.keyword()));
        let whole = |key| Some(ChangedBlock { kind, short: fill(self.asked.word(key), "line", &asks), sentences: Vec::new() });
        match change {
            Change::Added => whole("c_block_new"),
            Change::Removed => whole("c_block_gone"),
            Change::Changed => {
                let was = self.before.blocks.iter().find(|own| own.id == block.id)?;
                let sentences = self.sentences(was, block, all);
                let judges = in_short::what(self.asked, own, block).is_some();
                let is_told = judges && asks != in_short::asks(self.asked, self.before, was);
                let short = if is_told || matches!(block.kind, BlockKind::Posts) { String::new() } else { asks };
                (!sentences.is_empty()).then_some(ChangedBlock { kind, short, sentences })
            }
        }
    }

    fn sentences(&self, was: &Block, block: &Block, all: &[ArticlePair]) -> Vec<String> {
        let [before, after] = [(self.before, was), (self.after, block)].map(|(policy, block)| Versioned {
            policy,
            text: self.view.policy_text(policy),
            block,
        });
        let stays = all.iter().any(|pair| pair.joins(&was.citation.article, &block.citation.article));
        let moved = (!stays).then(|| changed::moved(self.asked, before, after));
        let [own, later] = [before, after].map(|one| written_in(one.text, one.policy, one.block));
        let is_same = same_content(&own, &later) && !matches!(block.kind, BlockKind::Posts);
        let told = if is_same { Vec::new() } else { changed::sentences(self.asked, before, after) };
        moved.into_iter().chain(told).collect()
    }
}
