static inline int helper(int n)
{
	switch (n) {
	case 0:
		return 1;
	case 1 ... 3:
		n++;
		break;
	default:
		n = n > 10 ? 10 : n;
	}
	return n;
}
