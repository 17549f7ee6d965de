// RUN: %check_pinlint pinlint-leak
// What was read from a page is not the page.
#include "../Inputs/kernel.h"

void write_register(unsigned int offset, unsigned int value);

int read_word_bad(unsigned long addr, unsigned long *word)
{
	struct page *page;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	*word = *(unsigned long *)(page_address(page) + (addr & 0xfff));
	return 0;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: page references from 'get_user_pages_fast' are not released
}

int read_word_ok(unsigned long addr, unsigned long *word)
{
	struct page *page;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	*word = *(unsigned long *)(page_address(page) + (addr & 0xfff));
	put_page(page);
	return 0;
}

int pass_word_bad(unsigned long addr)
{
	unsigned int *words;
	struct page *page;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	words = page_address(page);
	write_register(0, words[0]);
	return 0;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: page references from 'get_user_pages_fast' are not released
}

/* The address is as good as the page. */
unsigned long *return_address_ok(unsigned long addr)
{
	struct page *page;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return NULL;
	return page_address(page);
}

struct header {
	void *next;
	int length;
};

/* What a member points to may lead to the page. */
void *return_member_ok(unsigned long addr)
{
	struct header *header;
	struct page *page;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return NULL;
	header = page_address(page);
	return header->next;
}

int return_length_bad(unsigned long addr)
{
	struct header *header;
	struct page *page;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	header = page_address(page);
	return header->length;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: page references from 'get_user_pages_fast' are not released
}
