//! The system's allocator, which knows what the process and its threads ask of it. A test that wants to know declares
//!
//! ```text
//! #[global_allocator]
//! static ALLOCATOR: allocator::Counting = allocator::Counting;
//! ```
//!
//! and runs alone: all tests of a process share the counters. A growth counts as an allocation.
#![expect(
    unsafe_code,
    reason = "an allocator is unsafe by nature; this one only counts"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fmt::Write;
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering::SeqCst};

/// See the head of this file.
#[derive(Debug)]
pub struct Counting;

static LIVE_BYTES: AtomicUsize = AtomicUsize::new(0);
static PEAK_BYTES: AtomicUsize = AtomicUsize::new(0);
static LIVE: [AtomicI64; SIZES] = [const { AtomicI64::new(0) }; SIZES];
static COUNTED_ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

/// Exact up to here; everything larger is counted together.
const SIZES: usize = 16 * 1024;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
    static IS_COUNTED: Cell<bool> = const { Cell::new(false) };
}

/// Bytes that the whole process holds.
pub fn live_bytes() -> usize {
    LIVE_BYTES.load(SeqCst)
}

/// The most bytes that it has held since [`reset_peak`].
pub fn peak_bytes() -> usize {
    PEAK_BYTES.load(SeqCst)
}

/// Forgets the peak so far.
pub fn reset_peak() {
    PEAK_BYTES.store(live_bytes(), SeqCst);
}

/// How often the calling thread has allocated.
pub fn allocations() -> u64 {
    ALLOCATIONS.get()
}

/// How often it allocates in `run`.
pub fn allocations_of(run: impl FnOnce()) -> u64 {
    let before = allocations();
    run();
    allocations() - before
}

/// From now on the allocations of the calling thread count in [`counted_allocations`].
pub fn count_this_thread() {
    IS_COUNTED.set(true);
}

/// Allocations of all threads that are counted.
pub fn counted_allocations() -> u64 {
    COUNTED_ALLOCATIONS.load(SeqCst)
}

/// What the whole process holds at one moment, by size.
#[derive(Debug)]
pub struct InUse {
    /// All of it, without this list.
    pub bytes: i64,
    sizes: Vec<i64>,
}

impl InUse {
    /// What it holds now.
    pub fn now() -> Self {
        let sizes = LIVE.iter().map(|count| count.load(SeqCst)).collect();
        // Read last: the list of sizes is in use itself.
        let bytes = live_bytes() as i64 - (SIZES * size_of::<i64>()) as i64;
        Self { bytes, sizes }
    }

    /// How many of which size there are more than in `before`, for each of `among`.
    pub fn table(&self, before: &Self, among: usize) -> String {
        let mut table = String::new();
        for (size, (now, before)) in self.sizes.iter().zip(&before.sizes).enumerate() {
            let each = (now - before) as f64 / among as f64;
            if each.abs() > 0.05 {
                writeln!(table, "{each:8.2} of {size} bytes").expect("writing to a string succeeds");
            }
        }
        table
    }
}

fn grow(bytes: usize) {
    let live = LIVE_BYTES.fetch_add(bytes, SeqCst) + bytes;
    PEAK_BYTES.fetch_max(live, SeqCst);
    LIVE[bytes.min(SIZES - 1)].fetch_add(1, SeqCst);
    ALLOCATIONS.set(ALLOCATIONS.get() + 1);
    if IS_COUNTED.get() {
        COUNTED_ALLOCATIONS.fetch_add(1, SeqCst);
    }
}

fn shrink(bytes: usize) {
    LIVE_BYTES.fetch_sub(bytes, SeqCst);
    LIVE[bytes.min(SIZES - 1)].fetch_sub(1, SeqCst);
}

// SAFETY: everything is handed to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grow(layout.size());
        // SAFETY: as the caller promised to us.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        shrink(layout.size());
        // SAFETY: as the caller promised to us.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        shrink(layout.size());
        grow(size);
        // SAFETY: as the caller promised to us.
        unsafe { System.realloc(pointer, layout, size) }
    }
}
