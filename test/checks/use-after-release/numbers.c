// RUN: %check_pinlint pinlint-use-after-release
// What is known of a page by its address, or is inside of another object.
#include "../Inputs/kernel.h"


struct command {
	unsigned long address;
	unsigned int length;
};

int issue(struct command *cmd);
int submit_bio_wait(struct bio *bio);

int command_bad(unsigned long addr)
{
	struct command cmd = {};
	struct page *page;
	int ret;

	ret = pin_user_pages_fast(addr, 1, FOLL_WRITE, &page);
	if (ret != 1)
		return -EFAULT;
	cmd.address = page_to_pfn(page) << 12;
	cmd.length = 16;
	unpin_user_page(page);
	ret = issue(&cmd);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'cmd' has the address of a page that 'unpin_user_page' gave back, and is passed to 'issue' [pinlint-use-after-release]
	return ret;
}

int command_ok(unsigned long addr)
{
	struct command cmd = {};
	struct page *page;
	int ret;

	ret = pin_user_pages_fast(addr, 1, FOLL_WRITE, &page);
	if (ret != 1)
		return -EFAULT;
	cmd.address = page_to_pfn(page) << 12;
	cmd.length = 16;
	ret = issue(&cmd);
	unpin_user_page(page);
	return ret;
}

int command_again_ok(unsigned long addr)
{
	struct command cmd = {};
	struct page *page;
	int ret;

	ret = pin_user_pages_fast(addr, 1, FOLL_WRITE, &page);
	if (ret != 1)
		return -EFAULT;
	cmd.address = page_to_pfn(page) << 12;
	unpin_user_page(page);
	cmd.address = 0;
	return issue(&cmd);
}

int bio_bad(struct bio *bio, struct iov_iter *iter)
{
	int ret = bio_iov_iter_get_pages(bio, iter);

	if (ret)
		return ret;
	bio_release_pages(bio, false);
	return submit_bio_wait(bio);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: a set of pages in a bio is used by 'submit_bio_wait' after 'bio_release_pages' gave it back [pinlint-use-after-release]
}

int bio_ok(struct bio *bio, struct iov_iter *iter)
{
	int ret = bio_iov_iter_get_pages(bio, iter);

	if (ret)
		return ret;
	ret = submit_bio_wait(bio);
	bio_release_pages(bio, false);
	return ret;
}
