//! Why a step is not persisted, or was generated.

use persistable_catalogue::{Answer, Query};

use crate::answer;
use crate::console::Console;
use crate::failure::{Exit, Failure, Result};
use crate::selection::{self, Words};
use crate::session::Session;

/// Say why a step was generated again, or why it is not there: what is nearest, and what differs
#[derive(clap::Args, Debug)]
#[command(after_long_help = "\
Ask about an artifact by its key, or by its name and params:
  persistable why data 5f1e                             why this artifact was generated
  persistable why data points                           why the newest points were generated
  persistable why data points 'n == 1000 and seed == 1' why these points are not there
")]
pub(crate) struct Why {
    #[command(flatten)]
    words: Words,
}

impl Why {
    pub(crate) fn run(self, console: &mut Console) -> Result<Exit> {
        let words = self.words.list();
        let (mut session, rest) = Session::open(&words, console)?;
        if let Some(name) = rest.first()
            && selection::is_logged(&mut session.catalogue, name)
        {
            if rest.len() > 1 {
                console.remark("the log does not tell params, so this is about all of the step");
            }
            return answer::of_log(console, &session, name);
        }
        let selected = session.select(rest)?;
        let mut found = Vec::new();
        match (&selected.step, &selected.filter, selected.artifacts.as_slice()) {
            (_, _, [_, ..]) => {
                for artifact in &selected.artifacts {
                    found.push(session.catalogue.why_artifact(artifact)?);
                }
            }
            (Some(step), Some(filter), _) => {
                let why = session.catalogue.why_params(step, filter)?;
                let here = why.answers.iter().filter_map(|answer| match answer {
                    Answer::Here { artifact } => Some(artifact.clone()),
                    _ => None,
                });
                let here: Vec<_> = here.collect();
                for artifact in &here {
                    found.push(session.catalogue.why_artifact(artifact)?);
                }
                if here.is_empty() {
                    found.push(why);
                }
            }
            (None, Some(_), _) => {
                let message = "of which step? Write its payload name before the params";
                return Err(Failure::usage(message).next(session.command("ls", "")));
            }
            // The newest one.
            (_, None, _) => {
                let query: Query = selected.query.sort(".persisted", true).limit(1);
                let newest = session.addresses(&query)?.into_iter().next();
                let newest = newest.ok_or_else(|| Failure::new(Exit::NotFound, "there are no artifacts"))?;
                found.push(session.catalogue.why_artifact(&newest)?);
            }
        }
        if console.is_json {
            let records = found.iter().map(|why| answer::record_of(&session, why));
            console.json(&records.collect::<Result<Vec<_>>>()?)?;
            return Ok(Exit::Done);
        }
        for (index, why) in found.iter().enumerate() {
            if index > 0 {
                console.line("")?;
            }
            answer::write(console, &mut session, why)?;
        }
        Ok(Exit::Done)
    }
}
