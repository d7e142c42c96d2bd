// Decides which operations belong to which watch, what a watch remembers of them and when one must fail. One lock
// orders everything watched, and is held across the operation itself, so that the steps stand in the order of their
// effects; what is not watched never waits under it.
#define _GNU_SOURCE
#include "Watch.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct watch {
    bool is_used, is_active, is_recording, was_reached;
    char root[PATH_MAX];
    struct disktrace_fault fault;
    uint64_t matched;
    /// What is left to write after a short write.
    struct {
        bool is_due;
        char path[PATH_MAX];
        uint64_t offset;
    } rest;
    struct disktrace_step *steps;
    size_t count, capacity;
};

/// More tests than a machine of this decade runs side by side.
enum { watch_limit = 64 };

atomic_int disktrace_active;
static struct watch watches[watch_limit];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/// Whether this thread is in an operation already.
static _Thread_local bool is_inside;

/// The part of a path below the root, "" for the root itself; NULL where it is elsewhere.
static const char *below(const struct watch *watch, const char *path) {
    size_t length = strlen(watch->root);
    if (strncmp(path, watch->root, length) != 0) return NULL;
    if (path[length] == '/') return path + length + 1;
    return path[length] == 0 ? path + length : NULL;
}

static bool is_watched(const char *path) {
    for (int i = 0; i < watch_limit; i++)
        if (watches[i].is_active && below(&watches[i], path) != NULL) return true;
    return false;
}

// MARK: Where an operation takes place

static bool resolve_descriptor(int fd, char path[PATH_MAX]) {
    char link[32];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length <= 0) return false;
    path[length] = 0;
    return path[0] == '/';
}

/// The last component is not followed if it is a symbolic link.
static bool resolve_path(int directory, const char *path, char result[PATH_MAX]) {
    char whole[PATH_MAX], parent[PATH_MAX];
    if (path == NULL) return false;
    int length;
    if (path[0] == '/') {
        length = snprintf(whole, sizeof whole, "%s", path);
    } else {
        if (directory == AT_FDCWD ? getcwd(parent, sizeof parent) == NULL : !resolve_descriptor(directory, parent))
            return false;
        length = snprintf(whole, sizeof whole, "%s/%s", parent, path);
    }
    if (length >= (int)sizeof whole) return false;
    while (length > 1 && whole[length - 1] == '/') whole[--length] = 0;
    char *name = strrchr(whole, '/');
    if (name == NULL || strcmp(name, "/.") == 0 || strcmp(name, "/..") == 0) return realpath(whole, result) != NULL;
    *name++ = 0;
    if (realpath(name - 1 == whole ? "/" : whole, parent) == NULL) return false;
    return snprintf(result, PATH_MAX, "%s/%s", strcmp(parent, "/") == 0 ? "" : parent, name) < PATH_MAX;
}

/// Takes the lock if the place is watched.
static bool enter(const struct place *place) {
    pthread_mutex_lock(&lock);
    if (is_watched(place->path) || (place->target[0] != 0 && is_watched(place->target))) {
        is_inside = true;
        return true;
    }
    pthread_mutex_unlock(&lock);
    return false;
}

bool enter_descriptor(int fd, struct place *place) {
    if (is_inside) return false;
    int error = errno;
    place->target[0] = 0;
    struct stat status;
    // A file without a name has no place; the link would say "(deleted)".
    bool has_place = resolve_descriptor(fd, place->path) && fstat(fd, &status) == 0 && status.st_nlink > 0;
    errno = error;
    return has_place && enter(place);
}

bool enter_path(int directory, const char *path, struct place *place) {
    if (is_inside) return false;
    int error = errno;
    place->target[0] = 0;
    bool has_place = resolve_path(directory, path, place->path);
    errno = error;
    return has_place && enter(place);
}

bool enter_paths(int from_directory, const char *from, int to_directory, const char *to, struct place *place) {
    if (is_inside) return false;
    int error = errno;
    bool have_places =
        resolve_path(from_directory, from, place->path) && resolve_path(to_directory, to, place->target);
    errno = error;
    return have_places && enter(place);
}

void leave(void) {
    is_inside = false;
    pthread_mutex_unlock(&lock);
}

// MARK: Faults

static int fault_in(
    struct watch *watch, const struct place *place, enum disktrace_class class, uint64_t offset, size_t *count) {
    const struct disktrace_fault *fault = &watch->fault;
    if (watch->rest.is_due && class == disktrace_class_write) {
        watch->rest.is_due = false;
        if (watch->rest.offset == offset && strcmp(watch->rest.path, place->path) == 0) return fault->error;
    }
    if ((fault->classes & class) == 0 || ++watch->matched < fault->nth) return 0;
    if (watch->matched > fault->nth) return fault->is_sticky ? fault->error : 0;
    watch->was_reached = true;
    if (!fault->is_short || class != disktrace_class_write || *count < 2) return fault->error;
    *count /= 2;
    watch->rest.is_due = true;
    watch->rest.offset = offset + *count;
    strcpy(watch->rest.path, place->path);
    return 0;
}

int fault_of(const struct place *place, enum disktrace_class class, uint64_t offset, size_t *count) {
    for (int i = 0; i < watch_limit; i++) {
        struct watch *watch = &watches[i];
        if (!watch->is_active || watch->fault.nth == 0 || below(watch, place->path) == NULL) continue;
        int error = fault_in(watch, place, class, offset, count);
        if (error != 0) return error;
    }
    return 0;
}

// MARK: Steps

static void append(
    struct watch *watch, enum disktrace_kind kind, int failure, const char *path, const char *target, uint64_t offset,
    const void *bytes, size_t count) {
    if (watch->count == watch->capacity) {
        watch->capacity = watch->capacity == 0 ? 256 : 2 * watch->capacity;
        watch->steps = realloc(watch->steps, watch->capacity * sizeof *watch->steps);
        if (watch->steps == NULL) abort();
    }
    uint8_t *copy = malloc(count + 1);
    if (copy == NULL) abort();
    if (count > 0) memcpy(copy, bytes, count);
    watch->steps[watch->count++] = (struct disktrace_step){
        .kind = kind, .failure = failure, .offset = offset, .count = count, .path = strdup(path),
        .target = strdup(target), .bytes = copy};
}

void record(
    const struct place *place, enum disktrace_kind kind, int failure, uint64_t offset, const void *bytes,
    size_t count) {
    for (int i = 0; i < watch_limit; i++) {
        struct watch *watch = &watches[i];
        if (!watch->is_active || !watch->is_recording) continue;
        const char *path = below(watch, place->path);
        if (path == NULL) continue;
        const char *target = place->target[0] == 0 ? "" : below(watch, place->target);
        // Moved out of sight.
        if (target == NULL) append(watch, disktrace_unlink, failure, path, "", 0, NULL, 0);
        else append(watch, kind, failure, path, target, offset, bytes, count);
    }
}

// MARK: The test's side

int disktrace_begin(const char *directory, bool is_recording, struct disktrace_fault fault) {
    char root[PATH_MAX];
    if (realpath(directory, root) == NULL) return -1;
    pthread_mutex_lock(&lock);
    int number = 0;
    while (number < watch_limit && watches[number].is_used) number++;
    if (number == watch_limit) {
        number = -1;
    } else {
        watches[number] =
            (struct watch){.is_used = true, .is_active = true, .is_recording = is_recording, .fault = fault};
        strcpy(watches[number].root, root);
        atomic_fetch_add(&disktrace_active, 1);
    }
    pthread_mutex_unlock(&lock);
    return number;
}

void disktrace_stop(int watch) {
    pthread_mutex_lock(&lock);
    watches[watch].is_active = false;
    atomic_fetch_sub(&disktrace_active, 1);
    pthread_mutex_unlock(&lock);
}

void disktrace_end(int number) {
    pthread_mutex_lock(&lock);
    struct watch *watch = &watches[number];
    for (size_t i = 0; i < watch->count; i++) {
        free((void *)watch->steps[i].path);
        free((void *)watch->steps[i].target);
        free((void *)watch->steps[i].bytes);
    }
    free(watch->steps);
    watch->is_used = false;
    pthread_mutex_unlock(&lock);
}

bool disktrace_was_reached(int watch) {
    pthread_mutex_lock(&lock);
    bool was_reached = watches[watch].was_reached;
    pthread_mutex_unlock(&lock);
    return was_reached;
}

uint64_t disktrace_matched(int watch) {
    pthread_mutex_lock(&lock);
    uint64_t matched = watches[watch].matched;
    pthread_mutex_unlock(&lock);
    return matched;
}

size_t disktrace_step_count(int watch) { return watches[watch].count; }

const struct disktrace_step *disktrace_step_at(int watch, size_t index) { return &watches[watch].steps[index]; }

void disktrace_note(int watch, const char *text) {
    pthread_mutex_lock(&lock);
    if (watches[watch].is_active) append(&watches[watch], disktrace_note_kind, 0, text, "", 0, NULL, 0);
    pthread_mutex_unlock(&lock);
}
