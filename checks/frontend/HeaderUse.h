//===- HeaderUse.h - What a unit has of a header set ------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A unit that is parsed on top of a header set sees headers that it does not
/// include, and has read those that it includes before anything that it defines
/// itself. Mostly that is all the same. This watches the parse and says where
/// it may not be:
///
/// - a macro is used, or asked for, before the unit includes a header that
///   defines it;
/// - a header that the unit includes mentions what the unit has defined or
///   undefined as a macro before. Where one text takes the place of another, as
///   in pr_fmt(), that does not count, nor does a definition that is the same
///   as that of the header;
/// - the unit does not define, or not yet, what was defined before the headers
///   of the set.
///
/// A function, variable or type that the unit should not see is no difference:
/// what parses without it cannot mean it, and what declares the same again does
/// not parse. Nor is a structure that the unit should know by its name only, as
/// it does not include the header that defines it: nothing that it says asks
/// for more, and for those who look at its code the definition is taken away.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_FRONTEND_HEADERUSE_H
#define PINLINT_FRONTEND_HEADERUSE_H

#include "HeaderSet.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include <string>
#include <vector>

namespace clang {
class CompilerInstance;
class Decl;
class FileEntry;
class IdentifierInfo;
class MacroDefinition;
class MacroInfo;
class NamedDecl;
class RecordDecl;
class SourceLocation;
class Token;
} // namespace clang

namespace pinlint {

class HeaderUse {
public:
  /// \p CI is about to begin with a unit on top of \p Set.
  HeaderUse(const HeaderSet &Set, clang::CompilerInstance &CI);

  /// Takes away what code that is to be analysed should not know, after the
  /// parse.
  void forgetUnseen(const clang::Decl *D);

  /// What is different; empty if nothing is.
  llvm::StringRef difference() const { return Difference; }
  /// A definition before the headers, as after #define, with which that would
  /// be none; empty if there is no such.
  llvm::StringRef wanted() const { return Wanted; }

  /// What is called \p Name at the top level, without what the unit should not
  /// see. (To ask the syntax tree is to load all of the set.)
  std::vector<clang::NamedDecl *> lookup(llvm::StringRef Name) const;

  /// Appends the headers that the unit has of the set.
  void listFiles(std::vector<std::string> &Paths) const;
  /// True if \p File belongs to the set, or is the list that it was made of,
  /// which no unit reads.
  bool isOfSet(const clang::FileEntry *File) const {
    return File == List || Numbers.contains(File);
  }

private:
  friend class HeaderUseWatcher;
  friend class HeaderUseVisitor;
  bool isIncluded(clang::SourceLocation Loc) const;
  void forgetUnseen(const clang::RecordDecl *R);
  bool sees(const clang::NamedDecl *D) const;
  void include(uint32_t File);
  /// True unless only headers that the unit has not included declare \p Name.
  bool isKnown(NameHash Name) const;
  void useMacro(const clang::IdentifierInfo *Name,
                const clang::MacroDefinition &MD);
  /// \p Before is null where the set does not define the macro.
  void changeMacro(const clang::IdentifierInfo *Name,
                   const clang::MacroInfo *Before, const clang::MacroInfo *Now);
  void differ(const llvm::Twine &Why);
  void findPremises();

  const HeaderSet &Set;
  clang::CompilerInstance &CI;
  llvm::DenseMap<const clang::FileEntry *, uint32_t> Numbers;
  const clang::FileEntry *List = nullptr;
  /// Headers that the unit has included, and those that mention something that
  /// the unit has changed before.
  llvm::BitVector Included;
  struct Change {
    const clang::IdentifierInfo *Name;
    const clang::MacroInfo *Now;
    bool IsNew;
  };
  llvm::DenseMap<uint32_t, Change> Changed;
  /// What was defined before the headers of the set and is not yet by the unit,
  /// and the headers to which that means something.
  llvm::DenseSet<const clang::IdentifierInfo *> Owed;
  llvm::DenseMap<uint32_t, llvm::SmallVector<const clang::IdentifierInfo *, 1>>
      Needing;
  llvm::DenseSet<const clang::IdentifierInfo *> KnownMacros;
  llvm::DenseSet<const clang::RecordDecl *> Seen;
  std::string Difference, Wanted;
};

} // namespace pinlint

#endif // PINLINT_FRONTEND_HEADERUSE_H
