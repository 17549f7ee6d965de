//===- BioPages.h - Pages of a block I/O request ----------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A request for a block device holds pages of different origin: pinned from
/// user memory, referenced, or lent by the kernel. When the device is done,
/// another context gives each back the way it was taken.
///
/// Rules: block/bio.c (bio_release_pages(), BIO_PAGE_PINNED),
/// lib/iov_iter.c (iov_iter_extract_pages()).
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_RUNTIME_BIOPAGES_H
#define PINLINT_RUNTIME_BIOPAGES_H

#include "pinlint/runtime/AddressSpace.h"

namespace pinlint::rt {

/// How a page came into a request.
enum class BioPageOrigin : uint8_t {
  Pinned,     ///< By FOLL_PIN: unpin.
  Referenced, ///< By FOLL_GET or get_page(): put.
  Lent,       ///< By the kernel: nothing to give back.
};

/// Mistakes that were made in code of this kind. For tests.
enum BioMistake : unsigned {
  /// Every page is unpinned, whatever its origin.
  ReleaseAllAsPinned = 1 << 0,
  /// Every page is put, whatever its origin: a pinned page's count falls below
  /// its bias.
  ReleaseAllAsReferenced = 1 << 1,
  /// Both the submitter and the completion release.
  ReleaseTwice = 1 << 2,
};

/// One request. Not thread-safe: it has one owner at a time.
class BioPages {
public:
  explicit BioPages(AddressSpace &Process, unsigned Mistakes = 0)
      : Process(Process), Mistakes(Mistakes) {}
  BioPages(const BioPages &) = delete;
  BioPages &operator=(const BioPages &) = delete;

  /// bio_iov_iter_get_pages() on user memory: pins what it can.
  /// \returns the number of pages added, or a negative errno if there is none.
  long addUser(UserAddr Start, uint64_t Pages, bool Write,
               Site At = Site::here());
  /// Takes a reference on a page of the page cache.
  void addReferenced(Pfn Page, Site At = Site::here());
  /// A page whose owner waits for the request.
  void addLent(Pfn Page);

  /// The device reads or writes all pages.
  bool transfer(Site At = Site::here());
  /// end_io: gives the pages back by their origin. \p Dirty: the device has
  /// written them. The second call does nothing.
  void complete(bool Dirty, Site At = Site::here());

  size_t size() const { return Pages.size(); }

private:
  struct Entry {
    Pfn Page;
    BioPageOrigin Origin;
  };
  void release(bool Dirty, Site At);

  AddressSpace &Process;
  unsigned Mistakes;
  std::vector<Entry> Pages;
};

} // namespace pinlint::rt

#endif // PINLINT_RUNTIME_BIOPAGES_H
