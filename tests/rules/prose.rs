//! The sample's documents are such as people wrote: no two bodies share more than half of their
//! 8-character shingles.

use std::{collections::HashSet, fs, path::Path};

fn shingles(body: &str) -> HashSet<String> {
    let characters: Vec<char> = body.chars().filter(|c| !c.is_whitespace()).collect();
    characters.windows(8).map(|window| window.iter().collect()).collect()
}

fn share(a: &HashSet<String>, b: &HashSet<String>) -> f64 {
    let smaller = a.len().min(b.len());
    if smaller == 0 { 0.0 } else { a.intersection(b).count() as f64 / smaller as f64 }
}

#[test]
fn the_measure_knows_a_template_from_two_letters() {
    let filled = |name: &str| shingles(&format!("经调查，{name}经营状况良好，付款及时，建议维持现有信用等级与额度，并按期复查。"));
    assert!(share(&filled("甲公司"), &filled("乙公司")) > 0.5);
    assert!(share(&filled("甲公司"), &shingles("周一下午去了码头，老板正在修泵，账本摊在船板上，字迹被水洇了一半。")) < 0.1);
}

#[test]
fn no_two_bodies_are_one_template_filled_in() {
    let records = Path::new(env!("CARGO_MANIFEST_DIR")).join("records");
    let mut bodies = Vec::new();
    for entry in walkdir::WalkDir::new(records).sort_by_file_name() {
        let path = entry.unwrap().into_path();
        if path.extension().is_some_and(|extension| extension == "md") && !path.ends_with("records/README.md") {
            let text = fs::read_to_string(&path).unwrap();
            let body = text.splitn(3, "---\n").nth(2).unwrap().to_owned();
            bodies.push((path, shingles(&body)));
        }
    }
    assert!(bodies.len() >= 150);
    for (i, (path, own)) in bodies.iter().enumerate() {
        for (other, theirs) in &bodies[i + 1..] {
            let share = share(own, theirs);
            assert!(share <= 0.5, "{} and {} share {:.0} %", path.display(), other.display(), share * 100.0);
        }
    }
}
