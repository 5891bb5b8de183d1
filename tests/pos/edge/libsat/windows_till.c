/* A till of Windows: loads sat.dll as a shop's program does, with the convention that SAT_STDCALL chooses, and prints
 * each answer as a line. `PROGRAM DLL THREADS CALLS CODE SALE-FILE`.
 */
#include <windows.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sat.h"

typedef char *(SAT_CALL *one_number)(int);
typedef char *(SAT_CALL *sale)(int, char *, char *);
typedef char *(SAT_CALL *five)(int, int, char *, char *, int);

static HMODULE library;
static char code[64], xml[65536];
static int calls;

static FARPROC named(const char *name)
{
    FARPROC found = GetProcAddress(library, name);
    if (!found) {
        printf("absent %s\n", name);
        exit(3);
    }
    return found;
}

static DWORD WINAPI sell(void *first)
{
    sale send = (sale)(void *)named("EnviarDadosVenda");
    for (int i = 0; i < calls; i++)
        printf("%s\n", send(*(int *)first + i, code, xml));
    return 0;
}

int main(int count, char **words)
{
    enum { MOST = 16 };
    if (count != 6)
        return 2;
    library = LoadLibraryA(words[1]);
    if (!library) {
        printf("not loaded: %lu\n", GetLastError());
        return 1;
    }
    int threads = atoi(words[2]) % (MOST + 1), first[MOST];
    calls = atoi(words[3]);
    strncpy(code, words[4], sizeof code - 1);
    FILE *file = fopen(words[5], "rb");
    if (!file)
        return 4;
    xml[fread(xml, 1, sizeof xml - 1, file)] = '\0';
    fclose(file);
    five activate = (five)(void *)named("AtivarSAT");
    for (int i = 0; i < calls; i++)
        printf("%s\n", activate(100 + i, 1, code, "11111111111111", 35));
    printf("%s\n", ((one_number)(void *)named("ConsultarSAT"))(7));
    HANDLE running[MOST];
    for (int i = 0; i < threads; i++) {
        first[i] = 1000 + i * calls;
        running[i] = CreateThread(NULL, 0, sell, &first[i], 0, NULL);
    }
    for (int i = 0; i < threads; i++)
        WaitForSingleObject(running[i], INFINITE);
    return 0;
}
