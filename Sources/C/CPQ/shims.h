#pragma once
#include <libpq-fe.h>

// Characters, which Swift does not import as numbers.
static const int pq_diag_sqlstate = PG_DIAG_SQLSTATE;
static const int pq_diag_message = PG_DIAG_MESSAGE_PRIMARY;
