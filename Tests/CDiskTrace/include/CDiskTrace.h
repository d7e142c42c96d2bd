// Decides what a test may see and spoil of the file operations of its own process: those on files below a directory,
// whoever makes them. The functions of libc are defined anew in the test binary, whose symbols win over every shared
// library's, so neither SQLite nor our own code knows.
//
// Not seen: writes through mmap(2) (SQLite's index, which it never trusts after a crash), and what libc does inside
// itself (stdio, mkstemp).
#ifndef CDISKTRACE_H
#define CDISKTRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// What a step did. Its path is relative to the watched directory, which is itself "".
enum disktrace_kind {
    disktrace_create,
    /// `bytes` at `offset`.
    disktrace_write,
    /// To the size `offset`.
    disktrace_truncate,
    /// Grew to the size `offset`, with zeros.
    disktrace_allocate,
    /// fsync or fdatasync of a file; lost if `failure` is set.
    disktrace_sync,
    disktrace_sync_directory,
    /// To `target`.
    disktrace_rename,
    disktrace_unlink,
    disktrace_make_directory,
    /// `path` is the text.
    disktrace_note_kind,
};

/// Which operations a fault counts, as bits.
enum disktrace_class {
    disktrace_class_create = 1,
    disktrace_class_write = 2,
    disktrace_class_truncate = 4,
    disktrace_class_allocate = 8,
    disktrace_class_sync = 16,
    disktrace_class_rename = 32,
    disktrace_class_unlink = 64,
    disktrace_class_make_directory = 128,
    disktrace_class_open = 256,
    disktrace_class_read = 512,
};

struct disktrace_step {
    int32_t kind;
    /// The errno of a sync that failed, else 0.
    int32_t failure;
    uint64_t offset;
    size_t count;
    const char *path;
    const char *target;
    const uint8_t *bytes;
};

struct disktrace_fault {
    /// Bits of `disktrace_class`.
    uint32_t classes;
    int32_t error;
    /// The first counted operation that fails, from 1.
    uint64_t nth;
    /// Whether the later ones fail as well.
    bool is_sticky;
    /// A write stores half of its bytes and says so; the attempt to write the rest fails.
    bool is_short;
};

/// Begins to watch what is below a directory, which must exist; several watches are independent of each other.
/// Returns its number, or -1.
int disktrace_begin(const char *directory, bool is_recording, struct disktrace_fault fault);

/// Stops watching; the steps stay readable.
void disktrace_stop(int watch);

/// Forgets a stopped watch.
void disktrace_end(int watch);

/// Whether the fault's first failure came to pass.
bool disktrace_was_reached(int watch);

/// The number of operations that the fault has counted.
uint64_t disktrace_matched(int watch);

size_t disktrace_step_count(int watch);

/// Valid until `disktrace_end`; of a stopped watch only.
const struct disktrace_step *disktrace_step_at(int watch, size_t index);

/// Puts a text between the steps.
void disktrace_note(int watch, const char *text);

#endif
