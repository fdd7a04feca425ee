//! From policy documents to [`Policies`]. First who declares what, so that neither the order of
//! blocks nor that of documents matters; then settings, types, posts; then everything that rests on
//! these. A block with a mistake is left out and told of; what follows from it elsewhere is not
//! told again.

mod access;
mod claims;
mod desk;
mod draft;
mod duties;
mod examples;
mod expressions;
mod failing;
mod fields;
mod front;
mod given;
mod history;
mod names;
mod naming;
mod offices;
mod raw;
mod references;
mod roles;
mod rules;
mod sense;
mod settings;
mod types;

#[cfg(test)]
mod tests;

use super::{
    Block, BlockKind, Figure, Keyword, Policies, Policy, Posts, RecordType, StandIn, Status, TypeEras, Unsound, Value, expression::Schema,
};
use crate::{
    diagnostic::Finding,
    document::Node,
    source::{Sources, Span},
};
use chrono::NaiveDate;
use claims::{Claims, Space};
use desk::Desk;
use draft::{ReadDocument, UnreadPolicy};
use names::{Names, Reported};
use raw::RawBlock;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

type Types = BTreeMap<Arc<str>, Arc<RecordType>>;
type Settings = BTreeMap<Arc<str>, Value>;
type Figures = BTreeMap<Arc<str>, Figure>;

pub(super) fn compile(sources: &Sources, today: NaiveDate, standing_in: &[StandIn]) -> Policies {
    let documents = ReadDocument::all(sources);
    let told = Reported::default();
    documents.iter().flat_map(|document| &document.told).for_each(|name| told.insert(name.clone()));
    let findings = documents.iter().flat_map(|document| &document.findings).cloned().collect();
    let drafts = documents.iter().filter_map(|document| document.policy.clone());
    let mut drafts: Vec<UnreadPolicy> = drafts.map(|draft| standing_in.iter().fold(draft, UnreadPolicy::standing_in)).collect();
    drafts.sort_by(|a, b| a.order().cmp(&b.order()));
    let mut compiler = Compiler::new(sources, today, drafts, told, findings);
    let (settings, figures): (Vec<Settings>, Vec<Figures>) = compiler.settings().into_iter().unzip();
    let types = compiler.types(&settings);
    let posts = compiler.posts(&settings);
    let types = compiler.completed(types, &settings, &posts, history::read, |own, history| own.history = history);
    let types = compiler.completed(types, &settings, &posts, given::read, |own, given| own.given = given);
    let blocks = compiler.blocks(&settings, &types, &posts);
    compiler.finish((settings, figures), types, posts, blocks)
}

/// Something that a block declares: as far as it could be read, and whether it stands.
#[derive(Clone, Debug)]
struct Declared<T> {
    /// Which of the draft's blocks.
    block: usize,
    value: T,
    sound: bool,
}

type Declarations<T> = Vec<Vec<Declared<T>>>;

struct Compiler<'s> {
    sources: &'s Sources,
    today: NaiveDate,
    /// By policy, then by effective date.
    drafts: Vec<UnreadPolicy>,
    /// For each draft, the drafts whose names its blocks may use: those in force when it takes
    /// effect, those in force today, those in force on the day that it is read on, itself. Of two
    /// that declare the same, the later of these counts: a version that has ended goes on meaning
    /// what it meant.
    seen: Vec<Vec<usize>>,
    /// The drafts in force today.
    current: BTreeSet<usize>,
    names: Vec<Names>,
    claims: Claims,
    told: Reported,
    findings: Vec<Finding>,
}

impl<'s> Compiler<'s> {
    fn new(sources: &'s Sources, today: NaiveDate, mut drafts: Vec<UnreadPolicy>, told: Reported, findings: Vec<Finding>) -> Compiler<'s> {
        let current = in_force(&drafts, today);
        let days: Vec<NaiveDate> = (0..drafts.len()).map(|own| reading_day(&drafts, own, today)).collect();
        drafts.iter_mut().zip(days).for_each(|(draft, day)| draft.policy.read_on = day);
        let seen = drafts.iter().enumerate().map(|(own, draft)| {
            let [first, last] = [draft.policy.effective, draft.policy.read_on].map(|day| in_force(&drafts, day));
            first.into_iter().chain(current.iter().copied()).chain(last).chain([own]).collect()
        });
        let seen: Vec<Vec<usize>> = seen.collect();
        let names = seen.iter().map(|seen| Names::declared(seen.iter().flat_map(|&i| drafts[i].blocks()))).collect();
        Compiler { sources, today, drafts, seen, current, names, claims: Claims::default(), told, findings }
    }

    /// Reads the blocks of some kinds of a draft, each at a desk of its own.
    fn read<T>(
        &mut self,
        draft: usize,
        kinds: &[Keyword],
        schema: Schema<'_>,
        mut read: impl FnMut(&Desk<'_>, &RawBlock, &mut Claims, usize) -> Option<T>,
    ) -> Vec<Declared<T>> {
        let mut declared = Vec::new();
        let owner = if self.current.contains(&draft) { usize::MAX } else { draft };
        for (block, raw) in self.drafts[draft].raws.iter().enumerate().filter(|(_, raw)| kinds.contains(&raw.kind)) {
            let policy = self.drafts[draft].policy.id.clone();
            let desk = Desk::new(self.sources, &policy, raw, schema.clone(), &self.names[draft], &self.told);
            let value = read(&desk, raw, &mut self.claims, owner);
            let sound = !desk.failed();
            declared.extend(value.map(|value| Declared { block, value, sound }));
            self.findings.extend(desk.into_findings());
        }
        declared
    }

    fn settings(&mut self) -> Vec<(Settings, Figures)> {
        let (types, posts, none) = (Types::new(), Posts::default(), Settings::new());
        let schema = Schema { types: &types, posts: &posts, settings: &none };
        (0..self.drafts.len())
            .map(|draft| {
                let blocks = self
                    .read(draft, &[Keyword::Settings], schema.clone(), |desk, raw, claims, _| Some(settings_of(desk, raw, claims, draft)));
                blocks
                    .into_iter()
                    .flat_map(|block| block.value)
                    .map(|(name, value, figure)| ((name.clone(), value), (name, figure)))
                    .unzip()
            })
            .collect()
    }

    fn types(&mut self, settings: &[Settings]) -> Declarations<Arc<RecordType>> {
        let (none, posts) = (Types::new(), Posts::default());
        let mut declared: Declarations<Arc<RecordType>> = Vec::new();
        for (draft, settings) in settings.iter().enumerate() {
            let schema = Schema { types: &none, posts: &posts, settings };
            declared.push(self.read(draft, &[Keyword::Type], schema, |desk, raw, claims, owner| {
                let read = types::read(desk, &raw.node)?;
                claims.claim(desk, owner, Space::Type, &read.id, raw.id_span());
                if let Some(role) = read.role {
                    claims.claim(desk, owner, Space::Role, role.name(), raw.id_span());
                }
                Some(Arc::new(read))
            }));
        }
        declared
    }

    /// The types with a part more: one that rests on what the others hold.
    fn completed<T: Clone>(
        &mut self,
        mut declared: Declarations<Arc<RecordType>>,
        settings: &[Settings],
        posts: &Declarations<Posts>,
        read: impl Fn(&Desk<'_>, &Node, &RecordType) -> T,
        put: impl Fn(&mut RecordType, T),
    ) -> Declarations<Arc<RecordType>> {
        // What is put into one draft's types is no part of what the others' are read by.
        let before = declared.clone();
        for (draft, settings) in settings.iter().enumerate() {
            let (known, posts) = (self.known_types(draft, &before), self.known_posts(draft, posts));
            let own: BTreeMap<usize, Arc<RecordType>> = before[draft].iter().map(|d| (d.block, d.value.clone())).collect();
            let raws: Vec<_> = self.drafts[draft].raws.iter().map(|raw| raw.span).collect();
            let schema = Schema { types: &known, posts: &posts, settings };
            let parts = self.read(draft, &[Keyword::Type], schema, |desk, raw, _, _| {
                let block = raws.iter().position(|span| *span == raw.span)?;
                Some(read(desk, &raw.node, own.get(&block)?))
            });
            for Declared { block, value, sound } in parts {
                for own in declared[draft].iter_mut().filter(|own| own.block == block) {
                    own.sound &= sound;
                    put(Arc::make_mut(&mut own.value), value.clone());
                }
            }
        }
        declared
    }

    fn posts(&mut self, settings: &[Settings]) -> Declarations<Posts> {
        let (types, none) = (Types::new(), Posts::default());
        let declared = settings.iter().enumerate().map(|(draft, settings)| {
            let schema = Schema { types: &types, posts: &none, settings };
            self.read(draft, &[Keyword::Posts], schema, |desk, raw, claims, owner| {
                let read = offices::read(desk, &raw.node);
                for post in read.posts.values() {
                    claims.claim(desk, owner, Space::Post, &post.id, post.span);
                }
                for department in read.departments.values() {
                    claims.claim(desk, owner, Space::Department, &department.id, department.span);
                }
                Some(read)
            })
        });
        let declared = declared.collect();
        self.named_as_before(declared)
    }

    /// What versions of a policy have called a post or a department stays a name of it in those
    /// that follow.
    fn named_as_before(&self, mut declared: Declarations<Posts>) -> Declarations<Posts> {
        let was = |draft: usize| (&self.drafts[draft].policy.id, self.drafts[draft].policy.effective);
        let mut order: Vec<usize> = (0..declared.len()).collect();
        order.sort_by_key(|&draft| was(draft));
        for pair in order.windows(2).filter(|pair| was(pair[0]).0 == was(pair[1]).0) {
            let earlier = merged(declared[pair[0]].iter().map(|d| &d.value));
            declared[pair[1]].iter_mut().for_each(|later| later.value.remember(&earlier));
        }
        declared
    }

    /// Everything that rests on types, posts and settings; in the order of the documents.
    fn blocks(&mut self, settings: &[Settings], types: &Declarations<Arc<RecordType>>, posts: &Declarations<Posts>) -> Vec<Vec<Block>> {
        let blocks = settings.iter().enumerate().map(|(draft, settings)| {
            let (types, posts) = (self.known_types(draft, types), self.known_posts(draft, posts));
            let schema = Schema { types: &types, posts: &posts, settings };
            let mut access = BTreeMap::new();
            let read = self.read(draft, &Keyword::ALL, schema, |desk, raw, claims, owner| {
                let number = access_number(raw, &mut access);
                let (id, kind) = read_block(desk, raw, number)?;
                claim_block(desk, raw, claims, owner, &id, &kind);
                Some((id, kind))
            });
            read.into_iter().filter(|d| d.sound).map(|d| self.block(draft, d.block, d.value.0, d.value.1)).collect()
        });
        blocks.collect()
    }

    fn block(&self, draft: usize, block: usize, id: Arc<str>, kind: BlockKind) -> Block {
        let raw = &self.drafts[draft].raws[block];
        Block { id, kind, citation: raw.citation.clone(), span: raw.span, line: raw.line }
    }

    fn known_types(&self, draft: usize, declared: &Declarations<Arc<RecordType>>) -> Types {
        let seen = self.seen[draft].iter().flat_map(|&i| &declared[i]);
        seen.map(|d| (d.value.id.clone(), d.value.clone())).collect()
    }

    fn known_posts(&self, draft: usize, declared: &Declarations<Posts>) -> Posts {
        merged(self.seen[draft].iter().flat_map(|&i| &declared[i]).map(|d| &d.value))
    }

    fn finish(
        mut self,
        (settings, figures): (Vec<Settings>, Vec<Figures>),
        types: Declarations<Arc<RecordType>>,
        posts: Declarations<Posts>,
        blocks: Vec<Vec<Block>>,
    ) -> Policies {
        references::check(&self.drafts, &self.names, &self.told, &mut self.findings);
        let current = || self.current.iter().copied();
        let today = self.types_today(&types);
        let policies = Policies {
            eras: TypeEras::of(&today, self.types_through_time(&types)),
            types: today,
            posts: merged(current().flat_map(|i| &posts[i]).filter(|d| d.sound).map(|d| &d.value)),
            versions: Vec::new(),
            findings: Vec::new(),
            unsound: self.unsound(&types, &posts),
        };
        let mut versions = Vec::new();
        for (draft, ((settings, figures), mut blocks)) in settings.into_iter().zip(figures).zip(blocks).enumerate() {
            blocks.extend(self.declarations(draft, &types[draft], &posts[draft]));
            blocks.sort_by_key(|block| block.span.bytes());
            let failing = failing::of(&self.drafts[draft], &blocks, &settings);
            let policy = Policy { blocks, failing, settings, figures, ..self.drafts[draft].policy.clone() };
            self.findings.extend(references::of_figures(&policy, &self.sources.file(policy.file).text, &self.told));
            self.findings.extend(references::of_unenforced(&policy));
            versions.push(Arc::new(policy));
        }
        self.findings.retain(|finding| !versions.iter().any(|version| is_idle(finding, version)));
        let place = |finding: &Finding| finding.span.map(|span| (&self.sources.file(span.file).path, span.bytes()));
        self.findings.sort_by(|a, b| (place(a), &a.code).cmp(&(place(b), &b.code)));
        self.findings.dedup();
        Policies { versions, findings: self.findings, ..policies }
    }

    /// What the versions in force today declare with a mistake, and policies whose front matter
    /// does not say whether they are in force.
    fn unsound(&self, types: &Declarations<Arc<RecordType>>, posts: &Declarations<Posts>) -> Unsound {
        let mut unsound = Unsound::default();
        let mut note = |kind: Keyword, head: Span, id: Option<Arc<str>>| {
            if matches!(kind, Keyword::Type | Keyword::Posts | Keyword::Settings) {
                unsound.heads.push(head);
            }
            unsound.posts |= kind == Keyword::Posts;
            unsound.types.extend(id.filter(|_| kind == Keyword::Type));
        };
        for draft in self.current.iter().map(|current| &self.drafts[*current]) {
            draft.broken.iter().for_each(|broken| note(broken.kind, broken.head, broken.id.clone()));
        }
        for current in self.current.iter().copied() {
            let is_sound = |block: usize| match self.drafts[current].raws[block].kind {
                Keyword::Type => types[current].iter().any(|declared| declared.block == block && declared.sound),
                Keyword::Posts => posts[current].iter().any(|declared| declared.block == block && declared.sound),
                Keyword::Settings => self.drafts[current].raws[block].node.entries().iter().all(|(key, _)| !self.told.contains(&key.text)),
                _ => true,
            };
            for (_, raw) in self.drafts[current].raws.iter().enumerate().filter(|(block, _)| !is_sound(*block)) {
                note(raw.kind, raw.head, raw.node.get("id").and_then(Node::text).map(|id| id.trim().into()));
            }
        }
        let unclear = self.drafts.iter().filter(|draft| !draft.sound).map(|draft| draft.policy.document.front_span);
        unsound.fronts.extend(unclear);
        unsound
    }

    /// The types of the versions in force today; and those that none of these declares any more, as
    /// they last stood, so that the records of their time can be read.
    fn types_today(&self, declared: &Declarations<Arc<RecordType>>) -> Types {
        let current: Vec<_> = self.current.iter().flat_map(|&i| &declared[i]).collect();
        let mut types: Types = current.iter().filter(|d| d.sound).map(|d| (d.value.id.clone(), d.value.clone())).collect();
        let is_current =
            |own: &RecordType| current.iter().any(|d| d.value.id == own.id || (own.role.is_some() && d.value.role == own.role));
        for own in self.was_in_force().into_iter().flat_map(|i| &declared[i]).filter(|d| d.sound).map(|d| &d.value) {
            if !is_current(own) && !self.told.contains(&own.id) {
                types.insert(own.id.clone(), own.clone());
            }
        }
        types
    }

    /// What each day declares on which a version takes effect, in the order of the days.
    fn types_through_time<'t>(&self, declared: &'t Declarations<Arc<RecordType>>) -> Vec<(NaiveDate, &'t Arc<RecordType>)> {
        let days: BTreeSet<NaiveDate> = self.drafts.iter().map(|draft| draft.policy.effective).collect();
        let of_day = |day: NaiveDate| {
            let sound = in_force(&self.drafts, day).into_iter().flat_map(|i| &declared[i]).filter(|d| d.sound);
            sound.map(move |d| (day, &d.value)).collect::<Vec<_>>()
        };
        days.into_iter().flat_map(of_day).collect()
    }

    /// The drafts that were in force once and are no more, the last ones last.
    fn was_in_force(&self) -> Vec<usize> {
        let policy = |i: usize| &self.drafts[i].policy;
        let once = |i: &usize| policy(*i).stands_on(self.today) && policy(*i).status != Status::Withdrawn && !self.current.contains(i);
        let mut drafts: Vec<usize> = (0..self.drafts.len()).filter(once).collect();
        drafts.sort_by_key(|&i| policy(i).effective);
        drafts
    }

    /// The blocks that declare names, as blocks.
    fn declarations(&self, draft: usize, types: &[Declared<Arc<RecordType>>], posts: &[Declared<Posts>]) -> Vec<Block> {
        let policy = &self.drafts[draft].policy.id;
        let types = types.iter().filter(|d| d.sound).map(|d| (d.block, d.value.id.clone(), BlockKind::Type(d.value.clone())));
        let posts = posts.iter().filter(|d| d.sound).map(|d| (d.block, format!("{policy}.posts").into(), BlockKind::Posts));
        let settings = self.drafts[draft].raws.iter().enumerate().filter(|(_, raw)| raw.kind == Keyword::Settings);
        let settings = settings.map(|(block, _)| (block, format!("{policy}.settings").into(), BlockKind::Settings));
        types.chain(posts).chain(settings).map(|(block, id, kind)| self.block(draft, block, id, kind)).collect()
    }
}

/// The day whose other rulebooks a draft is read with.
fn reading_day(drafts: &[UnreadPolicy], own: usize, today: NaiveDate) -> NaiveDate {
    let policy = &drafts[own].policy;
    let later = drafts[own..].iter().map(|draft| &draft.policy).take_while(|later| later.id == policy.id);
    let mut ends = later.filter(|later| later.status != Status::Draft && policy.effective < later.effective).map(|later| later.effective);
    let last = ends.next().filter(|_| policy.status != Status::Draft).and_then(|end| end.pred_opt());
    last.map_or(today, |last| last.min(today)).max(policy.effective)
}

/// For each policy the version that binds on a day, as [`Policies::in_force`] has it.
fn in_force(drafts: &[UnreadPolicy], day: NaiveDate) -> BTreeSet<usize> {
    let mut last: BTreeMap<&str, usize> = BTreeMap::new();
    for (i, draft) in drafts.iter().enumerate().filter(|(_, draft)| draft.policy.stands_on(day)) {
        last.insert(&draft.policy.id, i);
    }
    last.into_values().filter(|&i| drafts[i].policy.status != Status::Withdrawn).collect()
}

/// What is wrong with the blocks of a document that withdraws its policy is nobody's concern: they
/// bind nobody. Its front matter does bind, and its text is shown.
fn is_idle(finding: &Finding, version: &Policy) -> bool {
    let in_body = |span: Span| span.file == version.file && version.document.body.span.start <= span.start;
    version.status == Status::Withdrawn && finding.code.starts_with("policy.") && finding.span.is_some_and(in_body)
}

fn merged<'p>(parts: impl Iterator<Item = &'p Posts>) -> Posts {
    let mut all = Posts::default();
    for part in parts {
        all.posts.extend(part.posts.clone());
        all.departments.extend(part.departments.clone());
        all.citation = all.citation.or_else(|| part.citation.clone());
    }
    all
}

/// A row with a mistake falls away alone: what names it is not judged.
fn settings_of(desk: &Desk<'_>, raw: &RawBlock, claims: &mut Claims, owner: usize) -> Vec<(Arc<str>, Value, Figure)> {
    let read = raw.node.entries().iter().filter_map(|(key, value)| {
        claims.claim(desk, owner, Space::Setting, &key.text, key.span);
        let read = settings::figure(desk, key, value);
        if read.is_none() {
            desk.told.insert(&*key.text);
        }
        read
    });
    read.collect()
}

/// The how-manieth access block of its policy for its first type this is.
fn access_number(raw: &RawBlock, seen: &mut BTreeMap<Arc<str>, usize>) -> usize {
    let Some(first) = raw.first_type().filter(|_| raw.kind == Keyword::Access) else { return 1 };
    let count = seen.entry(first).or_default();
    *count += 1;
    *count
}

fn read_block(desk: &Desk<'_>, raw: &RawBlock, number: usize) -> Option<(Arc<str>, BlockKind)> {
    let node = &raw.node;
    Some(match raw.kind {
        Keyword::Rule => rules::read(desk, node).map(|rule| (rule.id.clone(), BlockKind::Rule(Arc::new(rule))))?,
        Keyword::Duty => duties::read(desk, node).map(|duty| (duty.id.clone(), BlockKind::Duty(Arc::new(duty))))?,
        Keyword::Style => rules::read_style(desk, node).map(|style| (style.id.clone(), BlockKind::Style(Arc::new(style))))?,
        Keyword::Approval => {
            let rule = access::read_approval(desk, node)?;
            (desk.full_id(&format!("approval-{}", rule.judged.first()?)), BlockKind::Approval(Arc::new(rule)))
        }
        Keyword::Access => {
            let rule = access::read_access(desk, node)?;
            let suffix = if number > 1 { format!("-{number}") } else { String::new() };
            let id = desk.full_id(&format!("access-{}{suffix}", rule.judged.first()?));
            (id.clone(), BlockKind::Access(Arc::new(super::AccessRule { id, ..rule })))
        }
        Keyword::Type | Keyword::Posts | Keyword::Settings => return None,
    })
}

fn claim_block(desk: &Desk<'_>, raw: &RawBlock, claims: &mut Claims, owner: usize, id: &str, kind: &BlockKind) {
    match kind {
        BlockKind::Approval(rule) => {
            rule.judged.iter().for_each(|judged| claims.claim(desk, owner, Space::Approval, judged, raw.for_span()));
        }
        _ => claims.claim(desk, owner, Space::Rule, id, raw.id_span()),
    }
}
