#define _GNU_SOURCE
#include "csandbox.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

enum { most_descriptors = 8 };

int sl_close_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}
int sl_change_folder(posix_spawn_file_actions_t *actions, const char *folder) {
    return posix_spawn_file_actions_addchdir_np(actions, folder);
}
int sl_limit_processes(void) { return RLIMIT_NPROC; }

pid_t sl_fork(void) { return fork(); }

int sl_thread_count(void) {
    DIR *folder = opendir("/proc/self/task");
    if (!folder) return -1;
    int count = 0;
    for (struct dirent *entry; (entry = readdir(folder));) count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

int sl_child_watch(void) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    if (sigprocmask(SIG_BLOCK, &signals, NULL) != 0) return -1;
    return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}
void sl_unblock_signals(void) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

bool sl_socket_pair(int ends[2]) { return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0; }

static int send_message(
    int end, const void *bytes, size_t count, const int *descriptors, int descriptor_count, int flags) {
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int) * most_descriptors)];
    } control;
    struct iovec part = {.iov_base = (void *)bytes, .iov_len = count};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (descriptor_count > most_descriptors) return EINVAL;
    if (descriptor_count > 0) {
        memset(&control, 0, sizeof control);
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(sizeof(int) * descriptor_count);
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof(int) * descriptor_count);
        memcpy(CMSG_DATA(head), descriptors, sizeof(int) * descriptor_count);
    }
    for (;;) {
        if (sendmsg(end, &message, MSG_NOSIGNAL | flags) >= 0) return 0;
        if (errno != EINTR) return errno;
    }
}
int sl_send(int end, const void *bytes, size_t count, const int *descriptors, int descriptor_count) {
    return send_message(end, bytes, count, descriptors, descriptor_count, 0);
}
int sl_try_send(int end, const void *bytes, size_t count) {
    return send_message(end, bytes, count, NULL, 0, MSG_DONTWAIT);
}

ssize_t sl_receive(
    int end, void *bytes, size_t capacity, int *descriptors, int *descriptor_count, int milliseconds) {
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int) * most_descriptors)];
    } control;
    int room = descriptor_count ? *descriptor_count : 0, taken = 0;
    if (descriptor_count) *descriptor_count = 0;
    struct iovec part = {.iov_base = bytes, .iov_len = capacity};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t count;
    for (;;) {
        /* Most often there is one already. */
        count = recvmsg(end, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
        if (count >= 0) break;
        if (errno == EINTR) continue;
        if (errno != EAGAIN && errno != EWOULDBLOCK) return -errno;
        struct pollfd event = {.fd = end, .events = POLLIN};
        int found = poll(&event, 1, milliseconds);
        if (found == 0) return -ETIMEDOUT;
        if (found < 0 && errno != EINTR) return -errno;
    }
    for (struct cmsghdr *head = CMSG_FIRSTHDR(&message); head; head = CMSG_NXTHDR(&message, head)) {
        if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) continue;
        int found = (int)((head->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        for (int index = 0; index < found; index++) {
            int descriptor;
            memcpy(&descriptor, CMSG_DATA(head) + index * sizeof(int), sizeof(int));
            if (taken < room)
                descriptors[taken++] = descriptor;
            else
                close(descriptor);
        }
    }
    if (descriptor_count) *descriptor_count = taken;
    if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
        for (int index = 0; index < taken; index++) close(descriptors[index]);
        if (descriptor_count) *descriptor_count = 0;
        return -EMSGSIZE;
    }
    return count;
}

int sl_shared_memory(const char *name, size_t size) {
    int descriptor = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (descriptor < 0) return -1;
    /* Whoever shrinks it would kill whoever reads it. */
    if (ftruncate(descriptor, (off_t)size) == 0 &&
        fcntl(descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
        return descriptor;
    int reason = errno;
    close(descriptor);
    errno = reason;
    return -1;
}

void sl_die_with_parent(void) { prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); }

/* In a child of a process with many threads: nothing here may wait for a lock. */
static void become(char *const arguments[], char *const environment[], int output, pid_t parent) {
    sl_die_with_parent();
    if (getppid() != parent) _exit(127);
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
    sl_unblock_signals();
    /* Where standard input or output is closed, these may have its number. */
    int nothing = fcntl(open("/dev/null", O_RDONLY), F_DUPFD, 3);
    output = fcntl(output, F_DUPFD, 3);
    if (dup2(nothing, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0) _exit(127);
    /* Whatever another part of the process has open and forgot to close at exec. */
    syscall(SYS_close_range, 3, ~0u, 0);
    execve(arguments[0], arguments, environment);
    _exit(127);
}

pid_t sl_spawn_bound(char *const arguments[], char *const environment[], int *answer) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    pid_t parent = getpid(), child = fork();
    if (child == 0) become(arguments, environment, ends[1], parent);
    int reason = errno;
    close(ends[1]);
    if (child < 0) close(ends[0]);
    *answer = ends[0];
    errno = reason;
    return child;
}

int sl_no_new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? 0 : errno; }

void sl_wait(void *word, uint32_t seen, int milliseconds) {
    struct timespec time = {.tv_sec = milliseconds / 1000, .tv_nsec = (long)(milliseconds % 1000) * 1000000};
    syscall(SYS_futex, word, FUTEX_WAIT, seen, &time, NULL, 0);
}
void sl_ring(void *word) { syscall(SYS_futex, word, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0); }

/* MARK: Traps */

static sl_gifts gifts;
/* Connections that were given out; a filter allows fewer descriptors than bits. */
static uint64_t connected;

const char *sl_certificates_path(void) { return "/etc/ssl/certs/ca-certificates.crt"; }

static long give_connection(void) {
    int given = gifts.connection;
    gifts.connection = -1;
    if (given < 0 && gifts.broker >= 0) {
        char word = 0;
        int count = 1, reason = sl_send(gifts.broker, &word, 1, NULL, 0);
        if (reason) return -reason;
        ssize_t size = sl_receive(gifts.broker, &word, 1, &given, &count, -1);
        if (size < 0) return size;
        if (count != 1) return -ECONNREFUSED;
    }
    if (given < 0) return -EACCES;
    if (given < 64) connected |= 1ull << given;
    return given;
}

static long answer(long call, const unsigned long *arguments) {
    switch (call) {
    case SYS_socket:
        if ((arguments[0] != AF_INET && arguments[0] != AF_INET6) || (arguments[1] & 0xf) != SOCK_STREAM)
            return -EACCES;
        return give_connection();
    case SYS_connect: return arguments[0] < 64 && connected >> arguments[0] & 1 ? 0 : -EACCES;
    case SYS_openat:
        if (gifts.certificates < 0 || strcmp((const char *)arguments[1], sl_certificates_path()) != 0) return -EACCES;
        if (lseek(gifts.certificates, 0, SEEK_SET) != 0) return -errno;
        int copy = dup(gifts.certificates);
        return copy < 0 ? -errno : copy;
    default: return -EPERM;
    }
}

static void on_trap(int number, siginfo_t *info, void *context) {
    (void)number;
    int kept = errno;
    ucontext_t *state = context;
#if defined(__x86_64__)
    greg_t *registers = state->uc_mcontext.gregs;
    unsigned long arguments[] = {
        (unsigned long)registers[REG_RDI], (unsigned long)registers[REG_RSI], (unsigned long)registers[REG_RDX]};
    registers[REG_RAX] = answer(info->si_syscall, arguments);
#elif defined(__aarch64__)
    unsigned long arguments[] = {
        state->uc_mcontext.regs[0], state->uc_mcontext.regs[1], state->uc_mcontext.regs[2]};
    state->uc_mcontext.regs[0] = (unsigned long)answer(info->si_syscall, arguments);
#else
#error "Trapped calls are answered on x86-64 and aarch64."
#endif
    errno = kept;
}

int sl_answer_traps(sl_gifts given) {
    gifts = given;
    struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO | SA_NODEFER};
    sigemptyset(&action.sa_mask);
    return sigaction(SIGSYS, &action, NULL) == 0 ? 0 : errno;
}
