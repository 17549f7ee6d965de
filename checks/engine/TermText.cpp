//===- TermText.cpp - Values and locations as text ------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Term.h"
#include "clang/AST/Decl.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace pinlint;
using namespace llvm;

std::string Term::str() const {
  std::string S;
  raw_string_ostream OS(S);
  static const char *const Opcodes[] = {
      "",   "*",  "/", "%",  "<<", ">>",  "&",   "|",      "^",           "!",
      "==", "!=", "<", "<=", "u<", "u<=", "-p-", "narrow", "container_of"};
  auto Inner = [](const Term *T) {
    return T->kind() == Linear ? "(" + T->str() + ")" : T->str();
  };
  switch (Kind) {
  case Const:
    OS << Number;
    break;
  case Param:
    OS << "p" << Number;
    break;
  case Result:
    OS << "ret";
    break;
  case Sym:
    if (numOps() == 0)
      OS << (Name.empty() ? StringRef("v") : Name) << "#" << Id;
    else if (op(1)->isConst())
      OS << op(0)->str(); // The handles that a call gives.
    else
      OS << op(0)->str() << "." << op(1)->str();
    break;
  case Load:
    OS << op(0)->str();
    if (numOps() > 1)
      OS << "@" << op(1)->str();
    break;
  case Linear: {
    bool First = true;
    for (unsigned I = 0; I < numOps(); ++I) {
      int64_t C = Coefs[I];
      OS << (C < 0 ? (First ? "-" : " - ") : (First ? "" : " + "));
      if (C != 1 && C != -1)
        OS << (C < 0 ? -uint64_t(C) : uint64_t(C)) << "*";
      OS << Inner(op(I));
      First = false;
    }
    if (Number)
      OS << (Number < 0 ? " - " : " + ")
         << (Number < 0 ? -uint64_t(Number) : uint64_t(Number));
    break;
  }
  case Op:
    if (Opcode == ContainerOf)
      OS << "container_of(" << op(0)->str() << ")";
    else if (Opcode == Narrow)
      OS << "(i" << (Number < 0 ? -Number : Number) << ")" << op(0)->str();
    else
      OS << "(" << Inner(op(0)) << " " << Opcodes[Opcode] << " " << Inner(op(1))
         << ")";
    break;
  case Convert:
    OS << Name << "(" << op(0)->str() << ")";
    break;
  case Element:
    OS << op(0)->str() << "{" << op(1)->str() << "}";
    break;
  case AddrOf:
    OS << "&" << op(0)->str();
    break;
  case Func:
    OS << static_cast<const clang::FunctionDecl *>(Decl)->getName();
    break;
  case Var:
    OS << varDecl()->getName();
    break;
  case Deref:
    OS << "*" << op(0)->str();
    break;
  case Field:
    if (op(0)->kind() == Deref)
      OS << op(0)->op(0)->str() << "->" << fieldDecl()->getName();
    else
      OS << op(0)->str() << "." << fieldDecl()->getName();
    break;
  case Index:
    OS << op(0)->str() << "[" << op(1)->str() << "]";
    break;
  }
  return S;
}

std::string pinlint::describe(const Term *T, const Range &R) {
  std::string S;
  raw_string_ostream OS(S);
  if (R.empty()) {
    OS << T->str() << " is nothing";
  } else if (R.Lo == R.Hi) {
    OS << T->str() << " == " << R.Lo;
  } else {
    if (R.Lo != Range::Min && R.Hi != Range::Max)
      OS << R.Lo << " <= " << T->str() << " <= " << R.Hi;
    else if (R.Lo != Range::Min)
      OS << T->str() << " >= " << R.Lo;
    else if (R.Hi != Range::Max)
      OS << T->str() << " <= " << R.Hi;
    if (R.HasHole)
      OS << (R.Lo == Range::Min && R.Hi == Range::Max ? T->str() : ",")
         << " != " << R.Hole;
  }
  return S;
}
