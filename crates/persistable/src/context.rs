//! What a thread works for: the claim that it holds, and the generation that it is in.
//!
//! Both nest, since a generation asks for the payloads of other steps. The threads of an [isolated](crate::isolated) pool
//! work for whoever handed the work to the pool. Threads that a step starts itself work for nobody, as far as is known here.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use persistable_base::fork::Shared;

use crate::frame::Frame;

/// A number of its own for each claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ClaimId(u64);

impl ClaimId {
    pub(crate) fn new() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Self(LAST.fetch_add(1, Ordering::Relaxed))
    }
}

/// What a thread works for.
#[derive(Clone, Default)]
pub(crate) struct Context {
    /// The innermost claim.
    pub claim: Option<ClaimId>,
    /// The innermost generation.
    pub frame: Option<Arc<Frame>>,
    /// How many isolated pools there are around.
    #[cfg(feature = "rayon")]
    pub depth: usize,
}

/// What all threads of a pool work for.
pub(crate) type SharedContext = Arc<Shared<Context>>;

#[derive(Default)]
struct OfThread {
    entered: Vec<(u64, Context)>,
    /// Entries so far.
    count: u64,
    pool: Option<SharedContext>,
    /// Whether it was handed the work of the pool, and so enters for the pool's other threads as well.
    leads_pool: bool,
}

thread_local! {
    static HERE: RefCell<OfThread> = const { RefCell::new(OfThread { entered: Vec::new(), count: 0, pool: None, leads_pool: false }) };
}

impl OfThread {
    fn current(&self) -> Context {
        let of_pool = || self.pool.as_ref().map(|pool| pool.with(|context| context.clone())).unwrap_or_default();
        self.entered.last().map_or_else(of_pool, |(_, context)| context.clone())
    }
}

/// Returns what this thread works for.
pub(crate) fn current() -> Context {
    HERE.with_borrow(OfThread::current)
}

/// Enters a context, until what is returned is dropped. `for_pool` says whether the other threads of the pool enter it too.
pub(crate) fn enter(change: impl FnOnce(&mut Context), for_pool: bool) -> Entered {
    HERE.with_borrow_mut(|here| {
        let mut context = here.current();
        change(&mut context);
        let pool = here.pool.as_ref().filter(|_| for_pool && here.leads_pool);
        let of_pool = pool.map(|pool| {
            let before = pool.with(|present| std::mem::replace(present, context.clone()));
            (Arc::clone(pool), before)
        });
        here.count += 1;
        here.entered.push((here.count, context));
        Entered { id: here.count, of_pool, on_this_thread: PhantomData }
    })
}

/// A context that this thread is in, until it is dropped.
pub(crate) struct Entered {
    id: u64,
    of_pool: Option<(SharedContext, Context)>,
    on_this_thread: PhantomData<*const ()>,
}

impl Drop for Entered {
    fn drop(&mut self) {
        if let Some((pool, before)) = self.of_pool.take() {
            drop(pool.with(|present| std::mem::replace(present, before)));
        }
        let _ = HERE.try_with(|here| {
            let mut here = here.borrow_mut();
            let index = here.entered.iter().rposition(|(id, _)| *id == self.id)?;
            Some(here.entered.remove(index))
        });
    }
}

/// Lets this thread run other tasks of its pool, which work for nobody, as far as is known here.
#[cfg(feature = "rayon")]
pub(crate) fn at_rest<T>(run: impl FnOnce() -> T) -> T {
    let _entered = enter(|context| *context = Context::default(), false);
    run()
}

/// Whether this thread works for nobody, as far as is known here, and belongs to no isolated pool.
#[cfg(feature = "rayon")]
pub(crate) fn is_at_rest() -> bool {
    HERE.with_borrow(|here| {
        let context = here.current();
        here.pool.is_none() && context.claim.is_none() && context.frame.is_none()
    })
}

/// Says that this thread belongs to a pool.
#[cfg(feature = "rayon")]
pub(crate) fn join_pool(pool: SharedContext) {
    HERE.with_borrow_mut(|here| here.pool = Some(pool));
}

/// Does the work that was handed to this thread's pool.
#[cfg(feature = "rayon")]
pub(crate) fn leading_pool<T>(work: impl FnOnce() -> T) -> T {
    struct Done;
    impl Drop for Done {
        fn drop(&mut self) {
            HERE.with_borrow_mut(|here| here.leads_pool = false);
        }
    }
    HERE.with_borrow_mut(|here| here.leads_pool = true);
    let _done = Done;
    work()
}
