//===- Range.h - Sets of integers -------------------------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// An interval of signed 64-bit integers with at most one hole. The two ends
/// of the type stand for infinity, so that arithmetic saturates.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_ENGINE_RANGE_H
#define PINLINT_ENGINE_RANGE_H

#include <algorithm>
#include <cstdint>
#include <limits>

namespace pinlint {

struct Range {
  static constexpr int64_t Min = std::numeric_limits<int64_t>::min();
  static constexpr int64_t Max = std::numeric_limits<int64_t>::max();

  int64_t Lo = Min, Hi = Max;
  /// A value strictly between Lo and Hi that is excluded.
  int64_t Hole = 0;
  bool HasHole = false;

  Range() = default;
  Range(int64_t Lo, int64_t Hi) : Lo(Lo), Hi(Hi) {}
  static Range only(int64_t V) { return Range(V, V); }
  static Range notZero() {
    Range R;
    R.Hole = 0;
    R.HasHole = true;
    return R;
  }

  bool operator==(const Range &R) const {
    return Lo == R.Lo && Hi == R.Hi && HasHole == R.HasHole &&
           (!HasHole || Hole == R.Hole);
  }
  bool empty() const { return Lo > Hi; }
  bool full() const { return Lo == Min && Hi == Max && !HasHole; }
  bool isOnly(int64_t V) const { return Lo == V && Hi == V; }
  bool contains(int64_t V) const {
    return V >= Lo && V <= Hi && !(HasHole && Hole == V);
  }
  bool within(const Range &R) const {
    return Lo >= R.Lo && Hi <= R.Hi && (!R.HasHole || !contains(R.Hole));
  }

  void exclude(int64_t V) {
    if (!contains(V))
      return;
    if (V == Lo && V == Hi) {
      Lo = 1;
      Hi = 0;
      return;
    }
    if (V == Lo)
      ++Lo;
    else if (V == Hi)
      --Hi;
    else if (!HasHole || V == 0) {
      Hole = V;
      HasHole = true;
    }
    normalise();
  }
  void intersect(const Range &R) {
    Lo = std::max(Lo, R.Lo);
    Hi = std::min(Hi, R.Hi);
    normalise();
    if (R.HasHole && !empty())
      exclude(R.Hole);
  }
  /// The smallest range that holds both.
  Range hull(const Range &R) const {
    if (empty())
      return R;
    if (R.empty())
      return *this;
    Range Out(std::min(Lo, R.Lo), std::max(Hi, R.Hi));
    // A hole survives if neither side fills it.
    for (int64_t V : {Hole, R.Hole, int64_t(0)})
      if (!contains(V) && !R.contains(V) && V > Out.Lo && V < Out.Hi) {
        Out.Hole = V;
        Out.HasHole = true;
        break;
      }
    return Out;
  }

  static int64_t satAdd(int64_t A, int64_t B) {
    if (A == Min || B == Min)
      return Min;
    if (A == Max || B == Max)
      return Max;
    int64_t R;
    if (__builtin_add_overflow(A, B, &R))
      return A < 0 ? Min : Max;
    return R;
  }
  static int64_t satMul(int64_t A, int64_t F) {
    if (F == 0)
      return 0;
    if (A == Min || A == Max)
      return (A == Min) == (F > 0) ? Min : Max;
    int64_t R;
    if (__builtin_mul_overflow(A, F, &R))
      return (A < 0) == (F > 0) ? Min : Max;
    return R;
  }
  Range plus(const Range &R) const {
    Range Out;
    Out.Lo = Lo == Min || R.Lo == Min ? Min : satAdd(Lo, R.Lo);
    Out.Hi = Hi == Max || R.Hi == Max ? Max : satAdd(Hi, R.Hi);
    if (HasHole && R.Lo == R.Hi) {
      Out.Hole = satAdd(Hole, R.Lo);
      Out.HasHole = true;
    } else if (R.HasHole && Lo == Hi) {
      Out.Hole = satAdd(R.Hole, Lo);
      Out.HasHole = true;
    }
    return Out;
  }
  Range times(int64_t F) const {
    Range Out(satMul(F < 0 ? Hi : Lo, F), satMul(F < 0 ? Lo : Hi, F));
    if (HasHole && (F == 1 || F == -1)) {
      Out.Hole = satMul(Hole, F);
      Out.HasHole = true;
    }
    return Out;
  }

private:
  void normalise() {
    if (!HasHole)
      return;
    if (Hole < Lo || Hole > Hi) {
      HasHole = false;
      return;
    }
    if (Hole == Lo && Lo < Hi) {
      ++Lo;
      HasHole = false;
    } else if (Hole == Hi && Lo < Hi) {
      --Hi;
      HasHole = false;
    } else if (Lo == Hi && Hole == Lo) {
      Lo = 1;
      Hi = 0;
      HasHole = false;
    }
  }
};

} // namespace pinlint

#endif // PINLINT_ENGINE_RANGE_H
