//===- DoubleFree.h - Objects that are freed twice --------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_DOUBLEFREE_H
#define PINLINT_DOUBLEFREE_H

#include "Check.h"
#include "frontend/LifetimeFacts.h"
#include <set>

namespace pinlint {

/// Reports objects that are freed although they are dead already: on one path,
/// or by whoever comes next because a field of an object that lives on keeps
/// pointing to them.
class DoubleFree : public Check {
public:
  static constexpr const char *Name = "pinlint-double-free";
  using Check::Check;
  void outlived(const LifetimeFault &F) override;
  void leftDangling(const Dangling &X) override;
  void judge(const LifetimeFacts &Facts) override;

private:
  /// A slot that a function leaves dangling.
  struct Left {
    Reporter::Report Rep;
    const clang::Decl *Slot;
    /// The members on the way to it, from the slot outwards.
    llvm::SmallVector<const clang::FieldDecl *, 4> Members;
    /// Where the object is freed, in whatever callee.
    clang::SourceLocation FreedAt;
    const clang::FunctionDecl *FreedBy = nullptr;
    /// The function itself had put the object there.
    bool Own;
    /// The function failed while it filled a slot that it had not looked at:
    /// who made the object that the slot is in knows that there is nothing.
    bool Unfinished;
    bool Failed; ///< The function reports a failure.
    bool IsReference;
    std::string Spelt;
  };
  std::string habit(const Left &L, const LifetimeFacts &Facts) const;
  std::string freedAgain(const Left &L, const LifetimeFacts &Facts) const;
  void reportHandovers(const LifetimeFacts &Facts);

  std::vector<Left> Slots;
  /// Function, slot and place of the free: one report is enough.
  std::set<
      std::tuple<const clang::FunctionDecl *, const clang::Decl *, unsigned>>
      Known;
};

/// The parts that reports about dead objects have in common.
Reporter::Report reportOf(const LifetimeFault &F, llvm::StringRef Check);

/// The object in question: "'v->domain'", or "the object".
std::string objectName(const LifetimeFault &F);

} // namespace pinlint

#endif // PINLINT_DOUBLEFREE_H
