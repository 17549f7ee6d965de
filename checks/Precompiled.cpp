//===- Precompiled.cpp - Carries the precompiled header -------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
//
// Empty: CMake builds a precompiled header for a target with sources only.
//
//===----------------------------------------------------------------------===//
