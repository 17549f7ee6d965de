//===- CheckPage.h - Parts of a check's documentation -----------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_TOOL_CHECKPAGE_H
#define PINLINT_TOOL_CHECKPAGE_H

#include "llvm/ADT/StringRef.h"
#include <string>

namespace pinlint {

/// The text of the section that has the heading \p Title in a Markdown page;
/// empty if it has none.
llvm::StringRef section(llvm::StringRef Page, llvm::StringRef Title);

/// What is between the page's title and its first section.
llvm::StringRef introduction(llvm::StringRef Page);

/// Markdown without its marks, for those who show plain text.
std::string plainText(llvm::StringRef Markdown);

/// Markdown as HTML: what the checks' pages use of it. Links to other files
/// keep their text only.
std::string htmlFromMarkdown(llvm::StringRef Markdown);

std::string escapeHTML(llvm::StringRef Text);

} // namespace pinlint

#endif // PINLINT_TOOL_CHECKPAGE_H
