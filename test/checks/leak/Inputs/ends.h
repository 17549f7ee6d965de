/* Objects that other files of the driver know, too. */
#ifndef ENDS_H
#define ENDS_H

struct wide_map {
	struct page **list;
	void *addr;
	int nr;
};

struct queue_buffer {
	struct page *page;
	void *buf;
};

struct umem {
	struct page **pgs;
	unsigned int npgs;
};

struct slot {
	struct page *page;
};

struct spare {
	struct page *spare_page;
};

void take_over(struct page *page);
int register_umem(const struct umem *u);
int describe(const char *format, ...);

#endif
