/*===- list.h - Linked lists -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/
/**
 * \file
 * Doubly linked lists and hash list buckets.
 *
 * A deleted entry's pointers are poisoned, as in the kernel: deleting it again
 * faults.
 */

#ifndef PINLINT_SHIM_LINUX_LIST_H
#define PINLINT_SHIM_LINUX_LIST_H

#include "kernel.h"

#define LIST_POISON1 ((void *)0x100)
#define LIST_POISON2 ((void *)0x122)
#define LIST_HEAD_INIT(name) {&(name), &(name)}
#define LIST_HEAD(name) struct list_head name = LIST_HEAD_INIT(name)

static inline void INIT_LIST_HEAD(struct list_head *list) {
  list->next = list;
  list->prev = list;
}
static inline void pinlint_list_insert(struct list_head *entry,
                                       struct list_head *prev,
                                       struct list_head *next) {
  entry->prev = prev;
  entry->next = next;
  prev->next = entry;
  next->prev = entry;
}
static inline void list_add(struct list_head *entry, struct list_head *head) {
  pinlint_list_insert(entry, head, head->next);
}
static inline void list_add_tail(struct list_head *entry,
                                 struct list_head *head) {
  pinlint_list_insert(entry, head->prev, head);
}
static inline void list_del(struct list_head *entry) {
  entry->prev->next = entry->next;
  entry->next->prev = entry->prev;
  entry->next = (struct list_head *)LIST_POISON1;
  entry->prev = (struct list_head *)LIST_POISON2;
}
static inline void list_del_init(struct list_head *entry) {
  entry->prev->next = entry->next;
  entry->next->prev = entry->prev;
  INIT_LIST_HEAD(entry);
}
static inline bool list_empty(const struct list_head *head) {
  return head->next == head;
}
static inline int list_is_head(const struct list_head *list,
                               const struct list_head *head) {
  return list == head;
}
static inline bool list_is_singular(const struct list_head *head) {
  return !list_empty(head) && head->next == head->prev;
}
static inline void list_move(struct list_head *entry, struct list_head *head) {
  entry->prev->next = entry->next;
  entry->next->prev = entry->prev;
  list_add(entry, head);
}
static inline void list_move_tail(struct list_head *entry,
                                  struct list_head *head) {
  entry->prev->next = entry->next;
  entry->next->prev = entry->prev;
  list_add_tail(entry, head);
}
static inline void list_splice_init(struct list_head *list,
                                    struct list_head *head) {
  if (list_empty(list))
    return;
  list->prev->next = head->next;
  head->next->prev = list->prev;
  list->next->prev = head;
  head->next = list->next;
  INIT_LIST_HEAD(list);
}

#define list_entry(ptr, type, member) container_of(ptr, type, member)
#define list_first_entry(head, type, member)                                   \
  list_entry((head)->next, type, member)
#define list_last_entry(head, type, member)                                    \
  list_entry((head)->prev, type, member)
#define list_first_entry_or_null(head, type, member)                           \
  (list_empty(head) ? NULL : list_first_entry(head, type, member))
#define list_next_entry(pos, member)                                           \
  list_entry((pos)->member.next, __typeof__(*(pos)), member)
#define list_prev_entry(pos, member)                                           \
  list_entry((pos)->member.prev, __typeof__(*(pos)), member)
#define list_entry_is_head(pos, head, member) (&(pos)->member == (head))
#define list_for_each(pos, head)                                               \
  for (pos = (head)->next; pos != (head); pos = pos->next)
#define list_for_each_safe(pos, n, head)                                       \
  for (pos = (head)->next, n = pos->next; pos != (head); pos = n, n = pos->next)
#define list_for_each_entry(pos, head, member)                                 \
  for (pos = list_first_entry(head, __typeof__(*pos), member);                 \
       !list_entry_is_head(pos, head, member);                                 \
       pos = list_next_entry(pos, member))
#define list_for_each_entry_reverse(pos, head, member)                         \
  for (pos = list_last_entry(head, __typeof__(*pos), member);                  \
       !list_entry_is_head(pos, head, member);                                 \
       pos = list_prev_entry(pos, member))
#define list_for_each_entry_safe(pos, n, head, member)                         \
  for (pos = list_first_entry(head, __typeof__(*pos), member),                 \
      n = list_next_entry(pos, member);                                        \
       !list_entry_is_head(pos, head, member);                                 \
       pos = n, n = list_next_entry(n, member))
#define list_for_each_entry_continue_reverse(pos, head, member)                \
  for (pos = list_prev_entry(pos, member);                                     \
       !list_entry_is_head(pos, head, member);                                 \
       pos = list_prev_entry(pos, member))
#define list_for_each_entry_rcu(pos, head, member)                             \
  list_for_each_entry(pos, head, member)
#define list_add_rcu(entry, head) list_add(entry, head)
#define list_del_rcu(entry) list_del(entry)

#define INIT_HLIST_HEAD(ptr) ((ptr)->first = NULL)
static inline void hlist_add_head(struct hlist_node *n, struct hlist_head *h) {
  n->next = h->first;
  if (h->first)
    h->first->pprev = &n->next;
  h->first = n;
  n->pprev = &h->first;
}
static inline void hlist_del(struct hlist_node *n) {
  *n->pprev = n->next;
  if (n->next)
    n->next->pprev = n->pprev;
  n->next = (struct hlist_node *)LIST_POISON1;
  n->pprev = (struct hlist_node **)LIST_POISON2;
}
static inline bool hlist_empty(const struct hlist_head *h) { return !h->first; }
#define hlist_entry_safe(ptr, type, member)                                    \
  ({                                                                           \
    struct hlist_node *__hn = (ptr);                                           \
    __hn ? container_of(__hn, type, member) : NULL;                            \
  })
#define hlist_for_each_entry(pos, head, member)                                \
  for (pos = hlist_entry_safe((head)->first, __typeof__(*(pos)), member); pos; \
       pos = hlist_entry_safe((pos)->member.next, __typeof__(*(pos)), member))
#define hlist_for_each_entry_safe(pos, n, head, member)                        \
  for (pos = hlist_entry_safe((head)->first, __typeof__(*(pos)), member);      \
       pos && ({                                                               \
         n = (pos)->member.next;                                               \
         1;                                                                    \
       });                                                                     \
       pos = hlist_entry_safe(n, __typeof__(*(pos)), member))

#endif /* PINLINT_SHIM_LINUX_LIST_H */
