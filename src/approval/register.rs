//! The register of what was once approved: a line an approval, only ever added to, so that a record which is gone is missed, and so that
//! of all that was ever signed the last can be told.
//!
//! `ID sha256:NEW` enters the first content of an id, `ID sha256:NEW after sha256:OLD` one that succeeds another. Of an id's seals the one
//! that nothing succeeds is in force; what was succeeded never comes back. So a line can only take a content out of force: the registers
//! of two copies of an archive merge by union, in any order, and whoever adds a line widens nothing. Where two seals are succeeded by
//! nothing, neither is in force until an approval succeeds both. A line without `after` follows the one without `after` that stands above
//! it, as older registers have them.
//!
//! Empty lines are passed over, and so are remarks: lines that begin with `#` and do not end in a seal.

use super::{Approved, Remembered, Seal, Subject};
use crate::{
    archive::Archive,
    diagnostic::{Finding, Words},
    source::{REGISTER, RecordId, Room, SIGNERS, SourceFile, Sources, Span},
};
use chrono::NaiveDate;
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// A line: the content of an id that was approved, and the one that it succeeds.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Registered {
    pub id: RecordId,
    pub seal: Seal,
    pub after: Option<Seal>,
}

/// The lines of a register, with those that are remembered of it.
#[derive(Clone, Debug, Default)]
pub struct Register {
    rows: Vec<Row>,
    /// Where the first line of an id and a seal stands.
    places: BTreeMap<(RecordId, Seal), Option<Span>>,
    by_id: BTreeMap<RecordId, Succession>,
    approved: BTreeMap<RecordId, Approved>,
}

#[derive(Clone, Debug)]
struct Row {
    line: Registered,
    /// `None`: it is remembered, and no longer written.
    span: Option<Span>,
}

/// The seals of an id, those of them that something succeeds, and those that nothing does.
#[derive(Clone, Debug, Default)]
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
    /// The register of an archive, with what is remembered of it; and a finding for each line that cannot be read.
    pub fn of(sources: &Sources, remembered: &Remembered) -> (Register, Vec<Finding>) {
        let mut register = Register { approved: remembered.approved.clone(), ..Register::default() };
        let mut findings = Vec::new();
        let mut written = BTreeMap::new();
        for file in sources.in_room(Room::Register) {
            for (span, text) in lines(file) {
                match Registered::read(text) {
                    Some(line) => drop(written.entry(line).or_insert(span)),
                    None if text.starts_with('#') => {}
                    None => findings.push(unreadable(span)),
                }
            }
        }
        let gone = remembered.lines.iter().filter(|line| !written.contains_key(line)).map(|line| Row { line: line.clone(), span: None });
        register.enter(gone);
        let mut rows: Vec<Row> = written.into_iter().map(|(line, span)| Row { line, span: Some(span) }).collect();
        rows.sort_by_key(|row| row.span.map(|span| (span.file, span.start)));
        register.enter(rows);
        (register, findings)
    }

    /// A register of these lines, which stand at one place.
    pub fn of_lines(lines: impl IntoIterator<Item = Registered>, at: Span) -> Register {
        let mut register = Register::default();
        register.enter(lines.into_iter().map(|line| Row { line, span: Some(at) }));
        register
    }

    fn enter(&mut self, rows: impl IntoIterator<Item = Row>) {
        for row in rows {
            self.by_id.entry(row.line.id.clone()).or_default().enter(&row.line);
            self.places.entry((row.line.id.clone(), row.line.seal)).or_insert(row.span);
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

    /// Where the first line of an id and a seal stands.
    pub fn place(&self, id: &str, seal: &str) -> Option<Span> {
        self.places.get(&(RecordId::from(id), Seal::read(seal)?)).copied().flatten()
    }

    /// Whether something of that id was ever approved.
    pub fn knows(&self, id: &RecordId) -> bool {
        self.by_id.contains_key(id)
    }

    /// Every id of which something was ever approved.
    pub fn ids(&self) -> impl Iterator<Item = &RecordId> {
        self.by_id.keys()
    }

    pub fn standing(&self, id: &RecordId, seal: &Seal) -> Standing {
        let Some(succession) = self.by_id.get(id) else { return Standing::Unregistered };
        match succession.heads.len() {
            1 if succession.heads.contains(seal) => Standing::InForce,
            1 => Standing::Superseded,
            2.. if succession.succeeded.contains(seal) => Standing::Superseded,
            _ => Standing::Conflict,
        }
    }

    /// What was in force last, where that is remembered: nothing that was approved earlier succeeds it.
    pub fn approved(&self, id: &RecordId) -> Option<Approved> {
        self.approved.get(id).copied()
    }

    /// The lines by which a content comes into force; none where it is. `None` where it was succeeded: it does not come back.
    pub fn succession(&self, id: &RecordId, seal: &Seal) -> Option<Vec<Registered>> {
        let line = |after| Registered { id: id.clone(), seal: *seal, after };
        let Some(known) = self.by_id.get(id) else { return Some(vec![line(None)]) };
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
            Some((id, new)) => Some(Registered { id: RecordId::from(id), seal: new, after: Some(seal) }),
            None => Some(Registered { id: RecordId::from(before), seal, after: None }),
        }
    }
}

impl fmt::Display for Registered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.id, self.seal)?;
        self.after.as_ref().map_or(Ok(()), |old| write!(f, " after {old}"))
    }
}

fn last_word(text: &str) -> Option<(&str, &str)> {
    let (before, word) = text.trim_end().rsplit_once(' ')?;
    let before = before.trim();
    (!before.is_empty()).then_some((before, word))
}

/// The SHA-256 of a paper that bears no approvals itself (`policies/allowed_signers`, say), under which it stands in the register.
pub fn paper_seal(text: &str) -> Seal {
    Seal(Sha256::digest(text).into())
}

/// For developers: the register of an archive as its approvals stand, with the lines of records that are gone.
///
/// # Errors
/// Where an attachment cannot be read.
pub fn register_anew(archive: &Archive, today: NaiveDate) -> std::io::Result<String> {
    let files = || archive.sources.in_room(Room::Register);
    let remarks = files().flat_map(|file| file.text.lines()).filter(|line| line.starts_with('#') && Registered::read(line).is_none());
    let (register, _) = Register::of(&archive.sources, &Remembered::default());
    let gone = register.lines().filter(|line| !archive.holds(&line.id));
    let subjects = Subject::all(archive, today);
    let approved = subjects.iter().filter(|subject| subject.has_approvals());
    let approved = approved.map(|subject| Ok(Registered { id: subject.id.clone(), seal: subject.seal(archive)?, after: None }));
    let signers = archive.sources.by_path(SIGNERS).map(|file| Registered { id: SIGNERS.into(), seal: paper_seal(&file.text), after: None });
    let rows: BTreeSet<Registered> = approved.chain(signers.into_iter().chain(gone.cloned()).map(Ok)).collect::<std::io::Result<_>>()?;
    let lines = remarks.map(str::to_owned).chain(rows.iter().map(Registered::to_string));
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
    let mut finding = Finding::error("approval.register", span, message);
    // How many lines stand before it is nobody's to know but who reads the folder's.
    finding.reads.records.insert(RecordId::from(REGISTER));
    finding.with_fix(Words::new(
        "恢复这一行原来的内容：编号、空格、sha256: 和 64 位十六进制数，后面可有 after 和所接替的封签；登记簿只能由 chancery 添加",
        "restore the line as it was: an id, a space, sha256: and 64 hexadecimal digits, perhaps `after` and the seal that it succeeds; only chancery adds to the register",
    ))
}
