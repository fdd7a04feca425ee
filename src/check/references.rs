//! References: whether what a record or a policy names is there, and is what it should be.

use super::meant::{Meanings, meant_of};
use crate::{
    approval::{attached_bytes, beside},
    archive::{
        Archive, FieldEntry, FieldReading, LinkEnd, Record,
        link::{path_from, path_to},
    },
    diagnostic::{Finding, Words, did_you_mean, nearest},
    document::{Document, Link, LinkKind},
    policy::{FieldType, Target, Value},
    source::{ArchivePath, MAX_DIGESTED, RecordId, Room, Span},
};
use rayon::prelude::*;
use std::{cell::Cell, collections::BTreeSet, sync::Arc};

/// Names of one document that lead nowhere for which a likely meaning is looked for.
pub(super) const LOOKED_FOR: u32 = 16;

/// Those of all records together for which it is looked for in the whole archive: every id or path
/// is compared with each.
const LOOKED_FOR_IN_ALL: u32 = 256;

/// For how many names of each record a meaning is looked for in the whole archive, the first ones
/// first. What is suggested there is told to those alone who read the whole folder, so that no
/// record takes anything from the readers of another.
pub(super) fn shares(archive: &Archive) -> Vec<u32> {
    let wanted: Vec<u32> = archive.records.par_iter().map(|record| leading_nowhere(record, archive)).collect();
    let shares = wanted.iter().scan(LOOKED_FOR_IN_ALL, |left, wanted| {
        let share = (*left).min(*wanted);
        *left -= share;
        Some(share)
    });
    shares.collect()
}

fn leading_nowhere(record: &Record, archive: &Archive) -> u32 {
    let names = record.references.iter().filter(|reference| !reference.resolved).map(drop);
    let relative = record.document.body.links.iter().filter(|link| link.kind == LinkKind::Relative);
    let broken = relative.filter(|link| archive.destination(&record.document, link) == LinkEnd::Nothing).map(drop);
    names.chain(broken).take(LOOKED_FOR as usize).count() as u32
}

/// Judges what a record refers to. `share`: see [`shares`]; `meanings`: what is known of names, where
/// the archive is read again and again.
pub(super) fn judge(record: &Record, archive: &Archive, share: u32, meanings: Option<&Meanings>) -> Vec<Finding> {
    let (document, left, share) = (&record.document, LOOKED_FOR.into(), share.into());
    let mut judge = Judge { record: Some(record), document, archive, meanings, left, share, findings: Vec::new() };
    for field in record.record_type.iter().flat_map(|own| &own.fields) {
        if let Some(entry) = record.fields.get(&field.name) {
            judge.entry(entry, &field.field_type, &field.name);
        }
    }
    judge.attachments();
    record.document.body.links.iter().for_each(|link| judge.link(link));
    judge.findings
}

/// Judges where the links of the policies lead.
pub(super) fn of_policies(archive: &Archive) -> Vec<Finding> {
    let meanings = Meanings::of(archive);
    let judge = |document: &Arc<Document>| {
        let (left, share, meanings) = (LOOKED_FOR.into(), LOOKED_FOR.into(), meanings.as_deref());
        let mut judge = Judge { record: None, document, archive, meanings, left, share, findings: Vec::new() };
        document.body.links.iter().for_each(|link| judge.link(link));
        judge.passed_at();
        judge.findings
    };
    archive.policies.versions.iter().flat_map(|version| judge(&version.document)).collect()
}

struct Judge<'a> {
    /// `None`: a policy.
    record: Option<&'a Record>,
    document: &'a Document,
    archive: &'a Archive,
    meanings: Option<&'a Meanings>,
    left: Cell<u32>,
    /// How many of these may be looked for in the whole archive.
    share: Cell<u32>,
    findings: Vec<Finding>,
}

impl<'a> Judge<'a> {
    fn find(&mut self, code: &str, span: Span, message: Words, fix: Words) -> &mut Finding {
        let mut finding = Finding::error(code, span, message).with_fix(fix);
        if let Some(record) = self.record {
            finding = finding.of(&record.id);
            finding.reads.add_record(&record.id);
        }
        self.findings.push(finding);
        self.findings.last_mut().expect("a finding was just added")
    }

    /// The meeting that passed a policy is on file.
    fn passed_at(&mut self) {
        let Some(node) = self.document.front.get("passed_at") else { return };
        let Some(to) = node.text().filter(|_| !node.is_blank()).map(|text| RecordId::named(text.trim())) else { return };
        if self.archive.record(&to).is_none() {
            self.dangling(&to, None, node.span);
        }
    }

    fn entry(&mut self, entry: &FieldEntry, field_type: &FieldType, field: &Arc<str>) {
        match (&entry.reading, field_type) {
            (FieldReading::Value(Value::Record(to)), FieldType::Reference(target)) => self.reference(to, target, entry.span, field),
            (FieldReading::Value(Value::Record(to)), _) => self.reference(to, &Target::Any, entry.span, field),
            (FieldReading::Rows(rows), FieldType::List(element)) => rows.iter().for_each(|row| self.entry(row, element, field)),
            (FieldReading::Table(cells), FieldType::Table(columns)) => {
                for column in columns.iter() {
                    if let Some(cell) = cells.get(&column.name) {
                        self.entry(cell, &column.field_type, field);
                    }
                }
            }
            _ => {}
        }
    }

    fn reference(&mut self, to: &RecordId, target: &Target, span: Span, field: &Arc<str>) {
        let own = self.record.map(|record| record.id.clone());
        let found = self.archive.record(to);
        let finding = match (found, target) {
            // The built-in check of `supersedes` tells of that field.
            _ if &**field == "supersedes" => return,
            (None, target) => self.dangling(to, Some(target), span),
            (Some(found), Target::Type(demanded)) if !is_of(found, demanded) => {
                let (demanded, is) = (self.label(demanded), found.record_type.as_ref().map(|own| self.label(&own.id)));
                let (zh, en) = is.map_or(("没有类型的记录".to_owned(), "a record without a type".to_owned()), |is| (is.zh, is.en));
                let message = Words::new(
                    format!("{to} 是“{zh}”，这里应为“{}”", demanded.zh),
                    format!("{to} is a “{en}”; here a “{}” is to be named", demanded.en),
                );
                let fix = Words::new(format!("改为一份“{}”的编号", demanded.zh), format!("name a “{}”", demanded.en));
                self.find("reference.wrong-type", span, message, fix)
            }
            _ => return,
        };
        finding.reads.add_record(to);
        own.iter().for_each(|own| finding.reads.add_field(own, field));
    }

    /// A name that leads nowhere. It counts as read, so that no reader can tell it from a record
    /// which is kept from him.
    fn dangling(&mut self, to: &RecordId, target: Option<&Target>, span: Span) -> &mut Finding {
        let message = Words::new(format!("没有编号为“{to}”的记录"), format!("there is no record “{to}”"));
        let fix = self.meant(to, target).map_or_else(
            || Words::new("核对编号；记录尚未建立的，先建立记录", "check the id; where the record is not written yet, write it first"),
            |near| did_you_mean(&to.0, &near.0),
        );
        let finding = self.find("reference.dangling", span, message, fix);
        finding.reads.add_record(to);
        finding
    }

    fn meant(&self, to: &RecordId, target: Option<&Target>) -> Option<RecordId> {
        spend(&self.left)?;
        spend(&self.share)?;
        let own = match target {
            Some(Target::Type(demanded)) => Some(demanded),
            _ => None,
        };
        match self.meanings {
            Some(meanings) => meanings.meant(&to.0, own, self.archive),
            None => meant_of(&to.0, own, self.archive).cloned(),
        }
    }

    fn label(&self, record_type: &str) -> Words {
        let own = self.archive.policies.record_type(record_type);
        own.map_or_else(|| Words::new(record_type, record_type), |own| own.label.or_id(record_type))
    }

    /// The names of files in `attachments`.
    fn attachments(&mut self) {
        let Some(entry) = self.record.and_then(|record| record.fields.get("attachments")) else { return };
        let mut names = Vec::new();
        entry.each_value(&mut |value, span| {
            if let Value::Text(name) = value {
                names.push((name.clone(), span));
            }
        });
        self.too_large(&names, entry.span);
        for (name, span) in names {
            if !self.lies_beside(&name) {
                let message =
                    Words::new(format!("附件“{name}”不在记录旁边"), format!("the attachment “{name}” does not lie beside the record"));
                // No name is suggested: what else lies in the folder may belong to a record that is
                // kept from the reader.
                let fix = Words::new("将文件放到记录所在的文件夹，或改正文件名", "put the file into the record's folder, or mend its name");
                // As with a dangling name: that nothing lies there counts as read, for what lies
                // there may be another's.
                let path = path_from(&self.document.path, &name);
                let finding = self.find("reference.attachment", span, message, fix);
                path.into_iter().for_each(|path| finding.reads.add_path(&path));
            }
        }
    }

    fn lies_beside(&self, name: &str) -> bool {
        beside(&self.document.path, name).is_some_and(|path| self.archive.sources.attached(&path).is_some())
    }

    /// More than a seal is of: nobody could approve the record.
    fn too_large(&mut self, names: &[(Arc<str>, Span)], span: Span) {
        let paths: BTreeSet<ArchivePath> = names.iter().filter_map(|(name, _)| beside(&self.document.path, name)).collect();
        let bytes = attached_bytes(&paths, &self.archive.sources);
        if bytes > MAX_DIGESTED {
            let message = Words::new(
                format!("附件共 {bytes} 字节，超过 {MAX_DIGESTED} 字节的上限，无法封签"),
                format!("the attachments have {bytes} bytes together; the limit is {MAX_DIGESTED}, and beyond it nothing can be sealed"),
            );
            let fix = Words::new("缩小附件，或分给几份记录", "make the attachments smaller, or divide them among several records");
            self.find("document.too-large", span, message, fix);
        }
    }

    fn link(&mut self, link: &Link) {
        let named = RecordId::named(link.target.trim());
        match (self.archive.destination(self.document, link), link.kind) {
            (_, LinkKind::Refused) => {
                let message = Words::new("这种链接不予显示", "a link of this kind is never shown");
                let fix =
                    Words::new("改用 http、https、mailto、tel 或本档案内的路径", "use http, https, mailto, tel or a path in this archive");
                self.find("reference.link", link.span, message, fix);
            }
            (LinkEnd::Nothing, LinkKind::Wiki) => drop(self.dangling(&named, None, link.span)),
            (LinkEnd::Nothing, _) => self.broken(link),
            (destination, _) if !self.archive.has_anchor(self.document, link) => self.no_anchor(link, destination),
            _ => {}
        }
    }

    fn broken(&mut self, link: &Link) {
        let target = &link.target;
        let path = path_from(&self.document.path, target);
        let file = path.as_ref().and_then(|path| self.archive.sources.by_path(&path.0));
        if file.is_some_and(|file| file.room != Room::Record && file.room != Room::Policy) {
            return;
        }
        let to_policies = path.as_ref().is_some_and(|path| path.0.starts_with("policies/"));
        let (code, message) = match (to_policies, link.image) {
            (true, _) => {
                ("reference.policy-link", Words::new(format!("没有制度文件“{target}”"), format!("there is no policy document “{target}”")))
            }
            (_, true) => ("reference.attachment", Words::new(format!("没有图片“{target}”"), format!("there is no image “{target}”"))),
            _ => ("reference.link", Words::new(format!("链接“{target}”没有指向任何文件"), format!("the link “{target}” leads nowhere"))),
        };
        let fix = self.nearest_path(path.as_ref(), to_policies).map_or_else(
            || Words::new("核对路径；指向记录的，可写 [[编号]]", "check the path; a record may be named as [[ID]]"),
            |near| did_you_mean(target, &near),
        );
        let finding = self.find(code, link.span, message, fix);
        // As with a dangling name: that nothing lies there counts as read.
        if let Some(path) = path.filter(|_| !to_policies) {
            finding.reads.add_path(&path);
        }
    }

    /// The path that was probably meant, as it is written here: of the same name in another folder,
    /// or of a name that is near in the same folder, or in another. For one among the policies, of
    /// a policy, for those are read by everyone.
    fn nearest_path(&self, path: Option<&ArchivePath>, to_policies: bool) -> Option<String> {
        spend(&self.left)?;
        if !to_policies {
            spend(&self.share)?;
        }
        let archive: &'a Archive = self.archive;
        let files = archive.sources.files.iter().map(|file| &*file.path.0);
        let paths = files.chain(archive.sources.attachments().map(|path| &*path.0));
        let (folder, stem, extension) = parts(&path?.0);
        let known = paths.filter(|path| !to_policies || path.starts_with("policies/")).map(|path| (path, parts(path)));
        let alike: Vec<(&str, &str, &str)> =
            known.filter(|(_, own)| own.2 == extension).map(|(path, (folder, stem, _))| (path, folder, stem)).collect();
        let mut same = alike.iter().filter(|(.., own)| *own == stem);
        let elsewhere = same.next().filter(|_| same.next().is_none()).map(|(path, ..)| *path);
        let near = |is_there: &dyn Fn(&str) -> bool| {
            let there = alike.iter().filter(|(_, folder, own)| is_there(folder) && *own != stem);
            let near = nearest(stem, there.clone().map(|(.., own)| *own))?;
            there.into_iter().find(|(.., own)| *own == near).map(|(path, ..)| *path)
        };
        let found = elsewhere.or_else(|| near(&|own| own == folder)).or_else(|| near(&|_| true));
        found.map(|path| path_to(&self.document.path, path))
    }

    fn no_anchor(&mut self, link: &Link, destination: LinkEnd) {
        let anchor = link.fragment.as_deref().unwrap_or_default();
        let (code, zh, en) = match &destination {
            LinkEnd::Policy(id) => {
                ("reference.policy-link", format!("制度“{id}”中没有“{anchor}”"), format!("the policy “{id}” has no “{anchor}”"))
            }
            LinkEnd::Record(id) => ("reference.link", format!("{id} 中没有“{anchor}”一节"), format!("{id} has no heading “{anchor}”")),
            _ => ("reference.link", format!("本文中没有“{anchor}”一节"), format!("there is no heading “{anchor}” here")),
        };
        let fix = self
            .nearest_anchor(anchor, &destination)
            .map_or_else(|| Words::new("核对标题", "check the heading"), |near| did_you_mean(anchor, near));
        let finding = self.find(code, link.span, Words::new(zh, en), fix);
        if let LinkEnd::Record(id) = destination {
            finding.reads.add_record(&id);
        }
    }

    fn nearest_anchor(&self, anchor: &str, destination: &LinkEnd) -> Option<&'a str> {
        spend(&self.left)?;
        nearest(anchor, self.anchors(destination))
    }

    fn anchors(&self, destination: &LinkEnd) -> Vec<&'a str> {
        let archive: &'a Archive = self.archive;
        match destination {
            LinkEnd::Policy(id) => {
                let versions = archive.policies.versions.iter().filter(|version| version.id == *id);
                versions.flat_map(|version| &version.articles).map(|article| &*article.key).collect()
            }
            LinkEnd::Record(id) => {
                let headings = archive.record(id).into_iter().flat_map(|record| &record.document.body.headings);
                headings.map(|heading| &*heading.anchor).collect()
            }
            LinkEnd::Here => self.document.body.headings.iter().map(|heading| &*heading.anchor).collect(),
            LinkEnd::Attachment(_) | LinkEnd::Outside | LinkEnd::Nothing => Vec::new(),
        }
    }
}

/// The folder of a path, the name of the file, and what stands behind its last point.
fn parts(path: &str) -> (&str, &str, &str) {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    (folder, stem, extension)
}

fn spend(left: &Cell<u32>) -> Option<()> {
    left.set(left.get().checked_sub(1)?);
    Some(())
}

fn is_of(record: &Record, record_type: &str) -> bool {
    record.record_type.as_ref().is_some_and(|own| &*own.id == record_type)
}
