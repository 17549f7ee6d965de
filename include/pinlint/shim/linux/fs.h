/*===- fs.h - Files -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/
/**
 * \file
 * References on files, event descriptors and DMA buffers.
 */

#ifndef PINLINT_SHIM_LINUX_FS_H
#define PINLINT_SHIM_LINUX_FS_H

#include "err.h"
#include "types.h"

struct inode {
  unsigned long i_ino;
  void *i_private;
};

struct file {
  void *private_data;
  fmode_t f_mode;
  unsigned int f_flags;
  const struct file_operations *f_op;
};

struct vm_area_struct;
struct module;
struct kiocb;
struct iov_iter;

struct file_operations {
  struct module *owner;
  loff_t (*llseek)(struct file *, loff_t, int);
  ssize_t (*read)(struct file *, char __user *, size_t, loff_t *);
  ssize_t (*write)(struct file *, const char __user *, size_t, loff_t *);
  ssize_t (*read_iter)(struct kiocb *, struct iov_iter *);
  ssize_t (*write_iter)(struct kiocb *, struct iov_iter *);
  long (*unlocked_ioctl)(struct file *, unsigned int, unsigned long);
  long (*compat_ioctl)(struct file *, unsigned int, unsigned long);
  int (*mmap)(struct file *, struct vm_area_struct *);
  int (*open)(struct inode *, struct file *);
  int (*flush)(struct file *, void *);
  int (*release)(struct inode *, struct file *);
};

struct fd {
  struct file *file;
};
#define fd_file(f) ((f).file)

struct eventfd_ctx;
struct dma_buf {
  size_t size;
  void *priv;
};

#ifdef __cplusplus
extern "C" {
#endif
struct file *fget(unsigned int fd);
struct file *get_file(struct file *f);
void fput(struct file *file);
struct fd fdget(unsigned int fd);
void fdput(struct fd fd);
struct eventfd_ctx *eventfd_ctx_fdget(int fd);
struct eventfd_ctx *eventfd_ctx_fileget(struct file *file);
void eventfd_ctx_put(struct eventfd_ctx *ctx);
void eventfd_signal(struct eventfd_ctx *ctx);
struct file *eventfd_fget(int fd);
struct dma_buf *dma_buf_get(int fd);
void dma_buf_put(struct dma_buf *dmabuf);
void get_dma_buf(struct dma_buf *dmabuf);
int get_unused_fd_flags(unsigned int flags);
void put_unused_fd(unsigned int fd);
void fd_install(unsigned int fd, struct file *file);
struct file *anon_inode_getfile(const char *name,
                                const struct file_operations *fops, void *priv,
                                int flags);
#ifdef __cplusplus
}
#endif

#define O_RDWR 02
#define O_CLOEXEC 02000000

#endif /* PINLINT_SHIM_LINUX_FS_H */
