struct domain;
unsigned long get_gfn_type(struct domain *d, unsigned long gfn, int *t, int q);
void put_gfn(struct domain *d, unsigned long gfn);
unsigned long frame_of(const void *va);
