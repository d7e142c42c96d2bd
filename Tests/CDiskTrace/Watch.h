// What the functions of libc ask of the watches.
#ifndef WATCH_H
#define WATCH_H

#include "CDiskTrace.h"

#include <limits.h>
#include <stdatomic.h>
#include <sys/types.h>

/// The number of watches under way.
extern atomic_int disktrace_active;

/// An operation's file, and a rename's new name, as absolute paths.
struct place {
    char path[PATH_MAX];
    char target[PATH_MAX];
};

/// Whether the file is watched; if so, the lock is held until `leave`.
bool enter_descriptor(int fd, struct place *place);
bool enter_path(int directory, const char *path, struct place *place);
bool enter_paths(int from_directory, const char *from, int to_directory, const char *to, struct place *place);

/// Gives the lock up; errno stays.
void leave(void);

/// The errno with which an operation must fail, else 0. May lower a write's `count`.
int fault_of(const struct place *place, enum disktrace_class class, uint64_t offset, size_t *count);

/// Adds a step to every recording that watches the place.
void record(
    const struct place *place, enum disktrace_kind kind, int failure, uint64_t offset, const void *bytes,
    size_t count);

#endif
