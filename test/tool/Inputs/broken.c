int broken(void) { return undeclared; }
void unpin_user_page(void *);
