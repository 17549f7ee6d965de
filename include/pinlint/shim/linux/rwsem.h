/*===- rwsem.h - See mutex.h -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/
#include "mutex.h"
