// How a function that is defined anew reaches the one of libc.
#ifndef NEXT_H
#define NEXT_H

#include <dlfcn.h>
#include <stdatomic.h>

/// Declares `next`: libc's function of that name, looked up at the first call.
#define NEXT(type, name)                                            \
    static _Atomic(type) known;                                     \
    type next = atomic_load_explicit(&known, memory_order_relaxed); \
    if (__builtin_expect(next == NULL, 0)) {                        \
        next = (type)dlsym(RTLD_NEXT, #name);                       \
        atomic_store_explicit(&known, next, memory_order_relaxed);  \
    }

/// Whether anything is watched: all that a call costs when nothing is.
#define IS_ACTIVE (atomic_load_explicit(&disktrace_active, memory_order_relaxed) != 0)

#endif
