package configs

import (
	"cmp"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// isAddress takes host:port, where the host is none, an IP address or a name.
func isAddress(address string) bool {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return false
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	return strings.Trim(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") == ""
}

// hostsButTheLast are those that net/url does not take.
var hostsButTheLast = regexp.MustCompile("^(mysql://[^/?#]*@)[^/?#]*,")

// isDatabaseURL judges scheme and shape alone. The error of net/url quotes the password, so it ends here.
func isDatabaseURL(s Secret) bool {
	text := s.Reveal()
	if text == "memory:" {
		return true
	}
	if path, found := strings.CutPrefix(text, "sqlite://"); found {
		return path != "" && path[0] != '?'
	}
	u, err := url.Parse(hostsButTheLast.ReplaceAllString(text, "$1"))
	return err == nil && u.Scheme == "mysql" && u.User.Username() != "" && u.Hostname() != "" && len(u.Path) > 1
}

// isCollectorURL refuses user and password too: the URL stands in logs.
func isCollectorURL(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return false
	}
	if _, err := strconv.ParseUint(cmp.Or(u.Port(), "80"), 10, 16); err != nil {
		return false
	}
	return u.User == nil && !strings.ContainsAny(text, "?#")
}

// isLongEnough is the least length of an HS256 secret (wire contract, The token; RFC 7518, 3.2).
func isLongEnough(s Secret) bool { return len(s) >= 32 }

func notEmpty(text string) bool { return text != "" }
