# Installs the runtime into a fresh directory, then configures, builds and runs
# the consumer against it:
#   cmake -DBUILD=DIR -DSOURCE=DIR -DWORK=DIR -DCXX=COMPILER -P consumer.cmake
function(run)
  execute_process(COMMAND ${ARGV} COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET)
endfunction()

file(REMOVE_RECURSE ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix)
run(${CMAKE_COMMAND} -S ${SOURCE}/consumer -B ${WORK}/build
  -DCMAKE_PREFIX_PATH=${WORK}/prefix -DCMAKE_CXX_COMPILER=${CXX})
run(${CMAKE_COMMAND} --build ${WORK}/build)
execute_process(COMMAND ${WORK}/build/consumer COMMAND_ERROR_IS_FATAL ANY
  OUTPUT_VARIABLE output)
if(NOT output MATCHES "4 pages are pinned")
  message(FATAL_ERROR "unexpected output: ${output}")
endif()
