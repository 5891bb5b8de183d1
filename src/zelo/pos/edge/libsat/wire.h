/* Frames of the line protocol (docs/decisions/018): length, then fields, each a length and bytes. All within bounds. */
#ifndef ZELO_WIRE_H
#define ZELO_WIRE_H

#include "conf.h"

#ifndef SILENCE_MILLIS
#define SILENCE_MILLIS 10000 /* a gateway that works says so every two seconds */
#endif
#define CONNECT_MILLIS 1000
#define MOST_IDLE_MILLIS 60000 /* a kept connection: half of what the gateway allows it */

enum { MOST_FRAME_BYTES = 4194304, HEAD_BYTES = 4 };

/* A frame, or an answer that came. `bytes` is NULL while there is none. */
struct frame {
    unsigned char *bytes;
    size_t size;
    size_t room;
};

void frame_free(struct frame *frame);
/* Begins a frame, adds a field; false when it would be too large or there is no memory. */
bool frame_begin(struct frame *frame);
bool frame_add(struct frame *frame, const char *bytes, size_t size);
void frame_end(struct frame *frame);

/* A connection to one of the gateways, kept between calls of a thread. */
struct link {
    system_socket socket;
    int gateway;
    long process;
    int64_t used;
};

enum outcome {
    OUTCOME_UNSENT,   /* the gateway cannot have taken the call */
    OUTCOME_LOST,     /* it may have taken the call, and what became of it is unknown */
    OUTCOME_ANSWERED, /* `answer` is the till's */
    OUTCOME_REFUSED,  /* the gateway did not take the call; `answer` says why */
};

void link_close(struct link *link);
/* One call at one gateway, over the kept connection where it still stands, until `end` however lively it is. The answer
 * ends with NUL. */
enum outcome wire_call(struct link *link, const struct conf *conf, int gateway, const struct frame *call,
                       struct frame *answer, int64_t end);
/* Whether a connection to a gateway stands or can be made. */
bool wire_reach(struct link *link, const struct conf *conf, int gateway);

#endif
