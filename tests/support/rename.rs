//! Gives every policy, type, field, rule, duty and style of an archive another name, wherever a
//! document writes it. The names are those that the archive's own policies declare; the words of
//! Chancery itself (keys of blocks, helpers, built-in codes, the fields of the two types that it
//! knows, what every record may have) stay.

use super::Shipped;
use chancery::{
    document::{self, Node, NodeValue, yaml},
    policy::{BlockKind, Field, FieldType, Policies, RecordType},
    source::{Room, SourceFile, Sources, Span},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

/// What stands before the new names, which then can be taken off again.
const POLICY: &str = "pzz-";
const TYPE: &str = "tzz-";
const RULE: &str = "rzz-";
const FIELD: &str = "fzz_";

/// Fields of every record, and what `approval()`, `posts()`, `departments()` and `policies()` give.
const OWN: [&str; 13] =
    ["title", "tags", "attachments", "supersedes", "notes", "id", "type", "by", "at", "reports_to", "head", "effective", "passed_at"];

/// Helpers of expressions that are handed a type's id, or a policy's.
const WITH_TYPE: [&str; 3] = ["linked", "records", "drafts"];
const WITH_POLICY: [&str; 2] = ["policy_exists", "article_exists"];

/// Every name that the policies of an archive declare and that is not one of Chancery's own.
#[derive(Debug, Default)]
pub struct Names {
    pub policies: BTreeSet<String>,
    pub types: BTreeSet<String>,
    pub fields: BTreeSet<String>,
    /// As blocks write them, without the policy.
    pub rules: BTreeSet<String>,
    posts: BTreeSet<String>,
    /// Fields in which a record names a policy.
    naming: BTreeSet<String>,
}

impl Names {
    pub fn of(policies: &Policies) -> Names {
        let mut names = Names { posts: policies.posts.posts.keys().map(ToString::to_string).collect(), ..Names::default() };
        let mut known: BTreeSet<String> = OWN.map(str::to_owned).into();
        for version in &policies.versions {
            names.policies.insert(version.id.to_string());
            for block in &version.blocks {
                match &block.kind {
                    BlockKind::Type(declared) => names.add(declared, &mut known),
                    BlockKind::Rule(rule) if rule.builtin.as_deref() == Some(&*rule.id) => {}
                    BlockKind::Rule(_) | BlockKind::Duty(_) | BlockKind::Style(_) => {
                        names.rules.extend(block.id.strip_prefix(&format!("{}.", version.id)).map(str::to_owned));
                    }
                    _ => {}
                }
            }
        }
        names.fields = &names.fields - &known;
        names
    }

    /// Those of these names that an archive's policies still declare, and the keys of its records
    /// that are still written so.
    pub fn left_in(&self, archive: &Shipped) -> Vec<String> {
        let sources = Sources::read(archive.folder.path()).unwrap();
        let now = Names::of(&compiled(archive, &sources));
        let pairs = [(&self.policies, &now.policies), (&self.types, &now.types), (&self.fields, &now.fields), (&self.rules, &now.rules)];
        let declared = pairs.iter().flat_map(|(old, new)| old.intersection(new)).cloned();
        let fronts = sources.in_room(Room::Record).map(|file| document::parse(file).front);
        let keys = fronts.flat_map(|front| front.entries().iter().map(|(key, _)| key.text.to_string()).collect::<Vec<_>>());
        declared.chain(keys.filter(|key| self.fields.contains(key))).collect()
    }

    fn add(&mut self, declared: &RecordType, known: &mut BTreeSet<String>) {
        self.types.insert(declared.id.to_string());
        collect(&declared.fields, if declared.role.is_some() { known } else { &mut self.fields });
    }

    fn field(&self, name: &str) -> String {
        if self.fields.contains(name) { format!("{FIELD}{name}") } else { name.to_owned() }
    }

    fn record_type(&self, name: &str) -> String {
        if self.types.contains(name) { format!("{TYPE}{name}") } else { name.to_owned() }
    }

    fn policy(&self, name: &str) -> String {
        if self.policies.contains(name) { format!("{POLICY}{name}") } else { name.to_owned() }
    }

    fn rule(&self, name: &str) -> String {
        if self.rules.contains(name) { format!("{RULE}{name}") } else { name.to_owned() }
    }

    /// The code of a rule's findings.
    fn code(&self, code: &str) -> String {
        let own = |(policy, rule): (&str, &str)| format!("{}.{}", self.policy(policy), self.rule(rule));
        code.split_once('.').map_or_else(|| code.to_owned(), own)
    }

    /// A path of fields.
    fn path(&self, path: &str) -> String {
        path.split('.').map(|name| self.field(name)).collect::<Vec<_>>().join(".")
    }
}

fn collect(fields: &[Field], into: &mut BTreeSet<String>) {
    for field in fields {
        into.insert(field.name.to_string());
        if let FieldType::Table(columns) = field.field_type.element() {
            collect(columns, into);
        }
    }
}

/// Takes the new names' marks off again.
pub fn plain(text: &str) -> String {
    [POLICY, TYPE, RULE, FIELD].iter().fold(text.to_owned(), |text, mark| text.replace(mark, ""))
}

/// The policies of an archive.
fn compiled(archive: &Shipped, sources: &Sources) -> Policies {
    let settings: chancery::archive::Settings = serde_yaml::from_str(&archive.read("chancery.yaml")).unwrap();
    let policies = Policies::compile(sources, settings.demo_day.unwrap().parse().unwrap());
    assert!(policies.findings.is_empty(), "{:?}", policies.findings);
    policies
}

/// Renames everything in an archive, file names of policies included, and signs it anew.
pub fn rename(archive: &Shipped) -> Names {
    let sources = Sources::read(archive.folder.path()).unwrap();
    let mut names = Names::of(&compiled(archive, &sources));
    names.naming = naming_fields(&sources);
    for room in [Room::Policy, Room::Record] {
        for file in sources.in_room(room) {
            let mut pen = Pen { names: &names, file, edits: BTreeMap::new() };
            if room == Room::Policy {
                pen.policy()
            } else {
                pen.record()
            }
            archive.write(&file.path.0, &pen.written());
            if room == Room::Policy {
                let renamed = file.path.0.replace("policies/", &format!("policies/{POLICY}"));
                fs::rename(archive.path(&file.path.0), archive.path(&renamed)).unwrap();
            }
        }
    }
    // Under their new names they were never approved before.
    let of_records = |line: &&str| !line.starts_with("policies/");
    let register: String = archive.read("policies/register").split_inclusive('\n').filter(of_records).collect();
    archive.write("policies/register", &register);
    archive.sign();
    names
}

/// The fields that expressions hand to a helper which wants a policy.
fn naming_fields(sources: &Sources) -> BTreeSet<String> {
    let mut naming = BTreeSet::new();
    for file in sources.in_room(Room::Policy) {
        for call in WITH_POLICY.iter().flat_map(|helper| file.text.split(&format!("{helper}(")).skip(1).collect::<Vec<_>>()) {
            let argument = call.split([',', ')']).next().unwrap();
            naming.extend(argument.rsplit('.').next().map(|name| name.trim().to_owned()));
        }
    }
    naming
}

/// The new texts at their places in a file.
struct Pen<'a> {
    names: &'a Names,
    file: &'a SourceFile,
    edits: BTreeMap<(u32, u32), String>,
}

impl Pen<'_> {
    fn written(&self) -> String {
        let mut text = self.file.text.to_string();
        for ((start, end), new) in self.edits.iter().rev() {
            text.replace_range(*start as usize..*end as usize, new);
        }
        text
    }

    fn slice(&self, span: Span) -> &str {
        &self.file.text[span.start as usize..span.end as usize]
    }

    fn put(&mut self, span: Span, new: &str) {
        if self.slice(span) != new {
            self.edits.insert((span.start, span.end), new.to_owned());
        }
    }

    /// Writes scalars that are one name each, keeping their quotes.
    fn name(&mut self, node: &Node, new: fn(&Names, &str) -> String) {
        let NodeValue::Scalar { text, .. } = &node.value else {
            return node.list().unwrap_or_default().iter().for_each(|item| self.name(item, new));
        };
        let renamed = self.slice(node.span).replacen(&**text, &new(self.names, text), 1);
        self.put(node.span, &renamed);
    }

    /// Renames the keys of a mapping, which may end with `?`, and those of the tables in it.
    fn keys(&mut self, node: &Node) {
        for (key, value) in node.entries() {
            let bare = key.text.trim_end_matches('?');
            let renamed = self.slice(key.span).replacen(bare, &self.names.field(bare), 1);
            self.put(key.span, &renamed);
            self.keys(value);
        }
        node.list().unwrap_or_default().iter().for_each(|item| self.keys(item));
    }

    /// A record's own fields.
    fn fields(&mut self, node: &Node) {
        for (key, value) in node.entries() {
            match &*key.text {
                "type" => self.name(value, Names::record_type),
                "approvals" | "approved" => {}
                name => {
                    self.put(key.span, &self.names.field(name));
                    if self.names.naming.contains(name) {
                        self.name(value, Names::policy);
                    }
                    self.keys(value);
                }
            }
        }
    }

    fn record(&mut self) {
        let front = document::parse(self.file).front;
        self.fields(&front);
        // A note on a breach names a rule.
        if front.get("type").and_then(Node::text).is_some_and(|text| text.trim() == "breach-note") {
            front.get("rule").into_iter().for_each(|rule| self.name(rule, Names::code));
        }
    }

    fn policy(&mut self) {
        let document = document::parse(self.file);
        for key in ["policy", "refers_to", "supersedes"] {
            document.front.get(key).into_iter().for_each(|node| self.name(node, Names::policy));
        }
        for fence in &document.body.fences {
            if let Some(kind) = fence.info.strip_prefix("yaml ") {
                let block = yaml::read(&self.file.text, fence.content).node;
                self.block(kind, &block);
            }
        }
    }

    fn block(&mut self, kind: &str, block: &Node) {
        for (key, value) in block.entries() {
            match (kind, &*key.text) {
                ("posts" | "settings", _) => {}
                ("type", key) => self.part_of_type(key, value),
                (_, "id") if block.get("builtin").is_none_or(|b| b.text().is_some_and(|b| &**b != "true")) => {
                    self.name(value, Names::rule);
                }
                (_, "for" | "authorised_by") => self.name(value, Names::record_type),
                (_, "need") if value.text().is_some_and(|text| self.names.types.contains(&**text)) => self.name(value, Names::record_type),
                (_, "inherits" | "later" | "not_before") => self.name(value, Names::path),
                (_, "despite") => self.name(value, Names::code),
                (_, "steps") => value.list().unwrap_or(&[]).iter().filter_map(|step| step.get("when")).for_each(|w| self.expression(w)),
                (_, "readers" | "readings" | "who") => self.readers(value),
                (_, "hide") => self.hidden(value),
                (_, "examples") => value.list().unwrap_or(&[]).iter().for_each(|example| self.example(example)),
                (_, "say" | "fix") => value.entries().iter().for_each(|(_, words)| self.words(words)),
                (
                    _,
                    "on" | "until" | "done" | "when" | "require" | "at" | "once_for" | "also" | "where" | "need" | "match" | "from"
                    | "every" | "within" | "by" | "grace" | "figures_max",
                ) => {
                    self.expression(value);
                }
                (_, "each") => {
                    value.entries().iter().for_each(|(variable, _)| self.put(variable.span, &self.names.field(&variable.text)));
                    self.expression(value);
                }
                _ => {}
            }
        }
    }

    fn part_of_type(&mut self, key: &str, value: &Node) {
        match key {
            "id" => self.name(value, Names::record_type),
            "must" | "may" => {
                self.keys(value);
                self.field_types(value);
            }
            "date" | "author" | "xor" | "order" | "past" | "staff" => self.name(value, Names::path),
            "min" | "max" | "above" => value.entries().iter().for_each(|(path, limit)| {
                self.put(path.span, &self.names.path(&path.text));
                self.name(limit, Names::path);
            }),
            "title" => self.title(value),
            "labels" => value.entries().iter().for_each(|(path, _)| {
                let (fields, member) = path.text.split_at(path.text.find('=').unwrap_or(path.text.len()));
                self.put(path.span, &format!("{}{member}", self.names.path(fields)));
            }),
            "history" => value.entries().iter().for_each(|(field, source)| {
                self.put(field.span, &self.names.field(&field.text));
                source.get("from").into_iter().for_each(|from| self.name(from, Names::record_type));
                ["at", "value"].iter().filter_map(|key| source.get(key)).for_each(|path| self.name(path, Names::field));
            }),
            "given" => value.entries().iter().for_each(|(path, expression)| {
                self.put(path.span, &self.names.path(&path.text));
                self.expression(expression);
            }),
            _ => {}
        }
    }

    fn title(&mut self, node: &Node) {
        let title = node.text().unwrap();
        if self.names.fields.contains(&**title) {
            return self.name(node, Names::field);
        }
        self.words(node);
    }

    /// The types that fields are of; the members of an enumeration are no types.
    fn field_types(&mut self, node: &Node) {
        node.entries().iter().for_each(|(_, value)| self.field_types(value));
        node.list().unwrap_or_default().iter().for_each(|item| self.field_types(item));
        if node.text().is_some_and(|text| !text.contains('|')) {
            let renamed = words(self.slice(node.span), |name| self.names.record_type(name));
            self.put(node.span, &renamed);
        }
    }

    /// Those who read or do: a post, `post X`, `department X`, `everyone`, or an expression.
    fn readers(&mut self, node: &Node) {
        node.list().unwrap_or_default().iter().for_each(|item| self.readers(item));
        if let Some(text) = node.text() {
            let named = ["post ", "department "].iter().any(|word| text.starts_with(word)) || self.names.posts.contains(&**text);
            if !named {
                self.expression(node);
            }
        }
    }

    fn hidden(&mut self, node: &Node) {
        for (path, readers) in node.entries() {
            self.put(path.span, &self.names.path(&path.text));
            self.readers(readers);
        }
    }

    fn example(&mut self, example: &Node) {
        for (key, value) in example.entries() {
            match &*key.text {
                // The front matter of a policy is in Chancery's own words.
                "holds" | "breaks" | "late"
                    if value.get("status").is_some() && value.get("effective").is_some() && value.get("owner").is_some() => {}
                "holds" | "breaks" | "late" | "changed" => self.fields(value),
                "policies" => {
                    let named = value.list().unwrap_or_default().iter().filter_map(|said| said.get("policy"));
                    named.for_each(|node| self.name(node, Names::policy));
                }
                "with" => value.list().unwrap_or(&[]).iter().for_each(|record| self.fields(record)),
                _ => {}
            }
        }
    }

    /// Every expression in a value.
    fn expression(&mut self, node: &Node) {
        node.entries().iter().for_each(|(_, value)| self.expression(value));
        node.list().unwrap_or_default().iter().for_each(|item| self.expression(item));
        let NodeValue::Scalar { plain, .. } = &node.value else { return };
        let written = self.slice(node.span);
        let quote = if *plain { None } else { written.chars().next().filter(|c| matches!(c, '"' | '\'')) };
        let inner = quote.map_or(written, |quote| &written[1..written.rfind(quote).unwrap()]);
        let renamed = written.replacen(inner, &self.rewritten(inner), 1);
        self.put(node.span, &renamed);
    }

    /// Words with expressions in braces.
    fn words(&mut self, node: &Node) {
        let mut renamed = String::new();
        let mut rest = self.slice(node.span);
        while let Some((before, (inner, after))) = rest.split_once('{').map(|(before, after)| (before, after.split_once('}').unwrap())) {
            renamed += &format!("{before}{{{}}}", self.rewritten(inner));
            rest = after;
        }
        renamed += rest;
        self.put(node.span, &renamed);
    }

    fn rewritten(&self, expression: &str) -> String {
        let mut renamed = String::new();
        let mut rest = expression;
        while let Some(first) = rest.chars().next() {
            let length = piece(rest, first);
            let (word, after) = rest.split_at(length);
            renamed += &if first.is_alphabetic() || first == '_' {
                let called = after.starts_with('(');
                let set = renamed.trim_end().ends_with("settings.");
                if called || set { word.to_owned() } else { self.names.field(word) }
            } else if length > 1 && matches!(first, '"' | '\'') {
                let argument = |helpers: &[&str]| helpers.iter().any(|helper| renamed.ends_with(&format!("{helper}(")));
                let compared = ["type ==", "type !="].iter().any(|compared| renamed.trim_end().ends_with(compared));
                let (with_type, with_policy) = (compared || argument(&WITH_TYPE), argument(&WITH_POLICY));
                words(word, |name| match (with_type, with_policy) {
                    (true, _) => self.names.record_type(name),
                    (_, true) => self.names.policy(name),
                    _ => name.to_owned(),
                })
            } else {
                word.to_owned()
            };
            rest = after;
        }
        renamed
    }
}

/// The length of a name, a number with its unit, a string or a single sign at the start of an
/// expression.
fn piece(text: &str, first: char) -> usize {
    let run = |text: &str| text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    match first {
        '"' | '\'' => text[1..].find(first).map_or(text.len(), |end| end + 2),
        '\\' => 2.min(text.len()),
        c if c.is_alphanumeric() || c == '_' => run(text),
        c => c.len_utf8(),
    }
}

/// Every word of a text, to which hyphens belong, put through a change.
fn words(text: &str, change: impl Fn(&str) -> String) -> String {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let mut changed = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(is_part) {
        let end = rest[start..].find(|c| !is_part(c)).map_or(rest.len(), |length| start + length);
        changed += &rest[..start];
        changed += &change(&rest[start..end]);
        rest = &rest[end..];
    }
    changed + rest
}
