/* One asking of a till: to a gateway, perhaps to another, and an answer in any case. */
#ifndef ZELO_ASK_H
#define ZELO_ASK_H

#include <stdbool.h>
#include <stddef.h>

/* An argument of the interface: a number, or a text that ends with NUL. */
struct argument {
    const char *text;
    int number;
    bool is_number;
};

/* The answer for the till; `prefix` begins the EEEEE of what the library answers itself. Never NULL. */
char *ask(const char *function, const char *prefix, const struct argument *arguments, size_t count);

#endif
