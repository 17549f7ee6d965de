//===- YAMLTree.cpp - A YAML file as a tree with positions ----------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "YAMLTree.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/YAMLParser.h"
#include <optional>

using namespace llvm;
using namespace pinlint;

const YAMLNode *YAMLNode::find(StringRef Key) const {
  for (size_t I = 0; I != Keys.size(); ++I)
    if (Keys[I].Value == Key)
      return &Elements[I];
  return nullptr;
}

YAMLFile::YAMLFile(StringRef Text, StringRef Name)
    : Text(Text), Name(Name), LineStarts{0} {
  for (size_t I = 0; I != Text.size(); ++I)
    if (Text[I] == '\n')
      LineStarts.push_back(I + 1);
}

unsigned YAMLFile::lineAt(size_t Offset) const {
  return upper_bound(LineStarts, Offset) - LineStarts.begin();
}

unsigned YAMLFile::line(const YAMLNode &N) const { return lineAt(N.Offset); }

Error YAMLFile::errorAt(size_t Offset, const Twine &Reason) const {
  unsigned Line = lineAt(Offset);
  std::string Message =
      (Name + ":" + Twine(Line) + ":" +
       Twine(Offset - LineStarts[Line - 1] + 1) + ": " + Reason)
          .str();
  return make_error<StringError>(Message, inconvertibleErrorCode());
}

Error YAMLFile::error(const YAMLNode &N, const Twine &Reason) const {
  return errorAt(N.Offset, Reason);
}

Error YAMLFile::error(const YAMLNode &N, size_t OffsetInRaw,
                      const Twine &Reason) const {
  return errorAt(N.Raw.data() - Text.data() + OffsetInRaw, Reason);
}

namespace {

/// Configuration is shallow; the parser and this builder recurse.
constexpr unsigned MaxDepth = 32;

class TreeBuilder {
public:
  TreeBuilder(StringRef Text, const YAMLFile &File) : Text(Text), File(File) {}

  Expected<YAMLNode> build() {
    SourceMgr SM;
    SM.setDiagHandler(
        [](const SMDiagnostic &D, void *Context) {
          static_cast<TreeBuilder *>(Context)->noteSyntaxError(D);
        },
        this);
    yaml::Stream Stream(Text, SM, /*ShowColors=*/false);
    YAMLNode Root;
    std::optional<Error> Failure;
    yaml::document_iterator Doc = Stream.begin();
    if (Doc != Stream.end() && Doc->getRoot()) {
      if (Error E = convert(*Doc->getRoot(), Root, /*Depth=*/0))
        Failure = std::move(E);
      else if (!Stream.failed() && ++Doc != Stream.end() && !Stream.failed())
        Failure = File.error(Root, "more than one YAML document");
    }
    // A syntax error explains everything else that went wrong.
    if (!SyntaxError)
      return Failure ? Expected<YAMLNode>(std::move(*Failure))
                     : Expected<YAMLNode>(std::move(Root));
    if (Failure)
      consumeError(std::move(*Failure));
    return File.errorAt(SyntaxError->first, SyntaxError->second);
  }

private:
  StringRef Text;
  const YAMLFile &File;
  std::optional<std::pair<size_t, std::string>> SyntaxError;
  /// Where the last scalar ended, for nodes that have no place of their own.
  size_t Last = 0;

  void noteSyntaxError(const SMDiagnostic &D) {
    if (SyntaxError || D.getKind() != SourceMgr::DK_Error)
      return;
    size_t Offset = Last;
    const char *Place = D.getLoc().getPointer();
    if (Place && Place >= Text.begin() && Place <= Text.end())
      Offset = Place - Text.begin();
    SyntaxError.emplace(Offset, D.getMessage().str());
  }

  /// Where \p Name, or the \p Sigil in front of it, begins.
  size_t sigilBefore(StringRef Name, char Sigil) const {
    size_t Offset = Name.data() - Text.data();
    return Offset && Text[Offset - 1] == Sigil ? Offset - 1 : Offset;
  }

  Error convert(yaml::Node &N, YAMLNode &Into, unsigned Depth) {
    const char *Start = N.getSourceRange().Start.getPointer();
    bool Placed = Start && Start >= Text.begin() && Start <= Text.end();
    Into.Offset = Placed ? Start - Text.begin() : Last;
    if (Depth > MaxDepth)
      return File.error(Into, "nested too deeply");
    if (!N.getAnchor().empty())
      return File.errorAt(sigilBefore(N.getAnchor(), '&'),
                          "anchors are not supported; an expression that "
                          "starts with '&' needs quotes");
    if (!N.getRawTag().empty())
      return File.errorAt(sigilBefore(N.getRawTag(), '!'),
                          "tags are not supported; an expression that "
                          "starts with '!' needs quotes");
    if (auto *A = dyn_cast<yaml::AliasNode>(&N))
      return File.errorAt(sigilBefore(A->getName(), '*'),
                          "aliases are not supported; an expression that "
                          "starts with '*' needs quotes");
    if (auto *S = dyn_cast<yaml::ScalarNode>(&N)) {
      convertScalar(*S, Into);
      return Error::success();
    }
    if (auto *S = dyn_cast<yaml::SequenceNode>(&N))
      return convertSequence(*S, Into, Depth);
    if (auto *M = dyn_cast<yaml::MappingNode>(&N))
      return convertMapping(*M, Into, Depth);
    if (isa<yaml::BlockScalarNode>(N))
      return File.error(Into, "block text ('|' or '>') is not supported; an "
                              "expression that starts with one needs quotes");
    return Error::success();
  }

  void convertScalar(yaml::ScalarNode &S, YAMLNode &Into) {
    SmallString<64> Storage;
    Into.Kind = YAMLNode::Scalar;
    Into.Value = S.getValue(Storage).str();
    Into.Raw = S.getRawValue();
    bool Quoted = Into.Raw.size() >= 2 &&
                  (Into.Raw.front() == '"' || Into.Raw.front() == '\'');
    if (Quoted)
      Into.Raw = Into.Raw.drop_front().drop_back();
    else
      Into.Raw = Into.Raw.rtrim();
    Last = Into.Raw.end() - Text.begin();
  }

  Error convertSequence(yaml::SequenceNode &S, YAMLNode &Into, unsigned Depth) {
    Into.Kind = YAMLNode::Sequence;
    for (yaml::Node &Element : S)
      if (Error E = convert(Element, Into.Elements.emplace_back(), Depth + 1))
        return E;
    if (!Into.Elements.empty())
      Into.Offset = Into.Elements.front().Offset;
    return Error::success();
  }

  Error convertMapping(yaml::MappingNode &M, YAMLNode &Into, unsigned Depth) {
    Into.Kind = YAMLNode::Mapping;
    for (yaml::KeyValueNode &Pair : M) {
      yaml::Node *Key = Pair.getKey();
      if (!Key)
        return File.error(Into, "bad key");
      YAMLNode K, V;
      if (Error E = convert(*Key, K, Depth + 1))
        return E;
      if (K.Kind != YAMLNode::Scalar)
        return File.error(K, "expected a key");
      if (Into.find(K.Value))
        return File.error(K, "key '" + K.Value + "' is there twice");
      yaml::Node *Value = Pair.getValue();
      if (!Value)
        return File.error(K, "bad value of '" + K.Value + "'");
      if (Error E = convert(*Value, V, Depth + 1))
        return E;
      if (V.Kind == YAMLNode::Null)
        return File.error(K, "'" + K.Value + "' has no value");
      Into.Keys.push_back(std::move(K));
      Into.Elements.push_back(std::move(V));
    }
    if (!Into.Keys.empty())
      Into.Offset = Into.Keys.front().Offset;
    return Error::success();
  }
};

} // namespace

Expected<YAMLNode> YAMLFile::parse() const {
  return TreeBuilder(Text, *this).build();
}
