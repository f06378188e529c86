package httpapi

import "net/netip"

// wideFactor is how many times the limit of a /64 applies to a whole /48, which one client may have too.
const wideFactor = 16

// failures bounds how many tokens a second may fail from a client's network, and from the wider one around it.
type failures struct{ near, wide *limiter[netip.Prefix] }

func newFailures(perSecond int) *failures {
	return &failures{newLimiter[netip.Prefix](perSecond), newLimiter[netip.Prefix](perSecond * wideFactor)}
}

// exhausted reports whether too many tokens have failed in an address's networks.
func (f *failures) exhausted(address string) bool {
	near, wide := networks(address)
	return f.near.exhausted(near) || f.wide.exhausted(wide)
}

// count counts a token that failed.
func (f *failures) count(address string) {
	near, wide := networks(address)
	f.near.take(near)
	f.wide.take(wide)
}

// networks returns the networks that a client's address counts for: an IPv4 address alone, or the /64 and the /48 of an IPv6
// address.
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
