struct VFIOGroup;
struct VFIOGroup *vfio_get_group(int id, void *as, void **errp);
void vfio_put_group(struct VFIOGroup *group);

int has_group(int id, void *as, void **errp)
{
	struct VFIOGroup *group = vfio_get_group(id, as, errp);

	if (!group)
		return 0;
	vfio_put_group(group);
	return 1;
}
