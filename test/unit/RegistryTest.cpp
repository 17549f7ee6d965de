//===- RegistryTest.cpp - Tests of the list of checks ---------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Analysis.h"
#include <gtest/gtest.h>
#include <string>

using namespace pinlint;

TEST(Registry, IsSortedByName) {
  llvm::StringRef Last;
  for (const CheckInfo &C : allChecks()) {
    EXPECT_LT(Last, C.Name);
    EXPECT_TRUE(llvm::StringRef(C.Name).starts_with("pinlint-"));
    EXPECT_FALSE(llvm::StringRef(C.Summary).empty()) << C.Name;
    Last = C.Name;
  }
}

TEST(Registry, EveryCheckHasItsPage) {
  for (const CheckInfo &C : allChecks()) {
    std::string Title = "# " + std::string(C.Name) + "\n";
    EXPECT_TRUE(C.Explanation.starts_with(Title))
        << C.Name << " has no page in docs/checks that begins with " << Title;
    for (const char *Section :
         {"\n## What\n", "\n## Why\n", "\n## Bad\n", "\n## Good\n",
          "\n## How to fix\n", "\n## Limits\n", "\n## How to suppress\n"})
      EXPECT_TRUE(C.Explanation.contains(Section)) << C.Name << Section;
  }
}
