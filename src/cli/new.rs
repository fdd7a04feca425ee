//! `chancery new`: a record from its type.

use super::{
    Outcome, Workplace,
    argument::{Argument, Command, Kind},
};
use crate::{
    archive::{Archive, type_binding},
    diagnostic::nearest,
    edit::{
        self,
        draft::{Blank, Draft, Form, Given, GivenError, draft},
    },
    policy::{Policies, RecordType},
};
use anyhow::{Context, bail};
use clap::ArgMatches;
use std::sync::Arc;

/// Ids to try before something must be wrong: of one type and day there are a million.
const TRIES: usize = 16;

pub(super) const COMMAND: Command = Command {
    name: "new",
    about: [
        "按类型新建一份档案：列出每个项目、每一节和有关条文，填入可由档案得出的内容",
        "a new record from its type: every field, every section, and the articles as comments; what follows from the archive is filled in",
    ],
    arguments: &[
        Argument {
            name: "type", about: ["档案类型，写标识或名称", "the type: its id or its label"], kind: Kind::Needed("TYPE")
        },
        Argument {
            name: "field",
            about: [
                "已知的项目，如 customer=C-0007 或 客户=C-0007；表中的一项写作 contact.phone=…；编号写作 id=…；留空写作 grade=",
                "what is known already, as customer=C-0007; a part of a table as contact.phone=…; the id as id=…; left blank as grade=",
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
    let pairs = arguments.get_many::<String>("field").unwrap_or_default();
    let written = pairs.clone().filter_map(|pair| pair.split_once('=')).map(|(field, value)| (field.trim(), value.trim()));
    let record_type = type_binding(written, today, policies);
    let given = Given::read(record_type, pairs.map(String::as_str)).map_err(|error| anyhow::anyhow!(refused(workplace, &error)))?;
    let form = |random| Form { record_type, policies, given: &given, today: view.today(), random, lang: workplace.lang, view: Some(&view) };
    let draft = unused(&office.archive, || Ok(draft(&form(random()?))))?;
    let taken = workplace.say(["已有这个编号：", "there is a record of that id already: "]);
    let draft = draft.with_context(|| format!("{taken}{}", given.id().unwrap_or_default()))?;
    edit::create(workplace.root()?, &draft.path, &draft.text)?;
    tell(workplace, &draft)?;
    Ok(Outcome::Clean)
}

/// A draft whose id no record bears.
fn unused(archive: &Archive, draft: impl Fn() -> anyhow::Result<Draft>) -> anyhow::Result<Option<Draft>> {
    for _ in 0..TRIES {
        let draft = draft()?;
        if archive.record(&draft.id).is_none() && archive.holder(&draft.id).is_none() {
            return Ok(Some(draft));
        }
    }
    Ok(None)
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
    let labels = || policies.types.values().flat_map(|own| [own.label.zh.as_str(), &own.label.en]);
    let known = nearest(written, policies.types.keys().map(|id| &**id)).or_else(|| nearest(written, labels()));
    let hint = near(workplace, known);
    let all: Vec<String> = policies.types.values().map(|own| format!("  {}  {}", own.id, own.label.get(workplace.lang))).collect();
    let known = workplace.say(["现有的类型：", "The types are:"]);
    bail!("{}{written}{hint}\n{known}\n{}", workplace.say(["没有这种类型：", "there is no type "]), all.join("\n"))
}

fn near(workplace: &Workplace, near: Option<&str>) -> String {
    near.map_or_else(String::new, |near| workplace.say(["，是不是 {near}？", "; did you mean {near}?"]).replace("{near}", near))
}

pub(super) fn refused(workplace: &Workplace, error: &GivenError) -> String {
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
    };
    format!("{}{written}{hint}", workplace.say(words))
}

fn tell(workplace: &Workplace, draft: &Draft) -> std::io::Result<()> {
    workplace.print(&draft.path)?;
    if !draft.blanks.is_empty() {
        workplace.print(workplace.say(["请填写：", "To be filled in:"]))?;
    }
    draft.blanks.iter().try_for_each(|blank| workplace.print(format_args!("  {}", named(workplace, blank))))
}

/// A blank by its key and label, or by its heading.
pub(super) fn named(workplace: &Workplace, blank: &Blank) -> String {
    match blank {
        Blank::Field(path, label) => format!("{} {}", path.0.join("."), label.get(workplace.lang)),
        Blank::Section(name) => format!("## {name}"),
    }
}
