#define _GNU_SOURCE
#include "CLinux.h"

#include <malloc.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/ioprio.h>
#include <linux/openat2.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <sys/wait.h>
#include <unistd.h>

int fumikura_openat_beneath(int directory, const char *path, int flags) {
  struct open_how how = {
      .flags = (uint64_t)(flags | O_CLOEXEC),
      .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
  };
  long result;
  do {
    result = syscall(SYS_openat2, directory, path, &how, sizeof how);
    // EAGAIN: a rename raced with RESOLVE_BENEATH's check; openat2(2) says to try again.
  } while (result < 0 && (errno == EINTR || errno == EAGAIN));
  return (int)result;
}

int fumikura_peer_credentials(int socket, uint32_t *pid, uint32_t *uid, uint32_t *gid) {
  struct ucred credentials;
  socklen_t length = sizeof credentials;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) < 0) return -1;
  *pid = (uint32_t)credentials.pid;
  *uid = credentials.uid;
  *gid = credentials.gid;
  return 0;
}

int fumikura_peer_groups(int socket, uint32_t *groups, int capacity) {
  socklen_t length = (socklen_t)((size_t)capacity * sizeof(gid_t));
  if (getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups, &length) < 0 && errno != ERANGE) return -1;
  return (int)(length / sizeof(gid_t));
}

int fumikura_thread_background(int nice, bool idle_io) {
  struct sched_param parameters = {0};
  pid_t thread = (pid_t)syscall(SYS_gettid);
  if (sched_setscheduler(thread, SCHED_BATCH, &parameters) < 0) return -1;
  if (setpriority(PRIO_PROCESS, (id_t)thread, nice) < 0) return -1;
  if (idle_io && syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, thread, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0)) < 0)
    return -1;
  return 0;
}

ssize_t fumikura_send_descriptor(int socket, const void *bytes, size_t count, int descriptor) {
  struct iovec part = {.iov_base = (void *)bytes, .iov_len = count};
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int))];
  } control;
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (descriptor >= 0) {
    memset(&control, 0, sizeof control);
    message.msg_control = control.space;
    message.msg_controllen = sizeof control.space;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
  }
  ssize_t sent;
  do sent = sendmsg(socket, &message, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent;
}

ssize_t fumikura_receive_descriptor(int socket, void *bytes, size_t count, int *descriptor) {
  struct iovec part = {.iov_base = bytes, .iov_len = count};
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int))];
  } control;
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof control.space};
  *descriptor = -1;
  ssize_t received;
  do received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  while (received < 0 && errno == EINTR);
  if (received < 0) return received;
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header))
    if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS && header->cmsg_len == CMSG_LEN(sizeof(int)))
      memcpy(descriptor, CMSG_DATA(header), sizeof *descriptor);
  return received;
}

int fumikura_drop_privileges(void) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return -1;
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0) return -1;
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 && errno != EINVAL) return -1;
  // Needs CAP_SETPCAP, which an ordinary user lacks: no_new_privs makes the bounding set moot then.
  for (int capability = 0; capability <= 63; capability++)
    if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0 && errno == EINVAL) break;
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  struct __user_cap_data_struct none[2] = {{0}};
  return (int)syscall(SYS_capset, &header, none);
}

int fumikura_die_with_parent(int signal) { return prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0); }

pid_t fumikura_spawn(const char *path, char *const argv[], char *const environment[], const int *descriptors, int count) {
  int report[2];
  if (pipe2(report, O_CLOEXEC) < 0) return -1;
  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &before);
  pid_t child = fork();
  if (child == 0) {
    // Only async-signal-safe calls from here on: other threads' locks are held for ever in this copy.
    struct sigaction standard = {.sa_handler = SIG_DFL};
    for (int number = 1; number < NSIG; number++) sigaction(number, &standard, NULL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    int failure = 0;
    // First above everything that is to be overwritten, then down to the final numbers.
    int moved[16], status = fcntl(report[1], F_DUPFD_CLOEXEC, 64);
    if (count > 16 || status < 0) failure = EMFILE;
    for (int i = 0; i < count && !failure; i++) {
      moved[i] = fcntl(descriptors[i], F_DUPFD, 64);
      if (moved[i] < 0) failure = errno;
    }
    for (int i = 0; i < count && !failure; i++)
      if (dup2(moved[i], i) < 0) failure = errno;
    if (!failure) {
      // Everything but the wanted ones and the report pipe, which closes on exec.
      if (status > count) syscall(SYS_close_range, count, status - 1, 0);
      syscall(SYS_close_range, status + 1, ~0U, 0);
      execve(path, argv, environment);
      failure = errno;
    }
    ssize_t ignored = write(status >= 0 ? status : report[1], &failure, sizeof failure);
    (void)ignored;
    _exit(127);
  }
  sigprocmask(SIG_SETMASK, &before, NULL);
  int failure = child < 0 ? errno : 0;
  close(report[1]);
  if (child > 0) {
    int reason = 0;
    ssize_t got;
    do got = read(report[0], &reason, sizeof reason);
    while (got < 0 && errno == EINTR);
    if (got == sizeof reason) {
      failure = reason;
      while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
      }
    }
  }
  close(report[0]);
  if (failure) {
    errno = failure;
    return -1;
  }
  return child;
}

int64_t fumikura_filesystem_type(int descriptor) {
  struct statfs status;
  if (fstatfs(descriptor, &status) < 0) return -1;
  return (int64_t)(uint32_t)status.f_type;
}

const int fumikura_o_path = O_PATH;

ssize_t fumikura_getxattr(const char *path, const char *name, void *bytes, size_t capacity) {
  return getxattr(path, name, bytes, capacity);
}

static int exhaustion_status;
static size_t exhaustion_probe;

static void on_crash(int signal_number) {
  // Only system calls: the heap may be in any state.
  int before = errno;
  void *probe = mmap(NULL, exhaustion_probe, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (before == ENOMEM || probe == MAP_FAILED) _exit(exhaustion_status);
  // The handler was reset on entry: returning repeats a fault, and raise repeats an abort.
  raise(signal_number);
}

int fumikura_exit_on_exhaustion(int status, size_t probe) {
  // A stack that overflowed cannot hold a handler's frame.
  static char stack[1 << 16];
  stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
  if (sigaltstack(&alternate, NULL) < 0) return -1;
  exhaustion_status = status;
  exhaustion_probe = probe;
  static const int crashes[] = {SIGABRT, SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE};
  struct sigaction action = {.sa_handler = on_crash, .sa_flags = (int)(SA_ONSTACK | SA_RESETHAND)};
  for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
    if (sigaction(crashes[i], &action, NULL) < 0) return -1;
  return 0;
}

int fumikura_accept(int listening) { return accept4(listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK); }

int fumikura_await_exit(pid_t pid, int milliseconds) {
  int handle = (int)syscall(SYS_pidfd_open, pid, 0);
  if (handle < 0) return -1;
  struct pollfd poller = {.fd = handle, .events = POLLIN};
  int result;
  do result = poll(&poller, 1, milliseconds);
  while (result < 0 && errno == EINTR);
  int reason = errno;
  close(handle);
  errno = reason;
  return result;
}

int fumikura_limit_arenas(int count) {
#ifdef M_ARENA_MAX
  return mallopt(M_ARENA_MAX, count) == 1 ? 0 : -1;
#else
  (void)count;
  return -1;
#endif
}

void fumikura_trim_heap(void) {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}
