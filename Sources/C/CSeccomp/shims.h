#pragma once
#include <seccomp.h>

/* Macros that the Swift importer skips, as constants. */
static const uint32_t sl_seccomp_kill = SCMP_ACT_KILL_PROCESS;
static const uint32_t sl_seccomp_trap = SCMP_ACT_TRAP;
static const uint32_t sl_seccomp_allow = SCMP_ACT_ALLOW;
static inline uint32_t sl_seccomp_errno(int number) { return SCMP_ACT_ERRNO(number); }
