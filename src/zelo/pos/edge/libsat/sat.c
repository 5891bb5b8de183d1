/* Each function of the interface is one asking: its name for the gateway, the first digits of its EEEEE, its arguments
 * in their order. Two orders are traps: AtivarSAT has the kind of certificate before the code, TrocarCodigoDeAtivacao
 * the option after it. */
#include "sat.h"

#include "ask.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ASK(function, prefix, ...)                                                                                     \
    ask(function, prefix, (const struct argument[]){__VA_ARGS__}, COUNT(((const struct argument[]){__VA_ARGS__})))
#define NUMBER(value) {.number = (value), .is_number = true}
#define TEXT(value) {.text = (value)}

char *SAT_CALL AtivarSAT(int numeroSessao, int subComando, char *codigoDeAtivacao, char *CNPJ, int cUF)
{
    return ASK("AtivarSAT", "04", NUMBER(numeroSessao), NUMBER(subComando), TEXT(codigoDeAtivacao), TEXT(CNPJ),
               NUMBER(cUF));
}

char *SAT_CALL ComunicarCertificadoICPBRASIL(int numeroSessao, char *codigoDeAtivacao, char *certificado)
{
    return ASK("ComunicarCertificadoICPBRASIL", "05", NUMBER(numeroSessao), TEXT(codigoDeAtivacao), TEXT(certificado));
}

char *SAT_CALL EnviarDadosVenda(int numeroSessao, char *codigoDeAtivacao, char *dadosVenda)
{
    return ASK("EnviarDadosVenda", "06", NUMBER(numeroSessao), TEXT(codigoDeAtivacao), TEXT(dadosVenda));
}

char *SAT_CALL CancelarUltimaVenda(int numeroSessao, char *codigoDeAtivacao, char *chave, char *dadosCancelamento)
{
    return ASK("CancelarUltimaVenda", "07", NUMBER(numeroSessao), TEXT(codigoDeAtivacao), TEXT(chave),
               TEXT(dadosCancelamento));
}

char *SAT_CALL ConsultarSAT(int numeroSessao)
{
    return ASK("ConsultarSAT", "08", NUMBER(numeroSessao));
}

char *SAT_CALL TesteFimAFim(int numeroSessao, char *codigoDeAtivacao, char *dadosVenda)
{
    return ASK("TesteFimAFim", "09", NUMBER(numeroSessao), TEXT(codigoDeAtivacao), TEXT(dadosVenda));
}

char *SAT_CALL ConsultarStatusOperacional(int numeroSessao, char *codigoDeAtivacao)
{
    return ASK("ConsultarStatusOperacional", "10", NUMBER(numeroSessao), TEXT(codigoDeAtivacao));
}

char *SAT_CALL ConsultarNumeroSessao(int numeroSessao, char *codigoDeAtivacao, int cNumeroDeSessao)
{
    return ASK("ConsultarNumeroSessao", "11", NUMBER(numeroSessao), TEXT(codigoDeAtivacao), NUMBER(cNumeroDeSessao));
}

char *SAT_CALL ConfigurarInterfaceDeRede(int numeroSessao, char *codigoDeAtivacao, char *dadosConfiguracao)
{
    return ASK("ConfigurarInterfaceDeRede", "12", NUMBER(numeroSessao), TEXT(codigoDeAtivacao),
               TEXT(dadosConfiguracao));
}

char *SAT_CALL AssociarAssinatura(int numeroSessao, char *codigoDeAtivacao, char *CNPJvalue, char *assinaturaCNPJs)
{
    return ASK("AssociarAssinatura", "13", NUMBER(numeroSessao), TEXT(codigoDeAtivacao), TEXT(CNPJvalue),
               TEXT(assinaturaCNPJs));
}

char *SAT_CALL AtualizarSoftwareSAT(int numeroSessao, char *codigoDeAtivacao)
{
    return ASK("AtualizarSoftwareSAT", "14", NUMBER(numeroSessao), TEXT(codigoDeAtivacao));
}

char *SAT_CALL ExtrairLogs(int numeroSessao, char *codigoDeAtivacao)
{
    return ASK("ExtrairLogs", "15", NUMBER(numeroSessao), TEXT(codigoDeAtivacao));
}

char *SAT_CALL BloquearSAT(int numeroSessao, char *codigoDeAtivacao)
{
    return ASK("BloquearSAT", "16", NUMBER(numeroSessao), TEXT(codigoDeAtivacao));
}

char *SAT_CALL DesbloquearSAT(int numeroSessao, char *codigoDeAtivacao)
{
    return ASK("DesbloquearSAT", "17", NUMBER(numeroSessao), TEXT(codigoDeAtivacao));
}

char *SAT_CALL TrocarCodigoDeAtivacao(int numeroSessao, char *codigoDeAtivacao, int opcao, char *novoCodigo,
                                      char *confNovoCodigo)
{
    return ASK("TrocarCodigoDeAtivacao", "18", NUMBER(numeroSessao), TEXT(codigoDeAtivacao), NUMBER(opcao),
               TEXT(novoCodigo), TEXT(confNovoCodigo));
}

char *SAT_CALL ConsultarUltimaSessaoFiscal(int numeroSessao, char *codigoDeAtivacao)
{
    return ASK("ConsultarUltimaSessaoFiscal", "19", NUMBER(numeroSessao), TEXT(codigoDeAtivacao));
}

char *SAT_CALL DesativarSAT(int numeroSessao)
{
    return ASK("DesativarSAT", "19", NUMBER(numeroSessao));
}

char *SAT_CALL DesligarSAT(void)
{
    return ask("DesligarSAT", "19", NULL, 0);
}

char *SAT_CALL AtivarMFe(int numeroSessao, int subComando, char *codigoDeAtivacao, char *CNPJ, int cUF)
{
    return AtivarSAT(numeroSessao, subComando, codigoDeAtivacao, CNPJ, cUF);
}

char *SAT_CALL ConsultarMFe(int numeroSessao)
{
    return ConsultarSAT(numeroSessao);
}

char *SAT_CALL AtualizarSoftwareMFe(int numeroSessao, char *codigoDeAtivacao)
{
    return AtualizarSoftwareSAT(numeroSessao, codigoDeAtivacao);
}

char *SAT_CALL BloquearMFe(int numeroSessao, char *codigoDeAtivacao)
{
    return BloquearSAT(numeroSessao, codigoDeAtivacao);
}

char *SAT_CALL DesbloquearMFe(int numeroSessao, char *codigoDeAtivacao)
{
    return DesbloquearSAT(numeroSessao, codigoDeAtivacao);
}
