/*===- device.h - Devices and device-tree nodes -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/
/**
 * \file
 * References on devices, device-tree nodes and modules.
 */

#ifndef PINLINT_SHIM_LINUX_DEVICE_H
#define PINLINT_SHIM_LINUX_DEVICE_H

#include "kernel.h"
#include "types.h"

struct device_node {
  const char *name;
  struct device_node *parent;
};

struct device {
  struct device *parent;
  void *driver_data;
  struct device_node *of_node;
  const char *init_name;
};

struct module;
struct bus_type;

#ifdef __cplusplus
extern "C" {
#endif
struct device *get_device(struct device *dev);
void put_device(struct device *dev);
/* The device with a reference, or NULL. */
struct device *bus_find_device_by_name(const struct bus_type *bus,
                                       struct device *start, const char *name);
struct device_node *of_node_get(struct device_node *node);
void of_node_put(struct device_node *node);
struct device_node *of_find_node_by_name(struct device_node *from,
                                         const char *name);
struct device_node *of_parse_phandle(const struct device_node *np,
                                     const char *phandle_name, int index);
struct device_node *of_get_parent(const struct device_node *node);
int device_register(struct device *dev);
void device_unregister(struct device *dev);
bool try_module_get(struct module *module);
void module_put(struct module *module);
int pm_runtime_get_sync(struct device *dev);
int pm_runtime_resume_and_get(struct device *dev);
int pm_runtime_put(struct device *dev);
int pm_runtime_put_sync(struct device *dev);
void pm_runtime_put_noidle(struct device *dev);
#ifdef __cplusplus
}
#endif

static inline void *dev_get_drvdata(const struct device *dev) {
  return dev->driver_data;
}
static inline void dev_set_drvdata(struct device *dev, void *data) {
  dev->driver_data = data;
}

#define dev_err(dev, ...) printk(__VA_ARGS__)
#define dev_warn(dev, ...) printk(__VA_ARGS__)
#define dev_info(dev, ...) printk(__VA_ARGS__)
#define dev_dbg(dev, ...) printk(__VA_ARGS__)

#endif /* PINLINT_SHIM_LINUX_DEVICE_H */
