//! The papers of an example of a built-in check: documents written out whole, so that they are
//! sealed and signed as real ones are. What the example says was `changed` is changed after that;
//! where it says `signed: no`, the signatures are taken away.

use super::scene::{ExampleRecord, ExampleStage, cast, drafts, early, mistaken};
use crate::{
    approval::{AllowedSigners, Approvals, Registered, Remembered, Seal, Subject, key_of_examples, register_anew, resign, without_places},
    archive::Archive,
    diagnostic::{Finding, Words},
    document::{self, Node},
    policy::{Block, BlockKind, Example, Policies, Posts},
    source::{REGISTER, Sources, Span},
};
use chrono::NaiveDate;
use serde_json::{Map, Value};
use std::{fmt::Write, sync::Arc};

/// The document in which the posts of an example stand.
const POSTS: &str = "policies/example-posts.md";

/// The front matter and the body of a document, before it is written out.
struct Paper {
    path: String,
    front: Map<String, Value>,
    body: String,
}

/// What the stages before the checks find in the papers of an example: in its policy, and in its
/// approvals.
///
/// # Errors
/// What is wrong with the example, to stand behind “the … of RULE”.
pub(super) fn findings(example: &Example, stage: &ExampleStage, today: NaiveDate) -> Result<Vec<Finding>, Words> {
    let mut papers: Vec<Paper> = drafts(example, &[], &[])?.iter().enumerate().map(|(place, draft)| Paper::of(draft, place)).collect();
    if papers.is_empty() {
        return Err(mistaken("没有写出要试的文书", "no document is given to try it on"));
    }
    let archive = archive(&papers, String::new(), example, stage, today)?;
    let key = key_of_examples();
    let resigned = resign(&archive, today, &key).map_err(|error| {
        let why = error.words();
        mistaken(&why.zh, &why.en)
    })?;
    for resigned in resigned {
        papers.iter_mut().filter(|paper| *paper.path == *resigned.path.0).for_each(|paper| paper.front = front(&resigned.text));
    }
    let approved = self::archive(&papers, String::new(), example, stage, today)?;
    let unread = |_| mistaken("登记簿无法写出", "the register could not be made");
    let register = register(&register_anew(&approved, today).map_err(unread)?, example);
    if let Some(own) = papers.first_mut() {
        own.tamper(&example.node);
    }
    let archive = self::archive(&papers, register, example, stage, today)?;
    let approvals = Approvals::judge_by(&archive, today, &AllowedSigners::of_key(key.public_key()), &Remembered::default());
    let of_papers = |finding: &Finding| finding.span.is_none_or(|span| *archive.sources.file(span.file).path.0 != *POSTS);
    Ok(archive.policies.findings.iter().chain(&approvals.findings).filter(|finding| of_papers(finding)).cloned().collect())
}

impl Paper {
    /// A record; a policy where the example writes the front matter of one.
    fn of(draft: &ExampleRecord<'_>, place: usize) -> Paper {
        let mut front: Map<String, Value> = draft.fields.iter().map(|(key, node)| (key.text.to_string(), without_places(node))).collect();
        front.remove("approved");
        let is_policy = draft.record_type.is_none() && front.contains_key("policy");
        if !is_policy {
            front.insert("id".into(), draft.id.to_string().into());
            front.extend(draft.record_type.iter().map(|own| ("type".to_owned(), own.to_string().into())));
        }
        let path = if is_policy { "policies/example.md".to_owned() } else { format!("records/{place:03}.md") };
        Paper { path, front, body: draft.body.clone() }
    }

    /// YAML takes every JSON value as it is.
    fn text(&self) -> String {
        let lines = self.front.iter().map(|(key, value)| format!("{}: {value}\n", Value::from(&**key)));
        format!("---\n{}---\n{}", lines.collect::<String>(), self.body)
    }

    /// What was done to it after it was approved.
    fn tamper(&mut self, node: &Node) {
        for (key, value) in node.get("changed").map(Node::entries).unwrap_or_default() {
            self.front.insert(key.text.to_string(), without_places(value));
        }
        let unsigned = node.get("signed").and_then(Node::text).is_some_and(|signed| matches!(signed.trim(), "no" | "false"));
        let entries = self.front.get_mut("approvals").and_then(Value::as_array_mut).filter(|_| unsigned);
        for entry in entries.into_iter().flatten().filter_map(Value::as_object_mut) {
            entry.remove("signature");
        }
    }
}

fn front(text: &str) -> Map<String, Value> {
    let alone = Sources::from_memory([("records/alone.md", text)]);
    let front = alone.files.first().map(|file| without_places(&document::parse(file).front));
    front.as_ref().and_then(Value::as_object).cloned().unwrap_or_default()
}

/// The papers as an archive, under the types and chains of the stage and the posts of the example.
fn archive(papers: &[Paper], register: String, example: &Example, stage: &ExampleStage, today: NaiveDate) -> Result<Archive, Words> {
    let mut cast_policies = stage.policies.clone();
    cast(&example.node, &mut cast_policies)?;
    let texts = papers.iter().map(|paper| (paper.path.clone(), paper.text()));
    let own = [(POSTS.to_owned(), posts_document(&cast_policies.posts)), (REGISTER.to_owned(), register)];
    let sources = Arc::new(Sources::from_memory(texts.chain(own)));
    let compiled = Policies::compile(&sources, today);
    let versions = compiled.versions.into_iter().map(|mut version| {
        if *version.document.path.0 == *POSTS {
            let head = Span { end: version.document.front_span.start, ..version.document.front_span };
            let version = Arc::make_mut(&mut version);
            version.effective = early().date_naive();
            version.blocks = chains(stage, head);
        }
        version
    });
    let policies = Policies { versions: versions.collect(), findings: compiled.findings, ..cast_policies };
    Ok(Archive::build(sources, Arc::new(policies), stage.settings.clone()))
}

/// The register: a line for each paper that is approved, and one for each id under which, as the
/// example lists them, other content was approved after that; less the first line of those that are
/// said to be gone from it.
fn register(approved: &str, example: &Example) -> String {
    let ids = |key: &str| example.node.get(key).and_then(Node::list).unwrap_or_default().iter().filter_map(Node::text);
    let approved: Vec<Registered> = approved.lines().filter_map(Registered::read).collect();
    let others = ids("register").map(|id| {
        let after = approved.iter().find(|line| line.subject == Subject::named(id)).map(|line| line.seal);
        Registered { subject: Subject::named(id), seal: Seal([0; 32]), after }
    });
    let is_gone = |line: &&Registered| line.after.is_none() && ids("unregistered").any(|id| line.subject == Subject::named(id));
    approved.iter().chain(&others.collect::<Vec<_>>()).filter(|line| !is_gone(line)).map(|line| format!("{line}\n")).collect()
}

/// The posts and departments of an example as a policy, so that what names them finds them.
fn posts_document(posts: &Posts) -> String {
    let mut text =
        "---\npolicy: example-posts\ntitle: 岗位\nstatus: in-force\neffective: 1970-01-01\n---\n## 1　岗位\n\n```yaml posts\n".to_owned();
    let labels = |id: &str| format!("{{label: {{zh: {0}, en: {0}}}}}", Value::from(id));
    let mut list = |head: &str, ids: Vec<&Arc<str>>| {
        let lines = ids.into_iter().map(|id| format!("  {}: {}\n", Value::from(&**id), labels(id)));
        write!(text, "{head}:\n{}", lines.collect::<String>()).expect("a text takes what is written to it");
    };
    list("posts", posts.posts.keys().collect());
    list("departments", posts.departments.keys().collect());
    text + "```\n"
}

fn chains(stage: &ExampleStage, span: Span) -> Vec<Block> {
    let block = |(judged, rule): (&Arc<str>, &Arc<crate::policy::ApprovalRule>)| Block {
        id: judged.clone(),
        kind: BlockKind::Approval(Arc::new(crate::policy::ApprovalRule { judged: vec![judged.clone()], ..(**rule).clone() })),
        citation: rule.citation.clone(),
        span,
        line: 1,
    };
    stage.chains.iter().map(block).collect()
}
