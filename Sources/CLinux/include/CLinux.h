#pragma once
// What Swift's Glibc module does not import of Linux: variadic system calls, structures behind feature macros, macros
// with casts. Every function returns what the call returns and leaves the reason in errno.
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// openat2(2) with RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS; O_CLOEXEC is always added.
int fumikura_openat_beneath(int directory, const char *path, int flags);

/// SO_PEERCRED. Returns 0, or -1 with errno.
int fumikura_peer_credentials(int socket, uint32_t *pid, uint32_t *uid, uint32_t *gid);

/// SO_PEERGROUPS: fills up to `capacity` groups; returns how many there are (which may be more), or -1 with errno.
int fumikura_peer_groups(int socket, uint32_t *groups, int capacity);

/// Sets this thread's scheduling to SCHED_BATCH, nice `nice` and, where `idle_io`, the idle IO class.
int fumikura_thread_background(int nice, bool idle_io);

/// Sends one byte and, where `descriptor` >= 0, that descriptor over a Unix socket (SCM_RIGHTS).
ssize_t fumikura_send_descriptor(int socket, const void *bytes, size_t count, int descriptor);

/// Receives up to `count` bytes and at most one descriptor (-1 where none came), which gets O_CLOEXEC.
ssize_t fumikura_receive_descriptor(int socket, void *bytes, size_t count, int *descriptor);

/// Drops every capability from the bounding, ambient, permitted, effective and inheritable sets and sets
/// no_new_privs and "not dumpable". Returns 0, or -1 with errno. Safe without privileges.
int fumikura_drop_privileges(void);

/// PR_SET_PDEATHSIG.
int fumikura_die_with_parent(int signal);

/// Starts `path` with `argv` (NULL-terminated) in a child whose descriptors 0..count-1 are `descriptors[0..count-1]` and
/// which holds no other. The signal mask is emptied and dispositions are reset. `environment` is NULL-terminated.
/// Returns the child's pid, or -1 with errno (also where exec fails).
pid_t fumikura_spawn(const char *path, char *const argv[], char *const environment[], const int *descriptors, int count);

/// statfs(2)'s f_type for a descriptor, or -1.
int64_t fumikura_filesystem_type(int descriptor);

/// O_PATH.
extern const int fumikura_o_path;

/// getxattr(2).
ssize_t fumikura_getxattr(const char *path, const char *name, void *bytes, size_t capacity);

/// From now on a crash (SIGABRT, SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE) that comes of a failed allocation, that is with
/// errno ENOMEM or where `probe` more bytes cannot be had, ends the process with exit status `status`; any other crash
/// stays one. Returns 0, or -1 with errno.
int fumikura_exit_on_exhaustion(int status, size_t probe);

/// accept4(2) without the peer's address: the new descriptor is non-blocking and has O_CLOEXEC. Returns it, or -1.
int fumikura_accept(int listening);

/// Waits until the child `pid`, which it does not reap, has ended; for `milliseconds` at most. Returns 1 if it has, 0 if
/// not, or -1 with errno.
int fumikura_await_exit(pid_t pid, int milliseconds);

/// mallopt(M_ARENA_MAX): the heap has at most so many arenas, however many threads there are. To be called before there
/// are several. Returns 0, or -1 where the C library knows no arenas.
int fumikura_limit_arenas(int count);

/// malloc_trim(0): gives free heap memory back to the system.
void fumikura_trim_heap(void);
