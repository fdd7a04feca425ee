//! A new archive: the shipped rulebooks without the people of the sample, the administrator on
//! file, and whose key may sign. Knows nothing of what the rulebooks say but what every rulebook
//! has; writes nothing to disk.

mod adopted;
mod choice;
mod english;
mod text;

use super::draft::{Blank, Draft, DraftForm, Given, GivenError, draft};
use crate::{
    approval::NAMESPACE,
    diagnostic::Lang,
    policy::{Policies, Role},
    source::{ArchivePath, RecordId, SIGNERS, Sources},
};
use adopted::adopted;
use choice::{Rulebooks, chosen};
use chrono::NaiveDate;

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
pub struct FoundingPlan<'a> {
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
    /// The server's, where people are to approve in the browser: it signs for whoever is signed in.
    pub server_key: Option<&'a str>,
    /// The ids of the rulebooks to begin with; all of them where none is named.
    pub policies: &'a [String],
}

/// Why there is no new archive.
#[derive(Debug, PartialEq, Eq)]
pub enum FoundingError {
    /// Of the administrator.
    Given(GivenError),
    /// There is no rulebook of that id.
    Policy(String),
}

impl From<GivenError> for FoundingError {
    fn from(error: GivenError) -> FoundingError {
        FoundingError::Given(error)
    }
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
/// Where the administrator's id cannot be one, or there is no such rulebook.
pub fn founding(plan: &FoundingPlan<'_>) -> Result<Founded, FoundingError> {
    let rulebooks = rulebooks(plan)?;
    let policies = Policies::compile(&Sources::from_memory(rulebooks.clone()), plan.today);
    let Draft { id, path, text, blanks } = administrator(plan, &policies)?;
    let mut files = vec![("chancery.yaml".into(), settings(plan)), (".gitignore".into(), "/.chancery/\n/site/\n".to_owned())];
    files.extend(rulebooks.into_iter().map(|(path, text)| (path.as_str().into(), text)));
    files.push((SIGNERS.into(), signers(plan)));
    files.push((path.clone(), text));
    Ok(Founded { admin: id, files, policies, record: path, blanks })
}

/// The rulebooks that are asked for, as a company takes them over.
fn rulebooks(plan: &FoundingPlan<'_>) -> Result<Vec<(String, String)>, FoundingError> {
    let id = |path: &str| path.trim_start_matches("policies/").trim_end_matches(".md").to_owned();
    let own = |(path, text): (&str, &str)| {
        let text = if plan.lang == Lang::En { english::in_english(path, text) } else { text.to_owned() };
        (id(path), (path.to_owned(), adopted(path, &text, plan.today)))
    };
    let all: Rulebooks = RULEBOOKS.into_iter().map(own).collect();
    if let Some(unknown) = plan.policies.iter().find(|id| !all.contains_key(*id)) {
        return Err(FoundingError::Policy(unknown.clone()));
    }
    let chosen = if plan.policies.is_empty() { all } else { chosen(&all, plan.policies, plan.today) };
    Ok(chosen.into_values().collect())
}

fn administrator(plan: &FoundingPlan<'_>, policies: &Policies) -> Result<Draft, GivenError> {
    let record_type = policies.role(Role::Person).expect("the shipped rulebooks have a type of persons");
    let today = plan.today.to_string();
    let pairs = [("id", plan.admin), ("name", plan.admin_name), ("joined", &today), ("reporting.from", &today)];
    let pairs = pairs.map(|(field, value)| format!("{field}={value}"));
    let given = Given::read(record_type, pairs.iter().map(String::as_str))?;
    Ok(draft(&DraftForm { record_type, policies, given: &given, today: plan.today, random: [0; 4], lang: plan.lang, view: None }))
}

fn settings(plan: &FoundingPlan<'_>) -> String {
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

fn signers(plan: &FoundingPlan<'_>) -> String {
    let head = match plan.lang {
        Lang::Zh => "# 可以签署批准的人及其公钥，每人一行（格式见 ssh-keygen 手册的 ALLOWED SIGNERS）",
        Lang::En => "# Who may sign approvals, a line for each (the format of ssh-keygen: see ALLOWED SIGNERS in its manual)",
    };
    let line = |who: &str, key: &str| format!("{who} namespaces=\"{NAMESPACE}\" {}\n", key.trim());
    let server = plan.server_key.map(|key| {
        let head = match plan.lang {
            Lang::Zh => "# 服务器的密钥：登录的人在浏览器中审批时，由它代为签名；不要在浏览器中审批的，删去下一行并重新签署本文件",
            Lang::En => "# The server's key signs for whoever is signed in and approves in the browser; to have none of that, take the line out and sign this file anew",
        };
        format!("{head}\n{}", line("*", key))
    });
    format!("{head}\n{}{}", line(plan.admin, plan.public_key), server.unwrap_or_default())
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

    fn founded(admin: &str) -> Result<Founded, FoundingError> {
        founding(&FoundingPlan {
            id: "3kq7-2mvd",
            name: "东海: 档案室",
            lang: Lang::Zh,
            today: day(),
            admin,
            admin_name: "林 # 雨",
            public_key: KEY,
            server_key: None,
            policies: &[],
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
        assert_eq!(adopted("policies/a.md", text, day()), expected);
    }

    #[test]
    fn the_settings_say_the_archive_s_id_in_either_language() {
        for lang in [Lang::Zh, Lang::En] {
            let plan = FoundingPlan {
                id: "3kq7-2mvd",
                name: "东海: 档案室",
                lang,
                today: day(),
                admin: "lin.yu",
                admin_name: "林雨",
                public_key: KEY,
                server_key: None,
                policies: &[],
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

    fn with_policies(names: &[&str]) -> Result<Founded, FoundingError> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        founding(&FoundingPlan {
            id: "3kq7-2mvd",
            name: "东海",
            lang: Lang::Zh,
            today: day(),
            admin: "lin.yu",
            admin_name: "林雨",
            public_key: KEY,
            server_key: None,
            policies: &names,
        })
    }

    /// Whatever is left out, the rest is whole: no block of it speaks of what is not there, and
    /// each example comes out as it says.
    #[test]
    fn rulebooks_that_are_left_out_leave_no_hole() {
        let base = ["confidentiality", "organisation", "records"];
        let of_customers = ["confidentiality", "credit", "customer-files", "organisation", "records"];
        let cases: [(&[&str], Vec<&str>); 7] = [
            (&["conduct"], [&["conduct"][..], &base].concat()),
            (&["training"], [&base[..], &["training"]].concat()),
            (&["credit"], of_customers.to_vec()),
            (&["customer-files"], of_customers.to_vec()),
            (&["market-information"], [&of_customers[..3], &["market-information"], &of_customers[3..]].concat()),
            (&["records"], base.to_vec()),
            (&["training", "conduct"], [&["conduct"], &base[..], &["training"]].concat()),
        ];
        for (names, expected) in cases {
            let founded = with_policies(names).unwrap();
            let ids: Vec<&str> = founded.policies.versions.iter().map(|policy| &*policy.id).collect();
            assert_eq!(ids, expected, "{names:?}");
            let archive = read(&founded);
            let office = Office::open((*archive.sources).clone(), archive.settings.clone(), day());
            let wrong = office.whole_report().findings.iter().filter(|finding| finding.code.starts_with("policy."));
            let wrong: Vec<_> = wrong.filter(|finding| &*finding.code != "policy.approved").map(|finding| &finding.message.en).collect();
            assert_eq!(wrong, Vec::<&String>::new(), "{names:?}");
        }
        assert_eq!(with_policies(&["school"]).unwrap_err(), FoundingError::Policy("school".to_owned()));
    }

    /// Without a school there are neither its posts nor the articles that speak of its papers.
    #[test]
    fn what_is_said_of_a_rulebook_that_is_left_out_goes_with_it() {
        let founded = with_policies(&["conduct"]).unwrap();
        let posts = &founded.policies.posts;
        assert!(!posts.posts.contains_key("teacher") && !posts.departments.contains_key("school"));
        assert!(posts.posts.contains_key("admin-supervisor") && posts.departments.contains_key("administration"));
        let confidentiality = founded.policies.versions.iter().find(|policy| &*policy.id == "confidentiality").unwrap();
        assert!(confidentiality.article("第12条之一").is_none() && confidentiality.article("第12条之四").is_some());
        assert!(confidentiality.article("第二章").is_none(), "no chapter is left of which nothing is left");
        let refers: Vec<&str> = confidentiality.refers_to.iter().map(|(id, _)| &**id).collect();
        assert_eq!(refers, ["records", "organisation", "conduct"]);
        let whole = with_policies(&[]).unwrap();
        let all = |founded: &Founded| founded.files.iter().map(|(_, text)| text.len()).sum::<usize>();
        assert!(all(&founded) < all(&whole));
    }

    /// No figure of the new company is a day of the sample, and no prose has one.
    #[test]
    fn what_is_counted_is_counted_from_today() {
        let founded = founded("lin.yu").unwrap();
        let days = founded.policies.versions.iter().flat_map(|policy| policy.settings.iter()).filter_map(|(name, value)| match value {
            crate::policy::Value::Date(date) => Some((name, *date)),
            _ => None,
        });
        let days: Vec<_> = days.collect();
        assert!(days.len() >= 5 && days.iter().all(|(_, date)| *date == day()), "{days:?}");
        for policy in &founded.policies.versions {
            let sources = Sources::from_memory(founded.files.iter().map(|(path, text)| (path.to_string(), text.as_str())));
            let text = &sources.by_path(&policy.document.path.0).unwrap().text;
            let blocks = policy.document.body.fences.iter().map(|fence| fence.span.start as usize..fence.span.end as usize);
            let mut prose = text[policy.document.body.span.start as usize..].to_owned();
            let offset = policy.document.body.span.start as usize;
            blocks
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
                .for_each(|block| prose.replace_range(block.start - offset..block.end - offset, ""));
            for year in ["2023", "2024", "2025", "2026", "二〇二"] {
                assert!(!prose.contains(year), "{}: {year}", policy.id);
            }
        }
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
        let at = day().and_hms_opt(9, 0, 0).unwrap().and_local_timezone(archive.settings.zone()).unwrap().fixed_offset();
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
            assert_eq!(super::tests::founded(hostile).unwrap_err(), GivenError::Id(hostile.to_owned()).into());
        }
    }

    /// Of what is built in, a new archive lacks the approval of its rulebooks and what only its
    /// people know.
    #[test]
    fn check_tells_what_is_still_to_do() {
        let archive = read(&founded("lin.yu").unwrap());
        let office = Office::open((*archive.sources).clone(), archive.settings.clone(), day());
        let built_in =
            office.whole_report().findings.iter().filter(|finding| codes::BUILT_IN.iter().any(|known| known.code == &*finding.code));
        let told: BTreeSet<(&str, &str)> =
            built_in.map(|finding| (&*finding.code, &*archive.sources.file(finding.span.unwrap().file).path.0)).collect();
        let approvals = RULEBOOKS.map(|(path, _)| ("policy.approved", path));
        assert_eq!(
            told,
            approvals.into_iter().chain(["approval.person", "structure.blank"].map(|code| (code, "records/people/lin.yu.md"))).collect()
        );
    }
}
