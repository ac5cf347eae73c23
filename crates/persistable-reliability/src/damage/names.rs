//! Payload names and suffixes of every kind that a file system hates: refused, or taken as they are.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use persistable::io::{PayloadIo, Source, Target};
use persistable::{Durability, Persistable, PersistableParams, Step, StepResult};

use super::tally::{CASES, OPERATIONS, Tally};
use crate::Result;
use crate::run::{Run, names_in};

#[derive(PersistableParams)]
struct Named {
    n: u32,
}

impl Step for Named {
    type Payload = Vec<u8>;
    type Io = NamedIo;

    fn generate_payload(&self, _: &persistable::Run<'_>) -> StepResult<Vec<u8>> {
        Ok(b"the payload".to_vec())
    }
}

#[derive(Default)]
struct NamedIo {
    suffix: String,
}

impl PayloadIo<Vec<u8>> for NamedIo {
    fn name(&self) -> String {
        "reliability-named".into()
    }

    fn suffix(&self) -> String {
        self.suffix.clone()
    }

    fn save(&self, payload: &Vec<u8>, target: &mut Target<'_>) -> StepResult<()> {
        Ok(target.writer()?.write_all(payload)?)
    }

    fn load(&self, source: &mut Source<'_>) -> StepResult<Vec<u8>> {
        Ok(source.bytes()?.to_vec())
    }
}

fn names() -> Vec<(String, bool)> {
    let good = [
        "points",
        "a b",
        " a",
        "a ",
        "a.",
        "a..",
        "...",
        ".hidden",
        "-rf",
        "--help",
        "~",
        "a~1",
        "$HOME",
        "%PATH%",
        "*",
        "?",
        "a:b",
        "C:",
        "\"",
        "'",
        "`id`",
        "|",
        "<a>",
        "&amp;",
        ";ls",
        "#",
        "a(b)",
        ")",
        "(",
        "a)(",
        "a(00000000000000000000000000000000)",
        "CON",
        "con",
        "NUL",
        "AUX.txt",
        "COM1",
        "LPT9",
        "Points",
        "POINTS",
        "lock",
        "staging",
        ".persistable",
        "reason.txt",
        "ünïcödé",
        "u\u{308}",
        "\u{fc}",
        "\u{130}",
        "ß",
        "ﬁ",
        "日本語",
        "🦀",
        "👩‍👩‍👧",
        "\u{202e}txt.exe",
        "\u{200b}",
        "\u{feff}",
        "\u{2028}",
        "\u{e000}",
        "\u{fffd}",
        "\u{fffe}",
        "\u{10ffff}",
        "مرحبا",
        "{}",
        "{0}",
        "%s%n",
        "a.manifest.json",
        "a.params.json",
        "a.log",
    ];
    let bad = [
        "",
        ".",
        "..",
        "/",
        "a/b",
        "../a",
        "/etc/passwd",
        "\\",
        "a\\b",
        "..\\a",
        "\0",
        "a\0b",
        "\n",
        "a\nb",
        "\r",
        "\t",
        "\u{1b}[31m",
        "\u{7f}",
        "\u{80}",
        "\u{85}",
        "\u{9b}",
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
    let good = [
        ".bin",
        "bin",
        ".",
        "..",
        ".a.b",
        ". ",
        " ",
        ".bin.",
        ".bin ",
        ".log",
        ".CON",
        "~",
        "~2",
        ".~1~",
        ":x",
        "*",
        "?",
        "-",
        "\"",
        "🦀",
        "\u{202e}nib.",
        ".ü",
        ".json",
        "manifest.json",
        ".manifest.jsonx",
        ".lock",
    ];
    let bad = [
        "",
        "/",
        "/..",
        "/../../a",
        "\\",
        ".a/b",
        "(",
        ")",
        ").bin",
        ".b(in)",
        "\0",
        ".\n",
        "\u{9b}",
        ".manifest.json",
        ".params.json",
        ".MANIFEST.JSON",
        ".Params.Json",
        "x.manifest.json",
    ];
    let mut suffixes: Vec<(String, bool)> = good.map(|suffix| (suffix.to_owned(), true)).into();
    suffixes.extend(bad.map(|suffix| (suffix.to_owned(), false)));
    suffixes.push((format!(".{}", "x".repeat(47)), true));
    suffixes.push((format!(".{}", "x".repeat(48)), false));
    suffixes.push((format!(".{}", "ü".repeat(24)), false));
    suffixes
}

pub(crate) fn try_all(run: &Run, tally: &mut Tally) -> Result<()> {
    let mut python = run.python.as_deref().map(Python::start).transpose()?;
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
            one(tally, python.as_mut(), (&name, &suffix), is_good, &folder)?;
        }
        if names_in(around.path()).iter().any(|name| name != "data") {
            tally.fail(format!("the name {name:?} with the suffix {suffix:?} left something out of the data folder"));
        }
        let log = format!("{name}.log");
        let may_be_left = |left: &String| left == ".persistable" || *left == log || is_good && left.starts_with(&name);
        let mut left = names_in(&around.path().join("data"));
        left.retain(|left| !may_be_left(left));
        if !left.is_empty() {
            tally.fail(format!("the name {name:?} with the suffix {suffix:?} left {left:?}"));
        }
    }
    if let Some(python) = &mut python {
        // Python's texts may hold what is no Unicode.
        for (name, suffix) in [("\"a\\ud800\"", "\".bin\""), ("\"a\"", "\".\\udfff\"")] {
            let folder = serde_json::to_string(&together)?;
            let outcome = python.ask_line(&format!("[\"generate\", {name}, {suffix}, {folder}]"))?;
            tally.count(OPERATIONS);
            if !["invalid_name", "unsupported_parameter"].contains(&outcome.as_str()) {
                tally.fail(format!("the name {name} with the suffix {suffix} gave {outcome} in Python"));
            }
        }
    }
    Ok(())
}

/// Generates in one language and loads in the other, in both directions.
fn one(
    tally: &mut Tally,
    mut python: Option<&mut Python>,
    names: (&str, &str),
    is_good: bool,
    folder: &Path,
) -> Result<()> {
    let expected = if is_good { "payload" } else { "invalid_name" };
    let mut check = |outcome: String, what: &str| {
        tally.count(OPERATIONS);
        if outcome != expected {
            let (name, suffix) = (names.0.chars().take(200).collect::<String>(), names.1);
            tally.fail(format!(
                "{what} with the name {name:?} and the suffix {suffix:?} gave {outcome}, not {expected}"
            ));
        }
    };
    check(in_rust("generate", names, folder), "generating in Rust");
    if let Some(python) = &mut python {
        if is_good {
            check(python.ask("load", names, folder)?, "loading in Python what Rust generated");
        }
        check(python.ask("generate", names, folder)?, "generating in Python");
    }
    if is_good {
        check(in_rust("load", names, folder), "loading in Rust");
    }
    Ok(())
}

fn in_rust(verb: &str, (name, suffix): (&str, &str), folder: &Path) -> String {
    let io = NamedIo { suffix: suffix.to_owned() };
    let builder = Persistable::builder(Named { n: 1 }).payload_name(name).payload_io(io).durability(Durability::Fast);
    let payload = builder.open(folder).and_then(|step| if verb == "generate" { step.generate() } else { step.load() });
    match payload {
        Ok(payload) if *payload == b"the payload" => "payload".to_owned(),
        Ok(_) => "wrong".to_owned(),
        Err(error) => error.kind().as_str().to_owned(),
    }
}

/// A Python that persists and loads what it is told.
struct Python {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
}

impl Python {
    fn start(interpreter: &Path) -> Result<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/names.py");
        let mut command = Command::new(interpreter);
        let mut child = command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let output = child.stdout.take().map(BufReader::new).ok_or("Python has no output")?;
        Ok(Self { child, output })
    }

    fn ask(&mut self, verb: &str, (name, suffix): (&str, &str), folder: &Path) -> Result<String> {
        self.ask_line(&serde_json::to_string(&(verb, name, suffix, folder))?)
    }

    fn ask_line(&mut self, line: &str) -> Result<String> {
        writeln!(self.child.stdin.as_mut().ok_or("Python has no input")?, "{line}")?;
        let mut answer = String::new();
        self.output.read_line(&mut answer)?;
        Ok(serde_json::from_str(&answer).map_err(|_| "Python ended")?)
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
