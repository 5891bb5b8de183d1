/* Windows: winsock, thread local storage, RtlGenRandom. */
#include "system.h"

#include <windows.h>

#include <stdio.h>
#include <string.h>

BOOLEAN NTAPI SystemFunction036(PVOID bytes, ULONG size); /* RtlGenRandom, on every Windows since XP */
BOOL WINAPI DllMain(HINSTANCE library, DWORD reason, LPVOID reserved);

static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
static DWORD slot = TLS_OUT_OF_INDEXES;
static HMODULE self;

static BOOL CALLBACK begin_all(PINIT_ONCE held, PVOID given, PVOID *context)
{
    (void)held;
    (void)given;
    (void)context;
    WSADATA data;
    WSAStartup(MAKEWORD(2, 2), &data);
    own_begin();
    return TRUE;
}

void system_once(void)
{
    InitOnceExecuteOnce(&once, begin_all, NULL, NULL);
}

BOOL WINAPI DllMain(HINSTANCE library, DWORD reason, LPVOID reserved)
{
    if (reason == DLL_PROCESS_ATTACH) {
        self = library;
        slot = TlsAlloc();
    }
    if (reason == DLL_THREAD_DETACH || (reason == DLL_PROCESS_DETACH && reserved == NULL))
        own_end(system_own());
    if (reason == DLL_PROCESS_DETACH && slot != TLS_OUT_OF_INDEXES)
        TlsFree(slot);
    return TRUE;
}

void *system_own(void)
{
    return slot == TLS_OUT_OF_INDEXES ? NULL : TlsGetValue(slot);
}

bool system_keep(void *own)
{
    return slot != TLS_OUT_OF_INDEXES && TlsSetValue(slot, own);
}

int64_t system_now(void)
{
    return (int64_t)GetTickCount64();
}

void system_pause(int millis)
{
    Sleep((DWORD)millis);
}

long system_process(void)
{
    return (long)GetCurrentProcessId();
}

bool system_random(unsigned char *bytes, size_t size)
{
    return SystemFunction036(bytes, (ULONG)size);
}

bool system_beside(const char *name, char *path, size_t size)
{
    DWORD length = GetModuleFileNameA(self, path, (DWORD)size);
    if (length == 0 || length >= size)
        return false;
    char *slash = strrchr(path, '\\');
    size_t folder = slash == NULL ? 0 : (size_t)(slash - path) + 1;
    int wrote = snprintf(path + folder, size - folder, "%s", name);
    return wrote > 0 && (size_t)wrote < size - folder;
}

/* `select` and not WSAPoll: the latter keeps a refused connection secret before Windows 10 2004. */
bool system_ready(system_socket socket, bool writing, int within)
{
    fd_set watched, broken;
    FD_ZERO(&watched);
    FD_ZERO(&broken);
    FD_SET((SOCKET)socket, &watched);
    FD_SET((SOCKET)socket, &broken);
    int wait = within > 0 ? within : 0;
    struct timeval limit = {.tv_sec = wait / 1000, .tv_usec = wait % 1000 * 1000};
    return select(0, writing ? NULL : &watched, writing ? &watched : NULL, &broken, &limit) > 0;
}

system_socket system_connect(const struct sockaddr_storage *address, socklen_t size, int within)
{
    SOCKET made = socket(address->ss_family, SOCK_STREAM, IPPROTO_TCP);
    if (made == INVALID_SOCKET)
        return NO_SOCKET;
    u_long on = 1;
    BOOL yes = TRUE;
    int trouble = 0, length = sizeof trouble;
    bool begun = ioctlsocket(made, (long)FIONBIO, &on) == 0 &&
                 (connect(made, (const struct sockaddr *)address, size) == 0 || WSAGetLastError() == WSAEWOULDBLOCK);
    if (begun && system_ready((system_socket)made, true, within) &&
        getsockopt(made, SOL_SOCKET, SO_ERROR, (char *)&trouble, &length) == 0 && trouble == 0) {
        setsockopt(made, IPPROTO_TCP, TCP_NODELAY, (const char *)&yes, sizeof yes);
        return (system_socket)made;
    }
    closesocket(made);
    return NO_SOCKET;
}

void system_close(system_socket socket)
{
    closesocket((SOCKET)socket);
}

static ptrdiff_t moved(int count)
{
    if (count >= 0)
        return count;
    return WSAGetLastError() == WSAEWOULDBLOCK ? MOVED_LATER : MOVED_NEVER;
}

ptrdiff_t system_send(system_socket socket, const void *bytes, size_t size)
{
    return moved(send((SOCKET)socket, bytes, (int)size, 0));
}

ptrdiff_t system_receive(system_socket socket, void *bytes, size_t size)
{
    return moved(recv((SOCKET)socket, bytes, (int)size, 0));
}
