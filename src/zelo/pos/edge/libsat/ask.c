/* The conversation: gateways in turn, the one that answered last first; the same id wherever the call goes again; and
 * whatever happens an answer, which says what is known. */
#include "ask.h"

#include "wire.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROTOCOL "zelo1"
#ifndef MOST_CALL_MILLIS
#define MOST_CALL_MILLIS 300000 /* of one asking, wherever it goes */
#endif
#ifndef RETURN_MILLIS
#define RETURN_MILLIS 5000 /* how long a gateway that may hold the call is given to come back */
#endif
enum { ID_BYTES = 16, RETRY_MILLIS = 200, MOST_OWN_BYTES = 1024, MOST_SENTENCE_BYTES = 480 };

/* What belongs to one thread: its connection, and the answer that its till holds. */
struct own {
    struct link link;
    struct frame answer;
    char sentence[MOST_OWN_BYTES];
};

_Static_assert(2 * MOST_GATEWAYS <= 9, "lost answers are told as one digit");

static struct conf conf;
static atomic_int last_answered;

void own_begin(void)
{
    conf_find(&conf);
}

void own_end(void *given)
{
    struct own *own = given;
    if (own == NULL)
        return;
    link_close(&own->link);
    frame_free(&own->answer);
    free(own);
}

static struct own *own_of_thread(void)
{
    struct own *own = system_own();
    if (own != NULL)
        return own;
    own = calloc(1, sizeof *own);
    if (own == NULL)
        return NULL;
    own->link.socket = NO_SOCKET;
    if (system_keep(own))
        return own;
    free(own);
    return NULL;
}

/* An answer of our own: EEEEE of "unknown error", our sentence between the bars, no bar within it. */
static char *say(struct own *own, const char *prefix, int session, const char *sentence)
{
    bool bears_cccc = strcmp(prefix, "06") == 0 || strcmp(prefix, "07") == 0 || strcmp(prefix, "13") == 0;
    int head = snprintf(own->sentence, sizeof own->sentence, "%06d|%s099|%s", session, prefix, bears_cccc ? "0000|" : "");
    size_t length = strlen(sentence);
    if (length > MOST_SENTENCE_BYTES)
        for (length = MOST_SENTENCE_BYTES; length > 0 && ((unsigned char)sentence[length] & 0xC0) == 0x80; length--)
            ;
    char *place = own->sentence + head;
    for (size_t i = 0; i < length; i++)
        *place++ = sentence[i] == '|' ? '/' : (unsigned char)sentence[i] < ' ' ? ' ' : sentence[i];
    memcpy(place, "||", sizeof "||");
    return own->sentence;
}

static bool make_id(char *id)
{
    unsigned char bytes[ID_BYTES];
    if (!system_random(bytes, sizeof bytes))
        return false;
    for (int i = 0; i < ID_BYTES; i++)
        snprintf(id + 2 * i, 3, "%02x", bytes[i]);
    return true;
}

static bool add_text(struct frame *call, const char *text)
{
    return frame_add(call, text, strlen(text));
}

static bool add_argument(struct frame *call, const struct argument *argument)
{
    char digits[16];
    if (!argument->is_number)
        return add_text(call, argument->text);
    snprintf(digits, sizeof digits, "%d", argument->number);
    return add_text(call, digits);
}

/* The call as it goes over the wire; `*elsewhere` is where its mark stands. NULL, or what is wrong. */
static const char *compose(struct frame *call, size_t *elsewhere, const char *function, const struct argument *arguments,
                           size_t count)
{
    char id[2 * ID_BYTES + 1];
    if (!make_id(id))
        return "O sistema não deu um número ao acaso para o pedido. Nada foi enviado.";
    bool whole = frame_begin(call) && add_text(call, PROTOCOL) && add_text(call, conf.token) && add_text(call, id) &&
                 add_text(call, conf.caixa) && add_text(call, "0");
    *elsewhere = call->size - 1;
    whole = whole && add_text(call, function);
    for (size_t i = 0; whole && i < count; i++)
        whole = add_argument(call, &arguments[i]);
    if (!whole)
        return "O pedido passa de 4 MiB ou falta memória. Nada foi enviado.";
    frame_end(call);
    return NULL;
}

/* Waits a while for a gateway that may hold the call and went away: perhaps it is only starting again. */
static bool comes_back(struct link *link, int gateway)
{
    for (int64_t end = system_now() + RETURN_MILLIS; system_now() < end;) {
        if (wire_reach(link, &conf, gateway))
            return true;
        system_pause(RETRY_MILLIS);
    }
    return false;
}

/* Everybody once, then once more those who may hold the call: they know its id, and hear how many answers were lost, so
 * that two who both did it know which of them was asked last. NULL for an answer, or what to say. */
static const char *converse(struct own *own, struct frame *call, size_t elsewhere, char *sentence, size_t size)
{
    bool may_hold[MOST_GATEWAYS] = {false};
    int holders = 0, lost = 0, first = atomic_load(&last_answered);
    int64_t end = system_now() + MOST_CALL_MILLIS;
    sentence[0] = '\0';
    for (int round = 0; round < 2; round++) {
        for (int turn = 0; turn < conf.count && system_now() < end; turn++) {
            int gateway = (first + turn) % conf.count;
            if (round == 1 && !(may_hold[gateway] && comes_back(&own->link, gateway)))
                continue;
            call->bytes[elsewhere] = holders > (may_hold[gateway] ? 1 : 0) ? (unsigned char)('0' + lost) : '0';
            enum outcome outcome = wire_call(&own->link, &conf, gateway, call, &own->answer, end);
            if (outcome == OUTCOME_ANSWERED) {
                atomic_store(&last_answered, gateway);
                return NULL;
            }
            if (outcome == OUTCOME_REFUSED)
                snprintf(sentence, size, "%s", (const char *)own->answer.bytes);
            if (outcome != OUTCOME_LOST)
                continue;
            lost++;
            holders += may_hold[gateway] ? 0 : 1;
            may_hold[gateway] = true;
        }
    }
    if (holders > 0)
        return "O zelo recebeu o pedido e não respondeu: não se sabe se foi executado. "
               "Antes de repetir, veja as últimas vendas na página do zelo.";
    if (sentence[0] == '\0')
        snprintf(sentence, size, "O zelo não responde em %s%s%s. Nada foi enviado. Verifique o serviço zelo-edge e a rede.",
                 conf.gateways[0].name, conf.count > 1 ? " nem em " : "", conf.count > 1 ? conf.gateways[1].name : "");
    return sentence;
}

/* What is wrong with the arguments as the till passed them, or NULL. */
static const char *missing(const struct argument *arguments, size_t count, char *sentence, size_t size)
{
    for (size_t i = 0; i < count; i++)
        if (!arguments[i].is_number && arguments[i].text == NULL) {
            snprintf(sentence, size, "O programa do caixa passou um ponteiro nulo no argumento %d. Nada foi enviado.",
                     (int)i + 1);
            return sentence;
        }
    return NULL;
}

char *ask(const char *function, const char *prefix, const struct argument *arguments, size_t count)
{
    static char no_memory[] = "000000|00099|Falta memória ao programa do caixa. Nada foi enviado.||";
    system_once();
    struct own *own = own_of_thread();
    if (own == NULL)
        return no_memory;
    int session = count > 0 ? arguments[0].number : 0;
    char sentence[MOST_SENTENCE_BYTES + 1];
    struct frame call = {0};
    size_t elsewhere = 0;
    const char *wrong = conf.trouble[0] != '\0' ? conf.trouble : missing(arguments, count, sentence, sizeof sentence);
    if (wrong == NULL)
        wrong = compose(&call, &elsewhere, function, arguments, count);
    if (wrong == NULL)
        wrong = converse(own, &call, elsewhere, sentence, sizeof sentence);
    frame_free(&call);
    return wrong == NULL ? (char *)own->answer.bytes : say(own, prefix, session, wrong);
}
