/*===- errno.h - Error numbers -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/
/**
 * \file
 * Error numbers of Linux on most architectures (asm-generic/errno*.h).
 */

#ifndef PINLINT_SHIM_LINUX_ERRNO_H
#define PINLINT_SHIM_LINUX_ERRNO_H

#ifdef __cplusplus
#include <cerrno>
#else
#define EPERM 1
#define ENOENT 2
#define ESRCH 3
#define EINTR 4
#define EIO 5
#define ENXIO 6
#define E2BIG 7
#define EBADF 9
#define EAGAIN 11
#define ENOMEM 12
#define EACCES 13
#define EFAULT 14
#define EBUSY 16
#define EEXIST 17
#define ENODEV 19
#define EINVAL 22
#define ENFILE 23
#define EMFILE 24
#define ENOTTY 25
#define EFBIG 27
#define ENOSPC 28
#define EROFS 30
#define EPIPE 32
#define EDOM 33
#define ERANGE 34
#define ENAMETOOLONG 36
#define ENOSYS 38
#define ENODATA 61
#define EPROTO 71
#define EOVERFLOW 75
#define EMSGSIZE 90
#define EOPNOTSUPP 95
#define EADDRINUSE 98
#define ENOBUFS 105
#define ETIMEDOUT 110
#define EALREADY 114
#define ECANCELED 125
#endif
#define EIOCBQUEUED 529
#define EPROBE_DEFER 517
#define ERESTARTSYS 512
#define ENOIOCTLCMD 515
#define ENOTSUPP 524

#endif /* PINLINT_SHIM_LINUX_ERRNO_H */
