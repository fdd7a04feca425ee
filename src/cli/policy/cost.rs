//! `chancery policy coverage --cost`: what each block takes to judge the whole archive, and on
//! which records very many judgements rest.

use super::super::{Outcome, Workplace, columns::columns, print};
use crate::{
    access::Office,
    check::{BlockCost, Costs},
    diagnostic::text::visible,
    policy::{Block, BlockPlace},
    source::RecordId,
};
use serde_json::json;
use std::{
    collections::BTreeMap,
    io::Write,
    time::{Duration, Instant},
};

/// So many types and records are listed on which most judgements rest.
const MOST: usize = 12;
/// So many blocks are named of those that look for a type.
const NAMED: usize = 3;

pub(super) fn run(workplace: &Workplace, lines: bool) -> anyhow::Result<Outcome> {
    let office = workplace.office()?;
    let begun = Instant::now();
    let costs = office.costs(&move || begun.elapsed());
    let mut out = print::words_or_data(lines);
    match lines {
        true => tell_json(&mut out, &office, &costs)?,
        false => tell(&mut out, workplace, &office, &costs)?,
    }
    out.flush()?;
    Ok(Outcome::Clean)
}

/// The blocks, the dearest first.
fn dearest<'o>(office: &'o Office, costs: &Costs) -> Vec<(&'o Block, BlockCost)> {
    let mut blocks: Vec<_> = costs.blocks.iter().map(|(place, cost)| (office.archive.policies.block(*place), *cost)).collect();
    blocks.sort_by(|(a, one), (b, other)| other.steps.cmp(&one.steps).then_with(|| a.id.cmp(&b.id)));
    blocks
}

/// The types of which all records are looked for, by how many judgements.
fn types(costs: &Costs) -> Vec<(&str, u64, &BTreeMap<BlockPlace, u64>)> {
    let mut types: Vec<_> = costs.types.iter().map(|(own, blocks)| (&**own, blocks.values().sum::<u64>(), blocks)).collect();
    types.sort_by(|(a, one, _), (b, other, _)| other.cmp(one).then_with(|| a.cmp(b)));
    types
}

/// The records on which most judgements rest of others.
fn records(costs: &Costs) -> Vec<(&RecordId, u64)> {
    let mut records: Vec<_> = costs.records.iter().map(|(id, count)| (id, *count)).collect();
    records.sort_by(|(a, one), (b, other)| other.cmp(one).then_with(|| a.cmp(b)));
    records.truncate(MOST);
    records
}

fn tell(out: &mut impl Write, workplace: &Workplace, office: &Office, costs: &Costs) -> std::io::Result<()> {
    let say = |words: [&'static str; 2]| workplace.say(words);
    let blocks = dearest(office, costs);
    let (steps, time) = blocks.iter().fold((0, Duration::ZERO), |(steps, time), (_, cost)| (steps + cost.steps, time + cost.time));
    let row = |(block, cost): &(&Block, BlockCost)| {
        let part = cost.steps as f64 / (steps.max(1)) as f64 * 100.0;
        let each = |all: u64| all / cost.judgements.max(1);
        vec![
            block.id.to_string(),
            format!("{} {}", say(["判断", "judgements"]), cost.judgements),
            format!("{} {}", say(["步", "steps"]), cost.steps),
            format!("{} {}", say(["每次", "each"]), each(cost.steps)),
            format!("{part:.1}%"),
            format!("{:.1} ms", cost.time.as_secs_f64() * 1000.0),
        ]
    };
    columns(&blocks.iter().map(row).collect::<Vec<_>>()).iter().try_for_each(|line| writeln!(out, "{}", visible(line)))?;
    let sum = say(["共 {steps} 步，{time} 秒（各线程合计）", "steps in all: {steps}, in {time} s (of all threads together)"]);
    writeln!(out, "{}", sum.replace("{steps}", &steps.to_string()).replace("{time}", &format!("{:.2}", time.as_secs_f64())))?;
    writeln!(
        out,
        "\n{}",
        say([
            "看遍一类全部档案的判断（其中任何一份有改动，所判断的档案都要重新判断）：",
            "judgements that look through all records of a type (when one of those changes, what they judge is judged anew):",
        ])
    )?;
    let types = types(costs);
    let type_row = |(own, count, blocks): &(&str, u64, &BTreeMap<BlockPlace, u64>)| {
        let mut by: Vec<_> = blocks.iter().map(|(place, count)| (*count, &office.archive.policies.block(*place).id)).collect();
        by.sort_by(|(one, a), (other, b)| other.cmp(one).then_with(|| a.cmp(b)));
        let named = by.iter().take(NAMED).map(|(count, id)| format!("{id} {count}")).collect::<Vec<_>>();
        let more = if by.len() > NAMED { "…" } else { "" };
        let label = office.archive.policies.types.get(*own).map_or(*own, |known| known.label.get(workplace.lang));
        vec![format!("  {label} {own}"), count.to_string(), named.join(say(["，", ", "])) + more]
    };
    let rows: Vec<_> = types.iter().take(MOST).map(type_row).collect();
    columns(&rows).iter().try_for_each(|line| writeln!(out, "{}", visible(line)))?;
    writeln!(out, "\n{}", say(["读到这些档案的其他判断：", "other judgements that read these records:",]))?;
    let title = |id: &RecordId| office.archive.record(id).map_or_else(String::new, |record| record.title.clone());
    let rows: Vec<_> = records(costs).into_iter().map(|(id, count)| vec![format!("  {id}"), count.to_string(), title(id)]).collect();
    columns(&rows).iter().try_for_each(|line| writeln!(out, "{}", visible(line)))
}

/// `{"block","judgements","steps","reads","milliseconds"}` for each block, the dearest first; then
/// `{"type","judgements","blocks":{id:judgements}}` and `{"record","judgements"}`.
fn tell_json(out: &mut impl Write, office: &Office, costs: &Costs) -> std::io::Result<()> {
    for (block, BlockCost { judgements, steps, time, reads }) in dearest(office, costs) {
        let milliseconds = (time.as_secs_f64() * 1e6).round() / 1e3;
        let line = json!({
            "block": &*block.id, "judgements": judgements, "steps": steps, "reads": reads, "milliseconds": milliseconds,
        });
        writeln!(out, "{line}")?;
    }
    for (own, judgements, blocks) in types(costs) {
        let by: serde_json::Map<String, serde_json::Value> =
            blocks.iter().map(|(place, count)| (office.archive.policies.block(*place).id.to_string(), (*count).into())).collect();
        writeln!(out, "{}", json!({ "type": own, "judgements": judgements, "blocks": by }))?;
    }
    for (id, judgements) in records(costs) {
        writeln!(out, "{}", json!({ "record": &*id.0, "judgements": judgements }))?;
    }
    Ok(())
}
