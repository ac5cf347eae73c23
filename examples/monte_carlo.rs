//! A Monte-Carlo study: how many steps does a random walk on a circle take until it has been everywhere?
//!
//! The answer is known: n (n - 1) / 2 for n places. So the table shows how good the estimates are.
#![allow(clippy::print_stdout, reason = "examples print")]

use std::fmt::Write as _;

use persistable::{Persistable, PersistableParams, Run, Runner, Step, StepResult, io, track_code};
use rand::RngExt as _;

const WALKS: u32 = 2000;
const BINS: usize = 40;

/// The lengths of many walks on a circle of `places`.
#[derive(PersistableParams)]
struct Walks {
    places: u32,
    walks: u32,
}

#[track_code]
impl Step for Walks {
    type Payload = Vec<u32>;
    type Io = io::MessagePack;

    fn generate_payload(&self, run: &Run<'_>) -> StepResult<Vec<u32>> {
        let mut rng = run.rng(); // seeded from the key: the same params give the same walks
        let walk = |_| {
            let (mut here, mut leftmost, mut rightmost, mut steps) = (0_i64, 0_i64, 0_i64, 0);
            while rightmost - leftmost < i64::from(self.places) - 1 {
                here += if rng.random::<bool>() { 1 } else { -1 };
                (leftmost, rightmost) = (leftmost.min(here), rightmost.max(here));
                steps += 1;
            }
            steps
        };
        Ok((0..self.walks).map(walk).collect())
    }
}

/// The mean length for each number of places, and how far it may be off.
#[derive(PersistableParams)]
struct Study {
    #[param(dependency)]
    walks: Vec<Persistable<Walks>>,
}

#[track_code]
impl Step for Study {
    type Payload = Vec<(f64, f64)>;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<(f64, f64)>> {
        let mut rows = Vec::new();
        for walks in &self.walks {
            let lengths = walks.payload()?;
            let count = lengths.len() as f64;
            let mean = lengths.iter().map(|length| f64::from(*length)).sum::<f64>() / count;
            let variance =
                lengths.iter().map(|length| (f64::from(*length) - mean).powi(2)).sum::<f64>() / (count - 1.0);
            rows.push((mean, (variance / count).sqrt()));
        }
        Ok(rows)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let open = |places| Persistable::open("example-data", Walks { places, walks: WALKS });
    let walks = [8, 16, 32, 64, 128].into_iter().map(open).collect::<persistable::Result<Vec<_>>>()?;
    let study = Persistable::open("example-data", Study { walks: walks.clone() })?;

    Runner::new().run([&study])?; // the walks in parallel, and then the study
    println!("places     mean   error    exact");
    for (walks, (mean, error)) in walks.iter().zip(study.payload()?.iter()) {
        let places = walks.step().places;
        println!("{places:6} {mean:8.1} {error:7.1} {:8}", places * (places - 1) / 2);
    }
    if let Some(last) = walks.last() {
        std::fs::create_dir_all("pictures")?;
        std::fs::write(
            "pictures/monte_carlo.svg",
            histogram(&last.payload()?, "steps until all 128 places were visited"),
        )?;
    }
    Ok(())
}

/// Draws how often lengths occur.
fn histogram(lengths: &[u32], title: &str) -> String {
    let most = lengths.iter().max().copied().unwrap_or(1) as usize;
    let mut counts = [0_u32; BINS];
    for length in lengths {
        if let Some(count) = counts.get_mut(*length as usize * BINS / (most + 1)) {
            *count += 1;
        }
    }
    let highest = counts.iter().max().copied().unwrap_or(1);
    let mut svg = String::from(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 420 220" font-family="sans-serif" font-size="12">"#,
    );
    for (bin, count) in counts.iter().enumerate() {
        let height = f64::from(*count) / f64::from(highest) * 170.0;
        let (x, y) = (10 + bin * 10, 180.0 - height);
        let _ = write!(svg, "\n<rect x=\"{x}\" y=\"{y:.1}\" width=\"9\" height=\"{height:.1}\" fill=\"steelblue\"/>");
    }
    let _ =
        write!(svg, "\n<text x=\"10\" y=\"196\">0</text><text x=\"410\" y=\"196\" text-anchor=\"end\">{most}</text>");
    let _ = write!(svg, "\n<text x=\"210\" y=\"212\" text-anchor=\"middle\">{title}</text>\n</svg>\n");
    svg
}
