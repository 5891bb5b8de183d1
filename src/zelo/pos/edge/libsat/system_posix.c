/* Linux: poll, pthreads, /dev/urandom. */
#include "system.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static bool key_made;

static void begin_all(void)
{
    key_made = pthread_key_create(&key, own_end) == 0;
    own_begin();
}

void system_once(void)
{
    pthread_once(&once, begin_all);
}

/* The till may unload us while its threads live on: their ends must not come back to code that is gone. */
__attribute__((destructor)) static void leave(void)
{
    if (key_made) {
        own_end(pthread_getspecific(key));
        pthread_key_delete(key);
        key_made = false;
    }
}

void *system_own(void)
{
    return key_made ? pthread_getspecific(key) : NULL;
}

bool system_keep(void *own)
{
    return key_made && pthread_setspecific(key, own) == 0;
}

int64_t system_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void system_pause(int millis)
{
    poll(NULL, 0, millis);
}

long system_process(void)
{
    return (long)getpid();
}

bool system_random(unsigned char *bytes, size_t size)
{
    int file = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    size_t had = 0;
    while (had < size) {
        ssize_t more = read(file, bytes + had, size - had);
        if (more <= 0 && errno != EINTR)
            break;
        had += more > 0 ? (size_t)more : 0;
    }
    close(file);
    return had == size;
}

static char own_file[PATH_MAX];

/* Where this library lies, asked when it is loaded: a program may change its folder afterwards. */
__attribute__((constructor)) static void remember_own_file(void)
{
    Dl_info info;
    char here[PATH_MAX];
    if (dladdr((void *)(uintptr_t)&leave, &info) == 0 || info.dli_fname == NULL)
        return;
    bool whole = info.dli_fname[0] == '/';
    if (!whole && getcwd(here, sizeof here) == NULL)
        return;
    int wrote = snprintf(own_file, sizeof own_file, "%s%s%s", whole ? "" : here, whole ? "" : "/", info.dli_fname);
    if (wrote < 0 || (size_t)wrote >= sizeof own_file)
        own_file[0] = '\0';
}

bool system_beside(const char *name, char *path, size_t size)
{
    const char *slash = strrchr(own_file, '/');
    if (slash == NULL)
        return false;
    int wrote = snprintf(path, size, "%.*s%s", (int)(slash - own_file) + 1, own_file, name);
    return wrote > 0 && (size_t)wrote < size;
}

bool system_ready(system_socket socket, bool writing, int within)
{
    struct pollfd watched = {.fd = (int)socket, .events = writing ? POLLOUT : POLLIN};
    int64_t end = system_now() + within;
    for (;;) {
        int64_t left = end - system_now();
        int found = poll(&watched, 1, left > 0 ? (int)left : 0);
        if (found >= 0 || errno != EINTR)
            return found > 0;
    }
}

system_socket system_connect(const struct sockaddr_storage *address, socklen_t size, int within)
{
    int made = socket(address->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (made < 0)
        return NO_SOCKET;
    int trouble = 0, yes = 1;
    socklen_t length = sizeof trouble;
    bool begun = connect(made, (const struct sockaddr *)address, size) == 0 || errno == EINPROGRESS;
    if (begun && system_ready(made, true, within) && getsockopt(made, SOL_SOCKET, SO_ERROR, &trouble, &length) == 0 &&
        trouble == 0) {
        setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        return made;
    }
    close(made);
    return NO_SOCKET;
}

void system_close(system_socket socket)
{
    close((int)socket);
}

static ptrdiff_t moved(ssize_t count)
{
    if (count >= 0)
        return count;
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? MOVED_LATER : MOVED_NEVER;
}

ptrdiff_t system_send(system_socket socket, const void *bytes, size_t size)
{
    return moved(send((int)socket, bytes, size, MSG_NOSIGNAL));
}

ptrdiff_t system_receive(system_socket socket, void *bytes, size_t size)
{
    return moved(recv((int)socket, bytes, size, 0));
}
