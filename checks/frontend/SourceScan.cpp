//===- SourceScan.cpp - What a source file says, from its bytes -----------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "SourceScan.h"
#include "ApiSummaries.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include <array>
#include <functional>
#include <utility>

using namespace llvm;

namespace pinlint {

// FNV-1a: one step per character, so that the scanner hashes as it reads.
static constexpr NameHash HashBasis = 2166136261u, HashPrime = 16777619u;

static NameHash hashStep(NameHash H, char C) {
  return (H ^ static_cast<unsigned char>(C)) * HashPrime;
}

NameHash hashName(StringRef Name) {
  NameHash H = HashBasis;
  for (char C : Name)
    H = hashStep(H, C);
  return H;
}

static bool startsName(char C) { return isAlpha(C) || C == '_'; }
static bool continuesName(char C) { return isAlnum(C) || C == '_'; }

static void sortUnique(std::vector<NameHash> &V) {
  llvm::sort(V);
  V.erase(llvm::unique(V), V.end());
}

namespace {
/// Words before parentheses, or the first in them, that name no function.
const DenseSet<NameHash> &keywords() {
  static const DenseSet<NameHash> Words = [] {
    DenseSet<NameHash> W;
    for (StringRef S : {"struct",
                        "union",
                        "enum",
                        "const",
                        "void",
                        "char",
                        "short",
                        "int",
                        "long",
                        "unsigned",
                        "signed",
                        "bool",
                        "static",
                        "volatile",
                        "if",
                        "else",
                        "for",
                        "while",
                        "do",
                        "switch",
                        "case",
                        "return",
                        "sizeof",
                        "typeof",
                        "__typeof__",
                        "asm",
                        "__asm__",
                        "__attribute__",
                        "_Static_assert",
                        "static_assert",
                        "_Alignof",
                        "__alignof__"})
      W.insert(hashName(S));
    return W;
  }();
  return Words;
}

class Scanner {
public:
  Scanner(StringRef Text, const ScanWants &Wants)
      : P(Text.begin()), Begin(Text.begin()), End(Text.end()), Wants(Wants) {
    // No hash is where another one belongs.
    for (auto *Recent : {&RecentNames, &RecentUses})
      for (NameHash I = 0; I != Recent->size(); ++I)
        (*Recent)[I] = I ^ 1;
  }

  SourceScan run() {
    while (P != End)
      step();
    sortUnique(Out.Names);
    sortUnique(Out.Uses);
    sortUnique(Out.Values);
    sortUnique(Out.Through);
    sortUnique(Out.PointersToShared);
    sortUnique(Raised);
    sortUnique(Lowered);
    std::vector<NameHash> Both;
    std::set_intersection(Raised.begin(), Raised.end(), Lowered.begin(),
                          Lowered.end(), std::back_inserter(Both));
    Out.RaisesAndLowers = !Both.empty();
    return std::move(Out);
  }

private:
  char at(size_t I) const { return size_t(End - P) > I ? P[I] : '\0'; }
  bool atColumnZero() const { return P == Begin || P[-1] == '\n'; }

  void step() {
    char C = *P;
    if (C == '\n') {
      LineStart = true;
      ++P;
    } else if (isSpace(C)) {
      ++P;
    } else if (C == '/' && (at(1) == '/' || at(1) == '*')) {
      comment();
    } else if (C == '#' && LineStart) {
      directive();
    } else {
      LineStart = false;
      token();
    }
  }

  void comment() {
    const char *From = P;
    StringRef Rest(P, End - P);
    size_t Length = at(1) == '/' ? Rest.find('\n') : Rest.find("*/", 2);
    if (Length == StringRef::npos)
      P = End;
    else
      P += Length + (at(1) == '/' ? 0 : 2);
    StringRef Text(From, P - From);
    if (Text.contains("pinlint:") || Text.contains("NOLINT"))
      Out.HasSuppressions = true;
  }

  /// A string or character constant; one that is not closed ends with its line.
  void quoted() {
    char Quote = *P++;
    while (P != End && *P != Quote && *P != '\n')
      P += *P == '\\' && P + 1 != End ? 2 : 1;
    if (P != End && *P == Quote)
      ++P;
  }

  StringRef name(NameHash &H) {
    const char *From = P;
    H = HashBasis;
    while (P != End && continuesName(*P))
      H = hashStep(H, *P++);
    return StringRef(From, P - From);
  }

  void addName(NameHash H, bool IsUse) {
    // Most of what is said is said again soon.
    auto Add = [H](auto &Recent, std::vector<NameHash> &To) {
      if (std::exchange(Recent[H % Recent.size()], H) != H)
        To.push_back(H);
    };
    Add(RecentNames, Out.Names);
    if (IsUse)
      Add(RecentUses, Out.Uses);
  }

  /// True if the name that ends here may be a value; \p Before is the last
  /// character of the token before it.
  bool isValue(char Before) const {
    StringRef Rest = StringRef(P, End - P).ltrim(" \t");
    // What is behind a comment or on the next line of a macro is not looked at.
    if (Rest.empty() || StringRef("(/\\\n\r").contains(Rest.front()))
      return true;
    return StringRef("(,={}&|?:!;\n").contains(Before) &&
           StringRef("),;}:?&|").contains(Rest.front());
  }

  /// To the end of a directive, which a backslash before a newline puts off.
  void restOfDirective(SourceScan::Definition *D) {
    char Before = '\n';
    while (P != End && *P != '\n') {
      if (*P == '\\' && (at(1) == '\n' || (at(1) == '\r' && at(2) == '\n'))) {
        P += at(1) == '\n' ? 2 : 3;
      } else if (*P == '/' && (at(1) == '/' || at(1) == '*')) {
        comment();
      } else if (*P == '"' || *P == '\'') {
        quoted();
      } else if (startsName(*P)) {
        NameHash H;
        name(H);
        addName(H, /*IsUse=*/true);
        bool Value = isValue(Before);
        Before = 'a';
        if (Value)
          Out.Values.push_back(H);
        if (D)
          D->Mentions.push_back(H);
        if (D && Value)
          D->Values.push_back(H);
      } else {
        if (!isSpace(*P))
          Before = *P;
        ++P;
      }
    }
  }

  void skipBlanks() {
    while (P != End && (*P == ' ' || *P == '\t'))
      ++P;
  }

  void directive() {
    ++P;
    skipBlanks();
    NameHash H;
    StringRef Word = name(H);
    skipBlanks();
    if (Word == "include") {
      char Close = at(0) == '<' ? '>' : at(0) == '"' ? '"' : '\0';
      StringRef Rest(P, End - P);
      size_t Stop = Close ? Rest.find_first_of(Close == '>' ? ">\n" : "\"\n", 1)
                          : StringRef::npos;
      if (Stop != StringRef::npos && Rest[Stop] == Close)
        Out.Includes.push_back({Rest.slice(1, Stop).str(), Close == '>'});
      while (P != End && *P != '\n')
        ++P;
      return;
    }
    if (Word == "define") {
      SourceScan::Definition D;
      name(D.Name);
      addName(D.Name, /*IsUse=*/false);
      D.IsMacro = true;
      restOfDirective(Wants.Mentions ? &D : nullptr);
      if (Wants.Mentions) {
        sortUnique(D.Mentions);
        sortUnique(D.Values);
        Out.Definitions.push_back(std::move(D));
      }
      return;
    }
    // Each branch of a conditional opens its own braces.
    if (Word.starts_with("if"))
      Saved.push_back({Braces, Parens});
    else if (Word.starts_with("el") && !Saved.empty())
      std::tie(Braces, Parens) = Saved.back();
    else if (Word == "endif" && !Saved.empty())
      Saved.pop_back();
    restOfDirective(nullptr);
  }

  void token() {
    char C = *P;
    char Before = std::exchange(LastChar, C);
    if (startsName(C))
      return identifier(Before);
    if (C == '"' || C == '\'') {
      quoted();
      After = Other;
      return;
    }
    if (isDigit(C)) {
      const char *From = P;
      while (P != End && (continuesName(*P) || *P == '.'))
        ++P;
      StringRef Number(From, P - From);
      value(Number == "1" || Number == "1U", Number == "0");
      After = Other;
      return;
    }
    bool ColumnZero = atColumnZero();
    ++P;
    switch (C) {
    case '{':
      openBrace();
      break;
    case '}':
      // Only the end of a definition stands there.
      Braces = ColumnZero ? 0 : Braces ? Braces - 1 : 0;
      if (!Braces)
        endDefinition();
      break;
    case '(':
      if (!Braces && !Parens && After == Name &&
          !keywords().contains(LastName) && !pointsHere()) {
        Candidates.push_back(LastName);
        Invoked = LastNameAtColumnZero;
        First.reset();
        Inside.clear();
      }
      ++Parens;
      break;
    case ')':
      if (Parens && !--Parens && !Braces)
        endInvocation();
      break;
    case ';':
      if (!Braces) {
        Candidates.clear();
        SeenStatic = false;
        Parens = 0;
      }
      break;
    case '-':
      if (P != End && *P == '>') {
        ++P;
        access();
        return;
      }
      break;
    case '.':
      access();
      return;
    case '[':
      if (After == Member)
        Out.Through.push_back(LastName);
      break;
    case '=':
      if (After == Member && P != End && *P != '=') {
        Assigned = LastName;
        After = Assign;
        return;
      }
      if (P != End && *P == '=')
        ++P;
      break;
    case '*':
      if (After == SharedType)
        return;
      break;
    default:
      break;
    }
    After = Other;
  }

  /// In `void (*f)(int)`.
  bool pointsHere() const {
    return StringRef(P, End - P).ltrim(" \t").starts_with("*");
  }

  void access() {
    if (After == Member)
      Out.Through.push_back(LastName);
    After = Access;
  }

  void value(bool One, bool Zero) {
    if (After != Assign)
      return;
    if (One)
      Raised.push_back(Assigned);
    if (Zero)
      Lowered.push_back(Assigned);
  }

  void identifier(char Before) {
    bool ColumnZero = atColumnZero();
    NameHash H;
    StringRef Text = name(H);
    bool Value = isValue(Before);
    // What is returned is a value.
    LastChar = Text == "return" ? '=' : 'a';
    if (Value)
      Out.Values.push_back(H);
    const bool Called = StringRef(P, End - P).ltrim().starts_with("(");
    addName(H, Braces || Parens || !Called);
    if (Braces && Called && hasWord(Text, Wants.Frees))
      addName(freesByNameHash(), /*IsUse=*/true);
    value(Text == "true", Text == "false");
    if (After == SharedType)
      Out.PointersToShared.push_back(H);
    After = After == Access                             ? Member
            : Wants.Shared && Wants.Shared->contains(H) ? SharedType
                                                        : Name;
    LastName = H;
    LastNameAtColumnZero = ColumnZero;
    if (!Braces && Parens) {
      if (!First)
        First = H;
      Inside.push_back(H);
    }
    if (!Braces && !Parens && Text == "static")
      SeenStatic = true;
    if (Braces && InBody && Wants.Mentions) {
      Body.push_back(H);
      if (Value)
        BodyValues.push_back(H);
    }
  }

  /// `NAME(first, ...)` at the top level.
  void endInvocation() {
    if (!Wants.Mentions || !Invoked || !First || keywords().contains(*First))
      return;
    SourceScan::Definition D;
    D.Name = *First;
    D.IsStatic = D.IsMade = true;
    D.Mentions = Inside;
    sortUnique(D.Mentions);
    D.Values = D.Mentions;
    Out.Definitions.push_back(std::move(D));
  }

  void openBrace() {
    if (!Braces && !Candidates.empty()) {
      InBody = true;
      Body.clear();
      BodyValues.clear();
    }
    ++Braces;
  }

  void endDefinition() {
    if (InBody) {
      sortUnique(Body);
      sortUnique(BodyValues);
      sortUnique(Candidates);
      // int f(void) __must_hold(x) { ... }: one of them is its name.
      for (NameHash N : Candidates) {
        SourceScan::Definition D;
        D.Name = N;
        D.IsStatic = SeenStatic;
        D.Mentions = Body;
        D.Values = BodyValues;
        Out.Definitions.push_back(std::move(D));
      }
    }
    InBody = false;
    Candidates.clear();
    SeenStatic = false;
    Parens = 0;
  }

  const char *P, *Begin, *End;
  const ScanWants &Wants;
  SourceScan Out;
  bool LineStart = true;
  unsigned Braces = 0, Parens = 0;
  SmallVector<std::pair<unsigned, unsigned>, 8> Saved;
  /// What the last token was.
  enum { Other, Name, Member, Access, Assign, SharedType } After = Other;
  /// A character that says what kind of token it was.
  char LastChar = '\n';
  NameHash LastName = 0, Assigned = 0;
  bool LastNameAtColumnZero = false;
  /// Since the last declaration at the top level: names before parentheses.
  std::vector<NameHash> Candidates;
  bool SeenStatic = false;
  /// The parentheses that are open belong to a name at the start of a line.
  bool Invoked = false;
  std::optional<NameHash> First;
  std::vector<NameHash> Inside;
  bool InBody = false;
  std::vector<NameHash> Body, BodyValues;
  std::vector<NameHash> Raised, Lowered;
  std::array<NameHash, 2048> RecentNames, RecentUses;
};
} // namespace

std::vector<SourceScan::Include> includeLines(StringRef Text) {
  std::vector<SourceScan::Include> Lines;
  for (size_t At; (At = Text.find('#')) != StringRef::npos;) {
    StringRef Before = Text.take_front(At);
    bool StartsLine = Before.substr(Before.rfind('\n') + 1).trim().empty();
    Text = Text.substr(At + 1);
    StringRef Directive = Text.take_front(Text.find('\n')).ltrim();
    if (!StartsLine || !Directive.consume_front("include"))
      continue;
    Directive.consume_front("_next");
    Directive = Directive.ltrim();
    bool Quoted = Directive.consume_front("\"");
    if (!Quoted && !Directive.consume_front("<"))
      continue;
    Lines.push_back(
        {Directive.take_until([](char C) { return C == '"' || C == '>'; })
             .str(),
         !Quoted});
  }
  return Lines;
}

SourceScan scanSource(StringRef Text, const ScanWants &Wants) {
  return Scanner(Text, Wants).run();
}

/// The names of the functions that \p Is is true of.
static std::vector<StringRef>
namesWhere(const Protocols &P,
           function_ref<bool(const ProtocolFunction &)> Is) {
  std::vector<StringRef> Names;
  for (const ProtocolFunction *F : P.functions())
    if (Is(*F))
      Names.push_back(F->Name);
  return Names;
}

std::vector<StringRef> namesThatMatter(const Protocols &P, bool Lifetimes,
                                       bool Fetches) {
  return namesWhere(P, [&](const ProtocolFunction &F) {
    return matters(P, F, Lifetimes) || (Fetches && fetches(F));
  });
}

std::vector<StringRef> namesThatStart(const Protocols &P) {
  return namesWhere(P, [&](const ProtocolFunction &F) {
    return any_of(F.Effects, [&](const ProtocolEffect &E) {
      return startsActivity(P, E);
    });
  });
}

NameHash freesByNameHash() {
  // Nothing that a source can spell.
  static const NameHash Hash = hashName("free()");
  return Hash;
}

/// What \p Subject is about.
static std::function<bool(const ProtocolEffect &)>
isAbout(const Protocols &P, const ProtocolSubject &Subject) {
  StringSet<> Groups;
  for (const std::string &Name : Subject.Families)
    if (const ProtocolFamily *F = P.family(Name); F && !F->Group.empty())
      Groups.insert(F->Group);
  return [&Subject, Groups = std::move(Groups)](const ProtocolEffect &E) {
    if (E.Kind == ProtocolEffect::Fetch)
      return Subject.Fetches;
    if (E.Kind != ProtocolEffect::Acquire && E.Kind != ProtocolEffect::Release)
      return false;
    StringRef Group = E.Family;
    return Group.consume_front("group:") ? Groups.contains(Group)
                                         : Subject.Families.count(E.Family) > 0;
  };
}

std::vector<StringRef> tablesThatOwe(const Protocols &P,
                                     const ProtocolSubject *Subject) {
  std::vector<StringRef> Tables;
  for (const auto &[Name, F] : P.operations())
    if (!Subject || any_of(F.Effects, isAbout(P, *Subject)))
      Tables.push_back(StringRef(Name).split('.').first);
  return Tables;
}

std::vector<StringRef> namesAbout(const Protocols &P,
                                  const ProtocolSubject &Subject) {
  auto IsAbout = isAbout(P, Subject);
  return namesWhere(
      P, [&](const ProtocolFunction &F) { return any_of(F.Effects, IsAbout); });
}

} // namespace pinlint
