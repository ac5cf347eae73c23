//! Running steps on threads of this process.

use std::fmt;
use std::sync::Arc;
use std::thread::available_parallelism;

use super::event::{Progress, RunEvent};
use super::failure;
use super::machine::RunRules;
use super::plan::Plan;
use super::planning::plan_of;
use super::report::Report;
use super::runnable::Runnable;
use super::settings::{EventListener, Work};
use super::state::OnError;
use super::threads;
use crate::error::Result;
use crate::maker::Upstream;
use crate::options::Interrupt;
use crate::resources::{CORES, Resources};

/// Generates what is missing of some steps and of what they depend on, many steps at a time.
///
/// ```
/// use persistable::{OnError, Persistable, PersistableParams, Run, Runner, Step, StepResult, StepState, Store, io};
///
/// #[derive(PersistableParams)]
/// struct Squares {
///     n: u64,
/// }
///
/// #[derive(PersistableParams)]
/// struct Sum {
///     #[param(dependency)]
///     squares: Vec<Persistable<Squares>>,
/// }
///
/// impl Step for Squares {
///     type Payload = Vec<u64>;
///     type Io = io::MessagePack;
///
///     fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<u64>> {
///         Ok((0..self.n).map(|i| i * i).collect())
///     }
/// }
///
/// impl Step for Sum {
///     type Payload = u64;
///     type Io = io::MessagePack;
///
///     fn generate_payload(&self, _: &Run<'_>) -> StepResult<u64> {
///         self.squares.iter().try_fold(0, |sum, squares| Ok(sum + squares.payload()?.iter().sum::<u64>()))
///     }
/// }
///
/// # fn main() -> persistable::Result<()> {
/// let store = Store::memory();
/// let squares = (0..4).map(|n| Persistable::open(&store, Squares { n })).collect::<Result<Vec<_>, _>>()?;
/// let single = Persistable::open(&store, Squares { n: 9 })?;
/// let sum = Persistable::open(&store, Sum { squares })?;
///
/// let report = Runner::new().threads(8).on_error(OnError::Continue).retries(1).run([&sum, &single])?;
/// assert_eq!(report.count(StepState::Generated), 6);
///
/// let again = Runner::new().run([&sum])?; // what is there hides everything below it
/// assert_eq!(again.to_string(), "1 steps: 1 present");
/// # Ok(())
/// # }
/// ```
///
/// - **Only what is missing.** A step that is persisted is not loaded, and nothing below it is looked at.
/// - **Once.** If another process generates a step, the run goes on with other steps and comes back. So two processes share the
///   work on one grid.
/// - **Order.** The longest path starts first, by the durations that manifests record.
/// - **Memory.** A payload is dropped from memory after the last step that needs it, unless it was in memory before the run.
/// - **Durability.** When this returns, everything that it persisted is on the disk. Within the run, the artifacts of a data folder
///   are made durable together, which is faster.
/// - **Threads.** The steps are generated on threads of the run's own. If a step uses `par_iter`, it uses rayon's global pool.
#[derive(Clone, Default)]
pub struct Runner {
    threads: Option<usize>,
    on_error: OnError,
    retries: u32,
    offer: Resources,
    regenerates_stale: bool,
    interrupt: Interrupt,
    listeners: Vec<Arc<EventListener>>,
}

impl Runner {
    /// Returns one that uses as many threads as the machine has cores, and stops at the first failure.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how many threads generate steps. Default: as many as the machine has cores. A step that needs several
    /// [cores](Resources::cores) counts as several.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads.max(1));
        self
    }

    /// Sets what a failure means for other steps. Default: [`OnError::Stop`].
    #[must_use]
    pub fn on_error(mut self, on_error: OnError) -> Self {
        self.on_error = on_error;
        self
    }

    /// Sets how often a step is started again that failed. Default: 0.
    #[must_use]
    pub fn retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    /// Generates stale steps again: those that other code, inputs or dependencies made, and those that were made from them. If a step
    /// gives the same payload as before, those above it stay as they are.
    ///
    /// Without this, a run tells of stale steps that it was asked for, or refuses them, as loading does.
    #[must_use]
    pub fn regenerate_stale(mut self) -> Self {
        self.regenerates_stale = true;
        self
    }

    /// Sets what all steps share that run at the same time, besides the threads: memory, graphics processors, anything that a
    /// [`Step::resources`](crate::Step::resources) names. If a step needs more than there is, the run fails before it starts.
    #[must_use]
    pub fn offer(mut self, offer: Resources) -> Self {
        self.offer = offer;
        self
    }

    /// Sets a function that stops the run when it returns true. It is asked every 50 ms. The run starts no further step, waits for
    /// those that run, and returns an error of the kind [`Interrupted`](crate::ErrorKind::Interrupted).
    ///
    /// This library sets no signal handler. For Ctrl-C, let yours count: the first one makes this function return true, and the
    /// second one ends the process. What was persisted stays, and the next run goes on from there.
    #[must_use]
    pub fn interrupt(mut self, is_due: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        self.interrupt = Interrupt::new(is_due);
        self
    }

    /// Shows how far the run is, on the standard error output. In a terminal it is a bar with the number of steps, the remaining time
    /// by past durations, and the step that has run for the longest time. Otherwise it is a line every 30 seconds.
    #[cfg(feature = "progress")]
    #[must_use]
    pub fn show_progress(self) -> Self {
        self.on_event(super::bar::bar_on(indicatif::ProgressDrawTarget::stderr))
    }

    /// Adds a function that is told what happens, on the thread that called [`run`](Self::run).
    #[must_use]
    pub fn on_event(mut self, listen: impl Fn(&RunEvent<'_>, &Progress) + Send + Sync + 'static) -> Self {
        self.listeners.push(Arc::new(listen));
        self
    }

    /// Returns what [`run`](Self::run) would do. Nothing is generated or loaded.
    ///
    /// # Errors
    ///
    /// Those of reading a store.
    pub fn plan<const N: usize>(&self, steps: [&dyn Runnable; N]) -> Result<Plan> {
        self.plan_all(steps)
    }

    /// Returns what [`run_all`](Self::run_all) would do. Nothing is generated or loaded.
    ///
    /// # Errors
    ///
    /// Those of reading a store.
    pub fn plan_all(&self, steps: impl IntoIterator<Item: Runnable>) -> Result<Plan> {
        plan_of(steps.into_iter().map(|step| step.upstream()), self.regenerates_stale)
    }

    /// Generates what is missing of some steps of any types, and of what they depend on.
    ///
    /// # Errors
    ///
    /// - If steps fail, one error that names all of them. Its kind is that of the first failure. [`Report::of`] returns the report.
    /// - [`Interrupted`](crate::ErrorKind::Interrupted): the run was [interrupted](Self::interrupt).
    /// - Those of reading a store.
    pub fn run<const N: usize>(&self, steps: [&dyn Runnable; N]) -> Result<Report> {
        self.run_all(steps)
    }

    /// Generates what is missing of any number of steps, such as a `&Vec<Persistable<_>>`, and of what they depend on.
    ///
    /// # Errors
    ///
    /// Those of [`run`](Self::run).
    pub fn run_all(&self, steps: impl IntoIterator<Item: Runnable>) -> Result<Report> {
        let targets: Vec<Upstream> = steps.into_iter().map(|step| step.upstream()).collect();
        let plan = plan_of(targets.iter().cloned(), self.regenerates_stale)?;
        let threads = self.threads.unwrap_or_else(|| available_parallelism().map_or(1, usize::from));
        let cores = Resources::new().cores(threads);
        let offer = match self.offer.get(CORES) {
            Some(_) => self.offer.clone(),
            None => cores.iter().fold(self.offer.clone(), |offer, (name, amount)| offer.other(name, amount)),
        };
        let rules = RunRules { on_error: self.on_error, retries: self.retries, offer };
        let work = Work {
            plan: &plan,
            targets: &targets,
            regenerates_stale: self.regenerates_stale,
            threads,
            rules,
            interrupt: &self.interrupt,
            listeners: &self.listeners,
        };
        failure::result(threads::run(&work)?)
    }
}

impl fmt::Debug for Runner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { threads, on_error, retries, offer, regenerates_stale, .. } = self;
        write!(
            f,
            "Runner(threads: {threads:?}, on_error: {on_error:?}, retries: {retries}, offer: {offer}, regenerate_stale: \
             {regenerates_stale})"
        )
    }
}
