/* The interface of a fiscal device (SAT, MFE) as the specification gives it and makers' headers declare it.
 *
 * Texts are UTF-8 and end with NUL. An answer belongs to the library: it stays valid until the same thread's next
 * call, and nobody frees it. Every function may be called from any thread at any time. No answer is ever NULL.
 */
#ifndef ZELO_SAT_H
#define ZELO_SAT_H

#if defined(_WIN32) && defined(SAT_STDCALL)
#define SAT_CALL __stdcall
#else
#define SAT_CALL
#endif

#ifdef _WIN32
#define SAT_API
#else
#define SAT_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

SAT_API char *SAT_CALL AtivarSAT(int numeroSessao, int subComando, char *codigoDeAtivacao, char *CNPJ, int cUF);
SAT_API char *SAT_CALL ComunicarCertificadoICPBRASIL(int numeroSessao, char *codigoDeAtivacao, char *certificado);
SAT_API char *SAT_CALL EnviarDadosVenda(int numeroSessao, char *codigoDeAtivacao, char *dadosVenda);
SAT_API char *SAT_CALL CancelarUltimaVenda(int numeroSessao, char *codigoDeAtivacao, char *chave,
                                           char *dadosCancelamento);
SAT_API char *SAT_CALL ConsultarSAT(int numeroSessao);
SAT_API char *SAT_CALL TesteFimAFim(int numeroSessao, char *codigoDeAtivacao, char *dadosVenda);
SAT_API char *SAT_CALL ConsultarStatusOperacional(int numeroSessao, char *codigoDeAtivacao);
SAT_API char *SAT_CALL ConsultarNumeroSessao(int numeroSessao, char *codigoDeAtivacao, int cNumeroDeSessao);
SAT_API char *SAT_CALL ConfigurarInterfaceDeRede(int numeroSessao, char *codigoDeAtivacao, char *dadosConfiguracao);
SAT_API char *SAT_CALL AssociarAssinatura(int numeroSessao, char *codigoDeAtivacao, char *CNPJvalue,
                                          char *assinaturaCNPJs);
SAT_API char *SAT_CALL AtualizarSoftwareSAT(int numeroSessao, char *codigoDeAtivacao);
SAT_API char *SAT_CALL ExtrairLogs(int numeroSessao, char *codigoDeAtivacao);
SAT_API char *SAT_CALL BloquearSAT(int numeroSessao, char *codigoDeAtivacao);
SAT_API char *SAT_CALL DesbloquearSAT(int numeroSessao, char *codigoDeAtivacao);
SAT_API char *SAT_CALL TrocarCodigoDeAtivacao(int numeroSessao, char *codigoDeAtivacao, int opcao, char *novoCodigo,
                                              char *confNovoCodigo);
SAT_API char *SAT_CALL ConsultarUltimaSessaoFiscal(int numeroSessao, char *codigoDeAtivacao);
SAT_API char *SAT_CALL DesativarSAT(int numeroSessao);
SAT_API char *SAT_CALL DesligarSAT(void);

/* The names that some tills of Ceará use for the same functions. */
SAT_API char *SAT_CALL AtivarMFe(int numeroSessao, int subComando, char *codigoDeAtivacao, char *CNPJ, int cUF);
SAT_API char *SAT_CALL ConsultarMFe(int numeroSessao);
SAT_API char *SAT_CALL AtualizarSoftwareMFe(int numeroSessao, char *codigoDeAtivacao);
SAT_API char *SAT_CALL BloquearMFe(int numeroSessao, char *codigoDeAtivacao);
SAT_API char *SAT_CALL DesbloquearMFe(int numeroSessao, char *codigoDeAtivacao);

#ifdef __cplusplus
}
#endif

#endif
