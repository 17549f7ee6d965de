#include "../include/xen/mm.h"

unsigned long translate(struct domain *d, const void *va)
{
	unsigned long gfn = frame_of(va), mfn;
	int t;

	mfn = get_gfn_type(d, gfn, &t, 0);
	if (t)
		return 0;
	put_gfn(d, gfn);
	return mfn;
}
