//! The register of what was once approved: a line an approval, only ever added to, so that a record
//! which is gone is missed, and so that of all that was ever signed the last can be told.
//!
//! `ID sha256:NEW` enters the first content of an id, `ID sha256:NEW after sha256:OLD` one that
//! succeeds another. Of an id's seals the one that nothing succeeds is in force; what was succeeded
//! never comes back. So a line can only take a content out of force: the registers of two copies of
//! an archive merge by union, in any order, and whoever adds a line widens nothing. Where two seals
//! are succeeded by nothing, neither is in force until an approval succeeds both. A line without
//! `after` follows the one without `after` that stands above it, as older registers have them.
//!
//! Empty lines are passed over, and so are remarks: lines that begin with `#` and do not end in a
//! seal.

use super::{Approvable, Approved, Paper, Remembered, Seal, Subject};
use crate::{
    archive::Archive,
    diagnostic::{Finding, Words},
    document,
    source::{FileId, REGISTER, Room, SETTINGS, SourceFile, Sources, Span},
};
use chrono::NaiveDate;
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, io,
    sync::Arc,
};

/// A line: the content of an id that was approved, and the one that it succeeds.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Registered {
    pub subject: Subject,
    pub seal: Seal,
    pub after: Option<Seal>,
}

/// The lines of a register, with those that are remembered of it.
#[derive(Clone, Debug, Default)]
pub struct Register {
    rows: Vec<Row>,
    /// Where the first line of an id and a seal stands.
    places: BTreeMap<(Subject, Seal), Option<Span>>,
    by_subject: BTreeMap<Subject, Succession>,
    by_seal: BTreeMap<Seal, BTreeSet<Subject>>,
    approved: BTreeMap<Subject, Approved>,
}

/// A register that was read last, and of what.
struct KnownRegister {
    file: Option<SourceFile>,
    lines: Vec<Registered>,
    approved: BTreeMap<Subject, Approved>,
    register: Arc<Register>,
    findings: Arc<[Finding]>,
}

#[derive(Clone, Debug)]
struct Row {
    line: Registered,
    /// `None`: it is remembered, and no longer written.
    span: Option<Span>,
}

/// The seals of an id, those of them that something succeeds, and those that nothing does.
#[derive(Clone, PartialEq, Debug, Default)]
struct Succession {
    seals: BTreeSet<Seal>,
    succeeded: BTreeSet<Seal>,
    heads: BTreeSet<Seal>,
    /// That of the last line without `after`.
    last: Option<Seal>,
}

/// What the register says of a content.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// It has no line of that id: it tells nothing.
    Unregistered,
    InForce,
    /// Another content of the id was approved after it, or it is none that the register has.
    Superseded,
    /// Two contents of the id are succeeded by nothing, or each succeeds the other.
    Conflict,
}

impl Register {
    /// The register of an archive, with what is remembered of it; and a finding for each line that
    /// cannot be read. Of an archive that is read again it is read once, as long as its text and
    /// what is remembered are as they were.
    pub fn of(sources: &Sources, remembered: &Remembered) -> (Arc<Register>, Arc<[Finding]>) {
        let file = sources.in_room(Room::Register).next();
        let is_same = |known: &Arc<KnownRegister>| {
            known.file.as_ref() == file && known.lines == remembered.lines && known.approved == remembered.approved
        };
        if let Some(known) = sources.has_memory().then(|| sources.kept().last::<KnownRegister>()).flatten().filter(is_same) {
            return (known.register.clone(), known.findings.clone());
        }
        let (register, findings) = Register::read(sources, remembered);
        let (register, findings): (_, Arc<[Finding]>) = (Arc::new(register), findings.into());
        if sources.is_followed() {
            let (lines, approved) = (remembered.lines.clone(), remembered.approved.clone());
            sources.kept().keep(KnownRegister {
                file: file.cloned(),
                lines,
                approved,
                register: register.clone(),
                findings: findings.clone(),
            });
        }
        (register, findings)
    }

    /// Reads the register of an archive, with what is remembered of it.
    fn read(sources: &Sources, remembered: &Remembered) -> (Register, Vec<Finding>) {
        let mut register = Register { approved: remembered.approved.clone(), ..Register::default() };
        let mut findings = Vec::new();
        let mut written = BTreeMap::new();
        for file in sources.in_room(Room::Register) {
            findings.extend(document::fault(file).into_iter().map(unseen));
            for (span, text) in lines(file) {
                match Registered::read(text) {
                    Some(line) => drop(written.entry(line).or_insert(span)),
                    None if text.starts_with('#') => {}
                    None => findings.push(unreadable(span)),
                }
            }
        }
        // First in the order in which they were seen: by it lines without `after` follow one
        // another, and whoever writes may change it.
        register.enter(remembered.lines.iter().map(|line| Row { line: line.clone(), span: written.remove(line) }));
        let mut rows: Vec<Row> = written.into_iter().map(|(line, span)| Row { line, span: Some(span) }).collect();
        rows.sort_by_key(|row| row.span.map(Span::bytes));
        register.enter(rows);
        findings.extend(register.gaps());
        (register, findings)
    }

    /// Whether it tells the same of a subject as another.
    pub(super) fn tells_like(&self, other: &Register, subject: &Subject) -> bool {
        self.by_subject.get(subject) == other.by_subject.get(subject) && self.approved.get(subject) == other.approved.get(subject)
    }

    /// A register of these lines, which stand at one place.
    pub fn of_lines(lines: impl IntoIterator<Item = Registered>, at: Span) -> Register {
        let mut register = Register::default();
        register.enter(lines.into_iter().map(|line| Row { line, span: Some(at) }));
        register
    }

    fn enter(&mut self, rows: impl IntoIterator<Item = Row>) {
        for row in rows {
            self.by_subject.entry(row.line.subject.clone()).or_default().enter(&row.line);
            self.by_seal.entry(row.line.seal).or_default().insert(row.line.subject.clone());
            let place = self.places.entry((row.line.subject.clone(), row.line.seal)).or_default();
            *place = place.or(row.span);
            self.rows.push(row);
        }
    }

    /// The lines, those that are remembered first.
    pub fn lines(&self) -> impl Iterator<Item = &Registered> {
        self.rows.iter().map(|row| &row.line)
    }

    /// The lines that are remembered, and that the archive's register lacks.
    pub fn missing(&self) -> impl Iterator<Item = &Registered> {
        self.rows.iter().filter(|row| row.span.is_none()).map(|row| &row.line)
    }

    /// The lines that succeed one which is gone. One that is remembered is told by whoever
    /// remembers it.
    fn gaps(&self) -> impl Iterator<Item = Finding> {
        let known: BTreeSet<(&Subject, Seal)> = self.rows.iter().map(|row| (&row.line.subject, row.line.seal)).collect();
        self.rows.iter().filter_map(move |row| {
            let (line, before) = (&row.line, row.line.after?);
            (!known.contains(&(&line.subject, before))).then(|| gap(line, before, row.span)).filter(|_| row.span.is_some())
        })
    }

    /// What is remembered and no longer written, each at another line of its id, where there is
    /// one.
    pub fn lost(&self) -> Vec<Finding> {
        let at: BTreeMap<&Subject, Span> = self.rows.iter().filter_map(|row| Some((&row.line.subject, row.span?))).collect();
        self.missing().map(|line| lost(line, at.get(&line.subject).copied())).collect()
    }

    /// Where the first line of an id and a seal stands.
    pub fn place(&self, name: &str, seal: &str) -> Option<Span> {
        self.places.get(&(Subject::named(name), Seal::read(seal)?)).copied().flatten()
    }

    /// Whether something of that id was ever approved.
    pub fn knows(&self, subject: &Subject) -> bool {
        self.by_subject.contains_key(subject)
    }

    /// As what a content was approved.
    pub(super) fn of_seal(&self, seal: &Seal) -> impl Iterator<Item = &Subject> {
        self.by_seal.get(seal).into_iter().flatten()
    }

    /// All of which something was ever approved.
    pub fn subjects(&self) -> impl Iterator<Item = &Subject> {
        self.by_subject.keys()
    }

    pub fn standing(&self, subject: &Subject, seal: &Seal) -> Standing {
        let Some(succession) = self.by_subject.get(subject) else { return Standing::Unregistered };
        match succession.heads.len() {
            1 if succession.heads.contains(seal) => Standing::InForce,
            1 => Standing::Superseded,
            2.. if succession.succeeded.contains(seal) => Standing::Superseded,
            _ => Standing::Conflict,
        }
    }

    /// What was in force last, where that is remembered: nothing that was approved earlier succeeds
    /// it.
    pub fn approved(&self, subject: &Subject) -> Option<Approved> {
        self.approved.get(subject).copied()
    }

    /// The lines by which a content comes into force; none where it is. `None` where it was
    /// succeeded: it does not come back.
    pub fn succession(&self, subject: &Subject, seal: &Seal) -> Option<Vec<Registered>> {
        let line = |after| Registered { subject: subject.clone(), seal: *seal, after };
        let Some(known) = self.by_subject.get(subject) else { return Some(vec![line(None)]) };
        if known.succeeded.contains(seal) {
            return None;
        }
        let mut others: Vec<Registered> = known.heads.iter().filter(|head| *head != seal).map(|head| line(Some(*head))).collect();
        if others.is_empty() && !known.seals.contains(seal) {
            // Each succeeds another: whichever is named, this one is succeeded by nothing.
            others.push(line(known.seals.first().copied()));
        }
        Some(others)
    }
}

impl Succession {
    fn enter(&mut self, line: &Registered) {
        let before = line.after.or(self.last).filter(|before| *before != line.seal);
        self.succeeded.extend(before);
        self.seals.extend(before);
        self.seals.insert(line.seal);
        self.heads.extend(Some(line.seal).filter(|seal| !self.succeeded.contains(seal)));
        if let Some(before) = before {
            self.heads.remove(&before);
        }
        if line.after.is_none() {
            self.last = Some(line.seal);
        }
    }
}

impl Registered {
    /// Reads a line. An id may hold spaces: the seals are the last words.
    pub fn read(line: &str) -> Option<Registered> {
        let (before, seal) = last_word(line)?;
        let seal = Seal::read(seal)?;
        let succeeding = last_word(before).filter(|(_, word)| *word == "after").and_then(|(before, _)| last_word(before));
        match succeeding.and_then(|(id, new)| Some((id, Seal::read(new)?))) {
            Some((id, new)) => Some(Registered { subject: Subject::named(id), seal: new, after: Some(seal) }),
            None => Some(Registered { subject: Subject::named(before), seal, after: None }),
        }
    }
}

impl fmt::Display for Registered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.subject, self.seal)?;
        self.after.as_ref().map_or(Ok(()), |old| write!(f, " after {old}"))
    }
}

fn last_word(text: &str) -> Option<(&str, &str)> {
    let (before, word) = text.trim_end().rsplit_once(' ')?;
    let before = before.trim();
    (!before.is_empty()).then_some((before, word))
}

/// The SHA-256 of a paper that bears no approvals itself (`policies/allowed_signers`, say), under
/// which it stands in the register.
pub fn paper_seal(text: &str) -> Seal {
    Seal(Sha256::digest(text).into())
}

/// For developers: the register of an archive as its approvals stand, with the lines of what is no
/// document of its: records that are gone, and papers.
///
/// # Errors
/// Where an attachment cannot be read.
pub fn register_anew(archive: &Archive, today: NaiveDate) -> io::Result<String> {
    let files = || archive.sources.in_room(Room::Register);
    let remarks = files().flat_map(|file| file.text.lines()).filter(|line| line.starts_with('#') && Registered::read(line).is_none());
    let (register, _) = Register::of(&archive.sources, &Remembered::default());
    let approvables = Approvable::all(archive, today);
    let documents: BTreeSet<&Subject> = approvables.iter().map(|one| &one.subject).collect();
    let others =
        register.lines().filter(|line| !documents.contains(&line.subject) && line.subject != Subject::Paper(Paper::Settings)).cloned();
    let approved = approvables.iter().filter(|one| one.has_approvals());
    let settings = archive.sources.by_path(SETTINGS).map(|file| Registered {
        subject: Subject::Paper(Paper::Settings),
        seal: paper_seal(&file.text),
        after: None,
    });
    let approved = approved.map(|one| io::Result::Ok(Registered { subject: one.subject.clone(), seal: one.seal(archive)?, after: None }));
    let rows: BTreeSet<String> =
        approved.chain(others.chain(settings).map(Ok)).map(|line| Ok(line?.to_string())).collect::<io::Result<_>>()?;
    let lines = remarks.map(str::to_owned).chain(rows);
    Ok(lines.map(|line| line + "\n").collect())
}

/// The lines that are not empty, each with its place.
fn lines(file: &SourceFile) -> impl Iterator<Item = (Span, &str)> {
    let mut start = 0;
    let whole = file.text.split_inclusive('\n').map(move |whole| {
        let from = start;
        start += whole.len();
        (from, whole.trim_end())
    });
    whole.filter(|(_, line)| !line.trim().is_empty()).map(|(from, line)| (Span::new(file.id, from..from + line.len()), line))
}

fn unreadable(span: Span) -> Finding {
    let message = Words::new("登记簿中这一行无法识读", "this line of the register cannot be read");
    unseen(Finding::error("approval.register", span, message)).with_fix(Words::new(
        "恢复这一行原来的内容：编号、空格、sha256: 和 64 位十六进制数，后面可有 after 和所接替的封签；登记簿只能由 chancery 添加",
        "restore the line as it was: an id, a space, sha256: and 64 hexadecimal digits, perhaps `after` and the seal that it succeeds; only chancery adds to the register",
    ))
}

fn gap(line: &Registered, before: Seal, span: Option<Span>) -> Finding {
    let gone = Registered { subject: line.subject.clone(), seal: before, after: None };
    let message = Words::new(
        format!("登记簿中缺了这一行所接替的一行：{gone}"),
        format!("the line that this one succeeds is gone from the register: {gone}"),
    );
    shrunk(message, span)
}

fn lost(line: &Registered, span: Option<Span>) -> Finding {
    let message = Words::new(
        format!("登记簿中缺了服务器见过的一行：{line}"),
        format!("a line that the server has seen is gone from the register: {line}"),
    );
    shrunk(message, span)
}

fn shrunk(message: Words, span: Option<Span>) -> Finding {
    let nowhere = Span { file: FileId::NONE, start: 0, end: 0 };
    let finding = Finding { span, ..Finding::error("approval.register-shrunk", nowhere, message) };
    unseen(finding).with_fix(Words::new(
        "从备份或版本历史恢复 policies/register 中的这一行，并查明是谁删去的；登记簿只增不减",
        "restore the line of policies/register from a backup or the history of versions, and find out who took it out; lines are only ever added",
    ))
}

/// Something that is approved, and is missed by nobody when it is gone.
pub(super) fn unregistered(at: Span) -> Finding {
    let message = Words::new("已获批准，登记簿中却没有登记", "it is approved, and the register has no line of it");
    Finding::error("approval.unregistered", at, message).with_fix(Words::new(
        "从备份或版本历史恢复 policies/register 中的这一行；从来没有登记簿的旧档案库，用 chancery register make 建立一次",
        "restore its line of policies/register from a backup or the history of versions; an older archive that never had a register gets one by `chancery register make`",
    ))
}

/// How many lines stand before a place, and whether there is a register at all, is nobody's to know
/// but who reads the folder's.
pub(super) fn unseen(mut finding: Finding) -> Finding {
    finding.reads.add_path(&REGISTER.into());
    finding
}

#[cfg(test)]
mod tests {
    use super::*;
    use Standing::{Conflict, InForce, Superseded, Unregistered};

    fn seal(letter: char) -> Seal {
        Seal::read(&format!("sha256:{}", letter.to_string().repeat(64))).unwrap()
    }

    /// A register in short: `a` enters the seal `aa…`, `b<a` one that succeeds it.
    fn register(lines: &str) -> Arc<Register> {
        let text: String = lines.split_whitespace().map(|short| short_line(short).to_string() + "\n").collect();
        Register::of(&Sources::from_memory([(REGISTER, text)]), &Remembered::default()).0
    }

    fn short_line(short: &str) -> Registered {
        let (new, old) = short.split_once('<').map_or((short, None), |(new, old)| (new, Some(old)));
        let letter = |text: &str| seal(text.chars().next().unwrap());
        Registered { subject: Subject::named("R"), seal: letter(new), after: old.map(letter) }
    }

    #[test]
    fn of_an_ids_seals_the_one_that_nothing_succeeds_is_in_force() {
        for (lines, expected) in [
            ("", [Unregistered, Unregistered, Unregistered]),
            ("a", [InForce, Superseded, Superseded]),
            ("a b<a", [Superseded, InForce, Superseded]),
            ("b<a a", [Superseded, InForce, Superseded]),
            ("b<a", [Superseded, InForce, Superseded]),
            ("a b<a c<b", [Superseded, Superseded, InForce]),
            // As registers have it that are older than `after`.
            ("a b c", [Superseded, Superseded, InForce]),
            ("a b b a", [Superseded, InForce, Superseded]),
            // Two copies of the archive went different ways; then an approval succeeded both.
            ("a b<a c<a", [Superseded, Conflict, Conflict]),
            ("a b<a c<a d<b d<c", [Superseded, Superseded, Superseded]),
            // Whoever adds a line takes something out of force, and puts nothing back.
            ("a b<a a<b", [Conflict, Conflict, Conflict]),
            ("b a b<a", [Conflict, Conflict, Conflict]),
        ] {
            let register = register(lines);
            assert_eq!(
                ["a", "b", "c"].map(|one| register.standing(&Subject::named("R"), &seal(one.chars().next().unwrap()))),
                expected,
                "{lines}"
            );
            assert_eq!(register.standing(&Subject::named("other"), &seal('a')), Unregistered);
        }
    }

    /// No line that is added brings a seal into force that was succeeded, and the order in which
    /// two copies are merged is nothing.
    #[test]
    fn a_line_more_never_puts_back_what_was_succeeded() {
        let all = ["a", "b", "c", "a<b", "a<c", "b<a", "b<c", "c<a", "c<b"];
        for first in all {
            for second in all {
                let before = register(&format!("{first} {second}"));
                for more in all.into_iter().filter(|more| more.contains('<')) {
                    let after = register(&format!("{more} {first} {second}"));
                    let merged = register(&format!("{first} {second} {more}"));
                    for letter in ['a', 'b', 'c'] {
                        let stands = |register: &Register| register.standing(&Subject::named("R"), &seal(letter));
                        assert!(!is_succeeded(&before, letter) || stands(&after) != InForce, "{first} {second} {more} {letter}");
                        assert_eq!(stands(&after), stands(&merged), "{first} {second} {more} {letter}");
                    }
                }
            }
        }
    }

    fn is_succeeded(register: &Register, letter: char) -> bool {
        register.by_subject.get(&Subject::named("R")).is_some_and(|known| known.succeeded.contains(&seal(letter)))
    }

    #[test]
    fn what_is_approved_succeeds_whatever_is_in_force() {
        // The letters of the seals that it succeeds.
        let succeeds = |register: &Register| {
            let letter = |line: &Registered| line.after.map_or('-', |old| old.to_string().chars().last().unwrap());
            register.succession(&Subject::named("R"), &seal('d')).map(|lines| lines.iter().map(letter).collect::<String>())
        };
        for (written, expected) in [
            ("", Some("-")),
            ("d", Some("")),
            ("a", Some("a")),
            ("a b<a c<a", Some("bc")),
            ("a d<a c<a", Some("c")),
            ("a<b b<a", Some("a")),
            ("d a<d", None),
        ] {
            let before = register(written);
            assert_eq!(succeeds(&before).as_deref(), expected, "{written}");
            if let Some(more) = before.succession(&Subject::named("R"), &seal('d')) {
                let text: String = before.lines().cloned().chain(more).map(|line| format!("{line}\n")).collect();
                let after = Register::of(&Sources::from_memory([(REGISTER, text)]), &Remembered::default()).0;
                assert_eq!(after.standing(&Subject::named("R"), &seal('d')), InForce, "{written}");
            }
        }
    }

    #[test]
    fn lines_are_read_as_they_are_written() {
        for id in ["R", "C-0007", "a b", "after", "x after", "信用", "policies/credit"] {
            for after in [None, Some(seal('b'))] {
                let line = Registered { subject: Subject::named(id), seal: seal('a'), after };
                assert_eq!(Registered::read(&line.to_string()), Some(line), "{id}");
            }
        }
        for torn in ["", "R", "R sha256:ab", "sha256:", &format!("{}", seal('a')), &format!(" {}", seal('a'))] {
            assert_eq!(Registered::read(torn), None, "{torn}");
        }
        // An id that ends as a line does would be read as another's: such a record is not approved.
        let odd = Registered { subject: Subject::named(&format!("R {} after", seal('a'))), seal: seal('b'), after: None };
        assert_ne!(Registered::read(&odd.to_string()), Some(odd));
    }

    #[test]
    fn what_is_remembered_counts_though_it_is_no_longer_written() {
        let line = |letter, after: Option<char>| Registered { subject: Subject::named("R"), seal: seal(letter), after: after.map(seal) };
        let remembered = Remembered { lines: vec![line('a', None), line('b', Some('a'))], ..Remembered::default() };
        let written = |text: String| Register::of(&Sources::from_memory([(REGISTER, text)]), &remembered).0;
        for text in [String::new(), format!("{}\n", line('a', None)), format!("{}\n", line('a', Some('b')))] {
            let register = written(text.clone());
            assert_ne!(register.standing(&Subject::named("R"), &seal('a')), InForce, "{text}");
            assert!(register.missing().count() > 0, "{text}");
        }
        assert_eq!(written(remembered.lines.iter().map(|line| format!("{line}\n")).collect()).missing().count(), 0);
    }

    /// What follows what, where lines without `after` leave it to their order, is as it was seen:
    /// whoever cuts one, or puts them in another order, puts nothing back.
    #[test]
    fn lines_without_after_follow_one_another_as_they_were_seen() {
        let remembered = Remembered { lines: ['a', 'b', 'c'].map(line_of).to_vec(), ..Remembered::default() };
        for written in ["", "a", "b", "ab", "ba", "cb", "cab", "bca", "abc"] {
            let text: String = written.chars().map(|letter| format!("{}\n", line_of(letter))).collect();
            let (register, _) = Register::of(&Sources::from_memory([(REGISTER, text)]), &remembered);
            let standing = ['a', 'b', 'c'].map(|letter| register.standing(&Subject::named("R"), &seal(letter)));
            assert_eq!(standing, [Superseded, Superseded, InForce], "{written}");
            assert_eq!(register.missing().count(), 3 - written.len(), "{written}");
        }
        // A line that is new follows the last of them.
        let text = ['d', 'a'].map(|letter| format!("{}\n", line_of(letter))).concat();
        let (register, _) = Register::of(&Sources::from_memory([(REGISTER, text)]), &remembered);
        assert_eq!(register.standing(&Subject::named("R"), &seal('d')), InForce);
    }

    /// Each line that is gone and that another succeeds is told at that one; the rest tells nothing
    /// of itself.
    #[test]
    fn a_line_that_another_succeeds_is_missed() {
        for (lines, gaps) in [
            ("a", 0),
            ("a b<a", 0),
            ("b<a a", 0),
            ("b<a", 1),
            ("a c<b", 1),
            ("b<a c<b", 1),
            ("c<b d<b", 2),
            ("a b<a c<a d<b d<c", 0),
            ("a b<a d<b d<c", 1),
            ("b<c c<b", 0),
        ] {
            let text: String = lines.split_whitespace().map(|short| short_line(short).to_string() + "\n").collect();
            let (_, findings) = Register::of(&Sources::from_memory([(REGISTER, text)]), &Remembered::default());
            assert_eq!(findings.len(), gaps, "{lines}");
            assert!(findings.iter().all(|finding| &*finding.code == "approval.register-shrunk"), "{lines}");
        }
    }

    /// A register that is torn tells so, and nothing of it puts back what it no longer says.
    #[test]
    fn a_register_that_cannot_be_read_is_told() {
        let torn = [format!("{}\n", line_of('a')).into_bytes(), vec![0xff, 0xfe]].concat();
        let sources = Sources::from_memory([(REGISTER, torn)]);
        let (register, findings) = Register::of(&sources, &Remembered::default());
        assert_eq!(register.standing(&Subject::named("R"), &seal('a')), InForce, "what can be read of it counts");
        assert_eq!(findings.iter().map(|finding| &*finding.code).collect::<Vec<_>>(), ["document.encoding", "approval.register"]);
        assert!(findings.iter().all(|finding| finding.reads.paths().any(|path| *path.0 == *REGISTER)));
        assert_eq!(crate::approval::gone(&sources, &register).len(), 1, "and no server begins with it");
    }

    fn line_of(letter: char) -> Registered {
        Registered { subject: Subject::named("R"), seal: seal(letter), after: None }
    }
}
