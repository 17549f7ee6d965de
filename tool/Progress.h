//===- Progress.h - A progress line on the terminal -------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_TOOL_PROGRESS_H
#define PINLINT_TOOL_PROGRESS_H

#include "llvm/ADT/StringRef.h"
#include <chrono>

namespace pinlint {

/// Shows how much of a run is done, and how long the rest will take, on stderr
/// where that is a terminal.
class Progress {
public:
  Progress(size_t Total, bool Enabled);
  ~Progress() { clear(); }

  /// One more is done; \p Name is shown.
  /// One that is left out.
  void remove() { --Total; }
  void advance(llvm::StringRef Name);
  /// Takes the line away so that something else can be printed.
  void clear();

private:
  using Clock = std::chrono::steady_clock;
  size_t Total, Done = 0;
  bool Enabled, Shown = false;
  Clock::time_point Start, LastShown;
};

} // namespace pinlint

#endif // PINLINT_TOOL_PROGRESS_H
