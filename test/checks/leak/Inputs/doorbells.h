/* What doorbells.c offers to others. */
struct doorbells;

int doorbells_map(struct doorbells *d, unsigned long addr);
void doorbells_free_bad(struct doorbells *d);
struct ring;
int ring_map(struct ring *r, unsigned long addr);
void ring_free_ok(struct ring *r);
