/* Just enough kernel for the tests of the checks: types, macros and prototypes
 * in the shapes that the kernel gives them. What a test needs of its own stands
 * in the test. */
#ifndef KERNEL_H
#define KERNEL_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long s64;
typedef unsigned long size_t;
typedef long ssize_t;
typedef long long loff_t;
typedef unsigned int gfp_t;
typedef u64 dma_addr_t;
typedef _Bool bool;

#define NULL ((void *)0)
#define true 1
#define false 0
#define __user

#define EIO 5
#define EAGAIN 11
#define ENOMEM 12
#define EFAULT 14
#define EINVAL 22
#define ERESTARTSYS 512

#define GFP_KERNEL 0xcc0u
#define FOLL_WRITE 0x1
#define FOLL_LONGTERM 0x100

#define PAGE_SHIFT 12
#define PAGE_SIZE (1UL << PAGE_SHIFT)
#define PAGE_MASK (~(PAGE_SIZE - 1))
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define PFN_UP(x) (((x) + PAGE_SIZE - 1) >> PAGE_SHIFT)
#define offset_in_page(p) ((unsigned long)(p) & ~PAGE_MASK)

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))
#define min(a, b)                                                              \
  ({                                                                           \
    __typeof__(a) a_ = (a);                                                    \
    __typeof__(b) b_ = (b);                                                    \
    a_ < b_ ? a_ : b_;                                                         \
  })
#define min_t(type, a, b) min((type)(a), (type)(b))
#define swap(a, b)                                                             \
  do {                                                                         \
    __typeof__(a) tmp_ = (a);                                                  \
    (a) = (b);                                                                 \
    (b) = tmp_;                                                                \
  } while (0)
#define offsetof(type, member) __builtin_offsetof(type, member)
#define container_of(ptr, type, member)                                        \
  ({                                                                           \
    void *p_ = (void *)(ptr);                                                  \
    (type *)(p_ - offsetof(type, member));                                     \
  })
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

void panic(const char *fmt, ...) __attribute__((noreturn));
void warn(const char *file, int line);
#define BUG() panic("BUG at %s:%d", __FILE__, __LINE__)
#define BUG_ON(c)                                                              \
  do {                                                                         \
    if (unlikely(c))                                                           \
      BUG();                                                                   \
  } while (0)
#define WARN_ON(c)                                                             \
  ({                                                                           \
    int c_ = !!(c);                                                            \
    if (unlikely(c_))                                                          \
      warn(__FILE__, __LINE__);                                                \
    unlikely(c_);                                                              \
  })

#define MAX_ERRNO 4095
static inline void *ERR_PTR(long error) { return (void *)error; }
static inline long PTR_ERR(const void *ptr) { return (long)ptr; }
static inline bool IS_ERR(const void *ptr) {
  return unlikely((unsigned long)ptr >= (unsigned long)-MAX_ERRNO);
}

/* Lists. */
struct list_head {
  struct list_head *next, *prev;
};
void list_add(struct list_head *new, struct list_head *head);
void list_add_tail(struct list_head *new, struct list_head *head);
void list_del(struct list_head *entry);
#define list_entry(ptr, type, member) container_of(ptr, type, member)
#define list_for_each_entry(pos, head, member)                                 \
  for (pos = list_entry((head)->next, __typeof__(*pos), member);               \
       &pos->member != (head);                                                 \
       pos = list_entry(pos->member.next, __typeof__(*pos), member))
#define list_for_each_entry_safe(pos, n, head, member)                         \
  for (pos = list_entry((head)->next, __typeof__(*pos), member),               \
      n = list_entry(pos->member.next, __typeof__(*pos), member);              \
       &pos->member != (head);                                                 \
       pos = n, n = list_entry(n->member.next, __typeof__(*n), member))

/* Memory. */
void *kmalloc(size_t size, gfp_t flags);
void *kzalloc(size_t size, gfp_t flags);
void *kcalloc(size_t n, size_t size, gfp_t flags);
void *kvmalloc_array(size_t n, size_t size, gfp_t flags);
void kfree(const void *p);
void kvfree(const void *p);

/* User memory. */
unsigned long copy_from_user(void *to, const void __user *from,
                             unsigned long n);
unsigned long copy_to_user(void __user *to, const void *from, unsigned long n);
void *memdup_user(const void __user *from, size_t n);
int copy_struct_from_user(void *dst, size_t ksize, const void __user *src,
                          size_t usize);
/* As on x86: the value comes out of a register variable. */
#define get_user(x, ptr)                                                       \
  ({                                                                           \
    int ret_;                                                                  \
    register unsigned long val_ asm("rdx");                                    \
    asm volatile("call get_user_%c2"                                           \
                 : "=a"(ret_), "=r"(val_)                                      \
                 : "i"(sizeof(*(ptr))), "0"(ptr));                             \
    (x) = (__typeof__(*(ptr)))val_;                                            \
    __builtin_expect(ret_, 0);                                                 \
  })

/* Locks, references, work. */
struct mutex {
  int owner;
};
void mutex_lock(struct mutex *lock);
void mutex_unlock(struct mutex *lock);
struct kref {
  int refcount;
};
void kref_init(struct kref *kref);
void kref_get(struct kref *kref);
int kref_put(struct kref *kref, void (*release)(struct kref *kref));
struct work_struct {
  void (*func)(struct work_struct *work);
};
bool schedule_work(struct work_struct *work);
struct mm_struct {
  long pinned_vm;
};

struct file;

/* Pages. */
struct address_space;
struct page {
  unsigned long flags;
  struct address_space *mapping;
};
struct folio {
  struct page page;
};
extern struct page *mem_map;
#define page_to_pfn(page) ((unsigned long)((page) - mem_map))
#define pfn_to_page(pfn) (mem_map + (pfn))
#define page_to_phys(page) ((u64)page_to_pfn(page) << PAGE_SHIFT)
#define phys_to_page(phys) pfn_to_page((phys) >> PAGE_SHIFT)
void *page_address(const struct page *page);
void *kmap_local_page(struct page *page);
void kunmap_local(const void *addr);
bool PageReserved(const struct page *page);
void set_page_dirty_lock(struct page *page);
struct page *alloc_page(gfp_t gfp);
void __free_page(struct page *page);
void get_page(struct page *page);
bool get_page_unless_zero(struct page *page);
void put_page(struct page *page);
void folio_get(struct folio *folio);
void folio_put(struct folio *folio);
struct folio *page_folio(struct page *page);
void unmap_and_put_page(struct page *page, void *addr);
void folio_release_kmap(struct folio *folio, void *addr);
void release_pages(struct page **pages, int nr);

long get_user_pages(unsigned long start, unsigned long nr_pages,
                    unsigned int gup_flags, struct page **pages);
int get_user_pages_fast(unsigned long start, int nr_pages,
                        unsigned int gup_flags, struct page **pages);
int get_user_page_fast_only(unsigned long addr, unsigned int gup_flags,
                            struct page **pagep);
long pin_user_pages(unsigned long start, unsigned long nr_pages,
                    unsigned int gup_flags, struct page **pages);
int pin_user_pages_fast(unsigned long start, int nr_pages,
                        unsigned int gup_flags, struct page **pages);
long pin_user_pages_remote(struct mm_struct *mm, unsigned long start,
                           unsigned long nr_pages, unsigned int gup_flags,
                           struct page **pages, int *locked);
void unpin_user_page(struct page *page);
void unpin_user_pages(struct page **pages, unsigned long npages);
void unpin_user_pages_dirty_lock(struct page **pages, unsigned long npages,
                                 bool make_dirty);
void unpin_user_page_range_dirty_lock(struct page *page, unsigned long npages,
                                      bool make_dirty);
void unpin_folio(struct folio *folio);
void unpin_folios(struct folio **folios, unsigned long nfolios);
long memfd_pin_folios(struct file *memfd, loff_t start, loff_t end,
                      struct folio **folios, unsigned int max_folios,
                      unsigned long *offset);

/* Iterators and block I/O. */
struct iov_iter {
  u8 iter_type;
  size_t count;
};
bool user_backed_iter(const struct iov_iter *i);
bool iov_iter_extract_will_pin(const struct iov_iter *iter);
ssize_t iov_iter_get_pages2(struct iov_iter *i, struct page **pages,
                            size_t maxsize, unsigned maxpages, size_t *start);
ssize_t iov_iter_get_pages_alloc2(struct iov_iter *i, struct page ***pages,
                                  size_t maxsize, size_t *start);
ssize_t iov_iter_extract_pages(struct iov_iter *i, struct page ***pages,
                               size_t maxsize, unsigned int maxpages,
                               unsigned int extraction_flags, size_t *offset0);
struct bio {
  void *bi_private;
  void (*bi_end_io)(struct bio *bio);
};
int bio_iov_iter_get_pages(struct bio *bio, struct iov_iter *iter);
void bio_release_pages(struct bio *bio, bool mark_dirty);
void bio_put(struct bio *bio);
struct scatterlist {
  unsigned long page_link;
  unsigned int offset, length;
};
void sg_set_page(struct scatterlist *sg, struct page *page, unsigned int len,
                 unsigned int offset);

struct vm_area_struct {
  void *vm_private_data;
};
typedef unsigned int vm_fault_t;
#define VM_FAULT_SIGBUS 0x2
#define VM_FAULT_NOPAGE 0x100
#define VM_FAULT_LOCKED 0x200
struct vm_fault {
  struct vm_area_struct *vma;
  unsigned long pgoff;
  struct page *page;
};
struct vm_operations_struct {
  vm_fault_t (*fault)(struct vm_fault *vmf);
};
struct page *vmalloc_to_page(const void *addr);

/* Somebody's functions that keep and release nothing. */
struct device;
struct request;
int map_request(struct request *rq, const struct page *page);
void run_request(struct request *rq);
void use_pages(struct page *const *pages, unsigned long n);
int fill_pages(struct page *const *pages, unsigned long n);
unsigned long first_word(const struct page *page);
struct capture {
  void *buf;
};
struct buffer {
  struct page *page;
  struct page **pages;
  long npages;
};

#endif
