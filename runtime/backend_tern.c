// SPDX-License-Identifier: Apache-2.0
#include "backend.h"
int backend_tern_open(struct backend *backend, const char *spec, struct error *err){(void)backend;return fail(err,3,"%s: no",spec);}
