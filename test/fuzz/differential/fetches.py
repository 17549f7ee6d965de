# Part of the pinlint project.
"""Programs that read user memory, once or twice."""

from tree import Function, If, Loop, S


def build(rng, program):
    """A request whose length is checked, and perhaps fetched again."""
    name = program.name
    request = "struct %s_request" % name
    program.structs.append(
        "%s {\n\tu32 len;\n\tu32 op;\n\tu8 data[32];\n};" % request)
    program.functions.append(Function(
        "static %s __user *%s_user(void)" % (request, name), [
            "static const %s benign = { .len = 16, .op = 1 };" % request,
            "static const %s hostile = { .len = 4000, .op = 9 };" % request],
        [S("return pinlint_user_data(&benign, &hostile, sizeof(benign));")]))
    decls = ["%s __user *u = %s_user();" % (request, name),
             "%s r = {};" % request, "%s h = {};" % request,
             "%s *whole = NULL;" % request, "u8 *buf = NULL;", "u32 len = 0;",
             "u32 i;", "int ret = 0;"]
    body = []

    held = []

    def fail(error):
        return list(held) + [S("return %s;" % error, "return")]

    # On the heap, where running over the end is noticed.
    body += [S("buf = kmalloc(32, GFP_KERNEL);"), If("!buf", fail("-ENOMEM"))]
    held.append(S("kfree(buf);", "release"))
    first = rng.randrange(3)
    if first == 0:
        body.append(If("get_user(len, &u->len)", fail("-EFAULT")))
    elif first == 1:
        body += [If("copy_from_user(&h, u, 8)", fail("-EFAULT")),
                 S("len = h.len;")]
    else:
        body += [If("copy_from_user(&len, &u->len, sizeof(len))",
                    fail("-EFAULT"))]
    check = rng.randrange(4)
    bound = rng.choice(["32", "sizeof(r.data)"])
    unchecked = check == 3
    if check == 0:
        body.append(If("len > %s" % bound, fail("-EINVAL")))
    elif check == 1:
        body.append(If("len < 8 || len > %s" % bound, fail("-EINVAL")))
    elif check == 2:
        body.append(If("!len", fail("-EINVAL")))
        body.append(If("len > %s" % bound, fail("-E2BIG")))
    # Otherwise unchecked: user space might as well say so at once.
    if rng.random() < 0.4:
        body += [S("ret = step();"), If("ret", fail("ret"))]

    second = rng.randrange(5)
    again = "r.len"
    if second == 0:
        body.append(If("copy_from_user(&r, u, sizeof(r))", fail("-EFAULT")))
    elif second == 1:
        body += [S("whole = memdup_user(u, sizeof(*whole));"),
                 If("IS_ERR(whole)", fail("PTR_ERR(whole)"))]
        held.append(S("kfree(whole);", "release"))
        again = "whole->len"
    elif second == 2:
        # Only what the first fetch left out.
        body += [If("copy_from_user(&r.data, &u->data, sizeof(r.data))",
                    fail("-EFAULT")), S("r.len = len;")]
    elif second == 3:
        body.append(If("get_user(r.len, &u->len)", fail("-EFAULT")))
    else:
        again = "len"

    cure = rng.randrange(5)
    if second in (0, 1, 3):
        if cure == 0:
            body.append(S("%s = len;" % again))
        elif cure == 1:
            body.append(If("%s != len" % again, fail("-EINVAL")))
        elif cure == 2:
            body.append(If("%s > %s" % (again, bound), fail("-EINVAL")))
        elif cure == 3:
            again = "len"
        else:
            program.mistake = "the second fetch is used unchecked"
    use = 0 if unchecked else rng.randrange(4)
    if use == 0:
        body += [S("pinlint_commit(%s);" % again)]
    elif use == 1:
        body += [S("memset(buf, 0, %s);" % again)]
    elif use == 2:
        body += [Loop("for (i = 0; i < %s; i++)" % again,
                      [S("buf[i] = 1;")])]
    else:
        body += [If("copy_from_user(buf, u->data, %s)" % again,
                    fail("-EFAULT"))]
    body += list(reversed(held)) + [S("return 0;", "return")]
    program.functions.append(Function("int %s(void)" % name, decls, body))
