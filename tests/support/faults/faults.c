// A library for LD_PRELOAD: allocations, threads and calls on files fail when a test wants it.
//
// A call is counted if a test has armed its kind.  The calls `first` to `last` of a kind fail.
// Allocations are counted by the object file that makes them, and calls on files by their path.
// Python arms it by ctypes, and a command by DEFOCUS_TEST_FAULTS (see __init__.py).
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

// --- what is armed -------------------------------------------------------------------------------

typedef struct {
    atomic_bool armed;
    atomic_long seen;
    long first, last;
} Kind;

static Kind memory, threads, files;

// Whether this call fails, by its number from 1 on.
static bool fails(Kind *kind) {
    const long number = atomic_fetch_add(&kind->seen, 1) + 1;
    return number >= kind->first && number <= kind->last;
}

static void arm(Kind *kind, long first, long last) {
    atomic_store(&kind->seen, 0);
    kind->first = first;
    kind->last = last;
    atomic_store(&kind->armed, true);
}

// Disarms everything.  Returns how many calls of all kinds were counted.
long faults_end(void) {
    long seen = 0;
    Kind *const kinds[] = {&memory, &threads, &files};
    for (int i = 0; i < 3; ++i)
        if (atomic_exchange(&kinds[i]->armed, false)) seen += atomic_load(&kinds[i]->seen);
    return seen;
}

#define REAL(name) \
    static __typeof__(name) *real; \
    if (real == NULL) *(void **)&real = dlsym(RTLD_NEXT, #name)

// --- memory --------------------------------------------------------------------------------------

enum { most_ranges = 64 };
static struct {
    uintptr_t first, last;
} ranges[most_ranges];
static int range_count;
static size_t least_size;
static char object_names[256];

static int add_ranges(struct dl_phdr_info *info, size_t size, void *unused) {
    (void)size, (void)unused;
    char names[sizeof object_names], *rest = names;
    strcpy(names, object_names);
    const char *name;
    bool wanted = false;
    while ((name = strsep(&rest, ",")) != NULL)
        wanted = wanted || strstr(info->dlpi_name, name) != NULL;
    for (int i = 0; wanted && i < info->dlpi_phnum && range_count < most_ranges; ++i) {
        const ElfW(Phdr) *const part = &info->dlpi_phdr[i];
        if (part->p_type != PT_LOAD || !(part->p_flags & PF_X)) continue;
        ranges[range_count].first = info->dlpi_addr + part->p_vaddr;
        ranges[range_count++].last = info->dlpi_addr + part->p_vaddr + part->p_memsz;
    }
    return 0;
}

// Counts the allocations of `least` bytes or more by object files whose path holds one of the names,
// as "_native,libstdc++".  Returns the number of those files' code segments.
int faults_memory(const char *names, size_t least, long first, long last) {
    snprintf(object_names, sizeof object_names, "%s", names);
    range_count = 0;
    least_size = least;
    dl_iterate_phdr(add_ranges, NULL);
    arm(&memory, first, last);
    return range_count;
}

static bool no_memory(const void *caller, size_t size) {
    if (!atomic_load(&memory.armed) || size < least_size) return false;
    for (int i = 0; i < range_count; ++i)
        if ((uintptr_t)caller >= ranges[i].first && (uintptr_t)caller < ranges[i].last)
            return fails(&memory) && (errno = ENOMEM, true);
    return false;
}

#define CALLER __builtin_extract_return_addr(__builtin_return_address(0))

void *malloc(size_t size) {
    return no_memory(CALLER, size) ? NULL : __libc_malloc(size);
}
void *calloc(size_t count, size_t size) {
    return no_memory(CALLER, count * size) ? NULL : __libc_calloc(count, size);
}
void *realloc(void *old, size_t size) {
    return no_memory(CALLER, size) ? NULL : __libc_realloc(old, size);
}
void *memalign(size_t alignment, size_t size) {
    return no_memory(CALLER, size) ? NULL : __libc_memalign(alignment, size);
}
void *aligned_alloc(size_t alignment, size_t size) {
    return no_memory(CALLER, size) ? NULL : __libc_memalign(alignment, size);
}
int posix_memalign(void **out, size_t alignment, size_t size) {
    void *const memory = no_memory(CALLER, size) ? NULL : __libc_memalign(alignment, size);
    if (memory == NULL) return ENOMEM;
    *out = memory;
    return 0;
}

// --- threads -------------------------------------------------------------------------------------

void faults_threads(long first, long last) {
    arm(&threads, first, last);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*run)(void *), void *with) {
    REAL(pthread_create);
    if (atomic_load(&threads.armed) && fails(&threads)) return EAGAIN;
    return real(thread, how, run, with);
}

// --- files ---------------------------------------------------------------------------------------

static char file_part[PATH_MAX], file_calls[256];
static int file_error;  // an errno; 0: the call reads or writes a part only
static const char *count_path;

// Counts those of the `calls` (as "open,write") whose path holds `part`.
void faults_files(const char *part, const char *calls, long first, long last, int error) {
    snprintf(file_part, sizeof file_part, "%s", part);
    snprintf(file_calls, sizeof file_calls, ",%s,", calls);
    file_error = error;
    arm(&files, first, last);
}

static bool path_fails(const char *call, const char *path) {
    char name[32];
    if (!atomic_load(&files.armed) || path == NULL || strstr(path, file_part) == NULL) return false;
    snprintf(name, sizeof name, ",%s,", call);
    if (strstr(file_calls, name) == NULL || !fails(&files)) return false;
    errno = file_error;
    return true;
}

static bool file_fails(const char *call, int file) {
    char link[64], path[PATH_MAX];
    if (!atomic_load(&files.armed)) return false;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    const ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return false;
    path[length] = '\0';
    return path_fails(call, path);
}

#define OPEN(name, parameters, arguments) \
    int name parameters { \
        REAL(name); \
        va_list rest; \
        va_start(rest, flags); \
        const bool creates = (flags & (O_CREAT | O_TMPFILE)) != 0; \
        const mode_t mode = creates ? va_arg(rest, mode_t) : 0; \
        va_end(rest); \
        return path_fails("open", path) ? -1 : real arguments; \
    }
OPEN(open, (const char *path, int flags, ...), (path, flags, mode))
OPEN(open64, (const char *path, int flags, ...), (path, flags, mode))
OPEN(openat, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))
OPEN(openat64, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))

static size_t part_of(size_t size) {
    return size / 3 + (size > 0);
}

ssize_t read(int file, void *into, size_t size) {
    REAL(read);
    if (!file_fails("read", file)) return real(file, into, size);
    return file_error ? -1 : real(file, into, part_of(size));
}
ssize_t write(int file, const void *from, size_t size) {
    REAL(write);
    if (!file_fails("write", file)) return real(file, from, size);
    return file_error ? -1 : real(file, from, part_of(size));
}
int fsync(int file) {
    REAL(fsync);
    return file_fails("fsync", file) ? -1 : real(file);
}
int ftruncate64(int file, off64_t length) {
    REAL(ftruncate64);
    return file_fails("ftruncate", file) ? -1 : real(file, length);
}
int close(int file) {
    REAL(close);
    const bool failed = file_fails("close", file);
    const int result = real(file);  // as Linux does: it is closed in any case
    return failed ? (errno = file_error, -1) : result;
}
int rename(const char *from, const char *to) {
    REAL(rename);
    return path_fails("rename", to) ? -1 : real(from, to);
}
int mkdir(const char *path, mode_t mode) {
    REAL(mkdir);
    return path_fails("mkdir", path) ? -1 : real(path, mode);
}

// --- commands ------------------------------------------------------------------------------------

// DEFOCUS_TEST_FAULTS is first|last|errno|calls|part of the path|file for the number of calls.
__attribute__((constructor)) static void arm_by_environment(void) {
    const char *const text = getenv("DEFOCUS_TEST_FAULTS");
    if (text == NULL) return;
    char *rest = strdup(text), *const begin = rest;
    const long first = atol(strsep(&rest, "|")), last = atol(strsep(&rest, "|"));
    const int error = atoi(strsep(&rest, "|"));
    const char *const calls = strsep(&rest, "|"), *const part = strsep(&rest, "|");
    count_path = strdup(rest);
    faults_files(part, calls, first, last, error);
    free(begin);
}

__attribute__((destructor)) static void write_count(void) {
    const long seen = faults_end();
    FILE *const file = count_path == NULL ? NULL : fopen(count_path, "w");
    if (file == NULL) return;
    fprintf(file, "%ld\n", seen);
    fclose(file);
}
