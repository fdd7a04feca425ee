//! A new archive: the shipped rulebooks without the people of the sample, the administrator on file, and whose key may sign. Knows nothing
//! of what the rulebooks say but what every rulebook has; writes nothing to disk.

use super::draft::{Blank, Draft, Form, Given, GivenError, draft};
use crate::{
    approval::NAMESPACE,
    diagnostic::Lang,
    document::{self, Document, Node, yaml},
    policy::{Policies, Role},
    source::{ArchivePath, RecordId, SIGNERS, SourceFile, Sources},
};
use chrono::NaiveDate;
use std::ops::Range;

/// The rulebooks that a new archive begins with.
pub const RULEBOOKS: [(&str, &str); 8] = [
    ("policies/conduct.md", include_str!("../../policies/conduct.md")),
    ("policies/confidentiality.md", include_str!("../../policies/confidentiality.md")),
    ("policies/credit.md", include_str!("../../policies/credit.md")),
    ("policies/customer-files.md", include_str!("../../policies/customer-files.md")),
    ("policies/market-information.md", include_str!("../../policies/market-information.md")),
    ("policies/organisation.md", include_str!("../../policies/organisation.md")),
    ("policies/records.md", include_str!("../../policies/records.md")),
    ("policies/training.md", include_str!("../../policies/training.md")),
];

/// The zone of a new archive; whoever works elsewhere changes it.
pub const ZONE: &str = "+08:00";

/// What a new archive is made from.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// The archive's own, drawn at random.
    pub id: &'a str,
    /// Of the archive.
    pub name: &'a str,
    pub lang: Lang,
    pub today: NaiveDate,
    /// The administrator's id, and the name of that person.
    pub admin: &'a str,
    pub admin_name: &'a str,
    /// The administrator's public key, in OpenSSH's format.
    pub public_key: &'a str,
}

/// A new archive in memory.
#[derive(Clone, Debug)]
pub struct Founded {
    pub admin: RecordId,
    pub files: Vec<(ArchivePath, String)>,
    pub policies: Policies,
    /// The administrator's record.
    pub record: ArchivePath,
    /// What is still to be filled in there.
    pub blanks: Vec<Blank>,
}

/// Makes a new archive.
///
/// # Errors
/// Where the administrator's id cannot be one.
pub fn founding(plan: &Plan<'_>) -> Result<Founded, GivenError> {
    let rulebooks = RULEBOOKS.map(|(path, text)| (path, unpeopled(path, text, plan.today)));
    let policies = Policies::compile(&Sources::from_memory(rulebooks.clone()), plan.today);
    let Draft { id, path, text, blanks } = administrator(plan, &policies)?;
    let mut files = vec![("chancery.yaml".into(), settings(plan)), (".gitignore".into(), "/.chancery/\n/site/\n".to_owned())];
    files.extend(rulebooks.map(|(path, text)| (path.into(), text)));
    files.push((SIGNERS.into(), signers(plan)));
    files.push((path.clone(), text));
    Ok(Founded { admin: id, files, policies, record: path, blanks })
}

fn administrator(plan: &Plan<'_>, policies: &Policies) -> Result<Draft, GivenError> {
    let record_type = policies.role(Role::Person).expect("the shipped rulebooks have a type of persons");
    let today = plan.today.to_string();
    let pairs = [("id", plan.admin), ("name", plan.admin_name), ("joined", &today), ("reporting.from", &today)];
    let pairs = pairs.map(|(field, value)| format!("{field}={value}"));
    let given = Given::read(record_type, pairs.iter().map(String::as_str))?;
    Ok(draft(&Form { record_type, policies, given: &given, today: plan.today, random: [0; 4], lang: plan.lang, view: None }))
}

fn settings(plan: &Plan<'_>) -> String {
    let (id, name, zone) = (super::addition::scalar(plan.id), super::addition::scalar(plan.name), ZONE);
    let (language, of_id, of_name, of_zone) = match plan.lang {
        Lang::Zh => ("zh", "本档案库的编号，建库时随机产生，请勿改动", "档案室的名称", "日期按此时区计算"),
        Lang::En => (
            "en",
            "The archive's own id, drawn when it was founded: leave it as it is",
            "The archive's name",
            "The zone in which days are reckoned",
        ),
    };
    format!("# {of_id}\nid: {id}\n# {of_name}\nname: {name}\nlanguage: {language}\n# {of_zone}\ntime_zone: \"{zone}\"\n")
}

fn signers(plan: &Plan<'_>) -> String {
    let head = match plan.lang {
        Lang::Zh => "# 可以签署批准的人及其公钥，每人一行（格式见 ssh-keygen 手册的 ALLOWED SIGNERS）",
        Lang::En => "# Who may sign approvals, a line for each (the format of ssh-keygen: see ALLOWED SIGNERS in its manual)",
    };
    format!("{head}\n{} namespaces=\"{NAMESPACE}\" {}\n", plan.admin, plan.public_key.trim())
}

/// What takes the place of a piece of text.
type Splice = (Range<usize>, String);

/// A rulebook as a company takes it over: nobody has approved it, nobody holds a post, and it binds from today on.
fn unpeopled(path: &str, text: &str, today: NaiveDate) -> String {
    let sources = Sources::from_memory([(path, text)]);
    let document = document::parse(&sources.files[0]);
    let front = |key: &str| entry(&document.front, key);
    let mut splices: Vec<Splice> = Vec::new();
    // Nor has the new company's meeting passed anything yet.
    let signed = ["approvals", "passed_at"].into_iter().filter_map(front);
    splices.extend(signed.map(|range| (lines(text, range), String::new())));
    splices.extend(front("effective").map(|range| (range, format!("effective: {today}"))));
    for block in posts_blocks(&document, &sources.files[0]) {
        splices.extend(children(&block, "posts").filter_map(|post| entry(post, "held_by")).map(|range| (range, "held_by: []".to_owned())));
        splices.extend(children(&block, "departments").filter_map(|department| without_head(text, department)));
    }
    spliced(text, splices)
}

fn posts_blocks(document: &Document, file: &SourceFile) -> Vec<Node> {
    let fences = document.body.fences.iter().filter(|fence| fence.info.split_whitespace().eq(["yaml", "posts"]));
    fences.map(|fence| yaml::read(&file.text, fence.content).node).collect()
}

fn children<'n>(block: &'n Node, part: &str) -> impl Iterator<Item = &'n Node> {
    block.get(part).map_or(&[][..], Node::entries).iter().map(|(_, node)| node)
}

/// Where a key and its value stand.
fn entry(node: &Node, key: &str) -> Option<Range<usize>> {
    let (key, value) = node.entries().iter().find(|(known, _)| &*known.text == key)?;
    Some(key.span.start as usize..value.span.end.max(key.span.end) as usize)
}

/// A department's head, with the line it has to itself or the comma that parts it from its neighbour.
fn without_head(text: &str, department: &Node) -> Option<Splice> {
    let range = entry(department, "head")?;
    let own_line = text[..range.start].trim_end_matches(' ').ends_with('\n');
    let entries = department.entries();
    let place = entries.iter().position(|(key, _)| key.span.start as usize == range.start)?;
    let cut = match (own_line, place.checked_sub(1), entries.get(place + 1)) {
        (true, ..) => lines(text, range),
        (false, Some(before), _) => entries[before].1.span.end as usize..range.end,
        (false, None, Some((next, _))) => range.start..next.span.start as usize,
        (false, None, None) => range,
    };
    Some((cut, String::new()))
}

/// The whole lines on which a piece of text stands.
fn lines(text: &str, range: Range<usize>) -> Range<usize> {
    let end = text[..range.end].trim_end().len();
    let start = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
    start..text[end..].find('\n').map_or(text.len(), |at| end + at + 1)
}

fn spliced(text: &str, mut splices: Vec<Splice>) -> String {
    splices.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    let mut whole = text.to_owned();
    for (range, piece) in splices {
        let end = whole[..range.end].trim_end_matches([' ', '\n', '\r']).len().max(range.start);
        // A block's value may end behind its line; a cut line takes its end with it.
        let end = if piece.is_empty() { range.end } else { end };
        whole.replace_range(range.start..end, &piece);
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        access::Office,
        approval::AllowedSigners,
        archive::{Archive, Settings},
        diagnostic::{Severity, codes},
        document::NodeValue,
    };
    use std::{collections::BTreeSet, sync::Arc};

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti lin.yu";

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2027, 5, 6).unwrap()
    }

    fn founded(admin: &str) -> Result<Founded, GivenError> {
        founding(&Plan {
            id: "3kq7-2mvd",
            name: "东海: 档案室",
            lang: Lang::Zh,
            today: day(),
            admin,
            admin_name: "林 # 雨",
            public_key: KEY,
        })
    }

    fn read(founded: &Founded) -> Archive {
        let files = founded.files.iter().map(|(path, text)| (path.to_string(), text.as_str()));
        let sources = Arc::new(Sources::from_memory(files));
        let policies = Arc::new(Policies::compile(&sources, day()));
        let settings = Settings::of(&sources).unwrap();
        Archive::build(sources, policies, settings)
    }

    fn check(text: &str, expected: &str) {
        assert_eq!(unpeopled("policies/a.md", text, day()), expected);
    }

    #[test]
    fn the_settings_say_the_archive_s_id_in_either_language() {
        for lang in [Lang::Zh, Lang::En] {
            let plan =
                Plan {
                    id: "3kq7-2mvd", name: "东海: 档案室", lang, today: day(), admin: "lin.yu", admin_name: "林雨", public_key: KEY
                };
            let settings = read(&founding(&plan).unwrap()).settings;
            assert_eq!((settings.id.as_deref(), &*settings.name, settings.language), (Some("3kq7-2mvd"), "东海: 档案室", lang));
        }
    }

    #[test]
    fn people_are_cut_and_every_other_byte_stays() {
        check(
            "---
policy: a
effective: 2020-01-01
approvals:
- step: x
  by: y

refers_to: [b]
---
# A
```yaml posts
posts:
  one:
    label: {zh: 一, en: One} # held_by: [x]
    held_by:
    - {person: x, from: 2020-01-01}

    - person: y
      from: 2021-01-01
    stands_in: two
  two: {held_by: [{person: x, from: 2020-01-01}], label: {zh: 二, en: Two}}
departments:
  d:
    head: x
    label: {zh: 丁, en: D}
  e: {label: {zh: 戊, en: E}, head: x}
  f: {head: x, label: {zh: 己, en: F}}
```
head: x
```yaml rule
held_by: [x]
```
",
            "---
policy: a
effective: 2027-05-06

refers_to: [b]
---
# A
```yaml posts
posts:
  one:
    label: {zh: 一, en: One} # held_by: [x]
    held_by: []
    stands_in: two
  two: {held_by: [], label: {zh: 二, en: Two}}
departments:
  d:
    label: {zh: 丁, en: D}
  e: {label: {zh: 戊, en: E}}
  f: {label: {zh: 己, en: F}}
```
head: x
```yaml rule
held_by: [x]
```
",
        );
    }

    #[test]
    fn a_rulebook_without_people_is_as_it_was() {
        let text = "---\r\npolicy: a\r\n---\r\n# A\r\n";
        check(text, text);
        check("no front matter", "no front matter");
    }

    #[test]
    fn every_shipped_rulebook_is_in_the_list() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
        let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut shipped: Vec<String> = names.filter(|name| name.ends_with(".md")).map(|name| format!("policies/{name}")).collect();
        shipped.sort();
        assert_eq!(RULEBOOKS.map(|(path, _)| path).to_vec(), shipped);
    }

    #[test]
    fn nobody_of_the_sample_is_left() {
        let archive = read(&founded("lin.yu").unwrap());
        let posts = &archive.policies.posts;
        assert!(!posts.posts.is_empty() && !posts.departments.is_empty());
        assert!(posts.posts.values().all(|post| post.held_by.is_empty()));
        assert!(posts.departments.values().all(|department| department.head.is_none()));
        assert!(
            archive.policies.versions.iter().all(|policy| policy.document.front.get("approvals").is_none() && policy.effective == day())
        );
        assert_eq!(archive.records.iter().map(|record| &*record.id.0).collect::<Vec<_>>(), ["lin.yu"]);
        assert!(archive.policies.findings.iter().all(|finding| finding.severity != Severity::Error), "{:?}", archive.policies.findings);
    }

    /// The rulebooks' blocks mean what they meant: only people and days are gone.
    #[test]
    fn the_rulebooks_say_what_they_said() {
        let shipped = Policies::compile(&Sources::from_memory(RULEBOOKS), day());
        let founded = founded("lin.yu").unwrap();
        let ids = |policies: &Policies| -> Vec<String> {
            let blocks = policies.versions.iter().flat_map(|policy| policy.blocks.iter());
            blocks.map(|block| format!("{} {}", block.id, block.citation.article)).collect()
        };
        assert_eq!(ids(&founded.policies), ids(&shipped));
        let labels = |policies: &Policies| {
            policies.posts.posts.values().map(|post| (post.id.clone(), post.label.clone(), post.reports_to.clone())).collect::<Vec<_>>()
        };
        assert_eq!(labels(&founded.policies), labels(&shipped));
    }

    #[test]
    fn the_administrator_is_on_file_and_may_sign() {
        let founded = founded("lin.yu").unwrap();
        let archive = read(&founded);
        assert_eq!(archive.settings.name, "东海: 档案室");
        assert_eq!(archive.records[0].title, "林 # 雨");
        assert_eq!(archive.records[0].document.path, founded.record);
        let key = ssh_key::PublicKey::from_openssh(KEY).unwrap();
        let at = day().and_hms_opt(9, 0, 0).unwrap().and_local_timezone(archive.settings.zone()).unwrap();
        let signers = AllowedSigners::of(&archive);
        assert_eq!(signers.refused, []);
        assert!(signers.allows("lin.yu", key.key_data(), at) && !signers.allows("shi", key.key_data(), at));
        let front = &archive.records[0].document.front;
        let blank: Vec<&str> = front
            .entries()
            .iter()
            .filter(|(_, node)| matches!(&node.value, NodeValue::Scalar { text, .. } if text.is_empty()))
            .map(|(key, _)| &*key.text)
            .collect();
        let told: Vec<String> = founded
            .blanks
            .iter()
            .filter_map(|blank| match blank {
                Blank::Field(path, _) if path.0.len() == 1 => Some(path.0[0].to_string()),
                _ => None,
            })
            .collect();
        assert_eq!(blank, told);
        for hostile in ["../x", "*", "a,b", "!a", "a b", "\"a\"", ""] {
            assert_eq!(super::tests::founded(hostile).unwrap_err(), GivenError::Id(hostile.to_owned()));
        }
    }

    /// Of what is built in, a new archive lacks the approval of its rulebooks and what only its people know.
    #[test]
    fn check_tells_what_is_still_to_do() {
        let archive = read(&founded("lin.yu").unwrap());
        let office = Office::open((*archive.sources).clone(), archive.settings.clone(), day());
        let built_in = office.report.findings.iter().filter(|finding| codes::BUILT_IN.iter().any(|known| known.code == &*finding.code));
        let told: BTreeSet<(&str, &str)> =
            built_in.map(|finding| (&*finding.code, &*archive.sources.file(finding.span.unwrap().file).path.0)).collect();
        let approvals = RULEBOOKS.map(|(path, _)| ("policy.approved", path));
        assert_eq!(
            told,
            approvals.into_iter().chain(["approval.person", "structure.blank"].map(|code| (code, "records/people/lin.yu.md"))).collect()
        );
    }
}
