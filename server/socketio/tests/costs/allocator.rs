//! Counts what the process allocates: how often on the threads of a server, and what is in use by size.
#![expect(
    unsafe_code,
    reason = "an allocator is unsafe by nature; this one only counts"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fmt::Write;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);
static IN_USE_BYTES: AtomicI64 = AtomicI64::new(0);
static IN_USE: [AtomicI64; SIZES] = [const { AtomicI64::new(0) }; SIZES];

/// Exact up to here; everything larger is counted together.
const SIZES: usize = 16 * 1024;

thread_local! {
    static COUNTED: Cell<bool> = const { Cell::new(false) };
    static OWN: Cell<Option<u64>> = const { Cell::new(None) };
}

/// From now on what this thread allocates is counted.
pub(crate) fn count_this_thread() {
    COUNTED.set(true);
}

/// Allocations, and growths of allocations, on the threads that are counted.
pub(crate) fn allocations() -> u64 {
    ALLOCATIONS.load(Ordering::SeqCst)
}

/// How often the calling thread allocates in `run`.
pub(crate) fn allocations_of(run: impl FnOnce()) -> u64 {
    OWN.set(Some(0));
    run();
    OWN.take().unwrap_or_default()
}

/// What the whole process holds.
pub(crate) struct InUse {
    pub(crate) bytes: i64,
    sizes: Vec<i64>,
}

impl InUse {
    pub(crate) fn now() -> Self {
        let sizes = IN_USE.iter().map(|count| count.load(Ordering::SeqCst)).collect();
        // Read last: the list of sizes is in use itself.
        let bytes = IN_USE_BYTES.load(Ordering::SeqCst) - (SIZES * size_of::<i64>()) as i64;
        Self { bytes, sizes }
    }

    /// How many of which size there are more than in `before`, for each of `among`.
    pub(crate) fn table(&self, before: &Self, among: usize) -> String {
        let mut table = String::new();
        for (size, (now, before)) in self.sizes.iter().zip(&before.sizes).enumerate() {
            let each = (now - before) as f64 / among as f64;
            if each.abs() > 0.05 {
                let _ = writeln!(table, "{each:8.2} of {size} bytes");
            }
        }
        table
    }
}

fn grow(bytes: usize) {
    IN_USE_BYTES.fetch_add(bytes as i64, Ordering::SeqCst);
    IN_USE[bytes.min(SIZES - 1)].fetch_add(1, Ordering::SeqCst);
    OWN.set(OWN.get().map(|count| count + 1));
    if COUNTED.get() {
        ALLOCATIONS.fetch_add(1, Ordering::SeqCst);
    }
}

fn shrink(bytes: usize) {
    IN_USE_BYTES.fetch_sub(bytes as i64, Ordering::SeqCst);
    IN_USE[bytes.min(SIZES - 1)].fetch_sub(1, Ordering::SeqCst);
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
