//===- Lists.cpp - What leads to the elements of lists --------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Explorer.h"
#include "clang/AST/Decl.h"
#include "llvm/ADT/STLExtras.h"

using namespace pinlint;
using namespace clang;

/// True if \p R does nothing but link elements: list_head, hlist_node, rb_node.
static bool isLinkNode(const RecordDecl *R) {
  bool Links = false;
  for (const FieldDecl *F : R->fields()) {
    QualType Ty = F->getType();
    if (!Ty->isPointerType()) {
      if (!Ty->isUnsignedIntegerType())
        return false;
      continue;
    }
    while (Ty->isPointerType())
      Ty = Ty->getPointeeType();
    if (Ty->getAsRecordDecl() != R)
      return false;
    Links = true;
  }
  return Links;
}

/// True if \p R is where lists or trees start: it has nothing but pointers to
/// nodes.
static bool isLinkHead(const RecordDecl *R) {
  return !R->field_empty() && llvm::all_of(R->fields(), [](const FieldDecl *F) {
    QualType Ty = F->getType();
    const auto *Node =
        Ty->isPointerType() ? Ty->getPointeeType()->getAsRecordDecl() : nullptr;
    return Node && Node->getDefinition() && isLinkNode(Node->getDefinition());
  });
}

static bool isPointerMember(const Term *Loc) {
  return Loc->kind() == Term::Field &&
         Loc->fieldDecl()->getType()->isPointerType();
}

/// True if \p Loc leads to an element of a list or tree.
static bool isLink(const Term *Loc) {
  if (!isPointerMember(Loc))
    return false;
  const RecordDecl *Owner = Loc->fieldDecl()->getParent();
  return isLinkNode(Owner) || isLinkHead(Owner);
}

/// The places of which \p IsLink is true and that lead to \p Object.
static llvm::SmallVector<const Term *, 2>
linksTo(const State &S, const Term *Object,
        llvm::function_ref<bool(const Term *)> IsLink) {
  llvm::SmallVector<const Term *, 2> Links;
  if (Object->kind() == Term::Load && IsLink(Object->op(0)))
    Links.push_back(Object->op(0));
  for (const auto &KV : S.Store)
    if (KV.second == Object && IsLink(KV.first))
      Links.push_back(KV.first);
  return Links;
}

/// What leads to the element at \p Object leads somewhere else from here on.
void Explorer::unlink(State &S, const Term *Object) {
  for (const Term *L : linksTo(S, Object, isLink))
    S.store(L, opaque("unlinked", QualType()));
}

/// True if \p Loc is a member that leads back to what leads to its object: to
/// the pointer itself, or to the link that has the pointer.
static bool isBackLink(const Term *Loc) {
  if (!isPointerMember(Loc))
    return false;
  QualType To = Loc->fieldDecl()->getType()->getPointeeType();
  return To->isPointerType() ||
         To->getAsRecordDecl() == Loc->fieldDecl()->getParent();
}

/// A store through the back link of an element takes that element out.
void Explorer::unlinkByStore(State &S, const Term *Loc) {
  const Term *Root = rootOf(Loc);
  if (!Eng.followsLifetimes() || Root->kind() != Term::Deref ||
      Root->op(0)->kind() != Term::Load || !isBackLink(Root->op(0)->op(0)))
    return;
  const Term *Element = rootOf(Root->op(0)->op(0));
  if (Element->kind() != Term::Deref)
    return;
  for (const Term *L : linksTo(S, Element->op(0), isPointerMember))
    S.store(L, opaque("unlinked", QualType()));
}

/// Functions that are given nodes or heads of lists change how these are
/// linked.
void Explorer::relink(State &S, const FunctionDecl *Callee,
                      llvm::ArrayRef<const Term *> Args) {
  if (!Eng.followsLifetimes() || !Callee)
    return;
  for (unsigned I = 0; I < Args.size() && I < Callee->getNumParams(); ++I) {
    QualType Ty = Callee->getParamDecl(I)->getType();
    if (!Ty->isPointerType() || Ty->getPointeeType().isConstQualified() ||
        Args[I]->isConst())
      continue;
    const auto *R = Ty->getPointeeType()->getAsRecordDecl();
    if (R)
      R = R->getDefinition();
    if (!R || !(isLinkNode(R) || isLinkHead(R)))
      continue;
    unlink(S, Args[I]);
    S.havoc(TC.deref(Args[I]), "relinked");
  }
}
