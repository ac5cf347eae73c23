//! Running the code of a step so that its thread takes over no other task meanwhile.
//!
//! A thread of rayon that waits for a part of its work runs other tasks of its pool in between. If it generates a payload,
//! such a task may ask for that very payload, which is below it on the same stack: the task can't wait for it. The thread
//! that runs a *part* of a generation may take over such a task too. So what a thread of rayon generates or loads runs in a
//! pool of its own. That pool has no other tasks. The thread itself waits and does nothing else, unless it is needed to
//! [help](crate::helping) an ordinary thread.

#[cfg(not(feature = "rayon"))]
pub(crate) fn isolated<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    run()
}

#[cfg(feature = "rayon")]
pub(crate) use with_rayon::isolated;

#[cfg(feature = "rayon")]
mod with_rayon {
    use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
    use std::process;
    use std::sync::mpsc::RecvTimeoutError;
    use std::sync::{Arc, mpsc};

    use persistable_base::fork::{Shared, Table};
    use rayon_core::{ThreadPool, ThreadPoolBuilder};
    use tracing::dispatcher;

    use crate::context::{self, Context, SharedContext};
    use crate::helping::Helper;
    use crate::stack::stack_bytes;
    use crate::waits::{Awaited, Work};

    /// A pool within a pool within a pool has one thread only from this depth on.
    const WIDE_DEPTHS: usize = 4;
    /// Below this depth things run where they are: a thread of a pool of one, which has no tasks but those of its work.
    const MOST_DEPTHS: usize = 16;
    /// If the pools of more than one thread have so many together, the next has one. That is at depth 0; at each depth below it is
    /// half.
    const MOST_THREADS: usize = 256;

    /// Runs work, on a pool of its own where the caller is a thread of rayon.
    pub(crate) fn isolated<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
        if rayon_core::current_thread_index().is_none() {
            return run();
        }
        let mut context = context::current();
        let Some(pool) = Pool::take(context.depth) else { return run() };
        let work = Work::begin();
        context.depth += 1;
        context.claim = Some(work.id());
        pool.context.with(|present| *present = context);
        let (send, receive) = mpsc::sync_channel(1);
        let (dispatch, span) = (dispatcher::get_default(Clone::clone), tracing::Span::current());
        pool.threads.spawn(move || {
            let work = || span.in_scope(|| context::leading_pool(run));
            let done = catch_unwind(AssertUnwindSafe(|| dispatcher::with_default(&dispatch, work)));
            let _ = send.send(done);
        });
        let helper = Helper::begin();
        let done = loop {
            match &helper {
                None => break receive.recv(),
                Some(helper) => match receive.recv_timeout(helper.pause()) {
                    Err(RecvTimeoutError::Timeout) => helper.help(Awaited::Work(work.id())),
                    done => break done.map_err(|_| mpsc::RecvError),
                },
            }
        };
        drop((helper, work));
        pool.give_back();
        match done {
            Ok(Ok(done)) => done,
            Ok(Err(panic)) => resume_unwind(panic),
            Err(_) => unreachable!("the pool lives, and runs what it was handed"),
        }
    }

    /// The pools of this process that nobody uses, and how many threads those have that somebody uses.
    #[derive(Default)]
    struct Pools {
        /// A forked child has none of the threads.
        process: u32,
        idle: Vec<Pool>,
        used_threads: [usize; WIDE_DEPTHS],
    }

    static POOLS: Table<Option<Pools>> = Table::new(None);

    fn with_pools<T>(act: impl FnOnce(&mut Pools) -> T) -> T {
        let mut pools = POOLS.lock();
        let pools = pools.get_or_insert_default();
        if pools.process != process::id() {
            std::mem::forget(std::mem::take(&mut pools.idle));
            *pools = Pools { process: process::id(), ..Pools::default() };
        }
        act(pools)
    }

    /// A pool whose threads all work for one who waits for it.
    struct Pool {
        threads: ThreadPool,
        context: SharedContext,
        count: usize,
        /// The stack of each thread.
        stack_bytes: usize,
        depth: usize,
        process: u32,
    }

    impl Pool {
        /// Returns a pool as wide as the caller's and with as much stack, or of one thread; `None` where none can be had.
        fn take(depth: usize) -> Option<Self> {
            if depth >= MOST_DEPTHS {
                return None;
            }
            let (wanted, stack_bytes) = (rayon_core::current_num_threads(), stack_bytes());
            let (count, idle) = with_pools(|pools| {
                let used = pools.used_threads.get_mut(depth);
                let count = used.map_or(1, |used| if *used < MOST_THREADS >> depth { wanted } else { 1 });
                if let Some(used) = pools.used_threads.get_mut(depth) {
                    *used += if count > 1 { count } else { 0 };
                }
                let index = pools.idle.iter().rposition(|pool| pool.count == count && pool.stack_bytes == stack_bytes);
                (count, index.map(|index| pools.idle.swap_remove(index)))
            });
            let pool = idle.or_else(|| Self::build(count, stack_bytes)).map(|pool| Self { depth, ..pool });
            if pool.is_none() {
                give_back_threads(depth, count);
            }
            pool
        }

        fn build(count: usize, stack_bytes: usize) -> Option<Self> {
            let context: SharedContext = Arc::new(Shared::new(Context::default()));
            let of_threads = Arc::clone(&context);
            let builder = ThreadPoolBuilder::new()
                .num_threads(count)
                .stack_size(stack_bytes)
                .thread_name(|index| format!("persistable-{index}"))
                .start_handler(move |_| context::join_pool(Arc::clone(&of_threads)));
            let threads = builder.build().ok()?;
            Some(Self { threads, context, count, stack_bytes, depth: 0, process: process::id() })
        }

        /// Lets others use the pool, or ends it where there are enough.
        fn give_back(self) {
            drop(self.context.with(std::mem::take));
            if self.process != process::id() {
                return std::mem::forget(self);
            }
            give_back_threads(self.depth, self.count);
            let _too_many = with_pools(|pools| {
                let idle: usize = pools.idle.iter().map(|pool| pool.count).sum();
                if idle + self.count > MOST_THREADS {
                    return Some(self);
                }
                pools.idle.push(self);
                None
            });
        }
    }

    fn give_back_threads(depth: usize, count: usize) {
        with_pools(|pools| {
            if let Some(used) = pools.used_threads.get_mut(depth)
                && count > 1
            {
                *used = used.saturating_sub(count);
            }
        });
    }
}
