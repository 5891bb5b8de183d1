/* A maker's library behind which stands an emulated device, at the loopback port PORT.

   It says nothing of what went wrong, as makers' libraries do: NULL where nobody is there, and where a reply is lost it
   returns NULL or never, by the session. The protocol is that of zelo/sim/sat/shell/frame.py. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST_BYTES (16 << 20)

static char asked[MOST_BYTES], told[MOST_BYTES + 1];

static size_t text(size_t at, const char *given) {
    at += sprintf(asked + at, ",\"");
    for (; *given; given++) {
        unsigned char c = *given;
        if (c < ' ' || c == '"' || c == '\\') at += sprintf(asked + at, "\\u%04x", c);
        else asked[at++] = c;
    }
    asked[at++] = '"';
    return at;
}

static int whole(int line, char *bytes, size_t size, ssize_t (*move)(int, char *, size_t)) {
    while (size) {
        ssize_t moved = move(line, bytes, size);
        if (moved <= 0) return 0;
        bytes += moved, size -= moved;
    }
    return 1;
}

static ssize_t out(int line, char *bytes, size_t size) { return send(line, bytes, size, MSG_NOSIGNAL); }
static ssize_t in(int line, char *bytes, size_t size) { return recv(line, bytes, size, 0); }

static char *reply(void) {
    char *from = strstr(told, "\"reply\":\""), *to = told;
    if (!from) return NULL;
    for (from += 9; *from != '"'; from++) {
        unsigned code = (unsigned char)*from;
        if (code == '\\' && *++from == 'u') sscanf(from + 1, "%4x", &code), from += 4;
        else if (code == '\\') code = *from == 'n' ? '\n' : *from == 't' ? '\t' : *from == 'r' ? '\r' : *from;
        *to++ = code;
    }
    *to = 0;
    return told;
}

static char *ask(int session, size_t size) {
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    size += sprintf(asked + size, "]}");
    int line = socket(AF_INET, SOCK_STREAM, 0);
    uint32_t head = htonl(size), length = 0;
    int there_is = !connect(line, (struct sockaddr *)&there, sizeof there);
    int well = there_is && whole(line, (char *)&head, sizeof head, out) && whole(line, asked, size, out)
               && whole(line, (char *)&length, sizeof length, in) && (length = ntohl(length)) <= MOST_BYTES
               && whole(line, told, length, in);
    close(line);
    while (there_is && !well && session % 2) pause();
    told[well ? length : 0] = 0;
    return reply();
}

static size_t begin(const char *function, int session) {
    return sprintf(asked, "{\"function\":\"%s\",\"arguments\":[%d", function, session);
}

char *ConsultarSAT(int session) { return ask(session, begin(__func__, session)); }
char *ConsultarStatusOperacional(int session, const char *code) { return ask(session, text(begin(__func__, session), code)); }
char *ConsultarUltimaSessaoFiscal(int session, const char *code) { return ask(session, text(begin(__func__, session), code)); }
char *ExtrairLogs(int session, const char *code) { return ask(session, text(begin(__func__, session), code)); }

char *EnviarDadosVenda(int session, const char *code, const char *data) {
    return ask(session, text(text(begin(__func__, session), code), data));
}

char *CancelarUltimaVenda(int session, const char *code, const char *chave, const char *data) {
    return ask(session, text(text(text(begin(__func__, session), code), chave), data));
}

char *ConsultarNumeroSessao(int session, const char *code, int wanted) {
    size_t size = text(begin(__func__, session), code);
    return ask(session, size + sprintf(asked + size, ",%d", wanted));
}
