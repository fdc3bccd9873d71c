/* A file system for SQLite (a VFS, which all databases of the process use that are opened after the first watch) that remembers of
 * files in watched folders what was synchronised and what was not. Everything else is done by the system's own. */
#pragma once

/* Remembers from here on what becomes of the files of databases in `folder`, in which there is none yet.
 * Returns 0, or another number when there is no such file system to be had. */
int power_cut_watch(const char *folder);

/* Writes into `target` what the disk would hold of the files in `folder` if the power went at this moment: what was synchronised, and
 * of what was written since then nothing when `seed` is 0, else whatever the seed chooses, in parts where it so chooses.
 * Returns 0, or another number when it cannot be written. */
int power_cut(const char *folder, const char *target, unsigned seed);

/* Lets no write into files of `folder` that are open go through from here on, or lets all again: as when the system has mounted a
 * disk anew, for reading alone, after an error of its own. */
void power_cut_protect(const char *folder, int is_on);

/* Forgets the files of `folder`; those that are open are written to as without a watch. */
void power_cut_forget(const char *folder);
