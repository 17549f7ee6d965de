/*===- byteorder.h - See kernel.h -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/
#include "kernel.h"
