package httpapi

import "net/netip"

// wideFactor is how many times what a /64 may do is allowed to a whole /48, since one client may have all of that too.
const wideFactor = 16

// failures bounds how many tokens a second may fail from a client's network, and from the wider one around it.
type failures struct{ near, wide *limiter[netip.Prefix] }

func newFailures(perSecond int) *failures {
	return &failures{newLimiter[netip.Prefix](perSecond), newLimiter[netip.Prefix](perSecond * wideFactor)}
}

// exhausted reports whether too many have failed around an address.
func (f *failures) exhausted(address string) bool {
	near, wide := networks(address)
	return f.near.exhausted(near) || f.wide.exhausted(wide)
}

// count counts one at an address.
func (f *failures) count(address string) {
	near, wide := networks(address)
	f.near.take(near)
	f.wide.take(wide)
}

// networks returns what a client's address is counted by: an IPv4 address alone, or the /64 and the /48 that an IPv6 address
// is in.
func networks(address string) (near, wide netip.Prefix) {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return near, wide
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return netip.PrefixFrom(ip, 32), netip.PrefixFrom(ip, 32)
	}
	near, _ = ip.Prefix(64) // no error within the address's length
	wide, _ = ip.Prefix(48)
	return near, wide
}
