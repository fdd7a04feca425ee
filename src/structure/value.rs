//! What a value of a field's type is: as it is to be written, in words, and by an example.

use super::meant;
use crate::{
    archive,
    diagnostic::{Words, did_you_mean, nearest, same_to_the_eye},
    policy::{Field, FieldType, Policies, Posts, Target, Value},
};
use std::sync::Arc;

/// A value as it is to be written: a label as the id that it is of, a day as people write it as a
/// date. `None` for what is no value of the type. Whether a record is there that is named is not
/// asked.
pub fn as_written(text: &str, field_type: &FieldType, posts: &Posts) -> Option<String> {
    match archive::scalar(&text.into(), field_type, posts) {
        Some(Value::Bool(yes)) => Some((if yes { "yes" } else { "no" }).to_owned()),
        // A text as it stands, an id in the place of its label.
        Some(Value::Text(id)) => Some(id.to_string()),
        Some(_) => Some(text.to_owned()),
        None => meant::value(text, field_type),
    }
}

/// What is told of a value that is none of the field's type, and what to write in its place.
/// `written`: as it stands there, where it can be repeated.
pub fn misfit(field: &Words, written: Option<&str>, expected: &FieldType, policies: &Policies) -> (Words, Words) {
    let demanded = demanded(expected, policies);
    let raw = written.map(|text| text.trim_matches(['"', '\'']));
    let bare = raw.map(str::trim);
    let message = match bare.filter(|text| *expected == FieldType::Date && meant::no_such_day(text)) {
        Some(day) => Words::new(format!("{}写的是 {day}，没有这一天", field.zh), format!("{} is {day}: there is no such day", field.en)),
        None => Words::new(
            format!("{}应为{}{}", field.zh, demanded.zh, written.map_or(String::new(), |text| format!("，现为 {}", text.trim()))),
            format!("{} should be {}{}", field.en, demanded.en, written.map_or(String::new(), |text| format!(", and is {}", text.trim()))),
        ),
    };
    let known = known_values(expected, &policies.posts);
    let known_names = || known.iter().map(String::as_str);
    let meant = bare.and_then(|text| meant::value(text, expected));
    let same = raw.and_then(|raw| same_to_the_eye(raw, meant.as_deref().into_iter().chain(known_names())));
    let near = bare.and_then(|text| nearest(text, known_names()));
    let fix = match (same, &meant, near) {
        (Some(same), ..) => did_you_mean(raw.unwrap_or_default(), same),
        (None, Some(value), _) => Words::new(format!("写成 {value}"), format!("write {value}")),
        (None, None, Some(near)) => did_you_mean(raw.unwrap_or_default(), near),
        (None, None, None) if *expected == FieldType::Text => Words::new("用文字写明", "say it in words"),
        (None, None, None) => {
            let example = example(expected, policies);
            Words::new(format!("改写为如 {} 的形式", example.zh), format!("write it like {}", example.en))
        }
    };
    (message, fix)
}

/// What a value of a type is, in words.
fn demanded(field_type: &FieldType, policies: &Policies) -> Words {
    let one_of = |ids: Vec<String>| Words::new(format!(" {} 之一", ids.join("、")), format!("one of {}", ids.join(", ")));
    match field_type {
        FieldType::Text => Words::new("文字", "text"),
        FieldType::Date => Words::new("日期（年-月-日）", "a date (year-month-day)"),
        FieldType::Time => Words::new("时刻", "a time of day"),
        FieldType::Number => Words::new("数", "a number"),
        FieldType::Count => Words::new("整数", "a whole number"),
        FieldType::Money => Words::new("金额", "an amount of money"),
        FieldType::Timestamp => Words::new("带时区的时间", "a time with its zone"),
        FieldType::YesNo => Words::new(" yes 或 no", "yes or no"),
        FieldType::Enumeration(_) | FieldType::Department | FieldType::Post => one_of(known_values(field_type, &policies.posts)),
        FieldType::Phone => Words::new("电话号码", "a telephone number"),
        FieldType::Email => Words::new("电子邮箱地址", "an e-mail address"),
        FieldType::Url => Words::new("网址", "a web address"),
        FieldType::Reference(Target::Any) => Words::new("记录的编号", "the id of a record"),
        FieldType::Reference(Target::Type(id)) => {
            let label = policies.record_type(id).map_or_else(Words::default, |own| own.label.clone());
            let label = label.or_id(id);
            Words::new(format!("一份“{}”的编号", label.zh), format!("the id of a “{}”", label.en))
        }
        FieldType::PersonOrPost => Words::new("人员的编号或岗位", "the id of a person or a post"),
        FieldType::List(element) => {
            let element = demanded(element, policies);
            Words::new(format!("列表，每项为{}", element.zh), format!("a list, each of it {}", element.en))
        }
        FieldType::Table(fields) => {
            let names: Vec<&str> = fields.iter().map(|field| &*field.name).collect();
            Words::new(format!("一组字段（{}）", names.join("、")), format!("a set of fields ({})", names.join(", ")))
        }
    }
}

/// The values of a type that has but a few.
fn known_values(field_type: &FieldType, posts: &Posts) -> Vec<String> {
    match field_type {
        FieldType::Enumeration(members) => members.iter().map(|member| member.name.to_string()).collect(),
        FieldType::Department => posts.departments.keys().map(|id| id.to_string()).collect(),
        FieldType::Post => posts.posts.keys().map(|id| id.to_string()).collect(),
        FieldType::YesNo => vec!["yes".to_owned(), "no".to_owned()],
        _ => Vec::new(),
    }
}

/// A value of the right form, of what there is in this archive.
pub(super) fn example(field_type: &FieldType, policies: &Policies) -> Words {
    let same = |text: &str| Words::new(text, text);
    match field_type {
        FieldType::Text => Words::new("用文字写明", "in words"),
        FieldType::Date => same("2026-03-04"),
        FieldType::Time => same("09:30"),
        FieldType::Number => same("12.5"),
        FieldType::Count => same("12"),
        FieldType::Money => same("50000.00"),
        FieldType::Timestamp => same("2026-03-04T09:30:00+08:00"),
        FieldType::YesNo => same("yes"),
        FieldType::Enumeration(_) | FieldType::Department | FieldType::Post => {
            same(known_values(field_type, &policies.posts).first().map_or("…", String::as_str))
        }
        FieldType::Phone => same("021-5555 0101"),
        FieldType::Email => same("name@company.example"),
        FieldType::Url => same("https://company.example"),
        FieldType::Reference(_) | FieldType::PersonOrPost => demanded(field_type, policies),
        FieldType::List(element) => {
            let element = example(element, policies);
            Words::new(format!("[{}]", element.zh), format!("[{}]", element.en))
        }
        FieldType::Table(fields) => {
            let column = |field: &Field| (field.name.clone(), example(&field.field_type, policies));
            let columns: Vec<(Arc<str>, Words)> = fields.iter().filter(|field| field.must).map(column).collect();
            let joined = |each: fn(&Words) -> &String| {
                columns.iter().map(|(name, example)| format!("{name}: {}", each(example))).collect::<Vec<_>>().join(", ")
            };
            Words::new(format!("{{{}}}", joined(|words| &words.zh)), format!("{{{}}}", joined(|words| &words.en)))
        }
    }
}
