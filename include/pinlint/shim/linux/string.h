/*===- string.h - Memory and strings -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/
/**
 * \file
 * Memory and string functions. They are bound to checking versions, which know
 * the bounds of every object of the shim's heap.
 */

#ifndef PINLINT_SHIM_LINUX_STRING_H
#define PINLINT_SHIM_LINUX_STRING_H

#include "types.h"

#ifndef __cplusplus
#define PINLINT_SHIM_NAME(name) __asm__("pinlint_" #name)
void *memcpy(void *dest, const void *src, size_t n) PINLINT_SHIM_NAME(memcpy);
void *memmove(void *dest, const void *src, size_t n) PINLINT_SHIM_NAME(memmove);
void *memset(void *s, int c, size_t n) PINLINT_SHIM_NAME(memset);
int memcmp(const void *a, const void *b, size_t n) PINLINT_SHIM_NAME(memcmp);
size_t strlen(const char *s) PINLINT_SHIM_NAME(strlen);
size_t strnlen(const char *s, size_t n) PINLINT_SHIM_NAME(strnlen);
int strcmp(const char *a, const char *b) PINLINT_SHIM_NAME(strcmp);
int strncmp(const char *a, const char *b, size_t n) PINLINT_SHIM_NAME(strncmp);
ssize_t strscpy(char *dest, const char *src, size_t n);
void *memchr_inv(const void *start, int c, size_t bytes);
#endif

#endif /* PINLINT_SHIM_LINUX_STRING_H */
