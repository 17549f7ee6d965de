/*===- dma-mapping.h - See scatterlist.h -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/
#include "scatterlist.h"
