//===- Prefilter.cpp - Which files are worth parsing ----------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Prefilter.h"
#include "Paths.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/xxhash.h"

using namespace llvm;

namespace pinlint {

std::optional<SourceScan>
Prefilter::scan(StringRef Path, const ScanWants &Wants, uint64_t Key) {
  if (std::optional<SourceScan> Before = Known.find(Path, Key))
    return Before;
  ErrorOr<std::unique_ptr<MemoryBuffer>> Text =
      Files->getBufferForFile(Path, /*FileSize=*/-1,
                              /*RequiresNullTerminator=*/false);
  if (!Text)
    return std::nullopt;
  SourceScan Scan = scanSource((*Text)->getBuffer(), Wants);
  Known.put(Path, Key, Scan);
  return Scan;
}

static bool anyIn(ArrayRef<NameHash> Names, const DenseSet<NameHash> &Set) {
  return any_of(Names, [&](NameHash N) { return Set.contains(N); });
}

Prefilter::Prefilter(const Inputs &In, const Options &O, ScanCache &Known)
    : Files(In.Files ? In.Files : vfs::getRealFileSystem()), Known(Known) {
  bool Lifetimes = any_of(O.Checks, followsLifetimes);
  bool Fetches = any_of(O.Checks, followsFetches);
  Flags = any_of(O.Checks, followsFlags);
  DenseSet<const Protocols *> Sets;
  for (const TranslationUnit &Unit : In.Units) {
    if (!Sets.insert(Unit.Protos).second)
      continue;
    for (StringRef Name : namesThatMatter(*Unit.Protos, Lifetimes, Fetches))
      Mattering.Counted.insert(hashName(Name));
    if (!O.Scope.empty()) {
      if (!Subject)
        Subject.emplace();
      const auto &Subjects = Unit.Protos->subjects();
      if (auto It = Subjects.find(O.Scope); It != Subjects.end()) {
        for (StringRef Name : namesAbout(*Unit.Protos, It->second))
          Subject->Counted.insert(hashName(Name));
        for (StringRef Family : It->second.Families)
          SubjectFamilies.insert(Family);
      }
    }
    for (const ProtocolFunction *F : Unit.Protos->functions())
      Described.insert(hashName(F->Name));
    if (!Fetches)
      continue;
    for (const auto &Entry : Unit.Protos->shared()) {
      auto [Struct, Member] = Entry.getKey().split('.');
      if (!Member.empty()) {
        SharedMembers.insert(hashName(Member));
        continue;
      }
      Shared.insert(hashName(Struct));
      Mattering.Counted.insert(hashName(Struct));
    }
  }
  HeaderWants.Mentions = true;
  HeaderWants.Shared = &Shared;
  std::vector<NameHash> Sorted(Shared.begin(), Shared.end());
  llvm::sort(Sorted);
  HeaderKey =
      xxh3_64bits(ArrayRef(reinterpret_cast<const uint8_t *>(Sorted.data()),
                           Sorted.size() * sizeof(NameHash)));

  Units.resize(In.Units.size());
  for (size_t I = 0; I != Units.size(); ++I) {
    readUnit(In.Units[I], Units[I]);
    Units[I].Named = In.Units[I].Named;
  }
  closeOverHeaders(Mattering);
  if (Subject)
    closeOverHeaders(*Subject);
  findLeads();
}

bool Prefilter::NameSets::anyIn(const UnitNames &U) const {
  return pinlint::anyIn(U.Names, Counted) ||
         (U.List < CountedIn.size() &&
          (pinlint::anyIn(U.Names, CountedIn[U.List]) ||
           pinlint::anyIn(U.Values, ValuesIn[U.List])));
}

bool Prefilter::matters(size_t Unit) const {
  const UnitNames &U = Units[Unit];
  return U.Always || Mattering.anyIn(U) || anyIn(U.Through, SharedMembers);
}

bool Prefilter::inScope(size_t Unit) const {
  const UnitNames &U = Units[Unit];
  return !Subject || U.Named || Subject->anyIn(U);
}

bool Prefilter::isReason(size_t Unit, const ExportedSummary &S) const {
  return S.Matters && (inScope(Unit) || any_of(S.Families, [&](StringRef F) {
                         return SubjectFamilies.contains(F);
                       }));
}

unsigned Prefilter::readCommand(const TranslationUnit &Unit, UnitNames &Out) {
  std::vector<std::string> Words = Unit.Flags;
  if (Unit.Entry) {
    if (Expected<std::vector<std::string>> Arguments = Unit.Entry->arguments())
      Words = std::move(*Arguments);
    else
      // The worker will say so.
      consumeError(Arguments.takeError());
  }
  std::vector<std::string> List;
  std::string Key;
  for (size_t I = 0; I < Words.size(); ++I) {
    StringRef Word = Words[I], Value;
    // Linux says which module an object is a part of.
    if (Word.consume_front("-DKBUILD_MODNAME="))
      Out.Module = Word.trim("\"'").str();
    for (StringRef Option :
         {"-I", "-isystem", "-iquote", "-idirafter", "-include"})
      if (Word.consume_front(Option)) {
        Value = !Word.empty()          ? Word
                : I + 1 < Words.size() ? StringRef(Words[++I])
                                       : "";
        // A file is kept apart by its colon.
        if (Option == "-include")
          Key += ":";
        break;
      }
    if (Value.empty())
      continue;
    bool IsFile = StringRef(Key).ends_with(":");
    std::string Path = absolutePath(Value, Unit.Directory);
    List.push_back(IsFile ? ":" + Path : Path);
    Key += Path + "\n";
  }
  auto [It, New] = ListNumbers.try_emplace(Key, DirectoryLists.size());
  if (!New)
    return It->second;
  unsigned Number = It->second;
  std::vector<SourceScan::Include> Given;
  std::vector<std::string> Directories;
  for (std::string &Path : List) {
    if (Path.front() == ':')
      Given.push_back({Path.substr(1), false});
    else
      Directories.push_back(std::move(Path));
  }
  DirectoryLists.push_back(std::move(Directories));
  Resolved.emplace_back();
  follow(Unit.Directory, Given, Number);
  return Number;
}

bool Prefilter::exists(StringRef Path) {
  auto [It, New] = Existing.try_emplace(Path);
  if (New)
    if (ErrorOr<vfs::Status> Status = Files->status(Path))
      It->second = Status->isRegularFile();
  return It->second;
}

StringRef Prefilter::resolve(StringRef From, const SourceScan::Include &I,
                             unsigned Directories) {
  if (sys::path::is_absolute(I.Name))
    return exists(I.Name) ? Existing.find(I.Name)->getKey() : "";
  if (StringRef Beside = beside(From, I); !Beside.empty())
    return Beside;
  auto [It, New] = Resolved[Directories].try_emplace(I.Name);
  if (New)
    for (const std::string &Directory : DirectoryLists[Directories])
      if (StringRef Found = existing(I.Name, Directory); !Found.empty()) {
        It->second = Found.str();
        break;
      }
  return It->second;
}

Prefilter::Header *Prefilter::header(StringRef Path) {
  auto [It, New] = Headers.try_emplace(Path);
  if (!New)
    return It->second.get();
  std::optional<SourceScan> Read = scan(Path, HeaderWants, HeaderKey);
  if (!Read)
    return nullptr;
  SourceScan &Scan = *Read;
  auto H = std::make_unique<Header>();
  H->Includes = std::move(Scan.Includes);
  H->Directory = sys::path::parent_path(Path).str();
  H->Names = std::move(Scan.Names);
  H->Uses = std::move(Scan.Uses);
  H->Values = std::move(Scan.Values);
  for (SourceScan::Definition &D : Scan.Definitions)
    if (!D.Mentions.empty()) {
      HeaderDefinitions.push_back(std::move(D));
      DefinedIn.push_back(H.get());
    }
  SharedMembers.insert(Scan.PointersToShared.begin(),
                       Scan.PointersToShared.end());
  return (It->second = std::move(H)).get();
}

void Prefilter::follow(StringRef From, ArrayRef<SourceScan::Include> List,
                       unsigned Directories) {
  struct Job {
    std::string From;
    SourceScan::Include What;
  };
  std::vector<Job> Todo;
  for (const SourceScan::Include &I : List)
    Todo.push_back({From.str(), I});
  while (!Todo.empty()) {
    Job J = std::move(Todo.back());
    Todo.pop_back();
    StringRef Path = resolve(J.From, J.What, Directories);
    if (Path.empty())
      continue;
    Header *H = header(Path);
    if (!H || !Followed.insert({Directories, H}).second)
      continue;
    for (const SourceScan::Include &I : H->Includes)
      Todo.push_back({H->Directory, I});
  }
}

StringRef Prefilter::existing(StringRef Name, StringRef Directory) {
  std::string Path = absolutePath(Name, Directory);
  return exists(Path) ? Existing.find(Path)->getKey() : "";
}

StringRef Prefilter::beside(StringRef Directory, const SourceScan::Include &I) {
  return I.Angled ? "" : existing(I.Name, Directory);
}

void Prefilter::addInclude(const SourceScan::Include &I, UnitNames &Out) {
  Out.Includes.push_back(Spellings.insert(I.Name).first->getKey());
}

/// What is included from beside a file is a part of it.
void Prefilter::addLocal(StringRef Path, UnitNames &Out,
                         DenseSet<const void *> &Seen, unsigned Depth) {
  constexpr unsigned MaxDepth = 16;
  Header *H = header(Path);
  if (!H || Depth > MaxDepth || !Seen.insert(H).second)
    return;
  append_range(Out.Names, H->Names);
  append_range(Out.Uses, H->Uses);
  append_range(Out.Values, H->Values);
  for (const SourceScan::Include &I : H->Includes) {
    if (StringRef Beside = beside(H->Directory, I); !Beside.empty())
      addLocal(Beside, Out, Seen, Depth + 1);
    else
      addInclude(I, Out);
  }
}

void Prefilter::readUnit(const TranslationUnit &Unit, UnitNames &Out) {
  std::optional<SourceScan> Read = scan(Unit.File, UnitWants, UnitKey);
  if (!Read) {
    // Whoever parses it says what is wrong with it.
    Out.Always = true;
    return;
  }
  SourceScan &Scan = *Read;
  Out.Always = Scan.HasSuppressions || (Flags && Scan.RaisesAndLowers);
  Out.Names = std::move(Scan.Names);
  Out.Uses = std::move(Scan.Uses);
  Out.Values = std::move(Scan.Values);
  Out.Through = std::move(Scan.Through);
  for (const SourceScan::Definition &D : Scan.Definitions)
    if (!D.IsStatic)
      Out.Defines.push_back(D.Name);
  llvm::sort(Out.Defines);
  StringRef Directory = sys::path::parent_path(Unit.File);
  DenseSet<const void *> Seen;
  for (const SourceScan::Include &I : Scan.Includes) {
    if (StringRef Beside = beside(Directory, I); !Beside.empty())
      addLocal(Beside, Out, Seen, 0);
    else
      addInclude(I, Out);
  }
  llvm::sort(Out.Includes);
  Out.Includes.erase(llvm::unique(Out.Includes), Out.Includes.end());
  for (std::vector<NameHash> *List : {&Out.Names, &Out.Uses, &Out.Values}) {
    llvm::sort(*List);
    List->erase(llvm::unique(*List), List->end());
  }
  Out.List = readCommand(Unit, Out);
  follow(Directory, Scan.Includes, Out.List);
}

void Prefilter::closeOverHeaders(NameSets &Sets) const {
  auto &[Counted, CountedIn, ValuesIn] = Sets;
  using DefinitionsByName = DenseMap<NameHash, std::vector<unsigned>>;
  DefinitionsByName MentionedBy, ValueIn;
  for (unsigned I = 0; I != HeaderDefinitions.size(); ++I) {
    for (NameHash N : HeaderDefinitions[I].Mentions)
      MentionedBy[N].push_back(I);
    for (NameHash N : HeaderDefinitions[I].Values)
      ValueIn[N].push_back(I);
  }
  CountedIn.resize(DirectoryLists.size());
  ValuesIn.resize(DirectoryLists.size());
  for (unsigned List = 0; List != CountedIn.size(); ++List) {
    struct Item {
      NameHash Name;
      bool AsValue;
    };
    std::vector<Item> Todo;
    for (NameHash N : Counted)
      Todo.push_back({N, false});
    while (!Todo.empty()) {
      Item Next = Todo.back();
      Todo.pop_back();
      const DefinitionsByName &By = Next.AsValue ? ValueIn : MentionedBy;
      auto It = By.find(Next.Name);
      if (It == By.end())
        continue;
      for (unsigned I : It->second) {
        const SourceScan::Definition &D = HeaderDefinitions[I];
        // What a protocol describes is not looked into, unless it is a macro.
        if ((!D.IsMacro && Described.contains(D.Name)) ||
            !Followed.contains({List, DefinedIn[I]}) ||
            Counted.contains(D.Name) || CountedIn[List].contains(D.Name))
          continue;
        if ((D.IsMade ? ValuesIn : CountedIn)[List].insert(D.Name).second)
          Todo.push_back({D.Name, D.IsMade});
      }
    }
  }
}

void Prefilter::findLeads() {
  DenseSet<NameHash> Defined;
  for (const UnitNames &U : Units)
    Defined.insert(U.Defines.begin(), U.Defines.end());
  // A way that is longer than this is hardly a wrapper any more.
  constexpr unsigned MaxHops = 3;
  constexpr size_t MaxLeads = 32;
  for (unsigned Hop = 0; Hop != MaxHops; ++Hop) {
    DenseMap<NameHash, std::vector<NameHash>> Next = Leads;
    for (const SourceScan::Definition &D : HeaderDefinitions) {
      std::vector<NameHash> To;
      for (NameHash N : D.Mentions) {
        if (Hop == 0 && Defined.contains(N))
          To.push_back(N);
        if (auto It = Leads.find(N); It != Leads.end())
          append_range(To, It->second);
      }
      if (To.empty())
        continue;
      std::vector<NameHash> &All = Next[D.Name];
      append_range(All, To);
      llvm::sort(All);
      All.erase(llvm::unique(All), All.end());
      if (All.size() > MaxLeads)
        All.resize(MaxLeads);
    }
    Leads = std::move(Next);
  }
  for (const auto &[From, To] : Leads)
    for (NameHash N : To)
      LedToBy[N].push_back(From);
}

void Prefilter::forEachCallee(size_t I,
                              function_ref<void(NameHash)> Visit) const {
  for (NameHash N : Units[I].Uses) {
    Visit(N);
    if (auto It = Leads.find(N); It != Leads.end())
      for (NameHash To : It->second)
        Visit(To);
  }
}

StringRef Prefilter::headerFor(size_t I, StringRef Include) const {
  const StringMap<std::string> &Known = Resolved[Units[I].List];
  auto It = Known.find(Include);
  return It == Known.end() ? StringRef() : StringRef(It->second);
}

bool Prefilter::mayCall(size_t I, NameHash N) const {
  auto Names = [&](NameHash X) {
    return llvm::binary_search(Units[I].Uses, X);
  };
  auto It = LedToBy.find(N);
  return Names(N) || (It != LedToBy.end() && any_of(It->second, Names));
}

} // namespace pinlint
