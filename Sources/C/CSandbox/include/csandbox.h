/* What other processes of ours need of the system and Swift cannot say: fork, death with the parent, descriptors over sockets,
 * memory that two processes share, and a handler of signals. Linux on x86-64 and aarch64. */
#pragma once
#include <spawn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Lets a process that is about to be spawned keep no descriptor from `first` on. Returns 0 or errno. */
int sl_close_from(posix_spawn_file_actions_t *actions, int first);
/* Lets it run in a folder. Returns 0 or errno. */
int sl_change_folder(posix_spawn_file_actions_t *actions, const char *folder);
/* The resource of setrlimit(2) that counts processes. */
int sl_limit_processes(void);

/* fork(2). Only for a process with one thread. */
pid_t sl_fork(void);
/* Threads of this process; -1 when that cannot be told. */
int sl_thread_count(void);

/* What becomes readable when a child ends; -1 with errno. The signal is blocked from then on; a child unblocks all. */
int sl_child_watch(void);
void sl_unblock_signals(void);

/* Two ends of a connection that keeps messages whole; false with errno. Closed by exec. */
bool sl_socket_pair(int ends[2]);
/* Sends one message with descriptors. Waits for room. Returns 0 or errno. */
int sl_send(int end, const void *bytes, size_t count, const int *descriptors, int descriptor_count);
/* Sends one message if there is room. Returns 0 or errno; EAGAIN: there is none. */
int sl_try_send(int end, const void *bytes, size_t count);
/* Receives one message, whole or not at all. Waits for `milliseconds` at most; -1: for ever.
 * Returns its bytes; 0 at the end; -ETIMEDOUT; another negative errno. Descriptors beyond the capacity are closed. */
ssize_t sl_receive(
    int end, void *bytes, size_t capacity, int *descriptors, int *descriptor_count, int milliseconds);

/* Memory that has no name and whose size nobody can change any more; -1 with errno. Closed by exec. */
int sl_shared_memory(const char *name, size_t size);

/* The caller dies when the thread that made it does. */
void sl_die_with_parent(void);
/* Starts a program that dies when the calling thread does. It reads nothing, and what it writes comes out of `answer`, which is
 * closed by exec. -1 with errno; the program ends with status 127 when it cannot be executed. */
pid_t sl_spawn_bound(char *const arguments[], char *const environment[], int *answer);
/* Nothing this process or a child of it executes may have more rights than it. Returns 0 or errno. */
int sl_no_new_privileges(void);

/* Waits until the low half of `word` is no longer `seen`, or someone rings, or the time is over. The word may be shared. */
void sl_wait(void *word, uint32_t seen, int milliseconds);
void sl_ring(void *word);

/* What a process behind a seccomp filter is given when the filter traps. */
typedef struct {
    /* Connections that are made already; each is given out once by socket(2). -1: none. */
    int connection;
    /* Where a connection is asked for by a byte, and comes from with one. -1: nowhere. */
    int broker;
    /* What is open instead of the list of trusted certificates. -1: it does not open. */
    int certificates;
} sl_gifts;

/* Answers trapped calls from now on: socket, connect and openat. All others fail with EPERM. Returns 0 or errno. */
int sl_answer_traps(sl_gifts gifts);
/* The list of certificates that `certificates` stands for. */
const char *sl_certificates_path(void);
