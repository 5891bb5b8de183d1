/* Drives the library where the compiler watches it: many calls from many threads, or many configuration files. */
#include "conf.h"
#include "sat.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int calls;

static void *sell(void *first)
{
    int begin = *(int *)first;
    for (int i = 0; i < calls; i++) {
        char *answer = EnviarDadosVenda(begin + i, "12345678", "<CFe/>");
        char shown[120];
        snprintf(shown, sizeof shown, "%s", answer);
        printf("%zu %s\n", strlen(answer), shown);
    }
    return NULL;
}

int main(int count, char **words)
{
    if (count > 2 && strcmp(words[1], "conf") == 0) {
        for (int i = 2; i < count; i++) {
            static struct conf conf;
            setenv("ZELO_SAT_CONF", words[i], 1);
            conf_find(&conf);
            printf("%d %s %zu %s\n", conf.count, conf.caixa, strlen(conf.token), conf.trouble);
        }
        return 0;
    }
    if (count != 3)
        return 2;
    enum { MOST = 64 };
    int threads = atoi(words[1]) % (MOST + 1), first[MOST];
    pthread_t running[MOST];
    calls = atoi(words[2]);
    for (int i = 0; i < threads; i++) {
        first[i] = 1 + i * calls;
        if (pthread_create(&running[i], NULL, sell, &first[i]) != 0)
            return 3;
    }
    for (int i = 0; i < threads; i++)
        pthread_join(running[i], NULL);
    return 0;
}
