//===- Arguments.cpp - Arguments for entry functions ----------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Arguments.h"
#include "pinlint/shim/linux/bio.h"
#include "pinlint/shim/linux/device.h"
#include "pinlint/shim/linux/fs.h"
#include "pinlint/shim/linux/kref.h"
#include "pinlint/shim/linux/sched.h"
#include "pinlint/shim/pinlint/scenario.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/BinaryFormat/Dwarf.h"
#include "llvm/DebugInfo/DWARF/DWARFUnit.h"
#include <cstring>

using namespace llvm;

namespace pinlint::verify {

static DWARFDie typeOf(DWARFDie Die) {
  return Die.getAttributeValueAsReferencedDie(dwarf::DW_AT_type);
}

/// Without typedefs and qualifiers.
static DWARFDie strip(DWARFDie Type) {
  while (Type) {
    switch (Type.getTag()) {
    case dwarf::DW_TAG_typedef:
    case dwarf::DW_TAG_const_type:
    case dwarf::DW_TAG_volatile_type:
    case dwarf::DW_TAG_restrict_type:
      Type = typeOf(Type);
      continue;
    default:
      return Type;
    }
  }
  return Type;
}

static uint64_t unsignedAttribute(DWARFDie Die, dwarf::Attribute A,
                                  uint64_t Default) {
  auto Value = Die.find(A);
  return Value ? Value->getAsUnsignedConstant().value_or(Default) : Default;
}

static uint64_t sizeOf(DWARFDie Type) {
  Type = strip(Type);
  if (!Type)
    return 0;
  if (Type.getTag() == dwarf::DW_TAG_pointer_type)
    return 8;
  if (Type.getTag() == dwarf::DW_TAG_array_type) {
    uint64_t N = 1;
    for (DWARFDie Range : Type.children())
      N *= unsignedAttribute(Range, dwarf::DW_AT_count, 0);
    return N * sizeOf(typeOf(Type));
  }
  return unsignedAttribute(Type, dwarf::DW_AT_byte_size, 0);
}

static StringRef nameOf(DWARFDie Die) {
  const char *Name = Die.getShortName();
  return Name ? Name : "";
}

static bool isUserPointer(DWARFDie Pointer) {
  for (DWARFDie Child : Pointer.children())
    if (Child.getTag() == dwarf::DW_TAG_LLVM_annotation)
      if (StringRef(dwarf::toString(Child.find(dwarf::DW_AT_const_value),
                                    "")) == "user")
        return true;
  return false;
}

static bool namesAddress(StringRef Name) {
  return Name.contains("addr") || Name.contains("start") ||
         Name.ends_with("va") || Name == "ua" || Name == "arg" ||
         Name.contains("ptr") || Name.contains("base") || Name == "uptr" ||
         Name == "buf";
}

static bool isNumber(DWARFDie Type) {
  return Type && (Type.getTag() == dwarf::DW_TAG_base_type ||
                  Type.getTag() == dwarf::DW_TAG_enumeration_type);
}

static std::string problemOf(DWARFDie Type) {
  Type = strip(Type);
  if (!Type)
    return "void";
  if (isNumber(Type))
    return "";
  if (Type.getTag() != dwarf::DW_TAG_pointer_type)
    return "a structure by value";
  DWARFDie Pointee = strip(typeOf(Type));
  if (Pointee && Pointee.getTag() == dwarf::DW_TAG_subroutine_type)
    return "a function";
  if (Pointee && Pointee.getTag() == dwarf::DW_TAG_structure_type) {
    StringRef Name = nameOf(Pointee);
    // Set up by functions of the kernel, and no use without.
    if (Name == "iommu_domain" || Name == "work_struct" || Name == "kref" ||
        Name == "rcu_head" || Name == "timer_list")
      return ("a " + Name).str();
  }
  return "";
}

std::string whyUnsupported(DWARFDie Function) {
  unsigned Count = 0;
  for (DWARFDie P : Function.children()) {
    if (P.getTag() == dwarf::DW_TAG_unspecified_parameters)
      return "variable arguments";
    if (P.getTag() != dwarf::DW_TAG_formal_parameter)
      continue;
    if (++Count > std::tuple_size<ArgumentList>())
      return "more than six parameters";
    std::string Problem = problemOf(typeOf(P));
    if (!Problem.empty())
      return ("parameter '" + nameOf(P) + "' is " + Problem).str();
  }
  return "";
}

namespace {
/// Makes the values of one call.
class Maker {
public:
  Maker(rt::shim::World &W, std::vector<rt::shim::Root> &Roots)
      : W(W), Roots(Roots) {}

  uint64_t value(DWARFDie Type, StringRef Name, unsigned Depth);

private:
  uint64_t number(DWARFDie Type, StringRef Name);
  uint64_t userMemory();
  void *object(DWARFDie Type, unsigned Depth, unsigned Count = 1);
  void fill(char *At, DWARFDie Struct, unsigned Depth);

  rt::shim::World &W;
  std::vector<rt::shim::Root> &Roots;
};
} // namespace

/// User memory behind each address that is made up.
static constexpr unsigned UserPages = 16;

uint64_t Maker::userMemory() {
  rt::UserAddr Start = W.mapUser(UserPages);
  // Eights, whatever the width of the fields; or the largest values.
  std::vector<uint8_t> Benign(rt::PageSize, 0);
  for (size_t I = 0; I < Benign.size(); I += 8)
    Benign[I] = 8;
  W.Process.memory().add(Start, std::move(Benign),
                         std::vector<uint8_t>(rt::PageSize, 0xff));
  return Start;
}

uint64_t Maker::number(DWARFDie Type, StringRef Name) {
  uint64_t Size = sizeOf(Type);
  if (Size == 8 && namesAddress(Name))
    return userMemory();
  SmallVector<int64_t, 4> Values;
  uint64_t Encoding = unsignedAttribute(Type, dwarf::DW_AT_encoding, 0);
  if (Type.getTag() == dwarf::DW_TAG_enumeration_type)
    for (DWARFDie E : Type.children()) {
      auto V = E.find(dwarf::DW_AT_const_value);
      if (V && Values.size() < 8)
        Values.push_back(V->getAsSignedConstant().value_or(
            V->getAsUnsignedConstant().value_or(0)));
    }
  else if (Encoding == dwarf::DW_ATE_boolean)
    Values = {0, 1};
  else if (Name.contains("len") || Name.contains("size") ||
           Name.contains("bytes"))
    Values = {2 * int64_t(rt::PageSize), 16};
  else if (Name.contains("page") || Name.contains("nr") || Name == "n" ||
           Name.contains("num") || Name.contains("cnt") ||
           Name.contains("count"))
    Values = {3, 1, 0};
  else
    Values = {1, 0, 2};
  unsigned Taken = Values.size() > 1 ? W.choose(Values.size()) : 0;
  if (W.Choices.wantsText() && Values.size() > 1)
    W.describe({}, ("argument " + Name + " is " + Twine(Values[Taken])).str());
  return Values.empty() ? 0 : Values[Taken];
}

void *Maker::object(DWARFDie Type, unsigned Depth, unsigned Count) {
  StringRef Name = nameOf(Type);
  if (Name == "task_struct")
    return W.Current;
  if (Name == "mm_struct")
    return W.Current->mm;
  if (Name == "device")
    return pinlint_device();
  // Held by the caller, and not the program's to give back.
  if (Name == "page" || Name == "folio")
    return pinlint_kernel_page();
  // What the program does not know the inside of, it only hands on.
  uint64_t Size = sizeOf(Type) ? sizeOf(Type) * Count : 64;
  auto *P = reinterpret_cast<char *>(W.allocate(Size, {}, "argument", 0));
  // Belongs to the caller, who may find what the program stores there.
  W.find(P)->Environment = true;
  Roots.push_back({reinterpret_cast<uintptr_t>(P), Size});
  if (Name == "file" || Name == "device_node" || Name == "dma_buf")
    W.addReferenced(P, "reference", /*Borrowed=*/true);
  for (unsigned I = 0; sizeOf(Type) && I != Count; ++I)
    fill(P + I * sizeOf(Type), Type, Depth);
  if (Name == "iov_iter")
    iov_iter_ubuf(reinterpret_cast<iov_iter *>(P), ITER_DEST,
                  reinterpret_cast<void *>(userMemory()),
                  UserPages * rt::PageSize);
  if (Name == "bio") {
    auto *B = reinterpret_cast<bio *>(P);
    B->bi_max_vecs = 16;
    uintptr_t Vecs = W.allocate(16 * sizeof(bio_vec), {}, "argument", 0);
    B->bi_io_vec = reinterpret_cast<bio_vec *>(Vecs);
    W.find(B->bi_io_vec)->Environment = true;
  }
  return P;
}

void Maker::fill(char *At, DWARFDie Struct, unsigned Depth) {
  for (DWARFDie Member : Struct.children()) {
    if (Member.getTag() != dwarf::DW_TAG_member)
      continue;
    char *Field =
        At + unsignedAttribute(Member, dwarf::DW_AT_data_member_location, 0);
    DWARFDie Type = strip(typeOf(Member));
    if (!Type)
      continue;
    if (Type.getTag() == dwarf::DW_TAG_structure_type) {
      if (nameOf(Type) == "list_head") {
        list_head Empty = {reinterpret_cast<list_head *>(Field),
                           reinterpret_cast<list_head *>(Field)};
        std::memcpy(Field, &Empty, sizeof(Empty));
      } else if (nameOf(Type) == "kref" || nameOf(Type) == "refcount_struct") {
        int One = 1;
        std::memcpy(Field, &One, sizeof(One));
      } else {
        fill(Field, Type, Depth);
      }
      continue;
    }
    if (Type.getTag() != dwarf::DW_TAG_pointer_type || !Depth)
      continue;
    DWARFDie Pointee = strip(typeOf(Type));
    // Pointers to data of unknown length stay null, as a program that has not
    // allocated them yet has them; objects are there.
    // Pages and I/O requests are what a program fills in itself.
    if (!Pointee || Pointee.getTag() != dwarf::DW_TAG_structure_type ||
        !problemOf(Type).empty() || isUserPointer(Type) ||
        nameOf(Pointee) == "page" || nameOf(Pointee) == "folio" ||
        nameOf(Pointee) == "bio")
      continue;
    void *Object = object(Pointee, Depth - 1);
    std::memcpy(Field, &Object, sizeof(Object));
  }
}

uint64_t Maker::value(DWARFDie Type, StringRef Name, unsigned Depth) {
  Type = strip(Type);
  if (isNumber(Type))
    return number(Type, Name);
  if (isUserPointer(Type))
    return userMemory();
  DWARFDie Pointee = strip(typeOf(Type));
  if (Pointee && Pointee.getTag() == dwarf::DW_TAG_structure_type)
    // Perhaps the first of an array; large structures hardly are.
    return reinterpret_cast<uintptr_t>(
        object(Pointee, Depth, sizeOf(Pointee) <= 256 ? 16 : 1));
  // An array of numbers or pointers.
  uint64_t Size = 64 * (Pointee ? sizeOf(Pointee) : 1);
  uintptr_t P = W.allocate(Size, {}, "argument", 0);
  W.find(reinterpret_cast<void *>(P))->Environment = true;
  Roots.push_back({P, Size});
  return P;
}

void makeArguments(DWARFDie Function, rt::shim::World &W, ArgumentList &Values,
                   std::vector<rt::shim::Root> &Roots) {
  Maker M(W, Roots);
  Values.fill(0);
  unsigned I = 0;
  for (DWARFDie P : Function.children())
    if (P.getTag() == dwarf::DW_TAG_formal_parameter)
      Values[I++] = M.value(typeOf(P), nameOf(P), 2);
}

bool meansFailure(DWARFDie Function, uint64_t Result) {
  DWARFDie Type = strip(typeOf(Function));
  if (!Type)
    return false;
  if (Type.getTag() == dwarf::DW_TAG_pointer_type)
    return IS_ERR_OR_NULL(reinterpret_cast<void *>(Result));
  uint64_t Encoding = unsignedAttribute(Type, dwarf::DW_AT_encoding, 0);
  if (Encoding != dwarf::DW_ATE_signed)
    return false;
  int64_t Value = sizeOf(Type) == 4 ? static_cast<int32_t>(Result) : Result;
  return Value < 0;
}

} // namespace pinlint::verify
