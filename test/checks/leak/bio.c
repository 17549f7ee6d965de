// RUN: %check_pinlint pinlint-leak
// Pages in a request that is submitted: its completion gives them back.
#include "../Inputs/kernel.h"

struct bio *bio_alloc(void *bdev, unsigned short nr_vecs, unsigned int opf,
		      unsigned int gfp);
void submit_bio(struct bio *bio);
void bio_add_folio_nofail(struct bio *bio, struct folio *folio, size_t len,
			  size_t off);
struct folio *__filemap_get_folio(struct address_space *mapping,
				  unsigned long index, unsigned int fgp,
				  unsigned int gfp);
void request_done(struct bio *bio);

struct submit_ops {
	void (*submit)(struct bio *bio);
};

// One page for each request, as superblocks are written.
int write_copies_ok(struct address_space *mapping, void *bdev, int copies)
{
	int i;

	for (i = 0; i < copies; i++) {
		struct folio *folio = __filemap_get_folio(mapping, i, 0, 0);
		struct bio *bio;

		if (IS_ERR(folio))
			continue;
		bio = bio_alloc(bdev, 1, 0, 0);
		bio->bi_end_io = request_done;
		bio_add_folio_nofail(bio, folio, PAGE_SIZE, 0);
		submit_bio(bio);
	}
	return 0;
}

// One that is left out has no request.
int write_copies_bad(struct address_space *mapping, void *bdev, int copies,
		     int broken)
{
	int i;

	for (i = 0; i < copies; i++) {
		struct folio *folio = __filemap_get_folio(mapping, i, 0, 0);
		struct bio *bio;

		if (IS_ERR(folio))
			continue;
		if (i == broken)
			continue;
		bio = bio_alloc(bdev, 1, 0, 0);
		bio->bi_end_io = request_done;
		bio_add_folio_nofail(bio, folio, PAGE_SIZE, 0);
		submit_bio(bio);
	}
	return 0;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: page reference from '__filemap_get_folio' is not released
}

int direct_io_ok(struct iov_iter *iter, void *bdev, unsigned int n)
{
	int ret;

	do {
		struct bio *bio = bio_alloc(bdev, 16, 0, 0);

		bio->bi_end_io = request_done;
		ret = bio_iov_iter_get_pages(bio, iter);
		if (ret) {
			bio_put(bio);
			break;
		}
		submit_bio(bio);
	} while (--n);
	return ret;
}

static void submit_by(const struct submit_ops *ops, struct bio *bio)
{
	if (ops && ops->submit)
		ops->submit(bio);
	else
		submit_bio(bio);
}

int submit_by_others_ok(struct iov_iter *iter, void *bdev,
			const struct submit_ops *ops)
{
	struct bio *bio = bio_alloc(bdev, 16, 0, 0);
	int ret;

	bio->bi_end_io = request_done;
	ret = bio_iov_iter_get_pages(bio, iter);
	if (ret) {
		bio_put(bio);
		return ret;
	}
	submit_by(ops, bio);
	return 0;
}

int check_alignment(struct iov_iter *iter);

int direct_io_bad(struct iov_iter *iter, void *bdev)
{
	struct bio *bio = bio_alloc(bdev, 16, 0, 0);
	int ret;

	bio->bi_end_io = request_done;
	ret = bio_iov_iter_get_pages(bio, iter);
	if (ret) {
		bio_put(bio);
		return ret;
	}
	if (check_alignment(iter)) {
		bio_put(bio);
		return -EINVAL;
		// CHECK: :[[@LINE-1]]:{{.*}} warning: set of pages in a bio from 'bio_iov_iter_get_pages' is not released
	}
	submit_bio(bio);
	return 0;
}
