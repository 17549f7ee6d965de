//===- Lists.cpp - What leads to the elements of lists --------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Explorer.h"
#include "clang/AST/Decl.h"
#include "clang/AST/RecursiveASTVisitor.h"
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

static bool isLinkMember(const FieldDecl *F) {
  return F->getType()->isPointerType() &&
         (isLinkNode(F->getParent()) || isLinkHead(F->getParent()));
}

/// True if \p Loc leads to an element of a list or tree.
static bool isLink(const Term *Loc) {
  return Loc->kind() == Term::Field && isLinkMember(Loc->fieldDecl());
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

/// The last member that \p E names, null if it is an element of an array.
static const FieldDecl *memberOf(const OffsetOfExpr *E) {
  const OffsetOfNode &Last = E->getComponent(E->getNumComponents() - 1);
  return Last.getKind() == OffsetOfNode::Field ? Last.getField() : nullptr;
}

namespace {
/// Finds the member by which an element is in a list, and the link that leads
/// to it, in what container_of() and the like expand to.
struct ElementVisitor : RecursiveASTVisitor<ElementVisitor> {
  const OffsetOfExpr *Node = nullptr;
  const MemberExpr *Link = nullptr;

  explicit ElementVisitor(const Expr *From) {
    From = From->IgnoreParenCasts();
    if (isa<StmtExpr>(From))
      TraverseStmt(const_cast<Expr *>(From));
  }
  bool VisitOffsetOfExpr(OffsetOfExpr *E) {
    if (!Node)
      Node = E;
    return true;
  }
  bool VisitMemberExpr(MemberExpr *E) {
    const auto *F = dyn_cast<FieldDecl>(E->getMemberDecl());
    if (!Link && F && isLinkMember(F))
      Link = E;
    return true;
  }
  /// The link of another element says that there is a list, not where it
  /// starts.
  bool isElement() const {
    const FieldDecl *F = Node ? memberOf(Node) : nullptr;
    const RecordDecl *R = F ? F->getType()->getAsRecordDecl() : nullptr;
    if (!R || !Link || !isLinkNode(R))
      return false;
    const auto *Outer =
        dyn_cast<MemberExpr>(Link->getBase()->IgnoreParenImpCasts());
    return !Outer || Outer->getMemberDecl() != F;
  }
};

/// Finds what a function sets variables to, and which of them it returns.
struct FinderVisitor : RecursiveASTVisitor<FinderVisitor> {
  llvm::SmallPtrSet<const VarDecl *, 4> Returned;
  llvm::SmallVector<std::pair<const VarDecl *, const Expr *>, 8> Values;

  bool VisitBinaryOperator(BinaryOperator *B) {
    if (B->getOpcode() == BO_Assign)
      if (const VarDecl *V = localVariable(B->getLHS()))
        Values.push_back({V, B->getRHS()});
    return true;
  }
  bool VisitReturnStmt(ReturnStmt *R) {
    if (const Expr *Value = R->getRetValue())
      if (const VarDecl *V = localVariable(Value))
        Returned.insert(V);
    return true;
  }
};
} // namespace

/// The member by which what \p C returns is in the list that the callee has
/// found it in; null if it has not.
static const OffsetOfExpr *foundBy(const CallExpr *C) {
  const FunctionDecl *F = C->getDirectCallee(), *Def = nullptr;
  if (!F || !F->hasBody(Def))
    return nullptr;
  FinderVisitor V;
  V.TraverseStmt(Def->getBody());
  for (const auto &[Var, Value] : V.Values)
    if (V.Returned.contains(Var))
      if (ElementVisitor E(Value); E.isElement())
        return E.Node;
  return nullptr;
}

/// \p V points to what container_of() makes of a link that \p From has, or to
/// what a callee has found; \p Always: to nothing else.
void Explorer::noteElement(const VarDecl *V, const Expr *From, bool Always) {
  From = From->IgnoreParenCasts();
  if (const auto *C = dyn_cast<CallExpr>(From)) {
    if (Always)
      Found.push_back({V, C});
    return;
  }
  if (ElementVisitor E(From); E.isElement())
    Elements.insert({V, {E.Node, E.Link, nullptr}});
}

/// Functions get the elements that \p V points to which may take them out.
bool Explorer::mayBeTakenOut(const VarDecl *V, const Stmt *Site) {
  return llvm::any_of(Passed, [&](const auto &X) {
    if (X.first != V || X.second == Site)
      return false;
    const Summary *Sum = Eng.summaryOf(X.second);
    return !Sum || Sum->Unlinks;
  });
}

/// True if not all elements of a list that \p V walks are freed where \p Object
/// is: a list of which nothing is left needs not be in order.
bool Explorer::leavesOthers(const State &S, const Term *Object,
                            const VarDecl *V, const Stmt *Site) {
  return llvm::all_of(S.Loops, [&](const LoopRecord &R) {
    const Loop *L = Loops.at(R.Header);
    return L && (!isIn(*L, Site) || canPassBy(S, *L, Site, Object, V));
  });
}

/// The start of the list that the element at \p Object is in still, with
/// others, when \p Site frees it; null if there is none, as far as this
/// function can tell.
const Term *Explorer::listOf(const State &S, const Term *Object,
                             const FunctionDecl *Callee, const Stmt *Site) {
  const auto *C = dyn_cast<CallExpr>(Site);
  const Summary *Sum =
      Callee && C ? Eng.summaryFor(Callee, C->getNumArgs()) : nullptr;
  if (Sum && Sum->Unlinks)
    return nullptr;
  // What a callee has found is in a list of what it was told to look at.
  llvm::erase_if(Found, [&](const auto &X) {
    const auto *Known = S.Store.lookup(TC.var(X.first, false));
    if (!Known || objectOf(*Known) != Object)
      return false;
    if (const OffsetOfExpr *Node = foundBy(X.second))
      Elements.insert({X.first, {Node, nullptr, X.second}});
    return true;
  });
  for (const auto &[V, In] : Elements) {
    const auto *Known = S.Store.lookup(TC.var(V, false));
    if (!Known || objectOf(*Known) != Object)
      continue;
    const Term *Value = *Known;
    // Something else leads to it where it was taken out by way of what did.
    // What several paths have found is without a name, and nobody remembers
    // what became of each; what they have made is in no list yet.
    auto Parts = M.Parts.find(Object);
    const bool IsNew =
        Parts != M.Parts.end() && llvm::all_of(Parts->second, [&](auto *Part) {
          return callThatReturned(objectOf(Part));
        });
    const bool IsThere = Object->kind() == Term::Load
                             ? S.load(Object->op(0), Object->bounds()) == Object
                             : Object->kind() == Term::Sym && !IsNew &&
                                   (In.By || !Object->numOps()) && !Unlinks;
    if (!IsThere)
      continue;
    // Whoever takes it out writes to its links.
    const Term *Node = TC.deref(Value);
    for (unsigned I = 0; I < In.Node->getNumComponents(); ++I)
      if (const OffsetOfNode &C = In.Node->getComponent(I);
          C.getKind() == OffsetOfNode::Field)
        Node = TC.field(Node, C.getField());
    auto IsInNode = [&](const auto &KV) { return isWithin(KV.first, Node); };
    if (llvm::any_of(S.Store, IsInNode) || llvm::any_of(S.Defaults, IsInNode) ||
        mayBeTakenOut(V, Site) || !leavesOthers(S, Value, V, Site))
      continue;
    State There = S;
    if (In.Link)
      return evalLoc(There, In.Link);
    for (const Expr *A : In.By->arguments())
      if (A->getType()->isPointerType())
        return TC.deref(eval(There, A));
  }
  return nullptr;
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
