/* Reads the file. A line that cannot be meant is said to the till, not guessed: a wrong gateway is a lost sale. */
#include "conf.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_NAME "zelo-sat.conf"
#define DEFAULT_GATEWAY "127.0.0.1:7059"
#define DEFAULT_CAIXA "001"
enum { MOST_FILE_BYTES = 16384, MOST_PATH_BYTES = 4096 };

static char *trimmed(char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    size_t length = strlen(text);
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        text[--length] = '\0';
    return text;
}

static bool is_caixa(const char *value)
{
    size_t digits = strspn(value, "0123456789");
    return digits >= 1 && digits <= 3 && value[digits] == '\0';
}

/* Numbers only: to resolve a name can take longer than a customer waits. */
static bool add_gateway(struct conf *conf, const char *value)
{
    char host[MOST_ADDRESS_BYTES];
    const char *colon = strrchr(value, ':');
    if (colon == NULL || strlen(value) >= sizeof host || conf->count >= MOST_GATEWAYS)
        return false;
    bool bracketed = value[0] == '[' && colon > value && colon[-1] == ']';
    size_t length = (size_t)(colon - value) - (bracketed ? 2 : 0);
    memcpy(host, value + (bracketed ? 1 : 0), length);
    host[length] = '\0';

    struct addrinfo wanted = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM}, *found = NULL;
    char *end = NULL;
    long port = strtol(colon + 1, &end, 10);
    if (!isdigit((unsigned char)colon[1]) || *end != '\0' || port < 1 || port > 65535 ||
        getaddrinfo(host, colon + 1, &wanted, &found) != 0)
        return false;
    struct gateway *gateway = &conf->gateways[conf->count++];
    snprintf(gateway->name, sizeof gateway->name, "%s", value);
    memcpy(&gateway->address, found->ai_addr, (size_t)found->ai_addrlen);
    gateway->size = (socklen_t)found->ai_addrlen;
    freeaddrinfo(found);
    return true;
}

/* Whoever copies a value out of edge.toml copies its quotes too. */
static char *unquoted(char *value)
{
    size_t length = strlen(value);
    if (length < 2 || value[0] != '"' || value[length - 1] != '"')
        return value;
    value[length - 1] = '\0';
    return value + 1;
}

/* What is wrong with a line, or NULL. */
static const char *take_line(struct conf *conf, char *line)
{
    line = trimmed(line);
    if (*line == '\0' || *line == '#' || *line == ';')
        return NULL;
    char *equals = strchr(line, '=');
    if (equals == NULL)
        return "falta o sinal de igual";
    *equals = '\0';
    const char *name = trimmed(line), *value = unquoted(trimmed(equals + 1));
    if (strcmp(name, "gateway") == 0)
        return add_gateway(conf, value) ? NULL : "escreva gateway=endereço IP:porta, como 127.0.0.1:7059, até 4 vezes";
    if (strcmp(name, "caixa") == 0) {
        if (!is_caixa(value))
            return "escreva o número do caixa com até três algarismos, como caixa=001";
        snprintf(conf->caixa, sizeof conf->caixa, "%03u", (unsigned)atoi(value) % 1000u);
        return NULL;
    }
    if (strcmp(name, "token") == 0) {
        if (strlen(value) >= sizeof conf->token)
            return "o token é longo demais";
        snprintf(conf->token, sizeof conf->token, "%s", value);
        return NULL;
    }
    return "só existem gateway, caixa e token";
}

static void read_text(struct conf *conf, const char *path, char *text)
{
    if (strncmp(text, "\xEF\xBB\xBF", 3) == 0)
        text += 3;
    for (int number = 1; text != NULL; number++) {
        char *next = strchr(text, '\n');
        if (next != NULL)
            *next++ = '\0';
        const char *wrong = take_line(conf, text);
        if (wrong != NULL) {
            snprintf(conf->trouble, sizeof conf->trouble, "O arquivo %.120s está errado na linha %d: %s.", path, number,
                     wrong);
            return;
        }
        text = next;
    }
}

/* Whether the file was there. */
static bool read_file(struct conf *conf, const char *path)
{
    char text[MOST_FILE_BYTES + 1];
    FILE *file = fopen(path, "rb");
    if (file == NULL && errno == ENOENT)
        return false;
    size_t length = file == NULL ? 0 : fread(text, 1, sizeof text, file);
    bool unreadable = file == NULL || ferror(file);
    if (file != NULL)
        fclose(file);
    if (unreadable) {
        snprintf(conf->trouble, sizeof conf->trouble, "O arquivo %.120s não pode ser lido.", path);
        return true;
    }
    if (length > MOST_FILE_BYTES || memchr(text, '\0', length) != NULL) {
        snprintf(conf->trouble, sizeof conf->trouble, "O arquivo %.120s não é o da biblioteca do zelo.", path);
        return true;
    }
    text[length] = '\0';
    read_text(conf, path, text);
    return true;
}

void conf_find(struct conf *conf)
{
    char beside[MOST_PATH_BYTES];
    const char *named = getenv("ZELO_SAT_CONF");
    memset(conf, 0, sizeof *conf);
    snprintf(conf->caixa, sizeof conf->caixa, DEFAULT_CAIXA);
    if (named != NULL && *named != '\0') {
        if (!read_file(conf, named))
            snprintf(conf->trouble, sizeof conf->trouble, "ZELO_SAT_CONF aponta para %.120s, que não existe.",
                     named);
    } else if (!system_beside(FILE_NAME, beside, sizeof beside) || !read_file(conf, beside)) {
        read_file(conf, SYSTEM_CONF);
    }
    if (conf->count == 0)
        add_gateway(conf, DEFAULT_GATEWAY);
}
