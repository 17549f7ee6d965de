/*
 * A file in which pinlint must find something.
 *
 * A linter that is not loaded, or has no protocols, finds nothing anywhere, and
 * that looks like good code. Analyse this file in the same way as the others,
 * and take the run for failed unless it has the finding below.
 */

struct page;
int pin_user_pages_fast(unsigned long start, int nr_pages,
			unsigned int gup_flags, struct page **pages);

int canary(unsigned long start)
{
	struct page *page;

	if (pin_user_pages_fast(start, 1, 0, &page) != 1)
		return -14;
	return 0; /* pinlint-leak: the page stays pinned */
}
