/*===- blkdev.h - See bio.h -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/
#include "bio.h"
