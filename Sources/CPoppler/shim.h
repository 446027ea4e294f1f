#pragma once
// GPL-2 or GPL-3: linked by fumikura-extract alone.
#include <poppler.h>

/// GLib's cast macros are not imported by Swift.
static inline void fumikura_object_unref(void *object) { g_object_unref(object); }
