//===- Callees.cpp - Who may call whom ------------------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Callees.h"
#include "Prefilter.h"
#include "llvm/Support/Path.h"
#include <map>

using namespace llvm;

namespace pinlint {

std::optional<unsigned> distanceBetween(StringRef From, StringRef UserModule,
                                        StringRef To, StringRef DefinerModule) {
  if (From == To)
    return 0;
  if (!UserModule.empty() && UserModule == DefinerModule)
    return 1;
  if (From.size() <= To.size() || From[To.size()] != '/' ||
      !From.starts_with(To))
    return std::nullopt;
  return 2 + From.substr(To.size()).count('/');
}

std::optional<unsigned> distanceOf(StringRef User, StringRef UserModule,
                                   StringRef Definer, StringRef DefinerModule) {
  return distanceBetween(sys::path::parent_path(User), UserModule,
                         sys::path::parent_path(Definer), DefinerModule);
}

void Prefilter::findCallees(const Inputs &In) {
  DenseMap<NameHash, SmallVector<unsigned, 1>> Definers;
  std::vector<StringRef> Directories;
  for (unsigned I = 0; I != Units.size(); ++I) {
    Directories.push_back(sys::path::parent_path(In.Units[I].File));
    for (NameHash N : Units[I].Defines)
      Definers[N].push_back(I);
  }
  for (unsigned I = 0; I != Units.size(); ++I) {
    std::map<unsigned, unsigned> Distances;
    auto Add = [&](NameHash N) {
      auto It = Definers.find(N);
      // Everybody has a function of such a name.
      constexpr size_t MaxDefiners = 64;
      if (It == Definers.end() || It->second.size() > MaxDefiners)
        return;
      for (unsigned D : It->second)
        if (D != I)
          if (auto Far = distanceBetween(Directories[I], Units[I].Module,
                                         Directories[D], Units[D].Module))
            Distances[D] = *Far;
    };
    for (NameHash N : Units[I].Uses) {
      Add(N);
      if (auto It = Leads.find(N); It != Leads.end())
        for (NameHash To : It->second)
          Add(To);
    }
    std::vector<Callees::Edge> Sorted;
    for (auto [D, Far] : Distances)
      Sorted.push_back({Far, D});
    llvm::sort(Sorted, [](const auto &A, const auto &B) {
      return std::pair(A.Far, A.Unit) < std::pair(B.Far, B.Unit);
    });
    Graph.add(Sorted);
  }
}

} // namespace pinlint
