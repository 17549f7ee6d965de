/*===- vmalloc.h - See slab.h -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/
#include "slab.h"
