//! Manifests that somebody made up: sealed as they should be, and lying.

use std::fs;

use persistable_models::reseal;

use super::scene::{DAMAGED, Expect, OTHERS, Scene};
use super::tally::Tally;
use crate::problem::Result;
use crate::run::Run;
use crate::shape::Shape;

/// A lie: its name, what becomes of the manifest's text up to its seal, and what has to come of it.
struct Lie {
    name: String,
    expect: Expect,
    tell: Tell,
}

type Tell = Box<dyn Fn(&str, &Scene) -> String>;

fn lie(name: impl Into<String>, expect: Expect, tell: impl Fn(&str, &Scene) -> String + 'static) -> Lie {
    Lie { name: name.into(), expect, tell: Box::new(tell) }
}

/// Tries every lie about a file and about a folder.
pub(crate) fn try_all(run: &Run, tally: &mut Tally) -> Result<()> {
    for shape in [Shape::File, Shape::Folder] {
        let mut scene = Scene::new(run, shape)?;
        for lie in lies(shape) {
            let what = format!("a {shape} whose sealed manifest has {}", lie.name);
            scene.case(tally, &what, lie.expect, &|scene| tell(scene, &lie), run.is_quick)?;
        }
        newer_formats(&mut scene, tally)?;
    }
    Ok(())
}

fn tell(scene: &Scene, lie: &Lie) -> Result<()> {
    Ok(reseal(&scene.manifest(DAMAGED), |text| (lie.tell)(text, scene))?)
}

/// What a newer version wrote is neither damage nor a miss, and is not replaced.
fn newer_formats(scene: &mut Scene, tally: &mut Tally) -> Result<()> {
    let shape = scene.shape;
    for agent in 0..scene.agents.len() {
        for version in ["2", "4294967295"] {
            scene.persist(agent, DAMAGED, "old")?;
            let newer = lie("", Expect::Right, move |text, _| {
                member(text, "format_version", version).replacen("\"payload\"", "\"content\"", 1)
            });
            tell(scene, &newer)?;
            let what = format!("a {shape} of the format {version}");
            for words in [vec!["load", shape, DAMAGED], vec!["load_generate", shape, DAMAGED, "new"]] {
                let outcome = scene.ask(agent, &words)?;
                tally.check(&what, words.first().unwrap_or(&""), &outcome, "incompatible");
            }
            let outcome = scene.ask(agent, &["persist", shape, DAMAGED, "new", "fast"])?;
            tally.check(&what, "generate", &outcome, "incompatible");
            scene.reset()?;
        }
    }
    Ok(())
}

fn lies(shape: Shape) -> Vec<Lie> {
    use Expect::{Damaged, Right};
    let mut lies = vec![
        lie("no params", Damaged, |text, _| text.replacen("\"params\":", "\"sarams\":", 1)),
        lie("the payload twice", Damaged, |text, _| text.replacen("\"version\":", "\"payload\": {}, \"version\":", 1)),
        lie("a key in capitals", Damaged, |text, _| {
            let key = value(text, "key");
            text.replacen(&key, &key.to_uppercase(), 1)
        }),
        lie("the key of another artifact", Damaged, |text, scene| {
            let other = fs::read_to_string(scene.manifest(OTHERS[0])).unwrap_or_default();
            text.replacen(&value(text, "key"), &value(&other, "key"), 1)
        }),
        lie("another payload name", Damaged, |text, _| member(text, "payload_name", "\"others\"")),
        lie("another params digest", Damaged, |text, _| {
            member(text, "params_digest", &format!("\"{}\"", "0".repeat(64)))
        }),
        lie("a digest that is too short", Damaged, |text, _| member(text, "digest", "\"00\"")),
        lie("a mark of the byte order", Damaged, |text, _| format!("\u{feff}{text}")),
        lie("a lone surrogate", Damaged, |text, _| member(text, "io", r#""\ud800""#)),
        lie("not a number", Damaged, |text, _| member(text, "size_bytes", "NaN")),
        lie("a member twice that nobody knows", Right, |text, _| format!("{text},\n\"x\": 1, \"x\": 2")),
        lie("a member that is nested 200,000 deep", Right, |text, _| {
            format!("{text},\n\"x\": {}{}", "[".repeat(200_000), "]".repeat(200_000))
        }),
        lie("params that are nested 200,000 deep", Right, |text, _| {
            let deep = format!("{}{}", "{\"a\":".repeat(200_000), "1".to_owned() + &"}".repeat(200_000));
            text.replacen("\"params\": ", &format!("\"params\": {deep}, \"earlier\": "), 1)
        }),
        lie("a payload that is nested 200,000 deep", Damaged, |text, _| {
            text.replacen("\"payload\": ", &format!("\"payload\": {}, \"earlier\": ", "[".repeat(200_000)), 1)
        }),
        lie("20 MB of a text", Right, |text, _| format!("{text},\n\"x\": \"{}\"", "x".repeat(20 << 20))),
        lie("200,000 dependencies", Right, |text, _| {
            let one = r#"{"payload_name": "a", "key": "b"}"#;
            member_from(text, "dependencies", "[]", &format!("[{}]", vec![one; 200_000].join(",")))
        }),
        lie("a time of generation beyond all numbers", Damaged, |text, _| member(text, "generation_seconds", "1e999")),
        lie("an inode beyond all numbers", Damaged, |text, _| member(text, "inode", "18446744073709551616")),
    ];
    for version in ["0", "-1", "1.5", "4294967296", "1e30", "null", "\"1\"", "[]"] {
        lies.push(lie(format!("the format version {version}"), Damaged, move |text, _| {
            member(text, "format_version", version)
        }));
    }
    for size in
        ["0", "-1", "1e400", "18446744073709551615", "18446744073709551616", "9007199254740993", "\"200\"", "200.0"]
    {
        lies.push(lie(format!("the size {size}"), Damaged, move |text, _| member(text, "size_bytes", size)));
    }
    let strays = [
        "../outside/file",
        "/etc/passwd",
        "..",
        ".",
        "",
        "{}/../../outside/file",
        "{}.bin/../../outside/file",
        "{}.bin\\u0000",
        "{}",
        "{}.manifest.json",
        "{}.PARAMS.json",
        "{}.x\\\\y",
        "{}.b(in)",
        ".persistable/lock",
    ];
    for stray in strays {
        lies.push(lie(format!("the payload {stray:?}"), Damaged, move |text, scene| {
            let outside = outside(text);
            member(&outside, "file", &format!("\"{}\"", stray.replace("{}", scene.stem(DAMAGED))))
        }));
    }
    lies.push(lie("a payload of 10,000 characters", Damaged, |text, scene| {
        member(text, "file", &format!("\"{}.{}\"", scene.stem(DAMAGED), "x".repeat(10_000)))
    }));
    lies.push(lie("an absolute path for a payload", Damaged, |text, scene| {
        member(&outside(text), "file", &format!("\"{}\"", scene.outside.join("file").display()))
    }));
    lies.push(lie("the payload of another artifact", Damaged, |text, scene| {
        let other = value(&fs::read_to_string(scene.manifest(OTHERS[0])).unwrap_or_default(), "file");
        member(text, "file", &format!("\"{other}\""))
    }));
    if shape == Shape::Folder {
        for stray in ["../../outside/file", "/etc/passwd", "..", "", "a/../a", "./a", "a//", "a\\u0000"] {
            lies.push(lie(format!("the file {stray:?} in it"), Damaged, move |text, _| {
                member(text, "path", &format!("\"{stray}\""))
            }));
        }
        lies.push(lie("200,000 files in it", Damaged, |text, _| {
            let one = format!(r#"{{"path": "a", "size_bytes": 18446744073709551615, "digest": "{}"}}"#, "0".repeat(64));
            text.replacen("\"files\": [", &format!("\"files\": [{}, ", vec![one; 200_000].join(",")), 1)
        }));
        lies.push(lie("no files in it", Damaged, |text, _| text.replacen("\"files\":", "\"siles\":", 1)));
    } else {
        lies.push(lie("files in it", Damaged, |text, _| {
            text.replacen("\"size_bytes\"", "\"files\": [], \"size_bytes\"", 1)
        }));
    }
    lies
}

/// Says that the payload is what lies out of the data folder, so that it would load if it were followed.
fn outside(text: &str) -> String {
    let content = b"what lies outside";
    let text = member(text, "size_bytes", &content.len().to_string());
    member(&text, "digest", &format!("\"{}\"", blake3::hash(content).to_hex()))
}

/// Gives the first member of a name another value.
fn member(text: &str, name: &str, value: &str) -> String {
    let start = format!("\"{name}\": ");
    let Some((before, rest)) = text.split_once(&start) else { return text.to_owned() };
    let end = rest.find([',', '\n']).unwrap_or(rest.len());
    format!("{before}{start}{value}{}", rest.get(end..).unwrap_or_default())
}

fn member_from(text: &str, name: &str, old: &str, new: &str) -> String {
    text.replacen(&format!("\"{name}\": {old}"), &format!("\"{name}\": {new}"), 1)
}

/// Returns the text that is the first value of a name.
fn value(text: &str, name: &str) -> String {
    let rest = text.split_once(&format!("\"{name}\": \"")).map_or("", |(_, rest)| rest);
    rest.split('"').next().unwrap_or_default().to_owned()
}
