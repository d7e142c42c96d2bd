// Defines the functions of libc that work on names. Each passes straight on while nothing is watched.
#define _GNU_SOURCE
#include "Next.h"
#include "Watch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

// MARK: Opening

typedef int (*open_function)(const char *, int, ...);
typedef int (*openat_function)(int, const char *, int, ...);

/// Opens with the one of the two functions that is not NULL.
static int open_with(
    open_function next, openat_function next_at, int directory, const char *path, int flags, mode_t mode) {
    struct place place;
    bool is_watched = IS_ACTIVE && enter_path(directory, path, &place);
    struct stat status;
    bool exists = is_watched && fstatat(AT_FDCWD, place.path, &status, AT_SYMLINK_NOFOLLOW) == 0;
    bool creates = !exists && (flags & O_CREAT);
    bool empties = exists && (flags & O_TRUNC);
    size_t count = 0;
    int error = !is_watched ? 0
        : fault_of(
              &place,
              creates ? disktrace_class_create
              : empties ? disktrace_class_truncate : disktrace_class_open, 0, &count);
    int fd = -1;
    if (error != 0) errno = error;
    else fd = next != NULL ? next(path, flags, mode) : next_at(directory, path, flags, mode);
    if (!is_watched) return fd;
    if (fd >= 0 && creates) record(&place, disktrace_create, 0, 0, NULL, 0);
    if (fd >= 0 && empties) record(&place, disktrace_truncate, 0, 0, NULL, 0);
    leave();
    return fd;
}

/// The third argument, if the flags announce it (open(2)).
#define MODE(flags)                                     \
    mode_t mode = 0;                                    \
    if ((flags) & O_CREAT || ((flags) & O_TMPFILE) == O_TMPFILE) { \
        va_list arguments;                              \
        va_start(arguments, flags);                     \
        mode = va_arg(arguments, mode_t);               \
        va_end(arguments);                              \
    }

int open(const char *path, int flags, ...) {
    MODE(flags);
    NEXT(open_function, open);
    return open_with(next, NULL, AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    MODE(flags);
    NEXT(open_function, open64);
    return open_with(next, NULL, AT_FDCWD, path, flags, mode);
}

int openat(int directory, const char *path, int flags, ...) {
    MODE(flags);
    NEXT(openat_function, openat);
    return open_with(NULL, next, directory, path, flags, mode);
}

int openat64(int directory, const char *path, int flags, ...) {
    MODE(flags);
    NEXT(openat_function, openat64);
    return open_with(NULL, next, directory, path, flags, mode);
}

int creat(const char *path, mode_t mode) { return open(path, O_WRONLY | O_CREAT | O_TRUNC, mode); }

int creat64(const char *path, mode_t mode) { return open64(path, O_WRONLY | O_CREAT | O_TRUNC, mode); }

// MARK: Moving, deleting, making directories

typedef int (*rename_function)(const char *, const char *);
typedef int (*renameat_function)(int, const char *, int, const char *);
typedef int (*renameat2_function)(int, const char *, int, const char *, unsigned);
typedef int (*unlink_function)(const char *);
typedef int (*unlinkat_function)(int, const char *, int);
typedef int (*mkdir_function)(const char *, mode_t);
typedef int (*mkdirat_function)(int, const char *, mode_t);

/// After `enter`: fails or carries out, records and leaves.
#define CARRY_OUT(class, kind, call)                                \
    size_t count = 0;                                               \
    int error = fault_of(&place, class, 0, &count);                 \
    int result = error == 0 ? (call) : -1;                          \
    if (result == 0) record(&place, kind, 0, 0, NULL, 0);           \
    leave();                                                        \
    if (error != 0) errno = error;                                  \
    return result

int rename(const char *from, const char *to) {
    NEXT(rename_function, rename);
    struct place place;
    if (!IS_ACTIVE || !enter_paths(AT_FDCWD, from, AT_FDCWD, to, &place)) return next(from, to);
    CARRY_OUT(disktrace_class_rename, disktrace_rename, next(from, to));
}

int renameat(int from_directory, const char *from, int to_directory, const char *to) {
    NEXT(renameat_function, renameat);
    struct place place;
    if (!IS_ACTIVE || !enter_paths(from_directory, from, to_directory, to, &place))
        return next(from_directory, from, to_directory, to);
    CARRY_OUT(disktrace_class_rename, disktrace_rename, next(from_directory, from, to_directory, to));
}

int renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned flags) {
    NEXT(renameat2_function, renameat2);
    struct place place;
    if (!IS_ACTIVE || !enter_paths(from_directory, from, to_directory, to, &place))
        return next(from_directory, from, to_directory, to, flags);
    CARRY_OUT(disktrace_class_rename, disktrace_rename, next(from_directory, from, to_directory, to, flags));
}

int unlink(const char *path) {
    NEXT(unlink_function, unlink);
    struct place place;
    if (!IS_ACTIVE || !enter_path(AT_FDCWD, path, &place)) return next(path);
    CARRY_OUT(disktrace_class_unlink, disktrace_unlink, next(path));
}

int rmdir(const char *path) {
    NEXT(unlink_function, rmdir);
    struct place place;
    if (!IS_ACTIVE || !enter_path(AT_FDCWD, path, &place)) return next(path);
    CARRY_OUT(disktrace_class_unlink, disktrace_unlink, next(path));
}

int unlinkat(int directory, const char *path, int flags) {
    NEXT(unlinkat_function, unlinkat);
    struct place place;
    if (!IS_ACTIVE || !enter_path(directory, path, &place)) return next(directory, path, flags);
    CARRY_OUT(disktrace_class_unlink, disktrace_unlink, next(directory, path, flags));
}

int mkdir(const char *path, mode_t mode) {
    NEXT(mkdir_function, mkdir);
    struct place place;
    if (!IS_ACTIVE || !enter_path(AT_FDCWD, path, &place)) return next(path, mode);
    CARRY_OUT(disktrace_class_make_directory, disktrace_make_directory, next(path, mode));
}

int mkdirat(int directory, const char *path, mode_t mode) {
    NEXT(mkdirat_function, mkdirat);
    struct place place;
    if (!IS_ACTIVE || !enter_path(directory, path, &place)) return next(directory, path, mode);
    CARRY_OUT(disktrace_class_make_directory, disktrace_make_directory, next(directory, path, mode));
}
