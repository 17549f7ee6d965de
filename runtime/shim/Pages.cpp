//===- Pages.cpp - The shim's pages and pins ------------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "World.h"
#include "pinlint/shim/linux/mm.h"
#include "pinlint/shim/linux/sched.h"
#include <cstring>

using namespace pinlint::rt;
using namespace pinlint::rt::shim;

/// Kept for the whole process, so that leaving a run cannot lose it.
static std::vector<Pfn> &scratch(size_t Size) {
  static std::vector<Pfn> Pages;
  Pages.assign(Size, 0);
  return Pages;
}

static long gup(mm_struct *Mm, unsigned long Start, unsigned long N,
                HoldKind Kind, unsigned Flags, bool Fast, struct page **Pages,
                Site At, const char *Function) {
  World &W = world();
  W.observe(At, 0, Start);
  W.observe(At, 1, N);
  W.use(Mm, At, Function);
  if (!N)
    return 0;
  // More than there are pages: the array could not be that long either.
  if (N > Arena::MaxPages)
    return -EFAULT;
  // get_user_pages() without an array only faults the pages in.
  if (!Pages && Kind == HoldKind::Pin) {
    W.report(ViolationKind::Warning, "page pin",
             std::string(Function) + " without an array of pages", At);
    return 0;
  }
  if (Pages)
    W.check(Pages, sizeof(*Pages), At, Function);
  std::vector<Pfn> &Numbers = scratch(N);
  // Who may sleep retries until there is a page or an error
  // (__get_user_pages_locked()).
  bool NeverZero = Fast || !(Flags & FOLL_NOWAIT);
  long Result = W.Process.gup(
      {Start, N, Kind, (Flags & FOLL_WRITE) != 0, NeverZero}, Numbers, At);
  if (Result <= 0)
    return Result;
  if (!Pages) {
    W.Ledger.releaseAll(std::span(Numbers).first(Result), Kind, At);
    return Result;
  }
  W.check(Pages, Result * sizeof(*Pages), At, Function);
  for (long I = 0; I != Result; ++I)
    Pages[I] = W.pageOf(Numbers[I]);
  return Result;
}

static void releaseArray(struct page **Pages, unsigned long N, HoldKind Kind,
                         bool Dirty, Site At, const char *Function) {
  World &W = world();
  W.observe(At, 1, N);
  // An error that was taken for a count (mm/gup.c, unpin_user_pages()).
  if (IS_ERR_VALUE(N))
    return;
  for (unsigned long I = 0; I != N; ++I) {
    W.check(&Pages[I], sizeof(*Pages), At, Function);
    Pfn Page = W.pfnOf(Pages[I], At, Function);
    if (Dirty && W.Ledger.held(Page))
      W.Ledger.setDirty(Page, At);
    W.Ledger.release(Page, Kind, At);
  }
}

static void releaseOne(const void *Page, HoldKind Kind, Site At,
                       const char *Function) {
  World &W = world();
  W.Ledger.release(W.pfnOf(Page, At, Function), Kind, At);
}

extern "C" {

long get_user_pages(unsigned long start, unsigned long nr_pages,
                    unsigned int gup_flags, struct page **pages) {
  return gup(world().Current->mm, start, nr_pages, HoldKind::Get, gup_flags,
             false, pages, PINLINT_SITE, "get_user_pages()");
}
long get_user_pages_remote(struct mm_struct *mm, unsigned long start,
                           unsigned long nr_pages, unsigned int gup_flags,
                           struct page **pages, int *) {
  return gup(mm, start, nr_pages, HoldKind::Get, gup_flags, false, pages,
             PINLINT_SITE, "get_user_pages_remote()");
}
long get_user_pages_unlocked(unsigned long start, unsigned long nr_pages,
                             struct page **pages, unsigned int gup_flags) {
  return gup(world().Current->mm, start, nr_pages, HoldKind::Get, gup_flags,
             false, pages, PINLINT_SITE, "get_user_pages_unlocked()");
}
int get_user_pages_fast(unsigned long start, int nr_pages,
                        unsigned int gup_flags, struct page **pages) {
  if (nr_pages <= 0)
    return 0;
  return gup(world().Current->mm, start, nr_pages, HoldKind::Get, gup_flags,
             true, pages, PINLINT_SITE, "get_user_pages_fast()");
}
int get_user_pages_fast_only(unsigned long start, int nr_pages,
                             unsigned int gup_flags, struct page **pages) {
  if (nr_pages <= 0)
    return 0;
  // Falls back to nothing: what the fast walk does not see is not taken.
  long Result =
      gup(world().Current->mm, start, nr_pages, HoldKind::Get, gup_flags, true,
          pages, PINLINT_SITE, "get_user_pages_fast_only()");
  return Result < 0 ? 0 : Result;
}
bool get_user_page_fast_only(unsigned long addr, unsigned int gup_flags,
                             struct page **pagep) {
  return gup(world().Current->mm, addr, 1, HoldKind::Get, gup_flags, true,
             pagep, PINLINT_SITE, "get_user_page_fast_only()") == 1;
}
struct page *get_user_page_vma_remote(struct mm_struct *mm, unsigned long addr,
                                      int gup_flags, struct vm_area_struct **) {
  struct page *Page = nullptr;
  long Result = gup(mm, addr, 1, HoldKind::Get, gup_flags, true, &Page,
                    PINLINT_SITE, "get_user_page_vma_remote()");
  return Result == 1 ? Page
                     : static_cast<struct page *>(ERR_PTR(Result ?: -EFAULT));
}

long pin_user_pages(unsigned long start, unsigned long nr_pages,
                    unsigned int gup_flags, struct page **pages) {
  return gup(world().Current->mm, start, nr_pages, HoldKind::Pin, gup_flags,
             false, pages, PINLINT_SITE, "pin_user_pages()");
}
long pin_user_pages_remote(struct mm_struct *mm, unsigned long start,
                           unsigned long nr_pages, unsigned int gup_flags,
                           struct page **pages, int *) {
  return gup(mm, start, nr_pages, HoldKind::Pin, gup_flags, false, pages,
             PINLINT_SITE, "pin_user_pages_remote()");
}
long pin_user_pages_unlocked(unsigned long start, unsigned long nr_pages,
                             struct page **pages, unsigned int gup_flags) {
  return gup(world().Current->mm, start, nr_pages, HoldKind::Pin, gup_flags,
             false, pages, PINLINT_SITE, "pin_user_pages_unlocked()");
}
int pin_user_pages_fast(unsigned long start, int nr_pages,
                        unsigned int gup_flags, struct page **pages) {
  if (nr_pages <= 0)
    return 0;
  return gup(world().Current->mm, start, nr_pages, HoldKind::Pin, gup_flags,
             true, pages, PINLINT_SITE, "pin_user_pages_fast()");
}

void unpin_user_page(struct page *page) {
  releaseOne(page, HoldKind::Pin, PINLINT_SITE, "unpin_user_page()");
}
void unpin_user_pages(struct page **pages, unsigned long npages) {
  releaseArray(pages, npages, HoldKind::Pin, false, PINLINT_SITE,
               "unpin_user_pages()");
}
void unpin_user_pages_dirty_lock(struct page **pages, unsigned long npages,
                                 bool make_dirty) {
  releaseArray(pages, npages, HoldKind::Pin, make_dirty, PINLINT_SITE,
               "unpin_user_pages_dirty_lock()");
}
void unpin_user_page_range_dirty_lock(struct page *page, unsigned long npages,
                                      bool make_dirty) {
  World &W = world();
  Site At = PINLINT_SITE;
  W.observe(At, 1, npages);
  W.Ledger.unpinRange(W.pfnOf(page, At, "unpin_user_page_range_dirty_lock()"),
                      npages, make_dirty, At);
}
void unpin_folio(struct folio *folio) {
  releaseOne(folio, HoldKind::Pin, PINLINT_SITE, "unpin_folio()");
}
void unpin_folios(struct folio **folios, unsigned long nfolios) {
  releaseArray(reinterpret_cast<struct page **>(folios), nfolios, HoldKind::Pin,
               false, PINLINT_SITE, "unpin_folios()");
}
void unpin_user_folio(struct folio *folio, unsigned long npages) {
  Site At = PINLINT_SITE;
  world().observe(At, 1, npages);
  for (unsigned long I = 0; I != npages; ++I)
    releaseOne(folio, HoldKind::Pin, At, "unpin_user_folio()");
}
long memfd_pin_folios(struct file *memfd, loff_t start, loff_t end,
                      struct folio **folios, unsigned int max_folios,
                      pgoff_t *offset) {
  World &W = world();
  Site At = PINLINT_SITE;
  W.use(memfd, At, "memfd_pin_folios()");
  if (start > end || !max_folios)
    return -EINVAL;
  uint64_t N = static_cast<uint64_t>(end / static_cast<loff_t>(PAGE_SIZE)) -
               static_cast<uint64_t>(start / static_cast<loff_t>(PAGE_SIZE)) +
               1;
  N = N < max_folios ? N : max_folios;
  UserAddr Pages = W.mapUser(N);
  if (!Pages)
    return -ENOMEM;
  *offset = static_cast<pgoff_t>(start) & ~PAGE_MASK;
  return gup(W.Current->mm, Pages, N, HoldKind::Pin, 0, true,
             reinterpret_cast<struct page **>(folios), At,
             "memfd_pin_folios()");
}

void get_page(struct page *page) {
  World &W = world();
  Site At = PINLINT_SITE;
  Pfn Page = W.pfnOf(page, At, "get_page()");
  // A page that nobody holds may be gone by the time that it is referenced.
  if (W.Ledger.use(Page, At))
    W.Ledger.get(Page, {At});
}
bool get_page_unless_zero(struct page *page) {
  World &W = world();
  Site At = PINLINT_SITE;
  return W.Ledger.tryGet(W.pfnOf(page, At, "get_page_unless_zero()"), At);
}
void put_page(struct page *page) {
  releaseOne(page, HoldKind::Get, PINLINT_SITE, "put_page()");
}
void folio_get(struct folio *folio) {
  World &W = world();
  Site At = PINLINT_SITE;
  Pfn Page = W.pfnOf(folio, At, "folio_get()");
  if (W.Ledger.use(Page, At))
    W.Ledger.get(Page, {At});
}
bool folio_try_get(struct folio *folio) {
  World &W = world();
  Site At = PINLINT_SITE;
  return W.Ledger.tryGet(W.pfnOf(folio, At, "folio_try_get()"), At);
}
void folio_put(struct folio *folio) {
  releaseOne(folio, HoldKind::Get, PINLINT_SITE, "folio_put()");
}
void folio_put_refs(struct folio *folio, int refs) {
  Site At = PINLINT_SITE;
  for (int I = 0; I < refs; ++I)
    releaseOne(folio, HoldKind::Get, At, "folio_put_refs()");
}
void release_pages(struct page **pages, int nr) {
  releaseArray(pages, nr < 0 ? 0 : nr, HoldKind::Get, false, PINLINT_SITE,
               "release_pages()");
}
void put_pages_list(struct list_head *pages) {
  Site At = PINLINT_SITE;
  while (pages->next != pages) {
    list_head *Entry = pages->next;
    world().check(Entry, sizeof(*Entry), At, "put_pages_list()");
    pages->next = Entry->next;
    Entry->next->prev = pages;
    releaseOne(reinterpret_cast<char *>(Entry) - offsetof(struct page, lru),
               HoldKind::Get, At, "put_pages_list()");
  }
}
int page_count(const struct page *page) {
  World &W = world();
  return W.Ledger.kernelCount(W.pfnOf(page, PINLINT_SITE, "page_count()"));
}
bool page_maybe_dma_pinned(struct page *page) {
  World &W = world();
  return W.Ledger.maybeDmaPinned(
      W.pfnOf(page, PINLINT_SITE, "page_maybe_dma_pinned()"));
}

// Allocated pages ------------------------------------------------------------

static Pfn allocatePages(unsigned Order, Site At, const char *Function) {
  World &W = world();
  W.observe(At, 1, Order);
  if (Order > 10 || W.fails(At, Function, "NULL"))
    return 0;
  // The observer needs the size before the first hold.
  W.CompoundPages[PageLedger::FirstPfn + W.Ledger.size()] = uint64_t(1)
                                                            << Order;
  return W.Ledger.allocPage(At, Order);
}
struct page *alloc_pages(gfp_t, unsigned int order) {
  Pfn Page = allocatePages(order, PINLINT_SITE, "alloc_pages()");
  return Page ? world().pageOf(Page) : nullptr;
}
void __free_pages(struct page *page, unsigned int) {
  releaseOne(page, HoldKind::Alloc, PINLINT_SITE, "__free_pages()");
}
unsigned long __get_free_pages(gfp_t, unsigned int order) {
  Pfn Page = allocatePages(order, PINLINT_SITE, "__get_free_pages()");
  return Page ? reinterpret_cast<unsigned long>(world().contentOf(Page)) : 0;
}
unsigned long get_zeroed_page(gfp_t) {
  Pfn Page = allocatePages(0, PINLINT_SITE, "get_zeroed_page()");
  return Page ? reinterpret_cast<unsigned long>(world().contentOf(Page)) : 0;
}
static Pfn pfnOfContent(const void *P, Site At, const char *Function) {
  World &W = world();
  auto Addr = reinterpret_cast<uintptr_t>(P);
  if (W.Space.Contents.contains(Addr))
    return PageLedger::FirstPfn + (Addr - W.Space.Contents.base()) / PageSize;
  W.checkFault(Addr, At, Function);
  W.abandon();
}
void free_pages(unsigned long addr, unsigned int) {
  if (!addr)
    return;
  Site At = PINLINT_SITE;
  world().Ledger.freePage(
      pfnOfContent(reinterpret_cast<const void *>(addr), At, "free_pages()"),
      At);
}

// Conversions ----------------------------------------------------------------

static struct page *pageByNumber(unsigned long Number, Site At,
                                 const char *Function) {
  World &W = world();
  W.observe(At, 0, Number);
  if (Number - PageLedger::FirstPfn < Arena::MaxPages)
    return W.pageOf(Number);
  W.report(ViolationKind::WildAccess, "page",
           std::string(Function) + " of a number that belongs to no page", At);
  W.abandon();
}
static struct page *headOf(const void *Page, Site At, const char *Function) {
  World &W = world();
  return W.pageOf(W.Ledger.head(W.pfnOf(Page, At, Function)));
}

unsigned long page_to_pfn(const struct page *page) {
  return world().pfnOf(page, PINLINT_SITE, "page_to_pfn()");
}
struct page *pfn_to_page(unsigned long pfn) {
  return pageByNumber(pfn, PINLINT_SITE, "pfn_to_page()");
}
bool pfn_valid(unsigned long pfn) { return world().Ledger.valid(pfn); }
bool PageReserved(const struct page *page) {
  World &W = world();
  return !W.Ledger.valid(W.pfnOf(page, PINLINT_SITE, "PageReserved()"));
}
struct folio *page_folio(struct page *page) {
  return reinterpret_cast<struct folio *>(
      headOf(page, PINLINT_SITE, "page_folio()"));
}
struct page *folio_page(struct folio *folio, size_t n) {
  Site At = PINLINT_SITE;
  return pageByNumber(world().pfnOf(folio, At, "folio_page()") + n, At,
                      "folio_page()");
}
struct page *compound_head(struct page *page) {
  return headOf(page, PINLINT_SITE, "compound_head()");
}
struct page *nth_page(struct page *page, unsigned long n) {
  Site At = PINLINT_SITE;
  return pageByNumber(world().pfnOf(page, At, "nth_page()") + n, At,
                      "nth_page()");
}
void *page_address(const struct page *page) {
  World &W = world();
  return W.contentOf(W.pfnOf(page, PINLINT_SITE, "page_address()"));
}
struct page *virt_to_page(const void *addr) {
  return world().pageOf(pfnOfContent(addr, PINLINT_SITE, "virt_to_page()"));
}
bool is_zero_page(const struct page *page) {
  World &W = world();
  return W.Ledger.origin(W.pfnOf(page, PINLINT_SITE, "is_zero_page()")) ==
         PageOrigin::Zero;
}

// Uses -----------------------------------------------------------------------

/// A function of the kernel looks into the page's descriptor or content.
static Pfn usePage(const struct page *Page, Site At, const char *Function) {
  World &W = world();
  Pfn P = W.pfnOf(Page, At, Function);
  if (!W.Ledger.use(P, At))
    W.abandon();
  return P;
}

void *kmap(struct page *page) {
  return world().contentOf(usePage(page, PINLINT_SITE, "kmap()"));
}
void *kmap_local_page(struct page *page) {
  return world().contentOf(usePage(page, PINLINT_SITE, "kmap_local_page()"));
}
void *kmap_atomic(struct page *page) {
  return world().contentOf(usePage(page, PINLINT_SITE, "kmap_atomic()"));
}
void kunmap(struct page *page) {
  world().pfnOf(page, PINLINT_SITE, "kunmap()");
}
void kunmap_local(const void *) {}
void kunmap_atomic(const void *) {}

void *vmap(struct page **pages, unsigned int count, unsigned long,
           unsigned long) {
  World &W = world();
  Site At = PINLINT_SITE;
  W.observe(At, 1, count);
  if (count > Arena::MaxPages || W.fails(At, "vmap()", "NULL"))
    return nullptr;
  W.check(pages, count * sizeof(*pages), At, "vmap()");
  for (unsigned I = 0; I != count; ++I)
    usePage(pages[I], At, "vmap()");
  auto *Area = reinterpret_cast<void *>(
      W.allocate(count * PageSize, At, "kernel mapping", 0));
  if (!Area)
    return nullptr;
  for (unsigned I = 0; I != count; ++I) {
    Pfn P = W.pfnOf(pages[I], At, "vmap()");
    W.Vmaps[Area].push_back(P);
    W.Ledger.hardwareMap(P);
  }
  return Area;
}
void vunmap(const void *addr) {
  if (!addr)
    return;
  World &W = world();
  if (auto It = W.Vmaps.find(addr); It != W.Vmaps.end()) {
    for (Pfn P : It->second)
      W.Ledger.hardwareUnmap(P);
    W.Vmaps.erase(It);
  }
  W.free(addr, PINLINT_SITE, "vunmap()");
}

int set_page_dirty(struct page *page) {
  Site At = PINLINT_SITE;
  world().Ledger.setDirty(usePage(page, At, "set_page_dirty()"), At);
  return 1;
}
int set_page_dirty_lock(struct page *page) {
  Site At = PINLINT_SITE;
  world().Ledger.setDirty(usePage(page, At, "set_page_dirty_lock()"), At);
  return 1;
}
void SetPageDirty(struct page *page) {
  Site At = PINLINT_SITE;
  world().Ledger.setDirty(usePage(page, At, "SetPageDirty()"), At);
}
void lock_page(struct page *page) {
  usePage(page, PINLINT_SITE, "lock_page()");
}
void unlock_page(struct page *page) {
  usePage(page, PINLINT_SITE, "unlock_page()");
}
void mark_page_accessed(struct page *page) {
  usePage(page, PINLINT_SITE, "mark_page_accessed()");
}

// Address spaces -------------------------------------------------------------

static vm_area_struct *areaAt(mm_struct *mm, unsigned long addr, Site At) {
  World &W = world();
  W.use(mm, At, "find_vma()");
  if (!W.Process.follow(addr))
    return nullptr;
  auto *Vma = W.environment<vm_area_struct>("memory area", At);
  Vma->vm_start = addr & PAGE_MASK;
  Vma->vm_end = Vma->vm_start + PAGE_SIZE;
  Vma->vm_mm = mm;
  Vma->vm_flags = VM_READ | VM_WRITE;
  return Vma;
}
struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long addr) {
  return areaAt(mm, addr, PINLINT_SITE);
}
struct vm_area_struct *vma_lookup(struct mm_struct *mm, unsigned long addr) {
  return areaAt(mm, addr, PINLINT_SITE);
}
void mmap_read_lock(struct mm_struct *mm) {
  world().use(mm, PINLINT_SITE, "mmap_read_lock()");
}
void mmap_read_unlock(struct mm_struct *mm) {
  world().use(mm, PINLINT_SITE, "mmap_read_unlock()");
}
void mmap_write_lock(struct mm_struct *mm) {
  world().use(mm, PINLINT_SITE, "mmap_write_lock()");
}
int mmap_write_lock_killable(struct mm_struct *mm) {
  Site At = PINLINT_SITE;
  world().use(mm, At, "mmap_write_lock_killable()");
  return world().fails(At, "mmap_write_lock_killable()", "-EINTR") ? -EINTR : 0;
}
void mmap_write_unlock(struct mm_struct *mm) {
  world().use(mm, PINLINT_SITE, "mmap_write_unlock()");
}
int account_locked_vm(struct mm_struct *mm, unsigned long pages, bool inc) {
  World &W = world();
  Site At = PINLINT_SITE;
  W.observe(At, 1, pages);
  W.use(mm, At, "account_locked_vm()");
  if (inc && W.fails(At, "account_locked_vm()", "-ENOMEM"))
    return -ENOMEM;
  mm->locked_vm += inc ? pages : -pages;
  return 0;
}
unsigned long rlimit(unsigned int) {
  return AddressSpace::DefaultLockLimit << PAGE_SHIFT;
}

} // extern "C"
