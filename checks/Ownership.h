//===- Ownership.h - Handles that objects keep ------------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Who keeps handles in members of objects, and who gives them back from there:
/// a view of the whole file, made from what each function does on its paths.
/// Not a check of its own; what disagrees is reported as a leak, as released
/// too often, or as released the wrong way.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_OWNERSHIP_H
#define PINLINT_OWNERSHIP_H

#include "Check.h"
#include "frontend/SourceScan.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>

namespace pinlint {

/// The name of \p D as messages have it.
std::string quoted(const clang::NamedDecl *D);

/// True if \p Loc is in a variable of the function's own.
bool isLocal(const Term *Loc);

/// What \p Rule says of one finding; the rest is the same for all.
Reporter::Report reportAt(llvm::StringRef Check, const clang::FunctionDecl *In,
                          clang::SourceLocation Loc, std::string Message,
                          llvm::StringRef Rule);

/// Where in an object something is kept: the members on the way there, from the
/// handle outwards.
struct OwnerPlace {
  llvm::SmallVector<const clang::FieldDecl *, 4> Members;
  /// The member that the place is known by: not one of the general containers
  /// such as a scatterlist, but what has the container.
  const clang::FieldDecl *Owner = nullptr;

  bool overlaps(const OwnerPlace &P) const;
};

/// What paths leave in, or ask of, members beside an owner.
using MemberRanges =
    llvm::SmallVector<std::pair<const clang::FieldDecl *, Range>, 4>;

/// A function leaves handles in an object that lives on.
struct KeptHandles {
  OwnerPlace Place;
  const Family *Fam;
  const clang::FunctionDecl *In;
  const clang::Stmt *Site;
  clang::SourceLocation Loc;
  bool Failed, Rough;
  /// The object had the member before, perhaps with something in it.
  bool MayReplace;
  /// Members of the object that say how many there are; only for arrays.
  llvm::SmallVector<const clang::FieldDecl *, 2> Counts;
  bool Many;
  MemberRanges Beside;
  Trace Path;
};

/// A function gives back what objects of its caller keep.
struct GivenBack {
  OwnerPlace Place;
  /// Null: any of the group.
  const Family *Fam;
  llvm::StringRef Group;
  const clang::FunctionDecl *In;
  clang::SourceLocation Loc;
  /// The name of what does it.
  std::string By;
  /// The member that says how many; null if none does.
  const clang::FieldDecl *Count = nullptr;
  /// Which objects these are, and where in them, is not known.
  bool Vague = false;
  bool Direct = false;
  /// The member and all beside it are left as they were, and the object lives.
  bool Stays = false;
  MemberRanges When;

  bool isOfGroup(const Family &Of) const {
    return Fam == &Of || (!Group.empty() && Group == Of.Group);
  }
  /// True if it is the right way to give back what is of that family.
  bool gives(const Family &Of) const;
};

/// A function leaves what another object has in an object too, without a
/// reference for it.
struct Borrowed {
  OwnerPlace Place;
  const clang::FieldDecl *From;
  const clang::FunctionDecl *In;
};

struct FunctionText;

class Ownership : public Check {
public:
  using Check::Check;
  /// The checks that findings about ownership go under.
  static bool concerns(llvm::StringRef CheckName);

  void leaving(const Leaving &L) override;
  void strayRelease(const StrayRelease &X) override;
  void judge(const LifetimeFacts &Facts) override;

private:
  void noteKept(const Leaving &L, const Obligation &O);
  void noteOthers(const Leaving &L, const Obligation &O);
  void noteBorrowed(const Leaving &L);
  void noteGivenBack(const Leaving &L, const Effect &E);
  OwnerPlace placeOf(const Term *Loc);
  bool isOwn(const clang::RecordDecl *Object);

  /// Releases of what \p K keeps.
  llvm::SmallVector<const GivenBack *, 4>
  releasesOf(const KeptHandles &K) const;
  /// True if \p G, whose object is not known, may give back what \p K keeps:
  /// who does that has to name the member, or another one that has the same.
  bool mayGiveBack(const GivenBack &G, const KeptHandles &K,
                   const LifetimeFacts &Facts) const;
  /// True if \p G, of another function, gives back what \p K keeps, or
  /// something else that the same object does.
  bool gives(const GivenBack &G, const KeptHandles &K,
             const LifetimeFacts &Facts) const;
  bool isReleasedVaguely(const KeptHandles &K,
                         const LifetimeFacts &Facts) const;

  bool isForgotten(const KeptHandles &K, const LifetimeFacts &Facts);
  void judgeForgotten(const LifetimeFacts &Facts,
                      llvm::ArrayRef<FunctionText> Texts);
  void judgeApart(const KeptHandles &K, const LifetimeFacts &Facts,
                  llvm::ArrayRef<FunctionText> Texts);
  void judgeGuards(const KeptHandles &K, const LifetimeFacts &Facts,
                   llvm::ArrayRef<FunctionText> Texts);
  void judgeCounts(const KeptHandles &K);
  void judgeStaying(const LifetimeFacts &Facts);
  void reportFamily(const KeptHandles &K, const GivenBack &Wrong);
  void judgeFamilies(const KeptHandles &K);
  bool mayBeTaken(const GivenBack &G, const KeptHandles &K,
                  const LifetimeFacts &Facts,
                  llvm::ArrayRef<FunctionText> Texts) const;
  void judgeNeverTaken(const KeptHandles &K, const LifetimeFacts &Facts,
                       llvm::ArrayRef<FunctionText> Texts);
  void judgeReplaced(const KeptHandles &K, const LifetimeFacts &Facts);
  void judgeBorrowed(const LifetimeFacts &Facts,
                     llvm::ArrayRef<FunctionText> Texts);
  void judgeCleared(llvm::ArrayRef<FunctionText> Texts);
  void judgeRanges(const LifetimeFacts &Facts,
                   llvm::ArrayRef<FunctionText> Texts);
  void judgeEntries(const LifetimeFacts &Facts,
                    llvm::ArrayRef<FunctionText> Texts);

  /// What the main file includes; not read unless it is wanted.
  std::optional<std::vector<SourceScan::Include>> MainIncludes;
  /// Whether what files define is what the main file is about.
  llvm::DenseMap<clang::FileID, bool> OwnHeaders;
  std::vector<KeptHandles> Kept;
  /// References, and whatever else there may be of the same group, that objects
  /// keep beside pins.
  std::vector<std::pair<OwnerPlace, const Family *>> Others;
  std::vector<GivenBack> Given;
  std::vector<Borrowed> Lent;
  /// Functions that acquire pins and leave them somewhere: in the hands of code
  /// that is not known, or where their callers find them.
  struct Source {
    const clang::FunctionDecl *In;
    const Family *Fam;
    const clang::Stmt *Site;
    bool Gone;
  };
  std::vector<Source> Sources;
};

} // namespace pinlint

#endif // PINLINT_OWNERSHIP_H
