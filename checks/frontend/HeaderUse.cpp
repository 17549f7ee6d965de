//===- HeaderUse.cpp - What a unit has of a header set --------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "HeaderUse.h"
#include "clang/AST/Decl.h"
#include "clang/AST/RecursiveASTVisitor.h"
#include "clang/Basic/FileManager.h"
#include "clang/Basic/SourceManager.h"
#include "clang/Frontend/CompilerInstance.h"
#include "clang/Lex/MacroInfo.h"
#include "clang/Lex/PPCallbacks.h"
#include "clang/Lex/Preprocessor.h"
#include "clang/Sema/Sema.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Path.h"

using namespace clang;

namespace pinlint {

class HeaderUseWatcher : public PPCallbacks {
public:
  explicit HeaderUseWatcher(HeaderUse &Use) : Use(Use) {}

  void InclusionDirective(SourceLocation, const Token &, llvm::StringRef, bool,
                          CharSourceRange, OptionalFileEntryRef File,
                          llvm::StringRef, llvm::StringRef, const Module *,
                          bool, SrcMgr::CharacteristicKind) override {
    if (!File)
      return;
    auto It = Use.Numbers.find(&File->getFileEntry());
    if (It != Use.Numbers.end())
      Use.include(It->second);
  }
  void MacroExpands(const Token &Name, const MacroDefinition &MD, SourceRange,
                    const MacroArgs *) override {
    // What expands to its own name might as well not be there.
    const MacroInfo *MI = MD.getMacroInfo();
    if (MI && MI->isObjectLike() && MI->getNumTokens() == 1 &&
        MI->getReplacementToken(0).getIdentifierInfo() ==
            Name.getIdentifierInfo())
      return;
    Use.useMacro(Name.getIdentifierInfo(), MD);
  }
  void Defined(const Token &Name, const MacroDefinition &MD,
               SourceRange) override {
    Use.useMacro(Name.getIdentifierInfo(), MD);
  }
  void Ifdef(SourceLocation, const Token &Name,
             const MacroDefinition &MD) override {
    Use.useMacro(Name.getIdentifierInfo(), MD);
  }
  void Ifndef(SourceLocation, const Token &Name,
              const MacroDefinition &MD) override {
    Use.useMacro(Name.getIdentifierInfo(), MD);
  }
  void Elifdef(SourceLocation, const Token &Name,
               const MacroDefinition &MD) override {
    Use.useMacro(Name.getIdentifierInfo(), MD);
  }
  void Elifndef(SourceLocation, const Token &Name,
                const MacroDefinition &MD) override {
    Use.useMacro(Name.getIdentifierInfo(), MD);
  }
  void MacroDefined(const Token &Name, const MacroDirective *MD) override {
    // What it was in the set, if it was anything.
    const MacroDirective *Before = MD->getPrevious();
    while (Before && !isa<DefMacroDirective>(Before))
      Before = Before->getPrevious();
    Use.changeMacro(Name.getIdentifierInfo(),
                    Before ? Before->getMacroInfo() : nullptr,
                    MD->getMacroInfo());
  }
  void MacroUndefined(const Token &Name, const MacroDefinition &MD,
                      const MacroDirective *) override {
    if (const MacroInfo *MI = MD.getMacroInfo())
      Use.changeMacro(Name.getIdentifierInfo(), MI, MI);
  }

private:
  HeaderUse &Use;
};

HeaderUse::HeaderUse(const HeaderSet &Set, CompilerInstance &CI)
    : Set(Set), CI(CI), Included(Set.files().size()) {
  for (const auto &[I, F] : llvm::enumerate(Set.files()))
    if (auto Entry = CI.getFileManager().getOptionalFileRef(F.Path))
      Numbers[&Entry->getFileEntry()] = I;
  llvm::SmallString<256> Source(Set.precompiled());
  llvm::sys::path::replace_extension(Source, ".h");
  if (auto Entry = CI.getFileManager().getOptionalFileRef(Source))
    List = &Entry->getFileEntry();
  // These come before what was defined for the set.
  for (uint32_t F : Set.given())
    include(F);
  findPremises();
  CI.getPreprocessor().addPPCallbacks(
      std::make_unique<HeaderUseWatcher>(*this));
}

void HeaderUse::findPremises() {
  for (llvm::StringRef Premise : Set.premises()) {
    llvm::StringRef Name = Premise.split(' ').first;
    const IdentifierInfo *II = CI.getPreprocessor().getIdentifierInfo(Name);
    Owed.insert(II);
    for (NameHash Hash : {hashName(Name), hashDefinition(Name)})
      for (const HeaderSet::Mention &M : Set.mentions(Hash))
        Needing[M.File].push_back(II);
  }
}

/// \p Name and what it is defined as, if that is the same wherever it stands.
static std::string definitionOf(const IdentifierInfo *Name, const MacroInfo *MI,
                                Preprocessor &PP) {
  std::string Text = Name->getName().str();
  if (!MI->isObjectLike())
    return "";
  for (const Token &T : MI->tokens()) {
    if (!T.isLiteral())
      return "";
    Text += ' ' + PP.getSpelling(T);
  }
  return Text;
}

void HeaderUse::differ(const llvm::Twine &Why) {
  if (Difference.empty())
    Difference = Why.str();
}

void HeaderUse::include(uint32_t File) {
  std::vector<uint32_t> Todo{File};
  while (!Todo.empty()) {
    uint32_t F = Todo.back();
    Todo.pop_back();
    if (F >= Included.size() || Included.test(F))
      continue;
    Included.set(F);
    if (auto It = Changed.find(F); It != Changed.end() && Difference.empty()) {
      const Change &C = It->second;
      differ(Set.files()[F].Path + " mentions " + C.Name->getName() +
             ", which has been changed before");
      if (C.IsNew)
        Wanted = definitionOf(C.Name, C.Now, CI.getPreprocessor());
    }
    if (auto It = Needing.find(F); It != Needing.end())
      for (const IdentifierInfo *Name : It->second)
        if (Owed.contains(Name))
          differ(Set.files()[F].Path + " mentions " + Name->getName() +
                 ", which is not defined");
    llvm::append_range(Todo, Set.files()[F].Includes);
  }
}

bool HeaderUse::isKnown(NameHash Name) const {
  llvm::ArrayRef<HeaderSet::Mention> All = Set.declarations(Name);
  return All.empty() || llvm::any_of(All, [&](const HeaderSet::Mention &M) {
           return Included.test(M.File);
         });
}

/// True if \p MI only adds to what is printed: `"name: " fmt`, or a call of
/// another macro that does.
static bool isText(const MacroInfo *MI, Preprocessor &PP, unsigned Depth = 0) {
  constexpr unsigned MaxDepth = 3;
  bool HasText = false, OnlyParameters = true;
  for (const Token &T : MI->tokens()) {
    if (tok::isStringLiteral(T.getKind())) {
      HasText = true;
    } else if (const IdentifierInfo *II = T.getIdentifierInfo()) {
      if (llvm::is_contained(MI->params(), II))
        continue;
      OnlyParameters = false;
      const MacroInfo *Inner = PP.getMacroInfo(II);
      HasText |= Inner && Depth != MaxDepth && isText(Inner, PP, Depth + 1);
    } else if (!T.isOneOf(tok::comma, tok::l_paren, tok::r_paren)) {
      return false;
    }
  }
  return HasText || (OnlyParameters && !MI->tokens_empty());
}

void HeaderUse::useMacro(const IdentifierInfo *Name,
                         const MacroDefinition &MD) {
  const MacroInfo *MI = MD.getMacroInfo();
  if (!MI ||
      !CI.getSourceManager().isLoadedSourceLocation(MI->getDefinitionLoc()) ||
      KnownMacros.contains(Name))
    return;
  if (Owed.contains(Name))
    return differ(Name->getName() + " is not defined");
  // What it adds to what is printed matters to nobody, nor that it is there.
  if (MI->isFunctionLike() && isText(MI, CI.getPreprocessor()))
    return;
  if (isKnown(hashName(Name->getName())))
    KnownMacros.insert(Name);
  else
    differ(Name->getName() + " is defined in no header that is included");
}

void HeaderUse::changeMacro(const IdentifierInfo *Name, const MacroInfo *Before,
                            const MacroInfo *Now) {
  Preprocessor &PP = CI.getPreprocessor();
  if (isUnitName(Name->getName()))
    return;
  bool IsSame = Before && Now != Before &&
                Now->isIdenticalTo(*Before, PP, /*Syntactically=*/true);
  if (Owed.contains(Name)) {
    if (!IsSame)
      return differ(Name->getName() + " is defined otherwise");
    Owed.erase(Name);
    return;
  }
  if (Before && isText(Before, PP) && isText(Now, PP))
    return;
  bool IsCall = Now->isFunctionLike() && (!Before || Before->isFunctionLike());
  NameHash Mentioned =
      IsCall ? hashCall(Name->getName()) : hashName(Name->getName());
  auto Mark = [&](NameHash Hash) {
    for (const HeaderSet::Mention &M : Set.mentions(Hash))
      if (!Included.test(M.File))
        Changed.try_emplace(M.File, Change{Name, Now, !Before});
  };
  Mark(Mentioned);
  if (!IsSame)
    Mark(hashDefinition(Name->getName()));
}

bool HeaderUse::isIncluded(SourceLocation Loc) const {
  const SourceManager &SM = CI.getSourceManager();
  Loc = SM.getExpansionLoc(Loc);
  if (!SM.isLoadedSourceLocation(Loc))
    return true;
  auto It = Numbers.find(SM.getFileEntryForID(SM.getFileID(Loc)));
  return It == Numbers.end() || Included.test(It->second);
}

bool HeaderUse::sees(const NamedDecl *D) const {
  if (const auto *T = dyn_cast<TagDecl>(D))
    if (const TagDecl *Definition = T->getDefinition())
      return isIncluded(Definition->getLocation());
  return llvm::any_of(D->redecls(), [&](const Decl *R) {
    return isIncluded(R->getLocation());
  });
}

std::vector<NamedDecl *> HeaderUse::lookup(llvm::StringRef Name) const {
  std::vector<NamedDecl *> Found;
  IdentifierResolver &Known = CI.getSema().IdResolver;
  const IdentifierInfo &II = CI.getASTContext().Idents.get(Name);
  for (auto I = Known.begin(DeclarationName(&II)), E = Known.end(); I != E; ++I)
    if (sees(*I))
      Found.push_back(*I);
  return Found;
}

class HeaderUseVisitor : public RecursiveASTVisitor<HeaderUseVisitor> {
public:
  explicit HeaderUseVisitor(HeaderUse &Use) : Use(Use) {}

  bool VisitExpr(Expr *E) {
    QualType Ty = E->getType();
    while (!Ty.isNull() && (Ty->isPointerType() || Ty->isArrayType()))
      Ty = Ty->isPointerType()
               ? Ty->getPointeeType()
               : QualType(Ty->getArrayElementTypeNoTypeQual(), 0);
    if (!Ty.isNull())
      Use.forgetUnseen(Ty->getAsRecordDecl());
    return true;
  }

private:
  HeaderUse &Use;
};

void HeaderUse::forgetUnseen(const RecordDecl *R) {
  if (!R || !Seen.insert(R).second)
    return;
  RecordDecl *Definition = R->getDefinition();
  if (Definition && !isIncluded(Definition->getLocation()))
    Definition->setCompleteDefinition(false);
}

void HeaderUse::forgetUnseen(const Decl *D) {
  HeaderUseVisitor(*this).TraverseDecl(const_cast<Decl *>(D));
}

void HeaderUse::listFiles(std::vector<std::string> &Paths) const {
  for (unsigned F : Included.set_bits())
    Paths.push_back(Set.files()[F].Path);
}

} // namespace pinlint
