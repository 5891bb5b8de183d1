/* Which gateways this till asks, and as whom: from a file of a few lines, or the defaults. */
#ifndef ZELO_CONF_H
#define ZELO_CONF_H

#include "system.h"

enum { MOST_GATEWAYS = 4, MOST_ADDRESS_BYTES = 64, MOST_TOKEN_BYTES = 256, MOST_TROUBLE_BYTES = 320 };

struct gateway {
    char name[MOST_ADDRESS_BYTES];
    struct sockaddr_storage address;
    socklen_t size;
};

/* `trouble`: a sentence about what is wrong with the file, "" where nothing is; with it the rest is of no use. */
struct conf {
    struct gateway gateways[MOST_GATEWAYS];
    int count;
    char caixa[4];
    char token[MOST_TOKEN_BYTES];
    char trouble[MOST_TROUBLE_BYTES];
};

/* The file that ZELO_SAT_CONF names, else zelo-sat.conf beside the library, else the system's, else the defaults. */
void conf_find(struct conf *conf);

#endif
