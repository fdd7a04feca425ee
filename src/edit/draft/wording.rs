//! The words of a draft's comments.

use super::{DraftForm, articles};
use crate::{
    check::{Due, DueState},
    diagnostic::{Lang, Words},
    policy::{Field, FieldType, Member, Policies, RecordType, Target, Value},
};
use chrono::NaiveDate;
use std::sync::Arc;

pub(super) fn head(own: &RecordType, lang: Lang) -> Vec<String> {
    let sections = match (lang, own.sections.is_empty()) {
        (_, true) => "",
        (Lang::Zh, false) => "和正文各节",
        (Lang::En, false) => ", and the sections below",
    };
    let [what, how] = match lang {
        Lang::Zh => [
            format!("# 新建：{}", own.label.zh),
            format!("# 请填写冒号后空着的项目{sections}。以 # 起首的行是说明，删去与否均可；“#项目:”一行是可以不填的项目，要填时去掉 #。"),
        ],
        Lang::En => [
            format!("# A new record: {}", own.label.en),
            format!(
                "# Fill in what is blank behind a colon{sections}. Lines that begin with # are notes, to keep or to delete; \
                 a line ‘#field:’ may be left out: take the # away to fill it in."
            ),
        ],
    };
    vec![what, how]
}

/// A field's label, whether it may be left out, and what it holds.
pub(super) fn about(field: &Field, demanded: bool, form: &DraftForm<'_>) -> String {
    let holds = holds(&field.field_type, form.policies);
    let (zh, en) = match (field.must, demanded) {
        (true, _) => ("", ""),
        (false, true) => ("（依条文须填，填时去掉 #）", " (demanded by an article: take the # away)"),
        (false, false) => ("（可不填）", " (may be left out)"),
    };
    match form.lang {
        Lang::Zh => format!("# {}{zh}：{}", field.label.zh, holds.zh),
        Lang::En => format!("# {}{en}: {}", field.label.en, holds.en),
    }
}

/// Of a field that was filled in: by which expression, where it is short enough to tell a clerk
/// anything.
pub(super) fn worked_out(source: &str, lang: Lang) -> String {
    let source = articles::one_line(source);
    let is_short = source.chars().count() <= articles::SHORT;
    match lang {
        Lang::Zh if is_short => format!("#   已按制度填写（{source}），请核对"),
        Lang::Zh => "#   已按制度填写，请核对".to_owned(),
        Lang::En if is_short => format!("#   filled in as the rulebook says ({source}); please check"),
        Lang::En => "#   filled in as the rulebook says; please check".to_owned(),
    }
}

/// A record that a field refers to, with what holds of it today.
pub(super) fn record(id: &str, title: &str, standing: &[String], lang: Lang) -> String {
    let name = if title == id { id.to_owned() } else { format!("{id} {title}") };
    match lang {
        _ if standing.is_empty() => format!("#   {name}"),
        Lang::Zh => format!("#   {name}：{}", standing.join("，")),
        Lang::En => format!("#   {name}: {}", standing.join(", ")),
    }
}

/// The latest record of the type that is written, about the same.
pub(super) fn latest(own: &RecordType, id: &str, date: Option<NaiveDate>, lang: Lang) -> String {
    let day = |open: &str, close: &str| date.map_or_else(String::new, |date| format!("{open}{date}{close}"));
    match lang {
        Lang::Zh => format!("#   最近的{}：{id}{}", own.label.zh, day("（", "）")),
        Lang::En => format!("#   the latest {}: {id}{}", own.label.en, day(" (", ")")),
    }
}

/// A duty that the record would do.
pub(super) fn awaited(due: &Due, lang: Lang) -> String {
    let (day, days) = (due.due, due.days);
    let plural = if days == 1 { "" } else { "s" };
    let said = match (lang, due.state) {
        (Lang::Zh, DueState::Overdue) => format!("{}；期限 {day}，已逾期 {days} 天", due.message.zh),
        (Lang::Zh, DueState::Due) => format!("{}；期限 {day}，还有 {days} 天", due.message.zh),
        (Lang::En, DueState::Overdue) => format!("{}; it was due on {day}, {days} day{plural} ago", due.message.en),
        (Lang::En, DueState::Due) => format!("{}; it is due on {day}, in {days} day{plural}", due.message.en),
    };
    format!("#   {}", articles::cited(&due.citation, &articles::one_line(&said), lang))
}

/// What stands under the same name in a record that is referred to.
pub(super) fn elsewhere(id: &str, field: &Field, value: &str, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("#   {id} 的“{}”：{value}", field.label.zh),
        Lang::En => format!("#   “{}” of {id}: {value}", field.label.en),
    }
}

/// A value with its label, where it is one of a list.
pub(super) fn value(field: &Field, value: &Value, form: &DraftForm<'_>) -> String {
    let plain = articles::one_line(&value.words(form.lang));
    let posts = &form.policies.posts;
    let label = match &field.field_type {
        FieldType::Enumeration(members) => members.iter().find(|member| *member.name == *plain).map(|member| &member.label),
        FieldType::Department => posts.departments.get(&*plain).map(|department| &department.label),
        FieldType::Post | FieldType::PersonOrPost => posts.posts.get(&*plain).map(|post| &post.label),
        _ => None,
    };
    match label.map(|label| label.get(form.lang)).filter(|label| !label.is_empty() && *label != plain) {
        Some(label) if form.lang == Lang::Zh => format!("{plain}（{label}）"),
        Some(label) => format!("{plain} ({label})"),
        None => plain,
    }
}

pub(super) fn either(own: &[Arc<str>], other: &[Arc<str>], lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("#   {} 和 {} 须填一项，且只填一项", own.join("."), other.join(".")),
        Lang::En => format!("#   exactly one of {} and {} is filled in", own.join("."), other.join(".")),
    }
}

pub(super) fn rest(lang: Lang) -> String {
    match lang {
        Lang::Zh => "# 这类档案还须遵守：".to_owned(),
        Lang::En => "# Of this kind of record it is also demanded:".to_owned(),
    }
}

/// What a field holds, with its choices.
fn holds(field_type: &FieldType, policies: &Policies) -> Words {
    match field_type {
        FieldType::Text => Words::new("文字", "text"),
        FieldType::Date => Words::new("日期，如 2026-03-04", "a date, such as 2026-03-04"),
        FieldType::Time => Words::new("时刻，如 09:30", "a time of day, such as 09:30"),
        FieldType::Number => Words::new("数，如 12.5", "a number, such as 12.5"),
        FieldType::Count => Words::new("整数，如 12", "a whole number, such as 12"),
        FieldType::Money => Words::new("金额，如 50000", "an amount of money, such as 50000"),
        FieldType::Timestamp => Words::new("时间，如 2026-03-04T09:30:00+08:00", "a time with its zone, such as 2026-03-04T09:30:00+08:00"),
        FieldType::YesNo => Words::new("yes 或 no", "yes or no"),
        FieldType::Phone => Words::new("电话号码", "a telephone number"),
        FieldType::Email => Words::new("电子邮箱", "an e-mail address"),
        FieldType::Url => Words::new("网址，以 https:// 起首", "a web address that begins with https://"),
        FieldType::Enumeration(members) => choices(members.iter().map(|Member { name, label }| (&**name, label))),
        FieldType::Department => choices(policies.posts.departments.values().map(|d| (&*d.id, &d.label))),
        FieldType::Post => choices(policies.posts.posts.values().map(|p| (&*p.id, &p.label))),
        FieldType::PersonOrPost => Words::new("人员的编号，或岗位", "the id of a person, or a post"),
        FieldType::Reference(Target::Any) => Words::new("一份档案的编号", "the id of a record"),
        FieldType::Reference(Target::Type(id)) => reference(id, policies),
        FieldType::List(element) => listed(element, policies),
        FieldType::Table(_) => Words::new("含以下各项", "these parts"),
    }
}

fn choices<'a>(known: impl Iterator<Item = (&'a str, &'a Words)>) -> Words {
    let known: Vec<(&str, &Words)> = known.collect();
    let one = |name: &str, label: &str, [open, close]: [&str; 2]| match label {
        label if label == name || label.is_empty() => name.to_owned(),
        label => format!("{name}{open}{label}{close}"),
    };
    let zh: Vec<String> = known.iter().map(|(name, label)| one(name, &label.zh, ["（", "）"])).collect();
    let en: Vec<String> = known.iter().map(|(name, label)| one(name, &label.en, [" (", ")"])).collect();
    Words::new(format!("选填 {}", zh.join("、")), format!("one of {}", en.join(", ")))
}

fn reference(id: &str, policies: &Policies) -> Words {
    let label = policies.record_type(id).map_or_else(|| Words::new(id, id), |own| own.label.clone());
    Words::new(format!("一份“{}”的编号", label.zh), format!("the id of a “{}”", label.en))
}

fn listed(element: &FieldType, policies: &Policies) -> Words {
    if let FieldType::Table(_) = element {
        return Words::new("可写多条，每条从“-”起，含以下各项", "any number of rows, each from its “-” on, with these parts");
    }
    let element = holds(element, policies);
    Words::new(format!("可写多条，每行一个“-”；每条：{}", element.zh), format!("any number, each on a line with “-”; each {}", element.en))
}
