//! Measures a subject against its floor, interleaved, with a control that shows the machine's noise.

use std::time::{Duration, Instant};

use crate::result::Result;

/// What one round measured: the time of the subject, of its floor, and of the floor once more.
pub(crate) struct Round {
    pub(crate) subject: f64,
    pub(crate) floor: f64,
    pub(crate) control: f64,
}

/// A subject measured against its floor, in seconds per operation.
#[derive(Default)]
pub(crate) struct Comparison(Vec<Round>);

/// The median of several figures, and the quartiles around it.
#[derive(Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) low: f64,
    pub(crate) median: f64,
    pub(crate) high: f64,
}

impl Spread {
    pub(crate) fn of(figures: impl IntoIterator<Item = f64>) -> Self {
        let mut figures: Vec<f64> = figures.into_iter().collect();
        figures.sort_by(f64::total_cmp);
        let at = |part: f64| {
            let index = (figures.len().saturating_sub(1) as f64 * part).round() as usize;
            figures.get(index).copied().unwrap_or(f64::NAN)
        };
        Self { low: at(0.25), median: at(0.5), high: at(0.75) }
    }
}

impl Comparison {
    pub(crate) fn push(&mut self, round: Round) {
        self.0.push(round);
    }

    pub(crate) fn subject(&self) -> Spread {
        Spread::of(self.0.iter().map(|round| round.subject))
    }

    pub(crate) fn floor(&self) -> Spread {
        Spread::of(self.0.iter().map(|round| round.floor))
    }

    /// Returns by how much the subject takes longer. Each round is compared with itself, so that a machine that is slower
    /// for a while does not count.
    pub(crate) fn ratio(&self) -> Spread {
        Spread::of(self.0.iter().map(|round| round.subject / round.floor))
    }

    /// Returns how many seconds longer the subject takes.
    pub(crate) fn difference(&self) -> Spread {
        Spread::of(self.0.iter().map(|round| round.subject - round.floor))
    }

    /// Returns the ratio of the floor to itself: without noise it would be one, and its spread none.
    pub(crate) fn noise(&self) -> Spread {
        Spread::of(self.0.iter().map(|round| round.control / round.floor))
    }
}

/// Runs subject, floor and control in each round, in an order that changes from round to round. Both tell how long one
/// operation took, so that what they prepare is not counted.
pub(crate) fn compare(
    rounds: usize,
    mut subject: impl FnMut() -> Result<Duration>,
    mut floor: impl FnMut() -> Result<Duration>,
) -> Result<Comparison> {
    subject()?;
    floor()?;
    let mut measured = Vec::with_capacity(rounds);
    for index in 0..rounds {
        let round = match index % 4 {
            0 => {
                let (subject, floor, control) = (subject()?, floor()?, floor()?);
                (subject, floor, control)
            }
            1 => {
                let (floor_first, control, subject) = (floor()?, floor()?, subject()?);
                (subject, floor_first, control)
            }
            2 => {
                let (control, subject, floor) = (floor()?, subject()?, floor()?);
                (subject, floor, control)
            }
            _ => {
                let (floor_first, subject, control) = (floor()?, subject()?, floor()?);
                (subject, floor_first, control)
            }
        };
        measured.push(Round {
            subject: round.0.as_secs_f64(),
            floor: round.1.as_secs_f64(),
            control: round.2.as_secs_f64(),
        });
    }
    Ok(Comparison(measured))
}

/// Measures one run of `work`.
pub(crate) fn timed<T>(work: impl FnOnce() -> Result<T>) -> Result<(T, Duration)> {
    let begin = Instant::now();
    let done = work()?;
    Ok((done, begin.elapsed()))
}
