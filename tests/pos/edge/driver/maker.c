/* A maker's library for tests: answers by its session number, and misbehaves when asked to. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char reply[512];

char *ConsultarSAT(int session) {
    if (session == 13) abort();
    if (session == 14) for (;;) sleep(1);
    if (session == 15) return NULL;
    if (session == 16) exit(0);
    if (session == 17) return "000017|08000|SAT em opera\xe7\xe3o||";
    if (session == 18) { puts("makers print things"); fflush(stdout); }
    snprintf(reply, sizeof reply, "%06d|08000|SAT em Operação||", session);
    return reply;
}

char *EnviarDadosVenda(int session, const char *code, const char *data) {
    snprintf(reply, sizeof reply, "%06d|06010|0000|%zu bytes, code %s||", session, strlen(data), code);
    return reply;
}
