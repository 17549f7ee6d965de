//===- HeaderGroups.cpp - Which units share a header set ------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "HeaderGroups.h"
#include "EarlierResults.h"
#include "Paths.h"
#include "Serialize.h"
#include "frontend/CompileCommand.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/xxhash.h"
#include <chrono>
#include <map>

using namespace llvm;

namespace pinlint {
namespace {

/// Fewer units than these pay less for their headers than for a set.
constexpr size_t MinUnits = 4;
/// So many units of a part of the tree have a set of their own.
constexpr size_t MinUnitsOfPart = 100;
/// Units with definitions of their own that get a group of their own.
constexpr size_t MinUnitsOfDefinitions = 12;
/// Where most results may be kept, units that are parsed before a set is made.
constexpr unsigned MaxWithout = 2;
/// So many units are sorted into groups in the time that the headers of one
/// cost.
constexpr size_t SortedPerUnit = 3000;
/// So many units have to want a definition that is made before the headers, and
/// so many to seem to make it.
constexpr unsigned MinWanting = 3, MinDefining = 8;
/// Sets that are kept.
constexpr size_t MaxKept = 32;

constexpr unsigned NoGroup = ~0u;

/// Follows the name of a set that differs from that by what it defines first.
constexpr StringLiteral VariantMark = "v";

/// A command line, word by word: options with a value are one.
struct Word {
  enum KindTy { Other, Directory, Definition } Kind;
  std::string Text;
};

/// The words of \p Arguments that decide over what headers mean.
std::vector<Word> significantWords(ArrayRef<std::string> Arguments,
                                   const TranslationUnit &Unit) {
  std::vector<Word> Words;
  for (size_t I = 1; I < Arguments.size(); ++I) {
    StringRef A = Arguments[I];
    auto Value = [&](StringRef Option) {
      return A.size() > Option.size() || I + 1 == Arguments.size()
                 ? A.str()
                 : (A + Arguments[++I]).str();
    };
    if (A == "-o" || A == "-MF" || A == "-MT" || A == "-MQ") {
      ++I;
    } else if (A.starts_with("-D")) {
      std::string Text = Value("-D");
      if (!isUnitName(StringRef(Text).drop_front(2)))
        Words.push_back({Word::Definition, std::move(Text)});
    } else if (A.starts_with("-I")) {
      Words.push_back({Word::Directory, Value("-I")});
    } else if (A != "-c" && A != "--" && !A.starts_with("-W") &&
               !A.starts_with("-MMD") && !A.starts_with("-MD") &&
               (A.starts_with("-") ||
                absolutePath(A, Unit.Directory) != Unit.File)) {
      Words.push_back({Word::Other, A.str()});
    }
  }
  return Words;
}

/// The command of \p Unit as it stands, without what is the unit's own: its
/// name, what is made of it, and definitions that say which unit it is. Units
/// share few of these.
Expected<std::vector<std::string>> commonWords(const TranslationUnit &Unit) {
  std::vector<std::string> Words = Unit.Flags;
  if (Unit.Entry) {
    Expected<std::vector<std::string>> Arguments = Unit.Entry->arguments();
    if (!Arguments)
      return Arguments.takeError();
    Words = std::move(*Arguments);
  }
  std::vector<std::string> Common;
  for (size_t I = 0; I < Words.size(); ++I) {
    StringRef W = Words[I], Macro = W;
    if (W == "-o") {
      ++I;
      continue;
    }
    bool IsList = W.starts_with("-Wp,-MMD,") || W.starts_with("-Wp,-MD,");
    if ((IsList && W.count(',') == 2) ||
        (Macro.consume_front("-D") && isUnitName(Macro)) ||
        (Unit.File.ends_with(W) && W.size() > 2 &&
         absolutePath(W, Unit.Directory) == Unit.File))
      continue;
    Common.push_back(std::move(Words[I]));
  }
  return Common;
}

/// A unit's command, in parts.
struct Command {
  std::string Others;
  SmallVector<StringRef, 8> Directories, Definitions;
};

} // namespace

HeaderGroups::HeaderGroups(const Options &O, const Inputs &In,
                           const Prefilter &Filter, std::string Directory,
                           bool AllNew)
    : In(In), Filter(Filter), Directory(std::move(Directory)), AllNew(AllNew),
      Tool(toolHash()), GroupOf(In.Units.size(), NoGroup) {
  // A set is about the files on disk.
  if (!O.HeaderSets || In.Files || In.Units.size() < MinUnits)
    IsSorted = true;
}

HeaderGroups::~HeaderGroups() {
  if (Temporary)
    sys::fs::remove_directories(Directory);
  else if (AnyBuilt)
    tidyUp();
}

bool HeaderGroups::prepareDirectory() {
  if (!Directory.empty())
    return !sys::fs::create_directories(Directory);
  SmallString<128> Made;
  if (sys::fs::createUniqueDirectory("pinlint-headers", Made))
    return false;
  Directory = std::string(Made);
  Temporary = true;
  return true;
}

void HeaderGroups::sortIntoGroups() {
  IsSorted = true;
  if (!prepareDirectory())
    return;
  StringMap<std::vector<Word>> Known;
  std::vector<std::pair<unsigned, Command>> Commands;
  StringMap<unsigned> Uses;
  for (unsigned I = 0; I != In.Units.size(); ++I) {
    const TranslationUnit &Unit = In.Units[I];
    Expected<std::vector<std::string>> Plain = commonWords(Unit);
    if (!Plain) {
      // The worker will say so.
      consumeError(Plain.takeError());
      continue;
    }
    auto [It, New] =
        Known.try_emplace(Unit.Directory + '\n' + join(*Plain, "\n"));
    if (New) {
      std::vector<std::string> Clang =
          clangCommand(Unit.Directory, Unit.File, *Plain);
      It->second = significantWords(Clang, Unit);
      It->second.insert(It->second.begin(), {Word::Other, Clang.front()});
    }
    Command C;
    C.Others = Unit.Directory + '\n';
    for (const std::string &Macro : Unit.Protos->conventions().Defines)
      C.Others += "-D" + Macro + '\n';
    for (const Word &W : It->second) {
      if (W.Kind == Word::Other) {
        C.Others += W.Text + '\n';
        continue;
      }
      ++Uses[W.Text];
      (W.Kind == Word::Directory ? C.Directories : C.Definitions)
          .push_back(W.Text);
    }
    Commands.push_back({I, std::move(C)});
  }
  auto IsCommon = [&](StringRef Text) {
    return Uses.lookup(Text) * 2 >= Commands.size();
  };
  auto KeyOf = [&](const Command &C, bool AllDefinitions) {
    std::string Key = C.Others;
    // Directories of its own may say where other headers are, as long as they
    // are searched last. HeaderUse sees whether definitions of its own matter.
    const auto *Own = find_if_not(C.Directories, IsCommon);
    if (any_of(make_range(Own, C.Directories.end()), IsCommon))
      Own = C.Directories.end();
    for (StringRef Text : make_range(C.Directories.begin(), Own))
      Key += Text.str() + '\n';
    for (StringRef Text : C.Definitions)
      if (AllDefinitions || IsCommon(Text))
        Key += Text.str() + '\n';
    return Key;
  };
  StringMap<unsigned> Sizes;
  for (const auto &[I, C] : Commands)
    if (Filter.isExpected(I))
      ++Sizes[KeyOf(C, /*AllDefinitions=*/true)];
  std::map<std::string, std::vector<unsigned>> ByKey;
  for (const auto &[I, C] : Commands) {
    std::string Key = KeyOf(C, /*AllDefinitions=*/true);
    if (Sizes.lookup(Key) < MinUnitsOfDefinitions)
      Key = KeyOf(C, /*AllDefinitions=*/false);
    ByKey[Key].push_back(I);
  }
  for (auto &[Key, Units] : ByKey)
    split(std::move(Units), Key, 0);
}

/// How many of \p Units are analysed in any case.
size_t HeaderGroups::numExpected(ArrayRef<unsigned> Units) const {
  return count_if(Units, [&](unsigned I) { return Filter.isExpected(I); });
}

/// Makes groups of units that lie in directories with many of them; \p Prefix
/// bytes of their paths are the same.
void HeaderGroups::split(std::vector<unsigned> Units, const std::string &Key,
                         size_t Prefix) {
  // As far as all of them go the same way, there is nothing to split.
  std::map<StringRef, std::vector<unsigned>> Parts;
  for (;;) {
    Parts.clear();
    for (unsigned I : Units) {
      StringRef Path = In.Units[I].File;
      size_t Slash = Path.find('/', Prefix);
      Parts[Slash == StringRef::npos ? "" : Path.take_front(Slash + 1)]
          .push_back(I);
    }
    if (Parts.size() != 1 || Parts.begin()->first.empty())
      break;
    Prefix = Parts.begin()->first.size();
  }
  std::vector<unsigned> Rest;
  for (auto &[Part, Members] : Parts)
    if (!Part.empty() && numExpected(Members) >= MinUnitsOfPart)
      split(std::move(Members), Key, Part.size());
    else
      append_range(Rest, Members);
  if (numExpected(Rest) < MinUnits)
    return;
  llvm::sort(Rest);
  Group &G = Groups.emplace_back();
  G.Key = Key + In.Units[Rest.front()].File.substr(0, Prefix);
  G.Path = Directory + '/' +
           utohexstr(xxh3_64bits(StringRef(G.Key)), /*LowerCase=*/true,
                     /*Width=*/16);
  G.Prefix = Prefix;
  for (unsigned I : Rest)
    GroupOf[I] = Groups.size() - 1;
  G.Units = std::move(Rest);
}

HeaderGroups::Advice HeaderGroups::advise(size_t Unit) {
  if (!IsSorted) {
    // A few of many, where the results of the others are known.
    if (!AllNew && In.Units.size() > SortedPerUnit * ++NumUnsorted)
      return Advice::Without;
    sortIntoGroups();
  }
  if (GroupOf[Unit] == NoGroup)
    return Advice::Without;
  Group &G = Groups[GroupOf[Unit]];
  switch (G.State) {
  case Group::Ready:
    return Advice::Use;
  case Group::None:
    return Advice::Without;
  case Group::Building:
    return Advice::Wait;
  case Group::Unknown:
    break;
  }
  if (!G.Asked++)
    if (std::unique_ptr<HeaderSet> Set = HeaderSet::load(G.Path, Tool);
        Set && join(Set->premises(), "") == G.Premise && Set->isCurrent()) {
      G.Set = std::move(Set);
      G.State = Group::Ready;
      // An earlier run has learnt that some need another one.
      if (G.Premise.empty() && !G.HasVariant)
        if (std::unique_ptr<HeaderSet> Other =
                HeaderSet::load(G.Path + VariantMark.str(), Tool);
            Other && Other->premises().size() == 1 &&
            addVariant(GroupOf[Unit], Other->premises().front()))
          return advise(Unit);
      return Advice::Use;
    }
  if (!AllNew && G.Asked <= MaxWithout)
    return Advice::Without;
  G.State = Group::Building;
  return Advice::Build;
}

void HeaderGroups::built(unsigned N) {
  Group &G = Groups[N];
  G.Set = HeaderSet::load(G.Path, Tool);
  G.State = G.Set && G.Set->isCurrent() ? Group::Ready : Group::None;
  AnyBuilt = true;
}

/// The first header that \p Text includes with quotes; \p Before is what stands
/// before any header.
static StringRef firstHeader(StringRef Text, StringRef &Before) {
  Before = Text;
  size_t Line = 0;
  while ((Line = Text.find("#include", Line)) != StringRef::npos) {
    if (Line == 0 || Text[Line - 1] == '\n') {
      Before = Text.take_front(Line);
      StringRef Name = Text.substr(Line + strlen("#include")).ltrim(' ');
      return Name.consume_front("\"")
                 ? Name.take_until([](char C) { return C == '"' || C == '\n'; })
                 : StringRef();
    }
    ++Line;
  }
  return "";
}

/// True if \p Unit seems to define the macro \p Name before it includes what
/// others include as well: itself, or in the first header, if that lies beside
/// it or above, below the first \p Prefix bytes of its path.
bool HeaderGroups::definesFirst(unsigned Unit, StringRef Name,
                                size_t Prefix) const {
  auto Defines = [&](StringRef Text) {
    std::string Directive = ("#define " + Name).str();
    for (size_t I = 0; (I = Text.find(Directive, I)) != StringRef::npos;) {
      I += Directive.size();
      if (I == Text.size() || StringRef(" \t\n").contains(Text[I]))
        return true;
    }
    return false;
  };
  StringRef File = In.Units[Unit].File, Before;
  ErrorOr<std::unique_ptr<MemoryBuffer>> Text = MemoryBuffer::getFile(File);
  if (!Text)
    return false;
  StringRef First = firstHeader((*Text)->getBuffer(), Before);
  if (Defines(Before))
    return true;
  if (First.empty())
    return false;
  for (StringRef Dir = sys::path::parent_path(File);
       !Dir.empty() && Dir.size() + 1 >= Prefix;
       Dir = sys::path::parent_path(Dir)) {
    SmallString<256> Path(Dir);
    sys::path::append(Path, First);
    if (ErrorOr<std::unique_ptr<MemoryBuffer>> Header =
            MemoryBuffer::getFile(Path))
      return Defines((*Header)->getBuffer());
  }
  return false;
}

std::vector<unsigned> HeaderGroups::unitsWith(const Group &G,
                                              StringRef Premise) const {
  std::vector<unsigned> Units;
  for (unsigned I : G.Units)
    if (definesFirst(I, Premise.split(' ').first, G.Prefix))
      Units.push_back(I);
  return Units;
}

/// Moves those units of \p N that seem to define \p Premise first into a group
/// of their own; false if they are too few.
bool HeaderGroups::addVariant(unsigned N, const std::string &Premise) {
  std::vector<unsigned> Units = unitsWith(Groups[N], Premise);
  Groups[N].HasVariant = true;
  if (numExpected(Units) < MinDefining)
    return false;
  Group &V = Groups.emplace_back();
  V.Key = Groups[N].Key;
  V.Path = Groups[N].Path + VariantMark.str();
  V.Premise = Premise;
  V.Base = N;
  for (unsigned I : Units)
    GroupOf[I] = Groups.size() - 1;
  V.Units = std::move(Units);
  return true;
}

void HeaderGroups::learn(size_t Unit, const AnalysisResult &R) {
  if (R.WantedPremise.empty() || GroupOf[Unit] == NoGroup)
    return;
  Group &G = Groups[GroupOf[Unit]];
  if (G.Premise.empty() && !G.HasVariant &&
      ++G.Wanted[R.WantedPremise] == MinWanting)
    addVariant(GroupOf[Unit], R.WantedPremise);
}

std::string HeaderGroups::describe(unsigned N) const {
  const Group &G = Groups[N];
  std::string Text;
  // Groups that were made later are not known to workers.
  appendBytes(Text, std::to_string(G.Base == ~0u ? N : G.Base));
  appendBytes(Text, G.Path);
  appendBytes(Text, G.Premise);
  return Text;
}

namespace {
struct Description {
  unsigned Group = 0;
  StringRef Path, Premise;
  explicit Description(StringRef Text) {
    StringRef Number;
    takeBytes(Text, Number) && takeBytes(Text, Path) &&
        takeBytes(Text, Premise);
    Number.getAsInteger(10, Group);
  }
};
} // namespace

/// Removes what has been replaced, what a run that was killed has left, and
/// sets that have not been of use for long.
void HeaderGroups::tidyUp() const {
  struct Kept {
    sys::TimePoint<> Made;
    std::string Path;
  };
  std::vector<Kept> Sets;
  StringSet<> Wanted;
  std::vector<std::string> Parts;
  std::error_code EC;
  for (sys::fs::directory_iterator I(Directory, EC), E; I != E && !EC;
       I.increment(EC)) {
    StringRef Name = sys::path::filename(I->path());
    sys::fs::file_status Status;
    if (sys::fs::status(I->path(), Status))
      continue;
    // Others may be at work on it.
    constexpr auto Young = std::chrono::hours(1);
    auto Made = Status.getLastModificationTime();
    if (Name.contains('.')) {
      if (std::chrono::system_clock::now() - Made > Young)
        Parts.push_back(I->path());
    } else if (StringRef Hash = Name;
               (Hash.consume_back(VariantMark), Hash.size() == 16)) {
      Sets.push_back({Made, I->path()});
    }
  }
  llvm::sort(Sets,
             [](const Kept &A, const Kept &B) { return A.Made > B.Made; });
  for (auto [I, S] : enumerate(Sets)) {
    std::unique_ptr<HeaderSet> Set = HeaderSet::load(S.Path, Tool);
    if (Set && I < MaxKept)
      Wanted.insert(sys::path::stem(Set->precompiled()));
    else
      sys::fs::remove(S.Path);
  }
  for (const std::string &Path : Parts)
    if (!Wanted.contains(sys::path::stem(Path)))
      sys::fs::remove(Path);
}

const HeaderSet *HeaderGroups::load(StringRef Text) {
  auto [It, New] = Loaded.try_emplace(Description(Text).Path);
  if (New)
    It->second = HeaderSet::load(It->first(), Tool);
  return It->second.get();
}

std::vector<std::string>
HeaderGroups::commonHeaders(ArrayRef<unsigned> Units) const {
  // What lies beside a unit is a part of it.
  StringSet<> Beside;
  StringMap<unsigned> Count;
  for (unsigned I : Units) {
    Beside.insert(sys::path::parent_path(In.Units[I].File));
    if (Filter.isExpected(I))
      for (StringRef Header : Filter.unit(I).Includes)
        ++Count[Header];
  }
  size_t Enough = std::max<size_t>(2, numExpected(Units) / 12);
  std::vector<std::pair<unsigned, StringRef>> Chosen;
  for (const auto &Entry : Count) {
    if (Entry.second < Enough)
      continue;
    StringRef Path = Filter.headerFor(Units.front(), Entry.first());
    if (Path.empty() || Beside.contains(sys::path::parent_path(Path)))
      continue;
    ErrorOr<std::unique_ptr<MemoryBuffer>> Text = MemoryBuffer::getFile(Path);
    if (Text && hasIncludeGuard((*Text)->getBuffer()))
      Chosen.push_back({Entry.second, Entry.first()});
  }
  llvm::sort(Chosen, [](const auto &A, const auto &B) {
    return A.first != B.first ? A.first > B.first : A.second < B.second;
  });
  std::vector<std::string> Headers;
  for (const auto &[N, Header] : Chosen)
    Headers.push_back(Header.str());
  return Headers;
}

/// The command of a unit of \p G that says as much as any which unit it is:
/// some headers do not parse without the name of a module, which units that
/// belong to several modules do not have.
Expected<std::vector<std::string>>
HeaderGroups::modelCommand(const Group &G) const {
  constexpr size_t MaxTried = 64;
  std::vector<std::string> Best;
  ptrdiff_t MostNames = -1;
  for (unsigned I : ArrayRef(G.Units).take_front(MaxTried)) {
    Expected<std::vector<std::string>> Arguments = In.Units[I].arguments();
    if (!Arguments)
      return Arguments;
    ptrdiff_t Names = count_if(*Arguments, [](StringRef A) {
      return A.consume_front("-D") && isUnitName(A);
    });
    if (Names <= MostNames)
      continue;
    MostNames = Names;
    Best = std::move(*Arguments);
  }
  return Best;
}

std::string HeaderGroups::build(StringRef Text) const {
  Description D(Text);
  const Group &G = Groups[D.Group];
  Expected<std::vector<std::string>> Arguments = modelCommand(G);
  if (!Arguments)
    return toString(Arguments.takeError());
  HeaderSetRequest R;
  R.Directory = In.Units[G.Units.front()].Directory;
  // What is not in the key is the unit's own.
  StringSet<> Common;
  SmallVector<StringRef, 0> Lines;
  StringRef(G.Key).split(Lines, '\n');
  Common.insert(Lines.begin(), Lines.end());
  for (size_t I = 0; I < Arguments->size() && (*Arguments)[I] != "--"; ++I) {
    StringRef A = (*Arguments)[I];
    std::string Text = A.str();
    bool Own = A.starts_with("-I") || A.starts_with("-D");
    if (A == "-I" || A == "-D")
      Text += (*Arguments)[++I];
    if (!Own || Common.contains(Text) || isUnitName(StringRef(Text).substr(2)))
      R.Arguments.push_back(std::move(Text));
  }
  for (const std::string &Macro :
       In.Units[G.Units.front()].Protos->conventions().Defines)
    R.Arguments.push_back("-D" + Macro);
  if (D.Premise.empty()) {
    R.Headers = commonHeaders(G.Units);
  } else {
    R.Headers = commonHeaders(unitsWith(G, D.Premise));
    R.Premises.push_back(D.Premise.str());
  }
  if (Error E = buildHeaderSet(R, D.Path, Tool))
    return toString(std::move(E));
  return "";
}

} // namespace pinlint
