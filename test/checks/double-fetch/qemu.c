// RUN: %check_pinlint pinlint-double-fetch --code-base=qemu
#include "../Inputs/kernel.h"

// Reads of a guest's memory by a device model.
typedef u64 hwaddr;
typedef struct AddressSpace AddressSpace;
typedef struct PCIDevice PCIDevice;
typedef struct { u32 unspecified; } MemTxAttrs;
#define MEMTXATTRS_UNSPECIFIED ((MemTxAttrs){ 1 })
u32 dma_memory_read(AddressSpace *as, dma_addr_t addr, void *buf,
		    dma_addr_t len, MemTxAttrs attrs);
int pci_dma_read(PCIDevice *dev, dma_addr_t addr, void *buf, dma_addr_t len);
u32 ldl_le_phys(AddressSpace *as, hwaddr addr);

struct desc {
	u64 addr;
	u32 len;
	u32 op;
};
struct dev {
	PCIDevice *pci;
	AddressSpace *as;
	u8 buf[256];
};

int descriptor_bad(struct dev *d, dma_addr_t at)
{
	struct desc desc;

	pci_dma_read(d->pci, at, &desc, sizeof(desc));
	if (desc.len > sizeof(d->buf))
		return -1;
	pci_dma_read(d->pci, at, &desc, sizeof(desc));
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'pci_dma_read' reads memory again
	return pci_dma_read(d->pci, desc.addr, d->buf, desc.len);
}

int descriptor_ok(struct dev *d, dma_addr_t at)
{
	struct desc desc;

	pci_dma_read(d->pci, at, &desc, sizeof(desc));
	if (desc.len > sizeof(d->buf))
		return -1;
	return pci_dma_read(d->pci, desc.addr, d->buf, desc.len);
}

int word_bad(struct dev *d, hwaddr at)
{
	if (ldl_le_phys(d->as, at) >= sizeof(d->buf))
		return -1;
	return d->buf[ldl_le_phys(d->as, at)];
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'ldl_le_phys' reads memory again
}

int word_ok(struct dev *d, hwaddr at)
{
	u32 n = ldl_le_phys(d->as, at);

	if (n >= sizeof(d->buf))
		return -1;
	return d->buf[n];
}

int elements_ok(struct dev *d, dma_addr_t at, unsigned int n)
{
	struct desc desc;
	unsigned int i;

	for (i = 0; i < n; i++) {
		dma_memory_read(d->as, at + i * sizeof(desc), &desc,
				sizeof(desc), MEMTXATTRS_UNSPECIFIED);
		if (desc.len > sizeof(d->buf))
			return -1;
		dma_memory_read(d->as, desc.addr, d->buf, desc.len,
				MEMTXATTRS_UNSPECIFIED);
	}
	return 0;
}
