//===- PageLedger.h - Reference and pin counts of pages ---------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Pages, and who holds them.
///
/// The rules are those of Documentation/core-api/pin_user_pages.rst:
///  - a FOLL_GET reference raises a page's count by one and is given back by
///    put_page();
///  - a FOLL_PIN reference raises it by PinBias (GUP_PIN_COUNTING_BIAS) and is
///    given back by unpin_user_page(), so that a pinned page can be told from
///    one that is merely referenced;
///  - the kinds must not be mixed: a put takes a pinned page below its bias, an
///    unpin of a referenced page underflows the count;
///  - the zero page is never pinned, and has no pin to give back;
///  - references to a compound page are counted in its head.
///
/// In addition to the kernel's one counter the ledger knows each hold apart,
/// with the place where it was acquired.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_RUNTIME_PAGELEDGER_H
#define PINLINT_RUNTIME_PAGELEDGER_H

#include "pinlint/runtime/Violation.h"
#include <functional>
#include <span>

namespace pinlint::rt {

/// What a caller holds of a page, and how it must be given back.
enum class HoldKind : uint8_t {
  Get,   ///< FOLL_GET, get_page(): put_page().
  Pin,   ///< FOLL_PIN: unpin_user_page().
  Alloc, ///< alloc_page(): __free_page() or put_page().
};

/// "page reference", "page pin", "allocated page".
const char *toString(HoldKind K);

enum class PageOrigin : uint8_t {
  User,     ///< Mapped into a process, which owns one reference.
  Kernel,   ///< Lent by the kernel (a bvec, a kvec): may be used without a
            ///< reference, is not taken by GUP.
  Zero,     ///< The zero page: pins are not counted.
  Reserved, ///< Device memory: a page frame without a usable struct page.
};

/// A place that acquires, and whether it got fewer pages than it asked for.
struct Acquisition {
  Site At;
  bool Short = false;
};

/// All pages of the machine. Thread-safe.
///
/// A misuse is reported once, where it happens, and then taken for what was
/// meant, so that one mistake does not show up as several: a put of a page that
/// is only pinned gives back the pin. kernelCount() keeps what the kernel's
/// counter would be.
class PageLedger {
public:
  /// GUP_PIN_COUNTING_BIAS, mm/gup.c.
  static constexpr int64_t PinBias = 1024;

  explicit PageLedger(ViolationLog &Log) : Log(Log) {}
  PageLedger(const PageLedger &) = delete;
  PageLedger &operator=(const PageLedger &) = delete;

  /// Adds a page; its owner (process, page cache, driver) has one reference.
  Pfn addPage(PageOrigin Origin = PageOrigin::User);
  /// Adds 2^\p Order consecutive pages that count references in the first.
  Pfn addCompound(unsigned Order, PageOrigin Origin = PageOrigin::User);
  /// The owner gives its reference up: the page was unmapped, or its process
  /// died. Holders keep theirs.
  void dropOwner(Pfn Page);
  /// alloc_pages(): nobody but the caller holds the 2^\p Order pages; their
  /// references are counted in the first.
  Pfn allocPage(Site At = Site::here(), unsigned Order = 0);

  void get(Pfn Page, Acquisition From);
  void pin(Pfn Page, Acquisition From);
  /// get_page_unless_zero(), folio_try_get(): false where nobody, not even the
  /// owner, has the page.
  bool tryGet(Pfn Page, Site At = Site::here());

  /// put_page(): gives a Get or Alloc hold back.
  void put(Pfn Page, Site At = Site::here());
  /// unpin_user_page().
  void unpin(Pfn Page, Site At = Site::here());
  /// __free_page().
  void freePage(Pfn Page, Site At = Site::here());
  /// Gives back a hold of \p Kind.
  void release(Pfn Page, HoldKind Kind, Site At = Site::here());
  void releaseAll(std::span<const Pfn> Pages, HoldKind Kind,
                  Site At = Site::here());
  /// unpin_user_page_range_dirty_lock(): consecutive pages.
  void unpinRange(Pfn First, uint64_t Count, bool Dirty,
                  Site At = Site::here());

  /// The caller looks at or changes the page (set_page_dirty(), kmap(), a
  /// device access). Reports a use without any hold.
  /// \returns whether the use is in order.
  bool use(Pfn Page, Site At = Site::here());
  /// A device reads or writes the page by DMA; somebody must hold a pin.
  bool deviceAccess(Pfn Page, Site At = Site::here());
  void setDirty(Pfn Page, Site At = Site::here());
  bool dirty(Pfn Page) const;

  /// An IOMMU translates to the page (or the kernel has it mapped by vmap())
  /// from now on, respectively no longer does. The last hold must not be given
  /// back while one does: that order is what vfio_unmap_unpin() keeps and what
  /// vhost_vdpa_pa_unmap() does not.
  void hardwareMap(Pfn Page);
  void hardwareUnmap(Pfn Page);

  /// page_ref_count(), as the kernel would see it: owner, gets and biased pins,
  /// with every mixed-up release counted as it was done.
  int64_t kernelCount(Pfn Page) const;
  /// page_maybe_dma_pinned(), mm/gup.c.
  bool maybeDmaPinned(Pfn Page) const;
  /// Number of holds of \p Kind on the page (for a compound page: its head).
  unsigned holds(Pfn Page, HoldKind Kind) const;
  bool held(Pfn Page) const;
  /// Holds of all pages and kinds.
  uint64_t totalHolds() const;
  bool owned(Pfn Page) const;
  PageOrigin origin(Pfn Page) const;
  /// Whether the number belongs to a page at all (pfn_valid()).
  bool valid(Pfn Page) const;
  /// compound_head().
  Pfn head(Pfn Page) const;
  uint64_t size() const;

  /// What was lost: one entry for all holds of a kind from one place.
  struct Outstanding {
    HoldKind Kind;
    Site Acquired;
    bool Short;
    std::vector<Pfn> Pages;
  };
  std::vector<Outstanding> outstanding() const;
  /// Reports every outstanding hold as a leak. Returns their number.
  size_t reportLeaks();

  /// Called with the lock held whenever a page gets its first or loses its last
  /// hold; must not call back.
  void observeHolds(std::function<void(Pfn, bool Held)> Observer);

  /// First page number that addPage() gives out; zero stays invalid, as callers
  /// use it for "none".
  static constexpr Pfn FirstPfn = 0x7a000;

private:
  struct Hold {
    HoldKind Kind;
    bool Short;
    Site Acquired;
  };
  struct Page {
    PageOrigin Origin = PageOrigin::User;
    bool Owned = true;
    bool Dirty = false;
    Pfn Head = 0;
    unsigned HardwareMaps = 0;
    int64_t KernelCount = 1;
    std::vector<Hold> Holds;
    /// For messages about releases and uses that come too late.
    Site LastReleased;
  };

  Page *find(Pfn P);
  const Page *find(Pfn P) const;
  Page *headOf(Pfn P);
  const Page *headOf(Pfn P) const;
  void acquire(Pfn P, HoldKind Kind, Acquisition From);
  void releaseLocked(Pfn P, HoldKind Kind, Site At);
  void dropHold(Page &Head, size_t Index, Site At);

  ViolationLog &Log;
  mutable std::mutex Lock;
  std::vector<Page> Pages;
  std::function<void(Pfn, bool)> Observer;
};

} // namespace pinlint::rt

#endif // PINLINT_RUNTIME_PAGELEDGER_H
