//===- Block.cpp - The shim's iterators and bios --------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "World.h"
#include "pinlint/shim/linux/bio.h"
#include "pinlint/shim/linux/err.h"
#include <algorithm>
#include <cstring>

using namespace pinlint::rt;
using namespace pinlint::rt::shim;

/// Takes pages from the front of an iterator, without moving it.
/// \returns bytes, or a negative error.
static ssize_t takePages(iov_iter *I, page **Pages, size_t MaxSize,
                         unsigned MaxPages, size_t *Offset, HoldKind Kind,
                         Site At, const char *Function) {
  World &W = world();
  size_t Size = std::min(MaxSize, I->count);
  if (!Size || !MaxPages)
    return 0;
  if (user_backed_iter(I)) {
    UserAddr Start = reinterpret_cast<uintptr_t>(I->ubuf) + I->iov_offset;
    *Offset = Start % PageSize;
    uint64_t N = std::min<uint64_t>((*Offset + Size + PageSize - 1) / PageSize,
                                    MaxPages);
    W.check(Pages, N * sizeof(*Pages), At, Function);
    static std::vector<Pfn> Numbers;
    Numbers.assign(N, 0);
    bool Write = !I->data_source;
    long Got =
        W.Process.gup({Start, N, Kind, Write, /*Fast=*/true}, Numbers, At);
    if (Got <= 0)
      return Got ? Got : -EFAULT;
    for (long P = 0; P != Got; ++P)
      Pages[P] = W.pageOf(Numbers[P]);
    return std::min<size_t>(Size, Got * PageSize - *Offset);
  }
  if (!iov_iter_is_bvec(I))
    return -EFAULT;
  // The kernel's own pages, of one segment: pins are not taken, as whoever
  // built the iterator holds them; references are.
  const bio_vec *V = I->bvec;
  size_t Skip = I->iov_offset;
  while (Skip >= V->bv_len) {
    Skip -= V->bv_len;
    ++V;
  }
  W.check(V, sizeof(*V), At, Function);
  W.check(Pages, sizeof(*Pages), At, Function);
  *Offset = V->bv_offset + Skip;
  Pages[0] = V->bv_page;
  if (Kind == HoldKind::Get)
    W.Ledger.get(W.pfnOf(V->bv_page, At, Function), {At});
  return std::min<size_t>({Size, V->bv_len - Skip, PageSize - *Offset});
}

static page **arrayFor(iov_iter *I, size_t MaxSize, unsigned MaxPages, Site At,
                       const char *Function) {
  World &W = world();
  size_t N =
      std::min<size_t>(std::min(MaxSize, I->count) / PageSize + 2, MaxPages);
  if (W.fails(At, Function, "-ENOMEM"))
    return nullptr;
  return reinterpret_cast<page **>(
      W.allocate(N * sizeof(page *), At, "page array", 0));
}

static ssize_t takeInto(iov_iter *I, page ***Pages, size_t MaxSize,
                        unsigned MaxPages, size_t *Offset, HoldKind Kind,
                        Site At, const char *Function) {
  World &W = world();
  W.check(I, sizeof(*I), At, Function);
  W.observe(At, 2, MaxSize);
  bool Own = !*Pages;
  if (Own && !(*Pages = arrayFor(I, MaxSize, MaxPages, At, Function)))
    return -ENOMEM;
  ssize_t Bytes =
      takePages(I, *Pages, MaxSize, MaxPages, Offset, Kind, At, Function);
  if (Bytes > 0) {
    I->iov_offset += Bytes;
    I->count -= Bytes;
  } else if (Own && Kind == HoldKind::Get) {
    // iov_iter_extract_pages() leaves its array to the caller.
    W.free(*Pages, At, Function);
    *Pages = nullptr;
  }
  return Bytes;
}

static void complete(bio *Bio, Site At) {
  World &W = world();
  bool Failed = W.fails(At, "the transfer", "an I/O error");
  Bio->bi_status = Failed ? BLK_STS_IOERR : BLK_STS_OK;
}

extern "C" {

void iov_iter_ubuf(struct iov_iter *i, unsigned int direction, void *buf,
                   size_t count) {
  *i = {};
  i->iter_type = ITER_UBUF;
  i->data_source = direction;
  i->ubuf = buf;
  i->count = count;
  i->nr_segs = 1;
}
void iov_iter_bvec(struct iov_iter *i, unsigned int direction,
                   const struct bio_vec *bvec, unsigned long nr_segs,
                   size_t count) {
  *i = {};
  i->iter_type = ITER_BVEC;
  i->data_source = direction;
  i->bvec = bvec;
  i->nr_segs = nr_segs;
  i->count = count;
}
ssize_t iov_iter_extract_pages(struct iov_iter *i, struct page ***pages,
                               size_t maxsize, unsigned int maxpages,
                               iov_iter_extraction_t, size_t *offset0) {
  return takeInto(i, pages, maxsize, maxpages, offset0, HoldKind::Pin,
                  PINLINT_SITE, "iov_iter_extract_pages()");
}
ssize_t iov_iter_get_pages2(struct iov_iter *i, struct page **pages,
                            size_t maxsize, unsigned int maxpages,
                            size_t *start) {
  return takeInto(i, &pages, maxsize, maxpages, start, HoldKind::Get,
                  PINLINT_SITE, "iov_iter_get_pages2()");
}
ssize_t iov_iter_get_pages_alloc2(struct iov_iter *i, struct page ***pages,
                                  size_t maxsize, size_t *start) {
  *pages = nullptr;
  return takeInto(i, pages, maxsize, ~0u, start, HoldKind::Get, PINLINT_SITE,
                  "iov_iter_get_pages_alloc2()");
}
int iov_iter_npages(const struct iov_iter *i, int maxpages) {
  world().check(i, sizeof(*i), PINLINT_SITE, "iov_iter_npages()");
  size_t Offset =
      user_backed_iter(i)
          ? (reinterpret_cast<uintptr_t>(i->ubuf) + i->iov_offset) % PageSize
          : 0;
  size_t N = (Offset + i->count + PageSize - 1) / PageSize;
  return std::min<size_t>(N, maxpages);
}
void iov_iter_advance(struct iov_iter *i, size_t bytes) {
  bytes = std::min(bytes, i->count);
  i->iov_offset += bytes;
  i->count -= bytes;
}
void iov_iter_revert(struct iov_iter *i, size_t bytes) {
  i->iov_offset -= bytes;
  i->count += bytes;
}
size_t copy_from_iter(void *addr, size_t bytes, struct iov_iter *i) {
  World &W = world();
  Site At = PINLINT_SITE;
  W.observe(At, 1, bytes);
  bytes = std::min(bytes, i->count);
  W.check(addr, bytes, At, "copy_from_iter()");
  if (!user_backed_iter(i)) {
    std::memset(addr, 0, bytes);
    iov_iter_advance(i, bytes);
    return bytes;
  }
  static std::vector<unsigned char> Buffer;
  Buffer.assign(bytes, 0);
  size_t Missing = W.Process.memory().fetch(
      Buffer.data(), reinterpret_cast<uintptr_t>(i->ubuf) + i->iov_offset,
      bytes, At);
  std::memcpy(addr, Buffer.data(), bytes);
  iov_iter_advance(i, bytes - Missing);
  return bytes - Missing;
}

// Bios -----------------------------------------------------------------------

struct bio *bio_alloc(struct block_device *, unsigned short nr_vecs,
                      unsigned int opf, gfp_t) {
  // Comes from a reserve, and waits for it if need be: cannot fail.
  World &W = world();
  Site At = PINLINT_SITE;
  W.observe(At, 1, nr_vecs);
  auto *Bio = reinterpret_cast<bio *>(
      W.allocate(sizeof(bio) + nr_vecs * sizeof(bio_vec), At, "bio", 0));
  std::memset(static_cast<void *>(Bio), 0, sizeof(*Bio));
  Bio->bi_opf = opf;
  Bio->bi_max_vecs = nr_vecs;
  Bio->bi_io_vec = reinterpret_cast<bio_vec *>(Bio + 1);
  return Bio;
}
void bio_put(struct bio *bio) { world().free(bio, PINLINT_SITE, "bio_put()"); }
int bio_add_page(struct bio *bio, struct page *page, unsigned int len,
                 unsigned int off) {
  World &W = world();
  Site At = PINLINT_SITE;
  W.observe(At, 2, len);
  W.check(bio, sizeof(*bio), At, "bio_add_page()");
  if (bio->bi_vcnt == bio->bi_max_vecs)
    return 0;
  bio->bi_io_vec[bio->bi_vcnt++] = {page, len, off};
  bio->bi_size += len;
  return len;
}
int bio_iov_iter_get_pages(struct bio *bio, struct iov_iter *iter) {
  World &W = world();
  Site At = PINLINT_SITE;
  W.check(bio, sizeof(*bio), At, "bio_iov_iter_get_pages()");
  W.check(iter, sizeof(*iter), At, "bio_iov_iter_get_pages()");
  if (iov_iter_extract_will_pin(iter))
    bio_set_flag(bio, BIO_PAGE_PINNED);
  ssize_t Result = 0;
  while (iter->count && bio->bi_vcnt != bio->bi_max_vecs) {
    page *Pages[1];
    size_t Offset = 0;
    Result = takePages(iter, Pages, ~size_t(0), 1, &Offset, HoldKind::Pin, At,
                       "bio_iov_iter_get_pages()");
    if (Result <= 0)
      break;
    bio->bi_io_vec[bio->bi_vcnt++] = {Pages[0], static_cast<unsigned>(Result),
                                      static_cast<unsigned>(Offset)};
    bio->bi_size += Result;
    iter->iov_offset += Result;
    iter->count -= Result;
  }
  return bio->bi_vcnt ? 0 : static_cast<int>(Result);
}
void bio_release_pages(struct bio *bio, bool mark_dirty) {
  World &W = world();
  Site At = PINLINT_SITE;
  W.check(bio, sizeof(*bio), At, "bio_release_pages()");
  if (!bio_flagged(bio, BIO_PAGE_PINNED))
    return;
  for (unsigned I = 0; I != bio->bi_vcnt; ++I) {
    Pfn Page = W.pfnOf(bio->bi_io_vec[I].bv_page, At, "bio_release_pages()");
    if (mark_dirty && W.Ledger.held(Page))
      W.Ledger.setDirty(Page, At);
    W.Ledger.unpin(Page, At);
  }
}
void bio_set_pages_dirty(struct bio *bio) {
  World &W = world();
  Site At = PINLINT_SITE;
  W.check(bio, sizeof(*bio), At, "bio_set_pages_dirty()");
  for (unsigned I = 0; I != bio->bi_vcnt; ++I)
    W.Ledger.setDirty(
        W.pfnOf(bio->bi_io_vec[I].bv_page, At, "bio_set_pages_dirty()"), At);
}
void submit_bio(struct bio *bio) {
  World &W = world();
  Site At = PINLINT_SITE;
  W.check(bio, sizeof(*bio), At, "submit_bio()");
  W.Pending.push_back({World::Later::Bio, bio, nullptr,
                       [](const World::Later &L) {
                         auto *Bio = static_cast<struct bio *>(L.Object);
                         world().check(Bio, sizeof(*Bio), L.At,
                                       "completion of a bio");
                         complete(Bio, L.At);
                         if (Bio->bi_end_io)
                           Bio->bi_end_io(Bio);
                       },
                       At});
}
int submit_bio_wait(struct bio *bio) {
  Site At = PINLINT_SITE;
  world().check(bio, sizeof(*bio), At, "submit_bio_wait()");
  complete(bio, At);
  return bio->bi_status ? -EIO : 0;
}
void bio_endio(struct bio *bio) {
  world().check(bio, sizeof(*bio), PINLINT_SITE, "bio_endio()");
  if (bio->bi_end_io)
    bio->bi_end_io(bio);
}
int blk_status_to_errno(blk_status_t status) { return status ? -EIO : 0; }

} // extern "C"
