//! Damage: every file of an artifact × whatever may happen to it.
//!
//! Never a wrong payload; a clear error from `load`; healing by `load_generate`; the damaged bytes in quarantine with the
//! reason; other artifacts, and what lies outside of the data folder, untouched.

mod bits;
mod changes;
pub(crate) mod denied;
mod hostile;
mod names;
mod older;
mod own_folder;
pub(crate) mod rights;
pub(crate) mod scene;
pub(crate) mod tally;

use self::bits::Places;
use self::scene::Scene;
use self::tally::{CASES, CUTS, FLIPS, OPERATIONS, QUARANTINES, Tally, WRONG};
use crate::parallel;
use crate::problem::Result;
use crate::report::{Report, Table};
use crate::run::Run;
use crate::shape::Shape;

/// One row of the report.
struct Trial {
    what: &'static str,
    go: Go,
}

enum Go {
    Shape(Shape),
    All(fn(&Run, &mut Tally) -> Result<()>),
}

/// What finds most is the first, what takes longest comes before what is short.
const TRIALS: [Trial; 8] = [
    Trial { what: "the files of a payload `file`", go: Go::Shape(Shape::File) },
    Trial { what: "`folder`", go: Go::Shape(Shape::Folder) },
    Trial { what: "`large`", go: Go::Shape(Shape::Large) },
    Trial { what: "`pickle`", go: Go::Shape(Shape::Pickle) },
    Trial { what: "manifests, well sealed, that lie", go: Go::All(hostile::try_all) },
    Trial {
        what: "links, pipes and folders where the store or the log keeps its own",
        go: Go::All(own_folder::try_all),
    },
    Trial { what: "permissions taken away", go: Go::All(denied::try_all) },
    Trial { what: "payload names and suffixes", go: Go::All(names::try_all) },
];

pub(crate) fn run(run: &Run) -> Result<Report> {
    let mut report = Report::default();
    let mut table = Table::new(&["damage to", "cases", FLIPS, CUTS, OPERATIONS, QUARANTINES, WRONG]);
    let mut not_tried = Vec::new();
    let mut all = 0;
    // A broken store shows in what is small.
    let (small, rest) = TRIALS.split_at(2);
    for trials in [small, rest] {
        let trials: Vec<&Trial> = trials.iter().filter(|trial| trial.is_possible(run)).collect();
        for (trial, tally) in trials.iter().zip(parallel::map(&trials, |trial| Ok(trial.make(run)))?) {
            let figures = [CASES, FLIPS, CUTS, OPERATIONS, QUARANTINES, WRONG].map(|figure| tally.figure(figure));
            table.row([trial.what.to_owned()].into_iter().chain(figures.map(|figure| figure.to_string())));
            all += [CASES, FLIPS, CUTS].map(|figure| tally.figure(figure)).iter().sum::<u64>();
            report.fail_all(tally.failures.into_iter().map(|failure| again(&failure, run, "damage")));
            not_tried.extend(tally.not_tried);
        }
        if run.is_enough(&report) {
            return Ok(report);
        }
    }
    report.sum_up(format!("{all} kinds and places of damage"));
    report.say(format!(
        "Artifacts were damaged in {all} ways. In each file, every bit was flipped, and the file was cut \
         at every length. In files of more than 2 kB, this was done at many places. Each file was also \
         changed in these ways:\n\
         \n\
         - It was lengthened, emptied, overwritten or deleted.\n\
         - It was exchanged with another artifact's file, or with its own earlier version from before a \
         replacement.\n\
         - It was replaced by a folder, links of many kinds, a pipe, a socket, or a file of a terabyte.\n\
         \n\
         After each change, this holds:\n\
         \n\
         - `load` gives the error *damaged*. Without a manifest, it gives *missing*. If only `params.json` \
         is damaged, it gives the payload.\n\
         - If a file was moved elsewhere and a link left in its place, it loads. If the link leads to \
         nothing, the error is *not fetched*, and nothing is changed.\n\
         - `load_generate` gives a new payload, and then all languages load it.\n\
         - Quarantine has the damaged bytes and a reason.\n\
         - Other artifacts, and files outside of the data folder, are unchanged.\n\
         \n\
         If permissions are taken away, the error is *denied*. Names that can't be part of a file name are \
         refused. All other names persist and load."
    ));
    report.table(table);
    not_tried.into_iter().for_each(|not_tried| report.leave_out(not_tried));
    Ok(report)
}

/// Appends how to see a failure again.
pub(crate) fn again(failure: &str, run: &Run, part: &str) -> String {
    let quick = if run.is_quick { "--quick " } else { "" };
    let rust_only = if run.python.is_none() { "--rust-only " } else { "" };
    format!("{failure} (again: persistable-reliability {quick}{rust_only}{part})")
}

impl Trial {
    fn is_possible(&self, run: &Run) -> bool {
        match self.go {
            Go::Shape(shape) => run.actors().iter().any(|actor| actor.knows(shape)),
            Go::All(_) => true,
        }
    }

    fn make(&self, run: &Run) -> Tally {
        let mut tally = Tally::default();
        let done = match self.go {
            Go::Shape(shape) => of_shape(run, shape, &mut tally),
            Go::All(try_all) => try_all(run, &mut tally),
        };
        tally.note(self.what, done);
        tally
    }
}

fn of_shape(run: &Run, shape: Shape, tally: &mut Tally) -> Result<()> {
    let mut scene = Scene::new(run, shape)?;
    changes::try_all(&mut scene, tally, run)?;
    older::try_all(&mut scene, tally, run.is_quick)?;
    bits::try_all(&mut scene, tally, places(shape, run.is_quick))
}

/// Small payloads are tried at all their places, large ones at some.
fn places(shape: Shape, is_quick: bool) -> Places {
    match (shape, is_quick) {
        (Shape::File | Shape::Folder, true) => Places { flips: 40, cuts: 10 },
        (_, true) => Places { flips: 4, cuts: 2 },
        (Shape::File, false) => Places { flips: usize::MAX, cuts: usize::MAX },
        (Shape::Folder, false) => Places { flips: 20_000, cuts: 2_000 },
        (Shape::Large | Shape::Pickle, false) => Places { flips: 600, cuts: 100 },
    }
}
