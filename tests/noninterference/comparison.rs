//! One sequence of requests to two archives, and every difference between the answers.

use crate::{
    archives::BASE,
    crawler::{Crawl, Probes, filled},
    ground::Ground,
    house::{Answer, Asked, House},
    others::{self, Kind, Other},
    queries,
    readers::Asking,
};
use chancery::{
    access::{Office, Reader, Seen},
    diagnostic::Lang,
    render::{self, FormSubject, Theme},
    search::{Hits, Index, Indexer},
    source::RecordId,
};
use std::{collections::BTreeSet, time::Instant};

/// Differences told; more of them say no more.
const TOLD: usize = 5;

/// Asks for everything in A and in each A′, and wants no difference.
pub fn check(asking: &Asking) {
    let began = Instant::now();
    let ground = Ground::of(&BASE.office, &asking.reader());
    let (all, seen) = (BASE.office.archive.records.len(), ground.paths().len());
    let hidden = 100 * (all - seen) / all;
    assert!((asking.hidden.0..=asking.hidden.1).contains(&hidden), "{hidden} of 100 are hidden from {}", asking.id);
    let archives = Kind::ALL.map(|kind| (kind, others::other(kind, &asking.reader(), &ground)));
    let probes = probes(asking, &ground, &archives.iter().map(|(_, other)| other).collect::<Vec<_>>());
    let made = began.elapsed();
    let house = House::open(&BASE.office);
    let Crawl { heard, dead, .. } = Crawl::new(&house, asking.id).everything(&probes);
    assert!(dead.is_empty(), "these lead {} nowhere: {dead:?}", asking.id);
    let crawled = began.elapsed();
    let pages = heard.iter().filter(|(asked, answer)| asked.method == "GET" && answer.status == 200).count();
    for (kind, other) in archives {
        // Of the few that are hidden from who sees almost all, some must stay, for what he sees
        // rests on them.
        assert!(other.touched.len() + other.veiled >= 20.min((all - seen) / 4), "{kind:?}: {} records differ", other.touched.len());
        let witness = Witness::find(&other);
        let again = House::open(&other.office);
        let told = differing(&heard, &again, asking.id);
        assert!(told.is_empty(), "{kind:?}: {} is told\n{}", asking.id, told.join("\n"));
        assert_eq!(calendar(&house, asking.id), calendar(&again, asking.id), "{kind:?}");
        assert!(forms(&BASE.office, &asking.reader()) == forms(&other.office, &asking.reader()), "{kind:?}: a form tells {}", asking.id);
        assert!(witness.sees_it(&house, &again), "{kind:?}: {} does not see what differs", witness.id);
    }
    let (requests, took) = (heard.len(), began.elapsed());
    println!(
        "{}: {hidden} of 100 hidden; {requests} requests, {pages} pages, to 4 archives; {made:.1?} {crawled:.1?} {took:.1?}",
        asking.id
    );
}

/// What a person's calendar program is told, in both languages; its address is another every time.
fn calendar(house: &House, who: &str) -> [Option<Answer>; 2] {
    let secret = house.calendar(who);
    ["", "?lang=en"].map(|lang| house.ask(who, &Asked::get(format!("/calendar/{secret}.ics{lang}"))))
}

/// Every type as a blank form, and every record that may be taken away as one filled in.
fn forms(office: &Office, reader: &Reader) -> Vec<Vec<u8>> {
    let (view, theme) = (office.view(reader.clone()), Theme::built_in());
    let blank = view.policies().types.values().map(FormSubject::Blank);
    let may_leave = |seen: &Seen<'_>| seen.may_export();
    let filled = view.records().filter(may_leave).filter_map(|seen| Some(FormSubject::Filled(seen.record_type()?, seen)));
    blank.chain(filled).map(|subject| render::form(&subject, 1, Lang::Zh, &view, &theme).unwrap().body).collect()
}

/// The same requests again: where the answers are not those that were heard.
pub fn differing(heard: &[(Asked, Answer)], again: &House, who: &str) -> Vec<String> {
    let answers = heard.iter().filter_map(|(asked, was)| {
        let is = again.ask(who, asked).expect("it was asked before");
        (is != *was).then(|| difference(asked, was, &is))
    });
    answers.take(TOLD).collect()
}

/// The first request of a sequence that two archives answer differently, and how.
#[allow(dead_code, reason = "the test of this test uses it")]
pub fn first_difference(sequence: &[Asked], house: &House, other: &House, who: &str) -> Option<String> {
    sequence.iter().find_map(|asked| {
        let (was, is) = (house.ask(who, asked)?, other.ask(who, asked)?);
        (was != is).then(|| difference(asked, &was, &is))
    })
}

fn difference(asked: &Asked, was: &Answer, is: &Answer) -> String {
    let headers = was.headers.iter().filter(|header| !is.headers.contains(header)).collect::<Vec<_>>();
    let (before, after) = (was.text(), is.text());
    let line = before.lines().zip(after.lines()).find(|(before, after)| before != after);
    let shortened = line.map(|(before, after)| {
        let same = before.chars().zip(after.chars()).take_while(|(before, after)| before == after).count().saturating_sub(60);
        [before, after].map(|line| line.chars().skip(same).take(240).collect::<String>())
    });
    format!("{asked:?}\n  {} and {}; {headers:?}\n  {shortened:#?}", was.status, is.status)
}

/// What addresses are to be filled with.
pub fn probes(asking: &Asking, ground: &Ground, others: &[&Other]) -> Probes {
    let offices = || std::iter::once(&BASE.office).chain(others.iter().map(|other| &other.office));
    let hidden = offices().flat_map(|office| &office.archive.records).map(|record| &record.id).filter(|id| !ground.sees(id));
    let nowhere = ["C-9999", "nobody", "中-1", "a/b", "..", "x".repeat(300).as_str()].map(str::to_owned);
    let hidden: BTreeSet<String> = hidden.map(|id| id.to_string()).chain(nowhere).collect();
    let view = BASE.office.view(asking.reader());
    let open: BTreeSet<String> = view
        .records()
        .flat_map(|seen| seen.attachments().into_iter().map(move |name| format!("{}/{name}", folder(&seen.path().0))).collect::<Vec<_>>())
        .collect();
    let shut: BTreeSet<String> = offices()
        .flat_map(|office| office.archive.sources.attachments())
        .map(|path| path.to_string())
        .filter(|path| !open.contains(path))
        .collect();
    let beside = |path: &String| view.records().find(|seen| folder(&seen.path().0) == folder(path)).map(|seen| seen.id().to_string());
    let files = shut.iter().map(|path| (beside(path).unwrap_or_else(|| "nobody".to_owned()), path.rsplit('/').next().unwrap().to_owned()));
    let files = files.collect();
    Probes { hidden: hidden.into_iter().collect(), seen: ground.ids().iter().map(ToString::to_string).collect(), files }
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Somebody who may read what differs: he shows that the comparison is not blind.
struct Witness {
    id: String,
    differing: BTreeSet<RecordId>,
}

impl Witness {
    fn find(other: &Other) -> Witness {
        let first = ["lu.mingyuan", "meng.fanshu"].map(RecordId::from);
        let staff = first.into_iter().chain(BASE.office.staff().iter().cloned());
        let mut differing = staff.map(|person| Witness { id: person.to_string(), differing: differing_for(&person, &other.office) });
        differing.find(|witness| !witness.differing.is_empty()).expect("somebody may read what differs")
    }

    fn sees_it(&self, house: &House, again: &House) -> bool {
        let pages = self.differing.iter().take(20).map(|id| Asked::get(filled("/records/{id}/", &id.0, "")));
        pages.into_iter().any(|asked| house.ask(&self.id, &asked) != again.ask(&self.id, &asked))
    }
}

fn differing_for(person: &RecordId, office: &Office) -> BTreeSet<RecordId> {
    let reader = Reader::Person(person.clone());
    Ground::of(&BASE.office, &reader).differing(&Ground::of(office, &reader))
}

/// The same files of the static site.
pub fn check_site(reader: &Reader) {
    let ground = Ground::of(&BASE.office, reader);
    let site = |office: &Office| render::Site::of(&office.view(reader.clone()), &Theme::built_in(), "/").pages().unwrap();
    let before = site(&BASE.office);
    for kind in Kind::ALL {
        let after = site(&others::other(kind, reader, &ground).office);
        let differing = before.iter().zip(&after).find(|(was, is)| was != is).map(|(was, _)| &was.address);
        assert!(before.len() == after.len() && differing.is_none(), "{kind:?}: {reader:?} is told at {differing:?}");
    }
}

/// The same hits in the same order, and their scores to the last bit.
pub fn check_scores(asking: &Asking) {
    let ground = Ground::of(&BASE.office, &asking.reader());
    // As a server does, from one state of the archive to the next.
    let mut indexer = Indexer::default();
    let index = indexer.index(&BASE.office).unwrap();
    for kind in Kind::ALL {
        let other = others::other(kind, &asking.reader(), &ground).office;
        let again = indexer.index(&other).unwrap();
        for query in queries::some(asking.id) {
            let found = |index: &Index, office: &Office| index.search(&query, &office.view(asking.reader()), 0, usize::MAX).unwrap();
            let (was, is) = (found(&index, &BASE.office), found(&again, &other));
            let bits = |hits: &Hits| hits.hits.iter().map(|hit| (hit.id.clone(), hit.score.to_bits())).collect::<Vec<_>>();
            assert!(was == is && bits(&was) == bits(&is), "{kind:?}: {} is told by {query:?}: {was:?} {is:?}", asking.id);
        }
    }
}
