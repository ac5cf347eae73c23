//! A damaged artifact: it never loads, is put aside and healed by one of those who meet it, and nothing whole is put aside.

use super::support::{Counter, Found, Scenario, Shape, data_folder, id, lease, mortal, process, publish, read};
use crate::simulation::open;

pub(crate) const HEALING: Scenario = Scenario { run: healing, runs: 700 };

fn healing() {
    let folder = data_folder();
    let store = open(&folder).unwrap();
    publish(&store, &lease(&store, &id("one")).unwrap(), Shape::File, ".bin", 1).unwrap();
    std::fs::write(folder.join(format!("{}.bin", id("one").stem())), "9").unwrap();
    let last = Counter::default();
    last.raise_to(1);
    let heal = || {
        let (path, last) = (folder.clone(), last.clone());
        move || {
            let store = open(&path)?;
            if let Found::Payload(number) = read(&store, &id("one"))? {
                return Ok(number);
            }
            let held = lease(&store, &id("one"))?;
            match read(&store, &id("one"))? {
                Found::Payload(number) => return Ok(number),
                Found::Damaged => store.quarantine(&held, "it is damaged")?,
                Found::Nothing => {}
            }
            let number = last.add();
            publish(&store, &held, Shape::File, ".bin", number)?;
            Ok(number)
        }
    };
    let dying = mortal(2, heal());
    let healers = [process(3, heal()), process(4, heal())];
    let died = dying.join().unwrap().is_none();
    let numbers = healers.map(|healer| healer.join().unwrap().unwrap());
    let found = read(&store, &id("one")).unwrap();
    assert_eq!(numbers.map(Found::Payload), [found; 2]);
    assert!(last.get() <= 2 + u32::from(died), "generated again and again: {}", last.get());
    let aside = std::fs::read_dir(folder.join(".persistable/quarantine")).unwrap();
    let payloads: Vec<_> = aside
        .filter_map(|entry| std::fs::read(entry.unwrap().path().join(format!("{}.bin", id("one").stem()))).ok())
        .collect();
    assert!(payloads.iter().all(|payload| payload == b"9"), "a whole payload was put aside");
}

#[test]
fn damage_is_healed_once() {
    HEALING.check();
}
