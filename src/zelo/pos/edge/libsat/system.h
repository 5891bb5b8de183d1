/* What Linux and Windows do differently, and nothing else. Times are milliseconds. */
#ifndef ZELO_SYSTEM_H
#define ZELO_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef _WIN32
#include <winsock2.h>
#include <ws2tcpip.h>
#define SYSTEM_CONF "C:\\ProgramData\\zelo\\zelo-sat.conf"
#else
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#define SYSTEM_CONF "/etc/zelo/zelo-sat.conf"
#endif

typedef intptr_t system_socket;
#define NO_SOCKET ((system_socket)-1)

enum moved { MOVED_LATER = -1, MOVED_NEVER = -2 };

/* Has `own_begin` run once in the life of the process, whoever comes first; everybody waits for its end. */
void system_once(void);
void own_begin(void);

/* What belongs to the calling thread. Whatever was kept is given to `own_end` when the thread ends. */
void *system_own(void);
bool system_keep(void *own);
void own_end(void *own);

int64_t system_now(void);
void system_pause(int millis);
long system_process(void);
bool system_random(unsigned char *bytes, size_t size);
/* The path of a file beside this library. */
bool system_beside(const char *name, char *path, size_t size);

/* A connection, or NO_SOCKET when none came about in time. */
system_socket system_connect(const struct sockaddr_storage *address, socklen_t size, int within);
void system_close(system_socket socket);
/* Whether it can be read from (or written to) in time; a broken connection can. */
bool system_ready(system_socket socket, bool writing, int within);
/* How many bytes went or came; 0 at the other side's end; MOVED_LATER when it would wait, MOVED_NEVER when broken. */
ptrdiff_t system_send(system_socket socket, const void *bytes, size_t size);
ptrdiff_t system_receive(system_socket socket, void *bytes, size_t size);

#endif
