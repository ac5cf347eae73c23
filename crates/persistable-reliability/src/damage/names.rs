//! Payload names and suffixes of every kind that a file system hates: refused, or taken as they are.

use std::path::Path;

use super::scene::start_all;
use super::tally::{CASES, Tally};
use crate::agent::{Agent, Setting};
use crate::named;
use crate::problem::{Problem, Result};
use crate::run::{OWN_FOLDER, Run, names_in};

fn names() -> Vec<(String, bool)> {
    #[rustfmt::skip]
    let good = [
        "points", "a b", " a", "a ", "a.", "a..", "...", ".hidden", "-rf", "--help", "~", "a~1", "$HOME",
        "%PATH%", "*", "?", "a:b", "C:", "\"", "'", "`id`", "|", "<a>", "&amp;", ";ls", "#", "a(b)", ")",
        "(", "a)(", "a(00000000000000000000000000000000)", "CON", "con", "NUL", "AUX.txt", "COM1", "LPT9",
        "Points", "POINTS", "lock", "staging", ".persistable", "reason.txt", "ünïcödé", "u\u{308}", "\u{fc}",
        "\u{130}", "ß", "ﬁ", "日本語", "🦀", "👩‍👩‍👧", "\u{202e}txt.exe", "\u{200b}", "\u{feff}", "\u{2028}",
        "\u{e000}", "\u{fffd}", "\u{fffe}", "\u{10ffff}", "مرحبا", "{}", "{0}", "%s%n", "a.manifest.json",
        "a.params.json", "a.log",
    ];
    #[rustfmt::skip]
    let bad = [
        "", ".", "..", "/", "a/b", "../a", "/etc/passwd", "\\", "a\\b", "..\\a", "\0", "a\0b", "\n", "a\nb",
        "\r", "\t", "\u{1b}[31m", "\u{7f}", "\u{80}", "\u{85}", "\u{9b}",
    ];
    let mut names: Vec<(String, bool)> = good.map(|name| (name.to_owned(), true)).into();
    names.extend(bad.map(|name| (name.to_owned(), false)));
    for (character, bytes) in [("x", 1), ("ü", 2), ("日", 3), ("🦀", 4)] {
        names.push((character.repeat(150 / bytes), true));
        names.push((character.repeat(151_usize.div_ceil(bytes)), false));
        names.push((character.repeat(255 / bytes), false));
    }
    names.push(("x".repeat(1 << 20), false));
    names
}

fn suffixes() -> Vec<(String, bool)> {
    #[rustfmt::skip]
    let good = [
        ".bin", "bin", ".", "..", ".a.b", ". ", " ", ".bin.", ".bin ", ".log", ".CON", "~", "~2", ".~1~",
        ":x", "*", "?", "-", "\"", "🦀", "\u{202e}nib.", ".ü", ".json", "manifest.json", ".manifest.jsonx",
        ".lock",
    ];
    #[rustfmt::skip]
    let bad = [
        "", "/", "/..", "/../../a", "\\", ".a/b", "(", ")", ").bin", ".b(in)", "\0", ".\n", "\u{9b}",
        ".manifest.json", ".params.json", ".MANIFEST.JSON", ".Params.Json", "x.manifest.json",
    ];
    let mut suffixes: Vec<(String, bool)> = good.map(|suffix| (suffix.to_owned(), true)).into();
    suffixes.extend(bad.map(|suffix| (suffix.to_owned(), false)));
    suffixes.push((format!(".{}", "x".repeat(47)), true));
    suffixes.push((format!(".{}", "x".repeat(48)), false));
    suffixes.push((format!(".{}", "ü".repeat(24)), false));
    suffixes
}

pub(crate) fn try_all(run: &Run, tally: &mut Tally) -> Result<()> {
    let mut agents = start_all(run, &Setting::default())?;
    let longest = ("x".repeat(150), true);
    let with_suffix = suffixes()
        .into_iter()
        .flat_map(|suffix| [(("points".to_owned(), true), suffix.clone()), (longest.clone(), suffix)]);
    let with_name = names().into_iter().map(|name| (name, (".bin".to_owned(), true)));
    // Whatever is in one folder must not get mixed up.
    let together = run.folder()?;
    let together = together.path().join("data");
    for ((name, name_is_good), (suffix, suffix_is_good)) in with_name.chain(with_suffix) {
        tally.count(CASES);
        let around = run.folder()?;
        let is_good = name_is_good && suffix_is_good;
        for folder in [around.path().join("data"), together.clone()] {
            one(tally, &mut agents, (&name, &suffix), is_good, &folder)?;
        }
        if names_in(around.path()).iter().any(|name| name != "data") {
            tally.fail(format!("the name {name:?} with the suffix {suffix:?} left something out of the data folder"));
        }
        let log = format!("{name}.log");
        let may_be_left = |left: &String| left == OWN_FOLDER || *left == log || is_good && left.starts_with(&name);
        let mut left = names_in(&around.path().join("data"));
        left.retain(|left| !may_be_left(left));
        if !left.is_empty() {
            tally.fail(format!("the name {name:?} with the suffix {suffix:?} left {left:?}"));
        }
    }
    for python in agents.iter_mut().filter(|agent| agent.language == "Python") {
        // Python's texts may hold what is no Unicode.
        for (name, suffix) in [("\"a\\ud800\"", "\".bin\""), ("\"a\"", "\".\\udfff\"")] {
            let folder = serde_json::to_string(&together)?;
            let outcome = python.ask_line(&format!("[\"generate_named\", {name}, {suffix}, {folder}]"))?;
            let what = format!("the name {name} with the suffix {suffix} in Python");
            tally.check_any(&what, "generate", &outcome, &["invalid_name", "unsupported_parameter"]);
        }
    }
    Ok(())
}

/// Generates in each language and loads in all.
fn one(
    tally: &mut Tally,
    agents: &mut [Agent],
    (name, suffix): (&str, &str),
    is_good: bool,
    folder: &Path,
) -> Result<()> {
    let shown: String = name.chars().take(200).collect();
    let expected = if is_good { named::GENERATION } else { "invalid_name" };
    let count = agents.len();
    for writer in 0..count {
        let mut ask = |agent: usize, verb: &str| {
            let agent = agents.get_mut(agent).ok_or("there is no such agent")?;
            let outcome = agent.ask(&[verb, name, suffix], folder)?;
            let what = format!("the name {shown:?} with the suffix {suffix:?} in {}", agent.language);
            Ok::<_, Problem>(tally.check(&what, verb, &outcome, expected))
        };
        ask(writer, "generate_named")?;
        for reader in (0..count).filter(|_| is_good) {
            ask(reader, "load_named")?;
        }
    }
    Ok(())
}
