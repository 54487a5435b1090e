/*
 * Loaded before a role: calls on files below a directory fail while a test wants it. What is to fail stands
 * in the file named by WALQ_TEST_IO_FAULT, as "<operation> <errno> <directory>"; without it nothing does. With
 * -1 for errno the call does not return until the file says otherwise, as on a mount whose server is away.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

/* By the system call itself: the functions of this name are the ones that are replaced below. */
static int requested(char *operation, char *directory) {
  const char *file = getenv("WALQ_TEST_IO_FAULT");
  char text[4200] = {0};
  int error = 0;
  int fd = file == NULL ? -1 : (int)syscall(SYS_openat, AT_FDCWD, file, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  long length = syscall(SYS_read, fd, text, sizeof text - 1);
  syscall(SYS_close, fd);
  if (length <= 0 || sscanf(text, "%15s %d %4095s", operation, &error, directory) != 3) return 0;
  return error;
}

static int is_below(int fd, const char *directory) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return strncmp(path, directory, strlen(directory)) == 0;
}

static int fails(int fd, const char *operation) {
  char named[16], directory[4096];
  int kept = errno;
  int error = requested(named, directory);
  int is_hit = error != 0 && strcmp(named, operation) == 0 && is_below(fd, directory);
  while (is_hit && error == -1) {
    usleep(20000);
    error = requested(named, directory);
    is_hit = error == -1 && is_below(fd, directory);
  }
  errno = is_hit ? error : kept;
  return is_hit;
}

#define REPLACE(type, name, operation, parameters, arguments)              \
  type name parameters {                                                   \
    static type(*original) parameters;                                     \
    if (original == NULL) original = (type(*) parameters)dlsym(RTLD_NEXT, #name); \
    return fails(fd, operation) ? -1 : original arguments;                 \
  }

REPLACE(ssize_t, read, "read", (int fd, void *to, size_t count), (fd, to, count))
REPLACE(ssize_t, pread, "read", (int fd, void *to, size_t count, off_t at), (fd, to, count, at))
REPLACE(ssize_t, pread64, "read", (int fd, void *to, size_t count, off64_t at), (fd, to, count, at))
REPLACE(ssize_t, write, "write", (int fd, const void *from, size_t count), (fd, from, count))
REPLACE(ssize_t, pwrite, "write", (int fd, const void *from, size_t count, off_t at),
        (fd, from, count, at))
REPLACE(ssize_t, pwrite64, "write", (int fd, const void *from, size_t count, off64_t at),
        (fd, from, count, at))
REPLACE(ssize_t, writev, "write", (int fd, const struct iovec *from, int count), (fd, from, count))
REPLACE(int, fsync, "fsync", (int fd), (fd))
REPLACE(int, fdatasync, "fsync", (int fd), (fd))
