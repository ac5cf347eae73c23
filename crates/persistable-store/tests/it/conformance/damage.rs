//! Objects and files that are changed behind the store's back.

use persistable_store::{Draft, ErrorKind, Listed};

use crate::kinds::{Place, everywhere, manifest};
use crate::stores::{Content, FAST, assert_damaged, file, folder, id, lease, load, publish, quarantine, write};

everywhere! {
    a_changed_payload_is_damage_until_it_is_replaced,
    a_missing_payload_is_damage,
    a_damaged_manifest_is_damage_and_is_replaced,
    a_manifest_of_another_artifact_is_damage,
    damage_is_put_aside_and_others_stay,
}

fn contents() -> [Content; 2] {
    [file("payload"), folder(&[("a", "1"), ("b", "2")])]
}

fn a_changed_payload_is_damage_until_it_is_replaced(place: &Place) {
    let step = id("step", 1);
    let changes: [fn(&mut Vec<u8>); 3] = [|bytes| bytes[0] ^= 1, |bytes| bytes.push(0), Vec::clear];
    for content in contents() {
        for change in changes {
            publish(&place.store, &step, &content);
            if !place.change(&place.payload_file(&step), change) {
                return;
            }
            for store in [&place.store, &place.again()] {
                match load(store, &step, &FAST) {
                    // Right bytes were loaded, which the cache had.
                    Ok(loaded) if place.is_cached => assert_eq!(loaded.as_ref(), Some(&content)),
                    loaded => assert_damaged(loaded, "a changed payload"),
                }
            }
            publish(&place.store, &step, &content);
            assert_eq!(load(&place.store, &step, &FAST).unwrap().as_ref(), Some(&content));
            place.assert_tidy(&step);
        }
    }
}

fn a_missing_payload_is_damage(place: &Place) {
    let step = id("step", 1);
    for content in contents() {
        publish(&place.store, &step, &content);
        if !place.delete(&place.payload_file(&step)) {
            return;
        }
        for store in [&place.store, &place.again()] {
            assert_damaged(load(store, &step, &FAST), "a missing payload");
        }
    }
}

fn a_damaged_manifest_is_damage_and_is_replaced(place: &Place) {
    let step = id("step", 1);
    let changes: [fn(&mut Vec<u8>); 4] =
        [|bytes| bytes[20] ^= 1, |bytes| *bytes = b"{}".to_vec(), |bytes| bytes.truncate(99), Vec::clear];
    for change in changes {
        publish(&place.store, &step, &file("old"));
        if !place.change(&manifest(&step), change) {
            return;
        }
        assert_damaged(place.store.find(&step), "a damaged manifest");
        assert_damaged(place.again().find(&step), "a damaged manifest");
        let listed: Vec<_> = place.store.artifacts().collect();
        assert!(matches!(&listed[..], [Ok(Listed::Unusable { stem, .. })] if stem == step.stem()), "{listed:?}");
        let held = lease(&place.store, &step).unwrap();
        assert_eq!(held.found().unwrap_err().kind(), ErrorKind::Damaged);
        let mut staging = place.store.stage(&held, ".bin", &FAST).unwrap();
        write(&mut staging, &file("new")).unwrap();
        place.store.publish(&held, staging, Draft::new("raw", 1)).unwrap();
        drop(held);
        assert_eq!(load(&place.store, &step, &FAST).unwrap(), Some(file("new")));
    }
}

fn a_manifest_of_another_artifact_is_damage(place: &Place) {
    let (step, other) = (id("step", 1), id("step", 2));
    publish(&place.store, &step, &file("payload"));
    publish(&place.store, &other, &file("other"));
    let mut of_other = Vec::new();
    if !place.change(&manifest(&other), |bytes| of_other.clone_from(bytes)) {
        return;
    }
    place.change(&manifest(&step), |bytes| *bytes = of_other);
    assert_damaged(load(&place.store, &step, &FAST), "a manifest of another artifact");
}

fn damage_is_put_aside_and_others_stay(place: &Place) {
    let (step, other) = (id("step", 1), id("step", 2));
    for content in contents() {
        publish(&place.store, &step, &content);
        publish(&place.store, &other, &content);
        if !place.change(&place.payload_file(&step), |bytes| bytes[0] ^= 1) {
            return;
        }
        quarantine(&place.store, &step, "a test");
        assert_eq!(load(&place.again(), &step, &FAST).unwrap(), None);
        let artifacts: Vec<_> = place.store.artifacts().map(Result::unwrap).collect();
        assert!(matches!(&artifacts[..], [Listed::Whole(artifact)] if *artifact.id() == other), "{artifacts:?}");
        assert_eq!(load(&place.store, &other, &FAST).unwrap().as_ref(), Some(&content));
        publish(&place.store, &step, &content);
        assert_eq!(load(&place.again(), &step, &FAST).unwrap(), Some(content));
        place.assert_tidy(&step);
    }
}
