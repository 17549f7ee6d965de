//===- BuiltinProtocolsTest.cpp - What the built-in protocols say ---------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "frontend/Protocols.h"
#include <gtest/gtest.h>
#include <set>

using namespace pinlint;
using llvm::StringRef;

namespace {

std::unique_ptr<Protocols> builtin() {
  auto P = Protocols::builtin();
  if (!P) {
    ADD_FAILURE() << llvm::toString(P.takeError());
    return nullptr;
  }
  return std::move(*P);
}

/// Calls \p Visit with every term of \p F.
template <typename Fn> void forEachTerm(const ProtocolFunction &F, Fn Visit) {
  auto Walk = [&](auto &Self, const ProtocolExpr &E) -> void {
    Visit(E);
    for (const ProtocolExpr &Op : E.Operands)
      Self(Self, Op);
  };
  auto Each = [&](const ProtocolExpr &E) { Walk(Walk, E); };
  auto EachCond = [&](const std::vector<ProtocolCond> &Conds) {
    for (const ProtocolCond &C : Conds) {
      Each(C.LHS);
      Each(C.RHS);
    }
  };
  for (const ProtocolEffect &E : F.Effects) {
    Each(E.Subject);
    for (const auto &Term : {E.Count, E.Request, E.Of, E.Into, E.Size, E.Val})
      if (Term)
        Each(*Term);
    EachCond(E.When);
  }
  for (const ProtocolCallback &C : F.Callbacks) {
    Each(C.Function);
    for (const ProtocolExpr &E : C.With)
      Each(E);
    EachCond(C.When);
  }
  EachCond(F.Ensures);
  EachCond(F.ZeroedWhen);
  if (F.Returns)
    Each(*F.Returns);
}

TEST(BuiltinProtocols, Load) {
  auto P = builtin();
  ASSERT_TRUE(P);
  EXPECT_GT(P->functions().size(), 1000u);
  auto None = Protocols::builtin("plan9");
  ASSERT_FALSE(None);
  EXPECT_EQ(llvm::toString(None.takeError()),
            "no protocols are built in for 'plan9'");
}

TEST(BuiltinProtocols, FamiliesAreUsable) {
  auto P = builtin();
  ASSERT_TRUE(P);
  std::set<std::string> Acquired, Released;
  for (const ProtocolFunction *F : P->functions())
    for (const ProtocolEffect &E : F->Effects) {
      if (E.Kind == ProtocolEffect::Acquire)
        Acquired.insert(E.Family);
      if (E.Kind == ProtocolEffect::Release)
        Released.insert(E.Family);
    }
  for (const ProtocolFamily *F : P->families()) {
    EXPECT_TRUE(Acquired.count(F->Name)) << F->Name << " is never acquired";
    bool CanGo = Released.count(F->Name);
    for (const std::string &Also : F->AlsoReleasedAs)
      CanGo |= Released.count(Also) != 0;
    CanGo |= F->EndsWhenFreed;
    EXPECT_TRUE(CanGo) << F->Name << " is never released";
    // The advice must work: the function exists and releases this family.
    StringRef Advice = F->ReleaseWith;
    ASSERT_TRUE(Advice.consume_back("()")) << F->Name;
    const ProtocolFunction *With = P->lookup(Advice);
    ASSERT_TRUE(With) << Advice.str();
    bool Fits = false;
    for (const ProtocolEffect &E : With->Effects)
      if (E.Kind == ProtocolEffect::Free) {
        Fits |= F->EndsWhenFreed;
      } else if (E.Kind == ProtocolEffect::Release) {
        Fits |= E.Family == F->Name;
        for (const std::string &Also : F->AlsoReleasedAs)
          Fits |= E.Family == Also;
      }
    EXPECT_TRUE(Fits) << Advice.str() << " does not release " << F->Name;
  }
}

TEST(BuiltinProtocols, EntriesArePlausible) {
  auto P = builtin();
  ASSERT_TRUE(P);
  for (const ProtocolFunction *F : P->functions()) {
    SCOPED_TRACE(F->File + ":" + std::to_string(F->Line) + ": " + F->Name);
    EXPECT_FALSE(F->File.empty());
    EXPECT_GT(F->Line, 0u);
    // An entry says something.
    EXPECT_TRUE(!F->Effects.empty() || !F->Ensures.empty() ||
                !F->Callbacks.empty() || F->Returns || F->NoReturn || F->Pure ||
                F->Waits || F->Zeroed || !F->Fails.empty());
    EXPECT_FALSE(F->NoReturn && !F->Effects.empty());
    EXPECT_TRUE(F->Convert.empty() || F->Inverse.empty());
    forEachTerm(*F, [&](const ProtocolExpr &E) {
      if (E.Kind != ProtocolExpr::Arg)
        return;
      EXPECT_LT(E.Value, 8);
      if (F->NumArgs && !F->Variadic) {
        EXPECT_LT(E.Value, int64_t(*F->NumArgs));
      }
    });
    for (const ProtocolEffect &E : F->Effects) {
      bool HasFamily = E.Kind == ProtocolEffect::Acquire ||
                       E.Kind == ProtocolEffect::Release ||
                       E.Kind == ProtocolEffect::Before;
      EXPECT_EQ(HasFamily, !E.Family.empty());
      // A result that may be an error is no handle.
      if (E.Kind == ProtocolEffect::Acquire &&
          E.Subject.Kind == ProtocolExpr::Ret && !F->Fails.empty()) {
        EXPECT_FALSE(E.When.empty());
      }
      // What was counted by the result cannot be owed without it.
      if (E.Count && E.Count->Kind == ProtocolExpr::Ret) {
        EXPECT_FALSE(E.When.empty());
      }
    }
  }
}

TEST(BuiltinProtocols, InversesHaveAConversion) {
  auto P = builtin();
  ASSERT_TRUE(P);
  std::set<std::string> Names;
  for (const ProtocolFunction *F : P->functions())
    if (!F->Convert.empty())
      Names.insert(F->Convert);
  EXPECT_TRUE(Names.count("page-pfn"));
  for (const ProtocolFunction *F : P->functions())
    if (!F->Inverse.empty()) {
      EXPECT_TRUE(Names.count(F->Inverse)) << F->Name;
    }
}

TEST(BuiltinProtocols, SignaturesOfBothKernels) {
  auto P = builtin();
  ASSERT_TRUE(P);
  // The vmas argument was dropped between 6.1 and 6.12.
  for (StringRef Name : {"get_user_pages", "pin_user_pages"}) {
    for (unsigned N : {4u, 5u}) {
      const ProtocolFunction *F = P->lookup(Name, N);
      ASSERT_TRUE(F) << Name.str() << N;
      EXPECT_EQ(F->Effects.back().Subject.str(), "arg3");
      EXPECT_EQ(F->Effects.back().Request->str(), "arg1");
    }
    EXPECT_FALSE(P->lookup(Name, 6));
  }
  EXPECT_EQ(P->lookup("get_user_pages_remote", 6)->Effects.back().Subject.str(),
            "arg4");
  EXPECT_EQ(P->lookup("get_user_pages_remote", 7)->Effects.back().Subject.str(),
            "arg4");
  EXPECT_EQ(P->lookup("iommu_map", 5)->Effects.back().Family, "iommu-mapping");
  EXPECT_EQ(P->lookup("iommu_map", 6)->Effects.back().Family, "iommu-mapping");
}

TEST(BuiltinProtocols, KindsThatTheChecksTellApart) {
  auto P = builtin();
  ASSERT_TRUE(P);
  auto Released = [&](StringRef Name) {
    return P->lookup(Name)->Effects.at(0).Family;
  };
  EXPECT_EQ(P->family("user-page-pin")->Kind, "PIN");
  EXPECT_EQ(P->family("user-page-reference")->Kind, "GET");
  EXPECT_EQ(P->family("extracted-page")->Kind, "EXTRACT");
  EXPECT_EQ(Released("unpin_user_page"), "user-page-pin");
  EXPECT_EQ(Released("put_page"), "page-reference");
  EXPECT_EQ(Released("__free_page"), "page-allocation");
  // put_page() is right for FOLL_GET and for alloc_page(), not for FOLL_PIN.
  auto Also = [&](StringRef Family) {
    return P->family(Family)->AlsoReleasedAs;
  };
  EXPECT_EQ(Also("user-page-reference"),
            std::vector<std::string>{"page-reference"});
  EXPECT_EQ(Also("page-allocation"),
            std::vector<std::string>{"page-reference"});
  EXPECT_TRUE(Also("user-page-pin").empty());
  for (StringRef Family :
       {"user-page-pin", "user-page-reference", "page-reference",
        "page-allocation", "extracted-page"})
    EXPECT_EQ(P->family(Family)->Group, "page") << Family.str();
}

} // namespace
