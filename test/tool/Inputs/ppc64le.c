#if !defined(__powerpc64__) || !defined(__LITTLE_ENDIAN__)
#error "not for powerpc64le"
#endif
void unpin_user_page(void *);
