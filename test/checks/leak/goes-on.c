// RUN: %check_pinlint pinlint-leak
// What was asked for goes on after the function, and somebody is called back.
#include "../Inputs/kernel.h"

#ifndef EINPROGRESS
#define EINPROGRESS 115
#endif
#ifndef EBUSY
#define EBUSY 16
#endif
#define EIOCBQUEUED 529

struct net {
	int id;
};
struct request {
	struct net *net;
};
struct net *get_net(struct net *net);
void put_net(struct net *net);
int encrypt(struct request *req);

// The callback puts it.
int encrypt_ok(struct net *net, struct request *req)
{
	int ret;

	get_net(net);
	ret = encrypt(req);
	if (ret == -EINPROGRESS || ret == -EBUSY)
		return -EIOCBQUEUED;
	put_net(net);
	return ret;
}

int encrypt_bad(struct net *net, struct request *req)
{
	int ret;

	get_net(net);
	ret = encrypt(req);
	if (ret < 0)
		return -EINVAL;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: network namespace reference from 'get_net' is not released when 'ret < 0'; put_net() is missing
	put_net(net);
	return ret;
}
