//! Measuring in a process of its own: with memory that nothing else used, and nothing remembered from before.

use std::collections::BTreeMap;
use std::process::Command;

use crate::result::Result;

/// The first argument of a child.
pub(crate) const ARGUMENT: &str = "child";

/// What a child measured, by name.
#[derive(Default)]
pub(crate) struct Figures(BTreeMap<String, f64>);

impl Figures {
    pub(crate) fn of(name: &str, figure: f64) -> Self {
        Self(BTreeMap::from([(name.to_owned(), figure)]))
    }

    pub(crate) fn insert(&mut self, name: &str, figure: f64) {
        self.0.insert(name.to_owned(), figure);
    }

    pub(crate) fn get(&self, name: &str) -> Result<f64> {
        Ok(self.0.get(name).copied().ok_or_else(|| format!("the child did not measure {name}"))?)
    }

    pub(crate) fn to_text(&self) -> String {
        self.0.iter().map(|(name, figure)| format!("{name} {figure:e}\n")).collect()
    }

    fn from_text(text: &str) -> Result<Self> {
        let mut figures = Self::default();
        for line in text.lines() {
            let (name, figure) = line.split_once(' ').ok_or("a child told something else than figures")?;
            figures.insert(name, figure.parse()?);
        }
        Ok(figures)
    }
}

/// Runs this program as a child.
pub(crate) fn run(arguments: &[String]) -> Result<Figures> {
    let output = Command::new(std::env::current_exe()?).arg(ARGUMENT).args(arguments).output()?;
    if !output.status.success() {
        return Err(format!("{arguments:?} failed: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Figures::from_text(std::str::from_utf8(&output.stdout)?)
}
