//! The archives A′: what a reader may read stays as it is, and of the rest as much as can be is
//! gone, other, or more.

use crate::{
    IN_A_HUNDRED,
    archives::{self, BASE, Files},
    dice::Dice,
    ground::Ground,
};
use chancery::{
    access::{self, Office, Reader, Why},
    approval,
    archive::Record,
    policy::{Field, FieldType, Target, Value},
    source::RecordId,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    mem::{Discriminant, discriminant},
    sync::LazyLock,
};

/// How what is hidden differs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Removed,
    Changed,
    Added,
}

impl Kind {
    pub const ALL: [Kind; 3] = [Kind::Removed, Kind::Changed, Kind::Added];
}

/// An archive A′.
pub struct Other {
    pub office: Office,
    /// The ids of the records that are gone, other, or more.
    pub touched: BTreeSet<RecordId>,
    /// The records of which a field is hidden, and is other.
    pub veiled: usize,
}

/// Records added, at least.
const MORE: usize = 3 * IN_A_HUNDRED;
/// Rounds of records added that name what the reader sees.
const SNARES: usize = IN_A_HUNDRED / 4;
/// Words from all over the archive, and some that stand nowhere in it.
static WORDS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let bodies = BASE.office.archive.records.iter().step_by(7).map(|record| BASE.office.archive.sources.slice(record.document.body.span));
    let words = bodies.flat_map(|body| body.split(['，', '。', '、', '|', '\n'])).map(str::trim);
    let made_up = ["饕餮", "zymurgy", "額度為零", "№ 5"].into_iter();
    words
        .filter(|word| (2..30).contains(&word.chars().count()) && !word.contains(['[', ']', '`']))
        .chain(made_up)
        .map(str::to_owned)
        .collect()
});

/// By field: single values as they are written, each with its kind.
type Written = BTreeMap<&'static str, Vec<(Discriminant<Value>, &'static str)>>;

static WRITTEN: LazyLock<Written> = LazyLock::new(|| {
    let mut written = Written::new();
    for record in &BASE.office.archive.records {
        for (field, entry) in record.fields.iter() {
            entry.each_value(&mut |value, span| {
                written.entry(field).or_default().push((discriminant(value), BASE.office.archive.sources.slice(span)));
            });
        }
    }
    written
});

/// Whoever names an attachment.
static NAMING: LazyLock<BTreeMap<String, Vec<&'static Record>>> = LazyLock::new(|| {
    let mut naming: BTreeMap<String, Vec<&Record>> = BTreeMap::new();
    for record in &BASE.office.archive.records {
        named_files(record).into_iter().for_each(|path| naming.entry(path).or_default().push(record));
    }
    naming
});

/// The policy documents' ids.
static POLICIES: LazyLock<Vec<RecordId>> = LazyLock::new(|| {
    let paths = BASE.files.keys().filter_map(|path| path.strip_suffix(".md")).filter(|path| path.starts_with("policies/"));
    paths.map(RecordId::from).collect()
});

/// One thing that is to be otherwise. It is taken back where what the reader may read, or is told
/// on purpose, rests on it.
struct Change {
    about: RecordId,
    /// The records that it names or that share a file with it.
    near: BTreeSet<RecordId>,
    files: Vec<(String, Option<Vec<u8>>)>,
}

impl Change {
    /// The id that it is about, and those that its documents bear where that is another's.
    fn ids(&self) -> BTreeSet<RecordId> {
        let paths = self.files.iter().filter_map(|(path, _)| path.strip_suffix(".md")).map(RecordId::from);
        paths.chain([self.about.clone()]).collect()
    }
}

struct Maker<'r> {
    reader: &'r Reader,
    ground: &'r Ground,
    paths: BTreeSet<&'r str>,
    dice: Dice,
}

/// Makes an archive in which a reader may read the same.
pub fn other(kind: Kind, reader: &Reader, ground: &Ground) -> Other {
    let dice = Dice::of(&format!("{kind:?} {reader:?}"));
    let mut maker = Maker { reader, ground, paths: ground.paths(), dice };
    let mut changes = match kind {
        Kind::Removed => maker.removed(),
        Kind::Changed => maker.changed(),
        Kind::Added => maker.added(),
    };
    let kept = ground.subjects();
    changes.retain(|change| !kept.contains(&change.about));
    let (veils, veiled) = if kind == Kind::Changed { maker.veils() } else { (Files::new(), 0) };
    // What is other and approved is approved anew; what is gone or more may be missed by the
    // register, or strange to it.
    let is_signed = kind == Kind::Changed || maker.dice.happens(50);
    let mut troubled: BTreeSet<RecordId> = BTreeSet::new();
    for round in 1.. {
        let mut files = BASE.files.clone();
        files.extend(veils.clone());
        for (path, text) in changes.iter().flat_map(|change| &change.files) {
            match text {
                Some(text) => drop(files.insert(path.clone(), text.clone())),
                None => drop(files.remove(path)),
            }
        }
        let files = if is_signed { archives::signed(files, BASE.today) } else { files };
        let office = archives::open(&files, BASE.today);
        let differing = ground.differing(&Ground::of(&office, reader));
        if differing.is_empty() {
            let touched: BTreeSet<RecordId> = changes.into_iter().map(|change| change.about).collect();
            println!("{kind:?} for {reader:?}: {} records, {veiled} hidden fields, {round} rounds", touched.len());
            return Other { office, touched, veiled };
        }
        assert!(round < 12, "{kind:?}: {reader:?} cannot be made to read the same: {differing:?} {:?}", why(&office, reader, &differing));
        troubled.extend(differing);
        let wide = neighbours(&troubled);
        changes.retain(|change| change.ids().is_disjoint(&wide) && change.near.is_disjoint(&troubled));
        if round > 2 {
            troubled = wide;
        }
    }
    unreachable!("the rounds are counted")
}

/// Why a reader reads those of some records that he does.
fn why(office: &Office, reader: &Reader, ids: &BTreeSet<RecordId>) -> Vec<(RecordId, Vec<Why>)> {
    let seen = reader.person().map(|person| access::sees(office, person)).unwrap_or_default();
    seen.into_iter().filter(|(id, _)| ids.contains(id)).collect()
}

/// Records, those that they name, and those that name them.
fn neighbours(of: &BTreeSet<RecordId>) -> BTreeSet<RecordId> {
    let archive = &BASE.office.archive;
    let named = of.iter().filter_map(|id| archive.record(id)).flat_map(|record| &record.references).map(|reference| &reference.to);
    let naming = of.iter().flat_map(|id| archive.incoming(id)).map(|reference| &reference.from);
    of.iter().chain(named).chain(naming).cloned().collect()
}

fn folder_of(record: &Record) -> &str {
    record.document.path.0.rsplit_once('/').unwrap().0
}

/// The names of the files that a record names.
fn file_names(record: &Record) -> Vec<String> {
    named_files(record).iter().map(|path| path.rsplit('/').next().unwrap().to_owned()).collect()
}

fn named_files(record: &Record) -> Vec<String> {
    let Some(Value::List(names)) = record.value("attachments") else { return Vec::new() };
    let folder = folder_of(record);
    let name = |name: &Value| match name {
        Value::Text(name) => Some(format!("{folder}/{name}")),
        _ => None,
    };
    names.iter().filter_map(name).collect()
}

impl Maker<'_> {
    fn hidden(&self) -> Vec<&'static Record> {
        BASE.office.archive.each_record().filter(|record| !self.paths.contains(&*record.document.path.0)).collect()
    }

    fn me(&self) -> &str {
        self.reader.person().map_or("-", |person| &person.0)
    }

    fn change(&self, record: &Record, files: Vec<(String, Option<Vec<u8>>)>) -> Change {
        let named = record.references.iter().map(|reference| reference.to.clone());
        let sharing = named_files(record).into_iter().flat_map(|path| NAMING[&path].iter().map(|other| other.id.clone()));
        let near = named.chain(sharing).filter(|id| *id != record.id).collect();
        Change { about: record.id.clone(), near, files }
    }

    /// A file that a seen record names too opens to whoever reads both: who else names it is no
    /// secret to him.
    fn shares_a_file(&self, record: &Record) -> bool {
        named_files(record).iter().flat_map(|path| &NAMING[path]).any(|other| self.paths.contains(&*other.document.path.0))
    }

    fn removed(&mut self) -> Vec<Change> {
        let share = *self.dice.pick(&[100, 100, 60]);
        let mut gone: Vec<&Record> = self.hidden().into_iter().filter(|record| !self.shares_a_file(record)).collect();
        gone.retain(|_| self.dice.happens(share));
        let paths: BTreeSet<&str> = gone.iter().map(|record| &*record.document.path.0).collect();
        let is_gone = |path: &String| NAMING[path].iter().all(|record| paths.contains(&*record.document.path.0));
        let change = |record: &&Record| {
            let files = named_files(record).into_iter().filter(is_gone).chain([record.document.path.to_string()]);
            self.change(record, files.map(|path| (path, None)).collect())
        };
        gone.iter().map(change).collect()
    }

    fn changed(&mut self) -> Vec<Change> {
        let hidden = self.hidden();
        hidden.into_iter().map(|record| self.rewritten(record)).collect()
    }

    /// The same record with other words: in its fields, its title, its text, its files.
    fn rewritten(&mut self, record: &'static Record) -> Change {
        let mut change = self.change(record, Vec::new());
        let path = record.document.path.to_string();
        let text = self.other_text(record, &mut change.near);
        change.files.push((path, Some(text.into_bytes())));
        for path in named_files(record).into_iter().filter(|path| BASE.files.contains_key(path)) {
            let bytes = format!("%PDF other {}", self.dice.throw());
            change.files.push((path, Some(bytes.into_bytes())));
        }
        change
    }

    fn other_text(&mut self, record: &'static Record, near: &mut BTreeSet<RecordId>) -> String {
        let text = &*BASE.office.archive.sources.file(record.document.file).text;
        let body = record.document.body.span.start as usize;
        let mut splices: Vec<(usize, usize, String)> = Vec::new();
        for (field, entry) in record.fields.iter().filter(|(field, _)| &***field != "attachments") {
            entry.each_value(&mut |value, span| {
                let (start, end) = (span.start as usize, span.end as usize);
                if end <= body && !text[start..end].contains('\n') && self.dice.happens(60) {
                    splices.push((start, end, self.other_value(field, value, near)));
                }
            });
        }
        splices.sort_by_key(|splice| std::cmp::Reverse(splice.0));
        let mut front = text[..body].to_owned();
        splices.into_iter().for_each(|(start, end, written)| front.replace_range(start..end, &written));
        if !record.fields.contains_key("title") && front.starts_with("---\n") && self.dice.happens(30) {
            front.insert_str(4, &format!("title: {}\n", quoted(&self.words(1))));
        }
        format!("{front}{}", self.prose(near))
    }

    fn other_value(&mut self, field: &str, value: &Value, near: &mut BTreeSet<RecordId>) -> String {
        if matches!(value, Value::Text(_)) && self.dice.happens(30) {
            return quoted(&self.words(2));
        }
        if matches!(value, Value::Date(_)) && self.dice.happens(30) {
            return format!("20{}-{:02}-{:02}", 22 + self.dice.below(6), 1 + self.dice.below(12), 1 + self.dice.below(28));
        }
        let written: Vec<&str> = WRITTEN[field].iter().filter(|(kind, _)| *kind == discriminant(value)).map(|(_, text)| *text).collect();
        let taken = (*self.dice.pick(&written)).to_owned();
        if matches!(value, Value::Record(_)) {
            near.insert(RecordId::from(taken.trim_matches(['"', '\''])));
        }
        if taken.contains(self.me()) || taken.contains('\n') { "nobody.at.all".to_owned() } else { taken }
    }

    fn words(&mut self, n: usize) -> String {
        (0..n).map(|_| self.dice.pick(&WORDS).clone()).collect::<Vec<_>>().join("，")
    }

    /// Text that names records which the reader sees, and some that nobody has written.
    fn prose(&mut self, near: &mut BTreeSet<RecordId>) -> String {
        let seen = self.ground.ids();
        let named: Vec<RecordId> = (0..2).map(|_| self.dice.pick(&seen).clone()).collect();
        let words: Vec<String> = (0..3).map(|_| self.words(4)).collect();
        near.extend(named.iter().cloned());
        format!(
            "\n## {}\n\n{}[[{}]]，{}[[{}|另见]]，[[nothing-{}]]。\n",
            words[0],
            words[1],
            named[0],
            words[2],
            named[1],
            self.dice.below(9)
        )
    }

    fn added(&mut self) -> Vec<Change> {
        let hidden = self.hidden();
        let mut changes: Vec<Change> = Vec::new();
        for number in 0..MORE + self.dice.below(MORE) {
            let record = *self.dice.pick(&hidden);
            changes.push(self.more(record, number));
        }
        // Ids that a seen record names, and that nobody has written until now.
        let records = BASE.office.archive.records.iter().filter(|record| self.paths.contains(&*record.document.path.0));
        let dangling: BTreeSet<&RecordId> =
            records.flat_map(|record| &record.references).filter(|reference| !reference.resolved).map(|reference| &reference.to).collect();
        for (number, id) in dangling.into_iter().enumerate() {
            let mut change = self.more(self.dice_pick(&hidden, number), 9000 + number);
            let text = change.files[0].1.as_mut().unwrap();
            *text = with_id(&String::from_utf8(text.clone()).unwrap(), &id.0).into_bytes();
            change.about = id.clone();
            changes.push(change);
        }
        changes.extend((0..SNARES).flat_map(|number| self.snares(number)));
        changes.extend(self.snares_in_every_field());
        changes
    }

    fn seen(&self) -> Vec<&'static Record> {
        let records = BASE.office.archive.each_record().filter(|record| !record.is_twin());
        records.filter(|record| self.paths.contains(&*record.document.path.0)).collect()
    }

    /// Of every type of which something is hidden, a record for each field that can name anything,
    /// the type says which: it names there what the reader sees, and is like the hidden one
    /// besides.
    fn snares_in_every_field(&mut self) -> Vec<Change> {
        let (mut by_type, seen) = (BTreeMap::<&str, Vec<&'static Record>>::new(), self.seen());
        for record in self.hidden() {
            by_type.entry(type_of(record).unwrap_or_default()).or_default().push(record);
        }
        let mut snares = Vec::new();
        for by in by_type.values().map(|hidden| *self.dice.pick(hidden)).collect::<Vec<_>>() {
            let text = text_of(by);
            for field in by.record_type.iter().flat_map(|own| &own.fields) {
                if let Some(value) = self.naming(field, &seen) {
                    snares.push(snare(by, by, &format!("{}-by-{}", by.id, field.name), &with_line(&text, &field.name, &value)));
                }
            }
            snares.push(snare(by, by, &format!("{}-by-approvals", by.id), &self.approved_by_another(&text, &seen)));
            snares.extend(self.naming_files(by, &text, &seen));
        }
        snares
    }

    /// What a field may name that the reader sees, as it is written; `None` for one that names
    /// nothing. Not the reader himself: what names him is told to him on purpose.
    fn naming(&mut self, field: &Field, seen: &[&'static Record]) -> Option<String> {
        let (posts, me) = (&BASE.office.archive.policies.posts, self.me().to_owned());
        let mut one_of = |wanted: &dyn Fn(&Record) -> bool| {
            let fitting: Vec<&Record> = seen.iter().copied().filter(|record| *record.id.0 != *me && wanted(record)).collect();
            (!fitting.is_empty()).then(|| quoted(&self.dice.pick(&fitting).id.0))
        };
        match &field.field_type {
            _ if &*field.name == "title" => Some(quoted(&self.dice.pick(seen).title)),
            FieldType::Reference(Target::Any) => one_of(&|_| true),
            FieldType::Reference(Target::Type(id)) => one_of(&|record| type_of(record) == Some(&**id)),
            FieldType::PersonOrPost => one_of(&|record| type_of(record) == Some("person")),
            FieldType::Post => Some(self.dice.pick(&posts.posts.keys().collect::<Vec<_>>()).to_string()),
            FieldType::Department => Some(self.dice.pick(&posts.departments.keys().collect::<Vec<_>>()).to_string()),
            FieldType::List(element) => {
                let element = Field { field_type: (**element).clone(), ..field.clone() };
                let named: Vec<String> = (0..3).filter_map(|_| self.naming(&element, seen)).collect();
                (!named.is_empty()).then(|| format!("[{}]", named.join(", ")))
            }
            FieldType::Table(columns) => {
                let named = columns.iter().filter_map(|column| Some(format!("{}: {}", column.name, self.naming(column, seen)?)));
                let named: Vec<String> = named.collect();
                (!named.is_empty()).then(|| format!("{{{}}}", named.join(", ")))
            }
            _ => None,
        }
    }

    /// A seen record whose files a seal covers. What nothing seals is shared by all that name it.
    fn sealed_files(&mut self, seen: &[&'static Record]) -> Option<&'static Record> {
        let sealed: Vec<&Record> = seen.iter().copied().filter(|record| is_approved(record) && !named_files(record).is_empty()).collect();
        (!sealed.is_empty()).then(|| *self.dice.pick(&sealed))
    }

    /// The same text as if somebody whom the reader sees had approved it.
    fn approved_by_another(&mut self, text: &str, seen: &[&'static Record]) -> String {
        let people: Vec<&Record> = seen.iter().copied().filter(|record| type_of(record) == Some("person")).collect();
        let others = text.split_inclusive('\n').map(|line| match line.strip_prefix("  by: ") {
            Some(_) if !people.is_empty() => format!("  by: {}\n", self.dice.pick(&people).id),
            _ => line.to_owned(),
        });
        others.collect()
    }

    /// Records that name a seen one's files: beside them, and from another folder, by the way to
    /// them and by names under which others lie there.
    fn naming_files(&mut self, by: &'static Record, text: &str, seen: &[&'static Record]) -> Vec<Change> {
        let Some(owner) = self.sealed_files(seen) else { return Vec::new() };
        let (here, there, names) = (folder_of(by), folder_of(owner), file_names(owner));
        let naming = |beside, name: &str, names: &[String]| {
            let listed = with_line(text, "attachments", &serde_json::to_string(names).unwrap());
            snare(by, beside, &format!("{}-{name}", by.id), &listed)
        };
        let ways: Vec<String> = names.iter().flat_map(|name| [format!("../../{there}/{name}"), format!("/{there}/{name}")]).collect();
        let lacking: Vec<String> = names.iter().filter(|name| !BASE.files.contains_key(&format!("{here}/{name}"))).cloned().collect();
        let mut elsewhere = naming(by, "elsewhere", &lacking);
        elsewhere.files.extend(lacking.iter().map(|name| (format!("{here}/{name}"), Some(b"%PDF elsewhere".to_vec()))));
        vec![naming(owner, "beside", &names), naming(by, "way", &ways), elsewhere]
    }

    /// Hidden records that are after what the reader sees: each names it in another way. None is
    /// taken back for the sake of what it names.
    fn snares(&mut self, number: usize) -> Vec<Change> {
        let (hidden, seen) = (self.hidden(), self.seen());
        let (by, after) = (*self.dice.pick(&hidden), *self.dice.pick(&seen));
        let own = |name: &str| format!("{}-{name}-{number}", by.id);
        let text = text_of(by);
        let mut snares = vec![
            snare(by, by, &own("named"), &self.renaming(by, &text, &seen)),
            snare(by, after, &alike(&after.id.0, number), &without_field(&text, "attachments")),
            snare(by, by, &own("titled"), &with_line(&text, "title", &quoted(&after.title))),
        ];
        if let Some(older) = seen.iter().find(|other| type_of(other) == type_of(by)) {
            snares.push(snare(by, by, &own("after"), &with_line(&text, "supersedes", &quoted(&older.id.0))));
        }
        if let Some(owner) = self.sealed_files(&seen) {
            let names = serde_json::to_string(&file_names(owner)).unwrap();
            snares.push(snare(by, owner, &own("files"), &with_line(&text, "attachments", &names)));
        }
        // Ids that would be those of policies, of the settings, of a theme, or of a seen record's
        // path.
        let taken =
            [&*self.dice.pick(&POLICIES).0, "chancery.yaml", "themes/plain/style.css", after.document.path.0.trim_end_matches(".md")];
        let taken = snare(by, by, taken[number % 4], &text);
        snares.push(Change { about: RecordId::from(taken.files[0].0.trim_end_matches(".md")), ..taken });
        // Two that nobody approves cannot be told apart; two that are approved are a matter for
        // whoever approved them.
        if is_approved(after) || (is_free(after) && !is_free(by)) {
            let twin = snare(by, by, &after.id.0, &without_field(&text, "approvals"));
            snares.push(Change { about: RecordId::from(twin.files[0].0.trim_end_matches(".md")), ..twin });
        }
        snares
    }

    /// The same text with every reference to a record that the reader sees, of the type that stands
    /// there.
    fn renaming(&self, by: &'static Record, text: &str, seen: &[&'static Record]) -> String {
        let mut splices: Vec<(usize, usize, String)> = Vec::new();
        for entry in by.fields.values() {
            entry.each_value(&mut |value, span| {
                let Value::Record(id) = value else { return };
                let Some(named) = BASE.office.archive.record(id) else { return };
                let like = seen.iter().find(|own| type_of(own) == type_of(named) && *own.id.0 != *self.me());
                splices.extend(like.map(|own| (span.start as usize, span.end as usize, quoted(&own.id.0))));
            });
        }
        splices.sort_by_key(|splice| std::cmp::Reverse(splice.0));
        let mut text = text.to_owned();
        splices.into_iter().for_each(|(start, end, written)| text.replace_range(start..end, &written));
        let named = |own: &&Record| {
            let (id, path) = (&own.id, &own.document.path);
            let files = file_names(own).into_iter().map(|name| format!("![{name}](../../{}/{name})", folder_of(own)));
            format!("[[{id}]]，[{id}](../../{path})，[{id}](/records/{id}/)，{}", files.collect::<String>())
        };
        let policies: String = POLICIES.iter().map(|path| format!("[[{path}]]，[{path}](../../{path}.md)\n")).collect();
        format!("{text}\n{}\n\n{policies}", seen.iter().step_by(9).map(named).collect::<Vec<_>>().join("\n"))
    }

    fn dice_pick(&self, of: &[&'static Record], number: usize) -> &'static Record {
        of[number * 7919 % of.len()]
    }

    /// Another record like a hidden one: under an id of its own, under the same, under none, of no
    /// type, or torn.
    fn more(&mut self, record: &'static Record, number: usize) -> Change {
        let mut change = self.change(record, Vec::new());
        let text = if self.dice.happens(50) {
            self.other_text(record, &mut change.near)
        } else {
            BASE.office.archive.sources.file(record.document.file).text.to_string()
        };
        let folder = folder_of(record);
        let (path, id) = (format!("{folder}/{}-more-{number}.md", self.dice.pick(&["", "M", "zz", "中"])), &record.id.0);
        let text = match self.dice.below(20) {
            0 => text,
            1 => text.replacen("type: ", "type: [", 1),
            2 => text.replacen("type: ", "type: none-of-", 1),
            3 => text.replacen(&format!("id: {id}\n"), "", 1),
            n if n % 2 == 0 => with_id(&text, &format!("{id}-{number}")),
            _ => with_id(&text, &format!("{}{number}", self.dice.pick(&["!", "A-", "Z-", "中"]))),
        };
        change.about = id_of(&path, &text);
        let file = format!("{folder}/more-{number}.pdf");
        let text =
            text.replacen("---\n", &format!("---\nattachments: [more-{number}.pdf]\n"), usize::from(!text.contains("\nattachments:")));
        change.files.push((path, Some(text.into_bytes())));
        change.files.push((file, Some(format!("%PDF more {number}").into_bytes())));
        change
    }

    /// The fields of seen records that the reader does not see, otherwise: other values, none, or
    /// some where there was none.
    fn veils(&mut self) -> (Files, usize) {
        let view = BASE.office.view(self.reader.clone());
        let mut files = Files::new();
        for seen in view.records() {
            let Some(record) = BASE.office.archive.records.iter().find(|record| record.document.path == *seen.path()) else { continue };
            let text = archives::text(&BASE.files, &record.document.path.0);
            let written = self.veiled(record, &text, &|field| seen.shows(field));
            if written != text {
                files.insert(record.document.path.to_string(), written.into_bytes());
            }
        }
        let veiled = files.len();
        (files, veiled)
    }

    fn veiled(&mut self, record: &Record, text: &str, shows: &dyn Fn(&str) -> bool) -> String {
        let mut written = text.to_owned();
        let hidden = record.record_type.iter().flat_map(|own| &own.fields).filter(|field| !shows(&field.name));
        for name in hidden.map(|field| field.name.clone()) {
            let lines: Vec<&str> = written.split_inclusive('\n').collect();
            let begins = lines.iter().position(|line| line.starts_with(&format!("{name}:")));
            let other = self.other_line(&name);
            let mut lines: Vec<String> = lines.into_iter().map(str::to_owned).collect();
            match begins {
                Some(at) => {
                    let belongs = |line: &String| line.starts_with(['-', ' ']);
                    let end = at + 1 + lines[at + 1..].iter().take_while(|line| belongs(line)).count();
                    lines.splice(at..end, other);
                }
                None if record.document.readable => drop(lines.splice(1..1, other)),
                None => {}
            }
            written = lines.concat();
        }
        written
    }

    fn other_line(&mut self, field: &str) -> Option<String> {
        match self.dice.below(4) {
            0 => None,
            1 => Some(format!("{field}: {}\n", quoted(&self.words(1)))),
            _ => Some(format!("{field}: 0571-{:04} {:03}\n", self.dice.below(10_000), self.dice.below(1000))),
        }
    }
}

/// Whether a record's chain of approvals is complete.
fn is_approved(record: &Record) -> bool {
    let office = &BASE.office;
    let chain = office.whole_approvals().of_record(&record.id);
    chain.is_some_and(|chain| chain.rule.as_ref().is_some_and(|rule| rule.steps.iter().all(|step| chain.step(&step.post).is_some())))
}

/// Whether nobody has to approve a record of its type.
fn is_free(record: &Record) -> bool {
    let office = &BASE.office;
    record.record_type.as_ref().is_some_and(|own| approval::chain_for(&office.archive.policies, &own.id, office.today).is_none())
}

fn text_of(record: &Record) -> String {
    BASE.office.archive.sources.file(record.document.file).text.to_string()
}

/// An id that looks or folds like another.
fn alike(id: &str, number: usize) -> String {
    let wide = |c: char| char::from_u32(c as u32 + 0xFEE0).filter(|_| c.is_ascii_graphic()).unwrap_or(c);
    // Of one skeleton (UTS 39), in ASCII alone and with Cyrillic letters.
    let like = id.replace('0', "O").replace('1', "l").replace('m', "rn");
    match number % 7 {
        0 => id.to_lowercase() + if id.chars().any(char::is_uppercase) { "" } else { "." },
        1 => id.to_uppercase() + if id.chars().any(char::is_lowercase) { "" } else { "-" },
        2 => id.chars().map(wide).collect(),
        3 => format!("{id}\u{200B}"),
        4 if like != id => like,
        5 => id.replace('a', "а").replace('C', "С") + "і",
        _ => format!("{id}\u{301}"),
    }
}

/// A record like a hidden one beside another, under an id.
fn snare(by: &Record, beside: &Record, id: &str, text: &str) -> Change {
    let folder = folder_of(beside);
    let digest = id.bytes().fold(0u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    let path = format!("{folder}/!{}-{digest}.md", type_of(by).unwrap_or_default());
    Change { about: RecordId::from(id), near: BTreeSet::new(), files: vec![(path, Some(with_id(text, id).into_bytes()))] }
}

fn type_of(record: &Record) -> Option<&str> {
    record.record_type.as_ref().map(|own| &*own.id)
}

/// A text with another value of a field that takes one line.
fn with_line(text: &str, field: &str, value: &str) -> String {
    without_field(text, field).replacen("---\n", &format!("---\n{field}: {value}\n"), 1)
}

/// A text without a key of the front matter and what stands under it.
fn without_field(text: &str, key: &str) -> String {
    let (mut kept, mut inside, mut fences) = (String::new(), false, 0);
    for line in text.split_inclusive('\n') {
        fences += usize::from(line.trim_end() == "---");
        inside =
            fences == 1 && (line.starts_with(&format!("{key}:")) || (inside && line.starts_with(['-', ' ']) && line.trim_end() != "---"));
        if !inside {
            kept.push_str(line);
        }
    }
    kept
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

fn with_id(text: &str, id: &str) -> String {
    let line = text.lines().find(|line| line.starts_with("id: ")).map(|line| format!("{line}\n"));
    match line {
        Some(line) => text.replacen(&line, &format!("id: {}\n", quoted(id)), 1),
        None => text.replacen("---\n", &format!("---\nid: {}\n", quoted(id)), 1),
    }
}

fn id_of(path: &str, text: &str) -> RecordId {
    let document = chancery::document::parse(&chancery::source::Sources::from_memory([(path, text)]).files[0]);
    let said = document.front.get("id").and_then(|node| node.text()).map(|id| id.trim().to_owned()).filter(|id| !id.is_empty());
    RecordId::from(said.unwrap_or_else(|| path["records/".len()..path.len() - ".md".len()].to_owned()).as_str())
}
