//===- PortableSummary.cpp - Summaries that leave their TU ----------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "PortableSummary.h"
#include "HeaderUse.h"
#include "clang/AST/Decl.h"
#include "clang/Basic/FileManager.h"
#include "clang/Basic/SourceManager.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/LEB128.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/xxhash.h"

using namespace clang;

namespace pinlint {

/// Changes with every change of the format.
static constexpr uint64_t FormatVersion = 5;

//===----------------------------------------------------------------------===//
// Names of declarations
//===----------------------------------------------------------------------===//

/// Static things are told apart by their file.
static std::string nameOf(const NamedDecl *D, bool External,
                          const SourceManager &SM) {
  std::string Name = D->getNameAsString();
  if (External)
    return Name;
  return (SM.getFilename(SM.getExpansionLoc(D->getLocation())) + ":" + Name)
      .str();
}

/// `tag/member`; an anonymous record is `outer/#3`, by its place in the record
/// around it. A leading '=' says that the member is at the start, a '*' that it
/// is a pointer.
static std::string nameOf(const FieldDecl *F) {
  std::string Path = F->getName().empty()
                         ? "#" + std::to_string(F->getFieldIndex())
                         : F->getNameAsString();
  const RecordDecl *R = F->getParent();
  while (R->getName().empty() && !R->getTypedefNameForAnonDecl()) {
    const auto *Outer = dyn_cast<RecordDecl>(R->getDeclContext());
    if (!Outer)
      break;
    unsigned I = 0;
    for (const FieldDecl *X : Outer->fields()) {
      QualType Ty = X->getType();
      while (const auto *A = Ty->getAsArrayTypeUnsafe())
        Ty = A->getElementType();
      if (Ty->getAsRecordDecl() == R)
        break;
      ++I;
    }
    Path = "#" + std::to_string(I) + "/" + Path;
    R = Outer;
  }
  std::string Record = R->getNameAsString();
  if (const TypedefNameDecl *T = R->getTypedefNameForAnonDecl())
    Record = T->getNameAsString();
  bool First = F->getParent()->isUnion() || F->getFieldIndex() == 0;
  return std::string(First ? "=" : "") +
         (F->getType()->isPointerType() ? "*" : "") + Record + "/" + Path;
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

namespace {
class Encoder {
public:
  Encoder(ASTContext &Ctx, bool Places)
      : SM(Ctx.getSourceManager()), Places(Places) {}

  std::string encode(const Summary &Sum) {
    std::string Body;
    std::swap(Out, Body);
    flags({Sum.NoReturn, Sum.Incomplete, Sum.Unlinks});
    list(Sum.SetsUp, [&](const Family *F) { string(F->Name); });
    list(Sum.Uses, [&](const ObjectUse &U) { use(U); });
    list(Sum.Exits, [&](const Exit &X) { exit(X); });
    std::swap(Out, Body);
    number(FormatVersion);
    list(Strings, [&](llvm::StringRef S) {
      number(S.size());
      Out += S;
    });
    number(NumTerms);
    Out += Terms;
    Out += Body;
    return std::move(Out);
  }

private:
  void number(uint64_t N) {
    llvm::raw_string_ostream OS(Out);
    llvm::encodeULEB128(N, OS);
  }
  void signedNumber(int64_t N) {
    llvm::raw_string_ostream OS(Out);
    llvm::encodeSLEB128(N, OS);
  }
  void string(llvm::StringRef S) {
    auto [It, New] = StringNumbers.try_emplace(S, Strings.size());
    if (New)
      Strings.push_back(It->getKey());
    number(It->second);
  }
  void flags(std::initializer_list<bool> Bits) {
    uint64_t N = 0, Bit = 1;
    for (bool B : Bits) {
      N |= B ? Bit : 0;
      Bit <<= 1;
    }
    number(N);
  }
  template <typename List, typename Fn> void list(const List &L, Fn Each) {
    number(L.size());
    for (const auto &X : L)
      Each(X);
  }
  void range(const Range &R) {
    if (R.full())
      return number(0);
    number(R.HasHole ? 2 : 1);
    signedNumber(R.Lo);
    signedNumber(R.Hi);
    if (R.HasHole)
      signedNumber(R.Hole);
  }

  /// Zero stands for null.
  void term(const Term *T) { number(T ? define(T) + 1 : 0); }

  unsigned define(const Term *T) {
    if (auto It = TermNumbers.find(T); It != TermNumbers.end())
      return It->second;
    llvm::SmallVector<unsigned, 4> Ops;
    // A symbol is a name; how it came about is the callee's business.
    if (T->kind() != Term::Sym)
      for (const Term *Op : T->operands())
        Ops.push_back(define(Op));
    std::swap(Out, Terms);
    number(T->kind());
    number(T->opcode());
    // That of a symbol counts what the run has made so far.
    signedNumber(T->kind() == Term::Sym ? 0 : T->number());
    range(T->bounds());
    flags({T->isExternal()});
    string(T->name());
    switch (T->kind()) {
    case Term::Var: {
      const VarDecl *V = T->varDecl();
      string(nameOf(V, V->isExternallyVisible(), SM));
      break;
    }
    case Term::Func: {
      const auto *F = static_cast<const FunctionDecl *>(T->decl());
      string(nameOf(F, F->isExternallyVisible(), SM));
      break;
    }
    default:
      string(T->decl() ? nameOf(T->fieldDecl()) : "");
      break;
    }
    list(Ops, [&](unsigned Op) { number(Op); });
    list(T->coefs(), [&](int64_t C) { signedNumber(C); });
    std::swap(Out, Terms);
    return TermNumbers[T] = NumTerms++;
  }

  void facts(llvm::ArrayRef<std::pair<const Term *, Range>> Facts) {
    list(Facts, [&](const std::pair<const Term *, Range> &F) {
      term(F.first);
      range(F.second);
    });
  }

  void trace(const Trace *T) {
    if (!Places)
      return;
    number(T ? T->size() + 1 : 0);
    if (!T)
      return;
    for (const TraceStep &Step : *T) {
      auto [File, Offset] = SM.getDecomposedLoc(SM.getExpansionLoc(Step.Loc));
      llvm::SmallString<256> Path;
      if (auto Entry = SM.getFileEntryRefForID(File))
        Path = Entry->getName();
      SM.getFileManager().makeAbsolutePath(Path);
      string(Path);
      number(SM.getLineNumber(File, Offset));
      number(SM.getColumnNumber(File, Offset));
      string(Step.Text);
      number(Step.Depth);
    }
  }

  void use(const ObjectUse &U) {
    number(U.Kind);
    flags({U.MayChange});
    term(U.Subject);
    facts(U.When);
    trace(U.Where);
  }

  void effect(const Effect &E) {
    number(E.Kind);
    number(E.Form);
    string(E.Fam ? E.Fam->Name : "");
    string(E.Group);
    flags({E.Lent, E.Extra, E.May, E.Deferred, E.MayBeLast, E.NotLast, E.Stream,
           E.Numbered});
    for (const Term *T : {E.Subject, E.Count, E.Request, E.Into, E.Size,
                          E.Owner, E.Handles, E.UnlessFailed})
      term(T);
    trace(E.Inner);
  }

  void exit(const Exit &X) {
    flags({X.Rough});
    facts(X.Facts);
    term(X.Ret);
    list(X.Effects, [&](const Effect &E) { effect(E); });
    list(X.Callbacks, [&](const Callback &C) {
      term(C.Function);
      list(C.Args, [&](const Term *T) { term(T); });
      flags({C.Deferred});
    });
    list(X.Stores, [&](const std::pair<const Term *, const Term *> &S) {
      term(S.first);
      term(S.second);
    });
    list(X.MayBe, [&](const auto &M) {
      term(M.first);
      list(M.second, [&](const Term *T) { term(T); });
    });
    list(X.Havoc, [&](const Term *T) { term(T); });
    list(X.Cleared, [&](const Term *T) { term(T); });
  }

  const SourceManager &SM;
  bool Places;
  std::string Out, Terms;
  unsigned NumTerms = 0;
  llvm::DenseMap<const Term *, unsigned> TermNumbers;
  llvm::StringMap<unsigned> StringNumbers;
  std::vector<llvm::StringRef> Strings;
};
} // namespace

std::string writeSummary(const Summary &Sum, ASTContext &Ctx) {
  return Encoder(Ctx, /*Places=*/true).encode(Sum);
}

uint64_t digestOf(const Summary &Sum, ASTContext &Ctx) {
  Summary Told;
  bool Any = false;
  for (const Exit &X : Sum.Exits) {
    Exit &To = Told.Exits.emplace_back();
    To.Facts = X.Facts;
    To.Ret = X.Ret;
    To.Callbacks = X.Callbacks;
    Any |= !X.Callbacks.empty();
    for (const Effect &E : X.Effects) {
      if (E.Kind == Effect::Escape || E.Kind == Effect::Use)
        continue;
      To.Effects.push_back(E);
      Any = true;
    }
  }
  if (!Any)
    return 0;
  uint64_t Digest =
      llvm::xxh3_64bits(Encoder(Ctx, /*Places=*/false).encode(Told));
  return Digest ? Digest : 1;
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

NamedDecl *SummaryReader::lookup(llvm::StringRef Name, Decl::Kind Kind) {
  auto IsMeant = [&](const NamedDecl *D) { return D->getKind() == Kind; };
  if (Headers) {
    std::vector<NamedDecl *> Found = Headers->lookup(Name);
    auto It = llvm::find_if(Found, IsMeant);
    return It == Found.end() ? nullptr : *It;
  }
  for (NamedDecl *D :
       Ctx.getTranslationUnitDecl()->lookup(&Ctx.Idents.get(Name)))
    if (IsMeant(D))
      return D;
  return nullptr;
}

/// The member that \p Path leads to, from \p R on.
static const FieldDecl *follow(const RecordDecl *R, llvm::StringRef Path) {
  while (R && (R = R->getDefinition())) {
    auto [Step, Rest] = Path.split('/');
    unsigned Wanted = ~0u, I = 0;
    if (Step.starts_with("#") && Step.drop_front().getAsInteger(10, Wanted))
      return nullptr;
    const FieldDecl *Found = nullptr;
    for (const FieldDecl *F : R->fields())
      if (I++ == Wanted || (Wanted == ~0u && F->getName() == Step)) {
        Found = F;
        break;
      }
    if (!Found || Rest.empty())
      return Found;
    QualType Ty = Found->getType();
    while (const auto *A = Ty->getAsArrayTypeUnsafe())
      Ty = A->getElementType();
    R = Ty->getAsRecordDecl();
    Path = Rest;
  }
  return nullptr;
}

const FieldDecl *SummaryReader::field(llvm::StringRef Name) {
  const NamedDecl *&Slot = Declarations[("field " + Name).str()];
  if (Slot)
    return cast<FieldDecl>(Slot);
  bool First = Name.consume_front("=");
  bool Pointer = Name.consume_front("*");
  auto [Record, Path] = Name.split('/');
  const RecordDecl *R = nullptr;
  if (auto *D = lookup(Record, Decl::Record))
    R = cast<RecordDecl>(D);
  else if (auto *T = lookup(Record, Decl::Typedef))
    R = cast<TypedefDecl>(T)->getUnderlyingType()->getAsRecordDecl();
  if (const FieldDecl *F = follow(R, Path)) {
    Slot = F;
    return F;
  }
  // A record of its own, so that its layout is never asked for too early.
  auto *TU = Ctx.getTranslationUnitDecl();
  auto *Own = RecordDecl::Create(Ctx, TagTypeKind::Struct, TU, SourceLocation(),
                                 SourceLocation(), &Ctx.Idents.get(Record));
  Own->startDefinition();
  auto Add = [&](llvm::StringRef Member) {
    auto *F = FieldDecl::Create(Ctx, Own, SourceLocation(), SourceLocation(),
                                &Ctx.Idents.get(Member),
                                Pointer ? Ctx.VoidPtrTy : Ctx.LongTy,
                                /*TInfo=*/nullptr, /*BW=*/nullptr,
                                /*Mutable=*/false, ICIS_NoInit);
    F->setAccess(AS_public);
    Own->addDecl(F);
    return F;
  };
  if (!First)
    Add("");
  FieldDecl *F =
      Add(Path.rsplit('/').second.empty() ? Path : Path.rsplit('/').second);
  Own->completeDefinition();
  Slot = F;
  return F;
}

const VarDecl *SummaryReader::variable(llvm::StringRef Name) {
  const NamedDecl *&Slot = Declarations[("variable " + Name).str()];
  if (!Slot && !Name.contains(':'))
    Slot = lookup(Name, Decl::Var);
  if (!Slot) {
    QualType Ty = Ctx.VoidPtrTy;
    Slot = VarDecl::Create(Ctx, Ctx.getTranslationUnitDecl(), SourceLocation(),
                           SourceLocation(),
                           &Ctx.Idents.get(Name.substr(Name.rfind(':') + 1)),
                           Ty, Ctx.getTrivialTypeSourceInfo(Ty), SC_Static);
  }
  return cast<VarDecl>(Slot);
}

const FunctionDecl *SummaryReader::function(llvm::StringRef Name) {
  const NamedDecl *&Slot = Declarations[("function " + Name).str()];
  if (!Slot && !Name.contains(':'))
    Slot = lookup(Name, Decl::Function);
  if (!Slot) {
    QualType Ty = Ctx.getFunctionNoProtoType(Ctx.VoidTy);
    Slot = FunctionDecl::Create(
        Ctx, Ctx.getTranslationUnitDecl(), SourceLocation(), SourceLocation(),
        DeclarationName(&Ctx.Idents.get(Name.substr(Name.rfind(':') + 1))), Ty,
        Ctx.getTrivialTypeSourceInfo(Ty), SC_Static);
  }
  return cast<FunctionDecl>(Slot);
}

SourceLocation SummaryReader::place(llvm::StringRef File, unsigned Line,
                                    unsigned Column) {
  if (File.empty())
    return SourceLocation();
  SourceManager &SM = Ctx.getSourceManager();
  // To find out whether the file is there already, the source manager would
  // search all of its files, and load those of a header set for that.
  auto [It, New] = Files.try_emplace(File);
  if (New)
    if (auto Entry = SM.getFileManager().getOptionalFileRef(File)) {
      FileID Main = SM.getMainFileID();
      It->second =
          SM.getFileEntryForID(Main) == &Entry->getFileEntry()
              ? Main
              : SM.createFileID(*Entry, SourceLocation(), SrcMgr::C_User);
    }
  return It->second.isValid() ? SM.translateLineCol(It->second, Line, Column)
                              : SourceLocation();
}

class SummaryDecoder {
public:
  SummaryDecoder(SummaryReader &R, llvm::StringRef Bytes)
      : R(R), TC(R.TC), P(Bytes.bytes_begin()), End(Bytes.bytes_end()) {}

  std::unique_ptr<Summary> decode() {
    if (number() != FormatVersion)
      return nullptr;
    list([&] {
      uint64_t Size = number();
      if (Size > uint64_t(End - P)) {
        Broken = true;
        return;
      }
      // Protocol names outlive the bytes.
      Strings.push_back(llvm::StringRef(reinterpret_cast<const char *>(P), Size)
                            .copy(R.Strings));
      P += Size;
    });
    list([&] { Terms.push_back(defineTerm()); });
    auto Sum = std::make_unique<Summary>();
    uint64_t Flags = number();
    Sum->NoReturn = Flags & 1;
    Sum->Incomplete = Flags & 2;
    Sum->Unlinks = Flags & 4;
    list([&] {
      if (const Family *F = family(string()))
        Sum->SetsUp.push_back(F);
    });
    list([&] { Sum->Uses.push_back(use()); });
    list([&] { Sum->Exits.push_back(exit()); });
    return Broken ? nullptr : std::move(Sum);
  }

private:
  uint64_t number() {
    unsigned Size = 0;
    const char *Error = nullptr;
    uint64_t N = llvm::decodeULEB128(P, &Size, End, &Error);
    return advance(Size, Error) ? N : 0;
  }
  int64_t signedNumber() {
    unsigned Size = 0;
    const char *Error = nullptr;
    int64_t N = llvm::decodeSLEB128(P, &Size, End, &Error);
    return advance(Size, Error) ? N : 0;
  }
  bool advance(unsigned Size, const char *Error) {
    Broken |= Error != nullptr;
    P = Error ? End : P + Size;
    return !Error;
  }
  llvm::StringRef string() {
    uint64_t I = number();
    if (I < Strings.size())
      return Strings[I];
    Broken = true;
    return "";
  }
  template <typename Fn> void list(Fn Each) {
    for (uint64_t N = number(); N && !Broken; --N)
      Each();
  }
  Range range() {
    uint64_t Kind = number();
    if (!Kind)
      return Range();
    int64_t Lo = signedNumber(), Hi = signedNumber();
    Range X(Lo, Hi);
    if (Kind == 2) {
      X.Hole = signedNumber();
      X.HasHole = true;
    }
    return X;
  }
  const Family *family(llvm::StringRef Name) {
    if (Name.empty())
      return nullptr;
    const Family *F = R.Families(Name);
    Broken |= !F;
    return F;
  }

  const Term *term() {
    uint64_t I = number();
    if (I <= Terms.size())
      return I ? Terms[I - 1] : nullptr;
    Broken = true;
    return nullptr;
  }

  const Term *defineTerm() {
    auto Kind = Term::KindTy(number());
    auto Opcode = Term::OpcodeTy(number());
    int64_t N = signedNumber();
    Range Bounds = range();
    bool External = number() & 1;
    llvm::StringRef Name = string(), Decl = string();
    llvm::SmallVector<const Term *, 4> Ops;
    list([&] {
      uint64_t I = number();
      Broken |= I >= Terms.size();
      Ops.push_back(Broken ? TC.zero() : Terms[I]);
    });
    llvm::SmallVector<int64_t, 4> Coefs;
    list([&] { Coefs.push_back(signedNumber()); });
    unsigned Needs =
        Kind == Term::Load || Kind == Term::Convert || Kind == Term::AddrOf ||
                Kind == Term::Deref || Kind == Term::Field
            ? 1
        : Kind == Term::Element || Kind == Term::Index ? 2
        : Kind == Term::Op
            ? (Opcode == Term::Narrow || Opcode == Term::ContainerOf ? 1 : 2)
            : 0;
    Broken |= Ops.size() < Needs ||
              (Kind == Term::Linear && Ops.size() != Coefs.size());
    if (Broken)
      return TC.zero();
    switch (Kind) {
    case Term::Const:
      return TC.constant(N);
    case Term::Param:
      return TC.param(N, Bounds);
    case Term::Result:
      return TC.result(Bounds);
    case Term::Sym:
      return TC.fresh(Name, Bounds);
    case Term::Load:
      return TC.load(Ops[0], Ops.size() > 1 ? Ops[1] : nullptr, Bounds);
    case Term::Linear: {
      const Term *Sum = TC.constant(N);
      for (unsigned I = 0; I < Ops.size(); ++I)
        Sum = TC.add(Sum, TC.scale(Ops[I], Coefs[I]));
      return Sum;
    }
    case Term::Op:
      if (Opcode == Term::Narrow)
        return TC.narrow(Ops[0], N < 0 ? -N : N, N < 0);
      if (Opcode == Term::ContainerOf)
        return TC.containerOf(Ops[0], R.field(Decl));
      return TC.binary(Opcode, Ops[0], Ops[1]);
    case Term::Convert:
      return TC.convert(Name, Name.starts_with("from-") ? Name.substr(5) : "",
                        Ops[0]);
    case Term::Element:
      return TC.element(Ops[0], Ops[1]);
    case Term::AddrOf:
      return TC.addrOf(Ops[0]);
    case Term::Func:
      return TC.function(R.function(Decl));
    case Term::Var:
      // Somebody else's local variable.
      if (!External)
        return TC.deref(TC.fresh(Name, Range()));
      return TC.var(R.variable(Decl), /*External=*/true);
    case Term::Deref:
      return TC.deref(Ops[0]);
    case Term::Field:
      return TC.field(Ops[0], R.field(Decl));
    case Term::Index:
      return TC.index(Ops[0], Ops[1], N);
    }
    Broken = true;
    return TC.zero();
  }

  std::vector<std::pair<const Term *, Range>> facts() {
    std::vector<std::pair<const Term *, Range>> Facts;
    list([&] {
      const Term *T = term();
      Range X = range();
      Facts.push_back({T ? T : TC.zero(), T ? X : Range::only(0)});
    });
    return Facts;
  }

  const Trace *trace() {
    uint64_t Size = number();
    if (!Size)
      return nullptr;
    Trace T;
    for (; Size > 1 && !Broken; --Size) {
      llvm::StringRef File = string();
      unsigned Line = number(), Column = number();
      llvm::StringRef Text = string();
      unsigned Depth = number();
      T.push_back({R.place(File, Line, Column), Text.str(), Depth});
    }
    R.Traces.push_back(std::move(T));
    return &R.Traces.back();
  }

  ObjectUse use() {
    ObjectUse U;
    U.Kind = ObjectUse::KindTy(number());
    U.MayChange = number() & 1;
    U.Subject = term();
    U.When = facts();
    U.Where = trace();
    return U;
  }

  Effect effect() {
    Effect E;
    E.Kind = Effect::KindTy(number());
    E.Form = Effect::FormTy(number());
    E.Fam = family(string());
    E.Group = string();
    uint64_t Flags = number();
    bool *Bits[] = {&E.Lent,      &E.Extra,   &E.May,    &E.Deferred,
                    &E.MayBeLast, &E.NotLast, &E.Stream, &E.Numbered};
    for (auto [I, Bit] : llvm::enumerate(Bits))
      *Bit = Flags >> I & 1;
    for (const Term **T : {&E.Subject, &E.Count, &E.Request, &E.Into, &E.Size,
                           &E.Owner, &E.Handles, &E.UnlessFailed})
      *T = term();
    E.Inner = trace();
    return E;
  }

  Exit exit() {
    Exit X;
    X.Rough = number() & 1;
    X.Facts = facts();
    X.Ret = term();
    list([&] { X.Effects.push_back(effect()); });
    list([&] {
      Callback C;
      C.Function = term();
      list([&] { C.Args.push_back(term()); });
      C.Deferred = number() & 1;
      X.Callbacks.push_back(std::move(C));
    });
    list([&] {
      const Term *L = term(), *V = term();
      X.Stores.push_back({L, V});
    });
    list([&] {
      X.MayBe.push_back({term(), {}});
      list([&] { X.MayBe.back().second.push_back(term()); });
    });
    list([&] { X.Havoc.push_back(term()); });
    list([&] { X.Cleared.push_back(term()); });
    return X;
  }

  SummaryReader &R;
  TermContext &TC;
  const uint8_t *P, *End;
  bool Broken = false;
  std::vector<llvm::StringRef> Strings;
  std::vector<const Term *> Terms;
};

std::unique_ptr<Summary> SummaryReader::read(llvm::StringRef Bytes) {
  return SummaryDecoder(*this, Bytes).decode();
}

} // namespace pinlint
