//===- HeaderSetTest.cpp --------------------------------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "frontend/HeaderSet.h"
#include "gtest/gtest.h"

using namespace pinlint;

TEST(HeaderSetTest, HasIncludeGuard) {
  EXPECT_TRUE(hasIncludeGuard("#ifndef A\n#define A\nint x;\n#endif\n"));
  EXPECT_TRUE(hasIncludeGuard("/* Text */\n#ifndef A\n#define A\n"
                              "#ifdef B\nint x;\n#else\nint y;\n#endif\n"
                              "#endif /* A */\n"));
  EXPECT_TRUE(hasIncludeGuard("#if !defined(A)\n#define A\n#endif"));
  EXPECT_TRUE(hasIncludeGuard("#pragma once\nint x;\n"));
  EXPECT_FALSE(hasIncludeGuard("int x;\n"));
  EXPECT_FALSE(hasIncludeGuard("#if !defined(A) || defined(B)\n#endif\n"));
}

// Clang takes none of these for one that includes itself once.
TEST(HeaderSetTest, GuardOfAPart) {
  EXPECT_FALSE(hasIncludeGuard("#ifndef A\n#define A\n#endif\nint x;\n"));
  EXPECT_FALSE(hasIncludeGuard("#ifndef A\n#define A\n#endif\n"
                               "#ifndef B\n#define B\n#endif\n"));
  EXPECT_FALSE(hasIncludeGuard("#ifndef A\n#define A\n#else\nint x;\n#endif"));
  EXPECT_FALSE(hasIncludeGuard("#ifndef A\n#define A\n"));
}
