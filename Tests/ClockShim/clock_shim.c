// The clocks of one process, turned by a test: loaded before libc (ld.so(8), LD_PRELOAD), it adds an offset to what
// clock_gettime(2) reads of CLOCK_BOOTTIME and CLOCK_REALTIME, and keeps timerfds on them true to the clock that the process
// sees, as the kernel does when a machine is suspended or its clock set. Nothing in tokend knows of it. libfaketime was
// rejected: it breaks timerfds.
//
// CLOCK_SHIM is the path of a socket that it listens at: a line is a command, and is carried out when it is answered.
//
//     suspend SECONDS   the machine sleeps: both clocks jump ahead
//     step SECONDS      the wall clock is stepped by so much
//     set SECONDS       the wall clock is set to so long after the epoch
//
// CLOCK_SHIM_STEP and CLOCK_SHIM_BOOT_ID: the step to begin with, and a file to read in place of the kernel's boot_id.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define MOST_DESCRIPTORS 1024
#define SECOND 1000000000LL

struct timer {
    int is_used;
    int clock;
    int flags;
    // What the process asked for, on the clock that it sees; 0 is disarmed.
    int64_t expiry;
    // The clock was set, and read(2) has not told yet.
    int is_canceled;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct timer timers[MOST_DESCRIPTORS];
static _Atomic int64_t boot_offset, wall_offset;

// libc's own; looked up at the first use, for other libraries' constructors run before ours.
#define REAL(type, name, parameters)                              \
    static type (*found_##name) parameters;                       \
    static type (*real_##name(void)) parameters {                 \
        if (!found_##name) found_##name = dlsym(RTLD_NEXT, #name); \
        return found_##name;                                      \
    }

REAL(int, clock_gettime, (clockid_t, struct timespec *))
REAL(int, timerfd_create, (int, int))
REAL(int, timerfd_settime, (int, int, const struct itimerspec *, struct itimerspec *))
REAL(ssize_t, read, (int, void *, size_t))
REAL(int, close, (int))
REAL(int, open, (const char *, int, ...))

static int64_t nanoseconds(struct timespec time) { return time.tv_sec * SECOND + time.tv_nsec; }

static struct timespec timespec(int64_t ns) {
    return (struct timespec){.tv_sec = ns / SECOND, .tv_nsec = ns % SECOND};
}

static int64_t offset(int clock) {
    if (clock == CLOCK_BOOTTIME) return boot_offset;
    return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE ? wall_offset : 0;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    int result = real_clock_gettime()(clock, time);
    if (result == 0 && offset(clock) != 0) *time = timespec(nanoseconds(*time) + offset(clock));
    return result;
}

// Called with the lock held. A canceled timer is made to expire, so that whoever polls it reads.
static int arm(int fd) {
    struct timer *timer = &timers[fd];
    int64_t expiry = timer->expiry == 0 ? 0 : timer->expiry - offset(timer->clock);
    if ((timer->expiry != 0 && expiry < 1) || timer->is_canceled) expiry = 1;
    struct itimerspec real = {.it_value = timespec(expiry)};
    return real_timerfd_settime()(fd, TFD_TIMER_ABSTIME, &real, NULL);
}

int timerfd_create(int clock, int flags) {
    int fd = real_timerfd_create()(clock, flags);
    if (fd < 0 || fd >= MOST_DESCRIPTORS || (clock != CLOCK_BOOTTIME && clock != CLOCK_REALTIME)) return fd;
    pthread_mutex_lock(&lock);
    timers[fd] = (struct timer){.is_used = 1, .clock = clock};
    pthread_mutex_unlock(&lock);
    return fd;
}

int timerfd_settime(int fd, int flags, const struct itimerspec *value, struct itimerspec *old) {
    int is_ours = fd >= 0 && fd < MOST_DESCRIPTORS && timers[fd].is_used;
    if (!is_ours || !(flags & TFD_TIMER_ABSTIME)) return real_timerfd_settime()(fd, flags, value, old);
    pthread_mutex_lock(&lock);
    timers[fd].flags = flags;
    timers[fd].expiry = nanoseconds(value->it_value);
    int result = arm(fd);
    pthread_mutex_unlock(&lock);
    return result;
}

ssize_t read(int fd, void *buffer, size_t size) {
    ssize_t result = real_read()(fd, buffer, size);
    if (fd < 0 || fd >= MOST_DESCRIPTORS || !timers[fd].is_used) return result;
    pthread_mutex_lock(&lock);
    int is_canceled = timers[fd].is_canceled && result > 0;
    if (is_canceled) {
        timers[fd].is_canceled = 0;
        arm(fd);
    }
    pthread_mutex_unlock(&lock);
    if (!is_canceled) return result;
    errno = ECANCELED;
    return -1;
}

int close(int fd) {
    if (fd >= 0 && fd < MOST_DESCRIPTORS) timers[fd].is_used = 0;
    return real_close()(fd);
}

int open(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    const char *boot_id = getenv("CLOCK_SHIM_BOOT_ID");
    if (boot_id && strcmp(path, "/proc/sys/kernel/random/boot_id") == 0) path = boot_id;
    return real_open()(path, flags, mode);
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));

// Moves the clocks and what hangs on them.
static void turn(int64_t boot, int64_t wall) {
    pthread_mutex_lock(&lock);
    boot_offset += boot;
    wall_offset += wall;
    for (int fd = 0; fd < MOST_DESCRIPTORS; fd++) {
        if (!timers[fd].is_used) continue;
        if (timers[fd].flags & TFD_TIMER_CANCEL_ON_SET) timers[fd].is_canceled = 1;
        if (timers[fd].expiry != 0) arm(fd);
    }
    pthread_mutex_unlock(&lock);
}

static int obey(char *line) {
    char word[16];
    double seconds;
    if (sscanf(line, "%15s %lf", word, &seconds) != 2) return 0;
    int64_t amount = (int64_t)(seconds * SECOND);
    if (strcmp(word, "suspend") == 0) {
        turn(amount, amount);
    } else if (strcmp(word, "step") == 0) {
        turn(0, amount);
    } else if (strcmp(word, "set") == 0) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        turn(0, amount - nanoseconds(now));
    } else {
        return 0;
    }
    return 1;
}

static void *serve(void *argument) {
    int listener = (int)(intptr_t)argument;
    for (;;) {
        int client = accept(listener, NULL, NULL);
        FILE *stream = client < 0 ? NULL : fdopen(client, "r+");
        char line[64];
        while (stream && fgets(line, sizeof line, stream)) {
            const char *answer = obey(line) ? "OK\n" : "ERR\n";
            if (write(client, answer, strlen(answer)) < 0) break;
        }
        if (stream) fclose(stream);
    }
    return NULL;
}

__attribute__((constructor)) static void begin(void) {
    const char *step = getenv("CLOCK_SHIM_STEP");
    if (step) wall_offset = (int64_t)(atof(step) * SECOND);
    const char *path = getenv("CLOCK_SHIM");
    if (!path) return;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    unlink(path);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 4) != 0) abort();
    // Signals are the program's: none may end in this thread.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t thread;
    if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)listener) != 0) abort();
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}
