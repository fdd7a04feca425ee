//! The little archive of an example: its records, who approved them, who holds which post, and the
//! day.

use crate::{
    approval::{Approvals, Chain, Entry, Register, Registered, Seal, Subject},
    archive::{Archive, Record, Settings, Zone, shape},
    diagnostic::Words,
    document::{self, Document, Key, Node, NodeValue},
    facts::Facts,
    policy::{ApprovalRule, BlockKind, Department, Example, Holding, Policies, Policy, Post, Posts, RecordType, Status, TypeEras, Value},
    source::{FileId, RecordId, Sources, Span},
};
use chrono::{DateTime, FixedOffset, NaiveDate};
use std::{collections::BTreeMap, sync::Arc};

/// What the examples of one policy share: the types, and the chains of approval; nobody holds a
/// post.
pub(super) struct ExampleStage {
    pub policies: Policies,
    pub chains: BTreeMap<Arc<str>, Arc<ApprovalRule>>,
    pub settings: Settings,
    /// How many there are in all policies: they share the steps that they may take.
    pub examples: usize,
}

/// One example, set up.
pub(super) struct Scene {
    pub archive: Archive,
    approvals: Approvals,
    pub today: NaiveDate,
    settings: BTreeMap<Arc<str>, Value>,
    /// `None`: the example is of the archive.
    id: Option<RecordId>,
}

/// A record of an example before it is read.
pub(super) struct ExampleRecord<'a> {
    pub id: Arc<str>,
    pub record_type: Option<Arc<str>>,
    pub fields: &'a [(Key, Node)],
    pub body: String,
    approved: Option<&'a Node>,
}

const OWN_ID: &str = "example";

/// What an example says stands in no file of its archive.
const NOWHERE: Span = Span { file: FileId::NONE, start: 0, end: 0 };

/// Who approved, where an example does not say and nobody holds the post.
const SOMEBODY: &str = "somebody";

impl ExampleStage {
    pub fn of(policy: &Policy, all: &Policies, settings: &Settings, examples: usize) -> ExampleStage {
        let mut policies = Policies { findings: Vec::new(), ..all.clone() };
        // Its records are of no day: they are read by the types that the policy was written with,
        // on whatever day an example plays.
        let known = |id: &Arc<str>| all.type_on(id, policy.read_on).map(|own| (id.clone(), own.clone()));
        policies.types = all.types.keys().filter_map(known).chain(types_of(policy)).collect();
        policies.eras = TypeEras::default();
        // Nor was any of them passed by a meeting, unless an example says so.
        policies.versions.iter_mut().for_each(|version| *version = Arc::new(Policy { passed_at: None, ..(**version).clone() }));
        policies.posts.posts.values_mut().for_each(|post| post.held_by.clear());
        policies.posts.departments.values_mut().for_each(|department| department.head = None);
        // The policy's own chains go before those of its other versions, and the latest before
        // those.
        let others = all.versions.iter().filter(|other| other.id != policy.id).map(|other| &**other);
        let chains = others.chain([policy]).flat_map(chains_of).collect();
        ExampleStage { policies, chains, settings: settings.clone(), examples }
    }
}

fn types_of(policy: &Policy) -> impl Iterator<Item = (Arc<str>, Arc<RecordType>)> {
    policy.blocks.iter().filter_map(|block| match &block.kind {
        BlockKind::Type(own) => Some((own.id.clone(), own.clone())),
        _ => None,
    })
}

fn chains_of(policy: &Policy) -> impl Iterator<Item = (Arc<str>, Arc<ApprovalRule>)> {
    let rules = policy.blocks.iter().filter_map(|block| match &block.kind {
        BlockKind::Approval(rule) => Some(rule),
        _ => None,
    });
    rules.flat_map(|rule| rule.judged.iter().map(|judged| (judged.clone(), rule.clone())))
}

impl Scene {
    /// Sets up an example of a block that judges records of `types` (none: the archive).
    ///
    /// # Errors
    /// What is wrong with the example, to stand behind “the … of RULE”.
    pub fn of(example: &Example, types: &[Arc<str>], sections: &[Arc<str>], stage: &ExampleStage) -> Result<Scene, Words> {
        let node = &example.node;
        let today = today(example)?;
        let drafts = drafts(example, types, sections)?;
        let mut policies = stage.policies.clone();
        cast(node, &mut policies)?;
        let texts = drafts.iter().enumerate().map(|(i, draft)| (format!("records/{i:03}.md"), draft.body.clone()));
        let sources = Sources::from_memory(texts);
        let documents = sources.files.iter().zip(&drafts).map(|(file, draft)| Arc::new(draft.document(document::parse(file)))).collect();
        let archive = Archive::from_documents(documents, Arc::new(sources), Arc::new(policies), stage.settings.clone());
        let chains = drafts
            .iter()
            .map(|draft| Ok((Subject::Record(RecordId(draft.id.clone())), Arc::new(draft.chain(stage, &archive)?))))
            .collect::<Result<_, Words>>()?;
        let approvals = Approvals { chains, register: register(node).into(), ..Approvals::default() };
        let own = drafts.first().filter(|draft| !types.is_empty() || draft.record_type.is_some());
        let id = own.filter(|_| !types.is_empty()).map(|draft| RecordId(draft.id.clone()));
        Ok(Scene { archive, approvals, today, settings: example.settings.clone(), id })
    }

    pub fn facts(&self) -> Facts<'_> {
        Facts::of_example(&self.archive, &self.approvals, self.today, &self.settings)
    }

    pub fn record(&self) -> Option<&Record> {
        self.archive.record(self.id.as_ref()?)
    }
}

/// The day of an example.
pub(super) fn today(example: &Example) -> Result<NaiveDate, Words> {
    example.node.get("on").map_or(Ok(default_day()), day)
}

/// What was once approved, by the ids that the example lists.
fn register(node: &Node) -> Register {
    let ids = node.get("register").and_then(Node::list).unwrap_or_default();
    let line = |id: &Node| Some(Registered { subject: Subject::named(id.text()?), seal: Seal([0; 32]), after: None });
    Register::of_lines(ids.iter().filter_map(line), NOWHERE)
}

fn default_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).expect("the first day of 2026 is a date")
}

fn day(node: &Node) -> Result<NaiveDate, Words> {
    let written = node.text().map_or("", |text| text.trim());
    shape::date(written).ok_or_else(|| mistaken(&format!("“{written}”不是日期"), &format!("“{written}” is not a date")))
}

pub(super) fn mistaken(zh: &str, en: &str) -> Words {
    Words::new(format!("例子写错了：{zh}"), format!("the example is mistaken: {en}"))
}

/// The record that is judged, then those in `with`.
pub(super) fn drafts<'a>(example: &'a Example, types: &[Arc<str>], sections: &[Arc<str>]) -> Result<Vec<ExampleRecord<'a>>, Words> {
    let node = &example.node;
    let own = node.get(example.expected.key());
    let own = own.ok_or_else(|| mistaken("没有 holds 或 breaks", "neither holds nor breaks"))?;
    let mut drafts = Vec::new();
    // An example of the archive has no document of its own unless it writes one.
    if !types.is_empty() || own.get("type").is_some() || own.get("policy").is_some() {
        let own = ExampleRecord { approved: node.get("approved"), ..ExampleRecord::of(own, OWN_ID.into()) };
        drafts.push(ExampleRecord {
            record_type: own.record_type.clone().or(types.first().cloned()),
            body: body(own.body, sections),
            ..own
        });
    }
    for (other, number) in node.get("with").and_then(Node::list).unwrap_or_default().iter().zip(1..) {
        let draft = ExampleRecord::of(other, format!("with-{number}").into());
        drafts.push(ExampleRecord { approved: other.get("approved"), ..draft });
    }
    Ok(drafts)
}

/// A text without a heading stands under the first section of which a style speaks.
fn body(text: String, sections: &[Arc<str>]) -> String {
    match sections.first() {
        Some(section) if !text.lines().any(|line| line.starts_with("## ")) => format!("## {section}\n\n{text}"),
        _ => text,
    }
}

impl<'a> ExampleRecord<'a> {
    fn of(node: &'a Node, id: Arc<str>) -> ExampleRecord<'a> {
        let said = |key: &str| node.get(key).and_then(Node::text).map(|text| Arc::from(text.trim()));
        let body = node.text().map(|text| text.to_string()).unwrap_or_default();
        ExampleRecord { id: said("id").unwrap_or(id), record_type: said("type"), fields: node.entries(), body, approved: None }
    }

    /// The document: the parsed body, with the fields of the example for its front matter.
    fn document(&self, parsed: Document) -> Document {
        let head = Span { end: parsed.front_span.start, ..parsed.front_span };
        let scalar = |text: &Arc<str>| Node { span: head, value: NodeValue::Scalar { text: text.clone(), plain: true } };
        let key = |text: &str| Key { text: text.into(), span: head };
        let own = [("id", Some(&self.id)), ("type", self.record_type.as_ref())];
        let own = own.into_iter().filter_map(|(name, value)| Some((key(name), scalar(value?))));
        let given = self.fields.iter().filter(|(name, _)| !["id", "type", "approved"].contains(&&*name.text));
        let given = given.map(|(name, node)| (key(&name.text), moved(node, head)));
        let front = Node { span: head, value: NodeValue::Map(own.chain(given).collect()) };
        Document { front, findings: Vec::new(), readable: true, ..parsed }
    }

    /// Its approvals as the example says them; they are valid unless it says otherwise.
    fn chain(&self, stage: &ExampleStage, archive: &Archive) -> Result<Chain, Words> {
        let rule = self.record_type.as_ref().and_then(|own| stage.chains.get(own)).cloned();
        let steps = rule.iter().flat_map(|rule| &rule.steps).map(|step| step.post.clone());
        let entries: Vec<Entry> = match self.approved {
            None => Vec::new(),
            Some(node) if node.is_map() => {
                let given = node.entries().iter().map(|(step, entry)| self.entry(step.text.clone(), Some(entry), archive));
                given.collect::<Result<_, Words>>()?
            }
            Some(node) => match node.text().map_or("", |text| text.trim()) {
                "false" | "no" => Vec::new(),
                "true" | "yes" => steps.map(|step| self.entry(step, None, archive)).collect::<Result<_, Words>>()?,
                _ => steps.map(|step| self.entry(step, Some(node), archive)).collect::<Result<_, Words>>()?,
            },
        };
        Ok(Chain { entries, rule, ..Chain::default() })
    }

    fn entry(&self, step: Arc<str>, said: Option<&Node>, archive: &Archive) -> Result<Entry, Words> {
        let at = said.and_then(|said| if said.is_map() { said.get("at") } else { Some(said) });
        let zone = archive.settings.zone();
        let at = at.map_or(Ok(early()), |at| moment(at, zone))?;
        let by = said.and_then(|said| said.get("by")).and_then(Node::text).map(|by| RecordId(by.clone()));
        let holder = || archive.policies.posts.holders(&step, at.date_naive()).next().cloned();
        let by = by.or_else(holder).unwrap_or_else(|| SOMEBODY.into());
        let span = archive.record(&RecordId(self.id.clone())).map_or(NOWHERE, Record::head);
        Ok(Entry { step, by, at, seal: None, span, signed: true, valid: true, void: Vec::new() })
    }
}

/// Earlier than anything that an example says.
pub(super) fn early() -> DateTime<FixedOffset> {
    DateTime::UNIX_EPOCH.fixed_offset()
}

/// A moment, or the first of a day.
fn moment(node: &Node, zone: Zone) -> Result<DateTime<FixedOffset>, Words> {
    let written = node.text().map_or("", |text| text.trim());
    let moment = shape::timestamp(written).or_else(|| shape::date(written).and_then(|day| zone.begin(day)));
    moment.ok_or_else(|| mistaken(&format!("“{written}”不是日期或时间"), &format!("“{written}” is neither a date nor a time")))
}

/// The same tree with every span at one place: what an example says stands in no file of its
/// archive.
fn moved(node: &Node, span: Span) -> Node {
    let value = match &node.value {
        NodeValue::List(nodes) => NodeValue::List(nodes.iter().map(|node| moved(node, span)).collect()),
        NodeValue::Map(entries) => {
            let entry = |(key, node): &(Key, Node)| (Key { text: key.text.clone(), span }, moved(node, span));
            NodeValue::Map(entries.iter().map(entry).collect())
        }
        scalar => scalar.clone(),
    };
    Node { span, value }
}

/// Who holds which post, and who heads which department, in the example: what it says stands in the
/// place of the posts block.
pub(super) fn cast(node: &Node, policies: &mut Policies) -> Result<(), Words> {
    let known = policies.posts.clone();
    if let Some(posts) = node.get("posts") {
        policies.posts.posts = posts.entries().iter().map(|(id, said)| post(&id.text, said, &known)).collect::<Result<_, _>>()?;
    }
    if let Some(departments) = node.get("departments") {
        let entries = departments.entries().iter();
        policies.posts.departments = entries.map(|(id, head)| department(&id.text, head, &known)).collect::<Result<_, _>>()?;
    }
    if let Some(said) = node.get("policies") {
        let versions = said.list().unwrap_or_default().iter().map(|said| version(said, &policies.versions));
        policies.versions = versions.collect::<Result<_, _>>()?;
    }
    Ok(())
}

/// The latest version of a policy, in force from the day that the example says.
fn version(said: &Node, known: &[Arc<Policy>]) -> Result<Arc<Policy>, Words> {
    let text = |key: &str| said.get(key).and_then(Node::text).map(|text| Arc::<str>::from(text.trim()));
    let id = text("policy").unwrap_or_default();
    let latest = known.iter().rev().find(|version| version.id == id).ok_or_else(|| nothing_of("制度", "policy", &id))?;
    let effective = said.get("effective").map_or(Ok(latest.effective), day)?;
    Ok(Arc::new(Policy { effective, passed_at: text("passed_at"), status: Status::InForce, ..(**latest).clone() }))
}

/// A post as `[holder, …]`, or in full: `{reports_to, held_by}`.
fn post(id: &Arc<str>, said: &Node, posts: &Posts) -> Result<(Arc<str>, Post), Words> {
    let known = posts.post_called(id).ok_or_else(|| nothing_of("岗位", "post", id))?;
    let in_full = said.get("held_by").is_some() || said.get("reports_to").is_some();
    let holders = if in_full { said.get("held_by") } else { Some(said) };
    let above = said.get("reports_to").and_then(Node::text).filter(|_| in_full);
    let reports_to = above.map(|above| posts.post_called(above).map_or_else(|| above.clone(), |post| post.id.clone()));
    let mut post = Post { reports_to, ..known.clone() };
    for holder in holders.into_iter().flat_map(|holders| holders.list().unwrap_or(std::slice::from_ref(holders))) {
        post.held_by.push(holding(holder, &post)?);
    }
    Ok((known.id.clone(), post))
}

fn department(id: &Arc<str>, head: &Node, posts: &Posts) -> Result<(Arc<str>, Department), Words> {
    let known = posts.department_called(id).ok_or_else(|| nothing_of("部门", "department", id))?;
    let head = head.text().filter(|_| !head.is_blank()).map(|head| RecordId(head.clone()));
    Ok((known.id.clone(), Department { head, ..known.clone() }))
}

fn nothing_of(zh: &str, en: &str, name: &str) -> Words {
    mistaken(&format!("没有{zh}“{name}”"), &format!("there is no {en} “{name}”"))
}

/// A person holds a post on every day, or as a row `{person, from, until?}` says.
fn holding(holder: &Node, post: &Post) -> Result<Holding, Words> {
    let person = holder.text().or_else(|| holder.get("person").and_then(Node::text));
    let person = person.ok_or_else(|| mistaken("岗位没有写谁担任", "a post does not say who holds it"))?;
    let from = holder.get("from").map_or(Ok(NaiveDate::MIN), day)?;
    let until = holder.get("until").map(day).transpose()?;
    Ok(Holding { person: RecordId(person.clone()), from, until, span: post.span })
}
