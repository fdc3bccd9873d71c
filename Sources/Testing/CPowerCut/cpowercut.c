#include "cpowercut.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A write that is not on the disk yet, or a truncation where there are no bytes.
struct change {
    struct change *next;
    sqlite3_int64 offset;
    int length;
    unsigned char bytes[];
};
// What the disk has of a file for certain, and what may come.
struct image {
    struct image *next;
    struct watch *watch;  // NULL: forgotten, and goes with its last user
    char *path;
    int users;
    unsigned char *bytes;
    sqlite3_int64 length, room;
    int is_named;  // whether the folder's entry is on the disk
    int is_deleted;
    struct change *first, **last;
};
struct watch {
    struct watch *next;
    char *folder;
    struct image *images;
    int is_protected;
};
struct file {
    sqlite3_file base;
    struct image *image;  // NULL: nobody watches it
    int is_folder_due;    // whether the next sync is one of the folder, too
    sqlite3_file *real;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct watch *watches;
static sqlite3_vfs *system_vfs;
static sqlite3_vfs vfs;

static void *allocate(size_t size) {
    void *memory = calloc(1, size);
    if (!memory) abort();
    return memory;
}

// What becomes of the images. With the mutex.

static void apply(struct image *image, sqlite3_int64 offset, const unsigned char *bytes, int length) {
    sqlite3_int64 end = offset + length;
    if (end > image->room) {
        image->room = 2 * end;
        image->bytes = realloc(image->bytes, (size_t)image->room);
        if (!image->bytes) abort();
    }
    if (offset > image->length) memset(image->bytes + image->length, 0, (size_t)(offset - image->length));
    memcpy(image->bytes + offset, bytes, (size_t)length);
    if (end > image->length) image->length = end;
}
static void truncate_image(struct image *image, sqlite3_int64 length) {
    if (length < image->length) image->length = length;
}
static void apply_change(struct image *image, const struct change *change, int length) {
    if (change->length == 0) truncate_image(image, change->offset);
    else apply(image, change->offset, change->bytes, length);
}
static void remember(struct image *image, sqlite3_int64 offset, const void *bytes, int length) {
    struct change *change = allocate(sizeof *change + (size_t)length);
    change->offset = offset;
    change->length = length;
    if (length > 0) memcpy(change->bytes, bytes, (size_t)length);
    *image->last = change;
    image->last = &change->next;
}
static void forget_changes(struct image *image) {
    while (image->first) {
        struct change *change = image->first;
        image->first = change->next;
        free(change);
    }
    image->last = &image->first;
}
// A file system that keeps a file keeps its name.
static void settle(struct image *image) {
    for (struct change *change = image->first; change; change = change->next)
        apply_change(image, change, change->length);
    forget_changes(image);
    image->is_named = !image->is_deleted;
}
static void settle_names(struct watch *watch) {
    for (struct image *image = watch->images; image; image = image->next) {
        image->is_named = !image->is_deleted;
        if (image->is_deleted) image->length = 0;
    }
}
static int is_protected(const struct image *image) { return image->watch && image->watch->is_protected; }
static void free_image(struct image *image) {
    forget_changes(image);
    free(image->bytes);
    free(image->path);
    free(image);
}

static struct watch *watch_of(const char *path) {
    for (struct watch *watch = watches; watch; watch = watch->next) {
        size_t length = strlen(watch->folder);
        if (strncmp(path, watch->folder, length) == 0 && path[length] == '/') return watch;
    }
    return NULL;
}
static struct image *image_of(const char *path) {
    struct watch *watch = path ? watch_of(path) : NULL;
    if (!watch) return NULL;
    struct image *image = watch->images;
    while (image && strcmp(image->path, path) != 0) image = image->next;
    if (image) return image;
    image = allocate(sizeof *image);
    image->path = strdup(path);
    image->watch = watch;
    image->last = &image->first;
    image->next = watch->images;
    watch->images = image;
    return image;
}

// The methods of a file.

#define FILE_OF(pointer) ((struct file *)(pointer))
#define REAL(pointer) (FILE_OF(pointer)->real)
#define FORWARD(pointer, method, ...) (REAL(pointer)->pMethods->method(REAL(pointer), ##__VA_ARGS__))

static int file_close(sqlite3_file *f) {
    pthread_mutex_lock(&mutex);
    struct image *image = FILE_OF(f)->image;
    if (image && --image->users == 0 && !image->watch) free_image(image);
    FILE_OF(f)->image = NULL;
    pthread_mutex_unlock(&mutex);
    return FORWARD(f, xClose);
}
static int file_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at) { return FORWARD(f, xRead, to, n, at); }
static int file_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at) {
    if (!FILE_OF(f)->image) return FORWARD(f, xWrite, from, n, at);
    pthread_mutex_lock(&mutex);
    int status = is_protected(FILE_OF(f)->image) ? SQLITE_IOERR_WRITE : FORWARD(f, xWrite, from, n, at);
    if (status == SQLITE_OK && n > 0 && FILE_OF(f)->image->watch) remember(FILE_OF(f)->image, at, from, n);
    pthread_mutex_unlock(&mutex);
    return status;
}
static int file_truncate(sqlite3_file *f, sqlite3_int64 size) {
    if (!FILE_OF(f)->image) return FORWARD(f, xTruncate, size);
    pthread_mutex_lock(&mutex);
    int status = is_protected(FILE_OF(f)->image) ? SQLITE_IOERR_TRUNCATE : FORWARD(f, xTruncate, size);
    if (status == SQLITE_OK && FILE_OF(f)->image->watch) remember(FILE_OF(f)->image, size, NULL, 0);
    pthread_mutex_unlock(&mutex);
    return status;
}
static int file_sync(sqlite3_file *f, int flags) {
    if (!FILE_OF(f)->image) return FORWARD(f, xSync, flags);
    pthread_mutex_lock(&mutex);
    int status = FORWARD(f, xSync, flags);
    if (status == SQLITE_OK) {
        settle(FILE_OF(f)->image);
        if (FILE_OF(f)->is_folder_due && FILE_OF(f)->image->watch) settle_names(FILE_OF(f)->image->watch);
        FILE_OF(f)->is_folder_due = 0;
    }
    pthread_mutex_unlock(&mutex);
    return status;
}
static int file_size(sqlite3_file *f, sqlite3_int64 *size) { return FORWARD(f, xFileSize, size); }
static int file_lock(sqlite3_file *f, int level) { return FORWARD(f, xLock, level); }
static int file_unlock(sqlite3_file *f, int level) { return FORWARD(f, xUnlock, level); }
static int file_reserved(sqlite3_file *f, int *out) { return FORWARD(f, xCheckReservedLock, out); }
static int file_control(sqlite3_file *f, int op, void *arg) { return FORWARD(f, xFileControl, op, arg); }
static int file_sector(sqlite3_file *f) { return FORWARD(f, xSectorSize); }
static int file_traits(sqlite3_file *f) { return FORWARD(f, xDeviceCharacteristics); }
static int file_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **out) {
    return FORWARD(f, xShmMap, page, size, extend, out);
}
static int file_shm_lock(sqlite3_file *f, int offset, int n, int flags) { return FORWARD(f, xShmLock, offset, n, flags); }
static void file_shm_barrier(sqlite3_file *f) { FORWARD(f, xShmBarrier); }
static int file_shm_unmap(sqlite3_file *f, int remove) { return FORWARD(f, xShmUnmap, remove); }

// Version 2: what is mapped into memory (3) would be written past us.
static const sqlite3_io_methods methods = {
    2, file_close, file_read, file_write, file_truncate, file_sync, file_size, file_lock, file_unlock, file_reserved,
    file_control, file_sector, file_traits, file_shm_map, file_shm_lock, file_shm_barrier, file_shm_unmap, NULL, NULL,
};

// The methods of the file system.

static int vfs_open(sqlite3_vfs *own, const char *path, sqlite3_file *f, int flags, int *out) {
    (void)own;
    FILE_OF(f)->real = (sqlite3_file *)(FILE_OF(f) + 1);
    FILE_OF(f)->image = NULL;
    FILE_OF(f)->is_folder_due = 0;
    int status = system_vfs->xOpen(system_vfs, path, REAL(f), flags, out);
    f->pMethods = REAL(f)->pMethods ? &methods : NULL;
    if (status != SQLITE_OK || (flags & SQLITE_OPEN_DELETEONCLOSE)) return status;
    pthread_mutex_lock(&mutex);
    struct image *image = image_of(path);
    if (image) {
        image->users++;
        if (image->is_deleted) image->is_deleted = image->is_named = image->length = 0;  // another file of that name
        FILE_OF(f)->image = image;
        // SQLite's own synchronises the folder with the first sync of these.
        int logs = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;
        FILE_OF(f)->is_folder_due = (flags & SQLITE_OPEN_CREATE) && (flags & logs);
    }
    pthread_mutex_unlock(&mutex);
    return status;
}
static int vfs_delete(sqlite3_vfs *own, const char *path, int is_folder_synced) {
    (void)own;
    pthread_mutex_lock(&mutex);
    int status = system_vfs->xDelete(system_vfs, path, is_folder_synced);
    struct image *image = status == SQLITE_OK ? image_of(path) : NULL;
    if (image) {
        forget_changes(image);
        image->is_deleted = 1;
        if (is_folder_synced) image->is_named = image->length = 0;
    }
    pthread_mutex_unlock(&mutex);
    return status;
}

static int install(void) {
    if (system_vfs) return 0;
    sqlite3_vfs *found = sqlite3_vfs_find(NULL);
    if (!found) return 1;
    vfs = *found;
    vfs.pNext = NULL;
    vfs.zName = "power cut";
    vfs.szOsFile = (int)sizeof(struct file) + found->szOsFile;
    vfs.xOpen = vfs_open;
    vfs.xDelete = vfs_delete;
    system_vfs = found;
    return sqlite3_vfs_register(&vfs, 1);
}

int power_cut_watch(const char *folder) {
    pthread_mutex_lock(&mutex);
    int status = install();
    struct watch *watch = allocate(sizeof *watch);
    watch->folder = strdup(folder);
    watch->next = watches;
    watches = watch;
    pthread_mutex_unlock(&mutex);
    return status;
}

static unsigned next(unsigned *state) {
    *state = *state * 1664525u + 1013904223u;  // Numerical Recipes, 7.1
    return *state >> 8;
}

// Source of 512: what a disk writes at once.
static void apply_some(struct image *image, const struct image *from, unsigned *state) {
    for (const struct change *change = from->first; change; change = change->next) {
        unsigned choice = next(state) % 3;
        if (choice == 0) continue;
        int length = choice == 1 ? change->length : (int)(next(state) % (unsigned)(change->length / 512 + 1)) * 512;
        if (change->length == 0 || length > 0) apply_change(image, change, length);
    }
}
static int write_image(const struct image *from, const char *folder, const char *target, unsigned *state) {
    struct image copy = {.path = from->path};
    copy.last = &copy.first;
    int is_there = from->is_named || (*state && next(state) % 2);
    if (from->is_deleted && *state && next(state) % 2) is_there = 0;
    if (!is_there) return 0;
    if (from->length > 0) apply(&copy, 0, from->bytes, (int)from->length);
    if (*state) apply_some(&copy, from, state);
    char path[4096];
    snprintf(path, sizeof path, "%s%s", target, from->path + strlen(folder));
    FILE *out = fopen(path, "w");
    if (!out) return 1;
    size_t written = copy.length > 0 ? fwrite(copy.bytes, 1, (size_t)copy.length, out) : 0;
    int status = fclose(out) != 0 || written != (size_t)copy.length;
    free(copy.bytes);
    return status;
}
int power_cut(const char *folder, const char *target, unsigned seed) {
    int status = 0;
    pthread_mutex_lock(&mutex);
    for (struct watch *watch = watches; watch; watch = watch->next) {
        if (strcmp(watch->folder, folder) != 0) continue;
        for (struct image *image = watch->images; image; image = image->next)
            status |= write_image(image, folder, target, &seed);
    }
    pthread_mutex_unlock(&mutex);
    return status;
}

void power_cut_protect(const char *folder, int is_on) {
    pthread_mutex_lock(&mutex);
    for (struct watch *watch = watches; watch; watch = watch->next)
        if (strcmp(watch->folder, folder) == 0) watch->is_protected = is_on;
    pthread_mutex_unlock(&mutex);
}

void power_cut_forget(const char *folder) {
    pthread_mutex_lock(&mutex);
    for (struct watch **place = &watches; *place; place = &(*place)->next) {
        if (strcmp((*place)->folder, folder) != 0) continue;
        struct watch *watch = *place;
        *place = watch->next;
        while (watch->images) {
            struct image *image = watch->images;
            watch->images = image->next;
            image->watch = NULL;
            if (image->users == 0) free_image(image);
        }
        free(watch->folder);
        free(watch);
        break;
    }
    pthread_mutex_unlock(&mutex);
}
