//! A small archive: notes that everybody reads, files that their owner alone reads, and what lies
//! beside them.

use std::{fs, path::Path};

const POLICY: &str = "---
policy: house
title: 内务制度
status: trial
effective: 2024-01-01
owner: house
---
## 第1条　人员

```yaml type
id: person
label: 人员
as: person
title: name
must: {name: text, reporting: [{from: date, department: department, superior?: person}], joined: date}
may: {left: date}
```

```yaml posts
posts:
  head: {label: 主任, held_by: [{person: tou, from: 2024-01-01}]}
departments:
  house: {label: 内务处, head: tou}
```

## 第2条　档案

```yaml type
id: file
label: 案卷
title: name
must: {name: text, owner: person}
```

```yaml type
id: note
label: 便条
title: text
must: {text: text}
```

## 第3条　查阅

```yaml access
for: file
readers: [owner]
```

```yaml access
for: [note, person]
readers: [everyone]
```
";

/// Writes the settings, the policy and the people of a small archive.
pub fn found(root: &Path, people: &[&str]) {
    write(root, "chancery.yaml", "name: 内务处\nlanguage: zh\ntime_zone: \"+08:00\"\ndemo_day: \"2026-06-01\"\n");
    write(root, "policies/house.md", POLICY);
    for id in people {
        let reporting = "[{from: 2024-01-01, department: house}]";
        let front = format!("type: person\nid: {id}\nname: {id}\nreporting: {reporting}\njoined: 2024-01-01\n");
        write(root, &format!("records/people/{id}.md"), format!("---\n{front}---\n"));
    }
}

pub fn write(root: &Path, path: &str, text: impl AsRef<[u8]>) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// An archive on disk, to which a test adds.
pub struct Small(pub tempfile::TempDir);

impl Small {
    /// With the people `ma` and `gao`, the note `N-1`, and the file `F-1`, which is ma's. Each has
    /// these attachments.
    pub fn new(attachments: &[(&str, &[u8])]) -> Small {
        let small = Small(tempfile::tempdir().unwrap());
        found(small.path(), &["tou", "ma", "gao"]);
        let names: Vec<String> = attachments.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        let listed = format!("attachments: [{}]\n", names.join(", "));
        small.write("records/n/N-1.md", format!("---\ntype: note\nid: N-1\ntext: 便条\n{listed}---\n"));
        small.write("records/f/F-1.md", format!("---\ntype: file\nid: F-1\nname: 案卷\nowner: ma\n{listed}---\n"));
        for (name, bytes) in attachments {
            small.write(&format!("records/n/{name}"), bytes);
            small.write(&format!("records/f/{name}"), bytes);
        }
        small
    }

    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        write(self.path(), path, text);
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }
}
