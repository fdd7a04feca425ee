//! `chancery new`: the draft of a record, from its type.

use super::{
    Outcome, Workplace,
    argument::{Argument, Command, Kind},
    print,
};
use crate::{
    access::Office,
    archive::type_binding,
    diagnostic::is_part,
    edit::{
        self, EditError,
        draft::{Blank, Draft, DraftForm, Given, GivenError, Naming, draft},
    },
    policy::{FieldType, Policies, RecordType, Role},
    source::{ArchivePath, RecordId, drafts},
    structure::as_written,
};
use anyhow::{Context, anyhow, bail};
use clap::ArgMatches;
use std::sync::Arc;

/// Ids to try before something must be wrong: of one type and day there are a million, and others
/// draft too.
const TRIES: usize = 16;

pub(super) const COMMAND: Command = Command {
    name: "new",
    about: [
        "按类型起草一份档案，放在 drafts/ 中：列出每个项目、每一节和有关条文，填入可由档案得出的内容；填齐后用 chancery file 归档",
        "a draft of a record from its type, in drafts/: every field, every section, and the articles as comments; what follows from the archive is filled in; `chancery file` makes it a record",
    ],
    arguments: &[
        Argument {
            name: "type", about: ["档案类型，写标识或名称", "the type: its id or its label"], kind: Kind::Needed("TYPE")
        },
        Argument {
            name: "field",
            about: [
                "已知的项目，如 customer=C-0007 或 客户=恒润纺织：人员、客户等可写编号，也可写名称；表中的一项写作 contact.phone=…；编号写作 id=…；留空写作 grade=",
                "what is known already, as customer=C-0007; a record by its id or its title; a part of a table as contact.phone=…; the id as id=…; left blank as grade=",
            ],
            kind: Kind::Many("FIELD=VALUE"),
        },
        Argument {
            name: "as",
            about: [
                "由此人撰写：署为作者，只填入此人可知的内容",
                "who writes it: named as its author, and told only what this person may know",
            ],
            kind: Kind::Option("PERSON"),
        },
    ],
    hidden: false,
    run,
};

fn run(workplace: &Workplace, arguments: &ArgMatches) -> anyhow::Result<Outcome> {
    let office = workplace.office()?;
    let view = office.view(workplace.reader(&office, arguments)?);
    let policies = view.policies();
    let today = known_type(workplace, policies, arguments.get_one::<String>("type").map_or("", String::as_str))?;
    let pairs: Vec<&str> = arguments.get_many::<String>("field").unwrap_or_default().map(String::as_str).collect();
    // The day of a record, by which its type is read, may be written as people write one.
    let days = pairs.iter().copied().map(says).map(|(field, value)| (field, as_written(value, &FieldType::Date, &policies.posts)));
    let days: Vec<(&str, String)> = days.filter_map(|(field, day)| Some((field, day?))).collect();
    let record_type = type_binding(days.iter().map(|(field, day)| (*field, day.as_str())), today, policies);
    let refuse = |error| anyhow!(refused(workplace, &error));
    let given = Given::read(record_type, pairs).and_then(|given| given.settled(record_type, &view)).map_err(refuse)?;
    let naming = Naming::of(office.archive.of_type(&today.id).map(|record| (&*record.named.0, record.date)));
    // What people sign in with is not drawn at random.
    let is_person = today.role == Some(Role::Person);
    let naming = naming.filter(|naming| !is_person || naming.counts());
    let given = match is_person && naming.is_none() && given.id().is_none() {
        true => given.or_named(sign_in_name(workplace)?).map_err(refuse)?,
        false => given,
    };
    let form =
        DraftForm { record_type, policies, given: &given, today: view.today(), random: [0; 4], lang: workplace.lang, view: Some(&view) };
    let (draft, place) = laid(workplace, &office, &form, naming.as_ref())?;
    tell(workplace, &draft, &place)?;
    Ok(Outcome::Clean)
}

/// Writes a draft under an id that nothing bears.
fn laid(workplace: &Workplace, office: &Office, form: &DraftForm<'_>, naming: Option<&Naming>) -> anyhow::Result<(Draft, ArchivePath)> {
    let (given, refuse) = (form.given, |error| anyhow!(refused(workplace, &error)));
    for _ in 0..TRIES {
        let (random, drafts) = (random::<8>()?, drafts(workplace.root()?)?);
        let names = Names { office, drafts: &drafts };
        if let Some(id) = given.id() {
            names.refuse(workplace, &RecordId::named(id))?;
        }
        let next = naming.map(|naming| naming.next(form.day(), form.today, random, names.all(), |id| names.has(id)));
        let named = next.map_or(Ok(given.clone()), |id| given.clone().or_named(id)).map_err(refuse)?;
        let [first, second, third, fourth, ..] = random;
        let draft = draft(&DraftForm { given: &named, random: [first, second, third, fourth], ..*form });
        if given.id().is_none() && names.has(&draft.id.0) {
            continue;
        }
        let Some(place) = draft.path.draft() else { bail!(refuse(GivenError::Id(draft.id.to_string()))) };
        match edit::create(workplace.root()?, &place, &draft.text) {
            // Somebody else was faster.
            Err(EditError::Exists(_)) => {}
            outcome => {
                outcome?;
                return Ok((draft, place));
            }
        }
    }
    bail!("{}", workplace.say(["找不到没有用过的编号，请写明 id=…", "no id was found that is free; give one as id=…"]))
}

/// A pair as it is given: the field, and what it says.
fn says(pair: &str) -> (&str, &str) {
    let (field, value) = pair.split_once('=').unwrap_or((pair, ""));
    (field.trim(), value.trim())
}

/// What a person is to sign in with: whoever sits at a terminal is asked.
fn sign_in_name(workplace: &Workplace) -> anyhow::Result<String> {
    let missing = [
        "人员档案的编号就是登录名，请写明，如 id=wang.fang",
        "the id of a person's record is what that person signs in with: give it, as id=wang.fang",
    ];
    let question = ["登录名（也是档案的编号），如 wang.fang：", "Name to sign in with (it is the id of the record too), as wang.fang: "];
    let answer = if print::can_ask() { print::ask_for(workplace.say(question))? } else { None };
    answer.filter(|answer| !answer.is_empty()).with_context(|| workplace.say(missing).to_owned())
}

/// The ids that there are.
struct Names<'a> {
    office: &'a Office,
    drafts: &'a [ArchivePath],
}

impl Names<'_> {
    fn all(&self) -> impl Iterator<Item = &str> {
        self.office.archive.records.iter().map(|record| &*record.named.0).chain(self.drafts.iter().map(id_of))
    }

    fn has(&self, id: &str) -> bool {
        self.office.is_taken(&RecordId::named(id)) || self.drafts.iter().any(|draft| id_of(draft) == id)
    }

    /// Refuses an id that a record or a draft bears.
    fn refuse(&self, workplace: &Workplace, id: &RecordId) -> anyhow::Result<()> {
        let archive = &self.office.archive;
        if archive.record(id).is_some() || archive.holder(id).is_some() {
            bail!("{}{id}", workplace.say(["已有这个编号：", "there is a record of that id already: "]));
        }
        match self.drafts.iter().find(|draft| id_of(draft) == &*id.0) {
            Some(draft) => bail!("{}{draft}", workplace.say(["已有这个编号的草稿：", "there is a draft of that id already: "])),
            None => Ok(()),
        }
    }
}

/// The id for which a draft's file is named.
fn id_of(draft: &ArchivePath) -> &str {
    let name = draft.0.rsplit_once('/').map_or(&*draft.0, |(_, name)| name);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

pub(super) fn random<const N: usize>() -> anyhow::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

pub(super) fn known_type<'p>(workplace: &Workplace, policies: &'p Policies, written: &str) -> anyhow::Result<&'p Arc<RecordType>> {
    if let Some(own) = policies.type_named(written) {
        return Ok(own);
    }
    let hint = meant(workplace, written, &policies.types_meant(written));
    let all: Vec<String> = policies.types.values().map(|own| format!("  {}  {}", own.id, own.label.get(workplace.lang))).collect();
    let known = workplace.say(["现有的类型：", "The types are:"]);
    bail!("{}{written}{hint}\n{known}\n{}", workplace.say(["没有这种类型：", "there is no type "]), all.join("\n"))
}

/// What was probably meant by the name of a type: that one alone has the word in its name is no
/// reason to take it for that.
fn meant(workplace: &Workplace, written: &str, types: &[&Arc<RecordType>]) -> String {
    let all = |told: fn(&RecordType, &str) -> String| {
        let told = types.iter().map(|own| told(own, own.label.or_id(&own.id).get(workplace.lang)));
        told.collect::<Vec<_>>().join(workplace.say(["、", ", "]))
    };
    let has_it = |own: &&Arc<RecordType>| [&*own.id, &own.label.zh, &own.label.en].iter().any(|known| is_part(written, known));
    match types {
        [] => String::new(),
        [one] if has_it(one) => workplace
            .say(["；名称中有这个词的只有一种：{type}，请写 {id}", "; one type alone has it in its name: {type}; write {id}"])
            .replace("{type}", &all(|own, label| format!("{} {label}", own.id)))
            .replace("{id}", &one.id),
        several if several.iter().all(has_it) => {
            let words = workplace.say(["；名称中有这个词的有：", "; these have it in their names: "]);
            format!("{words}{}", all(|own, label| format!("{} {label}", own.id)))
        }
        _ => near(workplace, Some(&all(|own, _| own.id.to_string()))),
    }
}

fn near(workplace: &Workplace, near: Option<&str>) -> String {
    near.map_or_else(String::new, |near| workplace.say(["，是不是 {near}？", "; did you mean {near}?"]).replace("{near}", near))
}

pub(super) fn refused(workplace: &Workplace, error: &GivenError) -> String {
    let lang = workplace.lang;
    let (words, written, hint) = match error {
        GivenError::Form(written) => (["应写作 项目=值：", "field=value is expected: "], written, String::new()),
        GivenError::Unknown { written, near: found } => {
            (["没有这个项目：", "there is no field "], written, near(workplace, found.as_deref()))
        }
        GivenError::Table { written, columns } => {
            let hint = workplace.say(["；请逐项写明 ", "; give its parts: "]);
            (["这一项由几部分组成：", "it has several parts: "], written, format!("{hint}{}", columns.join(", ")))
        }
        GivenError::Twice(written) => (["同一项目写了两次：", "it is given twice: "], written, String::new()),
        GivenError::Id(written) => {
            (["编号只用字母、数字和中间的 - _ .：", "an id consists of letters, digits and - _ . within: "], written, String::new())
        }
        GivenError::Misfit(why, fix) => return format!("{}\n{}", why.get(lang), fix.get(lang)),
        GivenError::NoRecord { written, of, near: found } => {
            let of = of.as_ref().map_or(workplace.say(["档案", "record"]), |of| of.get(lang));
            let words = ["没有编号或名称为“{written}”的{of}", "there is no {of} with the id or title “{written}”"];
            return workplace.say(words).replace("{of}", of).replace("{written}", written) + &near(workplace, found.as_deref());
        }
        GivenError::Several { written, records } => {
            let hint =
                format!("{}\n  {}", workplace.say(["，请写明编号：", ": give the id of the one that is meant:"]), records.join("\n  "));
            (["这个名称有几份档案：", "several records have the title "], written, hint)
        }
        GivenError::OtherType { id, is, of } => {
            let words = ["{id} 是“{is}”，这里应为“{of}”", "{id} is a “{is}”; here a “{of}” is to be named"];
            return workplace.say(words).replace("{id}", id).replace("{is}", is.get(lang)).replace("{of}", of.get(lang));
        }
    };
    format!("{}{written}{hint}", workplace.say(words))
}

fn tell(workplace: &Workplace, draft: &Draft, place: &ArchivePath) -> std::io::Result<()> {
    workplace.print(place)?;
    if !draft.blanks.is_empty() {
        workplace.print(workplace.say(["请填写：", "To be filled in:"]))?;
    }
    draft.blanks.iter().try_for_each(|blank| workplace.print(format_args!("  {}", named(workplace, blank))))?;
    workplace.print(format_args!("{}chancery check {place}", workplace.say(["看看还缺什么：", "See what is still missing: "])))?;
    workplace.print(format_args!("{}chancery file {place}", workplace.say(["填齐后归入档案：", "Once it is filled in, file it: "])))
}

/// A blank by its key and label, or by its heading.
pub(super) fn named(workplace: &Workplace, blank: &Blank) -> String {
    match blank {
        Blank::Field(path, label) => format!("{} {}", path.0.join("."), label.get(workplace.lang)),
        Blank::Section(name) => format!("## {name}"),
    }
}
