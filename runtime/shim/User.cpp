//===- User.cpp - The shim's access to user memory ------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "World.h"
#include "pinlint/shim/linux/slab.h"
#include "pinlint/shim/linux/uaccess.h"
#include "pinlint/shim/pinlint/scenario.h"
#include <cstring>

using namespace pinlint::rt;
using namespace pinlint::rt::shim;

/// What one fetch can bring; larger ones fault.
static constexpr size_t MaxFetch = size_t(1) << 20;
static unsigned char Buffer[MaxFetch];

static unsigned long fetch(void *To, const void *From, unsigned long N, Site At,
                           const char *Function) {
  World &W = world();
  auto Addr = reinterpret_cast<uintptr_t>(From);
  W.observe(At, 1, Addr);
  W.observe(At, 2, N);
  if (!N)
    return 0;
  W.check(To, N, At, Function);
  if (N > MaxFetch)
    return N;
  size_t Missing = W.Process.memory().fetch(Buffer, Addr, N, At);
  std::memcpy(To, Buffer, N);
  return Missing;
}

static unsigned long store(void *To, const void *From, unsigned long N, Site At,
                           const char *Function) {
  World &W = world();
  W.observe(At, 0, reinterpret_cast<uintptr_t>(To));
  W.observe(At, 2, N);
  if (!N)
    return 0;
  W.check(From, N, At, Function);
  return W.Process.memory().store(reinterpret_cast<uintptr_t>(To), From, N, At);
}

static void *duplicate(const void *Src, size_t Len, size_t Extra, Site At,
                       const char *Function) {
  World &W = world();
  W.observe(At, 1, Len);
  if (W.fails(At, Function, "-ENOMEM"))
    return ERR_PTR(-ENOMEM);
  auto *P = reinterpret_cast<char *>(W.allocate(Len + Extra, At, "memory", 0));
  if (!P)
    return ERR_PTR(-ENOMEM);
  if (fetch(P, Src, Len, At, Function)) {
    W.free(P, At, Function);
    return ERR_PTR(-EFAULT);
  }
  return P;
}

/// Length of a user string without its end, or -1: looks at each byte once, as
/// a fetch of its own.
static long userLength(const char *S, long Limit, Site At) {
  World &W = world();
  for (long I = 0; I < Limit; ++I) {
    char C;
    if (W.Process.memory().fetch(&C, reinterpret_cast<uintptr_t>(S + I), 1, At))
      return -1;
    if (!C)
      return I;
  }
  return Limit;
}

extern "C" {

unsigned long copy_from_user(void *to, const void *from, unsigned long n) {
  return fetch(to, from, n, PINLINT_SITE, "copy_from_user()");
}
unsigned long __copy_from_user(void *to, const void *from, unsigned long n) {
  return fetch(to, from, n, PINLINT_SITE, "__copy_from_user()");
}
unsigned long copy_to_user(void *to, const void *from, unsigned long n) {
  return store(to, from, n, PINLINT_SITE, "copy_to_user()");
}
unsigned long __copy_to_user(void *to, const void *from, unsigned long n) {
  return store(to, from, n, PINLINT_SITE, "__copy_to_user()");
}
int pinlint_get_user(void *to, const void *from, unsigned long n) {
  return fetch(to, from, n, PINLINT_SITE, "get_user()") ? -EFAULT : 0;
}
int pinlint_put_user(void *to, const void *from, unsigned long n) {
  return store(to, from, n, PINLINT_SITE, "put_user()") ? -EFAULT : 0;
}
unsigned long clear_user(void *to, unsigned long n) {
  if (n > MaxFetch)
    return n;
  std::memset(Buffer, 0, n);
  return store(to, Buffer, n, PINLINT_SITE, "clear_user()");
}

int copy_struct_from_user(void *dst, size_t ksize, const void *src,
                          size_t usize) {
  Site At = PINLINT_SITE;
  size_t Common = ksize < usize ? ksize : usize;
  if (usize > ksize && usize <= MaxFetch) {
    size_t Rest = usize - ksize;
    if (fetch(Buffer, static_cast<const char *>(src) + ksize, Rest, At,
              "copy_struct_from_user()"))
      return -EFAULT;
    for (size_t I = 0; I != Rest; ++I)
      if (Buffer[I])
        return -E2BIG;
  }
  world().check(dst, ksize, At, "copy_struct_from_user()");
  std::memset(dst, 0, ksize);
  return fetch(dst, src, Common, At, "copy_struct_from_user()") ? -EFAULT : 0;
}

void *memdup_user(const void *src, size_t len) {
  return duplicate(src, len, 0, PINLINT_SITE, "memdup_user()");
}
void *vmemdup_user(const void *src, size_t len) {
  return duplicate(src, len, 0, PINLINT_SITE, "vmemdup_user()");
}
void *memdup_user_nul(const void *src, size_t len) {
  return duplicate(src, len, 1, PINLINT_SITE, "memdup_user_nul()");
}
char *strndup_user(const char *s, long n) {
  Site At = PINLINT_SITE;
  long Length = userLength(s, n, At);
  if (Length < 0)
    return static_cast<char *>(ERR_PTR(-EFAULT));
  if (Length >= n)
    return static_cast<char *>(ERR_PTR(-EINVAL));
  // The copy is terminated whatever it contains by then.
  return static_cast<char *>(duplicate(s, Length, 1, At, "strndup_user()"));
}
long strncpy_from_user(char *dst, const char *src, long count) {
  Site At = PINLINT_SITE;
  World &W = world();
  for (long I = 0; I < count; ++I) {
    W.check(dst + I, 1, At, "strncpy_from_user()");
    char C;
    if (W.Process.memory().fetch(&C, reinterpret_cast<uintptr_t>(src + I), 1,
                                 At))
      return -EFAULT;
    dst[I] = C;
    if (!C)
      return I;
  }
  return count;
}
long strnlen_user(const char *s, long n) {
  long Length = userLength(s, n, PINLINT_SITE);
  return Length < 0 ? 0 : Length + 1;
}
bool access_ok(const void *addr, unsigned long size) {
  // Half of the address space is the user's.
  auto Addr = reinterpret_cast<unsigned long>(addr);
  return Addr + size >= Addr && Addr + size <= 1UL << 47;
}

// The scenario ---------------------------------------------------------------

unsigned long pinlint_user_pages(unsigned int pages) {
  return world().mapUser(pages);
}
void *pinlint_user_data(const void *benign, const void *hostile, size_t size) {
  World &W = world();
  Site At = PINLINT_SITE;
  W.check(benign, size, At, "pinlint_user_data()");
  auto Bytes = [size](const void *P) {
    auto *First = static_cast<const uint8_t *>(P);
    return std::vector<uint8_t>(First, First + (P ? size : 0));
  };
  UserAddr Start = W.mapUser((size + PageSize - 1) / PageSize);
  if (Start)
    W.Process.memory().add(Start, Bytes(benign), Bytes(hostile));
  return reinterpret_cast<void *>(Start);
}
struct page *pinlint_kernel_page(void) {
  return world().pageOf(world().lendPage());
}
unsigned int pinlint_choose(unsigned int n, const char *what) {
  World &W = world();
  if (n < 2)
    return 0;
  unsigned Taken = W.choose(n);
  if (W.Choices.wantsText())
    W.describe(PINLINT_SITE,
               std::string(what) + " is " + std::to_string(Taken));
  return Taken;
}
void pinlint_check_state(bool consistent) {
  if (!consistent)
    world().report(ViolationKind::StaleState, "state",
                   "the program's state contradicts what it holds",
                   PINLINT_SITE);
}
void pinlint_commit(unsigned long value) {
  world().observe(PINLINT_SITE, CommitArgument, value);
}

} // extern "C"
