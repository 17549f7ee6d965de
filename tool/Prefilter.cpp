//===- Prefilter.cpp - Which files are worth parsing ----------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Prefilter.h"
#include "EarlierResults.h"
#include "Paths.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/ThreadPool.h"
#include "llvm/Support/xxhash.h"

using namespace llvm;

namespace pinlint {

std::optional<SourceScan> Prefilter::read(StringRef Path,
                                          const ScanWants &Wants) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> Text =
      Files->getBufferForFile(Path, /*FileSize=*/-1,
                              /*RequiresNullTerminator=*/false);
  if (!Text)
    return std::nullopt;
  return scanSource((*Text)->getBuffer(), Wants);
}

std::optional<SourceScan>
Prefilter::scan(StringRef Path, const ScanWants &Wants, uint64_t Key) {
  auto Note = [&](uint64_t Hash) {
    Scans.push_back({Path.str(), Key, Known->stampFor(Path), Hash});
  };
  if (auto It = Ahead.find(Path); It != Ahead.end() && Key == UnitKey) {
    Known->put(Path, Key, It->second);
    Note(ScanCache::hashOf(It->second));
    return std::move(It->second);
  }
  if (std::optional<SourceScan> Before = Known->find(Path, Key)) {
    Note(*Known->findHash(Path, Key));
    return Before;
  }
  std::optional<SourceScan> Scan = read(Path, Wants);
  if (!Scan) {
    AllRead = false;
    return std::nullopt;
  }
  Known->put(Path, Key, *Scan);
  Note(ScanCache::hashOf(*Scan));
  return Scan;
}

static bool anyIn(ArrayRef<NameHash> Names, const DenseSet<NameHash> &Set) {
  return any_of(Names, [&](NameHash N) { return Set.contains(N); });
}

Prefilter::Prefilter(const Inputs &In, const Options &O, ScanCache &Known,
                     const std::string &Kept)
    : Files(In.Files ? In.Files : vfs::getRealFileSystem()), All(!O.Prefilter),
      Known(&Known) {
  bool Lifetimes = any_of(O.Checks, followsLifetimes);
  bool Fetches = any_of(O.Checks, followsFetches);
  bool Owed = any_of(O.Checks, followsOperations);
  Flags = any_of(O.Checks, followsFlags);
  DenseSet<const Protocols *> Sets;
  for (const TranslationUnit &Unit : In.Units) {
    if (!Sets.insert(Unit.Protos).second)
      continue;
    for (StringRef Name : namesThatMatter(*Unit.Protos, Lifetimes, Fetches))
      Counted.insert(hashName(Name));
    if (Lifetimes) {
      for (StringRef Name : namesThatStart(*Unit.Protos))
        Counted.insert(hashName(Name));
      Counted.insert(freesByNameHash());
      append_range(FreeWords, Unit.Protos->conventions().Frees);
    }
    if (Owed)
      for (StringRef Name : tablesThatOwe(*Unit.Protos, /*Subject=*/nullptr))
        Tables.insert(hashName(Name));
    if (!O.Scope.empty()) {
      if (!Subject)
        Subject.emplace();
      const auto &Subjects = Unit.Protos->subjects();
      if (auto It = Subjects.find(O.Scope); It != Subjects.end()) {
        for (StringRef Name : namesAbout(*Unit.Protos, It->second))
          Subject->insert(hashName(Name));
        for (StringRef Name : tablesThatOwe(*Unit.Protos, &It->second))
          SubjectTables.insert(hashName(Name));
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
      Counted.insert(hashName(Struct));
    }
  }
  HeaderWants.Mentions = true;
  HeaderWants.Shared = &Shared;
  std::vector<NameHash> Sorted(Shared.begin(), Shared.end());
  llvm::sort(Sorted);
  UnitKey = xxh3_64bits(join(FreeWords, " "));
  HeaderKey =
      UnitKey ^
      xxh3_64bits(ArrayRef(reinterpret_cast<const uint8_t *>(Sorted.data()),
                           Sorted.size() * sizeof(NameHash)));
  HeaderWants.Frees = UnitWants.Frees = FreeWords;

  Units.resize(In.Units.size());
  uint64_t Tool = Kept.empty() ? 0 : toolHash();
  uint64_t Key = Kept.empty() ? 0 : keyOf(In, O);
  if (!Kept.empty() && load(Kept, Tool, Key)) {
    WasKept = true;
    forgetReading();
    return;
  }
  std::vector<Command> Commands;
  for (auto [Unit, Names] : zip_equal(In.Units, Units)) {
    Names.Named = Unit.Named;
    Commands.push_back(readCommand(Unit, Names));
  }
  numberLists(Commands, In);
  constexpr size_t AtOnce = 512;
  for (size_t I = 0; I != Units.size(); ++I) {
    // Other file systems may be for one thread only.
    if (I % AtOnce == 0 && !In.Files)
      scanAhead(ArrayRef(In.Units).drop_front(I).take_front(AtOnce), O.Jobs);
    readUnit(In.Units[I], Units[I]);
  }
  Ahead.clear();
  findInOwn();
  closeOverHeaders();
  findLeads();
  judge();
  findCallees(In);
  for (UnitNames &U : Units)
    std::vector<NameHash>().swap(U.Defines);
  if (!Kept.empty() && AllRead)
    save(Kept, Tool, Key);
  forgetReading();
}

/// Forgets what need not be known once all has been read.
void Prefilter::forgetReading() {
  Counted.clear();
  Subject.reset();
  Existing.clear();
  std::vector<Scanned>().swap(Scans);
  Known = nullptr;
}

/// Decides over the units, and forgets what need not be known any more.
void Prefilter::judge() {
  DenseSet<NameHash> Called;
  for (const UnitNames &U : Units)
    Called.insert(U.Defines.begin(), U.Defines.end());
  auto KeepCalled = [&](std::vector<NameHash> &Names) {
    erase_if(Names, [&](NameHash N) {
      return !Called.contains(N) && !Leads.contains(N);
    });
    Names.shrink_to_fit();
  };
  for (auto &Entry : Headers)
    if (Entry.second)
      KeepCalled(Entry.second->Uses);
  struct Verdict {
    bool Matters, InScope;
  };
  DenseMap<std::pair<const void *, unsigned>, Verdict> Verdicts;
  auto Judge = [&](const auto &From, unsigned List) {
    return Verdict{anyIn(From.Names, Counted) || anyIn(From.Names, Tables) ||
                       anyIn(From.Names, CountedIn[List]) ||
                       anyIn(From.Values, ValuesIn[List]),
                   Subject && (anyIn(From.Values, *Subject) ||
                               anyIn(From.Names, SubjectTables))};
  };
  // What headers define and the scope is about.
  DenseMap<const void *, SmallVector<NameHash, 2>> Wrappers;
  for (auto [D, H] : zip_equal(HeaderDefinitions, DefinedIn))
    if (Subject && anyIn(D.Values, *Subject))
      Wrappers[H].push_back(D.Name);
  for (UnitNames &U : Units) {
    auto [Matters, InScope] = Judge(U, U.List);
    auto IsValue = [&](NameHash N) { return llvm::binary_search(U.Values, N); };
    KeepCalled(U.Uses);
    for (const Header *H : U.Local) {
      auto [It, New] = Verdicts.try_emplace({H, U.List});
      if (New)
        It->second = Judge(*H, U.List);
      Matters |= It->second.Matters;
      // A header is included for many things.
      InScope |= H->IsHeader ? llvm::any_of(Wrappers.lookup(H), IsValue)
                             : It->second.InScope;
      append_range(U.Uses, H->Uses);
    }
    llvm::sort(U.Uses);
    U.Uses.erase(llvm::unique(U.Uses), U.Uses.end());
    U.Matters = U.Always || Matters || anyIn(U.Through, SharedMembers);
    U.InScope = !Subject || U.Named || InScope;
    for (std::vector<NameHash> *List : {&U.Names, &U.Values, &U.Through})
      std::vector<NameHash>().swap(*List);
    U.Local = {};
  }
  CountedIn.clear();
  ValuesIn.clear();
  Headers.clear();
  std::vector<SourceScan::Definition>().swap(HeaderDefinitions);
  std::vector<const void *>().swap(DefinedIn);
  Followed.clear();
  NotFound.clear();
}

bool Prefilter::isReason(size_t Unit, const ExportedSummary &S) const {
  return S.Matters &&
         (Units[Unit].InScope || any_of(S.Families, [&](StringRef F) {
            return SubjectFamilies.contains(F);
          }));
}

Prefilter::Command Prefilter::readCommand(const TranslationUnit &Unit,
                                          UnitNames &Out) {
  std::vector<std::string> Words = Unit.Flags;
  if (Unit.Entry) {
    if (Expected<std::vector<std::string>> Arguments = Unit.Entry->arguments())
      Words = std::move(*Arguments);
    else
      // The worker will say so.
      consumeError(Arguments.takeError());
  }
  Command C;
  for (size_t I = 0; I < Words.size(); ++I) {
    StringRef Word = Words[I], Value;
    // Linux says which module an object is a part of.
    if (Word.consume_front("-DKBUILD_MODNAME="))
      Out.Module = Word.trim("\"'").str();
    bool IsFile = false;
    for (StringRef Option :
         {"-I", "-isystem", "-iquote", "-idirafter", "-include"})
      if (Word.consume_front(Option)) {
        Value = !Word.empty()          ? Word
                : I + 1 < Words.size() ? StringRef(Words[++I])
                                       : "";
        IsFile = Option == "-include";
        break;
      }
    if (Value.empty())
      continue;
    StringRef Path =
        Spellings.insert(absolutePath(Value, Unit.Directory)).first->getKey();
    (IsFile ? C.Given : C.Directories).push_back(Path);
  }
  return C;
}

/// Gives \p Out the number of the list of directories that \p C searches, and
/// those that only few others search, as long as they come last: a kernel's
/// units search the directories they lie in.
void Prefilter::numberLists(ArrayRef<Command> Commands, const Inputs &In) {
  DenseMap<StringRef, unsigned> Count;
  for (const Command &C : Commands)
    for (StringRef Directory : C.Directories)
      ++Count[Directory];
  for (auto [C, Out, Unit] : zip_equal(Commands, Units, In.Units)) {
    auto IsCommon = [&](StringRef Directory) {
      return Count.lookup(Directory) * 2 >= Commands.size();
    };
    ArrayRef<StringRef> Shared = C.Directories;
    while (!Shared.empty() && !IsCommon(Shared.back()))
      Shared = Shared.drop_back();
    // Where nothing is common, all is the unit's own.
    Out.Own.assign(C.Directories.begin() + Shared.size(), C.Directories.end());
    std::string Key = join(Shared, "\n") + "\n\n" + join(C.Given, "\n");
    auto [It, New] = ListNumbers.try_emplace(Key, DirectoryLists.size());
    Out.List = It->second;
    if (!New)
      continue;
    DirectoryLists.push_back(Shared.vec());
    Resolved.emplace_back();
    NotFound.emplace_back();
    for (StringRef File : C.Given)
      follow(Unit.Directory, {File.str(), false}, Out.List);
  }
}

bool Prefilter::exists(StringRef Path) {
  auto [It, New] = Existing.try_emplace(Path);
  if (New)
    if (ErrorOr<vfs::Status> Status = Files->status(Path))
      It->second = Status->isRegularFile();
  return It->second;
}

/// The file that \p I means in the directories of \p List; empty if there is
/// none.
StringRef Prefilter::inShared(const SourceScan::Include &I, unsigned List) {
  if (sys::path::is_absolute(I.Name))
    return exists(I.Name) ? Existing.find(I.Name)->getKey() : "";
  auto [It, New] = Resolved[List].try_emplace(I.Name);
  if (New)
    for (StringRef Directory : DirectoryLists[List])
      if (StringRef Found = existing(I.Name, Directory); !Found.empty()) {
        It->second = Found.str();
        break;
      }
  return It->second;
}

/// The same for the directories of the unit's own.
StringRef Prefilter::inOwn(StringRef Name, const UnitNames &Unit) {
  for (StringRef Directory : Unit.Own)
    if (StringRef Found = existing(Name, Directory); !Found.empty())
      return Found;
  return "";
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
  H->IsHeader = Path.ends_with(".h");
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

/// Follows what is included from shared headers.
void Prefilter::follow(StringRef From, const SourceScan::Include &What,
                       unsigned List) {
  struct Job {
    std::string From;
    SourceScan::Include What;
  };
  std::vector<Job> Todo{{From.str(), What}};
  while (!Todo.empty()) {
    Job J = std::move(Todo.back());
    Todo.pop_back();
    StringRef Path = beside(J.From, J.What);
    if (Path.empty())
      Path = inShared(J.What, List);
    if (Path.empty()) {
      // Some unit may have it in a directory of its own.
      NotFound[List].insert(J.What.Name);
      continue;
    }
    Header *H = header(Path);
    if (!H || !Followed.insert({List, H}).second)
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

/// What is included from beside a unit's file, or from a directory that only it
/// searches, is a part of it.
void Prefilter::addLocal(StringRef Path, UnitNames &Out) {
  Header *H = header(Path);
  if (H && !is_contained(Out.Local, H)) {
    Out.Local.push_back(H);
    addIncludes(H->Directory, H->Includes, Out);
  }
}

void Prefilter::addIncludes(StringRef Directory,
                            ArrayRef<SourceScan::Include> List,
                            UnitNames &Out) {
  for (const SourceScan::Include &I : List) {
    StringRef Local = beside(Directory, I);
    bool Found = !Local.empty() || !inShared(I, Out.List).empty();
    if (!Found)
      Local = inOwn(I.Name, Out);
    if (!Local.empty()) {
      addLocal(Local, Out);
      continue;
    }
    Out.Includes.push_back(Spellings.insert(I.Name).first->getKey());
    if (Found)
      follow(Directory, I, Out.List);
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
  addIncludes(sys::path::parent_path(Unit.File), Scan.Includes, Out);
  llvm::sort(Out.Includes);
  Out.Includes.erase(llvm::unique(Out.Includes), Out.Includes.end());
}

/// Scans those of \p Next of which nothing is known, many at a time.
void Prefilter::scanAhead(ArrayRef<TranslationUnit> Next, unsigned Threads) {
  constexpr size_t Enough = 16;
  Ahead.clear();
  std::vector<StringRef> Todo;
  // From here on, a change would be seen.
  if (Threads > 1 && Next.size() >= Enough)
    for (const TranslationUnit &Unit : Next)
      if (!Known->findHash(Unit.File, UnitKey))
        Todo.push_back(Unit.File);
  if (Todo.size() < Enough)
    return;
  std::vector<std::optional<SourceScan>> Found(Todo.size());
  {
    DefaultThreadPool Pool(hardware_concurrency(Threads));
    for (size_t First = 0; First < Todo.size(); First += Enough)
      Pool.async([&, First] {
        size_t End = std::min(First + Enough, Todo.size());
        for (size_t I = First; I != End; ++I)
          if (ErrorOr<std::unique_ptr<MemoryBuffer>> Text =
                  MemoryBuffer::getFile(Todo[I], /*IsText=*/false,
                                        /*RequiresNullTerminator=*/false))
            Found[I] = scanSource((*Text)->getBuffer(), UnitWants);
      });
    Pool.wait();
  }
  for (auto [Path, Scan] : zip_equal(Todo, Found))
    if (Scan)
      Ahead[Path] = std::move(*Scan);
}

/// Shared headers may include what only some units have.
void Prefilter::findInOwn() {
  for (unsigned List = 0; List != NotFound.size(); ++List) {
    StringMap<std::vector<StringRef>> InDirectory;
    // What is found may miss something in turn.
    for (size_t Known = 0; Known != NotFound[List].size();) {
      Known = NotFound[List].size();
      InDirectory.clear();
      std::vector<std::string> Names;
      for (const auto &Entry : NotFound[List])
        Names.push_back(Entry.getKey().str());
      llvm::sort(Names);
      for (UnitNames &U : Units) {
        if (U.List != List)
          continue;
        for (StringRef Directory : U.Own) {
          auto [It, New] = InDirectory.try_emplace(Directory);
          if (New)
            for (StringRef Name : Names)
              if (StringRef Path = existing(Name, Directory); !Path.empty())
                It->second.push_back(Path);
          for (StringRef Path : It->second)
            addLocal(Path, U);
        }
      }
    }
  }
}

void Prefilter::closeOverHeaders() {
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

StringRef Prefilter::headerFor(size_t I, StringRef Include) const {
  const StringMap<std::string> &Known = Resolved[Units[I].List];
  auto It = Known.find(Include);
  return It == Known.end() ? StringRef() : StringRef(It->second);
}

ArrayRef<NameHash> Prefilter::usesOf(size_t Unit) const {
  if (!WasKept)
    return Units[Unit].Uses;
  return KeptUses.slice(KeptFirst[Unit], KeptFirst[Unit + 1] - KeptFirst[Unit]);
}

bool Prefilter::mayCall(size_t I, NameHash N) const {
  auto Names = [&](NameHash X) { return llvm::binary_search(usesOf(I), X); };
  auto It = LedToBy.find(N);
  return Names(N) || (It != LedToBy.end() && any_of(It->second, Names));
}

} // namespace pinlint
