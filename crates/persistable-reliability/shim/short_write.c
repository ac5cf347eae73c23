/* Cuts writes to regular files short, as a system may at any time: of more than one byte it writes half.
 *
 * SHORT_WRITE_AT=0 cuts every write. Another number cuts the write of that number, and fails all after it, as a disk does
 * that is full. Each cut leaves a byte in the file SHORT_WRITE_LOG. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

typedef ssize_t (*write_function)(int, const void *, size_t);

ssize_t write(int descriptor, const void *bytes, size_t count)
{
    static atomic_int writes;
    write_function system_write = (write_function)dlsym(RTLD_NEXT, "write");
    const char *at = getenv("SHORT_WRITE_AT"), *log = getenv("SHORT_WRITE_LOG");
    struct stat file;
    if (!at || !log || count < 2 || fstat(descriptor, &file) != 0 || !S_ISREG(file.st_mode))
        return system_write(descriptor, bytes, count);
    int cut_at = atoi(at), number = atomic_fetch_add(&writes, 1) + 1;
    if (cut_at && number < cut_at)
        return system_write(descriptor, bytes, count);
    if (cut_at && number > cut_at) {
        errno = ENOSPC;
        return -1;
    }
    int cuts = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (cuts >= 0) {
        system_write(cuts, "x", 1);
        close(cuts);
    }
    return system_write(descriptor, bytes, (count + 1) / 2);
}
