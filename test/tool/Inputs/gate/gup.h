/* Just enough kernel for the tests of the command line. */
struct page;
long pin_user_pages(unsigned long start, unsigned long nr_pages,
                    unsigned int gup_flags, struct page **pages);
void unpin_user_page(struct page *page);
