// What Glibc's Swift module lacks: epoll, accept4, eventfd, CLOCK_BOOTTIME, timerfd, SO_PEERCRED, renameat2.
#ifndef CLINUX_H
#define CLINUX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/types.h>

/// Nanoseconds since boot, suspended time included (CLOCK_BOOTTIME, clock_gettime(2)).
/// Read through the vDSO: no system call.
int64_t clinux_boot_time_ns(void);

/// timerfd_create(2) on CLOCK_BOOTTIME, disarmed, with TFD_NONBLOCK and TFD_CLOEXEC. -1 and errno on failure.
int clinux_boot_timer(void);

/// Arms a timer of `clinux_boot_timer` for `ns` since boot, at once where that has passed; 0 disarms it. 0, or -1 and errno.
int clinux_boot_timer_set(int timer, int64_t ns);

/// A timer on CLOCK_REALTIME that never expires and whose read(2) fails with ECANCELED after each discontinuous change
/// of that clock and each resume from suspend (TFD_TIMER_CANCEL_ON_SET, timerfd_create(2)); TFD_NONBLOCK and TFD_CLOEXEC.
/// -1 and errno on failure.
int clinux_clock_watch(void);

/// accept4(2) with SOCK_NONBLOCK and SOCK_CLOEXEC. -1 and errno on failure.
int clinux_accept(int listener);

/// The peer's uid, gid and pid at connect time (SO_PEERCRED, unix(7)). 0, or -1 and errno.
int clinux_peer_credentials(int fd, uid_t *uid, gid_t *gid, pid_t *pid);

/// epoll_create1(2) with EPOLL_CLOEXEC. -1 and errno on failure.
int clinux_epoll_create(void);

/// epoll_ctl(2) for one descriptor with 64 bits of user data.
int clinux_epoll_control(int epoll, int operation, int fd, uint32_t events, uint64_t data);

/// The user data of one ready event; struct epoll_event's union is not visible to Swift.
static inline uint64_t clinux_epoll_data(const struct epoll_event *event) { return event->data.u64; }

/// Names the calling thread for ps(1) and debuggers, cut at 15 bytes (PR_SET_NAME, prctl(2)).
void clinux_name_thread(const char *name);

/// eventfd(2) with EFD_NONBLOCK and EFD_CLOEXEC. -1 and errno on failure.
int clinux_eventfd(void);

/// renameat2(2) with RENAME_NOREPLACE: EEXIST where something is at `to`. 0, or -1 and errno.
int clinux_rename_new(const char *from, const char *to);

/// renameat2(2) with RENAME_EXCHANGE: the two names trade what they name. 0, or -1 and errno.
int clinux_rename_exchange(const char *left, const char *right);

/// Asks the processor to bring `size` bytes into its cache; no fault, whatever the address. Lines come side by side
/// where reading them would wait for one after the other.
static inline void clinux_prefetch(const void *start, size_t size) {
    for (size_t offset = 0; offset < size; offset += 64) __builtin_prefetch((const char *)start + offset);
}

#endif
