/* The bytes. Every wait has an end, every length a bound, and a connection is kept only after a whole answer. */
#include "wire.h"

#include <stdlib.h>
#include <string.h>

static void put_length(unsigned char *place, size_t length)
{
    for (int i = 0; i < HEAD_BYTES; i++)
        place[i] = (unsigned char)(length >> (24 - 8 * i));
}

static size_t get_length(const unsigned char *place)
{
    return (size_t)place[0] << 24 | (size_t)place[1] << 16 | (size_t)place[2] << 8 | place[3];
}

static bool make_room(struct frame *frame, size_t size)
{
    if (size <= frame->room)
        return true;
    unsigned char *bytes = realloc(frame->bytes, size);
    if (bytes == NULL)
        return false;
    frame->bytes = bytes;
    frame->room = size;
    return true;
}

void frame_free(struct frame *frame)
{
    free(frame->bytes);
    memset(frame, 0, sizeof *frame);
}

bool frame_begin(struct frame *frame)
{
    frame->size = HEAD_BYTES;
    return make_room(frame, HEAD_BYTES);
}

bool frame_add(struct frame *frame, const char *bytes, size_t size)
{
    if (size > MOST_FRAME_BYTES || frame->size + HEAD_BYTES + size > HEAD_BYTES + MOST_FRAME_BYTES ||
        !make_room(frame, frame->size + HEAD_BYTES + size))
        return false;
    put_length(frame->bytes + frame->size, size);
    memcpy(frame->bytes + frame->size + HEAD_BYTES, bytes, size);
    frame->size += HEAD_BYTES + size;
    return true;
}

void frame_end(struct frame *frame)
{
    put_length(frame->bytes, frame->size - HEAD_BYTES);
}

/* What a fork inherited is another process's, and its number may be that of a file by now. */
void link_close(struct link *link)
{
    if (link->socket != NO_SOCKET && link->process == system_process())
        system_close(link->socket);
    link->socket = NO_SOCKET;
}

/* A kept connection serves again unless a fork inherited it, it is old, or something came that nobody asked for. */
static bool still_stands(const struct link *link, int gateway)
{
    return link->socket != NO_SOCKET && link->gateway == gateway && link->process == system_process() &&
           system_now() - link->used < MOST_IDLE_MILLIS && !system_ready(link->socket, false, 0);
}

bool wire_reach(struct link *link, const struct conf *conf, int gateway)
{
    if (still_stands(link, gateway))
        return true;
    link_close(link);
    const struct gateway *there = &conf->gateways[gateway];
    link->socket = system_connect(&there->address, there->size, CONNECT_MILLIS);
    link->gateway = gateway;
    link->process = system_process();
    link->used = system_now();
    return link->socket != NO_SOCKET;
}

static bool send_whole(struct link *link, const struct frame *call, int64_t end)
{
    size_t sent = 0;
    while (sent < call->size) {
        if (system_now() > end)
            return false;
        ptrdiff_t more = system_send(link->socket, call->bytes + sent, call->size - sent);
        if (more == MOVED_NEVER)
            return false;
        if (more > 0)
            sent += (size_t)more;
        else if (!system_ready(link->socket, true, SILENCE_MILLIS))
            return false;
    }
    return true;
}

static bool receive_whole(struct link *link, unsigned char *bytes, size_t size, int64_t end)
{
    size_t had = 0;
    while (had < size) {
        int64_t left = end - system_now();
        if (left <= 0 || !system_ready(link->socket, false, left < SILENCE_MILLIS ? (int)left : SILENCE_MILLIS))
            return false;
        ptrdiff_t more = system_receive(link->socket, bytes + had, size - had);
        if (more == 0 || more == MOVED_NEVER)
            return false;
        had += more > 0 ? (size_t)more : 0;
    }
    return true;
}

/* The field at `*place`, which moves behind it; NULL where none is whole. */
static unsigned char *take_field(const struct frame *frame, size_t *place, size_t *length)
{
    if (frame->size - *place < HEAD_BYTES)
        return NULL;
    *length = get_length(frame->bytes + *place);
    unsigned char *bytes = frame->bytes + *place + HEAD_BYTES;
    if (*length > frame->size - *place - HEAD_BYTES)
        return NULL;
    *place += HEAD_BYTES + *length;
    return bytes;
}

/* The answer that a frame holds, moved to its front. OUTCOME_LOST for what is none. */
static enum outcome read_answer(struct frame *answer)
{
    size_t place = 0, word_length, length;
    const unsigned char *word = take_field(answer, &place, &word_length);
    const unsigned char *text = word == NULL ? NULL : take_field(answer, &place, &length);
    if (text == NULL || place != answer->size || length == 0 || memchr(text, '\0', length) != NULL)
        return OUTCOME_LOST;
    enum outcome outcome = OUTCOME_LOST;
    if (word_length == 2 && memcmp(word, "ok", 2) == 0)
        outcome = OUTCOME_ANSWERED;
    if (word_length == 4 && memcmp(word, "erro", 4) == 0)
        outcome = OUTCOME_REFUSED;
    memmove(answer->bytes, text, length);
    answer->bytes[length] = '\0';
    answer->size = length;
    return outcome;
}

static enum outcome receive_answer(struct link *link, struct frame *answer, int64_t end)
{
    unsigned char head[HEAD_BYTES];
    do {
        if (!receive_whole(link, head, HEAD_BYTES, end))
            return OUTCOME_LOST;
        answer->size = get_length(head);
    } while (answer->size == 0);
    if (answer->size > MOST_FRAME_BYTES || !make_room(answer, answer->size) ||
        !receive_whole(link, answer->bytes, answer->size, end))
        return OUTCOME_LOST;
    return read_answer(answer);
}

enum outcome wire_call(struct link *link, const struct conf *conf, int gateway, const struct frame *call,
                       struct frame *answer, int64_t end)
{
    bool kept = still_stands(link, gateway);
    bool sent = wire_reach(link, conf, gateway) && send_whole(link, call, end);
    if (!sent && kept) {
        link_close(link);
        sent = wire_reach(link, conf, gateway) && send_whole(link, call, end);
    }
    enum outcome outcome = sent ? receive_answer(link, answer, end) : OUTCOME_UNSENT;
    if (outcome == OUTCOME_ANSWERED)
        link->used = system_now();
    else
        link_close(link);
    return outcome;
}
