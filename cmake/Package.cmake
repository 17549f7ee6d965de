# `cpack -G DEB` in the build directory: a package for the Debian that it is
# built on.
include(GNUInstallDirs)

install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR}
  PATTERN "*.png" EXCLUDE)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "pinlint developers")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY
  "finds lost pins and references, uses after free and double fetches")
set(CPACK_PACKAGE_DESCRIPTION
  "pinlint is a path-sensitive static analyser for kernel and hypervisor code in
C: user pages that stay pinned after an error path, references that one branch
forgets, objects that are used after they were put, user memory that is checked
and then read again. With it come a module for clang-tidy and a model of the
kernel's page accounting to build test programs with.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# What shared libraries do not tell: Clang's own headers, from the version that
# was built with, and the interpreter of `pinlint compdb`.
set(CPACK_DEBIAN_PACKAGE_DEPENDS
  "libclang-common-${LLVM_VERSION_MAJOR}-dev, python3")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS
  "clang-${LLVM_VERSION_MAJOR}, clang-tidy-${LLVM_VERSION_MAJOR}, make")
include(CPack)
