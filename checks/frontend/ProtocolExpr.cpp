//===- ProtocolExpr.cpp - Terms and conditions of protocols ---------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "ProtocolExpr.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

using namespace llvm;
using namespace pinlint;

//===----------------------------------------------------------------------===//
// Printing
//===----------------------------------------------------------------------===//

std::string ProtocolExpr::str() const {
  switch (Kind) {
  case Ret:
    return "ret";
  case Arg:
    return "arg" + std::to_string(Value);
  case Const:
    return Text.empty() ? std::to_string(Value) : Text;
  case Deref:
    return "*" + Operands[0].str();
  case AddressOf:
    return "&" + Operands[0].str();
  case Field: {
    const ProtocolExpr &Object = Operands[0];
    bool Prefix = Object.Kind == Deref || Object.Kind == AddressOf;
    std::string Base = Object.str();
    return (Prefix ? "(" + Base + ")" : Base) + "->" + Text;
  }
  case Binary:
    return "(" + Operands[0].str() + " " + Text + " " + Operands[1].str() + ")";
  case Select:
    return "(" + Operands[0].str() + " ? " + Operands[1].str() + " : " +
           Operands[2].str() + ")";
  }
  return {};
}

std::string ProtocolCond::str() const {
  return LHS.str() + " " + Op + " " + RHS.str();
}

StringRef ProtocolCond::oppositeOp() const {
  return StringSwitch<StringRef>(Op)
      .Case("==", "!=")
      .Case("!=", "==")
      .Case("<", ">=")
      .Case(">=", "<")
      .Case(">", "<=")
      .Case("<=", ">")
      .Case("&", "!&")
      .Case("!&", "&");
}

std::pair<unsigned, bool> ProtocolConds::add(const ProtocolCond &C) {
  for (auto [I, X] : enumerate(Conds))
    if ((X->Op == C.Op || X->Op == C.oppositeOp()) &&
        X->LHS.str() == C.LHS.str() && X->RHS.str() == C.RHS.str())
      return {I, X->Op == C.Op};
  Conds.push_back(&C);
  return {Conds.size() - 1, true};
}

//===----------------------------------------------------------------------===//
// Parsing
//===----------------------------------------------------------------------===//

namespace {

/// Terms are read, printed and destroyed recursively.
constexpr unsigned MaxDepth = 64;
constexpr size_t MaxLength = 1000;

struct Token {
  enum KindTy { End, Name, Number, Punct, Bad };
  KindTy Kind = End;
  StringRef Text;
  size_t Offset = 0;
};

bool isComparison(StringRef Op) {
  return is_contained({"==", "!=", "<", "<=", ">", ">="}, Op);
}

/// Binding strength of a binary operator, as in C; 0 for none.
unsigned precedence(StringRef Op) {
  return StringSwitch<unsigned>(Op)
      .Case("|", 1)
      .Case("&", 2)
      .Case("!&", 2)
      .Case("==", 3)
      .Case("!=", 3)
      .Case("<", 4)
      .Case("<=", 4)
      .Case(">", 4)
      .Case(">=", 4)
      .Case("<<", 5)
      .Case(">>", 5)
      .Case("+", 6)
      .Case("-", 6)
      .Case("*", 7)
      .Case("/", 7)
      .Case("%", 7)
      .Default(0);
}

ProtocolExpr makeBinary(StringRef Op, ProtocolExpr LHS, ProtocolExpr RHS) {
  ProtocolExpr E;
  E.Kind = ProtocolExpr::Binary;
  E.Text = Op.str();
  E.Operands.push_back(std::move(LHS));
  E.Operands.push_back(std::move(RHS));
  return E;
}

ProtocolExpr makeUnary(ProtocolExpr::KindTy Kind, ProtocolExpr Operand) {
  ProtocolExpr E;
  E.Kind = Kind;
  E.Operands.push_back(std::move(Operand));
  return E;
}

ProtocolExpr makeConst(int64_t Value) {
  ProtocolExpr E;
  E.Value = Value;
  return E;
}

class ExprParser {
public:
  ExprParser(StringRef Text, const ProtocolScope &Scope)
      : Text(Text), Scope(Scope) {
    next();
  }

  bool parse(ProtocolExpr &E, bool IsCondition) {
    InCondition = IsCondition;
    if (Text.size() > MaxLength)
      return fail(Tok, "expression is too long");
    if (!parseSelect(E, /*Depth=*/0))
      return false;
    return Tok.Kind == Token::End || fail(Tok, unexpected());
  }

  ProtocolExprError takeError() { return std::move(Error); }

private:
  StringRef Text;
  const ProtocolScope &Scope;
  size_t Pos = 0;
  Token Tok;
  ProtocolExprError Error;
  bool InCondition = false;
  /// The expression just parsed ends in a comparison without parentheses.
  bool BareComparison = false;

  bool fail(const Token &At, const Twine &Reason) {
    Error = {At.Offset, Reason.str()};
    return false;
  }

  std::string unexpected() const {
    if (Tok.Kind == Token::End)
      return "expression ends too early";
    if (Tok.Text == "=")
      return "unexpected '='; use '==' to compare";
    if (Tok.Text == "&&" || Tok.Text == "||")
      return ("unexpected '" + Tok.Text +
              "'; a list of conditions means all of them")
          .str();
    return ("unexpected '" + Tok.Text + "'").str();
  }

  void next() {
    while (Pos < Text.size() && isSpace(Text[Pos]))
      ++Pos;
    StringRef Rest = Text.drop_front(Pos);
    Token::KindTy Kind = Token::End;
    size_t Length = 0;
    if (!Rest.empty() && (isAlpha(Rest[0]) || Rest[0] == '_')) {
      Kind = Token::Name;
      Length =
          Rest.take_while([](char C) { return isAlnum(C) || C == '_'; }).size();
    } else if (!Rest.empty() && isDigit(Rest[0])) {
      Kind = Token::Number;
      Length = Rest.take_while(isAlnum).size();
    } else if (!Rest.empty()) {
      Kind = Token::Bad;
      Length = 1;
      for (StringRef Op : {"->", "==", "!=", "<=", ">=", "<<", ">>", "!&"})
        if (Rest.starts_with(Op)) {
          Kind = Token::Punct;
          Length = 2;
        }
      if (Rest.starts_with("&&") || Rest.starts_with("||"))
        Length = 2;
      if (Length == 1 && StringRef("+-*/%&|<>()?:!").contains(Rest[0]))
        Kind = Token::Punct;
    }
    Tok = {Kind, Rest.take_front(Length), Pos};
    Pos += Length;
  }

  bool is(StringRef Punct) const {
    return Tok.Kind == Token::Punct && Tok.Text == Punct;
  }

  bool parseSelect(ProtocolExpr &E, unsigned Depth) {
    if (!parseBinary(E, 1, Depth))
      return false;
    if (!is("?"))
      return true;
    next();
    ProtocolExpr Then, Else;
    if (!parseSelect(Then, Depth + 1))
      return false;
    if (!is(":"))
      return fail(Tok, Tok.Kind == Token::End ? "expected ':'" : unexpected());
    next();
    if (!parseSelect(Else, Depth + 1))
      return false;
    E = makeUnary(ProtocolExpr::Select, std::move(E));
    E.Operands.push_back(std::move(Then));
    E.Operands.push_back(std::move(Else));
    BareComparison = false;
    return true;
  }

  bool parseBinary(ProtocolExpr &E, unsigned MinPrecedence, unsigned Depth) {
    if (!parseUnary(E, Depth))
      return false;
    while (Tok.Kind == Token::Punct) {
      Token Op = Tok;
      unsigned Precedence = precedence(Op.Text);
      if (!Precedence || Precedence < MinPrecedence)
        return true;
      if (Op.Text == "!&" && (!InCondition || Depth))
        return fail(Op, "'!&' can only be the outermost operator of a "
                        "condition");
      bool Comparison = BareComparison;
      next();
      ProtocolExpr RHS;
      if (!parseBinary(RHS, Precedence + 1, Depth))
        return false;
      // In C these surprise; nothing good comes from allowing them.
      if (Comparison || BareComparison) {
        if (isComparison(Op.Text))
          return fail(Op, "comparisons do not chain");
        return fail(Op, "'" + Op.Text +
                            "' beside a comparison needs "
                            "parentheses");
      }
      E = makeBinary(Op.Text, std::move(E), std::move(RHS));
      BareComparison = isComparison(Op.Text);
    }
    return true;
  }

  bool parseUnary(ProtocolExpr &E, unsigned Depth) {
    if (Depth > MaxDepth)
      return fail(Tok, "expression nests too deeply");
    if (!is("*") && !is("&") && !is("-") && !is("!"))
      return parsePostfix(E, Depth);
    Token Op = Tok;
    next();
    Token OperandTok = Tok;
    ProtocolExpr Operand;
    if (!parseUnary(Operand, Depth + 1))
      return false;
    if (Op.Text == "-" && Operand.Kind == ProtocolExpr::Const)
      E = makeConst(-Operand.Value);
    else if (Op.Text == "-")
      E = makeBinary("-", makeConst(0), std::move(Operand));
    else if (Op.Text == "!")
      E = makeBinary("==", std::move(Operand), makeConst(0));
    else if (Op.Text == "*")
      E = makeUnary(ProtocolExpr::Deref, std::move(Operand));
    else if (Operand.Kind == ProtocolExpr::Arg ||
             Operand.Kind == ProtocolExpr::Field ||
             Operand.Kind == ProtocolExpr::Deref)
      E = makeUnary(ProtocolExpr::AddressOf, std::move(Operand));
    else
      return fail(OperandTok, "'&' needs something that has an address");
    BareComparison = false;
    return true;
  }

  bool parsePostfix(ProtocolExpr &E, unsigned Depth) {
    if (!parsePrimary(E, Depth))
      return false;
    while (is("->")) {
      next();
      if (Tok.Kind != Token::Name)
        return fail(Tok, "expected a member's name after '->'");
      E = makeUnary(ProtocolExpr::Field, std::move(E));
      E.Text = Tok.Text.str();
      next();
    }
    BareComparison = false;
    return true;
  }

  bool parsePrimary(ProtocolExpr &E, unsigned Depth) {
    if (is("(")) {
      Token Open = Tok;
      next();
      if (!parseSelect(E, Depth + 1))
        return false;
      if (!is(")"))
        return Tok.Kind == Token::End ? fail(Open, "'(' is never closed")
                                      : fail(Tok, unexpected());
      next();
      return true;
    }
    if (Tok.Kind == Token::Number) {
      int64_t Value;
      if (Tok.Text.getAsInteger(0, Value))
        return fail(Tok, "bad number '" + Tok.Text + "'");
      E = makeConst(Value);
      next();
      return true;
    }
    if (Tok.Kind != Token::Name)
      return fail(Tok, unexpected());
    if (!parseName(E))
      return false;
    next();
    return true;
  }

  bool parseName(ProtocolExpr &E) {
    if (Tok.Text == "ret") {
      E.Kind = ProtocolExpr::Ret;
      return true;
    }
    const auto *Arg = find(Scope.Args, Tok.Text);
    if (Arg != Scope.Args.end()) {
      E.Kind = ProtocolExpr::Arg;
      E.Value = Arg - Scope.Args.begin();
      return true;
    }
    if (Tok.Text == "arg")
      return fail(Tok, "'arg' needs an index: arg0 is the first argument");
    StringRef Index = Tok.Text;
    if (Index.consume_front("arg") && all_of(Index, isDigit)) {
      unsigned N;
      if (Index.getAsInteger(10, N) || N > 255)
        return fail(Tok, "argument index of '" + Tok.Text + "' is too large");
      if (Scope.NumArgs && !Scope.Variadic && N >= *Scope.NumArgs)
        return fail(Tok, "no argument '" + Tok.Text + "': there are only " +
                             Twine(*Scope.NumArgs));
      E.Kind = ProtocolExpr::Arg;
      E.Value = N;
      return true;
    }
    for (const StringMap<int64_t> *Map :
         {&Scope.Constants, Scope.MoreConstants}) {
      if (!Map)
        continue;
      auto It = Map->find(Tok.Text);
      if (It == Map->end())
        continue;
      E = makeConst(It->second);
      E.Text = Tok.Text.str();
      return true;
    }
    return fail(Tok, "unknown name '" + Tok.Text + "'");
  }
};

} // namespace

std::variant<ProtocolExpr, ProtocolExprError>
pinlint::parseProtocolExpr(StringRef Text, const ProtocolScope &Scope) {
  ExprParser Parser(Text, Scope);
  ProtocolExpr E;
  if (!Parser.parse(E, /*IsCondition=*/false))
    return Parser.takeError();
  return E;
}

std::variant<ProtocolCond, ProtocolExprError>
pinlint::parseProtocolCond(StringRef Text, const ProtocolScope &Scope) {
  ExprParser Parser(Text, Scope);
  ProtocolExpr E;
  if (!Parser.parse(E, /*IsCondition=*/true))
    return Parser.takeError();
  bool Tests = E.Kind == ProtocolExpr::Binary &&
               (isComparison(E.Text) || E.Text == "&" || E.Text == "!&");
  if (!Tests)
    return ProtocolExprError{
        0, "a condition compares: it needs one of == != < <= > >= & !&"};
  ProtocolCond C;
  C.Op = E.Text;
  C.RHS = std::move(E.Operands[1]);
  C.LHS = std::move(E.Operands[0]);
  return C;
}
