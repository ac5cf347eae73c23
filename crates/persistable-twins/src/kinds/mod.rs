//! Steps with params of every kind.

mod array_params;
mod chrono_times;
mod containers;
mod models;
mod scalars;
mod times;

use persistable::{PersistableParams, Store};

use self::array_params::ArrayParams;
use self::containers::Containers;
use self::models::Models;
use self::scalars::Scalars;
use self::times::{Times, times};
use crate::call::{Call, Outcome, text_step};

pub(crate) fn call(call: &Call) -> Option<Outcome<()>> {
    match call.step.as_str() {
        "scalars" => call.with(|_| Ok(Scalars::example())),
        "times" => call.with(|_: &Store| times()),
        "chrono_times" => match chrono_times::times() {
            Ok(times) => call.with(|_| Ok(times.clone())),
            Err(error) => Some(Err(error)),
        },
        "containers" => call.with(|_| Ok(Containers::example())),
        "models" => call.with(|_| Ok(Models::example())),
        "array_params" => call.with(|_| Ok(ArrayParams::example())),
        "everything" => call.with(|_| {
            Ok(Everything {
                scalars: Scalars::example(),
                times: times()?,
                containers: Containers::example(),
                models: Models::example(),
                array_params: ArrayParams::example(),
            })
        }),
        _ => None,
    }
}

/// Each of the others' params as a record.
#[derive(PersistableParams)]
struct Everything {
    scalars: Scalars,
    times: Times,
    containers: Containers,
    models: Models,
    array_params: ArrayParams,
}

text_step!(Everything, "all of it");
