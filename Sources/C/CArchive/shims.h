#pragma once
#include <archive.h>
#include <archive_entry.h>
#include <locale.h>

/* Macros that the Swift importer skips, as constants. */
static const unsigned sl_archive_regular = AE_IFREG;
static const unsigned sl_archive_folder = AE_IFDIR;

/* Where names are UTF-8 and nothing else differs; NULL where the system does not know it. */
static inline locale_t sl_utf8_locale(void) { return newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0); }
