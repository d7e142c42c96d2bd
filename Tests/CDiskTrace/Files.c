// Defines the functions of libc that work on an open file. Each passes straight on while nothing is watched.
#define _GNU_SOURCE
#include "Next.h"
#include "Watch.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

// MARK: Writing

typedef ssize_t (*write_function)(int, const void *, size_t);
typedef ssize_t (*pwrite_function)(int, const void *, size_t, off_t);

ssize_t write(int fd, const void *bytes, size_t count) {
    NEXT(write_function, write);
    struct place place;
    if (!IS_ACTIVE || !enter_descriptor(fd, &place)) return next(fd, bytes, count);
    int flags = fcntl(fd, F_GETFL);
    off_t offset = lseek(fd, 0, flags >= 0 && (flags & O_APPEND) ? SEEK_END : SEEK_CUR);
    int error = fault_of(&place, disktrace_class_write, (uint64_t)offset, &count);
    ssize_t written = error == 0 ? next(fd, bytes, count) : -1;
    if (written > 0) record(&place, disktrace_write, 0, (uint64_t)offset, bytes, (size_t)written);
    leave();
    if (error != 0) errno = error;
    return written;
}

static ssize_t positioned_write(pwrite_function next, int fd, const void *bytes, size_t count, off_t offset) {
    struct place place;
    if (!IS_ACTIVE || !enter_descriptor(fd, &place)) return next(fd, bytes, count, offset);
    int error = fault_of(&place, disktrace_class_write, (uint64_t)offset, &count);
    ssize_t written = error == 0 ? next(fd, bytes, count, offset) : -1;
    if (written > 0) record(&place, disktrace_write, 0, (uint64_t)offset, bytes, (size_t)written);
    leave();
    if (error != 0) errno = error;
    return written;
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
    NEXT(pwrite_function, pwrite);
    return positioned_write(next, fd, bytes, count, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset) {
    NEXT(pwrite_function, pwrite64);
    return positioned_write(next, fd, bytes, count, offset);
}

// MARK: Sizes

typedef int (*truncate_function)(int, off_t);

static int resize(truncate_function next, int fd, off_t size) {
    struct place place;
    if (!IS_ACTIVE || !enter_descriptor(fd, &place)) return next(fd, size);
    size_t count = 0;
    int error = fault_of(&place, disktrace_class_truncate, 0, &count);
    int result = error == 0 ? next(fd, size) : -1;
    if (result == 0) record(&place, disktrace_truncate, 0, (uint64_t)size, NULL, 0);
    leave();
    if (error != 0) errno = error;
    return result;
}

int ftruncate(int fd, off_t size) {
    NEXT(truncate_function, ftruncate);
    return resize(next, fd, size);
}

int ftruncate64(int fd, off64_t size) {
    NEXT(truncate_function, ftruncate64);
    return resize(next, fd, size);
}

static uint64_t size_of(int fd) {
    struct stat status;
    return fstat(fd, &status) == 0 ? (uint64_t)status.st_size : 0;
}

typedef int (*allocate_function)(int, int, off_t, off_t);
typedef int (*posix_allocate_function)(int, off_t, off_t);

/// Allocates in one of the two ways and returns the error; the function that is not meant is NULL.
static int allocate(
    allocate_function next, posix_allocate_function posix, int fd, int mode, off_t offset, off_t length) {
    struct place place;
    bool is_watched = IS_ACTIVE && enter_descriptor(fd, &place);
    size_t count = 0;
    int error = is_watched ? fault_of(&place, disktrace_class_allocate, 0, &count) : 0;
    uint64_t before = is_watched ? size_of(fd) : 0;
    if (error == 0) {
        if (posix != NULL) error = posix(fd, offset, length);
        else if (next(fd, mode, offset, length) != 0) error = errno;
    }
    if (!is_watched) return error;
    uint64_t after = size_of(fd);
    if (after != before) record(&place, disktrace_allocate, 0, after, NULL, 0);
    leave();
    return error;
}

static int with_errno(int error) {
    if (error == 0) return 0;
    errno = error;
    return -1;
}

int fallocate(int fd, int mode, off_t offset, off_t length) {
    NEXT(allocate_function, fallocate);
    return with_errno(allocate(next, NULL, fd, mode, offset, length));
}

int fallocate64(int fd, int mode, off64_t offset, off64_t length) {
    NEXT(allocate_function, fallocate64);
    return with_errno(allocate(next, NULL, fd, mode, offset, length));
}

int posix_fallocate(int fd, off_t offset, off_t length) {
    NEXT(posix_allocate_function, posix_fallocate);
    return allocate(NULL, next, fd, 0, offset, length);
}

int posix_fallocate64(int fd, off64_t offset, off64_t length) {
    NEXT(posix_allocate_function, posix_fallocate64);
    return allocate(NULL, next, fd, 0, offset, length);
}

// MARK: Syncs

typedef int (*sync_function)(int);

static int sync_with(sync_function next, int fd) {
    struct place place;
    if (!IS_ACTIVE || !enter_descriptor(fd, &place)) return next(fd);
    struct stat status;
    bool is_directory = fstat(fd, &status) == 0 && S_ISDIR(status.st_mode);
    size_t count = 0;
    int error = fault_of(&place, disktrace_class_sync, 0, &count);
    int result = error == 0 ? next(fd) : -1;
    if (error == 0 && result != 0) error = errno;
    record(&place, is_directory ? disktrace_sync_directory : disktrace_sync, error, 0, NULL, 0);
    leave();
    if (error != 0) errno = error;
    return result;
}

int fsync(int fd) {
    NEXT(sync_function, fsync);
    return sync_with(next, fd);
}

int fdatasync(int fd) {
    NEXT(sync_function, fdatasync);
    return sync_with(next, fd);
}

// MARK: Reading

typedef ssize_t (*read_function)(int, void *, size_t);
typedef ssize_t (*pread_function)(int, void *, size_t, off_t);

/// The error that a read must end with. Reads leave no step, and do not wait under the lock.
static int read_fault(int fd) {
    struct place place;
    if (!IS_ACTIVE || !enter_descriptor(fd, &place)) return 0;
    size_t count = 0;
    int error = fault_of(&place, disktrace_class_read, 0, &count);
    leave();
    return error;
}

ssize_t read(int fd, void *bytes, size_t count) {
    NEXT(read_function, read);
    int error = read_fault(fd);
    return error == 0 ? next(fd, bytes, count) : with_errno(error);
}

ssize_t pread(int fd, void *bytes, size_t count, off_t offset) {
    NEXT(pread_function, pread);
    int error = read_fault(fd);
    return error == 0 ? next(fd, bytes, count, offset) : with_errno(error);
}

ssize_t pread64(int fd, void *bytes, size_t count, off64_t offset) {
    NEXT(pread_function, pread64);
    int error = read_fault(fd);
    return error == 0 ? next(fd, bytes, count, offset) : with_errno(error);
}
