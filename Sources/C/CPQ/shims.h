#ifndef SIGHTLINE_CPQ_H
#define SIGHTLINE_CPQ_H

#include <libpq-fe.h>

/* Characters, which Swift does not import as such. */
static const int slpq_diag_sqlstate = PG_DIAG_SQLSTATE;
static const int slpq_diag_message = PG_DIAG_MESSAGE_PRIMARY;

#endif
