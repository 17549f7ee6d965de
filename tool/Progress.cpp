//===- Progress.cpp - A progress line on the terminal ---------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Progress.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace pinlint {

Progress::Progress(size_t Total, bool Enabled)
    : Total(Total), Enabled(Enabled && sys::Process::StandardErrIsDisplayed()),
      Start(Clock::now()) {}

void Progress::clear() {
  if (Shown)
    errs() << "\r\033[K";
  Shown = false;
}

void Progress::advance(StringRef Name) {
  ++Done;
  Clock::time_point Now = Clock::now();
  if (!Enabled || Done == Total ||
      Now - LastShown < std::chrono::milliseconds(100))
    return;
  LastShown = Now;
  auto Elapsed = std::chrono::duration<double>(Now - Start).count();
  auto Left = static_cast<unsigned>(Elapsed / Done * (Total - Done) + 0.5);
  std::string Line = formatv("[{0}/{1}] {2}% ETA {3}:{4,0+2} ", Done, Total,
                             Done * 100 / Total, Left / 60, Left % 60);
  unsigned Columns = sys::Process::StandardErrColumns();
  if (Columns == 0)
    Columns = 80;
  if (Line.size() + Name.size() < Columns)
    Line += Name;
  errs() << "\r\033[K" << Line;
  Shown = true;
}

} // namespace pinlint
